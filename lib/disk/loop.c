/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs losetup.
 */
#include "lib/disk/loop.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/buf.h"
#include "lib/proc.h"

#define LOSETUP_MS 30000

int loop_check(const char *what, const char *program, const char *package, struct error *err)
{
	const char *const programs[] = { program, LOOP_PROGRAM };

	if (geteuid() != 0)
		return error_set(err, EPERM, "%s is made by root alone", what);
	for (size_t i = 0; i < ARRAY_LEN(programs); i++)
		if (access(programs[i], X_OK) < 0)
			return error_set(err, ENODATA, "%s is missing (install %s)", programs[i],
					 package);
	return 0;
}

int loop_attach(const struct mkfs_place *at, char *ret, size_t size, struct error *err)
{
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(4096);
	char start[32], limit[32], sector[16];
	const char *argv[] = { LOOP_PROGRAM,  "--find", "--show",        "--offset", start,
			       "--sizelimit", limit,    "--sector-size", sector,     at->path,
			       NULL };
	int r;

	(void)snprintf(start, sizeof(start), "%llu", (unsigned long long)at->start);
	(void)snprintf(limit, sizeof(limit), "%llu", (unsigned long long)at->size);
	(void)snprintf(sector, sizeof(sector), "%u", at->sector);
	r = proc_run(argv, NULL, LOSETUP_MS, &out, err);
	if (r == 0)
		(void)snprintf(ret, size, "%.*s", (int)strcspn(buf_text(&out), "\n"),
			       buf_text(&out));
	return error_wrap(err, r, "%s", at->path);
}

int loop_detach(char *device, struct error *err)
{
	const char *argv[] = { LOOP_PROGRAM, "--detach", device, NULL };
	int r = *device ? proc_run(argv, NULL, LOSETUP_MS, NULL, err) : 0;

	if (r == 0)
		*device = '\0';
	return r;
}
