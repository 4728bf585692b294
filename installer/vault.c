/* SPDX-License-Identifier: Apache-2.0 */
/*
 * LUKS on a loop device.
 */
#include "installer/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/disk/loop.h"
#include "lib/scope.h"

int vault_check(struct error *err)
{
	return loop_check("an encrypted state", "/usr/sbin/cryptsetup", "cryptsetup", err);
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
	r = loop_attach(at, ret->loop, sizeof(ret->loop), err);
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
	int r = *v->name ? luks_close(v->name, err) : 0;

	if (r == 0)
		r = loop_detach(v->loop, err);
	if (r == 0)
		*v = (struct vault){ 0 };
	return r;
}
