/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the listings of EC2's tree.
 */
#include "datasource/imds.h"

#include <ctype.h>
#include <string.h>

/* What goes into the path of the next request: no slashes, dots alone, blanks, or percent signs. */
static bool is_harmless(const char *name, size_t len)
{
	bool other_than_dot = false;

	for (size_t i = 0; i < len; i++) {
		if (!isalnum((unsigned char)name[i]) && !strchr("._-:=@+", name[i]))
			return false;
		other_than_dot = other_than_dot || name[i] != '.';
	}
	return len > 0 && other_than_dot;
}

/* A name ends at the first of `ends`; what is left of its line is passed over. */
static void parse(const char *text, const char *ends, struct imds_names *ret)
{
	ret->n = 0;
	while (*text && ret->n < IMDS_NAMES_MAX) {
		size_t line = strcspn(text, "\r\n"), len = strcspn(text, ends);

		if (len && text[len - 1] == '/')
			len--;
		if (len < IMDS_NAME && is_harmless(text, len)) {
			memcpy(ret->name[ret->n], text, len);
			ret->name[ret->n++][len] = '\0';
		}
		text += line;
		text += strspn(text, "\r\n");
	}
}

void imds_parse_names(const char *text, struct imds_names *ret)
{
	parse(text, "\r\n", ret);
}

void imds_parse_keys(const char *text, struct imds_names *ret)
{
	parse(text, "=\r\n", ret);
}

bool imds_has_name(const struct imds_names *names, const char *name)
{
	for (size_t i = 0; i < names->n; i++)
		if (!strcmp(names->name[i], name))
			return true;
	return false;
}
