/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What can be done with images through the Engine API, and the names of images.
 */
#pragma once

#include "agent/engine/engine.h"

/* All images, as the API lists them. */
int docker_image_list(struct engine *e, struct doc_pool *p, const struct doc_node **ret,
		      struct error *err) MUST_CHECK;
/* One image as `docker inspect` shows it. */
int docker_image_inspect(struct engine *e, struct doc_pool *p, const char *name,
			 const struct doc_node **ret, struct error *err) MUST_CHECK;
/* The image of that list that `name` means, NULL when it is not there. Pure. */
const struct doc_node *docker_image_find(const struct doc_node *list, const char *name);
/* Load a tar made by `docker save`, below root. */
int docker_image_load(struct engine *e, int root, const char *path, struct error *err) MUST_CHECK;

struct docker_image_pull {
	const char *name;             /* "busybox", "registry.example:5000/a/b:1", "a@sha256:…" */
	const struct doc_node *auths; /* rancher.registry_auths, or NULL */
	int timeout_ms;
	void (*progress)(void *arg, const char *status); /* a line now and then; may be NULL */
	void *arg;
};
int docker_image_pull(struct engine *e, const struct docker_image_pull *pull, struct error *err)
	MUST_CHECK;

/* "busybox" → "docker.io"; "reg:5000/a" → "reg:5000". `out` of at least 256 bytes. Pure. */
void docker_image_registry(const char *name, char *out, size_t size);
/* The credentials for a registry as the X-Registry-Auth header wants them: base64 of JSON in the
 * alphabet for URLs. Nothing is added when there are none. Pure. */
void docker_image_auth(const struct doc_node *auths, const char *registry, struct buf *out);
