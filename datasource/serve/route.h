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

struct serve_options {
	int dir;                 /* the folder */
	bool require_token;      /* EC2's version 1 is refused */
	char token[SERVE_TOKEN]; /* the one that is valid */
};

struct serve_reply {
	int status;
	const char *type;   /* of the content */
	const char *header; /* "Name: value", or NULL */
	struct buf body;
};

/* Never fails: what goes wrong is a status, with a line in the body. */
void serve_route(const struct serve_options *o, const struct serve_request *req,
		 struct serve_reply *ret);
