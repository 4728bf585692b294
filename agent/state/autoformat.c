/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Formatting a fresh disk, and only a fresh one.
 */
#include "agent/state/autoformat.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/disk/probe.h"
#include "lib/file.h"
#include "lib/journal.h"
#include "lib/proc.h"
#include "lib/scope.h"

#define B2D_MAGIC "boot2docker, please format-me"
#define MKFS_TIMEOUT_MS (5 * 60 * 1000)
#define TAR_BLOCK 512

enum autoformat_disk autoformat_look(const char *head, size_t len)
{
	if (len >= sizeof(B2D_MAGIC) - 1 && !memcmp(head, B2D_MAGIC, sizeof(B2D_MAGIC) - 1))
		return AUTOFORMAT_B2D;
	if (len < AUTOFORMAT_HEAD || head[0])
		return AUTOFORMAT_USED;
	/* All bytes equal their predecessor, and the first is zero. */
	return memcmp(head, head + 1, len - 1) ? AUTOFORMAT_USED : AUTOFORMAT_BLANK;
}

/* Octal number of a tar header's field; stops at anything else. */
static size_t tar_octal(const char *field, size_t len)
{
	size_t value = 0;

	for (size_t i = 0; i < len && field[i] >= '0' && field[i] <= '7'; i++)
		value = value * 8 + (size_t)(field[i] - '0');
	return value;
}

static bool is_key_file(const char *header)
{
	const char *name = !strncmp(header, "./", 2) ? header + 2 : header;

	return !strncmp(name, ".ssh/authorized_keys", 100) && (header[156] == '0' || !header[156]);
}

void autoformat_tar_keys(const char *tar, size_t len, struct buf *keys)
{
	size_t at = 0;

	while (at + TAR_BLOCK <= len && tar[at]) {
		size_t size = tar_octal(tar + at + 124, 12);
		size_t left = len - at - TAR_BLOCK;

		if (is_key_file(tar + at))
			buf_add(keys, tar + at + TAR_BLOCK, size < left ? size : left);
		if (size >= left)
			return;
		at += TAR_BLOCK + (size + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
	}
}

/* A key is text without control characters; it becomes a JSON string, which is YAML too. */
static void add_key(struct buf *out, const char *line, size_t len)
{
	AUTO_FREE char *key = strndup(line, len);

	if (!key || !len || line[0] == '#')
		return;
	for (size_t i = 0; i < len; i++)
		if (iscntrl((unsigned char)key[i]))
			return;
	buf_str(out, "- \"");
	buf_json(out, key);
	buf_str(out, "\"\n");
}

void autoformat_machine_config(const char *keys, struct buf *out)
{
	buf_str(out, "#cloud-config\n"
		     "rancher:\n"
		     "  network:\n"
		     "    interfaces:\n"
		     "      eth0: {dhcp: true}\n"
		     "      eth1: {dhcp: true}\n");
	if (!*keys)
		return;
	buf_str(out, "ssh_authorized_keys:\n");
	while (*keys) {
		size_t n = strcspn(keys, "\n");

		add_key(out, keys, n && keys[n - 1] == '\r' ? n - 1 : n);
		keys += n + (keys[n] == '\n');
	}
}

/* O_EXCL on a block device: -EBUSY when it is mounted or part of something. */
static int read_head(const char *path, char *head, size_t *ret_len, struct error *err)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC | O_EXCL);
	size_t len = 0;

	if (fd < 0)
		return error_sys(err, errno, "%s", path);
	while (len < AUTOFORMAT_HEAD) {
		ssize_t n = read(fd, head + len, AUTOFORMAT_HEAD - len);

		if (n < 0 && errno != EINTR)
			return error_sys(err, errno, "read %s", path);
		if (n == 0)
			break;
		len += n > 0 ? (size_t)n : 0;
	}
	*ret_len = len;
	return 0;
}

static int mkfs(const char *path, const char *label, struct error *err)
{
	const char *argv[] = { "mkfs.ext4", "-q", "-F", "-m", "1", "-L", label, "-E",
			       "nodiscard,lazy_itable_init=1,lazy_journal_init=1", path, NULL };

	return proc_run(argv, NULL, MKFS_TIMEOUT_MS, NULL, err);
}

/* What is on a disk; `keys` gets what boot2docker's tar brought. */
static int look(const char *path, enum autoformat_disk *ret, struct buf *keys, struct error *err)
{
	AUTO_FREE char *head = malloc(AUTOFORMAT_HEAD);
	struct probe known;
	size_t len = 0;
	int r;

	if (!head)
		return error_set(err, ENOMEM, "%s", path);
	r = read_head(path, head, &len, err);
	if (r < 0)
		return r;
	*ret = autoformat_look(head, len);
	if (*ret == AUTOFORMAT_B2D)
		autoformat_tar_keys(head, len < AUTOFORMAT_TAR ? len : AUTOFORMAT_TAR, keys);
	if (*ret != AUTOFORMAT_BLANK)
		return 0;
	/* Some formats keep their mark at the disk's end. */
	r = probe_device(FILE_ROOT, path, &known, err);
	if (r == 0 && *known.type)
		*ret = AUTOFORMAT_USED;
	return r;
}

static int make(const char *path, enum autoformat_disk disk, bool *ret_done, struct error *err)
{
	int r;

	if (disk == AUTOFORMAT_USED)
		return 0;
	r = mkfs(path, disk == AUTOFORMAT_B2D ? "B2D_STATE" : "RANCHER_STATE", err);
	if (r < 0)
		return error_wrap(err, r, "format %s", path);
	journal_say(JOURNAL_CONFIG, "state", "formatted %s (%s)", path,
		    disk == AUTOFORMAT_B2D ? "boot2docker's mark" : "blank");
	*ret_done = true;
	return 0;
}

int autoformat_one(const char *path, bool *ret_done, struct buf *keys, struct error *err)
{
	enum autoformat_disk disk = AUTOFORMAT_USED;
	int r;

	*ret_done = false;
	r = look(path, &disk, keys, err);
	return r < 0 ? r : make(path, disk, ret_done, err);
}

int autoformat_run(const struct doc_node *disks, const char **ret_path, struct buf *keys,
		   struct error *err)
{
	struct error failed = { 0 }, busy = { 0 };
	bool done = false;

	*ret_path = NULL;
	for (size_t i = 0; disks && disks->kind == DOC_SEQ && i < disks->len && !done; i++) {
		const struct doc_node *item = disks->items[i];
		enum autoformat_disk disk = AUTOFORMAT_USED;
		struct error why = { 0 };

		if (!doc_is_scalar(item))
			continue;
		/* One that is missing or busy is no reason not to look at the next. */
		if (look(item->text, &disk, keys, &why) < 0) {
			if (why.code != ENOENT && why.code != ENXIO)
				busy = why;
		} else if (make(item->text, disk, &done, &failed) == 0 && done) {
			*ret_path = item->text;
		}
	}
	if (!done && failed.code)
		return error_set(err, failed.code, "%s", failed.msg);
	return done || !busy.code ? 0 : error_set(err, ENODATA, "%s", busy.msg);
}

const char *autoformat_b2d_disk(void)
{
	static const char *const disks[] = { "/dev/sda", "/dev/vda" };
	char head[sizeof(B2D_MAGIC)];

	for (size_t i = 0; i < ARRAY_LEN(disks); i++) {
		AUTO_CLOSE int fd = open(disks[i], O_RDONLY | O_CLOEXEC);

		if (fd >= 0 && pread(fd, head, sizeof(head), 0) == (ssize_t)sizeof(head) &&
		    autoformat_look(head, sizeof(head)) == AUTOFORMAT_B2D)
			return disks[i];
	}
	return NULL;
}
