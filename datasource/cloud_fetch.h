/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking a cloud that is a row.
 */
#pragma once

#include "datasource/cloud.h"

int cloud_fetch(const struct cloud *cloud, const struct datasource_ctx *c,
		struct datasource_payload *ret, struct error *err) MUST_CHECK;
