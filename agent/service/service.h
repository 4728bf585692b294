/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a service is once its definition has been read (agent/service/compose.c reads it): who it
 * is, what it waits for, how it is kept, and the body of the Engine's create request. Everything
 * lives in the doc_pool that the set was read into.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/doc/doc.h"

/* More services than this in one configuration is a mistake. */
#define SERVICE_MAX 256

/* RancherOS' labels, and ours. */
#define SERVICE_LABEL_SCOPE "io.rancher.os.scope"
#define SERVICE_LABEL_DETACH "io.rancher.os.detach"
#define SERVICE_LABEL_CREATEONLY "io.rancher.os.createonly"
#define SERVICE_LABEL_AFTER "io.rancher.os.after"
#define SERVICE_LABEL_BEFORE "io.rancher.os.before"
#define SERVICE_LABEL_RELOAD "io.rancher.os.reloadconfig"
#define SERVICE_LABEL_CONSOLE "io.rancher.os.console"
#define SERVICE_LABEL_REBUILD "io.docker.compose.rebuild"
#define SERVICE_LABEL_CRON "cron.schedule"
/* Only its volumes count: `volumes_from` of it is replaced by them, and no container is made. */
#define SERVICE_LABEL_CARRIER "io.ocicat.carrier"
/* Ours: nobody waits for it, so it gives way at boot until user Docker answers. */
#define SERVICE_LABEL_LATE "io.ocicat.late"
/* Put on containers: what they were made from. */
#define SERVICE_LABEL_HASH "io.ocicat.hash"
#define SERVICE_LABEL_NAME "io.ocicat.service"
/* libcompose's, on the containers of a disk that was RancherOS'. */
#define SERVICE_LABEL_COMPOSE "io.docker.compose.service"
/* What follows a container's name while it steps aside for the one that replaces it. */
#define SERVICE_ASIDE ".ros-old"

enum service_need {
	SERVICE_AFTER,    /* label: order only, gives way in a cycle */
	SERVICE_BEFORE,   /* label, seen from the other side */
	SERVICE_IMPLICIT, /* our own rules: stays in a cycle; a failure is no obstacle */
	SERVICE_HARD,     /* links, volumes_from, depends_on, container:NAME: not without it */
};

struct service_dep {
	const char *name;
	enum service_need need;
};

enum service_rebuild {
	SERVICE_REBUILD_CHANGED, /* a new container when image or definition changed */
	SERVICE_REBUILD_ALWAYS,  /* a new container at each boot */
	SERVICE_REBUILD_NEVER,   /* the container is kept whatever changes */
};

struct service {
	const char *name;      /* key in the services map */
	const char *container; /* container_name, or the key */
	const char *image;
	struct doc_origin origin;
	bool system;     /* run by System Docker, else by user Docker */
	bool detach;     /* not waited for; false: dependants go on when it has ended */
	bool createonly; /* made and never started (cron starts it) */
	bool reload;     /* the configuration is read again once it has ended */
	bool carrier;
	bool late;       /* at boot, started once user Docker answers */
	bool builtin;    /* shipped with the system, whatever its owner changed in it */
	enum service_rebuild rebuild;
	const char *console;            /* identity of a console, or NULL */
	const struct doc_node *borrows; /* carriers whose volumes it uses (NAME[:ro]), or NULL */
	struct service_dep *deps;
	size_t n_deps;
	const struct doc_node *create;  /* body of POST /containers/create */
};

struct service_set {
	struct doc_pool *pool;
	struct service *all;
	size_t n;
};

/* By key; then by the names that RancherOS had for it; NULL when there is none. */
struct service *service_find(const struct service_set *set, const char *name);
/* Note that `s` waits for `name`; twice is once, the stronger need stays. */
void service_add_dep(struct doc_pool *p, struct service *s, const char *name,
		     enum service_need need);
bool service_has_dep(const struct service *s, const char *name);
