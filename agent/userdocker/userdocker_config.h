/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration that user Docker really gets: built-in defaults, then /etc/docker/daemon.json,
 * then rancher.docker.*, then DOCKER_OPTS. Merging is pure; loading reads the files.
 */
#pragma once

#include <stdbool.h>

#include "agent/userdocker/userdocker_flags.h"
#include "lib/attr.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

#define USERDOCKER_DAEMON_JSON "/run/ros/docker/daemon.json"
#define USERDOCKER_BASE_JSON "/run/ros/docker/daemon.base.json"
#define USERDOCKER_OWN_JSON "/etc/docker/daemon.json"
#define USERDOCKER_OPTS "/var/lib/rancher/conf/docker"
#define USERDOCKER_TLS_DIR "/etc/docker/tls"

struct userdocker_input {
	const struct doc_node *base;   /* NULL: the built-in defaults */
	const struct doc_node *own;    /* /etc/docker/daemon.json, or NULL */
	const struct doc_node *docker; /* rancher.docker, or NULL */
	const char *opts;              /* text of the file that defines DOCKER_OPTS, or NULL */
	bool tls_ready;                /* certificate and keys are there */
};

struct userdocker_config {
	const struct doc_node *daemon; /* daemon.json */
	struct userdocker_extra extra; /* flags beside it */
	const struct doc_node *environment; /* list of KEY=VALUE, or NULL */
	size_t told; /* so many messages of the pool are the configuration's own, told by the agent
		      */
};

/* Everything lives in the pool; mistakes are its messages and never stop the rest. */
void userdocker_config_merge(struct doc_pool *p, const struct userdocker_input *in,
			     struct userdocker_config *ret);
/* Read what there is, below root. A file that does not parse is a message, and left out. */
int userdocker_config_load(int root, struct doc_pool *p, struct userdocker_config *ret,
			   struct error *err) MUST_CHECK;
/* A map without one of its keys. Pure. */
const struct doc_node *userdocker_config_without(struct doc_pool *p, const struct doc_node *map,
						 const char *key);
