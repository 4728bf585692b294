/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The OVF environment (DSP0243, http://schemas.dmtf.org/ovf/environment/1): the properties that a
 * hypervisor hands to a machine, from the file ovf-env.xml of an ISO or from guestinfo.ovfEnv.
 * Pure.
 */
#pragma once

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

#define OVF_ENV_NS         "http://schemas.dmtf.org/ovf/environment/1"
#define OVF_ENV_PROPERTIES 1000

struct ovf_env_property {
	const char *key, *value;
	size_t from, to; /* the element's place in the text */
};

struct ovf_env {
	struct ovf_env_property *properties;
	size_t n;
};

/* The properties of this machine (those of its neighbours, in Entity elements, are passed over).
 * Text after the root element is tolerated. -EBADMSG with "source:LINE:COLUMN:"; -ENODATA when the
 * root is no Environment of that namespace. */
int ovf_env_parse(struct doc_pool *p, const char *source, const char *text, size_t len,
		  struct ovf_env *ret, struct error *err) MUST_CHECK;
/* The last property of that name, or NULL. */
const char *ovf_env_get(const struct ovf_env *env, const char *key);
/* The text without the Property elements of which `is_secret` says yes; all other bytes are kept.
 */
void ovf_env_scrub(const struct ovf_env *env, const char *text, size_t len,
		   bool (*is_secret)(const char *key), struct buf *out);
