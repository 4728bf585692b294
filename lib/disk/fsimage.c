/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of formats.
 */
#include <errno.h>
#include <string.h>

#include "lib/disk/fat.h"
#include "lib/disk/fsimage.h"
#include "lib/disk/iso.h"

struct format {
	const char *type;
	int (*read)(int fd, const char *path, struct buf *b, struct error *err);
};

static const struct format formats[] = {
	{ "iso9660", iso_read },
	{ "vfat", fat_read },
};

static const struct format *find(const char *type)
{
	for (size_t i = 0; i < ARRAY_LEN(formats); i++)
		if (!strcmp(type, formats[i].type))
			return &formats[i];
	return NULL;
}

bool fsimage_is_known(const char *type)
{
	return find(type) != NULL;
}

int fsimage_read(int fd, const char *type, const char *path, struct buf *b, struct error *err)
{
	const struct format *f = find(type);

	if (!f)
		return error_set(err, ENOTSUP, "a file system of type %s is not read", type);
	return f->read(fd, path, b, err);
}
