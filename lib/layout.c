/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of what `/` consists of, parents before children. It mounts nothing itself: init makes
 * the links and mounts `/`, `/usr`, `/boot` and `/run`; the state step does the other rows.
 */
#include "lib/layout.h"

#include <stdbool.h>
#include <string.h>

#include "lib/attr.h"

const struct layout_row layout_all[] = {
	{ "/", LAYOUT_TMPFS, "size=50%", 0755,
	  "the root directory is made anew in memory at every boot" },
	{ "/usr", LAYOUT_IMAGE, NULL, 0755, "the system image: replaced as a whole by an upgrade" },
	{ "/bin", LAYOUT_LINK, "usr/bin", 0, "programs of the system image" },
	{ "/sbin", LAYOUT_LINK, "usr/sbin", 0, "programs of the system image" },
	{ "/lib", LAYOUT_LINK, "usr/lib", 0, "libraries of the system image" },
	{ "/lib64", LAYOUT_LINK, "usr/lib64", 0, "libraries of the system image" },
	{ "/boot", LAYOUT_IMAGE, NULL, 0755, "the boot medium, read-only while the system runs" },
	{ "/dev", LAYOUT_TMPFS, NULL, 0755, "devices, made by the kernel" },
	{ "/proc", LAYOUT_TMPFS, NULL, 0555, "a view of the kernel" },
	{ "/sys", LAYOUT_TMPFS, NULL, 0555, "a view of the kernel" },
	{ "/run", LAYOUT_TMPFS, "size=25%", 0755, "run-time files of this boot" },
	{ "/tmp", LAYOUT_TMPFS, "size=50%", 01777, "temporary files of this boot" },
	{ "/mnt", LAYOUT_TMPFS, "size=1m", 0755,
	  "places to mount things at, shared with containers" },
	{ "/media", LAYOUT_TMPFS, "size=1m", 0755,
	  "places to mount things at, shared with containers" },
	{ "/state", LAYOUT_STATE, "", 0755, "the state disk itself" },
	{ "/etc", LAYOUT_OVERLAY, "var/lib/rancher/etc/upper", 0755,
	  "the system image's /etc with your changes above; rendered files are made anew at boot" },
	{ "/var", LAYOUT_STATE, "var", 0755, "on the state disk" },
	{ "/var/run", LAYOUT_LINK, "/run", 0, "run-time files of this boot" },
	{ "/var/lock", LAYOUT_LINK, "/run/lock", 0, "locks of this boot" },
	{ "/var/lib/docker", LAYOUT_STATE, "var/lib/user-docker", 0710,
	  "your containers, images and volumes" },
	{ "/home", LAYOUT_STATE, "home", 0755, "home directories, on the state disk" },
	{ "/root", LAYOUT_STATE, "root", 0700, "root's home directory, on the state disk" },
	{ "/opt", LAYOUT_STATE, "opt", 0755, "software of your own, on the state disk" },
	{ "/srv", LAYOUT_STATE, "srv", 0755, "data of your own, on the state disk" },
};

const size_t layout_n = ARRAY_LEN(layout_all);

/* Whether `path` is `dir` or lies below it. */
static bool below(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	if (len == 1)
		return true;
	return strncmp(path, dir, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

const struct layout_row *layout_find(const char *path)
{
	const struct layout_row *best = &layout_all[0];

	for (size_t i = 1; i < layout_n; i++) {
		const struct layout_row *row = &layout_all[i];

		if (below(path, row->path) && strlen(row->path) > strlen(best->path))
			best = row;
	}
	return best;
}
