/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking at URLs: what of them may stand in a message, and whether two have one origin. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/buf.h"
#include "lib/error.h"

/* Add the URL without what may be secret in it: user and password, query and fragment. */
void url_public(const char *url, struct buf *ret);
/* Put "METHOD URL: " in front, the URL as url_public() has it; method NULL is GET,
 * `socket` the one that it was connected at, or NULL. */
int url_wrap(struct error *err, int r, const char *method, const char *url, const char *socket);
bool url_same_scheme(const char *a, const char *b);
bool url_same_origin(const char *a, const char *b);
