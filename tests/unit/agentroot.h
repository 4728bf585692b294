/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A root directory of its own below which the agent applies user-data: for tests of its modules.
 */
#pragma once

#include "tests/unit/check.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

#include "agent/apply/apply.h"
#include "lib/file.h"
#include "lib/proc.h"
#include "lib/scope.h"

struct agentroot {
	struct scratch s;
	int root;
	struct doc_pool *p;
	struct datasource_payload payload;
	struct apply a;
};

static inline int agentroot_setup(void **state)
{
	static struct agentroot f;

	f = (struct agentroot){ .s = scratch_make(), .payload = { .source = "nocloud" } };
	*state = &f;
	return file_root_open(f.s.path, &f.root, NULL);
}

static inline int agentroot_teardown(void **state)
{
	struct agentroot *f = *state;

	doc_pool_free(f->p);
	datasource_payload_done(&f->payload);
	(void)close(f->root);
	scratch_done(&f->s);
	return 0;
}

static inline void agentroot_give(struct agentroot *f, enum datasource_part part, const char *text)
{
	buf_reset(&f->payload.part[part]);
	f->payload.has[part] = text != NULL;
	if (text)
		buf_str(&f->payload.part[part], text);
}

static inline void agentroot_put(struct agentroot *f, const char *path, const char *text)
{
	struct file_attr attr = { .mode = 0644, .uid = geteuid(), .gid = getegid() };
	struct error err = { 0 };

	assert_ok(file_publish(f->root, path, text, strlen(text), &attr, NULL, &err), &err);
}

static inline void agentroot_again(struct agentroot *f)
{
	struct error err = { 0 };

	doc_pool_free(f->p);
	f->p = NULL;
	assert_ok(doc_pool_new(&f->p, &err), &err);
	f->a = (struct apply){
		.root = f->root, .pool = f->p, .payload = &f->payload, .allow_loopback = true
	};
	assert_ok(apply_all(&f->a, &err), &err);
}

/* "#cloud-config" goes before it. */
static inline void agentroot_apply(struct agentroot *f, const char *yaml)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(64u << 20);

	buf_fmt(&text, "#cloud-config\n%s", yaml);
	agentroot_give(f, DATASOURCE_USER_DATA, buf_text(&text));
	agentroot_again(f);
}

static inline const char *agentroot_result(const struct agentroot *f, const char *name)
{
	for (size_t i = 0; i < f->a.n_rows; i++)
		if (!strcmp(f->a.rows[i].name, name))
			return module_result_name(f->a.rows[i].result);
	fail_msg("no row %s", name);
	return "";
}

static inline void agentroot_messages(const struct agentroot *f, struct buf *all)
{
	size_t n;
	const struct doc_message *m = doc_messages(f->p, &n);

	for (size_t i = 0; i < n; i++) {
		doc_message_text(&m[i], all);
		buf_char(all, '\n');
	}
}

static inline void agentroot_said(const struct agentroot *f, const char *part)
{
	AUTO_BUF struct buf all = { 0 };

	agentroot_messages(f, &all);
	if (!strstr(buf_text(&all), part))
		fail_msg("\"%s\" is not among: %s", part, buf_text(&all));
}

static inline void agentroot_silent(const struct agentroot *f)
{
	AUTO_BUF struct buf all = { 0 };

	agentroot_messages(f, &all);
	if (all.len)
		fail_msg("it says: %s", buf_text(&all));
}

static inline void agentroot_read(const struct agentroot *f, const char *path, struct buf *out)
{
	struct error err = { 0 };

	assert_ok(file_read(f->root, path, out, &err), &err);
}

static inline void agentroot_text(const struct agentroot *f, const char *path, const char *want)
{
	AUTO_BUF struct buf b = { 0 };

	agentroot_read(f, path, &b);
	assert_string_equal(buf_text(&b), want);
}

static inline void agentroot_has(const struct agentroot *f, const char *path, const char *part)
{
	AUTO_BUF struct buf b = { 0 };

	agentroot_read(f, path, &b);
	if (!strstr(buf_text(&b), part))
		fail_msg("%s has no \"%s\": %s", path, part, buf_text(&b));
}

static inline struct stat agentroot_stat(const struct agentroot *f, const char *path)
{
	struct stat st = { 0 };
	char full[512];

	(void)snprintf(full, sizeof(full), "%s%s", f->s.path, path);
	if (lstat(full, &st) < 0)
		fail_msg("%s: %s", full, strerror(errno));
	return st;
}

static inline void agentroot_mode(const struct agentroot *f, const char *path, mode_t mode)
{
	assert_int_equal(agentroot_stat(f, path).st_mode & 07777, mode);
}

static inline void agentroot_link(const struct agentroot *f, const char *target, const char *path)
{
	char full[512];

	(void)snprintf(full, sizeof(full), "%s%s", f->s.path, path);
	assert_int_equal(symlink(target, full), 0);
}

/* Names, inodes and times of all files, as text. */
static inline void agentroot_list(const struct agentroot *f, struct buf *out)
{
	char script[256];
	const char *argv[] = { "/bin/sh", "-c", script, NULL };
	struct error err = { 0 };

	(void)snprintf(script, sizeof(script),
		       "cd '%s' && find . -type f -printf '%%p %%i %%T@ %%m\n' | sort", f->s.path);
	assert_ok(proc_run(argv, NULL, 20000, out, &err), &err);
}

/* Applied a second time, nothing changes: no result says so, and no file was written. */
static inline void agentroot_idempotent(struct agentroot *f)
{
	AUTO_BUF struct buf before = { 0 }, after = { 0 };

	agentroot_list(f, &before);
	agentroot_again(f);
	for (size_t i = 0; i < f->a.n_rows; i++)
		if (f->a.rows[i].result != MODULE_UNCHANGED &&
		    f->a.rows[i].result != MODULE_SKIPPED)
			fail_msg("%s: %s", f->a.rows[i].name,
				 module_result_name(f->a.rows[i].result));
	agentroot_list(f, &after);
	assert_string_equal(buf_text(&before), buf_text(&after));
}

#define agentroot_test(name) \
	cmocka_unit_test_setup_teardown(name, agentroot_setup, agentroot_teardown)
