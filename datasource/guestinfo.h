/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Single values of VMware's guestinfo. Where they come from is behind an interface.
 */
#pragma once

#include "datasource/ovf_env.h"
#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

/* No value is longer. */
#define GUESTINFO_VALUE (1u << 20)
#define GUESTINFO_UNPACKED (16u << 20)
#define GUESTINFO_KEY 128

struct guestinfo {
	/* Append the value of `key` (without "guestinfo.") to ret. -ENODATA when there is none; any
	 * other failure: the channel does not work. NULL: there is no channel. */
	int (*get)(void *arg, const char *key, struct buf *ret, struct error *err);
	void *arg;
	const struct ovf_env *ovf; /* whose properties guestinfo.KEY win, or NULL */
};

/* One value. "", blanks and "---" (a value that was redacted) count as none: -ENODATA. */
int guestinfo_get(const struct guestinfo *g, const char *key, struct buf *ret,
		  struct error *err) MUST_CHECK;
/* As text that lives as long as the pool; NULL when there is none, or it cannot be read. */
const char *guestinfo_text(const struct guestinfo *g, struct doc_pool *p, const char *key);
/* Undo "base64", "b64", "gzip", "gz", "gzip+base64" and their mixtures, in place; "" and NULL leave
 * it as it is. -EBADMSG for damaged values, which stay as far as they could be undone, and unknown
 * encodings. */
int guestinfo_decode(const char *encoding, struct buf *value, struct error *err) MUST_CHECK;
/* Whether any key that guestinfo_data.h knows has a value; its name is copied to `key`. */
bool guestinfo_has_data(const struct guestinfo *g, char key[GUESTINFO_KEY]);
