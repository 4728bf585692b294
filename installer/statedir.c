/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of agent/state/state_disk.c, which enters it, and of the kernel line.
 */
#include "installer/statedir.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cmdline.h"
#include "lib/scope.h"

/* A path of a kernel line and of debugfs, which reads some characters its own way. */
static bool is_plain(const char *from)
{
	AUTO_FREE struct cmdline *line = calloc(1, sizeof(*line));

	for (const char *p = from; *p; p++) {
		if ((unsigned char)*p <= ' ' || *p == 0x7f)
			return false;
	}
	return line && !strpbrk(from, "\"'\\<>=") && !strstr(from, "..") &&
	       cmdline_parse(line, from) && !line->open;
}

int statedir_clean(const char *from, char ret[INSTALL_STATEDIR], struct error *err)
{
	size_t n = 0;

	*ret = '\0';
	if (!is_plain(from))
		return error_set(err, EINVAL, "%s: is no plain path", from);
	for (const char *p = from + strspn(from, "/"); *p; p += strspn(p, "/")) {
		size_t len = strcspn(p, "/");

		if (len == 1 && *p == '.')
			return error_set(err, EINVAL, "%s: is no plain path", from);
		if (n + len + 2 > INSTALL_STATEDIR)
			return error_set(err, ENAMETOOLONG, "%.40s…: is too long", from);
		if (n)
			ret[n++] = '/';
		memcpy(ret + n, p, len);
		n += len;
		ret[n] = '\0';
		p += len;
	}
	return 0;
}
