/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The SSH keys of such a tree: a listing of keys, and below each its text, DIR/INDEX/openssh-key.
 */
#pragma once

#include "datasource/meta.h"
#include "datasource/web.h"
#include "lib/attr.h"
#include "lib/error.h"

/* As web_get_all(), of the service that `arg` stands for. */
typedef void (*imds_keys_fn)(void *arg, struct web_part *parts, size_t n);

/* Ask for the keys that a listing of `dir` names, side by side, and add them. A key that is not
 * found, or that the service gives to nobody (403), is none; one that is listed and cannot be had
 * now is a failure: without it, it would be taken from the machine. */
int imds_keys_get(const char *dir, const char *listing, imds_keys_fn get, void *arg,
		  struct meta *m, struct error *err) MUST_CHECK;
