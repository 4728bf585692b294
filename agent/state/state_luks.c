/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys are in memory only, which is wiped.
 */
#include "agent/state/state_luks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "agent/message.h"
#include "agent/state/passphrase.h"
#include "agent/state/uevent.h"
#include "lib/clock.h"
#include "lib/disk/fsimage.h"
#include "lib/disk/grow.h"
#include "lib/disk/luks.h"
#include "lib/file.h"
#include "lib/file_remove.h"
#include "lib/scope.h"

#define UNIT "state"
/* Somebody types a passphrase; then the machine comes up without that disk. */
#define ASK_MS  (3 * 60 * 1000)
#define ASK_MAX 3
/* How long the disk with the key file may take. */
#define KEY_MS  5000
#define CONSOLE "/dev/console"
#define PASSPHRASE_MAX 512

static void wipe(struct buf *b)
{
	if (b->data)
		explicit_bzero(b->data, b->len);
	buf_reset(b);
}

void state_luks_name(const char *path, char *ret, size_t size)
{
	const char *slash = strrchr(path, '/');

	(void)snprintf(ret, size, "luks-%s", slash ? slash + 1 : path);
}

int state_luks_key(const struct inventory *inv, const char *where, struct buf *ret,
		   struct error *err)
{
	const char *colon = strstr(where, ":/");
	AUTO_CLOSE int fd = -1;
	const struct probe *p;
	char device[160];
	int r;

	if (!colon || (size_t)(colon - where) >= sizeof(device))
		return error_set(err, EINVAL,
				 "rancher.state.key_file: %s is no DEVICE:/PATH "
				 "(LABEL=KEYS:/state.key)",
				 where);
	(void)snprintf(device, sizeof(device), "%.*s", (int)(colon - where), where);
	p = inventory_find(inv, device);
	if (!p)
		return error_set(err, ENODATA, "rancher.state.key_file: no device %s", device);
	if (!fsimage_is_known(p->type))
		return error_set(err, EMEDIUMTYPE,
				 "rancher.state.key_file: %s is neither FAT nor ISO 9660", device);
	fd = open(p->path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return error_sys(err, errno, "%s", p->path);
	r = fsimage_read(fd, p->type, colon + 2, ret, err);
	if (r == 0 && !ret->len)
		r = error_set(err, EBADMSG, "it is empty");
	return error_wrap(err, r, "rancher.state.key_file: %s", where);
}

/* A stick may take a moment to appear. */
static int await_key(struct inventory *inv, const char *where, struct buf *key, struct error *err)
{
	int64_t deadline = clock_ms() + KEY_MS;
	AUTO_CLOSE int uevents = -1;
	bool last = uevent_open(&uevents, NULL) < 0;

	for (;;) {
		int r = inventory_scan(inv, FILE_ROOT, err);

		if (r == 0)
			r = state_luks_key(inv, where, key, err);
		if (r != -ENODATA || last)
			return r;
		error_reset(err);
		last = uevent_wait_block(uevents, -1, true, deadline, NULL) < 0 ||
		       clock_left_ms(deadline) == 0;
	}
}

/* The key file's content; nothing when there is none, and why. */
static void find_key(const struct doc_node *state, struct inventory *inv, struct buf *key)
{
	const char *where = doc_str(state, "key_file", "");
	struct error err = { 0 };

	if (file_read(FILE_ROOT, STATE_LUKS_INITRD_KEY, key, NULL) == 0 && key->len) {
		(void)!file_remove(FILE_ROOT, STATE_LUKS_INITRD_KEY, NULL, NULL);
		return;
	}
	buf_reset(key);
	if (*where && await_key(inv, where, key, &err) < 0) {
		wipe(key);
		message_say(JOURNAL_WARNING, UNIT, "%s", err.msg);
	}
}

static int open_with(const char *path, const struct buf *key, struct error *err)
{
	const struct luks_key k = { .data = key->data, .len = key->len };
	char name[80];

	state_luks_name(path, name, sizeof(name));
	return luks_open(path, name, &k, err);
}

static int ask(const char *path, struct error *err)
{
	AUTO_BUF struct buf word = BUF_WITH_LIMIT(PASSPHRASE_MAX);
	int64_t deadline = clock_ms() + ASK_MS;
	char question[200];
	int r = -EACCES;

	for (int i = 0; i < ASK_MAX && r == -EACCES; i++) {
		(void)snprintf(question, sizeof(question),
			       "%sPassphrase for %s (Ctrl-D: without it):",
			       i ? "That is not it. " : "", path);
		error_reset(err);
		r = passphrase_ask(CONSOLE, question, deadline, &word, err);
		if (r == 0)
			r = open_with(path, &word, err);
		wipe(&word);
	}
	return r;
}

static void open_one(const char *path, const struct buf *key)
{
	struct error err = { 0 };
	bool grown = false;
	int r = grow_partition(path, &grown, &err);

	if (r < 0)
		message_say(JOURNAL_WARNING, UNIT, "%s", err.msg);
	error_reset(&err);
	r = key->len ? open_with(path, key, &err) : -EACCES;
	if (r < 0 && key->len)
		message_say(JOURNAL_WARNING, UNIT, "the key file: %s", err.msg);
	if (r == -EACCES)
		r = ask(path, &err);
	if (r < 0)
		message_say(JOURNAL_WARNING, UNIT, "%s stays closed: %s", path, err.msg);
	else
		journal_say(JOURNAL_CONFIG, UNIT, "%s is open", path);
}

void state_luks_open(const struct doc_node *state, struct inventory *inv)
{
	AUTO_BUF struct buf key = BUF_WITH_LIMIT(LUKS_KEY_MAX);

	find_key(state, inv, &key);
	for (size_t i = 0; i < inv->n; i++) {
		if (!strcmp(inv->devices[i].type, "crypto_LUKS"))
			open_one(inv->devices[i].path, &key);
	}
	wipe(&key);
}
