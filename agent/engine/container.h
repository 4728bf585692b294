/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be done with containers through the Engine API. Names and ids serve alike. Codes are
 * engine.h's.
 */
#pragma once

#include "agent/engine/engine.h"

/* All containers, running or not, as the API lists them. */
int container_list(struct engine *e, struct doc_pool *p, const struct doc_node **ret,
		      struct error *err) MUST_CHECK;
int container_inspect(struct engine *e, struct doc_pool *p, const char *name,
		   const struct doc_node **ret, struct error *err) MUST_CHECK;
/* *ret_id lives in p. */
int container_create(struct engine *e, struct doc_pool *p, const char *name,
		  const struct doc_node *body, const char **ret_id, struct error *err) MUST_CHECK;
/* Starting what runs and stopping what does not is no failure. */
int container_start(struct engine *e, const char *id, struct error *err) MUST_CHECK;
/* seconds < 0: as the container's definition says. */
int container_stop(struct engine *e, const char *id, int seconds, struct error *err) MUST_CHECK;
int container_restart(struct engine *e, const char *id, int seconds, struct error *err) MUST_CHECK;
int container_kill(struct engine *e, const char *id, const char *signal, struct error *err)
	MUST_CHECK;
/* -EEXIST: another one has that name. */
int container_rename(struct engine *e, const char *id, const char *name, struct error *err)
	MUST_CHECK;
/* Until it does not run any more; *ret_code is its exit code. */
int container_wait(struct engine *e, const char *id, int timeout_ms, int *ret_code,
		struct error *err) MUST_CHECK;
int container_remove(struct engine *e, const char *id, bool volumes, struct error *err) MUST_CHECK;
/* What the container printed, the last `tail` lines (negative: all); with `follow` what it prints
 * from now on too, until it ends. fn gets text, `err_stream` tells standard error from output. */
struct container_logs {
	int tail;
	bool follow;
	int timeout_ms;
	bool (*fn)(void *arg, bool err_stream, const char *data, size_t len);
	void *arg;
};
int container_logs(struct engine *e, const char *id, const struct container_logs *l,
		   struct error *err) MUST_CHECK;
