/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System Docker's configuration: the system's own file (SYSTEMDOCKER_BASE, else the image's) with
 * what rancher.system_docker, rancher.debug and the proxies of rancher.network change. Written by
 * the state step, before System Docker starts, and again by the agent, which may know more; then
 * the daemon is told to read it (SYSTEMDOCKER_RELOAD), once it answers.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

#define SYSTEMDOCKER_BASE "/etc/docker/system-docker.json"
#define SYSTEMDOCKER_IMAGE "/usr/etc/docker/system-docker.json"
/* init starts dockerd with this one (init/plan.c). */
#define SYSTEMDOCKER_JSON "/run/ros/system-docker.json"
#define SYSTEMDOCKER_RELOAD "/run/ros/system-docker.reload"

/* Keys that cannot be changed are warnings of the pool. -ENOENT when there is no file to start
 * from. */
int systemdocker_write(int root, struct doc_pool *p, const struct doc_node *config, bool *changed,
		       struct error *err) MUST_CHECK;
/* Have the daemon, which answers, read its configuration again if the agent asked for that. */
void systemdocker_reload(void);
