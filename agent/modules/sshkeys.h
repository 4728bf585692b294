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
/* Take the keys of the list `gone` (or NULL) out of a user's file, and put those of n lists into
 * it, each behind `options` ("" for none). */
enum module_result sshkeys_write(const struct module_ctx *c, const char *user,
				 const struct doc_node *gone, const struct doc_node *const *lists,
				 size_t n, const char *options);
