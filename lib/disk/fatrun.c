/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes the file allocation table of a file system that was made a moment ago, and nobody uses.
 */
#include "lib/disk/fatrun.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/disk/image.h"
#include "lib/scope.h"

#define ENTRY        32
#define ENTRY_NAME   "ROSRUN  TMP"
#define NAME_LEN     11
#define CHAIN_END    0x0fffffffu
#define CHAIN_MASK   0x0fffffffu
#define FAT_MAX      (64u << 20)
#define COPIES_MAX   4
#define FSINFO_FREE  488
#define FSINFO_NEXT  492
#define FSINFO_MAGIC 0x61417272u
#define CLUSTER_MAX  (64u << 10)

struct volume {
	int fd;
	uint64_t start, table, data; /* bytes from the disk's start */
	uint32_t copies, table_bytes, cluster_bytes, clusters, root, fsinfo_at;
	uint8_t *fat;
};

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

static int write_at(const struct volume *v, const void *data, size_t len, uint64_t at,
		    struct error *err)
{
	if (pwrite(v->fd, data, len, (off_t)at) != (ssize_t)len)
		return error_sys(err, errno ? errno : EIO, "write the file allocation table");
	return 0;
}

static int open_volume(struct volume *v, struct error *err)
{
	uint32_t bytes, reserved, sectors, table_sectors;
	uint8_t b[512];
	int r = image_pread(v->fd, v->start, b, sizeof(b), err);

	if (r < 0)
		return r;
	bytes = image_le16(b + 11);
	reserved = image_le16(b + 14);
	sectors = image_le32(b + 32);
	table_sectors = image_le32(b + 36);
	v->copies = b[16];
	v->cluster_bytes = bytes * b[13];
	v->root = image_le32(b + 44);
	if (bytes < 512 || bytes > 4096 || !b[13] || v->cluster_bytes > CLUSTER_MAX ||
	    image_le16(b + 22) || !v->copies || v->copies > COPIES_MAX ||
	    (uint64_t)table_sectors * bytes > FAT_MAX ||
	    (uint64_t)reserved + (uint64_t)v->copies * table_sectors >= sectors)
		return error_set(err, EBADMSG, "no FAT32");
	v->table_bytes = table_sectors * bytes;
	v->table = v->start + (uint64_t)reserved * bytes;
	v->data = v->table + (uint64_t)v->copies * v->table_bytes;
	v->clusters = (sectors - reserved - v->copies * table_sectors) / b[13];
	v->fsinfo_at = image_le16(b + 48) * bytes;
	if (v->clusters + 2 > v->table_bytes / 4 || v->root < 2 || v->root >= v->clusters + 2)
		return error_set(err, EBADMSG, "no FAT32");
	v->fat = malloc(v->table_bytes);
	if (!v->fat)
		return error_sys(err, ENOMEM, "file allocation table");
	return image_pread(v->fd, v->table, v->fat, v->table_bytes, err);
}

static uint32_t next_of(const struct volume *v, uint32_t cluster)
{
	return image_le32(v->fat + 4 * (size_t)cluster) & CHAIN_MASK;
}

static uint64_t place_of(const struct volume *v, uint32_t cluster)
{
	return v->data + (uint64_t)(cluster - 2) * v->cluster_bytes;
}

/* The first of `n` clusters in a row that are free; 0 when there are none. */
static uint32_t find_run(const struct volume *v, uint32_t n)
{
	uint32_t run = 0;

	for (uint32_t c = 2; c < v->clusters + 2; c++) {
		run = next_of(v, c) ? 0 : run + 1;
		if (run == n)
			return c - n + 1;
	}
	return 0;
}

/* Where the file's entry is. The root of a fresh file system is a few clusters long. */
static int find_entry(const struct volume *v, uint64_t *ret, struct error *err)
{
	AUTO_FREE uint8_t *dir = malloc(v->cluster_bytes);
	uint32_t cluster = v->root;

	if (!dir)
		return error_sys(err, ENOMEM, "directory");
	for (uint32_t i = 0; i < v->clusters && cluster >= 2 && cluster < v->clusters + 2; i++) {
		int r = image_pread(v->fd, place_of(v, cluster), dir, v->cluster_bytes, err);

		if (r < 0)
			return r;
		for (uint32_t at = 0; at + ENTRY <= v->cluster_bytes; at += ENTRY) {
			if (memcmp(dir + at, ENTRY_NAME, NAME_LEN) != 0)
				continue;
			*ret = place_of(v, cluster) + at;
			return 0;
		}
		cluster = next_of(v, cluster);
	}
	return error_set(err, EBADMSG, "no file " FATRUN_NAME);
}

static int write_chain(const struct volume *v, uint32_t first, uint32_t n, struct error *err)
{
	size_t from = 4 * (size_t)first, len = 4 * (size_t)n;
	int r = 0;

	for (uint32_t i = 0; i < n; i++)
		put32(v->fat + 4 * (size_t)(first + i), i + 1 < n ? first + i + 1 : CHAIN_END);
	for (uint32_t i = 0; r == 0 && i < v->copies; i++)
		r = write_at(v, v->fat + from, len, v->table + (uint64_t)i * v->table_bytes + from,
			     err);
	return r;
}

static int write_entry(const struct volume *v, uint64_t at, uint32_t first, uint32_t size,
		       struct error *err)
{
	uint8_t e[ENTRY];
	int r = image_pread(v->fd, at, e, sizeof(e), err);

	if (r < 0)
		return r;
	e[20] = (uint8_t)(first >> 16);
	e[21] = (uint8_t)(first >> 24);
	e[26] = (uint8_t)first;
	e[27] = (uint8_t)(first >> 8);
	put32(e + 28, size);
	return write_at(v, e, sizeof(e), at, err);
}

/* What it says about free clusters is a hint to others, and should be right. */
static int write_hint(const struct volume *v, uint32_t after, uint32_t n, struct error *err)
{
	uint64_t at = v->start + v->fsinfo_at;
	uint8_t b[512];
	int r = image_pread(v->fd, at, b, sizeof(b), err);

	if (r < 0 || image_le32(b + 484) != FSINFO_MAGIC)
		return r;
	if (image_le32(b + FSINFO_FREE) >= n && image_le32(b + FSINFO_FREE) != ~0u)
		put32(b + FSINFO_FREE, image_le32(b + FSINFO_FREE) - n);
	put32(b + FSINFO_NEXT, after);
	return write_at(v, b, sizeof(b), at, err);
}

int fatrun_reserve(int fd, uint64_t start, uint64_t size, uint64_t *ret_at, struct error *err)
{
	struct volume v = { .fd = fd, .start = start };
	AUTO_FREE uint8_t *fat = NULL;
	uint32_t n, first = 0;
	uint64_t entry = 0;
	int r = open_volume(&v, err);

	fat = v.fat;
	if (r == 0)
		r = find_entry(&v, &entry, err);
	if (r < 0)
		return r;
	if (size && size <= UINT32_MAX) {
		n = (uint32_t)((size + v.cluster_bytes - 1) / v.cluster_bytes);
		first = find_run(&v, n);
	}
	if (!first)
		return error_set(err, ENOSPC, "no room for %llu bytes in one run",
				 (unsigned long long)size);
	*ret_at = place_of(&v, first);
	r = write_chain(&v, first, n, err);
	if (r == 0)
		r = write_hint(&v, first + n - 1, n, err);
	return r < 0 ? r : write_entry(&v, entry, first, (uint32_t)size, err);
}

int fatrun_room(int fd, uint64_t start, uint64_t *ret, struct error *err)
{
	struct volume v = { .fd = fd, .start = start };
	AUTO_FREE uint8_t *fat = NULL;
	int r = open_volume(&v, err);

	fat = v.fat;
	*ret = 0;
	for (uint32_t c = 2; r == 0 && c < v.clusters + 2; c++)
		*ret += next_of(&v, c) ? 0 : v.cluster_bytes;
	return r;
}
