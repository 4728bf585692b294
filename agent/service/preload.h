/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images that lie on the state disk: the archives of PRELOAD_SYSTEM and PRELOAD_USER, made by
 * `docker save` and compressed or not, are loaded into their Docker, in the order of their names
 * and once each. A mark beside the archive, NAME.done, says so; a changed archive is loaded again.
 */
#pragma once

#include <stdbool.h>

#include "agent/engine/engine.h"

#define PRELOAD_SYSTEM "/var/lib/rancher/preload/system-docker"
#define PRELOAD_USER "/var/lib/rancher/preload/docker"

/* An archive is there that was not loaded. */
bool preload_is_pending(int root, const char *dir);
/* Load them. A failure is a message, and keeps nobody from loading the others. */
void preload_load(int root, const char *dir, struct engine *e);
