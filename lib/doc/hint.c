/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of hints.
 */
#include <stddef.h>
#include <string.h>

#include "lib/attr.h"
#include "lib/doc/hint.h"

struct hint {
	const char *problem; /* how libyaml's message begins */
	const char *hint;
};

static const struct hint hints[] = {
	{ "mapping values are not allowed",
	  "quote a value that holds \": \"; check the indentation" },
	{ "could not find expected ':'",
	  "a line that is no \"key: value\", or a quote not closed" },
	{ "did not find expected key", "check the indentation of this line and the one above" },
	{ "did not find expected '-' indicator", "the items of a list must stand in one column" },
	{ "did not find expected node content", "a [ or { is not closed, or a value is missing" },
	{ "did not find expected ',' or", "a bracket is not closed" },
	{ "found character that cannot start any token",
	  "quote a value that begins with @ ` or %" },
	{ "found unexpected end of stream", "a quote is not closed" },
	{ "found unexpected document indicator", "a quote is not closed" },
	{ "found unknown escape character", "in double quotes write \\\\ for a backslash" },
	{ "did not find expected hexdecimal number",
	  "in double quotes write \\\\ for a backslash" },
	{ "found undefined tag handle", "\"!\" begins a tag: quote the value" },
	{ "block sequence entries are not allowed", "a list begins in a line of its own" },
	{ "control characters are not allowed", "the file holds bytes that are no text" },
	{ "invalid leading UTF-8 octet", "the file is not UTF-8" },
	{ "incomplete UTF-8 octet", "the file is not UTF-8" },
	{ "invalid trailing UTF-8 octet", "the file is not UTF-8" },
};

const char *hint_find(const char *problem)
{
	for (size_t i = 0; i < ARRAY_LEN(hints); i++)
		if (!strncmp(problem, hints[i].problem, strlen(hints[i].problem)))
			return hints[i].hint;
	return NULL;
}
