/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding, checking and mounting the state disk.
 */
#include "agent/state/state_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "agent/message.h"
#include "agent/state/autoformat.h"
#include "agent/state/state_wait.h"
#include "agent/state/uevent.h"
#include "lib/clock.h"
#include "lib/disk/fsck.h"
#include "lib/disk/grow.h"
#include "lib/file.h"
#include "lib/scope.h"

/* Without a disk all state is in memory: three quarters of it at most, inodes without limit (images
 * of containers have many small files). */
#define RAM_OPTIONS "size=75%,nr_inodes=0,mode=0755"

void state_disk_want(const struct doc_node *config, const char *builtin, struct state_want *ret)
{
	const struct doc_node *state = doc_at(config, "rancher.state");
	const struct doc_node *dev = doc_at(state, "dev");
	const struct doc_node *format = doc_at(state, "autoformat");

	*ret = (struct state_want){
		.dev = doc_str(state, "dev", STATE_DISK_DEFAULT),
		.named = dev && dev->origin.source && strcmp(dev->origin.source, builtin) != 0,
		.required = doc_bool(state, "required", false),
		.fstype = doc_str(state, "fstype", "auto"),
		.directory = doc_str(state, "directory", NULL),
		.autoformat = format && format->kind == DOC_SEQ && format->len ? format : NULL,
		/* "off" is false to YAML. */
		.keep_part = !doc_bool(config, "growpart.mode", true),
		.keep_fs = !doc_bool(config, "resize_rootfs", true),
	};
	if (!*ret->dev)
		ret->dev = NULL;
	/* A live system touches no disk that nobody named; formatting one is naming it. */
	if (doc_bool(config, "rancher.live", false) && !ret->named && !ret->autoformat)
		ret->dev = NULL;
	if (ret->directory && !*ret->directory)
		ret->directory = NULL;
	ret->wait_ms = !ret->dev ? 0 : doc_bool(state, "wait", false) ? STATE_DISK_WAIT_MS :
									STATE_DISK_NAMED_MS;
}

/* A fresh disk that may be formatted: boot2docker's, or one of rancher.state.autoformat. */
static int format(const struct state_want *want, struct buf *keys, const char **ret_path,
		  struct error *err)
{
	const char *b2d = autoformat_b2d_disk();
	bool done = false;
	int r;

	*ret_path = NULL;
	if (!b2d)
		return autoformat_run(want->autoformat, ret_path, keys, err);
	r = autoformat_one(b2d, &done, keys, err);
	if (r == 0 && done)
		*ret_path = b2d;
	return r;
}

/* One look at all disks; a fresh one is formatted when the wanted one is not there. */
static int attempt(const struct state_want *want, struct inventory *inv, struct buf *keys,
		   const struct probe **ret, struct error *err)
{
	const char *path;
	int r;

	*ret = want->dev ? inventory_find(inv, want->dev) : NULL;
	if (!*ret)
		*ret = inventory_find(inv, STATE_DISK_B2D);
	if (*ret)
		return 0;
	error_reset(err);
	r = format(want, keys, &path, err);
	if (r < 0 || !path)
		return r < 0 ? r : -ENODATA;
	r = inventory_scan(inv, FILE_ROOT, err);
	if (r < 0)
		return r;
	*ret = want->dev ? inventory_find(inv, want->dev) : NULL;
	if (!*ret)
		*ret = inventory_find(inv, path);
	return *ret ? 0 : error_set(err, EIO, "%s is gone after it was formatted", path);
}

/* What is said when no attempt found it; why none was formatted is in the error already. */
static int not_found(const struct state_want *want, bool waited, struct error *err)
{
	char text[200];

	if (waited && want->named)
		(void)snprintf(text, sizeof(text), "no disk %.100s within %.1f s", want->dev,
			       want->wait_ms / 1e3);
	else
		(void)snprintf(text, sizeof(text), "no disk %.100s",
			       want->dev ? want->dev : "is asked for");
	return err && err->code ? error_wrap(err, -ENODATA, "%s", text) :
				  error_set(err, ENODATA, "%s", text);
}

/* Look again whenever a disk appears, and once more at the end: a label may come without a
 * message. */
static int wait_for(const struct state_want *want, struct inventory *inv, struct buf *keys,
		    const struct probe **ret, struct error *err)
{
	AUTO_CLOSE int uevents = -1;
	AUTO(state_wait_end) struct state_wait *wait = NULL;
	bool last = false;
	int r;

	r = uevent_open(&uevents, err);
	if (r == 0)
		r = state_wait_begin(want->named ? want->wait_ms : 0, &wait, err);
	if (r < 0)
		return r;
	for (;;) {
		r = inventory_scan(inv, FILE_ROOT, err);
		if (r == 0)
			r = attempt(want, inv, keys, ret, err);
		if (r != -ENODATA || last)
			break;
		last = !state_wait_more(wait, uevents);
	}
	return r == -ENODATA ? not_found(want, true, err) : r;
}

int state_disk_find(const struct state_want *want, struct inventory *inv, struct buf *keys,
		    struct probe *ret, struct error *err)
{
	const struct probe *found = NULL;
	int r;

	r = attempt(want, inv, keys, &found, err);
	if (r == -ENODATA && want->dev && want->wait_ms)
		r = wait_for(want, inv, keys, &found, err);
	else if (r == -ENODATA)
		r = not_found(want, false, err);
	if (r == 0)
		*ret = *found;
	return r;
}

static uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

bool state_disk_needs_check(const uint8_t *sb)
{
	const uint16_t clean = 0x0001, errors = 0x0002;
	int16_t mounts = (int16_t)le16(sb + 52), max_mounts = (int16_t)le16(sb + 54);
	uint16_t state = le16(sb + 58);

	if (le16(sb + 56) != 0xef53)
		return false;
	return !(state & clean) || (state & errors) || (max_mounts > 0 && mounts >= max_mounts);
}

static bool disk_needs_check(const char *path)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t sb[1024];

	return fd >= 0 && pread(fd, sb, sizeof(sb), 1024) == (ssize_t)sizeof(sb) &&
	       state_disk_needs_check(sb);
}

static int enter_directory(const char *directory, struct error *err)
{
	char path[512];
	int r;

	if (strstr(directory, "..") ||
	    snprintf(path, sizeof(path), STATE_DISK_MOUNT "/%s", directory) >= (int)sizeof(path))
		return error_set(err, EINVAL, "rancher.state.directory: %s", directory);
	r = file_mkdir(FILE_ROOT, path, 0755, err);
	if (r < 0)
		return r;
	if (mount(path, STATE_DISK_MOUNT, NULL, MS_BIND, NULL) < 0)
		return error_sys(err, errno, "bind %s", path);
	return 0;
}

/* Nothing that is mounted below /var must show up below /state a second time. */
static int make_private(struct error *err)
{
	if (mount(NULL, STATE_DISK_MOUNT, NULL, MS_PRIVATE, NULL) < 0)
		return error_sys(err, errno, "make " STATE_DISK_MOUNT " private");
	return 0;
}

/* Check where the superblock asks for it, or where the kernel refuses. Damage that is left does not
 * keep the disk from being tried: its data may all be there. */
static int check_and_mount(const char *path, const char *type, struct error *err)
{
	bool ext = !strncmp(type, "ext", 3), checked = false;
	struct error why = { 0 };

	for (;;) {
		if (ext && !checked && disk_needs_check(path)) {
			checked = true;
			if (fsck_ext(path, STDOUT_FILENO, &why) < 0)
				message_say(JOURNAL_WARNING, "state", "%s", why.msg);
		}
		if (mount(path, STATE_DISK_MOUNT, type, MS_NOATIME, NULL) == 0)
			return 0;
		error_sys(err, errno, "mount %s (%s)", path, type);
		if (!ext || checked)
			return -err->code;
		checked = true;
		if (fsck_ext(path, STDOUT_FILENO, &why) < 0)
			return error_set(err, why.code, "%s", why.msg);
	}
}

/* At first boot, and whenever the disk has grown. The partition (no type) before it is mounted,
 * the file system afterwards, when growing it costs no check. A small state is a state. */
static void grow(const char *path, const char *type)
{
	struct error err = { 0 };
	bool grown = false;
	int r;

	if (type)
		r = grow_filesystem(path, type, true, &grown, &err);
	else
		r = grow_partition(path, &grown, &err);
	if (r < 0)
		message_say(JOURNAL_WARNING, "state", "%s", err.msg);
	else if (grown)
		journal_say(JOURNAL_CONFIG, "state", "%s: the %s fills the disk now", path,
			    type ? "file system" : "partition");
}

int state_disk_mount(const struct state_want *want, const struct probe *disk, struct error *err)
{
	const char *type = strcmp(want->fstype, "auto") ? want->fstype : disk->type;
	int r;

	r = file_mkdir(FILE_ROOT, STATE_DISK_MOUNT, 0755, err);
	if (r < 0)
		return r;
	if (!*type)
		return error_set(err, ENODATA, "%s holds no file system", disk->path);
	if (!want->keep_part)
		grow(disk->path, NULL);
	r = check_and_mount(disk->path, type, err);
	if (r == 0)
		r = make_private(err);
	if (r == 0 && !want->keep_fs)
		grow(disk->path, type);
	if (r == 0 && want->directory)
		r = enter_directory(want->directory, err);
	return r == 0 && want->directory ? make_private(err) : r;
}

int state_disk_mount_ram(struct error *err)
{
	int r = file_mkdir(FILE_ROOT, STATE_DISK_MOUNT, 0755, err);

	if (r < 0)
		return r;
	if (mount("state", STATE_DISK_MOUNT, "tmpfs", 0, RAM_OPTIONS) < 0)
		return error_sys(err, errno, "mount a tmpfs on " STATE_DISK_MOUNT);
	return make_private(err);
}
