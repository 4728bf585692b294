/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A user's authorized_keys file: keys put into it, what else stands there left alone.
 *
 * The home belongs to its user, who may put links anywhere in it: no link is followed from the home
 * on.
 */
#pragma once

#include <stddef.h>

#include "agent/modules/module.h"
#include "lib/attr.h"

/* Of one list; more are a mistake. */
#define SSHKEYS_LIST_MAX 1000

/* Say what in a list (or a single value) is no key, once; returns how many are. */
size_t sshkeys_check(const struct module_ctx *c, const struct doc_node *keys);
/* Put the keys of n lists into a user's file, each behind `options` ("" for none). */
enum module_result sshkeys_write(const struct module_ctx *c, const char *user,
				 const struct doc_node *const *lists, size_t n,
				 const char *options);
/* Take the keys of the list `gone` out of a user's file; skipped when there is none. */
enum module_result sshkeys_drop(const struct module_ctx *c, const char *user,
				const struct doc_node *gone);
