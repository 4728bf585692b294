/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How texts of a kind are written: addresses, paths, names, times. Pure.
 */
#pragma once

#include <stdbool.h>

/* The text is of one of the kinds (enum schema_kind, joined) that are told by how they are
 * written; numbers, words, lists and maps are not among them. */
bool schema_kind_is(unsigned kinds, const char *text);
