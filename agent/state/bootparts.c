/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the moments in which a boot partition can be written.
 */
#include "agent/state/bootparts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "installer/install.h"
#include "lib/file.h"
#include "lib/scope.h"
#include "lib/writable.h"

/* What ros-early wrote: "partition /dev/vda1". */
#define WHERE "/run/ros/image"
#define OTHER "/run/ros/mirror-boot"
#define FLAGS (MS_NODEV | MS_NOSUID | MS_NOEXEC)

/* --- which --- */

/* "/dev/vda1" and "/dev/vda2", "/dev/nvme0n1p1" and "/dev/nvme0n1p2". */
static bool same_disk(const char *a, const char *b)
{
	size_t la = strlen(a), lb = strlen(b);

	while (la && a[la - 1] >= '0' && a[la - 1] <= '9')
		la--;
	while (lb && b[lb - 1] >= '0' && b[lb - 1] <= '9')
		lb--;
	return la == lb && !strncmp(a, b, la);
}

/* A partition of the same disk that belongs to an array. */
static const struct probe *member_beside(const struct inventory *inv, const char *boot)
{
	for (size_t i = 0; i < inv->n; i++) {
		const struct probe *p = &inv->devices[i];

		if (!strcmp(p->type, "linux_raid_member") && same_disk(p->path, boot))
			return p;
	}
	return NULL;
}

size_t bootparts_others(const struct inventory *inv, const char *boot,
			const struct probe *ret[BOOTPARTS_MAX])
{
	const struct probe *ours = member_beside(inv, boot);
	size_t n = 0;

	for (size_t i = 0; ours && i < inv->n && n < BOOTPARTS_MAX; i++) {
		const struct probe *p = &inv->devices[i], *theirs;

		if (strcmp(p->type, "vfat") != 0 || strcmp(p->label, INSTALL_LABEL_BOOT) != 0 ||
		    same_disk(p->path, boot))
			continue;
		theirs = member_beside(inv, p->path);
		/* A member's UUID is its array's. */
		if (theirs && !strcmp(theirs->uuid, ours->uuid))
			ret[n++] = p;
	}
	return n;
}

/* --- writing --- */

static int write_own(int root, bootparts_write fn, void *arg, struct error *err)
{
	struct writable boot = { 0 };
	struct error e = { 0 };
	int r = root == FILE_ROOT ? writable_begin(BOOTPARTS_BOOT, &boot, err) : 0, end;

	if (r < 0)
		return r;
	r = fn(root, BOOTPARTS_BOOT, arg, err);
	end = writable_end(&boot, &e);
	return r == 0 && end < 0 ? error_set(err, e.code, "%s", e.msg) : r;
}

static int write_other(const struct probe *p, bootparts_write fn, void *arg, struct error *err)
{
	int r = file_mkdir(FILE_ROOT, OTHER, 0700, err);

	if (r < 0)
		return r;
	if (mount(p->path, OTHER, p->type, FLAGS, NULL) < 0)
		return error_sys(err, errno, "mount %s", p->path);
	r = fn(FILE_ROOT, OTHER, arg, err);
	if (umount2(OTHER, 0) < 0 && r == 0)
		r = error_sys(err, errno, "unmount %s", p->path);
	(void)rmdir(OTHER);
	return error_wrap(err, r, "%s, the mirror's boot partition", p->path);
}

int bootparts_each(int root, bootparts_write fn, void *arg, struct error *err)
{
	AUTO_BUF struct buf where = BUF_WITH_LIMIT(200);
	AUTO_FREE struct inventory *inv = NULL;
	const struct probe *others[BOOTPARTS_MAX];
	char boot[64] = "";
	size_t n;
	int r = write_own(root, fn, arg, err);

	if (r < 0 || root != FILE_ROOT || file_read(root, WHERE, &where, NULL) < 0 ||
	    sscanf(buf_text(&where), "partition %63s", boot) != 1)
		return r;
	inv = calloc(1, sizeof(*inv));
	if (!inv)
		return error_sys(err, ENOMEM, "list of block devices");
	r = inventory_scan(inv, root, err);
	if (r < 0)
		return r;
	n = bootparts_others(inv, boot, others);
	for (size_t i = 0; r == 0 && i < n; i++)
		r = write_other(others[i], fn, arg, err);
	return r;
}
