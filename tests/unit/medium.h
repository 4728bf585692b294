/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine below a scratch directory, with media made by the tools that users make them with, and
 * one datasource asked on it.
 */
#pragma once

#include "tests/unit/check.h"
#include "tests/unit/scratch.h"

#include <fcntl.h>

#include "datasource/registry.h"
#include "lib/file.h"
#include "lib/proc.h"
#include "lib/scope.h"

#define MEDIUM_MAKE_MS 20000

struct medium {
	struct scratch s;
	int root;
	struct machine m;
	struct datasource_payload payload;
	struct datasource_ctx ctx;
	struct error err;
};

static inline int medium_setup(void **state)
{
	static struct medium f;

	f = (struct medium){ .s = scratch_make() };
	*state = &f;
	return file_root_open(f.s.path, &f.root, NULL);
}

static inline int medium_teardown(void **state)
{
	struct medium *f = *state;

	datasource_payload_done(&f->payload);
	(void)close(f->root);
	scratch_done(&f->s);
	return 0;
}

#define MEDIUM_TEST(test) cmocka_unit_test_setup_teardown(test, medium_setup, medium_teardown)

static inline void medium_put(struct medium *f, const char *path, const char *text)
{
	struct file_attr attr = { .mode = 0600, .uid = geteuid(), .gid = getegid() };

	assert_ok(file_publish(f->root, path, text, strlen(text), &attr, NULL, &f->err), &f->err);
}

/* Run bash in the machine's root with a folder `t` for the medium's files, emptied before. The
 * functions iso LABEL NAME [DIR] and fat LABEL NAME make dev/NAME from it. */
static inline void medium_make(struct medium *f, const char *script)
{
	static const char functions[] =
		"cd \"$1\"; rm -rf t; mkdir -p t dev; export MTOOLS_SKIP_CHECK=1\n"
		"iso() { xorriso -as mkisofs -quiet -V \"$1\" -J -r -o dev/$2 t 2>/dev/null; }\n"
		"fat() { rm -f dev/$2; truncate -s 4M dev/$2; mkfs.vfat -n \"$1\" dev/$2 "
		">/dev/null; "
		"mcopy -s -i dev/$2 t/* ::; }\n";
	AUTO_BUF struct buf text = { 0 };
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(65536);
	const char *argv[] = { "bash", "-ec", NULL, "make", f->s.path, NULL };

	buf_fmt(&text, "%s%s\nrm -rf t\n", functions, script);
	argv[2] = buf_text(&text);
	assert_ok(proc_run(argv, NULL, MEDIUM_MAKE_MS, &out, &f->err), &f->err);
}

/* Ask NAME[:ARG] as `ros datasource fetch` does. */
static inline int medium_fetch(struct medium *f, const char *name)
{
	size_t len = strcspn(name, ":");
	const struct datasource *s = registry_find(name, len);

	assert_non_null(s);
	machine_load(&f->m, f->root);
	f->ctx.machine = &f->m;
	f->ctx.arg = name[len] ? name + len + 1 : NULL;
	f->err = (struct error){ 0 };
	datasource_payload_done(&f->payload);
	f->payload = (struct datasource_payload){ 0 };
	return s->fetch(&f->ctx, &f->payload, &f->err);
}

static inline void medium_fetch_ok(struct medium *f, const char *name)
{
	assert_ok(medium_fetch(f, name), &f->err);
}

/* What the facts say about one source. */
static inline struct datasource_clue medium_clue(struct medium *f, const char *name)
{
	struct registry_choice all[REGISTRY_MAX];
	size_t n, chosen;

	machine_load(&f->m, f->root);
	n = registry_choose(&f->m, NULL, all, &chosen);
	for (size_t i = 0; i < n; i++)
		if (!strcmp(all[i].source->name, name))
			return all[i].clue;
	fail_msg("no datasource %s", name);
	return (struct datasource_clue){ 0 };
}

/* The text of a part; "(none)" when the source has no such part. */
static inline const char *medium_part(const struct medium *f, enum datasource_part part)
{
	return f->payload.has[part] ? buf_text(&f->payload.part[part]) : "(none)";
}

#define assert_part(f, part, text) assert_string_equal(medium_part(f, DATASOURCE_##part), text)
