/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was done for this instance, or once and for all: one small file below SEMAPHORE_DIR for each
 * module, in a directory named by a hash of the instance id (an id is somebody else's text).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/error.h"

#define SEMAPHORE_DIR "/var/lib/rancher/agent"
/* In place of an instance id: once in the life of the machine. */
#define SEMAPHORE_ONCE "once"

/* It was marked. *ret_print is what the mark says. */
bool semaphore_is_set(int root, const char *instance, const char *name, uint64_t *ret_print);
/* Without `durable` a power cut may lose it: what it marks is done a second time then, which must
 * change nothing. */
int semaphore_set(int root, const char *instance, const char *name, uint64_t print, bool durable,
		  struct error *err) MUST_CHECK;
