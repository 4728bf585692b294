/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What user-data may ask about the machine that it is for: the names of templates (v1.*,
 * ds.meta_data.*), RancherOS' $private_ipv4 and its like, the launch index.
 */
#pragma once

#include <stdint.h>

#include "agent/userdata/instance.h"
#include "lib/doc/doc.h"

#define VARS_ADDRESSES 4

struct vars {
	const struct doc_node *names;	     /* for templates; NULL when there is no memory */
	const char *address[VARS_ADDRESSES]; /* in the order of the table in vars.c; or NULL */
	int64_t launch_index;		     /* -1: the metadata names none */
	const char *instance_id;	     /* or NULL */
};

/* Texts live as long as the pool and the instance. */
void vars_read(struct doc_pool *p, const struct instance *in, struct vars *ret);
/* `text` with $private_ipv4, $public_ipv4, $private_ipv6 and $public_ipv6 replaced ("\$…" is left
 * as "$…"): the same pointer when there are none, else a text of the pool; NULL without memory.
 * What the metadata does not tell stays, and a warning says so. v may be NULL: nothing is known,
 * nor said. `at` is where the text begins. */
const char *vars_substitute(struct doc_pool *p, const struct vars *v, struct doc_origin at,
			    const char *text);
