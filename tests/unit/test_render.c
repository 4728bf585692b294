/* SPDX-License-Identifier: Apache-2.0 */
/* Publishing rendered files: only when changed, never a bad one, the last good one stays. */
#include "tests/unit/check.h"
#include "tests/unit/put.h"
#include "tests/unit/scratch.h"

#include <errno.h>

#include "lib/file.h"
#include "lib/proc.h"
#include "lib/scope.h"
#include "templates/render.h"
#include "templates/target.h"
#include "templates/template.h"

#define DEST "/etc/x.conf"

static const char *const check_line[] = { "/bin/grep", "-q", "^port [0-9]*$", TARGET_CANDIDATE,
					  NULL };

static const struct target target = { "x", "x.tmpl", "port {{ port | word }}\n", DEST, 0640,
				      TARGET_RENAME, check_line, NULL };

struct fixture {
	struct scratch s;
	int root;
	struct doc_pool *p;
	struct render r;
};

static int setup(void **state)
{
	static struct fixture f;
	const char *plain = "port: 1";

	f = (struct fixture){ .s = scratch_make() };
	*state = &f;
	if (doc_pool_new(&f.p, NULL) < 0 || file_root_open(f.s.path, &f.root, NULL) < 0)
		return -1;
	f.r = (struct render){ .root = f.root, .live = true };
	return doc_yaml(f.p, "plain", plain, strlen(plain), &f.r.plain, NULL);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	doc_pool_free(f->p);
	(void)close(f->root);
	scratch_done(&f->s);
	return 0;
}

static void put(struct fixture *f, const char *path, const char *text)
{
	put_file(f->root, path, text, strlen(text), 0755);
}

static int render(struct fixture *f, const struct target *t, const char *yaml, bool *changed,
		  struct error *err)
{
	assert_ok(doc_yaml(f->p, "data", yaml, strlen(yaml), &f->r.data, err), err);
	return render_target(&f->r, t, changed, err);
}

static void assert_file(struct fixture *f, const char *want)
{
	AUTO_BUF struct buf b = { 0 };
	struct error err = { 0 };

	assert_ok(file_read(f->root, DEST, &b, &err), &err);
	assert_string_equal(buf_text(&b), want);
}

static void test_only_when_changed(void **state)
{
	struct fixture *f = *state;
	struct error err = { 0 };
	bool changed = false;

	assert_ok(render(f, &target, "port: 22", &changed, &err), &err);
	assert_true(changed);
	assert_file(f, "port 22\n");
	assert_ok(render(f, &target, "port: 22", &changed, &err), &err);
	assert_false(changed);
	assert_ok(render(f, &target, "port: 23", &changed, &err), &err);
	assert_true(changed);
}

static void test_template_on_disk_wins(void **state)
{
	struct fixture *f = *state;
	struct error err = { 0 };
	bool changed;

	put(f, TARGET_SOURCES "/x.tmpl", "port {{ port }}\n# own\n");
	assert_ok(render(f, &target, "port: 22", &changed, &err), &err);
	assert_file(f, "port 22\n# own\n");
}

static void test_bad_value_keeps_last_good(void **state)
{
	struct fixture *f = *state;
	struct error err = { 0 };
	bool changed = true;

	assert_ok(render(f, &target, "port: 22", &changed, &err), &err);
	assert_int_equal(render(f, &target, "port: \"22\\nPermitRootLogin yes\"", &changed, &err),
			 -EBADMSG);
	assert_false(changed);
	assert_string_equal(err.msg,
			    DEST " stays as it was: x.tmpl:1: the value holds a character that "
				 "may not stand here: port");
	assert_file(f, "port 22\n");
}

/* On a first boot there is no last good file: the defaults are better than none. */
static void test_bad_value_without_last_good(void **state)
{
	struct fixture *f = *state;
	struct error err = { 0 };
	bool changed = false;

	assert_int_equal(render(f, &target, "port: a b", &changed, &err), -EBADMSG);
	assert_true(changed);
	assert_non_null(strstr(err.msg, DEST " is as without configuration: "));
	assert_file(f, "port 1\n");
}

/* The checker runs on the machine itself, so its path is the machine's: a script in the scratch
 * directory, reached through a target that names it. */
static void test_checker(void **state)
{
	struct fixture *f = *state;
	char program[128], log[128], script[512];
	const char *const argv[] = { program, TARGET_CANDIDATE, NULL };
	struct target t = target;
	struct error err = { 0 };
	AUTO_BUF struct buf b = { 0 }, more = { 0 };
	bool changed;

	(void)snprintf(program, sizeof(program), "%s/check", f->s.path);
	(void)snprintf(log, sizeof(log), "%s/log", f->s.path);
	(void)snprintf(
		script, sizeof(script),
		"#!/bin/sh\ngrep port %s$1 >>%s\nif grep -q 66 %s$1; then echo 'port 66 is taken'; "
		"exit 1; fi\n",
		f->s.path, log, f->s.path);
	put(f, "/check", script);
	put(f, program, "here too: it is looked for below the root\n");
	t.check = argv;
	assert_ok(render(f, &t, "port: 22", &changed, &err), &err);
	assert_ok(render(f, &t, "port: 22", &changed, &err), &err); /* unchanged: not checked */
	assert_int_equal(render(f, &t, "port: 66", &changed, &err), -EIO);
	assert_non_null(strstr(err.msg, "refuses it: "));
	assert_non_null(strstr(err.msg, "port 66 is taken"));
	assert_file(f, "port 22\n");
	assert_ok(render(f, &t, "port: 1", &changed, &err), &err); /* the defaults: not checked */
	assert_ok(file_read(f->root, "/log", &b, &err), &err);
	assert_string_equal(buf_text(&b), "port 22\nport 66\n");
	assert_false(file_exists(f->root, "/run/ros/candidate/x"));
	/* What somebody adds is checked though the file has it already, and costs only itself. */
	f->r.addition = &more;
	buf_str(&more, "# mine\n");
	assert_ok(render(f, &t, "port: 22", &changed, &err), &err);
	assert_file(f, "port 22\n# mine\n");
	buf_reset(&more);
	buf_str(&more, "# 66\n");
	put(f, DEST, "port 22\n# 66\n");
	assert_int_equal(render(f, &t, "port: 22", &changed, &err), -EIO);
	assert_non_null(strstr(err.msg, "what write_files adds is left out"));
	assert_file(f, "port 22\n");
}

static void test_in_place(void **state)
{
	struct fixture *f = *state;
	struct target t = target;
	struct stat before, after;
	char path[128];
	struct error err = { 0 };
	bool changed;

	t.publish = TARGET_IN_PLACE;
	t.check = NULL;
	(void)snprintf(path, sizeof(path), "%s" DEST, f->s.path);
	assert_ok(file_mkdir(f->root, "/etc", 0755, &err), &err);
	assert_ok(render(f, &t, "port: 22", &changed, &err), &err);
	assert_int_equal(stat(path, &before), 0);
	assert_ok(render(f, &t, "port: 23", &changed, &err), &err);
	assert_int_equal(stat(path, &after), 0);
	assert_int_equal(before.st_ino, after.st_ino);
	assert_file(f, "port 23\n");
	/* While booting nobody has it mounted: whole or not at all is better. */
	f->r.boot = true;
	assert_ok(render(f, &t, "port: 24", &changed, &err), &err);
	assert_int_equal(stat(path, &after), 0);
	assert_int_not_equal(before.st_ino, after.st_ino);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_only_when_changed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_template_on_disk_wins, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_value_keeps_last_good, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_value_without_last_good, setup, teardown),
		cmocka_unit_test_setup_teardown(test_checker, setup, teardown),
		cmocka_unit_test_setup_teardown(test_in_place, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
