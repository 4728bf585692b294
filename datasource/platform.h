/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clouds that a machine's facts give away: the table of §1.1 of the datasource reference. Pure.
 */
#pragma once

#include "datasource/datasource.h"

/* What the facts say about the datasource of that name. */
void platform_match(const struct machine *m, const char *name, struct datasource_clue *ret);
/* A cloud that speaks EC2's protocol as it was before its session tokens. */
bool platform_is_ec2_clone(const struct machine *m);
