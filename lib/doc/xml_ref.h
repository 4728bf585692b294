/* SPDX-License-Identifier: Apache-2.0 */
/*
 * XML's character references and its five entities.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/buf.h"

/* Append what `text`, the bytes between "&" and ";", stands for, as UTF-8; false when it is neither
 * one of the five entities nor the number of a character that XML may hold. */
bool xml_ref_add(const char *text, size_t len, struct buf *b);
