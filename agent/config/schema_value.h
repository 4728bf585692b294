/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a value is of a kind that its row takes. Pure: nothing on the machine is looked at, so
 * that a file can be checked anywhere.
 */
#pragma once

#include "agent/config/schema.h"
#include "lib/doc/doc.h"

/* One of the row's kinds fits, and numbers are in its range. Nothing (null) always fits. */
bool schema_value_fits(const struct schema_row *row, const struct doc_node *n);
/* "a list or a single value", "a whole number from 1 to 10", "one, two or three". */
void schema_value_expected(const struct schema_row *row, struct buf *out);
/* A value that would do, or NULL. */
const char *schema_value_example(const struct schema_row *row);
