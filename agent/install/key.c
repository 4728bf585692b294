/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys by name, or from whoever sits there.
 */
#include "agent/install/key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "agent/state/passphrase.h"
#include "agent/state/state_luks.h"
#include "lib/clock.h"
#include "lib/disk/luks.h"
#include "lib/file.h"
#include "lib/scope.h"

#define TERMINAL "/dev/tty"
#define ASK_MS   (3 * 60 * 1000)
/* What somebody can guess in an afternoon is no passphrase. */
#define PASSPHRASE_MIN 8

bool install_key_is_portable(const char *where)
{
	return strstr(where, ":/") != NULL;
}

int install_key_read(const char *where, struct buf *ret, struct error *err)
{
	AUTO_FREE struct inventory *inv = calloc(1, sizeof(*inv));
	AUTO_CLOSE int fd = -1;
	int r;

	if (!inv)
		return error_sys(err, ENOMEM, "list of block devices");
	if (install_key_is_portable(where)) {
		r = inventory_scan(inv, FILE_ROOT, err);
		return r < 0 ? r : state_luks_key(inv, where, ret, err);
	}
	fd = open(where, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return error_sys(err, errno, "%s", where);
	r = file_read_fd(fd, where, ret, err);
	if (r == 0 && !ret->len)
		r = error_set(err, EBADMSG, "%s is empty", where);
	return r;
}

int install_key_ask(struct buf *ret, struct error *err)
{
	AUTO_BUF struct buf again = BUF_WITH_LIMIT(LUKS_KEY_MAX);
	int64_t deadline = clock_ms() + ASK_MS;
	int r = passphrase_ask(TERMINAL, "Passphrase of the new state disk:", deadline, ret, err);

	if (r == 0 && ret->len < PASSPHRASE_MIN)
		r = error_set(err, EINVAL, "the passphrase is shorter than %d characters",
			      PASSPHRASE_MIN);
	if (r == 0)
		r = passphrase_ask(TERMINAL, "Once more:", deadline, &again, err);
	if (r == 0 && (again.len != ret->len || memcmp(again.data, ret->data, ret->len) != 0))
		r = error_set(err, EINVAL, "the two passphrases differ");
	if (again.data)
		explicit_bzero(again.data, again.len);
	return r;
}
