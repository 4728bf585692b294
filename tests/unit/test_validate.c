/* SPDX-License-Identifier: Apache-2.0 */
/* Validation of whole files: tests/data/config/good is silent; each file of bad and warn has the
 * lines of its .expect, neither more nor fewer, and only those of bad are errors. */
#include "tests/unit/check.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>

#include "agent/config/validate.h"
#include "agent/service/compose.h"
#include "lib/file.h"
#include "lib/scope.h"

#define DATA "tests/data/config"

static bool read_text(const char *path, struct buf *b)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd >= 0 && file_read_fd(fd, path, b, NULL) == 0;
}

/* All messages as lines "LINE:COLUMN: text"; warnings begin with a word that says so. */
static void validate(const char *path, struct buf *ret_lines, bool *ret_errors)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf text = { 0 };
	const struct doc_message *m;
	struct error err = { 0 };
	size_t n;

	assert_true(read_text(path, &text));
	assert_ok(doc_pool_new(&p, &err), &err);
	assert_ok(validate_text(p, "x", buf_text(&text), text.len, compose_check, &err), &err);
	m = doc_messages(p, &n);
	for (size_t i = 0; i < n; i++)
		buf_fmt(ret_lines, "%s%u:%u: %s\n", m[i].is_error ? "" : "warning: ",
			m[i].origin.line, m[i].origin.column, m[i].text);
	*ret_errors = doc_has_errors(p);
}

static int is_yaml(const struct dirent *e)
{
	const char *dot = strrchr(e->d_name, '.');

	return dot && !strcmp(dot, ".yml");
}

typedef void (*visit)(const char *path);

static int each(const char *dir, visit fn)
{
	struct dirent **names;
	int n = scandir(dir, &names, is_yaml, alphasort);

	assert_true(n > 0);
	for (int i = 0; i < n; i++) {
		char path[512];

		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]->d_name);
		fn(path);
		free(names[i]);
	}
	free(names);
	return n;
}

static void is_silent(const char *path)
{
	AUTO_BUF struct buf lines = { 0 };
	bool errors;

	validate(path, &lines, &errors);
	if (lines.len)
		fail_msg("%s: %s", path, buf_text(&lines));
}

static void compare(const char *path, bool want_errors)
{
	AUTO_BUF struct buf lines = { 0 }, want = { 0 };
	char expect[512];
	bool errors;

	(void)snprintf(expect, sizeof(expect), "%.*s.expect", (int)(strlen(path) - 4), path);
	validate(path, &lines, &errors);
	if (!read_text(expect, &want))
		fail_msg("%s: no such file; what is said now: %s", expect, buf_text(&lines));
	if (strcmp(buf_text(&lines), buf_text(&want)))
		fail_msg("%s: said\n%swanted\n%s", path, buf_text(&lines), buf_text(&want));
	assert_int_equal(errors, want_errors);
}

static void is_bad(const char *path)
{
	compare(path, true);
}

static void is_warned_of(const char *path)
{
	compare(path, false);
}

static void test_good(void **state)
{
	(void)state;
	assert_true(each(DATA "/good", is_silent) >= 30);
}

static void test_bad(void **state)
{
	(void)state;
	assert_true(each(DATA "/bad", is_bad) >= 40);
}

static void test_warnings(void **state)
{
	(void)state;
	(void)each(DATA "/warn", is_warned_of);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_warnings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
