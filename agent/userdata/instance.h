/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a datasource's metadata says about this instance, in one form whatever the source: id, host
 * name, keys, network. Pure but for instance_save() and instance_load().
 */
#pragma once

#include "datasource/datasource.h"
#include "lib/attr.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

#define INSTANCE_PATH "/run/ros/datasource.json"

struct instance {
	const char *datasource;        /* NULL when there is none */
	const char *where;
	const char *id;                /* NULL when there is none */
	const char *hostname;          /* or NULL */
	const char *region, *zone, *type;            /* or NULL */
	const char *public_ipv4, *private_ipv4;      /* or NULL */
	const struct doc_node *meta;   /* all of the metadata, or NULL */
	const char *password;	       /* made by the platform for the default user, or NULL */
	bool publish_host_keys;	       /* the platform takes sshd's host keys */
	bool wait_ipv4, wait_ipv6;     /* services start when there is such an address */
	const struct doc_node *keys;   /* a list of lines, never NULL */
	const struct doc_node *network; /* as rancher.network, or NULL */
	const struct doc_node *model;   /* the same as the network model's JSON, or NULL */
};

/* Read meta-data and network-config of a payload (NULL: there is no datasource). What is wrong with
 * them is a message of the pool; the rest is used. */
int instance_read(struct doc_pool *p, const struct datasource_payload *payload,
		  struct instance *ret, struct error *err) MUST_CHECK;
/* The members of `ros datasource fetch --json` up to "network", in braces that are left open. */
void instance_json(const struct instance *in, struct buf *out);
/* Write INSTANCE_PATH. */
int instance_save(int root, const struct instance *in, struct error *err) MUST_CHECK;
/* What it says, but for meta and network; nothing when it is not there. */
void instance_load(int root, struct doc_pool *p, struct instance *ret);
