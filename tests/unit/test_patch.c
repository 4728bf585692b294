/* SPDX-License-Identifier: Apache-2.0 */
/* JSON Patch: the examples of RFC 6902, appendix A, and what does not fit. */
#include "tests/unit/check.h"

#include <errno.h>

#include "lib/doc/patch.h"

struct patch_case {
	const char *base, *patch;
	const char *want; /* JSON, or NULL */
	const char *error;
};

static const struct patch_case cases[] = {
	{ "{foo: bar}", "[{op: add, path: /baz, value: qux}]", "{\"foo\":\"bar\",\"baz\":\"qux\"}",
	  NULL },
	{ "{foo: [bar, baz]}", "[{op: add, path: /foo/1, value: qux}]",
	  "{\"foo\":[\"bar\",\"qux\",\"baz\"]}", NULL },
	{ "{baz: qux, foo: bar}", "[{op: remove, path: /baz}]", "{\"foo\":\"bar\"}", NULL },
	{ "{foo: [bar, qux, baz]}", "[{op: remove, path: /foo/1}]", "{\"foo\":[\"bar\",\"baz\"]}",
	  NULL },
	{ "{baz: qux, foo: bar}", "[{op: replace, path: /baz, value: boo}]",
	  "{\"baz\":\"boo\",\"foo\":\"bar\"}", NULL },
	{ "{foo: {bar: baz, waldo: fred}, qux: {corge: grault}}",
	  "[{op: move, from: /foo/waldo, path: /qux/thud}]",
	  "{\"foo\":{\"bar\":\"baz\"},\"qux\":{\"corge\":\"grault\",\"thud\":\"fred\"}}", NULL },
	{ "{foo: [all, grass, cows, eat]}", "[{op: move, from: /foo/1, path: /foo/3}]",
	  "{\"foo\":[\"all\",\"cows\",\"eat\",\"grass\"]}", NULL },
	{ "{baz: qux, foo: [a, 2, c]}",
	  "[{op: test, path: /baz, value: qux}, {op: test, path: /foo/1, value: 2}]",
	  "{\"baz\":\"qux\",\"foo\":[\"a\",2,\"c\"]}", NULL },
	{ "{baz: qux}", "[{op: test, path: /baz, value: bar}]", NULL,
	  "p:1:2: the test of this value failed: /baz" },
	{ "{foo: bar}", "[{op: add, path: /child, value: {grandchild: {}}}]",
	  "{\"foo\":\"bar\",\"child\":{\"grandchild\":{}}}", NULL },
	{ "{foo: bar}", "[{op: add, path: /baz/bat, value: qux}]", NULL,
	  "there is nothing at /baz/bat" },
	{ "{'/': 9, '~1': 10}", "[{op: test, path: /~01, value: 10}]", "{\"/\":9,\"~1\":10}",
	  NULL },
	{ "{'/': 9}", "[{op: replace, path: /~1, value: 8}]", "{\"/\":8}", NULL },
	{ "{'/': 9, '~1': 10}", "[{op: test, path: /~01, value: '10'}]", NULL, "failed: /~01" },
	{ "{foo: [bar]}", "[{op: add, path: /foo/-, value: [abc, def]}]",
	  "{\"foo\":[\"bar\",[\"abc\",\"def\"]]}", NULL },
	{ "{a: {b: 1}}", "[{op: copy, from: /a, path: /c}]", "{\"a\":{\"b\":1},\"c\":{\"b\":1}}",
	  NULL },
	{ "{a: {y: 1, x: [1, {z: null}]}}",
	  "[{op: test, path: /a, value: {x: [1, {z: null}], y: 1}}]",
	  "{\"a\":{\"y\":1,\"x\":[1,{\"z\":null}]}}", NULL },
	{ "{a: 1}", "[{op: replace, path: '', value: {b: 2}}]", "{\"b\":2}", NULL },
	{ "{a: 1}", "[{op: add, path: /a, value: null}]", "{\"a\":null}", NULL },
	{ "{a: 1}", "[]", "{\"a\":1}", NULL },
	/* All or nothing. */
	{ "{a: 1}", "[{op: add, path: /b, value: 2}, {op: remove, path: /c}]", NULL,
	  "p:1:33: there is nothing at /c" },
	{ "{a: [1]}", "[{op: add, path: /a/2, value: 2}]", NULL, "there is nothing at /a/2" },
	{ "{a: [1]}", "[{op: remove, path: /a/-}]", NULL, "there is nothing at /a/-" },
	{ "{a: [1, 2]}", "[{op: remove, path: /a/01}]", NULL, "there is nothing at /a/01" },
	{ "{a: 1}", "[{op: replace, path: /b, value: 1}]", NULL, "there is nothing at /b" },
	{ "{a: 1}", "[{op: remove, path: a}]", NULL, "a path begins with \"/\": a" },
	{ "{a: 1}", "[{op: add, path: /b}]", NULL, "\"value\" is missing" },
	{ "{a: 1}", "[{op: copy, path: /b}]", NULL, "\"from\" is missing" },
	{ "{a: 1}", "[{op: merge, path: /b, value: 1}]", NULL, "no such operation: merge" },
	{ "{a: {b: 1}}", "[{op: move, from: /a, path: /a/b}]", NULL, "moved into itself" },
	{ "{a: 1}", "{op: add}", NULL, "a patch is a list" },
	{ "{a: 1}", "[x]", NULL, "needs \"op\" and \"path\"" },
	{ "{a: 1}", "[{op: replace, path: '', value: [1]}]", NULL, "leaves no lines" },
};

static const struct doc_node *parse(struct doc_pool *p, const char *name, const char *text)
{
	const struct doc_node *n = NULL;
	struct error err = { 0 };

	assert_ok(doc_yaml(p, name, text, strlen(text), &n, &err), &err);
	return n;
}

static void check_case(const struct patch_case *c)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf out = { 0 };
	const struct doc_node *base, *n = NULL;
	struct error err = { 0 };
	int r;

	assert_int_equal(doc_pool_new(&p, NULL), 0);
	base = parse(p, "b", c->base);
	r = patch_apply(p, base, parse(p, "p", c->patch), &n, &err);
	if (c->error) {
		assert_int_equal(r, -EBADMSG);
		assert_null(n);
		if (!strstr(err.msg, c->error))
			fail_msg("%s: \"%s\"", c->patch, err.msg);
		return;
	}
	if (r < 0)
		fail_msg("%s: %s", c->patch, err.msg);
	doc_json_write(n, &out);
	assert_string_equal(buf_text(&out), c->want);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_case(&cases[i]);
}

/* Each copy doubles what is there: 2^40 values must not be made. */
static void test_copies_of_copies(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf patch = { 0 };
	const struct doc_node *n = NULL;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(doc_pool_new(&p, NULL), 0);
	buf_char(&patch, '[');
	for (int i = 0; i < 40; i++)
		buf_fmt(&patch, "%s{op: copy, from: /a, path: /a/-}", i ? ", " : "");
	buf_char(&patch, ']');
	assert_int_equal(
		patch_apply(p, parse(p, "b", "a: [x]"), parse(p, "p", buf_text(&patch)), &n, &err),
		-EBADMSG);
	assert_non_null(strstr(err.msg, "too large"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_copies_of_copies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
