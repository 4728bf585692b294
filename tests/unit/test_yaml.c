/* SPDX-License-Identifier: Apache-2.0 */
/* YAML reading: shape, positions, anchors and merge keys, limits, and the words of the errors. */
#include "tests/unit/check.h"

#include <errno.h>

#include "lib/doc/doc.h"

/* Reads text and gives it as JSON; fails the test when it does not parse. */
static const char *as_json(struct doc_pool *p, const char *text, struct buf *out)
{
	const struct doc_node *n = NULL;
	struct error err = { 0 };

	buf_reset(out);
	assert_ok(doc_yaml(p, "t", text, strlen(text), &n, &err), &err);
	doc_json_write(n, out);
	return buf_text(out);
}

struct shape {
	const char *yaml, *json;
};

static const struct shape shapes[] = {
	{ "", "null" },
	{ "# only a comment\n", "null" },
	{ "---\n", "null" },
	{ "#cloud-config\nhostname: a\n", "{\"hostname\":\"a\"}" },
	{ "\xef\xbb\xbf" "a: 1\n", "{\"a\":1}" },
	{ "a: 1\r\nb: 2\r\n", "{\"a\":1,\"b\":2}" },
	{ "a:\nb: ~\n", "{\"a\":null,\"b\":null}" },
	{ "- 1\n- 'x'\n- \"y\"\n- [a, b]\n", "[1,\"x\",\"y\",[\"a\",\"b\"]]" },
	{ "{a: {b: [1, 2.5, yes]}}", "{\"a\":{\"b\":[1,2.5,true]}}" },
	{ "a: '1'\nb: \"yes\"\n", "{\"a\":\"1\",\"b\":\"yes\"}" },
	{ "a: |\n  x\n  y\nb: >\n  x\n  y\n", "{\"a\":\"x\\ny\\n\",\"b\":\"x y\\n\"}" },
	{ "a: !!str 1\nb: !!int '5'\nc: !!float 3\n", "{\"a\":\"1\",\"b\":5,\"c\":3}" },
	{ "a: !!binary aGVsbG8=\n", "{\"a\":\"hello\"}" },
	{ "a: &x {k: 1}\nb: *x\n", "{\"a\":{\"k\":1},\"b\":{\"k\":1}}" },
	{ "a: &x 1\nb: &x 2\nc: *x\n", "{\"a\":1,\"b\":2,\"c\":2}" },
	{ "x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}\n",
	  "{\"x\":{\"a\":1,\"b\":2},\"y\":{\"a\":1,\"b\":3}}" },
	{ "x: {<<: [{a: 1}, {a: 2, c: 3}]}\n", "{\"x\":{\"c\":3,\"a\":1}}" },
	{ "x: {'<<': 1}\n", "{\"x\":{\"<<\":1}}" },
	{ "a: 1\na: 2\n", "{\"a\":2}" },
	{ "url: http://h:80/x?y=1\nl: [http://h:80/]\n",
	  "{\"url\":\"http://h:80/x?y=1\",\"l\":[\"http://h:80/\"]}" },
	{ "big: 18446744073709551617\n", "{\"big\":18446744073709551617}" },
	{ "t: \"\\u00e9\\x41\"\n", "{\"t\":\"\xc3\xa9" "A\"}" },
};

static void test_shapes(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf out = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(shapes); i++)
		assert_string_equal(as_json(p, shapes[i].yaml, &out), shapes[i].json);
}

struct refusal {
	const char *yaml;
	int code;
	const char *message;
};

static const struct refusal refusals[] = {
	{ "a: [1\n", EBADMSG, "t:2:1: " },
	{ "a: b: c\n", EBADMSG, "t:1:5: mapping values are not allowed in this context" },
	{ "a:\n\tb: 1\n", EBADMSG, "t:2:1: a tab is used for indentation (use spaces)" },
	{ "# f\xc3\xbcr \xf0\x9f\x98\x80\r\na:\n\tb: 1\n", EBADMSG,
	  "t:3:1: a tab is used for indentation (use spaces)" },
	{ "a: 1\n---\nb: 2\n", EBADMSG, "t:2:1: a second document begins here" },
	{ "a: *x\n", EBADMSG, "t:1:4: an alias of an anchor that does not exist" },
	{ "a: &x [*x]\n", EBADMSG, "t:1:8: an alias inside of the value it stands for" },
	{ "a: !foo 1\n", EBADMSG, "t:1:4: an unknown tag" },
	{ "a: !!seq {}\n", EBADMSG, "t:1:4: an unknown tag" },
	{ "a: !!int x\n", EBADMSG, "t:1:4: the value is not what its tag says" },
	{ "a: !!binary '*'\n", EBADMSG, "t:1:4: !!binary is no valid base64" },
	{ "? [a]\n: 1\n", EBADMSG, "t:1:3: a key must be a plain word" },
	{ "x: {<<: 1}\n", EBADMSG, "t:1:5: what \"<<\" merges" },
	{ "a: 1\nb: \x01\n", EBADMSG, "t:2:4: control characters are not allowed" },
	{ "a: \xff\n", EBADMSG, "t:1:4: invalid leading UTF-8 octet" },
};

static void test_refusals(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		const struct refusal *c = &refusals[i];
		AUTO(doc_pool_free) struct doc_pool *p = NULL;
		const struct doc_node *n = NULL;
		struct error err = { 0 };

		assert_ok(doc_pool_new(&p, &err), &err);
		assert_int_equal(doc_yaml(p, "t", c->yaml, strlen(c->yaml), &n, &err), -c->code);
		if (strncmp(err.msg, c->message, strlen(c->message)))
			fail_msg("%s: \"%s\"", c->yaml, err.msg);
		assert_null(n);
	}
}

/* The commonest mistakes: each message says what to do. */
static void test_hints(void **state)
{
	static const char *const mistakes[] = {
		"a: b: c\n",	   "a: [1, 2\nb: 3\n", "a: {b: 1\nc: 2\n", "a: @x\n",
		"a: \"x\nb: 1\n", "a: 'x\nb: 1\n",	 "a: \"C:\\Users\"\n", "a: - b\n",
		"a:\n  b: 1\n c: 2\n", "a:\n- b\n  - c\n-d\n", "a: x\nb\nc: 1\n", "a: %x\n",
		"a: \xe9\n", "a: [\n", "a: !foo!bar x\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
		AUTO(doc_pool_free) struct doc_pool *p = NULL;
		const struct doc_node *n = NULL;
		struct error err = { 0 };

		assert_ok(doc_pool_new(&p, &err), &err);
		assert_int_equal(doc_yaml(p, "t", mistakes[i], strlen(mistakes[i]), &n, &err),
				 -EBADMSG);
		if (!strchr(err.msg, '('))
			fail_msg("%s: no hint: %s", mistakes[i], err.msg);
	}
}

static void test_positions(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const char *text = "a: 1\nlist:\n  - x\n  - k: v\n";
	const struct doc_node *n = NULL, *v;
	struct error err = { 0 };

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	assert_ok(doc_yaml(p, "file.yml", text, strlen(text), &n, &err), &err);
	assert_int_equal(n->pairs[1].origin.line, 2);
	assert_int_equal(n->pairs[1].origin.column, 1);
	v = doc_at(n, "list.1.k");
	assert_non_null(v);
	assert_int_equal(v->origin.line, 4);
	assert_int_equal(v->origin.column, 8);
	assert_string_equal(v->origin.source, "file.yml");
}

static void test_source_text(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const char *text = "a: 0644\nb: 644\nc: \"0644\"\nd: !!binary AGE=\n";
	const struct doc_node *n = NULL;
	struct error err = { 0 };

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	assert_ok(doc_yaml(p, "t", text, strlen(text), &n, &err), &err);
	assert_int_equal(doc_int(n, "a", 0), 420);
	assert_string_equal(doc_str(n, "a", ""), "0644");
	assert_string_equal(doc_str(n, "b", ""), "644");
	assert_string_equal(doc_str(n, "c", ""), "0644");
	assert_int_equal(doc_at(n, "d")->len, 2);
	assert_memory_equal(doc_at(n, "d")->text, "\0a", 3);
}

static void test_duplicates_are_said(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const char *text = "a: 1\nb: 1\na: 2\n";
	const struct doc_message *m;
	const struct doc_node *n = NULL;
	AUTO_BUF struct buf out = { 0 };
	struct error err = { 0 };
	size_t n_messages;

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	assert_ok(doc_yaml(p, "t", text, strlen(text), &n, &err), &err);
	m = doc_messages(p, &n_messages);
	assert_int_equal(n_messages, 1);
	assert_true(m->is_error);
	doc_message_text(m, &out);
	assert_string_equal(
		buf_text(&out),
		"t:3:1: key \"a\" stands here again (first in line 1: this one "
		"counts, leave one out)");
}

/* `count` times `piece` between `head` and `tail` must be refused as too much. */
static void assert_too_much(const char *head, const char *piece, size_t count, const char *tail)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(64u << 20);
	const struct doc_node *n = NULL;
	struct error err = { 0 };

	buf_str(&text, head);
	for (size_t i = 0; i < count; i++)
		buf_str(&text, piece);
	buf_str(&text, tail);
	assert_ok(buf_check(&text, &err), &err);
	assert_ok(doc_pool_new(&p, &err), &err);
	assert_int_equal(doc_yaml(p, "t", text.data, text.len, &n, &err), -E2BIG);
	assert_null(n);
}

static void test_limits(void **state)
{
	const char *bomb =
		"a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
		"c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
		"e: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n";

	(void)state;
	assert_too_much("", "[", 100000, "");
	assert_too_much("", "- ", 65, "x\n");
	assert_too_much("", "{a: ", 65, "");
	assert_too_much("", "- 1\n", 100001, "");
	assert_too_much(bomb, "", 0, "");
	assert_too_much("a: &a 1\nb:\n", "  - *a\n", 10001, "");
	assert_too_much("a: \"", "0123456789abcdef", 1u << 20, "x\"\n");
}

/* As deep and as many as the limits allow is fine. */
static void test_below_limits(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf text = { 0 };
	const struct doc_node *n = NULL;
	struct error err = { 0 };

	(void)state;
	for (int i = 0; i < 63; i++)
		buf_char(&text, '[');
	buf_char(&text, '1');
	for (int i = 0; i < 63; i++)
		buf_char(&text, ']');
	assert_ok(doc_pool_new(&p, &err), &err);
	assert_ok(doc_yaml(p, "t", text.data, text.len, &n, &err), &err);
	buf_reset(&text);
	for (int i = 0; i < 49999; i++)
		buf_fmt(&text, "k%d: 1\n", i);
	assert_ok(doc_yaml(p, "t", text.data, text.len, &n, &err), &err);
	assert_int_equal(n->len, 49999);
}

/* A piece of a file, and a text that was made from one: places are those of the file. */
static void test_places(void **state)
{
	static const unsigned map[] = { 7, 7, 9 };
	struct doc_place moved = { .first = 11 }, mapped = { 20, map, ARRAY_LEN(map) };
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct doc_node *n = NULL;
	struct error err = { 0 };

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	assert_ok(doc_yaml_at(p, "t", moved, "a: 1\nb: 2\n", 10, &n, &err), &err);
	assert_int_equal(doc_key(n, "b")->origin.line, 12);
	assert_int_equal(doc_yaml_at(p, "t", moved, "a: 1\nb: [\n", 10, &n, &err), -EBADMSG);
	assert_non_null(strstr(err.msg, "t:13:1:"));
	assert_ok(doc_yaml_at(p, "t", mapped, "a: 1\nb: 2\nc: 3\nd: 4\n", 20, &n, &err), &err);
	assert_int_equal(doc_key(n, "b")->origin.line, 7);
	assert_int_equal(doc_key(n, "c")->origin.line, 9);
	assert_int_equal(doc_key(n, "d")->origin.line, 23);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_hints),
		cmocka_unit_test(test_positions),
		cmocka_unit_test(test_source_text),
		cmocka_unit_test(test_duplicates_are_said),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_below_limits),
		cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
