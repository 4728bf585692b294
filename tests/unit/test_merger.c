/* SPDX-License-Identifier: Apache-2.0 */
/* cloud-init's mergers, as its documentation and its code have them. */
#include "tests/unit/check.h"

#include <errno.h>

#include "lib/doc/merger.h"

struct merge_case {
	const char *how; /* NULL: the default */
	const char *base, *over;
	const char *want; /* JSON, or NULL */
	const char *error;
};

static const struct merge_case cases[] = {
	/* A part's key replaces the same key of the parts before, whole. */
	{ NULL, "{a: {x: 1}, b: 2}", "{a: {y: 2}}", "{\"a\":{\"y\":2},\"b\":2}", NULL },
	{ NULL, "{a: [1]}", "{a: [2, 3], c: x}", "{\"a\":[2,3],\"c\":\"x\"}", NULL },
	{ "dict(replace)+list()+str()", "{a: 1}", "{a: null}", "{\"a\":null}", NULL },
	/* no_replace is the merger's own default. */
	{ "dict()+list()+str()", "{a: 1, m: {x: 1}, l: [1]}", "{a: 2, m: {x: 2, y: 3}, l: [2]}",
	  "{\"a\":1,\"m\":{\"x\":1,\"y\":3},\"l\":[1]}", NULL },
	{ "dict(no_replace,recurse_list)+list(append)", "{l: [1], s: a}", "{l: [2], s: b}",
	  "{\"l\":[1,2],\"s\":\"a\"}", NULL },
	{ "list(append)+dict(recurse_array)+str()", "{l: [1]}", "{l: [2]}", "{\"l\":[1,2]}", NULL },
	{ "dict(recurse_array)+list(prepend)", "{l: [1]}", "{l: [2]}", "{\"l\":[2,1]}", NULL },
	{ "dict(recurse_str)+str(append)", "{s: ab, n: 1}", "{s: cd, n: x}",
	  "{\"s\":\"abcd\",\"n\":1}", NULL },
	{ "dict(recurse_str)+str()", "{s: ab}", "{s: cd}", "{\"s\":\"cd\"}", NULL },
	{ "dict(allow_delete)", "{a: 1, b: 2}", "{a: null}", "{\"b\":2}", NULL },
	/* Index by index; beyond the common length nothing is added. */
	{ "dict(recurse_list)+list()", "{l: [1, 2]}", "{l: [3]}", "{\"l\":[3,2]}", NULL },
	{ "dict(recurse_list)+list()", "{l: [1]}", "{l: [3, 4]}", "{\"l\":[3]}", NULL },
	{ "dict(recurse_list)+list(no_replace)", "{l: [1]}", "{l: [3]}", "{\"l\":[1]}", NULL },
	{ "dict(recurse_list)+list(recurse_dict)", "{l: [{a: 1}]}", "{l: [{a: 2, b: 3}]}",
	  "{\"l\":[{\"a\":1,\"b\":3}]}", NULL },
	{ "dict(recurse_list)+list(recurse_list)", "{l: [[1, 2]]}", "{l: [[3]]}", "{\"l\":[[3,2]]}",
	  NULL },
	/* The old value's kind chooses the merger; without one it stays. */
	{ "dict(recurse_list)", "{l: [1]}", "{l: [2]}", "{\"l\":[1]}", NULL },
	{ "list(append)", "{l: [1]}", "{l: [2]}", "{\"l\":[1]}", NULL },
	{ "dict()", "{m: 1}", "{m: {a: 1}}", "{\"m\":1}", NULL },
	/* The first merger for a kind counts; spelling is free. */
	{ "Dict(Replace) + dict(no_replace)", "{a: 1}", "{a: 2}", "{\"a\":2}", NULL },
	{ " m_dict( no-replace , Recurse-Str ) + + str ( append ) ", "{a: x}", "{a: y}",
	  "{\"a\":\"xy\"}", NULL },
	/* What does not fit. */
	{ "dict(recurse_str,recurse_list)+list(append)", "{l: [1]}", "{l: x}", NULL,
	  "o:1:5: this is to be joined to a list" },
	{ "dict(recurse_list)+str(append)", "{s: x}", "{s: [1]}", NULL,
	  "o:1:5: this is to be appended to a text" },
	{ "dict(replace", "{}", "{}", NULL, "\"dict(replace\" is no merger" },
	{ "dict", "{}", "{}", NULL, "\"dict\" is no merger" },
	{ "set()", "{}", "{}", NULL, "no merger \"set\"" },
	{ "dict(recurse)", "{}", "{}", NULL, "no merge option \"recurse\"" },
};

static const struct doc_node *parse(struct doc_pool *p, const char *name, const char *text)
{
	const struct doc_node *n = NULL;
	struct error err = { 0 };

	assert_ok(doc_yaml(p, name, text, strlen(text), &n, &err), &err);
	return n;
}

static void check_case(const struct merge_case *c)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf before = { 0 }, after = { 0 }, out = { 0 };
	const struct doc_node *base, *over, *n = NULL;
	struct merger m = { 0 };
	struct error err = { 0 };
	int r = 0;

	assert_int_equal(doc_pool_new(&p, NULL), 0);
	base = parse(p, "b", c->base);
	over = parse(p, "o", c->over);
	doc_json_write(base, &before);
	if (c->how)
		r = merger_read_text(&m, c->how, &err);
	else
		m = merger_default();
	if (r == 0)
		r = merger_apply(p, &m, base, over, &n, &err);
	if (c->error) {
		assert_int_equal(r, -EBADMSG);
		if (!strstr(err.msg, c->error))
			fail_msg("%s: \"%s\"", c->how, err.msg);
		return;
	}
	if (r < 0)
		fail_msg("%s: %s", c->how, err.msg);
	doc_json_write(n, &out);
	assert_string_equal(buf_text(&out), c->want);
	doc_json_write(base, &after);
	assert_string_equal(buf_text(&before), buf_text(&after));
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_case(&cases[i]);
}

/* The forms of the key merge_how. */
static void test_documents(void **state)
{
	static const char *const forms[] = {
		"dict(no_replace,recurse_list)+list(append)",
		"[{name: list, settings: [append]}, {name: dict, settings: [no_replace, "
		"recurse_list]}]",
		"[[dict, no_replace, recurse_list], [list, append]]",
		"['dict(no_replace, recurse_list)', 'list(append)']",
	};
	AUTO(doc_pool_free) struct doc_pool *p = NULL;

	(void)state;
	assert_int_equal(doc_pool_new(&p, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		AUTO_BUF struct buf out = { 0 };
		const struct doc_node *n = NULL;
		struct merger m = { 0 };
		struct error err = { 0 };

		assert_ok(merger_read(&m, parse(p, "h", forms[i]), &err), &err);
		assert_ok(merger_apply(p, &m, parse(p, "b", "{l: [1]}"), parse(p, "o", "{l: [2]}"),
				       &n, &err),
			  &err);
		doc_json_write(n, &out);
		assert_string_equal(buf_text(&out), "{\"l\":[1,2]}");
	}
}

static void test_replaced_is_remembered(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct doc_node *n = NULL;
	struct merger m = merger_default();
	struct error err = { 0 };

	(void)state;
	assert_int_equal(doc_pool_new(&p, NULL), 0);
	assert_ok(merger_apply(p, &m, parse(p, "b", "a: 1"), parse(p, "o", "a: 2"), &n, &err),
		  &err);
	n = doc_key(n, "a");
	assert_string_equal(n->origin.source, "o");
	assert_non_null(n->replaced);
	assert_string_equal(n->replaced->origin.source, "b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_documents),
		cmocka_unit_test(test_replaced_is_remembered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
