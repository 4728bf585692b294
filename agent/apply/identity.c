/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Machine-id and random seed.
 */
#include "agent/apply/identity.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/file.h"
#include "lib/scope.h"

#define SEED_SIZE 512

void identity_format(const unsigned char *random16, char *ret34)
{
	unsigned char id[16];

	memcpy(id, random16, sizeof(id));
	id[6] = (unsigned char)((id[6] & 0x0f) | 0x40);
	id[8] = (unsigned char)((id[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < sizeof(id); i++)
		snprintf(ret34 + 2 * i, 3, "%02x", id[i]);
	memcpy(ret34 + 32, "\n", 2);
}

static bool is_good(const char *text)
{
	size_t n = 0;

	while (isxdigit((unsigned char)text[n]))
		n++;
	return n == 32 && (text[n] == '\n' || !text[n]);
}

/* The kernel's pool is ready a moment after boot at the latest; this waits for it. */
static int random_bytes(unsigned char *ret, size_t len, struct error *err)
{
	size_t have = 0;

	while (have < len) {
		ssize_t n = getrandom(ret + have, len - have, 0);

		if (n < 0 && errno != EINTR)
			return error_sys(err, errno, "getrandom");
		have += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

int identity_machine_id(struct error *err)
{
	const struct file_attr attr = { .mode = 0444 };
	AUTO_BUF struct buf old = BUF_WITH_LIMIT(256);
	unsigned char random[16];
	char id[34];
	int r;

	if (file_read(FILE_ROOT, IDENTITY_MACHINE_ID, &old, NULL) == 0 && is_good(buf_text(&old)))
		return 0;
	r = random_bytes(random, sizeof(random), err);
	if (r < 0)
		return r;
	identity_format(random, id);
	return file_publish(FILE_ROOT, IDENTITY_MACHINE_ID, id, 33, &attr, NULL, err);
}

static int mix(const struct buf *seed, struct error *err)
{
	AUTO_CLOSE int fd = open("/dev/urandom", O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		return error_sys(err, errno, "/dev/urandom");
	if (write(fd, seed->data, seed->len) != (ssize_t)seed->len)
		return error_sys(err, errno, "write /dev/urandom");
	return 0;
}

int identity_seed(struct error *err)
{
	const struct file_attr attr = { .mode = 0600 };
	AUTO_BUF struct buf old = BUF_WITH_LIMIT(SEED_SIZE);
	unsigned char seed[SEED_SIZE];
	int r;

	r = file_read(FILE_ROOT, IDENTITY_SEED, &old, err);
	if (r == 0 && old.len)
		r = mix(&old, err);
	if (r < 0 && r != -ENOENT)
		return r;
	error_reset(err);
	r = random_bytes(seed, sizeof(seed), err);
	if (r < 0)
		return r;
	return file_publish(FILE_ROOT, IDENTITY_SEED, seed, sizeof(seed), &attr, NULL, err);
}
