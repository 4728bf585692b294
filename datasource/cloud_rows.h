/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clouds that are rows, by name.
 */
#pragma once

#include "datasource/datasource.h"

int cloud_rows_fetch(const char *name, const struct datasource_ctx *c,
		     struct datasource_payload *ret, struct error *err) MUST_CHECK;
