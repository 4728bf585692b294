/* SPDX-License-Identifier: Apache-2.0 */
/* Documents: look-ups by path, copies with a change, merging, messages. */
#include "tests/unit/check.h"

#include <errno.h>

#include "lib/doc/doc.h"

struct fixture {
	struct doc_pool *p;
};

static int setup(void **state)
{
	static struct fixture f;

	*state = &f;
	return doc_pool_new(&f.p, NULL);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	doc_pool_free(f->p);
	return 0;
}

static const struct doc_node *yaml(struct fixture *f, const char *source, const char *text)
{
	const struct doc_node *n = NULL;
	struct error err = { 0 };

	assert_ok(doc_yaml(f->p, source, text, strlen(text), &n, &err), &err);
	return n;
}

static void assert_json(const struct doc_node *n, const char *json)
{
	AUTO_BUF struct buf out = { 0 };

	doc_json_write(n, &out);
	assert_string_equal(buf_text(&out), json);
}

static void test_paths(void **state)
{
	const struct doc_node *n =
		yaml(*state, "t",
		     "a: {b.c: {d: 1}, l: [x, {y: 2}]}\ns: text\nn:\nt: \"yes\"\nq: '22'\n");

	assert_int_equal(doc_int(n, "a.\"b.c\".d", 0), 1);
	assert_string_equal(doc_str(n, "a.l.0", ""), "x");
	assert_int_equal(doc_int(n, "a.l.1.y", 0), 2);
	assert_null(doc_at(n, "a.l.2"));
	assert_null(doc_at(n, "a.l.x"));
	assert_null(doc_at(n, "a.b.c"));
	assert_null(doc_at(n, "s.x"));
	assert_null(doc_at(n, "a..l"));
	assert_null(doc_at(n, "a."));
	assert_null(doc_at(n, ".a"));
	assert_null(doc_at(n, "\"a"));
	assert_null(doc_at(NULL, "a"));
	assert_ptr_equal(doc_at(n, ""), n);
	assert_string_equal(doc_str(n, "n", "none"), "none");
	assert_string_equal(doc_str(n, "a", "none"), "none");
	assert_true(doc_bool(n, "t", false));
	assert_true(doc_bool(n, "s", true));
	assert_int_equal(doc_int(n, "q", 0), 22);
	assert_int_equal(doc_int(n, "s", 7), 7);
}

static void test_with(void **state)
{
	struct fixture *f = *state;
	const struct doc_node *n = yaml(f, "t", "a: {b: 1}\nl: [1]\n");
	const struct doc_node *two = doc_new_int(f->p, "code", 2), *with;

	with = doc_with(f->p, n, "a.c", two);
	assert_json(with, "{\"a\":{\"b\":1,\"c\":2},\"l\":[1]}");
	assert_json(n, "{\"a\":{\"b\":1},\"l\":[1]}");
	assert_json(doc_with(f->p, n, "a.b", two), "{\"a\":{\"b\":2},\"l\":[1]}");
	assert_json(doc_with(f->p, NULL, "x.\"y.z\"", two), "{\"x\":{\"y.z\":2}}");
	assert_null(doc_with(f->p, n, "a..b", two));
	assert_null(doc_with(f->p, n, "", two));
	assert_json(doc_without(f->p, n, "a.b"), "{\"a\":{},\"l\":[1]}");
	assert_ptr_equal(doc_without(f->p, n, "a.x"), n);
}

/* A path as deep as a hostile kernel line could make it is refused, not followed. */
static void test_deep_path(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF struct buf path = { 0 };

	for (int i = 0; i < 2000; i++)
		buf_str(&path, "a.");
	buf_str(&path, "a");
	assert_null(doc_with(f->p, NULL, buf_text(&path), doc_new_bool(f->p, "t", true)));
}

struct merge_case {
	const char *base, *over, *json;
	size_t messages;
};

static const struct merge_case merges[] = {
	{ "{a: 1}", "{b: 2}", "{\"a\":1,\"b\":2}", 0 },
	{ "{a: {x: 1, y: 2}}", "{a: {y: 3}}", "{\"a\":{\"x\":1,\"y\":3}}", 0 },
	{ "{a: [1, 2]}", "{a: [3]}", "{\"a\":[3]}", 0 },
	{ "{a: 1}", "{a: }", "{\"a\":null}", 0 },
	{ "{a: 1}", "{a: {b: 2}}", "{\"a\":{\"b\":2}}", 0 },
	{ "{a: {b: 1}}", "{a: {}}", "{\"a\":{\"b\":1}}", 0 },
	/* A stray line must not wipe a layer … */
	{ "{rancher: {services: {x: {image: y}}}}", "{rancher: }",
	  "{\"rancher\":{\"services\":{\"x\":{\"image\":\"y\"}}}}", 1 },
	{ "{rancher: {services: {x: {image: y}}}}", "{rancher: {services: }}",
	  "{\"rancher\":{\"services\":{\"x\":{\"image\":\"y\"}}}}", 1 },
	{ "{rancher: {services: {x: {image: y}}}}", "{rancher: {services: [x]}}",
	  "{\"rancher\":{\"services\":{\"x\":{\"image\":\"y\"}}}}", 1 },
	/* … but a service can be taken away, and its parts may change their form. */
	{ "{rancher: {services: {x: {image: y}}}}", "{rancher: {services: {x: }}}",
	  "{\"rancher\":{\"services\":{\"x\":null}}}", 0 },
	{ "{rancher: {services: {x: {environment: {a: b}}}}}",
	  "{rancher: {services: {x: {environment: [a=b]}}}}",
	  "{\"rancher\":{\"services\":{\"x\":{\"environment\":[\"a=b\"]}}}}", 0 },
};

static void test_merge(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(merges); i++) {
		struct fixture f = { 0 };
		size_t n;

		assert_int_equal(doc_pool_new(&f.p, NULL), 0);
		assert_json(doc_merge(f.p, yaml(&f, "base", merges[i].base),
				      yaml(&f, "over", merges[i].over)),
			    merges[i].json);
		(void)doc_messages(f.p, &n);
		assert_int_equal(n, merges[i].messages);
		doc_pool_free(f.p);
	}
}

static void test_merge_remembers(void **state)
{
	struct fixture *f = *state;
	const struct doc_node *n = yaml(f, "one", "a: {b: 1}\n"), *v;

	n = doc_merge(f->p, n, yaml(f, "two", "\na: {b: 2}\n"));
	n = doc_merge(f->p, n, yaml(f, "three", "a: {b: 3}\n"));
	v = doc_at(n, "a.b");
	assert_string_equal(v->origin.source, "three");
	assert_string_equal(v->replaced->origin.source, "two");
	assert_int_equal(v->replaced->origin.line, 2);
	assert_string_equal(v->replaced->replaced->origin.source, "one");
	assert_null(v->replaced->replaced->replaced);
}

/* Two maps of 40 000 keys: no quadratic look-ups. */
static void test_merge_large(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF struct buf a = { 0 }, b = { 0 };
	const struct doc_node *n;

	for (int i = 0; i < 40000; i++) {
		buf_fmt(&a, "k%d: 1\n", i);
		buf_fmt(&b, "k%d: 2\n", i + 20000);
	}
	n = doc_merge(f->p, yaml(f, "a", buf_text(&a)), yaml(f, "b", buf_text(&b)));
	assert_int_equal(n->len, 60000);
	assert_int_equal(doc_int(n, "k20000", 0), 2);
	assert_int_equal(doc_int(n, "k19999", 0), 1);
}

static void test_messages(void **state)
{
	struct fixture *f = *state;
	struct error err = { 0 };
	AUTO_BUF struct buf out = { 0 };
	const struct doc_message *m;
	size_t n;

	(void)error_set(&err, EBADMSG, "file.yml:3:7: what is wrong");
	doc_say_error(f->p, "file.yml", &err);
	doc_say_error(f->p, "file.yml", &err);
	(void)error_set(&err, EIO, "file.yml: Input/output error");
	doc_say_error(f->p, "file.yml", &err);
	m = doc_messages(f->p, &n);
	assert_int_equal(n, 2);
	assert_true(doc_has_errors(f->p));
	assert_int_equal(m[0].origin.line, 3);
	assert_int_equal(m[0].origin.column, 7);
	assert_string_equal(m[0].text, "what is wrong");
	doc_message_text(&m[1], &out);
	assert_string_equal(buf_text(&out), "file.yml: Input/output error");
	buf_reset(&out);
	doc_messages_json(f->p, &out);
	assert_string_equal(
		buf_text(&out),
		"[{\"level\":\"error\",\"file\":\"file.yml\",\"line\":3,\"column\":7,"
		"\"text\":\"what is wrong\"},{\"level\":\"error\",\"file\":\"file.yml\","
		"\"line\":0,\"column\":0,\"text\":\"Input/output error\"}]");
}

/* A flood of messages is bounded, and still means that there are errors. */
static void test_message_flood(void **state)
{
	struct fixture *f = *state;
	size_t n;

	for (unsigned i = 1; i < 1000; i++)
		doc_say(f->p, false, (struct doc_origin){ "x", i, 1 }, "no");
	doc_say(f->p, true, (struct doc_origin){ "x", 1000, 1 }, "no");
	(void)doc_messages(f->p, &n);
	assert_int_equal(n, 200);
	assert_true(doc_has_errors(f->p));
}

/* What is written as YAML reads back the same. */
static void test_emit(void **state)
{
	static const char *const texts[] = {
		"{}",
		"[]",
		"null",
		"\"x\"",
		"{\"a\":\"\",\"b\":\"yes\",\"c\":\"1\",\"d\":\"- x\",\"e\":\"a: b\",\"f\":\"x "
		"#y\",\"g\":\" s \"}",
		"{\"a\":\"l1\\nl2\\n\",\"b\":\"l1\\n\\n  l3\\n\",\"c\":\"no newline\\nat end\","
		"\"d\":\"\\n\"}",
		"{\"a\":[{\"b\":[1,[2,3],{}],\"c\":null}],\"d.e\":{\"f\":true},\"1\":1.5}",
		"{\"u\":\"\xe2\x80\xa8\xc2\x85\xef\xbb\xbf x\",\"f\":\"\xef\xbf\xbe \xef\xbf\xbf\","
		"\"t\":\"\\ttab\\r\\u0001\","
		"\"q\":\"\\\"'\\\\\"}",
		"{\"n\":18446744073709551616,\"o\":\"0755\",\"x\":\"*a\",\"y\":\"!b\",\"z\":\"=\","
		"\"w\":\"...\"}",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		AUTO_BUF struct buf out = { 0 };
		const struct doc_node *n = NULL;
		struct error err = { 0 };

		assert_ok(doc_json_parse(f->p, "t", texts[i], strlen(texts[i]), &n, &err), &err);
		doc_yaml_write(n, &out);
		assert_json(yaml(f, "t", buf_text(&out)), texts[i]);
	}
}

/* Long keys, at every depth and around both limits: ours and the 1024 characters of libyaml. */
static void test_emit_long_keys(void **state)
{
	static const char *const values[] = { "1", "\"x y\"", "{\"a\":[1]}", "[{\"a\":{}},[2]]" };
	static const size_t lengths[] = { 255, 256, 1021, 1022, 1023, 1024, 1025, 5000 };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		AUTO_BUF struct buf text = { 0 }, out = { 0 };
		const struct doc_node *n = NULL;
		struct error err = { 0 };

		buf_str(&text, "{\"m\":[{");
		for (size_t j = 0; j < 2 * ARRAY_LEN(values); j++) {
			buf_str(&text, j ? ",\"" : "\"");
			for (size_t k = 0; k < lengths[i]; k++)
				buf_str(&text, j % 2 ? "k" : "\\u0001");
			buf_fmt(&text, "%zu\":%s", j, values[j / 2]);
		}
		buf_str(&text, "}]}");
		assert_ok(doc_json_parse(f->p, "t", buf_text(&text), text.len, &n, &err), &err);
		doc_yaml_write(n, &out);
		assert_json(yaml(f, "t", buf_text(&out)), buf_text(&text));
	}
}

static void test_emit_binary(void **state)
{
	AUTO_BUF struct buf out = { 0 };
	const struct doc_node *n = yaml(*state, "t", "a: !!binary AP+A\n");

	doc_yaml_write(n, &out);
	assert_string_equal(buf_text(&out), "a: !!binary \"AP+A\"\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_paths, setup, teardown),
		cmocka_unit_test_setup_teardown(test_with, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deep_path, setup, teardown),
		cmocka_unit_test(test_merge),
		cmocka_unit_test_setup_teardown(test_merge_remembers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_merge_large, setup, teardown),
		cmocka_unit_test_setup_teardown(test_messages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_message_flood, setup, teardown),
		cmocka_unit_test_setup_teardown(test_emit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_emit_long_keys, setup, teardown),
		cmocka_unit_test_setup_teardown(test_emit_binary, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
