/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The schema for others: as JSON Schema (draft 7) for editors, as a reference page for people.
 */
#pragma once

#include "agent/config/schema.h"
#include "lib/buf.h"

void schema_text_json(const struct schema *s, struct buf *out);
void schema_text_markdown(struct buf *out);
