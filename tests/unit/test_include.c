/* SPDX-License-Identifier: Apache-2.0 */
/* Includes: fetched, kept for the instance, refused where the rules for users' URLs say so. */
#include "tests/unit/check.h"
#include "tests/unit/fakepage.h"
#include "tests/unit/scratch.h"

#include <errno.h>

#include "agent/userdata/assemble.h"
#include "lib/file.h"

#define OK(body) "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" body

static const struct fakepage_page pages[] = {
	{ "/a", OK("#cloud-config\na: 1\n") },
	{ "/s", OK("#!/bin/sh\n") },
	{ "/again", OK("#include\n/s\n") },
	{ "/self", OK("## template: jinja\n#include {{ self }}\n") },
	{ "/bad", OK("#cloud-config\na: [\n") },
	{ "/page", OK("<html>captive portal</html>") },
	{ "/moved", "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: "
		    "0\r\nConnection: close\r\n\r\n" },
	{ NULL, NULL },
};

struct fixture {
	struct scratch s;
	struct fakepage web;
	struct doc_pool *p;
	struct include inc;
	struct vars vars;
	struct assembled a;
};

static int setup(void **state)
{
	static struct fixture f;

	f = (struct fixture){ .s = scratch_make(), .vars = { .launch_index = -1 } };
	f.inc = (struct include){ .instance_id = "i-1", .allow_loopback = true };
	fakepage_start(&f.web, pages);
	*state = &f;
	return file_root_open(f.s.path, &f.inc.root, NULL);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	fakepage_stop(&f->web);
	include_done(&f->inc);
	doc_pool_free(f->p);
	(void)close(f->inc.root);
	scratch_done(&f->s);
	return 0;
}

/* "%u" in the text is the server's port. */
static void assemble(struct fixture *f, const char *text)
{
	struct unpack_input in = { .source = "u", .include = &f->inc, .vars = &f->vars };
	AUTO_BUF struct buf b = { 0 }, self = { 0 };
	struct error err = { 0 };

	for (const char *s = text; *s; s++) {
		if (!strncmp(s, "%u", 2))
			buf_fmt(&b, "%u", f->web.port);
		else if (s == text || strncmp(s - 1, "%u", 2) != 0)
			buf_char(&b, *s);
	}
	doc_pool_free(f->p);
	f->p = NULL;
	assert_ok(doc_pool_new(&f->p, &err), &err);
	buf_fmt(&self, "http://127.0.0.1:%u/self", f->web.port);
	f->vars.names = doc_with(f->p, NULL, "self", doc_new_str(f->p, "v", buf_text(&self)));
	in.pool = f->p;
	in.data = buf_text(&b);
	in.len = b.len;
	/* Each is a boot of its own. */
	f->inc.n = 0;
	f->inc.deadline = 0;
	assemble_one(&in, &f->a);
}

static void assert_said(const struct fixture *f, const char *part)
{
	size_t n;
	const struct doc_message *m = doc_messages(f->p, &n);
	AUTO_BUF struct buf all = { 0 };

	for (size_t i = 0; i < n; i++) {
		buf_str(&all, m[i].is_error ? "!" : "");
		doc_message_text(&m[i], &all);
		buf_char(&all, '\n');
	}
	if (!strstr(buf_text(&all), part))
		fail_msg("\"%s\" is not among: %s", part, buf_text(&all));
	assert_null(strstr(buf_text(&all), "secret"));
}

static void test_in_order(void **state)
{
	struct fixture *f = *state;
	char source[64];

	assemble(f, "#include http://127.0.0.1:%u/s\n# comment\n\n  http://u:secret@127.0.0.1:%u/a?"
		    "secret  \nhttp://127.0.0.1:%u/s\n");
	assert_int_equal(f->a.parts.n, 2);
	assert_int_equal(f->a.parts.list[0].type, UNPACK_SCRIPT);
	assert_int_equal(f->a.parts.list[1].type, UNPACK_SCRIPT);
	assert_said(f, "!u:4:1: http://127.0.0.1:");
	assemble(f, "#include\nhttp://127.0.0.1:%u/a\n");
	assert_int_equal(doc_int(f->a.config, "a", 0), 1);
	(void)snprintf(source, sizeof(source), "http://127.0.0.1:%u/a", f->web.port);
	assert_string_equal(doc_key(f->a.config, "a")->origin.source, source);
	assert_false(f->a.failed);
	/* Whoever is on the way can change it. */
	assert_said(f, "u:2:1: http://127.0.0.1:");
	assert_said(f, "is fetched without encryption");
}

static void test_once(void **state)
{
	struct fixture *f = *state;

	assemble(f, "#include-once\nhttp://127.0.0.1:%u/s\n");
	assert_int_equal(f->web.requests, 1);
	assemble(f, "#include-once http://127.0.0.1:%u/s\n");
	assert_int_equal(f->web.requests, 1);
	assert_int_equal(f->a.parts.n, 1);
	/* The word without "-once" ends it. */
	assemble(f, "#include-once\n#include\nhttp://127.0.0.1:%u/s\n");
	assert_int_equal(f->web.requests, 2);
	/* Another instance fetches for itself. */
	f->inc.instance_id = "i-2";
	assemble(f, "#include-once\nhttp://127.0.0.1:%u/s\n");
	assert_int_equal(f->web.requests, 3);
	assert_int_equal(f->a.parts.n, 1);
}

/* A server that is away is stood in for by what it said before. */
static void test_server_away(void **state)
{
	struct fixture *f = *state;

	assemble(f, "#include\nhttp://127.0.0.1:%u/a\n");
	fakepage_stop(&f->web);
	f->inc.deadline = 0;
	assemble(f, "#include\nhttp://127.0.0.1:%u/a\n");
	assert_false(f->a.failed);
	assert_int_equal(doc_int(f->a.config, "a", 0), 1);
	assert_said(f, "(the copy of an earlier boot is used)");
}

static void test_refused(void **state)
{
	struct fixture *f = *state;
	static const struct {
		const char *text, *said;
	} rows[] = {
		{ "#include\nfile:///etc/passwd\n",
		  "!u:2:1: file:///etc/passwd: only http:// and" },
		{ "#include\n/etc/passwd\n", "only http:// and" },
		{ "#include\nftp://u:secret@h/x?secret\n", "!u:2:1: ftp://h/x: only http:// and" },
		{ "#include\nhttp://127.0.0.1:%u/none\n", "the server answers 404" },
		{ "#include\nhttp://127.0.0.1:%u/moved\n", "!u:2:1: " },
		{ "#include\nhttp://127.0.0.1:%u/page\n", "/page:1:1: the first line must be" },
		{ "#include\nhttp://127.0.0.1:%u/bad\n", "/bad:3:1: " },
		{ "#include\nhttp://127.0.0.1:%u/again\n", "/again:2:1: /s: only http:// and" },
		{ "#include\nhttp://127.0.0.1:%u/self\n", "packed more than 8 times" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assemble(f, rows[i].text);
		assert_true(f->a.failed);
		assert_said(f, rows[i].said);
	}
}

static void test_this_machine(void **state)
{
	static const char *const urls[] = { "#include\nhttp://127.0.0.1:%u/a\n",
					    "#include\nhttp://localhost:%u/a\n",
					    "#include\nhttp://[::1]:%u/a\n",
					    "#include\nhttp://0x7f000001:%u/a\n" };
	struct fixture *f = *state;

	f->inc.allow_loopback = false;
	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		assemble(f, urls[i]);
		assert_true(f->a.failed);
		assert_int_equal(f->a.parts.n, 0);
	}
	assert_int_equal(f->web.requests, 0);
}

static void test_tls_alone(void **state)
{
	static const char yaml[] = "rancher: {cloud_init: {require_tls: true}}\n";
	struct fixture *f = *state;
	struct file_attr attr = { .mode = 0644, .uid = geteuid(), .gid = getegid() };
	struct error err = { 0 };

	assert_ok(file_publish(f->inc.root, "/var/lib/rancher/conf/cloud-config.yml", yaml,
			       sizeof(yaml) - 1, &attr, NULL, &err),
		  &err);
	assemble(f, "#include\nhttp://127.0.0.1:%u/a\n");
	assert_said(f, "is not encrypted, and rancher.cloud_init.require_tls is set");
	assert_int_equal(f->web.requests, 0);
}

static void test_too_many(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF struct buf text = { 0 };

	buf_str(&text, "#include\n");
	for (int i = 0; i < 40; i++)
		buf_str(&text, "http://127.0.0.1:%u/s\n");
	assemble(f, buf_text(&text));
	assert_int_equal(f->a.parts.n, 32);
	assert_said(f, "more than 32 URLs");
}

/* What is only tried leaves nothing behind. */
static void test_dry(void **state)
{
	struct fixture *f = *state;

	f->inc.dry = true;
	assemble(f, "#include-once\nhttp://127.0.0.1:%u/s\n");
	assert_int_equal(f->a.parts.n, 1);
	assert_false(file_exists(f->inc.root, "/var"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_in_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_once, setup, teardown),
		cmocka_unit_test_setup_teardown(test_server_away, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(test_this_machine, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tls_alone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_too_many, setup, teardown),
		cmocka_unit_test_setup_teardown(test_dry, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
