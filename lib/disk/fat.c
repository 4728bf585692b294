/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds one file in a FAT image. A cluster chain is never followed further than the volume has
 * clusters, nor than its reader wants bytes: a chain that runs in a circle ends.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "lib/disk/fat.h"

#define ENTRY        32
#define LONG_UNITS   13
#define LONG_ENTRIES 20
#define NAME_BYTES   (LONG_UNITS * LONG_ENTRIES + 1)

#define ATTR_VOLUME    0x08
#define ATTR_DIRECTORY 0x10
#define ATTR_LONG      0x0f

struct fat {
	int fd;
	unsigned bits; /* 12, 16, 32 */
	uint32_t cluster_bytes, clusters;
	uint64_t fat_at, data_at; /* bytes from the start of fd */
	uint64_t root_at;         /* FAT12 and FAT16: a fixed place */
	uint32_t root_bytes, root_cluster;
};

struct node {
	bool is_fixed_root, is_dir;
	uint32_t cluster, size;
};

/* --- the volume --- */

static int damaged(struct error *err, const char *what)
{
	return error_set(err, EBADMSG, "its %s makes no sense", what);
}

static bool is_power_of_two(uint32_t n, uint32_t min, uint32_t max)
{
	return n >= min && n <= max && (n & (n - 1)) == 0;
}

static int open_image(int fd, uint64_t start, struct fat *fat, struct error *err)
{
	uint32_t bytes, per_cluster, reserved, copies, fat_sectors, sectors, root_sectors, data;
	uint8_t b[512];
	int r = image_pread(fd, start, b, sizeof(b), err);

	if (r < 0)
		return r;
	bytes = image_le16(b + 11);
	per_cluster = b[13];
	if (!is_power_of_two(bytes, 512, 4096) || !is_power_of_two(per_cluster, 1, 128))
		return damaged(err, "sector size");
	reserved = image_le16(b + 14);
	copies = b[16];
	fat_sectors = image_le16(b + 22) ? image_le16(b + 22) : image_le32(b + 36);
	sectors = image_le16(b + 19) ? image_le16(b + 19) : image_le32(b + 32);
	root_sectors = (image_le16(b + 17) * ENTRY + bytes - 1) / bytes;
	if (!reserved || !copies || copies > 4 || fat_sectors > sectors / copies)
		return damaged(err, "file allocation table");
	if ((uint64_t)reserved + copies * fat_sectors + root_sectors >= sectors)
		return damaged(err, "number of sectors");
	data = reserved + copies * fat_sectors + root_sectors;
	*fat = (struct fat){ .fd = fd,
			     .cluster_bytes = bytes * per_cluster,
			     .clusters = (sectors - data) / per_cluster,
			     .fat_at = start + (uint64_t)reserved * bytes,
			     .root_at = start +
					((uint64_t)reserved + copies * fat_sectors) * bytes,
			     .root_bytes = root_sectors * bytes,
			     .data_at = start + (uint64_t)data * bytes };
	fat->bits = fat->clusters < 4085 ? 12 : fat->clusters < 65525 ? 16 : 32;
	if (fat->bits == 32)
		fat->root_cluster = image_le32(b + 44);
	return 0;
}

/* *ret is 0 at the end of the chain. */
static int next_cluster(const struct fat *fat, uint32_t cluster, uint32_t *ret, struct error *err)
{
	uint64_t at = fat->fat_at + (uint64_t)cluster * fat->bits / 8;
	uint8_t b[4] = { 0 };
	uint32_t value, end;
	int r = image_pread(fat->fd, at, b, fat->bits == 32 ? 4 : 2, err);

	if (r < 0)
		return r;
	if (fat->bits == 12) {
		value = cluster & 1 ? image_le16(b) >> 4 : image_le16(b) & 0xfff;
		end = 0xff8;
	} else if (fat->bits == 16) {
		value = image_le16(b);
		end = 0xfff8;
	} else {
		value = image_le32(b) & 0x0fffffff;
		end = 0x0ffffff8;
	}
	*ret = value >= end ? 0 : value;
	if (*ret && (value < 2 || value - 2 >= fat->clusters))
		return damaged(err, "cluster chain");
	return 0;
}

/* Append the first `size` bytes of a chain; all of it, up to `size`, with `whole`. */
static int copy_chain(const struct fat *fat, uint32_t cluster, uint32_t size, bool whole,
		      struct buf *b, struct error *err)
{
	uint32_t left = size, steps = 0;
	int r = 0;

	if (left && (cluster < 2 || cluster - 2 >= fat->clusters))
		return damaged(err, "first cluster");
	while (r == 0 && left && cluster) {
		uint32_t n = left < fat->cluster_bytes ? left : fat->cluster_bytes;
		uint64_t at = fat->data_at + (uint64_t)(cluster - 2) * fat->cluster_bytes;

		if (steps++ > fat->clusters)
			return damaged(err, "cluster chain");
		r = image_copy(fat->fd, at, n, b, err);
		left -= n;
		if (r == 0)
			r = next_cluster(fat, cluster, &cluster, err);
	}
	if (r == 0 && left && !whole)
		return error_set(err, EBADMSG, "its cluster chain ends before the file does");
	if (r == 0 && cluster && whole)
		return error_set(err, E2BIG, "a directory of more than %u bytes", size);
	return r;
}

/* --- directories --- */

/* A long name gathered from the entries before the short one, last part first. */
struct long_name {
	char text[NAME_BYTES];
	unsigned next; /* the number of the entry that must follow, 0: complete or none */
	bool valid;
	uint8_t sum;
};

static void take_long(struct long_name *l, const uint8_t *e)
{
	static const uint8_t places[LONG_UNITS] = { 1, 3, 5, 7, 9, 14, 16, 18, 20, 22, 24, 28, 30 };
	unsigned n = e[0] & 0x3f;

	if (e[0] & 0x40) {
		*l = (struct long_name){ .next = n, .valid = true, .sum = e[13] };
		if (n == 0 || n > LONG_ENTRIES)
			l->valid = false;
	}
	if (!l->valid || n != l->next || e[13] != l->sum) {
		l->valid = false;
		return;
	}
	for (unsigned i = 0; i < LONG_UNITS; i++) {
		uint16_t c = image_le16(e + places[i]);
		char *to = &l->text[(n - 1) * LONG_UNITS + i];

		/* 0 ends the name and 0xffff fills up; what is not ASCII matches nothing. */
		*to = c == 0 || c == 0xffff ? '\0' : c < 0x80 ? (char)c : '\x7f';
	}
	l->next--;
}

static uint8_t short_sum(const uint8_t *e)
{
	uint8_t sum = 0;

	for (int i = 0; i < 11; i++)
		sum = (uint8_t)((sum >> 1 | sum << 7) + e[i]);
	return sum;
}

static void short_name(const uint8_t *e, char *to)
{
	size_t n = 0;

	for (int i = 0; i < 11; i++) {
		if (i == 8 && e[8] != ' ')
			to[n++] = '.';
		if (e[i] != ' ')
			to[n++] = (char)e[i];
	}
	to[n] = '\0';
}

static bool is_name(const struct image_name *want, const char *have)
{
	return strlen(have) == want->len && !strncasecmp(want->text, have, want->len);
}

static bool is_wanted(const uint8_t *e, const struct long_name *l, const struct image_name *want)
{
	char text[13];

	/* Only "." and ".." begin with a dot here; neither they nor the volume's label are names.
	 */
	if (e[11] & ATTR_VOLUME || e[0] == '.')
		return false;
	if (l->valid && l->next == 0 && l->sum == short_sum(e) && is_name(want, l->text))
		return true;
	short_name(e, text);
	return is_name(want, text);
}

static struct node node_of(const uint8_t *e)
{
	return (struct node){ .is_dir = e[11] & ATTR_DIRECTORY,
			      .cluster = (uint32_t)image_le16(e + 20) << 16 | image_le16(e + 26),
			      .size = image_le32(e + 28) };
}

static int find(const struct buf *dir, const struct image_name *want, struct node *ret,
		struct error *err)
{
	struct long_name name = { 0 };

	for (size_t at = 0; at + ENTRY <= dir->len; at += ENTRY) {
		const uint8_t *e = (const uint8_t *)dir->data + at;

		if (e[0] == 0)
			break;
		if (e[0] == 0xe5) {
			name.valid = false;
		} else if ((e[11] & 0x3f) == ATTR_LONG) {
			take_long(&name, e);
		} else {
			if (is_wanted(e, &name, want)) {
				*ret = node_of(e);
				return 0;
			}
			name.valid = false;
		}
	}
	return error_set(err, ENOENT, "no %.*s", (int)want->len, want->text);
}

static int read_dir(const struct fat *fat, const struct node *dir, struct buf *b, struct error *err)
{
	*b = BUF_WITH_LIMIT(2 * IMAGE_DIR_MAX);
	if (dir->is_fixed_root)
		return image_copy(fat->fd, fat->root_at, fat->root_bytes, b, err);
	return copy_chain(fat, dir->cluster, IMAGE_DIR_MAX, true, b, err);
}

static int step(const struct fat *fat, const struct image_name *name, struct node *at,
		struct error *err)
{
	AUTO_BUF struct buf dir = { 0 };
	int r = read_dir(fat, at, &dir, err);

	if (r == 0)
		r = find(&dir, name, at, err);
	/* FAT12 and FAT16 have no upper half of a cluster's number. */
	if (r == 0 && fat->bits != 32)
		at->cluster &= 0xffff;
	return r;
}

static int find_file(const struct fat *fat, const char *path, struct node *ret, struct error *err)
{
	struct image_name name;
	int r;

	*ret = (struct node){ .is_fixed_root = fat->bits != 32,
			      .is_dir = true,
			      .cluster = fat->root_cluster };
	for (int depth = 0; path && image_split(path, &name); depth++) {
		if (depth == IMAGE_DEPTH || !ret->is_dir)
			return error_set(err, ENOENT, "no %s", path);
		r = step(fat, &name, ret, err);
		if (r < 0)
			return r;
		path = name.rest;
	}
	return ret->is_dir ? error_set(err, EISDIR, "it is a directory") : 0;
}

int fat_read(int fd, const char *path, struct buf *b, struct error *err)
{
	struct fat fat = { 0 };
	struct node at = { 0 };
	int r = open_image(fd, 0, &fat, err);

	if (r == 0)
		r = find_file(&fat, path, &at, err);
	if (r < 0)
		return r;
	if (at.size > (b->limit ? b->limit : BUF_LIMIT))
		return error_set(err, E2BIG, "it has %u bytes", at.size);
	buf_add(b, "", 0);
	return copy_chain(&fat, at.cluster, at.size, false, b, err);
}

/* The run that begins at *cluster, of at most `left` bytes; *cluster is then what follows. */
static int next_run(const struct fat *fat, uint32_t *cluster, uint32_t left, uint64_t *ret_len,
		    struct error *err)
{
	uint32_t next = *cluster;
	int r = 0;

	*ret_len = 0;
	do {
		*cluster = next;
		*ret_len += fat->cluster_bytes;
		r = next_cluster(fat, *cluster, &next, err);
	} while (r == 0 && *ret_len < left && next == *cluster + 1);
	*cluster = next;
	if (*ret_len > left)
		*ret_len = left;
	return r;
}

int fat_map(int fd, uint64_t start, const char *path, uint64_t *ret_size, fat_run fn, void *arg,
	    struct error *err)
{
	struct fat fat = { 0 };
	struct node at = { 0 };
	uint32_t left;
	int r = open_image(fd, start, &fat, err);

	if (r == 0)
		r = find_file(&fat, path, &at, err);
	if (r < 0)
		return r;
	*ret_size = at.size;
	/* Each turn takes bytes: a chain in a circle ends. */
	for (left = at.size; r == 0 && left;) {
		uint64_t from = fat.data_at + (uint64_t)(at.cluster - 2) * fat.cluster_bytes, len;

		if (at.cluster < 2 || at.cluster - 2 >= fat.clusters)
			return error_set(err, EBADMSG,
					 "its cluster chain ends before the file does");
		r = next_run(&fat, &at.cluster, left, &len, err);
		left -= (uint32_t)len;
		if (r == 0)
			r = fn(arg, from, len, err);
	}
	return r;
}
