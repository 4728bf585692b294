/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor of user Docker: containerd and dockerd as its children, in a cgroup of their own,
 * so that System Docker ends neither them nor the user's containers with its container. The
 * supervisor itself stays in that container's: one whose cgroup is empty is dead to containerd.
 *
 * containerd starts at once, dockerd once the console has run what the user wants done before it
 * (/run/console-done). Either is started again when it ends; user containers do not notice, because
 * of live-restore. SIGHUP merges the configuration anew and lets dockerd reload it; SIGTERM ends
 * the two daemons and leaves the containers running. While USERDOCKER_STOPPING exists the machine
 * goes down, and nothing is started again.
 */
#pragma once

#include "lib/attr.h"
#include "lib/error.h"

#define USERDOCKER_STOPPING "/run/ros/docker/stopping"
#define USERDOCKER_NOTIFY "/run/ros/docker/notify"
#define USERDOCKER_LOG "/var/log/docker.log"
#define USERDOCKER_CONTAINERD_LOG "/var/log/containerd.log"

/* Runs until SIGTERM. */
int userdocker_run(struct error *err) MUST_CHECK;
