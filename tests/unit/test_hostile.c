/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hostile documents, as build/ros meets them: each is refused with one line, in less than TIME_MS
 * of processor time and in less than MEMORY_KIB. Measured on the release build, in a process of its
 * own.
 */
#include "tests/unit/cost.h"
#include "tests/unit/scratch.h"

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

static void check_cost(const struct hostile *h, const struct cost *c)
{
	print_message("%-14s %4ld ms %6ld KiB\n", h->name, c->ms, c->kib);
	assert_int_equal(c->status, 1);
	if (c->ms >= TIME_MS)
		fail_msg("%s: took %ld ms", h->name, c->ms);
	if (c->kib < 0 || c->kib >= MEMORY_KIB)
		fail_msg("%s: took %ld KiB", h->name, c->kib);
}

static void test_hostile(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	char path[128], log[128];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/input", s.path);
	(void)snprintf(log, sizeof(log), "%s/log", s.path);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		const char *const argv[16] = { ROS, "config", "validate", "-i", path };
		struct cost c;

		make_file(path, &all[i]);
		/* A machine that is busy elsewhere shows in processor time, too. */
		for (int try = 0; try < TRIES; try++) {
			c = cost_of(argv, log);
			if (c.ms < TIME_MS)
				break;
		}
		check_line(log, &all[i]);
		check_cost(&all[i], &c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_hostile) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
