/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the format of a GPT's header and list, as far as growing needs them; fresh tables are
 * libparted's.
 */
#include "lib/disk/gpt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/pack/pack.h"

#define SIGNATURE "EFI PART"
#define MIB       (1ull << 20)
#define LIST_PLACE   2
#define SECTOR_MAX   4096
#define MBR_TYPE_GPT 0xee
/* Offsets in the header, */
enum {
	HEADER_SIZE = 12,
	HEADER_SUM = 16,
	HEADER_SELF = 24,
	HEADER_OTHER = 32,
	HEADER_FIRST = 40,
	HEADER_LAST = 48,
	HEADER_LIST = 72,
	HEADER_ENTRIES = 80,
	HEADER_ENTRY = 84,
	HEADER_LIST_SUM = 88,
	HEADER_MIN = 92,
	/* in an entry, */
	ENTRY_START = 32,
	ENTRY_END = 40,
	ENTRY_MIN = 128,
	/* and in sector 0. */
	MBR_PARTS = 446,
	MBR_TYPE = 4,
	MBR_LENGTH = 12,
};

/* A table as it is, and the pieces of the one to come. */
struct gpt {
	unsigned sector;
	uint64_t sectors; /* of the disk */
	size_t list_len;  /* bytes, whole sectors */
	unsigned entries, entry;
	unsigned char *mbr, *header, *turned, *copy; /* a sector each */
	unsigned char *list;
};

static uint64_t get(const unsigned char *p, int bytes)
{
	uint64_t v = 0;

	for (int i = bytes - 1; i >= 0; i--)
		v = v << 8 | p[i];
	return v;
}

static void put(unsigned char *p, int bytes, uint64_t v)
{
	for (int i = 0; i < bytes; i++)
		p[i] = (unsigned char)(v >> (8 * i));
}

static uint32_t sum_of(const unsigned char *p, size_t len)
{
	return pack_crc32(0, p, len);
}

static uint32_t sum_of_header(unsigned char *h)
{
	uint32_t old = (uint32_t)get(h + HEADER_SUM, 4), sum;

	put(h + HEADER_SUM, 4, 0);
	sum = sum_of(h, get(h + HEADER_SIZE, 4));
	put(h + HEADER_SUM, 4, old);
	return sum;
}

bool gpt_is_there(int fd, unsigned sector)
{
	char head[8];

	return pread(fd, head, sizeof(head), sector) == (ssize_t)sizeof(head) &&
	       !memcmp(head, SIGNATURE, sizeof(head));
}

/* --- reading --- */

static bool header_is_whole(struct gpt *g)
{
	uint64_t size = get(g->header + HEADER_SIZE, 4), bytes;

	if (memcmp(g->header, SIGNATURE, 8) != 0 || size < HEADER_MIN || size > g->sector ||
	    get(g->header + HEADER_SELF, 8) != 1 ||
	    get(g->header + HEADER_SUM, 4) != sum_of_header(g->header))
		return false;
	bytes = get(g->header + HEADER_ENTRIES, 4) * get(g->header + HEADER_ENTRY, 4);
	if (get(g->header + HEADER_ENTRY, 4) < ENTRY_MIN || !bytes || bytes > GPT_LIST_MAX)
		return false;
	g->entries = (unsigned)get(g->header + HEADER_ENTRIES, 4);
	g->entry = (unsigned)get(g->header + HEADER_ENTRY, 4);
	g->list_len = (size_t)((bytes + g->sector - 1) / g->sector * g->sector);
	return true;
}

static bool read_all(int fd, void *to, size_t len, uint64_t at)
{
	return pread(fd, to, len, (off_t)at) == (ssize_t)len;
}

static int read_table(int fd, struct gpt *g, struct error *err)
{
	if (!read_all(fd, g->mbr, g->sector, 0) || !read_all(fd, g->header, g->sector, g->sector))
		return error_sys(err, errno ? errno : EIO, "read the table");
	if (!header_is_whole(g) ||
	    !read_all(fd, g->list, g->list_len, get(g->header + HEADER_LIST, 8) * g->sector) ||
	    sum_of(g->list, (size_t)g->entries * g->entry) != get(g->header + HEADER_LIST_SUM, 4))
		return error_set(err, EBADMSG, "the table is damaged");
	return 0;
}

/* --- deciding --- */

static unsigned char *entry_of(const struct gpt *g, unsigned number)
{
	unsigned char *e = g->list + (size_t)(number - 1) * g->entry;
	static const unsigned char unused[16];

	return memcmp(e, unused, sizeof(unused)) ? e : NULL;
}

static bool is_last(const struct gpt *g, const unsigned char *entry, uint64_t *ret_first)
{
	bool last = true;

	*ret_first = ~0ull;
	for (unsigned i = 1; i <= g->entries; i++) {
		const unsigned char *e = entry_of(g, i);
		uint64_t start = e ? get(e + ENTRY_START, 8) : ~0ull;

		if (e && start > get(entry + ENTRY_START, 8))
			last = false;
		if (start < *ret_first)
			*ret_first = start;
	}
	return last;
}

static void seal(const struct gpt *g, unsigned char *h, uint64_t list)
{
	put(h + HEADER_LIST, 8, list);
	put(h + HEADER_LIST_SUM, 4, sum_of(g->list, (size_t)g->entries * g->entry));
	put(h + HEADER_SUM, 4, sum_of_header(h));
}

static void then_write(struct gpt_plan *plan, const struct gpt *g, uint64_t place,
		       const void *data, size_t len)
{
	plan->write[plan->n++] =
		(struct gpt_write){ .at = place * g->sector, .len = len, .data = data };
}

/* The protective partition of sector 0 covers what it can count. */
static void cover_disk(struct gpt *g)
{
	unsigned char *part = g->mbr + MBR_PARTS;
	uint64_t length = g->sectors - 1;

	if (part[MBR_TYPE] == MBR_TYPE_GPT)
		put(part + MBR_LENGTH, 4, length > 0xffffffff ? 0xffffffff : length);
}

/* The second copy first: the first one names it, and is whole until the last write. */
static void list_writes(struct gpt *g, uint64_t spare, struct gpt_plan *plan)
{
	uint64_t list_sectors = g->list_len / g->sector, last = g->sectors - 1;

	put(g->header + HEADER_OTHER, 8, last);
	put(g->header + HEADER_LAST, 8, last - list_sectors - 1);
	memcpy(g->copy, g->header, g->sector);
	put(g->copy + HEADER_SELF, 8, last);
	put(g->copy + HEADER_OTHER, 8, 1);
	seal(g, g->copy, last - list_sectors);
	memcpy(g->turned, g->header, g->sector);
	if (get(g->turned + HEADER_FIRST, 8) < spare + list_sectors)
		put(g->turned + HEADER_FIRST, 8, spare + list_sectors);
	seal(g, g->turned, spare);
	seal(g, g->header, LIST_PLACE);
	cover_disk(g);
	then_write(plan, g, last - list_sectors, g->list, g->list_len);
	then_write(plan, g, last, g->copy, g->sector);
	then_write(plan, g, spare, g->list, g->list_len);
	then_write(plan, g, 1, g->turned, g->sector);
	then_write(plan, g, LIST_PLACE, g->list, g->list_len);
	then_write(plan, g, 1, g->header, g->sector);
	then_write(plan, g, 0, g->mbr, g->sector);
}

static int plan(struct gpt *g, unsigned number, uint64_t slack, struct gpt_plan *ret,
		struct error *err)
{
	uint64_t list_sectors = g->list_len / g->sector, spare = LIST_PLACE + list_sectors;
	uint64_t mib = MIB / g->sector, first, start, end, now;
	unsigned char *e = number && number <= g->entries ? entry_of(g, number) : NULL;

	if (!e)
		return error_set(err, ENODATA, "no partition %u", number);
	start = get(e + ENTRY_START, 8);
	now = get(e + ENTRY_END, 8);
	/* At a whole MiB, before the last sector that may be used. */
	end = (g->sectors - list_sectors - 2) / mib * mib - 1;
	ret->start = start * g->sector;
	ret->size = (now - start + 1) * g->sector;
	if (!is_last(g, e, &first) || now < start || end <= now ||
	    (g->sectors - now) * g->sector < slack)
		return 0;
	/* A cut may have left the header turned to the other list, whose sectors stay as they are
	 * until it is turned back. */
	if (get(g->header + HEADER_LIST, 8) != LIST_PLACE)
		spare = get(g->header + HEADER_LIST, 8) + list_sectors;
	if (spare + list_sectors > first)
		return error_set(err, ENOSPC,
				 "no room for a second list before the first partition");
	put(e + ENTRY_END, 8, end);
	ret->size = (end - start + 1) * g->sector;
	list_writes(g, spare, ret);
	return 0;
}

int gpt_plan_grow(int fd, unsigned sector, uint64_t size, unsigned number, uint64_t slack,
		  struct gpt_plan *ret, struct error *err)
{
	struct gpt g = { .sector = sector, .sectors = size / sector };
	int r;

	*ret = (struct gpt_plan){ 0 };
	if (sector < 512 || sector > SECTOR_MAX || g.sectors < 2 * MIB / sector)
		return error_set(err, EINVAL, "sectors of %u bytes", sector);
	ret->memory = calloc(1, 4 * (size_t)sector + GPT_LIST_MAX);
	if (!ret->memory)
		return error_sys(err, ENOMEM, "table");
	g.mbr = ret->memory;
	g.header = g.mbr + sector;
	g.turned = g.header + sector;
	g.copy = g.turned + sector;
	g.list = g.copy + sector;
	r = read_table(fd, &g, err);
	return r < 0 ? r : plan(&g, number, slack, ret, err);
}

void gpt_plan_done(struct gpt_plan *plan)
{
	free(plan->memory);
	plan->memory = NULL;
}

/* --- doing --- */

int gpt_apply(int fd, const struct gpt_plan *plan, struct error *err)
{
	for (size_t i = 0; i < plan->n; i++) {
		const struct gpt_write *w = &plan->write[i];

		if (pwrite(fd, w->data, w->len, (off_t)w->at) != (ssize_t)w->len || fsync(fd) < 0)
			return error_sys(err, errno ? errno : EIO, "write the table");
	}
	return 0;
}
