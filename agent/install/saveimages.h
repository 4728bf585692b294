/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros install --save`: the images of the services that a cloud-config names. This machine's own
 * Dockers have them, or pull them, before anything is written; then they go to the new state as
 * archives, which its first boot loads (agent/service/preload.h). So it needs no network.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "agent/engine/engine.h"
#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

#define SAVEIMAGES_MAX 256
/* As RancherOS called it. */
#define SAVEIMAGES_ARCHIVE "os-include.tar"

/* The images of one Docker. */
struct saveimages_set {
	const char *socket, *dir; /* whose they are, and where their archive goes */
	const char *names[SAVEIMAGES_MAX];
	size_t n;
};

struct saveimages {
	struct doc_pool *pool;
	const struct doc_node *config; /* that of the machine to be */
	struct saveimages_set system, user;
	int root;
	uint64_t bytes;                /* what they take, once they are there */
};

/* The names: of the services of `text`, a cloud-config that was checked, which what is built in
 * does not have. Definitions of optional services are fetched. */
int saveimages_list(int root, const char *where, const struct buf *text, struct saveimages *ret,
		    struct error *err) MUST_CHECK;
/* Pull those that are not here. A line on `out` (or NULL) says so. */
int saveimages_pull(struct saveimages *s, FILE *out, struct error *err) MUST_CHECK;
/* Write the archives, and the definitions of optional services, below `dir`. For struct
 * install_images. */
int saveimages_write(void *arg, const char *dir, struct error *err) MUST_CHECK;
void saveimages_done(struct saveimages *s);
