/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/job.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "tests/unit/check.h"

static int seen_status;

static void done(void *arg, const struct job *job, int status)
{
	(void)job;
	*(int *)arg += 1;
	seen_status = status;
}

static void end_is_told_once(void **state)
{
	static const char *const argv[] = { "/bin/sh", "-c", "exit 3", NULL };
	const struct proc_spec spec = { .argv = argv, .in = -1, .out = -1, .err = -1 };
	struct job_set set = { 0 };
	struct error err = { 0 };
	int calls = 0, status;
	pid_t pid;

	(void)state;
	assert_ok(job_start(&set, &spec, done, &calls, &err), &err);
	pid = waitpid(-1, &status, 0);
	assert_true(job_reaped(&set, pid, status));
	assert_int_equal(calls, 1);
	assert_int_equal(WEXITSTATUS(seen_status), 3);
	assert_false(job_reaped(&set, pid, status));
	assert_int_equal(calls, 1);
}

static void set_is_bounded_and_can_be_ended(void **state)
{
	static const char *const argv[] = { "/bin/sleep", "100", NULL };
	static const char *const missing[] = { "/no/such/program", NULL };
	const struct proc_spec spec = { .argv = argv, .in = -1, .out = -1, .err = -1 };
	const struct proc_spec bad = { .argv = missing, .in = -1, .out = -1, .err = -1 };
	struct job_set set = { 0 };
	struct error err = { 0 };
	int status;

	(void)state;
	assert_true(job_start(&set, &bad, NULL, NULL, &err) < 0);
	for (int i = 0; i < JOB_MAX; i++)
		assert_ok(job_start(&set, &spec, NULL, NULL, &err), &err);
	assert_int_equal(job_start(&set, &spec, NULL, NULL, &err), -E2BIG);
	job_kill(&set, SIGKILL);
	for (int i = 0; i < JOB_MAX; i++) {
		pid_t pid = waitpid(-1, &status, 0);

		assert_true(WIFSIGNALED(status));
		assert_true(job_reaped(&set, pid, status));
	}
	assert_int_equal(waitpid(-1, &status, WNOHANG), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(end_is_told_once),
		cmocka_unit_test(set_is_bounded_and_can_be_ended),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
