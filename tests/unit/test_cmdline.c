/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel command line: where words end, what is left out, and the last word wins. */
#define _GNU_SOURCE 1
#include "tests/unit/check.h"
#include "tests/unit/scratch.h"

#include <errno.h>

#include "lib/cmdline.h"
#include "lib/file.h"

/* The words as "column:key=value" (or "column:key"), one a line. */
static void show(const struct cmdline *c, struct buf *b)
{
	buf_reset(b);
	for (size_t i = 0; i < c->n_words; i++) {
		const struct cmdline_word *w = &c->words[i];

		buf_fmt(b, "%u:%s%s%s\n", w->column, w->key, w->value ? "=" : "",
			w->value ? w->value : "");
	}
}

static void words_end_where_rancheros_ends_them(void **state)
{
	static const struct {
		const char *line, *words;
	} cases[] = {
		{ "", "" },
		{ "  \n", "" },
		{ "quiet\n", "1:quiet\n" },
		{ "  a  b=c\td= \n", "3:a\n6:b=c\n10:d=\n" },
		{ "a=b=c", "1:a=b=c\n" },
		{ "=x", "1:=x\n" },
		{ "rancher.x='a b' y", "1:rancher.x='a b'\n17:y\n" },
		{ "rancher.x=\"a b\" y", "1:rancher.x=\"a b\"\n17:y\n" },
		{ "x=\\\"a b\\\" y", "1:x=\"a b\"\n11:y\n" },
		{ "x=a\\b y", "1:x=a\\b\n7:y\n" },
		{ "x=\"it's one\" y", "1:x=\"it's one\"\n14:y\n" },
		{ "x='say \"a b' y", "1:x='say \"a b'\n14:y\n" },
		{ "x=[a, b,c] y", "1:x=[a, b,c]\n12:y\n" },
		{ "x=[[a, b], c] y", "1:x=[[a, b],\n12:c]\n15:y\n" }, /* one level */
		{ "x=['a ]b c'] y", "1:x=['a ]b\n10:c'] y\n" },	      /* brackets hide quotes */
		{ "x='[a b]' y", "1:x='[a b]'\n11:y\n" },	      /* quotes hide brackets */
		{ "x=a' 'b y", "1:x=a' 'b\n9:y\n" },
		{ "'x y'=z w", "1:'x y'=z\n9:w\n" },
		{ "x='open to the end", "1:x='open to the end\n" },
		{ "x=[open to the end", "1:x=[open to the end\n" },
		{ "x=“a b” y", "1:x=“a b”\n13:y\n" },
		{ "x=“a b“ y", "1:x=“a b“\n13:y\n" },
		{ "x=„a b“ y", "1:x=„a b“\n13:y\n" },
		{ "x=«a b» y", "1:x=«a b»\n11:y\n" },
		{ "x=「a b」 y", "1:x=「a b」\n13:y\n" },
		{ "x=＂a b＂ y", "1:x=＂a b＂\n13:y\n" },
		{ "x=“a b' y", "1:x=“a b' y\n" },
		{ "x=a‐b y",
		  "1:x=a‐b\n9:y\n" }, /* a hyphen that shares its first bytes with quotes */
		{ "a -- b", "1:a\n3:--\n6:b\n" },
		{ "x=\xff\xe2 y", "1:x=\xff\xe2\n6:y\n" },
	};
	struct cmdline c;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_BUF struct buf b = { 0 };

		assert_true(cmdline_parse(&c, cases[i].line));
		show(&c, &b);
		if (strcmp(buf_text(&b), cases[i].words) != 0)
			fail_msg("%s\ngave %s", cases[i].line, buf_text(&b));
	}
}

static void plain_is_without_its_quotes(void **state)
{
	static const struct {
		const char *line, *value;
	} cases[] = {
		{ "x", "true" },          { "x=", "" },
		{ "x=a", "a" },           { "x='a b'", "a b" },
		{ "x=\"a b\"", "a b" },   { "x=“a b”", "a b" },
		{ "x=\"\"", "" },         { "x='a' 'b'", "a" },
		{ "x='a''b'", "'a''b'" }, { "x=[\"a b\"]", "[\"a b\"]" },
		{ "x='[a, b]'", "[a, b]" }, { "x=\"it's\"", "it's" },
		{ "x=''a'", "''a'" },     { "x='open", "'open" },
		{ "x='", "'" },           { "x=\\\"a b\\\"", "a b" },
		{ "x=1 x=2", "2" },       { "x=1 x", "true" },
		{ "xx=1", NULL },         { "", NULL },
	};
	struct cmdline c;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *got;

		assert_true(cmdline_parse(&c, cases[i].line));
		got = cmdline_get(&c, "x");
		if (!cases[i].value)
			assert_null(got);
		else if (!got || strcmp(got, cases[i].value) != 0)
			fail_msg("%s gave %s", cases[i].line, got ? got : "(none)");
	}
}

static void what_is_not_closed_is_told(void **state)
{
	static const char *const open[] = { "x='a b", "y x=[1, 2", "\"", "x=it's rancher.slot=v1" };
	static const char *const closed[] = { "", "x='a b'", "x=[1, '2] y", "x=“a b“ z" };
	struct cmdline c;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(open); i++) {
		assert_true(cmdline_parse(&c, open[i]));
		assert_true(c.open);
	}
	for (size_t i = 0; i < ARRAY_LEN(closed); i++) {
		assert_true(cmdline_parse(&c, closed[i]));
		assert_false(c.open);
	}
}

static void flags(void **state)
{
	static const struct {
		const char *line;
		bool on;
	} cases[] = {
		{ "x", true },      { "x=true", true }, { "x=1", true },    { "x=", true },
		{ "x=2", true },    { "x=false", false }, { "x=False", false }, { "x=0", false },
		{ "x=no", false },  { "x=OFF", false },   { "x='no'", false },  { "", false },
		{ "y", false },     { "x=0 x", true },    { "x x=0", false },   { "x=nope", true },
	};
	struct cmdline c;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_true(cmdline_parse(&c, cases[i].line));
		if (cmdline_flag(&c, "x") != cases[i].on)
			fail_msg("%s", cases[i].line);
	}
}

/* A word is taken wholly or not at all: /dev/sda1 must never become /dev/sda. */
static void long_lines_lose_whole_words(void **state)
{
	static const char *const tails[] = { "dev=/dev/sda1", "x='a b'", "x=[a b]", "x=“”",
					     "x=\\\"a\\\"" };
	char line[CMDLINE_MAX + 64];
	struct cmdline c;

	(void)state;
	for (size_t t = 0; t < ARRAY_LEN(tails); t++) {
		size_t n = strlen(tails[t]);

		for (size_t start = CMDLINE_MAX - n - 3; start <= CMDLINE_MAX + 3; start++) {
			bool fits = start + n <= CMDLINE_MAX;

			memset(line, 'a', start - 1);
			line[start - 1] = ' ';
			memcpy(line + start, tails[t], n + 1);
			if (cmdline_parse(&c, line) != fits)
				fail_msg("%s at %zu", tails[t], start);
			if (c.n_words > 0) /* 0: the first word alone passed the limit */
				assert_int_equal(strlen(c.words[0].key), start - 1);
			assert_int_equal(c.n_words, fits ? 2 : start - 1 <= CMDLINE_MAX ? 1 : 0);
		}
	}
	/* Spaces past the limit are no loss. */
	memset(line, 'a', CMDLINE_MAX);
	(void)snprintf(line + CMDLINE_MAX, 8, "  \n");
	assert_true(cmdline_parse(&c, line));
}

/* The most that the storage ever has to hold. */
static void storage_suffices(void **state)
{
	char line[CMDLINE_MAX + 1];
	struct cmdline c;

	(void)state;
	memset(line, 'b', sizeof(line));
	memcpy(line, "='", 2);
	line[CMDLINE_MAX - 1] = '\'';
	line[CMDLINE_MAX] = '\0';
	assert_true(cmdline_parse(&c, line));
	assert_int_equal(strlen(c.words[0].plain), CMDLINE_MAX - 3);
	for (size_t i = 0; i + 4 <= CMDLINE_MAX; i += 5)
		memcpy(line + i, "=\"b\" ", 5);
	(void)cmdline_parse(&c, line);
	assert_int_equal(c.n_words, CMDLINE_WORDS);
	assert_string_equal(c.words[CMDLINE_WORDS - 1].plain, "b");
}

static void too_many_words(void **state)
{
	char line[2 * CMDLINE_WORDS + 4] = "";
	struct cmdline c;

	(void)state;
	for (size_t i = 0; i < CMDLINE_WORDS; i++)
		memcpy(line + 2 * i, "a ", 3);
	assert_true(cmdline_parse(&c, line));
	assert_int_equal(c.n_words, CMDLINE_WORDS);
	memcpy(line + 2 * CMDLINE_WORDS, "b", 2);
	assert_false(cmdline_parse(&c, line));
	assert_int_equal(c.n_words, CMDLINE_WORDS);
	assert_null(cmdline_get(&c, "b"));
}

static void load_reads_below_the_root(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	struct error err = { 0 };
	AUTO_CLOSE int root = -1;
	char text[CMDLINE_MAX + 8];
	struct cmdline c;

	(void)state;
	assert_ok(file_root_open(s.path, &root, &err), &err);
	assert_int_equal(cmdline_load(&c, root, &err), -ENOENT);
	assert_int_equal(c.n_words, 0);
	assert_ok(file_mkdir(root, "proc", 0755, &err), &err);
	assert_ok(file_append(root, "proc/cmdline", "quiet rancher.debug\n", 20, 0444, &err), &err);
	assert_ok(cmdline_load(&c, root, &err), &err);
	assert_int_equal(c.n_words, 2);
	assert_true(cmdline_flag(&c, "rancher.debug"));
	memset(text, 'a', sizeof(text));
	memcpy(text, "first ", 6);
	assert_ok(file_rewrite(root, "proc/cmdline", text, sizeof(text), NULL, &err), &err);
	assert_int_equal(cmdline_load(&c, root, &err), -E2BIG);
	assert_string_equal(err.msg, "/proc/cmdline: more than 4096 bytes or 256 words");
	assert_true(cmdline_flag(&c, "first"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_end_where_rancheros_ends_them),
		cmocka_unit_test(plain_is_without_its_quotes),
		cmocka_unit_test(what_is_not_closed_is_told),
		cmocka_unit_test(flags),
		cmocka_unit_test(long_lines_lose_whole_words),
		cmocka_unit_test(storage_suffices),
		cmocka_unit_test(too_many_words),
		cmocka_unit_test(load_reads_below_the_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
