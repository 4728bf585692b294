/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SSH keys as Google's metadata has them: `user:type blob comment`, where a comment of the form
 * `google-ssh {"userName": …, "expireOn": …}` says until when a key counts. What Google's own
 * agent would not take is not taken. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "datasource/meta.h"

/* Longest line that is looked at. */
#define GCE_KEYS_LINE 16384

/* The key of a line, without the user; NULL when it is none. */
const char *gce_keys_parse(const char *line, size_t len, size_t *ret_len);
/* False when the key has expired at `now`, or says google-ssh without a date that can be read. */
bool gce_keys_is_good(const char *key, time_t now);
/* enable-guest-attributes: the machine may write attributes of its own, host keys among them. */
bool gce_keys_wants_host_keys(const struct doc_node *instance, const struct doc_node *project);
/* Add the keys that count at `now`, by the attributes of the instance and of its project (NULL:
 * none). Returns when the first of them expires; 0: none does. */
time_t gce_keys_collect(const struct doc_node *instance, const struct doc_node *project, time_t now,
			struct meta *m);
