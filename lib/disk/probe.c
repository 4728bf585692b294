/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The owner of libblkid: what is on a device or an image file. Keeps no cache: devices come and go
 * while booting.
 */
#include "lib/disk/probe.h"

#include <blkid/blkid.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/scope.h"

DEFINE_AUTO(struct blkid_struct_probe, blkid_free_probe);

static void copy_value(blkid_probe pr, const char *name, char *to, size_t size)
{
	const char *value = NULL;
	size_t len = 0;

	to[0] = '\0';
	if (blkid_probe_lookup_value(pr, name, &value, &len) == 0 && value)
		(void)snprintf(to, size, "%s", value);
}

static void copy_text(char *to, size_t size, const char *text)
{
	(void)snprintf(to, size, "%s", text ? text : "");
}

/* FAT has room for eleven characters: there, RANCHERBOOT stands for RANCHER_BOOT. */
static void long_label(struct probe *p)
{
	if (!strcmp(p->type, "vfat") && !strcmp(p->label, PROBE_FAT_BOOT))
		copy_text(p->label, sizeof(p->label), "RANCHER_BOOT");
}

static int size_of(int fd, const char *path, uint64_t *ret, struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return error_sys(err, errno, "%s", path);
	if (S_ISBLK(st.st_mode)) {
		if (ioctl(fd, BLKGETSIZE64, ret) < 0)
			return error_sys(err, errno, "size of %s", path);
		return 0;
	}
	if (!S_ISREG(st.st_mode))
		return error_set(err, ENOTBLK, "%s is neither a block device nor a file", path);
	*ret = (uint64_t)st.st_size;
	return 0;
}

static int probe_fd(int fd, struct probe *ret, struct error *err)
{
	AUTO(blkid_free_probe) blkid_probe pr = blkid_new_probe();

	if (!pr)
		return error_set(err, ENOMEM, "no memory");
	if (blkid_probe_set_device(pr, fd, 0, 0) < 0)
		return error_set(err, EIO, "%s cannot be read", ret->path);
	blkid_probe_enable_superblocks(pr, 1);
	blkid_probe_set_superblocks_flags(pr, BLKID_SUBLKS_LABEL | BLKID_SUBLKS_UUID |
						      BLKID_SUBLKS_TYPE);
	blkid_probe_enable_partitions(pr, 1);
	blkid_probe_set_partitions_flags(pr, BLKID_PARTS_ENTRY_DETAILS);
	/* 1: nothing known; -2: more than one signature, which we take for nothing as well. */
	if (blkid_do_safeprobe(pr) == -1)
		return error_set(err, EIO, "%s cannot be read", ret->path);
	copy_value(pr, "TYPE", ret->type, sizeof(ret->type));
	copy_value(pr, "LABEL", ret->label, sizeof(ret->label));
	/* Some tools write a FAT's label into its boot sector alone. */
	if (!ret->label[0])
		copy_value(pr, "LABEL_FATBOOT", ret->label, sizeof(ret->label));
	long_label(ret);
	copy_value(pr, "UUID", ret->uuid, sizeof(ret->uuid));
	copy_value(pr, "PART_ENTRY_NAME", ret->partlabel, sizeof(ret->partlabel));
	copy_value(pr, "PART_ENTRY_UUID", ret->partuuid, sizeof(ret->partuuid));
	return 0;
}

/* What is in one partition, by its place on the disk. */
static void probe_inside(int fd, struct probe_part *part)
{
	AUTO(blkid_free_probe) blkid_probe pr = blkid_new_probe();

	if (!pr || blkid_probe_set_device(pr, fd, (blkid_loff_t)part->start,
					  (blkid_loff_t)part->fs.size) < 0)
		return;
	blkid_probe_enable_superblocks(pr, 1);
	blkid_probe_set_superblocks_flags(pr, BLKID_SUBLKS_LABEL | BLKID_SUBLKS_UUID |
						      BLKID_SUBLKS_TYPE);
	if (blkid_do_safeprobe(pr) != 0)
		return;
	copy_value(pr, "TYPE", part->fs.type, sizeof(part->fs.type));
	copy_value(pr, "LABEL", part->fs.label, sizeof(part->fs.label));
	long_label(&part->fs);
	copy_value(pr, "UUID", part->fs.uuid, sizeof(part->fs.uuid));
}

static void list_parts(int fd, blkid_partlist list, struct probe_disk *ret)
{
	const blkid_parttable table = blkid_partlist_get_table(list);
	int n = blkid_partlist_numof_partitions(list);

	if (table)
		copy_text(ret->table, sizeof(ret->table), blkid_parttable_get_type(table));
	for (int i = 0; table && i < n && ret->n < PROBE_PARTS; i++) {
		blkid_partition p = blkid_partlist_get_partition(list, i);
		struct probe_part *part = &ret->parts[ret->n];

		if (!p || blkid_partition_is_extended(p))
			continue;
		/* libblkid counts in sectors of 512 bytes, whatever the disk's are. */
		*part = (struct probe_part){
			.number = (unsigned)blkid_partition_get_partno(p),
			.start = (uint64_t)blkid_partition_get_start(p) * 512,
			.fs.size = (uint64_t)blkid_partition_get_size(p) * 512,
		};
		copy_text(part->fs.partlabel, sizeof(part->fs.partlabel),
			  blkid_partition_get_name(p));
		copy_text(part->fs.partuuid, sizeof(part->fs.partuuid),
			  blkid_partition_get_uuid(p));
		probe_inside(fd, part);
		ret->n++;
	}
}

static void ask_device(int fd, struct probe_disk *ret)
{
	struct stat st;
	int sector = 0, read_only = 0;

	ret->sector = 512;
	ret->is_file = fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
	if (ret->is_file)
		return;
	if (ioctl(fd, BLKSSZGET, &sector) == 0 && sector > 0)
		ret->sector = (unsigned)sector;
	ret->read_only = ioctl(fd, BLKROGET, &read_only) == 0 && read_only;
}

int probe_disk(int fd, const char *name, struct probe_disk *ret, struct error *err)
{
	AUTO(blkid_free_probe) blkid_probe pr = NULL;
	blkid_partlist list;
	int r;

	*ret = (struct probe_disk){ 0 };
	copy_text(ret->whole.path, sizeof(ret->whole.path), name);
	r = size_of(fd, name, &ret->whole.size, err);
	if (r < 0)
		return r;
	ask_device(fd, ret);
	if (!ret->whole.size)
		return 0;
	r = probe_fd(fd, &ret->whole, err);
	if (r < 0)
		return r;
	pr = blkid_new_probe();
	if (!pr || blkid_probe_set_device(pr, fd, 0, 0) < 0)
		return error_set(err, EIO, "%s cannot be read", name);
	blkid_probe_enable_partitions(pr, 1);
	list = blkid_probe_get_partitions(pr);
	if (list)
		list_parts(fd, list, ret);
	return 0;
}

int probe_device(int root, const char *path, struct probe *ret, struct error *err)
{
	AUTO_CLOSE int fd = -1;
	int r;

	*ret = (struct probe){ 0 };
	if (strlen(path) >= sizeof(ret->path))
		return error_set(err, ENAMETOOLONG, "%s", path);
	(void)snprintf(ret->path, sizeof(ret->path), "%s", path);
	r = file_open(root, path, O_RDONLY, 0, &fd, err);
	if (r < 0)
		return r;
	r = size_of(fd, path, &ret->size, err);
	if (r < 0)
		return r;
	return probe_fd(fd, ret, err);
}

/* The kernel shows a medium-less or unbound device with size 0. */
static bool has_content(const char *name)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(64);
	char path[300];

	if (!strncmp(name, "ram", 3) || !strncmp(name, "zram", 4))
		return false;
	(void)snprintf(path, sizeof(path), "/sys/class/block/%s/size", name);
	return file_read(FILE_ROOT, path, &b, NULL) == 0 && strtoull(buf_text(&b), NULL, 10) > 0;
}

static bool visit(int root, const char *name, bool (*fn)(void *arg, const struct probe *p),
		  void *arg)
{
	struct probe p;
	char path[300];

	if (name[0] == '.' || (root == FILE_ROOT && !has_content(name)))
		return true;
	(void)snprintf(path, sizeof(path), "/dev/%s", name);
	for (char *c = path + 5; *c; c++) {
		if (*c == '!')
			*c = '/';
	}
	/* One that cannot be read (no medium, gone again) is passed over. */
	if (probe_device(root, path, &p, NULL) < 0)
		return true;
	return fn(arg, &p);
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

int probe_each(int root, bool (*fn)(void *arg, const struct probe *p), void *arg, struct error *err)
{
	AUTO_CLOSE int dir = -1;
	struct dirent **list = NULL;
	bool go_on = true;
	int n, r;

	r = file_open(root, root == FILE_ROOT ? "/sys/class/block" : "/dev", O_RDONLY | O_DIRECTORY,
		      0, &dir, err);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	n = scandirat(dir, ".", &list, NULL, by_name);
	if (n < 0)
		return error_sys(err, errno, "list block devices");
	for (int i = 0; i < n; i++) {
		if (go_on)
			go_on = visit(root, list[i]->d_name, fn, arg);
		free(list[i]);
	}
	free(list);
	return 0;
}

struct wanted {
	const char *tag; /* "LABEL=" … */
	const char *value;
	bool fold;
	struct probe *ret;
	bool found;
};

static const char *tag_value(const struct probe *p, const char *tag)
{
	if (!strncmp(tag, "LABEL=", 6))
		return p->label;
	if (!strncmp(tag, "UUID=", 5))
		return p->uuid;
	if (!strncmp(tag, "PARTLABEL=", 10))
		return p->partlabel;
	return p->partuuid;
}

static bool matches(void *arg, const struct probe *p)
{
	struct wanted *w = arg;
	const char *have = tag_value(p, w->tag);
	/* UUIDs are written in either case. */
	bool fold = w->fold || strstr(w->tag, "UUID=") != NULL;

	if (!have[0] || (fold ? strcasecmp(have, w->value) : strcmp(have, w->value)) != 0)
		return true;
	*w->ret = *p;
	w->found = true;
	return false;
}

int probe_find(int root, const char *spec, bool fold, struct probe *ret, struct error *err)
{
	static const char *const tags[] = { "LABEL=", "UUID=", "PARTLABEL=", "PARTUUID=" };
	struct wanted w = { .fold = fold, .ret = ret };
	int r;

	if (!strncmp(spec, "/dev/", 5)) {
		r = probe_device(root, spec, ret, err);
		return r == -ENOENT ? error_set(err, ENODATA, "no device %s", spec) : r;
	}
	for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
		if (!strncmp(spec, tags[i], strlen(tags[i]))) {
			w.tag = tags[i];
			w.value = spec + strlen(tags[i]);
		}
	}
	if (!w.tag || !w.value[0])
		return error_set(err, EINVAL,
				 "%s: use LABEL=, UUID=, PARTLABEL=, PARTUUID= or /dev/", spec);
	r = probe_each(root, matches, &w, err);
	if (r < 0)
		return r;
	return w.found ? 0 : error_set(err, ENODATA, "no device with %s", spec);
}
