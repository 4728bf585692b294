/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the two halves of lib/http/local.h share: a connection and the request that is under way on
 * it. For lib/http/local*.c alone.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/un.h>

#include "lib/buf.h"
#include "lib/http/http.h"

/* Headers of a request, or a status line with headers. */
#define LOCAL_HEAD_MAX (64u << 10)

struct http_local {
	struct sockaddr_un address;
	int fd; /* -1: not connected */
	bool used; /* the connection has served a request */
	size_t at, len; /* of `data`: what was received and not yet read */
	char data[16384];
};

/* A request under way. */
struct talk {
	struct http_local *l;
	const struct http_request *req;
	struct buf *body; /* where the body goes, or NULL */
	size_t left;      /* bytes that the body may still have */
	int64_t deadline;
	bool unheard;     /* the daemon hung up before it had read the request */
	bool heard;       /* something of the reply has come */
	bool stopped;     /* the caller wants no more */
};

/* What the reply's head says. */
struct framing {
	long status;
	bool chunked, sized; /* how the body ends; neither: with the connection */
	bool keep;           /* another request may follow */
	size_t size;
};

/* Wait for `events` on the connection until the request's deadline: 0 or -ETIMEDOUT. */
int local_await(const struct talk *t, short events, struct error *err) MUST_CHECK;
/* Read the reply's status line and headers, without those of "100 Continue" and its like. */
int local_reply_head(struct talk *t, struct framing *f, struct error *err) MUST_CHECK;
/* Read its body, to where the request wants it. */
int local_reply_body(struct talk *t, const struct framing *f, struct error *err) MUST_CHECK;
