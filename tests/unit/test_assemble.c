/* SPDX-License-Identifier: Apache-2.0 */
/* Parts put together: order, merge rules, patches, what a bad part costs, where values came from.
 */
#include "tests/unit/check.h"

#include "agent/userdata/assemble.h"

#define HEAD   "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"
#define CONFIG "--b\nContent-Type: text/cloud-config\n\n"

struct fixture {
	struct doc_pool *p;
	struct vars vars;
	struct assembled a;
};

static void assemble(struct fixture *f, const char *text)
{
	struct unpack_input in = { .source = "u", .data = text, .len = strlen(text) };
	struct error err = { 0 };

	*f = (struct fixture){ .vars = { .launch_index = 1 } };
	assert_ok(doc_pool_new(&f->p, &err), &err);
	in.pool = f->p;
	in.vars = &f->vars;
	assemble_one(&in, &f->a);
}

static void said(const struct fixture *f, struct buf *out)
{
	size_t n;
	const struct doc_message *m = doc_messages(f->p, &n);

	for (size_t i = 0; i < n; i++) {
		buf_str(out, m[i].is_error ? "!" : "");
		doc_message_text(&m[i], out);
		buf_char(out, '\n');
	}
}

struct assemble_case {
	const char *text;
	const char *want; /* JSON, "null" for no document */
	const char *said; /* what the messages begin with; NULL: there are none */
};

static const struct assemble_case cases[] = {
	{ "", "null", NULL },
	{ "#!/bin/sh\n", "null", NULL },
	{ "#cloud-config\n", "{}", NULL },
	{ "#cloud-config\na: 1\n", "{\"a\":1}", NULL },
	{ HEAD CONFIG "a: 1\nb: [1]\n" CONFIG "b: [2]\nc: 3\n", "{\"a\":1,\"b\":[2],\"c\":3}",
	  "u:4:1: the last part is not closed" },
	/* A rule in the document, in a header, in both. */
	{ "#cloud-config\nmerge_how: dict(replace)\nmerge_type: x\na: 1\n", "{\"a\":1}", NULL },
	{ HEAD CONFIG "l: [1]\n" CONFIG "l: [2]\nmerge_how: list(append)+dict(recurse_list)\n--b--",
	  "{\"l\":[1,2]}", NULL },
	{ HEAD CONFIG "l: [1]\n" CONFIG
		      "merge_type:\n- {name: list, settings: [prepend]}\n- {name: dict, settings: "
		      "[recurse_array]}\nl: [2]\n--b--",
	  "{\"l\":[2,1]}", NULL },
	{ HEAD CONFIG "l: [1]\n--b\nContent-Type: text/cloud-config\nX-Merge-Type: "
		      "list(append)+dict(no_replace, recurse_list)+str()\n\nl: [2]\n--b--",
	  "{\"l\":[1,2]}", NULL },
	{ HEAD CONFIG "l: [1]\n--b\nContent-Type: text/cloud-config\nMerge-Type: list(prepend)\n\n"
		      "merge_how: dict(recurse_list)\nl: [2]\n--b--",
	  "{\"l\":[2,1]}", NULL },
	{ "#cloud-config-archive\n- 'l: [1]'\n- {content: 'l: [2]', Merge-Type: "
	  "'dict(recurse_list)+list(append)'}\n",
	  "{\"l\":[1,2]}", NULL },
	{ HEAD CONFIG "a: 1\n" CONFIG "merge_how: list(append)\nb: 2\n--b--", "{\"a\":1}",
	  "u:11:1: the merge rule has no dict()" },
	/* A bad part costs itself. */
	{ HEAD CONFIG "a: 1\n" CONFIG "b: [\n" CONFIG "c: 3\n--b--", "{\"a\":1,\"c\":3}",
	  "!u:12:1: " },
	{ HEAD CONFIG "a: 1\n" CONFIG "- b\n" CONFIG "c: 3\n--b--", "{\"a\":1,\"c\":3}",
	  "!u:11:1: lines of \"key: value\" are expected" },
	{ HEAD CONFIG "a: 1\n" CONFIG "merge_how: set()\nb: 2\n--b--", "{\"a\":1}",
	  "!u:11:1: merge_how: there is no merger \"set\"" },
	{ HEAD CONFIG "l: [1]\n" CONFIG "merge_how: dict(recurse_str,recurse_list)+list(append)\n"
		      "l: x\n--b--",
	  "{\"l\":[1]}", "!u:12:4: this is to be joined to a list" },
	/* Patches work on what is there so far. */
	{ "#cloud-config-jsonp\n[{\"op\": \"add\", \"path\": \"/a\", \"value\": 1}]", "{\"a\":1}",
	  NULL },
	{ HEAD CONFIG "a: 1\n--b\n\n#cloud-config-jsonp\n[{\"op\":\"replace\",\"path\":\"/a\","
		      "\"value\":2}]\n--b\n\n#cloud-config\nb: 1\n--b--",
	  "{\"a\":2,\"b\":1}", NULL },
	{ HEAD CONFIG "a: 1\n--b\n\n#cloud-config-jsonp\n[{\"op\":\"remove\",\"path\":\"/x\"}]\n"
		      "--b--",
	  "{\"a\":1}", "!u:11:2: there is nothing at /x" },
	{ HEAD CONFIG "a: 1\n--b\n\n#cloud-config-jsonp\n{\n--b--", "{\"a\":1}", "!u:11:2: " },
	/* Compose adds to what others say of rancher. */
	{ HEAD CONFIG "rancher: {debug: true}\n--b\n\n#compose\nweb: {image: x}\n--b--",
	  "{\"rancher\":{\"debug\":true,\"services\":{\"web\":{\"image\":\"x\"}}}}", NULL },
	/* The launch index of this machine is 1. */
	{ HEAD CONFIG "a: 1\nlaunch-index: 0\n" CONFIG "b: 1\nlaunch-index: 1\n" CONFIG
		      "c: 1\nlaunch-index: [0, 1]\n--b--",
	  "{\"b\":1,\"launch-index\":[0,1],\"c\":1}", NULL },
};

static void check_case(const struct assemble_case *c)
{
	AUTO_BUF struct buf out = { 0 }, messages = { 0 };
	struct fixture f;

	assemble(&f, c->text);
	doc_json_write(f.a.config, &out);
	said(&f, &messages);
	if (strcmp(buf_text(&out), c->want))
		fail_msg("%s\ngives %s\nand says %s", c->text, buf_text(&out), buf_text(&messages));
	if (c->said ? strncmp(buf_text(&messages), c->said, strlen(c->said)) : messages.len > 0)
		fail_msg("%s\nsays %s", c->text, buf_text(&messages));
	assert_int_equal(f.a.failed, doc_has_errors(f.p));
	doc_pool_free(f.p);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_case(&cases[i]);
}

/* Whoever keeps one plain document keeps its text. */
static void test_only(void **state)
{
	struct fixture f;

	(void)state;
	assemble(&f, HEAD "--b\n\n#!/bin/sh\n" CONFIG "a: 1\n--b--");
	assert_non_null(f.a.only);
	assert_string_equal(f.a.only->text, "a: 1");
	doc_pool_free(f.p);
	assemble(&f, "#cloud-config\nmerge_how: dict()\na: 1\n");
	assert_null(f.a.only);
	doc_pool_free(f.p);
	assemble(&f, HEAD CONFIG "a: 1\n" CONFIG "b: 1\n--b--");
	assert_null(f.a.only);
	doc_pool_free(f.p);
	assemble(&f, "#cloud-config-jsonp\n[]");
	assert_null(f.a.only);
	assert_non_null(f.a.config);
	doc_pool_free(f.p);
}

static void test_origins(void **state)
{
	const struct doc_node *n;
	struct fixture f;

	(void)state;
	assemble(&f, HEAD CONFIG "a: 1\n" CONFIG "a: 2\n--b\nContent-Transfer-Encoding: base64\n\n"
				 "I2Nsb3VkLWNvbmZpZwpiOiAxCg==\n--b--");
	n = doc_key(f.a.config, "a");
	assert_int_equal(n->origin.line, 11);
	assert_int_equal(n->replaced->origin.line, 7);
	n = doc_key(f.a.config, "b");
	assert_string_equal(n->origin.source, "u:part-003");
	assert_int_equal(n->origin.line, 2);
	doc_pool_free(f.p);
}

static void test_vendor(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf out = { 0 };
	const struct doc_node *vendor = NULL, *user = NULL;
	struct error err = { 0 };

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	assert_ok(doc_yaml(p, "v", "{a: {x: 1, y: 1}, l: [1], v: 1}", 31, &vendor, &err), &err);
	assert_ok(doc_yaml(p, "u", "{a: {x: 2}, l: [2]}", 19, &user, &err), &err);
	doc_json_write(assemble_layers(p, vendor, user), &out);
	assert_string_equal(buf_text(&out), "{\"a\":{\"x\":2,\"y\":1},\"l\":[2],\"v\":1}");
	buf_reset(&out);
	doc_json_write(assemble_layers(p, NULL, NULL), &out);
	assert_string_equal(buf_text(&out), "{}");
	assert_true(assemble_wants_vendor(user));
	assert_ok(doc_yaml(p, "u", "{vendor_data: {enabled: false}}", 31, &user, &err), &err);
	assert_false(assemble_wants_vendor(user));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_only),
		cmocka_unit_test(test_origins),
		cmocka_unit_test(test_vendor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
