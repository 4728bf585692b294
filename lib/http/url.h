/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking at URLs: what of them may stand in a message, and whether two have one origin. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"
#include "lib/http/http.h"

/* Put "GET URL: " in front, without user and password, query and fragment. */
int url_wrap(struct error *err, int r, const struct http_request *req);
bool url_same_scheme(const char *a, const char *b);
bool url_same_origin(const char *a, const char *b);
