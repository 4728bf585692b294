/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hostile documents, as build/ros meets them: each is refused with one line, in less than TIME_MS
 * of processor time and in less than MEMORY_KIB. Measured on the release build, in a process of its
 * own.
 */
#include "tests/unit/check.h"
#include "tests/unit/scratch.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "lib/scope.h"

#define ROS "build/ros"
#define TIME_MS 100
#define TRIES 3
#define MEMORY_KIB (64 << 10)
#define GIB (1L << 30)

struct hostile {
	const char *name, *head, *piece;
	long count;
	const char *tail, *want;
};

static const struct hostile all[] = {
	{ "brackets", "a: ", "[", 100000, "", "nested deeper than 64 levels" },
	{ "braces", "", "{a: ", 100000, "", "nested deeper than 64 levels" },
	{ "dashes", "", "- ", 100000, "", "nested deeper than 64 levels" },
	{ "cycle", "a: &a [*a]", "\n", 1, "", "an alias inside of the value" },
	{ "merged cycle", "a: &a {<<: *a}", "\n", 1, "", "an alias inside of the value" },
	{ "alias bomb",
	  "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
	  "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
	  "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]",
	  "\n", 1, "", "more than 100000 values" },
	{ "aliases", "a: &a 1\nb: [", "*a,", 20000, "]", "more than 10000 aliases" },
	{ "anchors", "a: [", "&a 1,", 20000, "]", "more than 1000 anchors" },
	{ "keys", "{", "a: 1,", 200000, "}", "more than 100000 values" },
	{ "long line", "a: ", "xxxxxxxxxxxxxxxx", 800000, "", "a line of more than 8 MiB" },
	{ "large file", "", "# a comment line\n", 1200000, "", "more than 16777216 bytes" },
	{ "1 GiB", "a: ", NULL, GIB, "x", "more than 16777216 bytes" },
};

/* The file is sparse where it is huge. */
static void make_file(const char *path, const struct hostile *h)
{
	AUTO_FCLOSE FILE *f = fopen(path, "we");

	assert_non_null(f);
	(void)fprintf(f, "#cloud-config\n%s", h->head);
	for (long i = 0; h->piece && i < h->count; i++)
		(void)fputs(h->piece, f);
	if (!h->piece)
		assert_int_equal(fseek(f, h->count, SEEK_SET), 0);
	(void)fputs(h->tail, f);
}

static void run(const char *path, const char *log)
{
	int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	(void)dup2(fd, STDERR_FILENO);
	(void)execl(ROS, "ros", "config", "validate", "-i", path, (char *)NULL);
	_exit(127);
}

static void check_line(const char *log, const struct hostile *h)
{
	AUTO_FCLOSE FILE *f = fopen(log, "re");
	char line[1024], more[16];

	assert_non_null(f);
	if (!fgets(line, sizeof(line), f) || !strstr(line, h->want))
		fail_msg("%s: \"%s\" is not said", h->name, h->want);
	if (fgets(more, sizeof(more), f))
		fail_msg("%s: more than one line is said", h->name);
}

static long milliseconds(const struct rusage *u)
{
	return (u->ru_utime.tv_sec + u->ru_stime.tv_sec) * 1000 +
	       (u->ru_utime.tv_usec + u->ru_stime.tv_usec) / 1000;
}

/* What this process used has no part in what the next one is told about. */
static void check_cost(const struct hostile *h, const struct rusage *u)
{
	long ms = milliseconds(u);

	print_message("%-14s %4ld ms %6ld KiB\n", h->name, ms, u->ru_maxrss);
	if (ms >= TIME_MS)
		fail_msg("%s: took %ld ms", h->name, ms);
	if (u->ru_maxrss >= MEMORY_KIB)
		fail_msg("%s: took %ld KiB", h->name, u->ru_maxrss);
}

static struct rusage cost(const char *path, const char *log)
{
	struct rusage u;
	int status;
	/* A child of vfork's kind starts without this process' pages. */
	pid_t pid = vfork();

	if (pid == 0)
		run(path, log);
	assert_int_equal(wait4(pid, &status, 0, &u), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 1);
	return u;
}

static void test_hostile(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	char path[128], log[128];

	(void)state;
	if (access(ROS, X_OK) < 0)
		fail_msg("there is no " ROS " (make " ROS ")");
	(void)snprintf(path, sizeof(path), "%s/input", s.path);
	(void)snprintf(log, sizeof(log), "%s/log", s.path);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct rusage u;

		make_file(path, &all[i]);
		/* A machine that is busy elsewhere shows in processor time, too. */
		for (int try = 0; try < TRIES; try++) {
			u = cost(path, log);
			if (milliseconds(&u) < TIME_MS)
				break;
		}
		check_line(log, &all[i]);
		check_cost(&all[i], &u);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_hostile) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
