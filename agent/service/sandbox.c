/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the table of directories and links. os/os-config.yml names them as volumes.
 */
#include "agent/service/sandbox.h"

#include <errno.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/attr.h"
#include "lib/error.h"
#include "lib/file.h"
#include "lib/journal.h"

static const struct row {
	const char *path;
	const char *target; /* a symbolic link to that; NULL: a directory */
	const char *owner;  /* user whose directory it is, with his group; NULL: root's */
	mode_t mode;
} rows[] = {
	/* Programs of the machine look for the syslog socket in /dev. */
	{ "/dev/log", "/run/syslog/log", NULL, 0 },
	{ "/run/syslog", NULL, NULL, 0755 },
	/* chronyd refuses a directory that others may write to, and writes as its own user. */
	{ "/var/lib/chrony", NULL, "_chrony", 0750 },
	/* Time servers that DHCP named. */
	{ "/run/chrony-dhcp", NULL, NULL, 0755 },
	{ "/run/dhcpcd", NULL, NULL, 0755 },
	{ "/var/lib/dhcpcd", NULL, NULL, 0750 },
	{ "/var/lib/rsyslog", NULL, NULL, 0700 },
};

static int own(const struct row *row, struct error *err)
{
	const struct passwd *pw = getpwnam(row->owner);

	if (!pw)
		return error_set(err, ENOENT, "%s: there is no user %s", row->path, row->owner);
	if (lchown(row->path, pw->pw_uid, pw->pw_gid) < 0 || chmod(row->path, row->mode) < 0)
		return error_sys(err, errno, "%s", row->path);
	return 0;
}

static int make(const struct row *row, struct error *err)
{
	int r;

	if (row->target) {
		/* Somebody else's socket or link there is as good. */
		if (symlink(row->target, row->path) < 0 && errno != EEXIST)
			return error_sys(err, errno, "%s", row->path);
		return 0;
	}
	r = file_mkdir(FILE_ROOT, row->path, row->mode, err);
	return r < 0 || !row->owner ? r : own(row, err);
}

void sandbox_prepare(void)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = { 0 };

		if (make(&rows[i], &err) < 0)
			journal_say(JOURNAL_WARNING, "services", "%s", err.msg);
	}
}
