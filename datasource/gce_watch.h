/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Following Google's metadata while the machine runs: the service holds its answer back until
 * something changes. And the other way: attributes that the machine writes itself.
 */
#pragma once

#include <time.h>

#include "datasource/meta.h"
#include "datasource/web.h"

#define GCE_WATCH_ETAG 128

struct gce_watch {
	struct web web;
	char etag[GCE_WATCH_ETAG];
	struct doc_pool *pool;	/* of doc */
	const struct doc_node *doc; /* all of the metadata, as it last was; or NULL */
};

int gce_watch_open(const struct datasource_ctx *c, struct gce_watch *ret,
		   struct error *err) MUST_CHECK;
void gce_watch_close(struct gce_watch *w);
#define AUTO_GCE_WATCH CLEANUP(gce_watch_close)
/* Wait until the metadata is another than w->doc, at most so many seconds; without one, get it. The
 * failures are those of web_get(). */
int gce_watch_next(struct gce_watch *w, int seconds, struct error *err) MUST_CHECK;
/* The keys that count at `now`, as the meta-data's public-keys; returns when the first of them
 * expires, 0: none does. */
time_t gce_watch_keys(const struct gce_watch *w, time_t now, struct meta *ret);
/* Wait so long, or until the network changed. */
void gce_watch_pause(const struct gce_watch *w, int seconds);
/* Set the guest attribute NAMESPACE/KEY ("hostkeys/ssh-ed25519"). */
int gce_watch_put(struct gce_watch *w, const char *name, const char *value,
		  struct error *err) MUST_CHECK;
