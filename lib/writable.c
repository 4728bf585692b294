/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Remounts.
 */
#include "lib/writable.h"

#include <errno.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#include "lib/attr.h"

/* A remount takes away what it does not name. */
static unsigned long kept_flags(unsigned long f_flag)
{
	static const struct {
		unsigned long st, ms;
	} rows[] = {
		{ ST_NOSUID, MS_NOSUID }, { ST_NODEV, MS_NODEV },	{ ST_NOEXEC, MS_NOEXEC },
		{ ST_NOATIME, MS_NOATIME }, { ST_RELATIME, MS_RELATIME },
	};
	unsigned long flags = MS_REMOUNT;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (f_flag & rows[i].st)
			flags |= rows[i].ms;
	return flags;
}

int writable_begin(const char *path, struct writable *ret, struct error *err)
{
	struct statvfs st;

	*ret = (struct writable){ 0 };
	if (statvfs(path, &st) < 0)
		return error_sys(err, errno, "%s", path);
	if (!(st.f_flag & ST_RDONLY))
		return 0;
	ret->flags = kept_flags(st.f_flag);
	if (mount(NULL, path, NULL, ret->flags, NULL) < 0)
		return error_sys(err, errno, "%s is read-only and cannot be made writable", path);
	ret->path = path;
	return 0;
}

int writable_end(struct writable *w, struct error *err)
{
	const char *path = w->path;

	w->path = NULL;
	if (path && mount(NULL, path, NULL, w->flags | MS_RDONLY, NULL) < 0)
		return error_sys(err, errno, "%s is not read-only again", path);
	return 0;
}
