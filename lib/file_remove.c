/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Removing a file below a root.
 */
#include <errno.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/file_remove.h"
#include "lib/scope.h"

int file_remove(int root, const char *path, bool *removed, struct error *err)
{
	AUTO_CLOSE int dir = -1;
	const char *base;
	int r = file_parent(root, path, &dir, &base, err);

	if (removed)
		*removed = false;
	if (r == -ENOENT) {
		error_reset(err);
		return 0;
	}
	if (r < 0)
		return r;
	if (unlinkat(dir, base, 0) < 0)
		return errno == ENOENT ? 0 : error_sys(err, errno, "remove %s", path);
	if (removed)
		*removed = true;
	return 0;
}
