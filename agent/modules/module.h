/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the agent sets up: each module applies one part of the configuration, idempotently, and is a
 * file of its own, agent/modules/mod_<name>.c, with a row in rows.h. The order of the rows is the
 * order in which they run. A module that fails does not stop the others.
 */
#pragma once

#include <stdbool.h>

#include "agent/userdata/instance.h"
#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/doc/doc.h"
#include "lib/file.h"

enum module_result {
	MODULE_UNCHANGED, /* it is as it should be */
	MODULE_CHANGED,
	MODULE_SKIPPED, /* nothing asked for, or it needs a running system */
	MODULE_FAILED,	/* the pool's messages say what */
	MODULE_N_RESULTS
};

enum module_frequency {
	MODULE_BOOT,	 /* at every boot */
	MODULE_INSTANCE, /* for each instance id, and again when its keys say something else */
	MODULE_ONCE,	 /* once in the life of the machine */
};

struct module_ctx {
	int root;
	bool live;	     /* on the machine itself: kernel settings are changed, programs run */
	bool boot;	     /* no container runs yet that has a file of /etc mounted */
	bool privileged;     /* owners of files can be set */
	bool at_end;	     /* this is the end of the boot */
	bool allow_loopback; /* URLs may lead to this machine (tests) */
	struct doc_pool *pool;
	const struct doc_node *config; /* merged */
	const struct instance *instance;
	struct buf *unwritten; /* write_files notes the entries that gave no file, as " NUMBER ";
				* or NULL */
};

#define MODULE_KEYS 8

struct module {
	const char *name;
	/* `message` may get a sentence about the result. */
	enum module_result (*apply)(const struct module_ctx *c, struct buf *message);
	enum module_frequency frequency;
	bool at_end; /* by `ros boot final`, when everything is up; */
	bool alone;  /* or by a command of its own */
	/* More than its keys says whether there is something to do at the end; or NULL. */
	bool (*wanted)(const struct module_ctx *c);
	/* Dotted paths of what it reads, up to NULL: without any of them it is not asked. None at
	 * all: it is always asked. */
	const char *keys[MODULE_KEYS];
	/* One more, which does not ask for it: it is done again when this changes. Or NULL. */
	const char *also;
};

/* The configuration has something for it. */
bool module_is_wanted(const struct module_ctx *c, const struct module *m);
/* How often it runs: its own frequency, or what rancher.cloud_init.frequency says. */
enum module_frequency module_frequency(const struct module_ctx *c, const struct module *m);
/* Run it if its frequency says so. rancher.cloud_init.frequency.KEY (the module's name, or one of
 * its keys) is boot, instance or once and replaces the default; an "instance" that somebody wrote
 * there means exactly that, whatever the keys say later. */
enum module_result module_run(const struct module_ctx *c, const struct module *m,
			      struct buf *message);
const char *module_result_name(enum module_result r);
/* The graver of two results: failed, changed, unchanged, skipped. */
enum module_result module_worse(enum module_result a, enum module_result b);
enum module_result module_changed(bool changed);
/* Note an error at a place and return MODULE_FAILED. */
enum module_result module_fail(const struct module_ctx *c, struct doc_origin at, const char *fmt,
			       ...) PRINTF_LIKE(3, 4);
/* Attributes for a file that the module writes at every boot: owners only where they can be set,
 * and no waiting for the disk. */
struct file_attr module_attr(const struct module_ctx *c, mode_t mode, uid_t uid, gid_t gid);
/* Publish a file of root's, or remove it. Failures are messages of the pool. */
enum module_result module_write(const struct module_ctx *c, const char *path,
				const struct buf *text, mode_t mode);
enum module_result module_remove(const struct module_ctx *c, const char *path);
/* The items of a key that may be a list or a single value; *one must live as long as the result. */
const struct doc_node *const *module_items(const struct doc_node *n, const struct doc_node **one,
					   size_t *ret_n);
/* A scalar's text without NULs in it, else NULL. */
const char *module_text(const struct doc_node *n);
/* Text without control characters: it can stand in one line of a file. */
bool module_is_line(const char *text);
