/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Requests to addresses that the configuration names: http and https only, never to this machine or
 * a metadata service, plain http with a warning or, with rancher.cloud_init.require_tls, not at
 * all.
 */
#pragma once

#include "agent/modules/module.h"
#include "lib/attr.h"
#include "lib/error.h"

struct ask_request {
	const char *url;
	struct doc_origin at;		/* of the URL, for messages */
	const struct doc_node *headers; /* a map, or NULL */
	const char *post;		/* a form to send, or NULL: GET */
	int tries, pause_ms;
	size_t max_bytes;
	struct buf *reply; /* or NULL */
};

/* 0 when the server answered with 200 to 299. */
int ask_do(const struct module_ctx *c, const struct ask_request *req, struct error *err) MUST_CHECK;
