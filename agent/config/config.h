/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The merged configuration: all layers of rancheros.md §4.2 in their order of precedence, lowest
 * first: os-config.yml, OEM, cloud-config.d/ in lexical order, cloud-config.yml, kernel line, and
 * what rancher.debug implies. A layer that cannot be read or parsed is left out, and a message says
 * so; its last good copy (NAME.good, beside it) takes its place where there is one.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

#define CONFIG_OS "/usr/share/ros/os-config.yml"
#define CONFIG_OEM "/usr/share/ros/oem/oem-config.yml"
#define CONFIG_DIR "/var/lib/rancher/conf/cloud-config.d"
#define CONFIG_OWN "/var/lib/rancher/conf/cloud-config.yml"
#define CONFIG_BAD CONFIG_OWN ".bad"
/* What the agent keeps of a datasource, in CONFIG_DIR: vendor-data, user-data and network. */
#define CONFIG_VENDOR CONFIG_DIR "/00-vendor.yml"
#define CONFIG_BOOT CONFIG_DIR "/boot.yml"
#define CONFIG_NETWORK CONFIG_DIR "/network.yml"
/* What boot2docker's disk brought, before it was formatted. */
#define CONFIG_MACHINE CONFIG_DIR "/machine.yml"

/* Load and merge every layer below root into p. *ret is never NULL on success; mistakes in layers
 * are messages of the pool (doc_messages) and no failure. */
int config_load(int root, struct doc_pool *p, const struct doc_node **ret, struct error *err)
	MUST_CHECK;
/* Fewer or more layers than the machine's own. */
struct config_choice {
	bool own_only; /* without what is built in and the OEM's */
	bool unfetched; /* without what a datasource has given */
	/* One more, above cloud-config.yml and below the kernel line, or NULL. */
	const struct doc_node *extra;
};
int config_load_choice(int root, struct doc_pool *p, const struct config_choice *choice,
		       const struct doc_node **ret, struct error *err) MUST_CHECK;
/* One layer's document; -ENOENT when there is no such file. */
int config_read_layer(int root, struct doc_pool *p, const char *path, const struct doc_node **ret,
		      struct error *err) MUST_CHECK;
/* Call fn for the layers of CONFIG_DIR, in their order, until it fails. */
typedef int (*config_visit)(void *arg, const char *path, struct error *err);
int config_each_layer(int root, config_visit fn, void *arg, struct error *err) MUST_CHECK;
/* The kernel line's rancher.* and cc.* words alone, as a document. */
const struct doc_node *config_cmdline(int root, struct doc_pool *p);
/* Nobody has given this machine a layer of its own yet. */
bool config_is_bare(int root);
/* Keep a copy of every layer that parses. A cloud-config.yml that does not is put aside as
 * CONFIG_BAD, and its last good copy takes its place. For the boot step: others only read. */
int config_keep_good(int root, struct error *err) MUST_CHECK;
