/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the agent sets up: each module applies one part of the configuration, idempotently, and is a
 * file of its own, agent/modules/mod_<name>.c, with a row in module.c. The order of the rows is the order
 * in which they run. A module that fails does not stop the others.
 */
#pragma once

#include <stdbool.h>

#include "agent/instance.h"
#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/doc/doc.h"
#include "lib/file.h"

enum module_result {
	MODULE_UNCHANGED, /* it is as it should be */
	MODULE_CHANGED,
	MODULE_SKIPPED,   /* nothing asked for, or it needs a running system */
	MODULE_FAILED,    /* the pool's messages say what */
	MODULE_N_RESULTS
};

struct module_ctx {
	int root;
	bool live;       /* on the machine itself: kernel settings are changed, programs run */
	bool boot;       /* no container runs yet that has a file of /etc mounted */
	bool privileged; /* owners of files can be set */
	struct doc_pool *pool;
	const struct doc_node *config; /* merged */
	const struct instance *instance;
};

struct module {
	const char *name;
	/* `message` may get a sentence about the result. */
	enum module_result (*apply)(const struct module_ctx *c, struct buf *message);
};

extern const struct module *const module_all[]; /* NULL-terminated */
extern const struct module module_hostname, module_ssh_authorized_keys, module_write_files,
	module_sysctl, module_modules, module_runcmd, module_pending;

const char *module_result_name(enum module_result r);
/* The graver of two results: failed, changed, unchanged, skipped. */
enum module_result module_worse(enum module_result a, enum module_result b);
/* Attributes for a file that the module writes at every boot: owners only where they can be set,
 * and no waiting for the disk. */
struct file_attr module_attr(const struct module_ctx *c, mode_t mode, uid_t uid, gid_t gid);
