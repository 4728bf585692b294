/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fetching what #include names. The URLs are the user's, so the rules for such URLs hold: http and
 * https only (https alone with rancher.cloud_init.require_tls), never to this machine, to
 * link-local addresses or to metadata services, whatever name leads there. Bodies are kept below
 * the state disk for each instance: #include-once is not fetched again, and #include falls back to
 * them when its server is away.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

#define INCLUDE_DIR "/var/lib/rancher/cache/include"

struct http;

struct include {
	int root;
	const char *instance_id; /* or NULL: one that has no name */
	bool allow_loopback;	 /* for tests */
	bool dry;		 /* nothing is kept: `ros config render` */
	/* Brings the network up where it is not, before the first request; or NULL. */
	int (*network)(void *arg, struct error *err);
	void *network_arg;
	/* Private: zero before. */
	struct http *http;
	unsigned n;	  /* requests so far */
	int64_t deadline; /* clock_ms() by which all are done; 0: none was made yet */
};

/* Append the body to *out. Warnings are messages at `at`. */
int include_fetch(struct include *inc, struct doc_pool *p, struct doc_origin at, const char *url,
		  bool once, struct buf *out, struct error *err) MUST_CHECK;
/* The URL without user, password, query and fragment, for messages; in the pool. */
const char *include_label(struct doc_pool *p, const char *url);
void include_done(struct include *inc);
#define AUTO_INCLUDE CLEANUP(include_done)
