/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of write_files: attributes, encodings, and what is refused. */
#include "tests/unit/check.h"

#include "agent/userdata/filespec.h"

struct mode_case {
	const char *text;
	int mode; /* -1: refused */
};

static const struct mode_case modes[] = {
	{ "644", 0644 },     { "0644", 0644 }, { "0o644", 0644 }, { "4755", 04755 },
	{ "04755", 04755 },  { "0600", 0600 }, { "000", 0 },	  { "420", 0420 },
	{ "888", -1 },	     { "64", -1 },     { "14755", -1 },	  { "", -1 },
	{ "rw-r--r--", -1 }, { "-644", -1 },   { "0x1ff", -1 },
};

static void test_modes(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		mode_t mode = 0;
		bool good = filespec_mode(modes[i].text, &mode);

		if (good != (modes[i].mode >= 0) || (good && (int)mode != modes[i].mode))
			fail_msg("\"%s\": %d %o", modes[i].text, good, mode);
	}
}

struct spec_case {
	const char *yaml;
	const char *path, *content; /* path NULL: refused */
	const char *error;
};

/* "hello" in its forms */
#define GZ "H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA=="

static const struct spec_case specs[] = {
	{ "{path: /a, content: x}", "/a", "x", NULL },
	{ "{path: /a}", "/a", "", NULL },
	{ "{path: /a, content: }", "/a", "", NULL },
	{ "{path: /a, content: 0755}", "/a", "0755", NULL },
	{ "{path: /a//b/./c, content: x}", "/a/b/c", "x", NULL },
	{ "{path: /../../a/../b, content: x}", "/b", "x", NULL },
	{ "{path: /a, content: aGVsbG8=, encoding: b64}", "/a", "hello", NULL },
	{ "{path: /a, content: aGVsbG8=, encoding: BASE64}", "/a", "hello", NULL },
	{ "{path: /a, content: " GZ ", encoding: gz+b64}", "/a", "hello", NULL },
	{ "{path: /a, content: " GZ ", encoding: gzip+base64}", "/a", "hello", NULL },
	{ "{path: /a, content: !!binary " GZ ", encoding: gzip}", "/a", "hello", NULL },
	{ "{path: /a, content: x, encoding: text/plain}", "/a", "x", NULL },
	{ "{content: x}", NULL, NULL, "an entry of write_files without a path" },
	{ "{path: a, content: x}", NULL, NULL, "the path must begin with /" },
	{ "{path: \"/a\\nb\"}", NULL, NULL, "this is no path" },
	{ "{path: \"/a\\0b\"}", NULL, NULL, "this is no path" },
	{ "{path: /a/}", NULL, NULL, "the path must name a file" },
	{ "{path: /..}", NULL, NULL, "the path must name a file" },
	{ "{path: /run/ros/config.json}", NULL, NULL, "this place is not for files" },
	{ "{path: /x/../run/ros/y}", NULL, NULL, "this place is not for files" },
	{ "{path: /a, permissions: 888}", NULL, NULL,
	  "permissions are three or four octal digits" },
	{ "{path: /a, encoding: rot13}", NULL, NULL, "this encoding is unknown" },
	{ "{path: /a, encoding: b64, content: '*'}", NULL, NULL, "no valid base64" },
	{ "{path: /a, encoding: gz+b64, content: aGVsbG8=}", NULL, NULL, "no gzip data" },
	{ "{path: /a, source: {headers: {a: b}}}", NULL, NULL, "a source has a uri" },
	{ "{path: /a, content: {a: b}}", NULL, NULL, "this must be a text" },
	{ "{path: /a, content: [a]}", NULL, NULL, "this must be a text" },
	{ "{path: /a, content: a, permissions: [0600]}", NULL, NULL, "this must be a text" },
	{ "{path: /a, container: ../x}", NULL, NULL, "this is no container's name" },
};

static void check_spec(const struct spec_case *c)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	CLEANUP(filespec_done) struct filespec f;
	const struct doc_message *m;
	const struct doc_node *n = NULL;
	struct error err = { 0 };
	size_t count;
	bool good;

	assert_ok(doc_pool_new(&p, &err), &err);
	assert_ok(doc_yaml(p, "t", c->yaml, strlen(c->yaml), &n, &err), &err);
	good = filespec_read(p, n, &f);
	m = doc_messages(p, &count);
	if (good != (c->path != NULL))
		fail_msg("%s: %s", c->yaml, count ? m->text : "taken");
	if (good) {
		assert_string_equal(f.path, c->path);
		assert_string_equal(buf_text(&f.content), c->content);
		assert_int_equal(count, 0);
		return;
	}
	assert_int_equal(count, 1);
	if (!strstr(m->text, c->error))
		fail_msg("%s: %s", c->yaml, m->text);
	assert_int_equal(m->origin.line, 1);
}

static void test_specs(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(specs); i++)
		check_spec(&specs[i]);
}

/* However it is written, 0644 is 0644. */
static void test_unquoted_octal(void **state)
{
	static const char *const texts[] = { "{path: /a, permissions: 644}",
		"{path: /a, permissions: 0644}", "{path: /a, permissions: \"0644\"}",
		"{path: /a, permissions: '644'}" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		AUTO(doc_pool_free) struct doc_pool *p = NULL;
		CLEANUP(filespec_done) struct filespec f;
		const struct doc_node *n = NULL;

		assert_int_equal(doc_pool_new(&p, NULL), 0);
		assert_int_equal(doc_yaml(p, "t", texts[i], strlen(texts[i]), &n, NULL), 0);
		assert_true(filespec_read(p, n, &f));
		assert_int_equal(f.mode, 0644);
		assert_true(f.has_mode);
		assert_string_equal(f.owner, "root:root");
		assert_string_equal(f.container, "console");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modes),
		cmocka_unit_test(test_specs),
		cmocka_unit_test(test_unquoted_octal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
