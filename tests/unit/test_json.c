/* SPDX-License-Identifier: Apache-2.0 */
/* JSON both ways: cJSON's traps, each of which would lose or change what the user wrote. */
#include "tests/unit/check.h"

#include <errno.h>

#include "lib/doc/doc.h"

static int parse(struct doc_pool *p, const char *text, const struct doc_node **ret,
		 struct error *err)
{
	*ret = NULL;
	return doc_json_parse(p, "t", text, strlen(text), ret, err);
}

/* What is read is written the same. */
static void test_round_trip(void **state)
{
	static const char *const texts[] = {
		"null",
		"true",
		"9007199254740993",     /* 2^53+1: a double would round it */
		"18446744073709551616", /* beyond 64 bits: the text stays */
		"-0.5",
		"1e400",
		"\"a\\\"b\\\\c\\n\"",
		"\"\xc3\xa9\xf0\x9f\x98\x80\"",
		"[]",
		"{}",
		"[1,[2,[3]],{\"a\":null}]",
		"{\"Key\":1,\"key\":2}",
	};
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct error err = { 0 };

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		AUTO_BUF struct buf out = { 0 };
		const struct doc_node *n;

		assert_ok(parse(p, texts[i], &n, &err), &err);
		doc_json_write(n, &out);
		assert_string_equal(buf_text(&out), texts[i]);
	}
}

static void test_escapes(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct doc_node *n;
	struct error err = { 0 };

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	assert_ok(parse(p, "[\"\\u00e9\\ud83d\\ude00\\t\\/\"]", &n, &err), &err);
	assert_string_equal(n->items[0]->text, "\xc3\xa9\xf0\x9f\x98\x80\t/");
}

struct refusal {
	const char *json;
	int code;
	const char *message;
};

static const struct refusal refusals[] = {
	{ "", EBADMSG, "t:1:1: " },
	{ "{} x", EBADMSG, "t:1:" },
	{ "[1,]", EBADMSG, "t:1:4: " },
	{ "{\"a\":1,\n \"b\" 2}", EBADMSG, "t:2:6: no valid JSON from here on" },
	{ "[01]", EBADMSG, "t:1:4: not a number" },
	{ "[1.]", EBADMSG, "t:1:4: not a number" },
	{ "[\"a\\u0000b\"]", EBADMSG, "t:1:4: \\u0000 in a string" },
	{ "[\"a\nb\"]", EBADMSG, "t:1:4: a control character in a string" },
	{ "[1,\v2]", EBADMSG, "t:1:4: a control character" },
	{ "[\"abc]", EBADMSG, "t:1:2: a string that does not end" },
	{ "[1, 2", EBADMSG, "t:1:" },
};

static void test_refusals(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct error err = { 0 };

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		const struct doc_node *n;

		if (parse(p, refusals[i].json, &n, &err) != -refusals[i].code)
			fail_msg("%s: not refused", refusals[i].json);
		if (strncmp(err.msg, refusals[i].message, strlen(refusals[i].message)))
			fail_msg("%s: \"%s\"", refusals[i].json, err.msg);
	}
	{
		const struct doc_node *n = NULL;

		assert_int_equal(doc_json_parse(p, "t", "[1]\0", 4, &n, &err), -EBADMSG);
	}
}

static void test_limits(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf deep = { 0 }, wide = { 0 };
	const struct doc_node *n;
	struct error err = { 0 };

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	for (int i = 0; i < 100000; i++)
		buf_char(&deep, '[');
	assert_int_equal(parse(p, buf_text(&deep), &n, &err), -E2BIG);
	buf_char(&wide, '[');
	for (int i = 0; i < 100001; i++)
		buf_str(&wide, "1,");
	buf_str(&wide, "1]");
	assert_int_equal(parse(p, buf_text(&wide), &n, &err), -E2BIG);
}

static void test_positions_and_duplicates(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct doc_message *m;
	const struct doc_node *n;
	struct error err = { 0 };
	size_t count;

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	assert_ok(parse(p, "{\"a\": {\"x\": [\"]\", 7]},\n  \"a\": {},\n\"b\": 9}", &n, &err),
		  &err);
	assert_int_equal(n->len, 2);
	assert_int_equal(doc_at(n, "a")->len, 0);
	assert_int_equal(doc_at(n, "b")->origin.line, 3);
	assert_int_equal(doc_at(n, "b")->origin.column, 6);
	m = doc_messages(p, &count);
	assert_int_equal(count, 1);
	assert_int_equal(m->origin.line, 2);
	assert_int_equal(m->origin.column, 3);
}

/* YAML takes fewer texts for numbers than JSON does: what it reads is the same number. */
static void test_numbers_as_yaml(void **state)
{
	static const char *const texts[] = {
		"1e-3",   "125e-2",   "1E400",	 "-1e400", "1e5",   "0e0",
		"-1.5e3", "1.25e-17", "5e-324", "1e22",   "2e300", "0.1e1",
		"1.7976931348623157e308", "123456789012345678e-3", "33333333333333331e-17",
	};
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct error err = { 0 };

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		AUTO_BUF struct buf out = { 0 };
		const struct doc_node *n, *back = NULL;

		assert_ok(parse(p, texts[i], &n, &err), &err);
		doc_yaml_write(n, &out);
		assert_ok(doc_yaml(p, "y", buf_text(&out), out.len, &back, &err), &err);
		assert_int_equal(back->kind, DOC_FLOAT);
		assert_memory_equal(&back->number, &n->number, sizeof(n->number));
	}
}

/* Bytes that JSON cannot carry become the replacement character, nothing is cut. */
static void test_binary(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf out = { 0 };
	const struct doc_node *n = NULL;
	struct error err = { 0 };
	const char *text = "!!binary YQBiAA==";

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	assert_ok(doc_yaml(p, "t", text, strlen(text), &n, &err), &err);
	doc_json_write(n, &out);
	assert_string_equal(buf_text(&out), "\"a\xef\xbf\xbd" "b\xef\xbf\xbd\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_escapes),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_positions_and_duplicates),
		cmocka_unit_test(test_numbers_as_yaml),
		cmocka_unit_test(test_binary),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
