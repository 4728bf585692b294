/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Client of the Docker Engine API on a unix socket. One struct engine is one connection and
 * belongs to one thread; engine_clone() makes another without asking the daemon again.
 *
 * Codes: -ENOENT no such container or image, -EEXIST the name is taken (or another conflict),
 * -EINVAL the daemon refused the request, -EAGAIN nobody listens or the connection broke,
 * -ETIMEDOUT, -EIO the daemon failed. Messages carry what the daemon said. Every call has a
 * deadline.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

#define ENGINE_SYSTEM "/run/system-docker.sock"
#define ENGINE_USER "/run/docker.sock"

/* What we were written against, and what we need at least (cgroup namespaces). */
#define ENGINE_API_MAX 51
#define ENGINE_API_MIN 41

struct engine;

/* Connect, wait at most timeout_ms until the daemon answers (by events on the socket's directory),
 * and agree on an API version. */
int engine_open(const char *socket, int timeout_ms, struct engine **ret, struct error *err)
	MUST_CHECK;
int engine_clone(const struct engine *e, struct engine **ret, struct error *err) MUST_CHECK;
void engine_free(struct engine *e);
DEFINE_AUTO(struct engine, engine_free);

/* Any request that answers with JSON. `path` begins behind the version ("/info"); `body` may be
 * NULL; `p` and `ret` may be NULL when the answer does not matter. */
struct engine_call {
	const char *method, *path;
	const struct doc_node *body;
	const char *const *headers; /* or NULL */
	int timeout_ms;
};
int engine_do(struct engine *e, const struct engine_call *call, struct doc_pool *p,
	      const struct doc_node **ret, struct error *err) MUST_CHECK;

/* A request whose answer is a stream: fn gets it in pieces, returns false to stop. `data` is a raw
 * body (a tar). Errors of the daemon are told from their status. */
struct engine_stream {
	const char *method, *path;
	const char *const *headers;
	const void *data;
	size_t len;
	int timeout_ms;
	bool (*fn)(void *arg, const char *data, size_t len);
	void *arg;
};
int engine_stream(struct engine *e, const struct engine_stream *s, struct error *err) MUST_CHECK;

/* Add `text` to a path or query, with everything but letters, digits, -._~ and those in `keep`
 * escaped. */
void engine_escape(struct buf *path, const char *text, const char *keep);
