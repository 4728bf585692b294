/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Real children, short times. The program itself is the child that says READY=1 when it is started
 * as `ready [MS]`.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/attr.h"
#include "lib/clock.h"
#include "lib/supervise.h"
#include "tests/unit/check.h"

#define LONG_MS 10000

static char notify_path[64];
static struct supervise *sup;
static char events[512]; /* "name:state " for each change */
static int n_reaped;
static int last_signal;

static void changed(void *arg, const struct supervise_child *c, enum supervise_state from)
{
	size_t len = strlen(events);

	(void)arg, (void)from;
	(void)snprintf(events + len, sizeof(events) - len, "%s:%s ", c->spec.name,
		       supervise_state_name(c->state));
}

static void reaped(void *arg, pid_t pid, int status)
{
	(void)arg, (void)pid, (void)status;
	n_reaped++;
}

static bool signalled(void *arg, int signo)
{
	(void)arg;
	last_signal = signo;
	return false;
}

static int set_up(void **state)
{
	static const struct supervise_ops ops = {
		.changed = changed, .reaped = reaped, .signalled = signalled
	};
	static const int signals[] = { SIGUSR1 };
	struct error err = { 0 };

	(void)state;
	events[0] = '\0';
	n_reaped = last_signal = 0;
	(void)snprintf(notify_path, sizeof(notify_path), "/tmp/test-supervise-%d", (int)getpid());
	assert_ok(supervise_new(&ops, signals, 1, notify_path, &sup, &err), &err);
	return 0;
}

static int tear_down(void **state)
{
	const struct supervise_child *list[SUPERVISE_MAX];
	size_t n = supervise_list(sup, list, SUPERVISE_MAX);

	(void)state;
	supervise_stop(sup, NULL, 0);
	for (size_t i = 0; i < n; i++) {
		while (list[i]->pid > 0)
			(void)supervise_turn(sup, 100);
	}
	supervise_free(sup);
	(void)unlink(notify_path);
	return 0;
}

static void add(const char *name, const char *const *argv, bool notify, const char *after)
{
	struct error err = { 0 };
	struct supervise_spec spec = {
		.name = name,
		.proc = { .argv = argv, .in = -1, .out = -1, .err = -1 },
		.notify = notify,
		.after = after,
		.backoff_max_ms = 400,
	};

	assert_ok(supervise_add(sup, &spec, &err), &err);
}

static void turn_until(const char *name, enum supervise_state state)
{
	int64_t end = clock_ms() + LONG_MS;

	while (supervise_find(sup, name)->state != state) {
		assert_true(clock_left_ms(end) > 0);
		(void)supervise_turn(sup, clock_left_ms(end));
	}
}

static const char *const ready_argv[] = { "/proc/self/exe", "ready", NULL };
static const char *const mute_argv[] = { "/proc/self/exe", "mute", NULL };
static const char *const false_argv[] = { "/bin/false", NULL };
static const char *const stubborn_argv[] = { "/proc/self/exe", "stubborn", NULL };

static void ready_when_it_says_so(void **state)
{
	(void)state;
	add("a", ready_argv, true, NULL);
	assert_int_equal(supervise_find(sup, "a")->state, SUPERVISE_STARTING);
	turn_until("a", SUPERVISE_UP);
	assert_string_equal(events, "a:starting a:up ");
}

static void without_notify_it_is_up_at_once(void **state)
{
	(void)state;
	add("a", mute_argv, false, NULL);
	assert_int_equal(supervise_find(sup, "a")->state, SUPERVISE_UP);
}

static void killed_child_comes_back(void **state)
{
	pid_t first;
	int64_t begin;

	(void)state;
	add("a", ready_argv, true, NULL);
	turn_until("a", SUPERVISE_UP);
	first = supervise_find(sup, "a")->pid;
	begin = clock_ms();
	assert_int_equal(kill(first, SIGKILL), 0);
	turn_until("a", SUPERVISE_BACKOFF);
	turn_until("a", SUPERVISE_UP);
	assert_true(clock_ms() - begin < 5000);
	assert_int_not_equal(supervise_find(sup, "a")->pid, first);
	assert_int_equal(supervise_find(sup, "a")->starts, 2);
	assert_int_equal(WTERMSIG(supervise_find(sup, "a")->last_status), SIGKILL);
}

static void back_off_doubles_to_its_limit(void **state)
{
	static const int expected[] = { 100, 200, 400, 400 };
	const struct supervise_child *a;

	(void)state;
	add("a", false_argv, false, NULL);
	a = supervise_find(sup, "a");
	for (size_t i = 0; i < ARRAY_LEN(expected); i++) {
		turn_until("a", SUPERVISE_BACKOFF);
		assert_int_equal(a->backoff_ms, expected[i]);
		turn_until("a", SUPERVISE_UP);
	}
	assert_int_equal(a->last_status, 1 << 8);
}

static void missing_program_backs_off(void **state)
{
	static const char *const argv[] = { "/nonexistent", NULL };

	(void)state;
	add("a", argv, false, NULL);
	assert_int_equal(supervise_find(sup, "a")->state, SUPERVISE_BACKOFF);
}

static void not_ready_in_time_is_killed(void **state)
{
	struct error err = { 0 };
	const struct supervise_spec spec = {
		.name = "a",
		.proc = { .argv = mute_argv, .in = -1, .out = -1, .err = -1 },
		.notify = true,
		.ready_timeout_ms = 100,
	};

	(void)state;
	assert_ok(supervise_add(sup, &spec, &err), &err);
	turn_until("a", SUPERVISE_BACKOFF);
	assert_int_equal(WTERMSIG(supervise_find(sup, "a")->last_status), SIGKILL);
}

static void waits_for_the_other(void **state)
{
	(void)state;
	add("b", mute_argv, false, "a");
	assert_int_equal(supervise_find(sup, "b")->state, SUPERVISE_DOWN);
	add("a", ready_argv, true, NULL);
	turn_until("b", SUPERVISE_UP);
	assert_string_equal(events, "a:starting a:up b:starting b:up ");
}

static void stop_is_final(void **state)
{
	(void)state;
	add("a", mute_argv, false, NULL);
	supervise_stop(sup, "a", LONG_MS);
	turn_until("a", SUPERVISE_DOWN);
	assert_int_equal(WTERMSIG(supervise_find(sup, "a")->last_status), SIGTERM);
	(void)supervise_turn(sup, 200);
	assert_int_equal(supervise_find(sup, "a")->state, SUPERVISE_DOWN);
	assert_string_equal(events, "a:starting a:up a:stopping a:down ");
}

static void stubborn_child_is_killed(void **state)
{
	(void)state;
	add("a", stubborn_argv, true, NULL);
	turn_until("a", SUPERVISE_UP);
	supervise_stop(sup, "a", 100);
	turn_until("a", SUPERVISE_DOWN);
	assert_int_equal(WTERMSIG(supervise_find(sup, "a")->last_status), SIGKILL);
}

static void restart_needs_no_back_off(void **state)
{
	(void)state;
	add("a", ready_argv, true, NULL);
	turn_until("a", SUPERVISE_UP);
	supervise_restart(sup, "a");
	turn_until("a", SUPERVISE_STARTING);
	turn_until("a", SUPERVISE_UP);
	assert_string_equal(events, "a:starting a:up a:stopping a:down a:starting a:up ");
}

static void stopped_child_can_be_added_again(void **state)
{
	struct error err = { 0 };
	const struct supervise_spec spec = {
		.name = "a", .proc = { .argv = mute_argv, .in = -1, .out = -1, .err = -1 }
	};

	(void)state;
	add("a", mute_argv, false, NULL);
	assert_int_equal(supervise_add(sup, &spec, NULL), -EEXIST);
	supervise_stop(sup, "a", LONG_MS);
	turn_until("a", SUPERVISE_DOWN);
	assert_ok(supervise_add(sup, &spec, &err), &err);
	assert_int_equal(supervise_find(sup, "a")->state, SUPERVISE_UP);
}

/* The old child ignores its end: the new one starts as soon as the old was killed. */
static void child_that_is_being_stopped_can_be_added_again(void **state)
{
	(void)state;
	add("a", stubborn_argv, true, NULL);
	turn_until("a", SUPERVISE_UP);
	supervise_stop(sup, "a", 100);
	assert_int_equal(supervise_find(sup, "a")->state, SUPERVISE_STOPPING);
	add("a", mute_argv, false, NULL);
	assert_int_equal(supervise_find(sup, "a")->state, SUPERVISE_STOPPING);
	turn_until("a", SUPERVISE_UP);
	assert_int_equal(WTERMSIG(supervise_find(sup, "a")->last_status), SIGKILL);
	assert_string_equal(events, "a:starting a:up a:stopping a:down a:starting a:up ");
}

#define ENV_OF_A_USER 47 /* what user Docker's launch may hand over */
#define ENV_TOO_MANY 63

static const char *const *numbered_env(size_t n)
{
	static const char *env[ENV_TOO_MANY + 1];
	static char text[ENV_TOO_MANY][48];

	for (size_t i = 0; i < n; i++) {
		(void)snprintf(text[i], sizeof(text[i]), "V%zu=%zu", i, i);
		env[i] = text[i];
	}
	env[n] = NULL;
	return env;
}

static void whole_environment_reaches_the_child(void **state)
{
	/* Says that it is ready only when it has the last variable. */
	static const char *const argv[] = { "/bin/sh", "-c",
					    "[ \"$V46\" = 46 ] && exec /proc/$PPID/exe ready",
					    NULL };
	struct error err = { 0 };
	const struct supervise_spec spec = {
		.name = "a",
		.proc = { .argv = argv, .env = numbered_env(ENV_OF_A_USER),
			  .in = -1, .out = -1, .err = -1 },
		.notify = true,
	};

	(void)state;
	assert_ok(supervise_add(sup, &spec, &err), &err);
	turn_until("a", SUPERVISE_UP);
	assert_int_equal(supervise_find(sup, "a")->starts, 1);
}

static void too_long_an_environment_is_refused(void **state)
{
	struct error err = { 0 };
	const struct supervise_spec spec = {
		.name = "a",
		.proc = { .argv = mute_argv, .env = numbered_env(ENV_TOO_MANY),
			  .in = -1, .out = -1, .err = -1 },
	};

	(void)state;
	assert_int_equal(supervise_add(sup, &spec, &err), -E2BIG);
	assert_string_equal(err.msg, "a: more than 62 environment variables");
	assert_null(supervise_find(sup, "a"));
}

static void orphans_are_reaped(void **state)
{
	static const char *const argv[] = { "/bin/sh", "-c", "(exit 3) & exec sleep 0.05", NULL };
	int64_t end = clock_ms() + LONG_MS;

	(void)state;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	add("a", argv, false, NULL);
	while (n_reaped == 0) {
		assert_true(clock_left_ms(end) > 0);
		(void)supervise_turn(sup, 100);
	}
	assert_int_equal(waitpid(-1, NULL, WNOHANG) > 0, 0);
}

static void signals_reach_the_caller(void **state)
{
	(void)state;
	assert_true(supervise_turn(sup, 0));
	assert_int_equal(kill(getpid(), SIGUSR1), 0);
	assert_false(supervise_turn(sup, LONG_MS));
	assert_int_equal(last_signal, SIGUSR1);
}

static void set_flag(void *arg)
{
	*(bool *)arg = true;
}

static void read_one(void *arg, int fd)
{
	char c;

	assert_int_equal(read(fd, &c, 1), 1);
	*(bool *)arg = true;
}

static void timer_and_watch(void **state)
{
	struct error err = { 0 };
	bool timer = false, watch = false;
	int fds[2];

	(void)state;
	supervise_timer(sup, clock_ms() + 20, set_flag, &timer);
	(void)supervise_turn(sup, LONG_MS);
	assert_true(timer);
	assert_int_equal(pipe(fds), 0);
	assert_ok(supervise_watch(sup, fds[0], read_one, &watch, &err), &err);
	assert_int_equal(write(fds[1], "x", 1), 1);
	(void)supervise_turn(sup, LONG_MS);
	assert_true(watch);
	supervise_unwatch(sup, fds[0]);
	(void)close(fds[0]);
	(void)close(fds[1]);
}

/* The child's side. */
static NORETURN void child(const char *how)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (!strcmp(how, "stubborn"))
		(void)signal(SIGTERM, SIG_IGN);
	if (strcmp(how, "mute") != 0 && path && fd >= 0) {
		static const char text[] = "STATUS=here\nREADY=1";

		(void)snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path);
		(void)sendto(fd, text, strlen(text), 0, (struct sockaddr *)&sa, sizeof(sa));
	}
	for (;;)
		(void)pause();
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(ready_when_it_says_so),
		TEST(without_notify_it_is_up_at_once),
		TEST(killed_child_comes_back),
		TEST(back_off_doubles_to_its_limit),
		TEST(missing_program_backs_off),
		TEST(not_ready_in_time_is_killed),
		TEST(waits_for_the_other),
		TEST(stop_is_final),
		TEST(stubborn_child_is_killed),
		TEST(restart_needs_no_back_off),
		TEST(stopped_child_can_be_added_again),
		TEST(child_that_is_being_stopped_can_be_added_again),
		TEST(whole_environment_reaches_the_child),
		TEST(too_long_an_environment_is_refused),
		TEST(orphans_are_reaped),
		TEST(signals_reach_the_caller),
		TEST(timer_and_watch),
	};

	if (argc > 1)
		child(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
