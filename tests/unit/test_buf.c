/* SPDX-License-Identifier: Apache-2.0 */
/* Growing buffers: limits, the failure that sticks, and JSON text of hostile bytes. */
#include "tests/unit/check.h"

#include <errno.h>

#include "lib/buf.h"

static void appends_every_way(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_string_equal(buf_text(&b), "");
	buf_str(&b, "one");
	buf_char(&b, ' ');
	buf_fmt(&b, "%d-%s", 2, "three");
	buf_add(&b, "\0x", 2);
	buf_add(&b, NULL, 0);
	assert_ok(buf_check(&b, &err), &err);
	assert_int_equal(b.len, 13);
	assert_memory_equal(b.data, "one 2-three\0x", 14);
	buf_reset(&b);
	assert_int_equal(b.len, 0);
	assert_string_equal(buf_text(&b), "");
}

/* A buffer takes exactly its limit, and not a byte more. */
static void limit_is_exact(void **state)
{
	static const size_t limits[] = { 1, 63, 64, 65, 100, 127, 128, 4096 };
	struct error err = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		AUTO_BUF struct buf b = BUF_WITH_LIMIT(limits[i]);

		for (size_t n = 0; n < limits[i]; n++)
			buf_char(&b, 'x');
		assert_ok(buf_check(&b, &err), &err);
		assert_int_equal(b.len, limits[i]);
		buf_char(&b, 'y');
		assert_int_equal(buf_check(&b, &err), -E2BIG);
		assert_int_equal(b.len, limits[i]);
		assert_int_equal(strlen(b.data), limits[i]);
	}
}

static void default_limit_holds(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	AUTO_FREE char *mib = calloc(1, 1u << 20);
	struct error err = { 0 };

	(void)state;
	assert_non_null(mib);
	for (int i = 0; i < 16; i++)
		buf_add(&b, mib, 1u << 20);
	assert_ok(buf_check(&b, &err), &err);
	buf_char(&b, 'x');
	assert_int_equal(buf_check(&b, &err), -E2BIG);
	assert_string_equal(err.msg, "more than 16777216 bytes");
}

static void failure_sticks(void **state)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(4);
	struct error err = { 0 };

	(void)state;
	buf_str(&b, "abc");
	buf_str(&b, "de");
	buf_char(&b, 'f');
	buf_fmt(&b, "%s", "");
	buf_json(&b, "g");
	assert_string_equal(buf_text(&b), "abc");
	assert_int_equal(buf_check(&b, &err), -E2BIG);
	assert_null(buf_take(&b));
	buf_reset(&b);
	buf_str(&b, "abcd");
	assert_ok(buf_check(&b, &err), &err);
	/* A length that would overflow the sum is refused, too. */
	buf_add(&b, "", SIZE_MAX);
	assert_int_equal(buf_check(&b, &err), -E2BIG);
}

static void take_hands_over(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	char *text;

	(void)state;
	text = buf_take(&b);
	assert_non_null(text);
	assert_string_equal(text, "");
	free(text);
	buf_str(&b, "abc");
	text = buf_take(&b);
	assert_string_equal(text, "abc");
	assert_string_equal(buf_text(&b), "");
	buf_str(&b, "new");
	assert_string_equal(text, "abc");
	assert_string_equal(buf_text(&b), "new");
	free(text);
}

#define FFFD "\xef\xbf\xbd"

static void json_escapes(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "", "" },
		{ "plain / text", "plain / text" },
		{ "\"\\\b\f\n\r\t", "\\\"\\\\\\b\\f\\n\\r\\t" },
		{ "\x01\x1b[31m\x7f", "\\u0001\\u001b[31m\\u007f" },
		{ "h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x88",
		  "h\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x88" },
		{ "\xff", FFFD },
		{ "a\x80z", "a" FFFD "z" },
		{ "\xc0\xaf", FFFD FFFD },		     /* overlong "/" */
		{ "\xed\xa0\x80", FFFD FFFD FFFD },	     /* a surrogate */
		{ "\xf4\x90\x80\x80", FFFD FFFD FFFD FFFD }, /* beyond U+10FFFF */
		{ "\xe0\x80\x80", FFFD FFFD FFFD },
		{ "\xe2\x82", FFFD FFFD }, /* ends early */
		{ "\xf0\x9f\x90", FFFD FFFD FFFD },
		{ "\xc3\"", FFFD "\\\"" }, /* never swallows the quote */
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_BUF struct buf b = { 0 };

		buf_json(&b, cases[i].in);
		assert_string_equal(buf_text(&b), cases[i].out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(appends_every_way), cmocka_unit_test(limit_is_exact),
		cmocka_unit_test(default_limit_holds), cmocka_unit_test(failure_sticks),
		cmocka_unit_test(take_hands_over), cmocka_unit_test(json_escapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
