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

/* Longest line that is looked at. */
#define GCE_KEYS_LINE 16384

/* The key of a line, without the user; NULL when it is none. */
const char *gce_keys_parse(const char *line, size_t len, size_t *ret_len);
/* False when the key has expired at `now`, or says google-ssh without a date that can be read. */
bool gce_keys_is_good(const char *key, time_t now);
