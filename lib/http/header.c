/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking into the headers of a reply. Pure.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/http/http.h"

bool http_header(const struct buf *headers, const char *name, char *to, size_t size)
{
	const size_t n = strlen(name);

	to[0] = '\0';
	for (const char *s = buf_text(headers); *s; s += strcspn(s, "\n"), s += *s == '\n') {
		const char *value = s + n + 1;

		if (strncasecmp(s, name, n) != 0 || s[n] != ':')
			continue;
		value += strspn(value, " \t");
		(void)snprintf(to, size, "%.*s", (int)strcspn(value, "\r\n"), value);
		return true;
	}
	return false;
}
