/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small HTTP server: one thread, poll(2), and limits for whoever connects.
 */
#pragma once

#include "datasource/serve/route.h"
#include "lib/attr.h"
#include "lib/error.h"

#define SERVE_CLIENTS 64

struct server {
	int listen; /* the socket */
	struct serve_options options;
	int stop;    /* readable when it is to end, or -1 */
	int changes; /* set by serve_run(): told of changes in the folder */
	void (*log)(void *arg, const char *line); /* one line a request, or NULL */
	void *arg;
};

#define SERVE_ADDRESS 128

/* Listen on "PORT", "HOST", "HOST:PORT", "[V6]:PORT" (numbers; port 0: the kernel's choice). The
 * address as a URL goes to `address`. */
int serve_listen(const char *where, int *ret, char address[SERVE_ADDRESS],
		 struct error *err) MUST_CHECK;
/* Serve until `stop` is readable. */
int serve_run(struct server *s, struct error *err) MUST_CHECK;
