/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds one file in an iso9660 image. Names are taken from Rock Ridge where a record has them, else
 * from Joliet where the image has it, else from the record itself ("USER_DAT.;1").
 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "lib/disk/iso.h"

#define SECTOR           2048
#define FIRST_DESCRIPTOR 16
#define DESCRIPTORS_MAX  16
#define RECORD_MIN       34
#define NAME_MAX_BYTES   256
/* Continuation areas of one record's Rock Ridge fields. */
#define CONTINUATIONS_MAX 8

#define FLAG_DIRECTORY    0x02
#define FLAG_MORE_EXTENTS 0x80

/* A file or directory: where its bytes are. */
struct extent {
	uint32_t sector, size;
	uint8_t flags;
	bool is_link;
};

struct iso {
	int fd;
	bool joliet;   /* names of records are UCS-2 */
	bool rock;     /* records may carry Rock Ridge fields */
	unsigned skip; /* bytes before the first field of a record (SP) */
	struct extent root;
};

/* What a record's Rock Ridge fields say. */
struct rock {
	char name[NAME_MAX_BYTES];
	size_t len;
	bool is_link;
	uint32_t next_sector, next_at, next_size; /* continuation, or size 0 */
};

/* --- Rock Ridge --- */

static void take_name(struct rock *rr, const uint8_t *field, unsigned len)
{
	size_t n = len > 5 ? len - 5 : 0;

	/* "." and ".." (flags 2 and 4) have no text; a name that does not fit matches nothing. */
	if (field[4] & 6 || n >= sizeof(rr->name) - rr->len)
		return;
	memcpy(rr->name + rr->len, field + 5, n);
	rr->len += n;
}

static void take_field(struct rock *rr, const uint8_t *field, unsigned len)
{
	if (!memcmp(field, "NM", 2) && len >= 5) {
		take_name(rr, field, len);
	} else if (!memcmp(field, "SL", 2)) {
		rr->is_link = true;
	} else if (!memcmp(field, "CE", 2) && len >= 28) {
		rr->next_sector = image_le32(field + 4);
		rr->next_at = image_le32(field + 12);
		rr->next_size = image_le32(field + 20);
	}
}

static void take_fields(struct rock *rr, const uint8_t *area, size_t size)
{
	size_t at = 0;

	while (at + 4 <= size) {
		unsigned len = area[at + 2];

		if (len < 4 || at + len > size || !memcmp(area + at, "ST", 2))
			return;
		take_field(rr, area + at, len);
		at += len;
	}
}

static int read_rock(const struct iso *iso, const uint8_t *rec, struct rock *rr, struct error *err)
{
	size_t from = 33 + rec[32] + !(rec[32] & 1) + iso->skip;
	uint8_t area[SECTOR];

	*rr = (struct rock){ 0 };
	if (from < rec[0])
		take_fields(rr, rec + from, rec[0] - from);
	for (int i = 0; rr->next_size && i < CONTINUATIONS_MAX; i++) {
		uint32_t size = rr->next_size;
		int r;

		if (rr->next_at >= SECTOR || size > SECTOR - rr->next_at)
			return error_set(err, EBADMSG, "a directory record is damaged");
		rr->next_size = 0;
		r = image_pread(iso->fd, (uint64_t)rr->next_sector * SECTOR + rr->next_at, area,
				size, err);
		if (r < 0)
			return r;
		take_fields(rr, area, size);
	}
	return 0;
}

/* --- names --- */

/* UCS-2 as far as we need it: file names of seeds are ASCII, others match nothing. */
static size_t joliet_name(const uint8_t *name, unsigned len, char *to)
{
	size_t n = 0;

	for (unsigned i = 0; i + 1 < len; i += 2)
		to[n++] = name[i] || name[i + 1] >= 0x80 ? '\x7f' : (char)name[i + 1];
	return n;
}

static bool is_same(const struct image_name *want, const char *have, size_t len, bool plain)
{
	const char *version = memchr(have, ';', len);

	if (plain && version)
		len = (size_t)(version - have);
	if (plain && len && have[len - 1] == '.')
		len--;
	return len == want->len && !strncasecmp(want->text, have, len);
}

static int match(const struct iso *iso, const uint8_t *rec, const struct image_name *want,
		 struct extent *ret, struct error *err)
{
	const uint8_t *name = rec + 33;
	char text[NAME_MAX_BYTES];
	struct rock rr = { 0 };
	bool same;

	if (iso->rock) {
		int r = read_rock(iso, rec, &rr, err);

		if (r < 0)
			return r;
	}
	if (rr.len)
		same = is_same(want, rr.name, rr.len, false);
	else if (iso->joliet)
		same = is_same(want, text, joliet_name(name, rec[32], text), true);
	else
		same = is_same(want, (const char *)name, rec[32], true);
	if (!same)
		return 0;
	*ret = (struct extent){ .sector = image_le32(rec + 2),
				.size = image_le32(rec + 10),
				.flags = rec[25],
				.is_link = rr.is_link };
	return 1;
}

/* --- directories --- */

/* 1: found, 0: not in this sector. Records do not cross sectors; a length of 0 ends one. */
static int find_in_sector(const struct iso *iso, const uint8_t *sector,
			  const struct image_name *want, struct extent *ret, struct error *err)
{
	unsigned at = 0;

	while (at < SECTOR && sector[at]) {
		const uint8_t *rec = sector + at;
		int r;

		if (rec[0] < RECORD_MIN || at + rec[0] > SECTOR || 33u + rec[32] > rec[0])
			return error_set(err, EBADMSG, "a directory record is damaged");
		r = match(iso, rec, want, ret, err);
		if (r != 0)
			return r;
		at += rec[0];
	}
	return 0;
}

static int find(const struct iso *iso, const struct extent *dir, const struct image_name *want,
		struct extent *ret, struct error *err)
{
	if (dir->size > IMAGE_DIR_MAX)
		return error_set(err, E2BIG, "a directory of %u bytes (limit %u)", dir->size,
				 IMAGE_DIR_MAX);
	for (uint32_t i = 0; i < dir->size / SECTOR; i++) {
		uint8_t sector[SECTOR];
		int r = image_pread(iso->fd, ((uint64_t)dir->sector + i) * SECTOR, sector, SECTOR,
				    err);

		if (r == 0)
			r = find_in_sector(iso, sector, want, ret, err);
		if (r != 0)
			return r < 0 ? r : 0;
	}
	return error_set(err, ENOENT, "no %.*s", (int)want->len, want->text);
}

/* --- volume descriptors --- */

static bool is_joliet(const uint8_t *d)
{
	return d[88] == '%' && d[89] == '/' && (d[90] == '@' || d[90] == 'C' || d[90] == 'E');
}

static void take_root(struct iso *iso, const uint8_t *d)
{
	const uint8_t *rec = d + 156;

	iso->root = (struct extent){ .sector = image_le32(rec + 2),
				     .size = image_le32(rec + 10),
				     .flags = FLAG_DIRECTORY };
}

/* SP, the first field of the root's own record, says that there is Rock Ridge. */
static int look_for_rock(struct iso *iso, struct error *err)
{
	uint8_t sector[SECTOR];
	unsigned from;
	int r = image_pread(iso->fd, (uint64_t)iso->root.sector * SECTOR, sector, SECTOR, err);

	if (r < 0)
		return r;
	from = 33u + sector[32] + !(sector[32] & 1);
	/* CD-ROM XA puts 14 bytes of its own in front. */
	for (unsigned skip = 0; skip <= 14; skip += 14) {
		const uint8_t *f = sector + from + skip;

		if (from + skip + 7 > sector[0] || memcmp(f, "SP", 2) || f[4] != 0xbe ||
		    f[5] != 0xef)
			continue;
		iso->rock = true;
		iso->skip = f[6];
		return 0;
	}
	return 0;
}

static int open_image(int fd, struct iso *iso, struct error *err)
{
	uint8_t d[SECTOR], joliet[SECTOR];
	bool primary = false, has_joliet = false;
	int r = 0;

	*iso = (struct iso){ .fd = fd };
	for (unsigned i = 0; i < DESCRIPTORS_MAX; i++) {
		r = image_pread(fd, (uint64_t)(FIRST_DESCRIPTOR + i) * SECTOR, d, SECTOR, err);
		if (r < 0)
			return r;
		if (memcmp(d + 1, "CD001", 5) || d[0] == 255)
			break;
		if (d[0] == 1 && !primary) {
			primary = true;
			take_root(iso, d);
		} else if (d[0] == 2 && is_joliet(d)) {
			has_joliet = true;
			memcpy(joliet, d, SECTOR);
		}
	}
	if (!primary)
		return error_set(err, EBADMSG, "it has no volume descriptor");
	r = look_for_rock(iso, err);
	if (r == 0 && !iso->rock && has_joliet) {
		iso->joliet = true;
		take_root(iso, joliet);
	}
	return r;
}

/* --- files --- */

static int read_file(const struct iso *iso, const struct extent *e, struct buf *b,
		     struct error *err)
{
	if (e->flags & FLAG_DIRECTORY)
		return error_set(err, EISDIR, "it is a directory");
	if (e->flags & FLAG_MORE_EXTENTS)
		return error_set(err, E2BIG, "it has more than one extent");
	if (e->size > (b->limit ? b->limit : BUF_LIMIT))
		return error_set(err, E2BIG, "it has %u bytes", e->size);
	/* An empty file is a file. */
	buf_add(b, "", 0);
	return image_copy(iso->fd, (uint64_t)e->sector * SECTOR, e->size, b, err);
}

int iso_read(int fd, const char *path, struct buf *b, struct error *err)
{
	struct image_name name;
	struct extent at;
	struct iso iso = { 0 };
	int r = open_image(fd, &iso, err);

	if (r < 0)
		return r;
	at = iso.root;
	for (int depth = 0; path && image_split(path, &name); depth++) {
		if (depth == IMAGE_DEPTH || !(at.flags & FLAG_DIRECTORY))
			return error_set(err, ENOENT, "no %s", path);
		r = find(&iso, &at, &name, &at, err);
		if (r < 0)
			return r;
		if (at.is_link)
			return error_set(err, ELOOP,
					 "%.*s is a symbolic link, which no seed may hold",
					 (int)name.len, name.text);
		path = name.rest;
	}
	return read_file(&iso, &at, b, err);
}
