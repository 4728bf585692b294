/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The merged configuration: all layers of rancheros.md §4.2 in their order of precedence, lowest
 * first: os-config.yml, OEM, cloud-config.d/ in lexical order, cloud-config.yml, kernel line.
 * A layer that cannot be read or parsed is left out, and a message says so.
 */
#pragma once

#include "lib/attr.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

#define CONFIG_OS "/usr/share/ros/os-config.yml"
#define CONFIG_OEM "/usr/share/ros/oem/oem-config.yml"
#define CONFIG_DIR "/var/lib/rancher/conf/cloud-config.d"
#define CONFIG_OWN "/var/lib/rancher/conf/cloud-config.yml"

/* Load and merge every layer below root into p. *ret is never NULL on success; mistakes in layers
 * are messages of the pool (doc_messages) and no failure. */
int config_load(int root, struct doc_pool *p, const struct doc_node **ret, struct error *err)
	MUST_CHECK;
/* The kernel line's rancher.* and cc.* words alone, as a document. */
const struct doc_node *config_cmdline(int root, struct doc_pool *p);
