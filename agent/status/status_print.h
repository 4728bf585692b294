/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A status on one screen, and as JSON. Pure.
 */
#pragma once

#include "agent/status/status.h"
#include "lib/buf.h"

void status_print_text(const struct status *s, struct buf *out);
void status_print_json(const struct status *s, struct buf *out);
