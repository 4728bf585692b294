/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a request to its reply: the rules of the dialects, their documents and directories, EC2's
 * tokens.
 */
#pragma once

#include <stdbool.h>

#include "datasource/serve/folder.h"
#include "datasource/serve/request.h"

#define SERVE_TOKEN 40
/* A client may wait for a change so long. */
#define SERVE_HOLD_S 300

struct serve_options {
	int dir;                 /* the folder */
	bool require_token;      /* EC2's version 1 is refused */
	char token[SERVE_TOKEN]; /* the one that is valid */
};

struct serve_reply {
	int status;
	const char *type;   /* of the content */
	const char *header; /* "Name: value", or NULL */
	char etag[20];      /* of a service that tells changes by it; or "" */
	int hold_ms;        /* the client waits for a change: not before, or after so long; 0 */
	struct buf body;
};

/* Never fails: what goes wrong is a status, with a line in the body. */
void serve_route(const struct serve_options *o, const struct serve_request *req,
		 struct serve_reply *ret);
