/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The last good payload of each instance, on the state disk, so that a machine whose seed or
 * metadata server is away boots with what it had. Raw bytes, mode 0600 in directories of mode 0700.
 *
 * /var/lib/rancher/cache/instance/current   one JSON object: which instance, from where, on what
 * machine /var/lib/rancher/cache/instance/ID/…      meta-data, user-data, vendor-data,
 * network-config
 */
#pragma once

#include "datasource/datasource.h"

#define CACHE_DIR "/var/lib/rancher/cache/instance"
/* Longest directory name; ids that are longer or hold other characters are hashed. */
#define CACHE_NAME 72

/* A directory name for an instance id: itself when it is harmless, else a hash of it. Pure. */
void cache_name(const char *id, char *ret);
/* Remember the payload as that of instance `id` of this machine. Nothing is written that is the
 * same; when something was, the disk is synced. */
int cache_save(const struct machine *m, const char *id, const struct datasource_payload *p,
	       struct error *err) MUST_CHECK;
/* No instance is the current one any more: what is there now has no id to remember it by. */
int cache_forget(const struct machine *m, struct error *err) MUST_CHECK;
/* The payload of the current instance; -ENODATA when there is none, -ECANCELED when it belongs to
 * another machine (a cloned disk). */
int cache_load(const struct machine *m, struct datasource_payload *ret,
	       struct error *err) MUST_CHECK;
