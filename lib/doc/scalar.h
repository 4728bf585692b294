/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plain YAML scalar means: YAML 1.1 as PyYAML resolves it. Pure.
 *
 * yes/no/on/off/true/false in three spellings are booleans (y and n are not); 0755 is octal, 0o755
 * a string, 08 a string; 1_000 and 1:30 (sexagesimal) are integers; a float needs its dot and a
 * signed exponent. Dates stay text. An integer beyond 64 bits becomes a float; its text is kept.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/doc/doc.h"

union scalar_value {
	bool boolean;
	int64_t integer;
	double number;
};

/* The kind of a plain scalar, and its value for DOC_BOOL, DOC_INT and DOC_FLOAT. */
enum doc_kind scalar_resolve(const char *text, size_t len, union scalar_value *ret);
/* UTF-8 without NUL; bytes of !!binary may be neither. */
bool scalar_is_text(const char *text, size_t len);
/* The text is a number as JSON writes it. */
bool scalar_is_json_number(const char *text, size_t len);
