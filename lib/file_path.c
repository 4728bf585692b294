/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drops what says nothing in a path.
 */
#include <string.h>

#include "lib/file_path.h"

bool file_path_normal(const char *path, char ret[PATH_MAX])
{
	char *to = ret;

	if (*path != '/' || strlen(path) >= PATH_MAX)
		return false;
	while (*path) {
		size_t len;

		path += strspn(path, "/");
		len = strcspn(path, "/");
		if (len == 2 && !strncmp(path, "..", 2)) {
			while (to > ret && *--to != '/')
				;
		} else if (len && !(len == 1 && *path == '.')) {
			*to++ = '/';
			memcpy(to, path, len);
			to += len;
		}
		path += len;
	}
	*to = '\0';
	return true;
}

static bool names_file(const char *path)
{
	return *path && path[strlen(path) - 1] != '/';
}

bool file_path_same(const char *a, const char *b)
{
	char x[PATH_MAX], y[PATH_MAX];

	return names_file(a) && names_file(b) && file_path_normal(a, x) && file_path_normal(b, y) &&
	       !strcmp(x, y);
}
