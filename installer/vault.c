/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs losetup.
 */
#include "installer/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/proc.h"
#include "lib/scope.h"

#define LOSETUP_MS 30000

int vault_check(struct error *err)
{
	static const char *const programs[] = { "/usr/sbin/cryptsetup", "/usr/sbin/losetup" };

	if (geteuid() != 0)
		return error_set(err, EPERM, "an encrypted state is made by root alone");
	for (size_t i = 0; i < ARRAY_LEN(programs); i++) {
		if (access(programs[i], X_OK) < 0)
			return error_set(err, ENODATA, "%s is missing (install cryptsetup)",
					 programs[i]);
	}
	return 0;
}

static int attach(const struct mkfs_place *at, struct vault *v, struct error *err)
{
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(4096);
	char start[32], size[32], sector[16];
	const char *argv[] = { "losetup",     "--find", "--show",        "--offset", start,
			       "--sizelimit", size,     "--sector-size", sector,     at->path,
			       NULL };
	int r;

	(void)snprintf(start, sizeof(start), "%llu", (unsigned long long)at->start);
	(void)snprintf(size, sizeof(size), "%llu", (unsigned long long)at->size);
	(void)snprintf(sector, sizeof(sector), "%u", at->sector);
	r = proc_run(argv, NULL, LOSETUP_MS, &out, err);
	if (r == 0)
		(void)snprintf(v->loop, sizeof(v->loop), "%.*s",
			       (int)strcspn(buf_text(&out), "\n"), buf_text(&out));
	return r;
}

static int take_size(struct vault *v, struct error *err)
{
	AUTO_CLOSE int fd = open(v->path, O_RDONLY | O_CLOEXEC);
	off_t end = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);

	if (end <= 0)
		return error_sys(err, errno, "%s", v->path);
	v->size = (uint64_t)end;
	return 0;
}

int vault_make(const struct mkfs_place *at, const struct luks_key *key, struct vault *ret,
	       struct error *err)
{
	char name[sizeof(ret->name)];
	int r;

	*ret = (struct vault){ 0 };
	(void)snprintf(name, sizeof(name), "ros-install-%d", (int)getpid());
	r = attach(at, ret, err);
	if (r == 0)
		r = luks_format(ret->loop, key, err);
	if (r == 0)
		r = luks_open(ret->loop, name, key, err);
	if (r < 0)
		return r;
	memcpy(ret->name, name, sizeof(name));
	(void)snprintf(ret->path, sizeof(ret->path), LUKS_MAPPER "%s", name);
	return take_size(ret, err);
}

int vault_close(struct vault *v, struct error *err)
{
	const char *argv[] = { "losetup", "--detach", v->loop, NULL };
	int r = *v->name ? luks_close(v->name, err) : 0;

	if (r == 0 && *v->loop)
		r = proc_run(argv, NULL, LOSETUP_MS, NULL, err);
	if (r == 0)
		*v = (struct vault){ 0 };
	return r;
}
