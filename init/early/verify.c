/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The initrd's busybox does the hashing: it is there for the recovery console anyway.
 */
#include "init/early/verify.h"

#include <errno.h>
#include <string.h>

#include "lib/buf.h"
#include "lib/file.h"
#include "lib/proc.h"

#define BUSYBOX "/bin/busybox"
#define DIGITS  64
/* A slow processor hashes some 10 MB a second. */
#define HASH_MS 50000

int verify_image(const char *path, const char *sum, struct error *err)
{
	AUTO_BUF struct buf want = BUF_WITH_LIMIT(DIGITS + 1);
	AUTO_BUF struct buf is = BUF_WITH_LIMIT(4096);
	const char *argv[] = { BUSYBOX, "sha256sum", path, NULL };
	int r = file_read(FILE_ROOT, sum, &want, err);

	if (r == 0 && strspn(buf_text(&want), "0123456789abcdef") != DIGITS)
		r = error_set(err, EBADMSG, "%s holds no hash", sum);
	if (r == 0)
		r = proc_run(argv, NULL, HASH_MS, &is, err);
	if (r < 0)
		return error_wrap(err, r, "the hash of %s", path);
	if (strncmp(buf_text(&want), buf_text(&is), DIGITS) != 0)
		return error_set(err, EBADMSG,
				 "%s is not the system that this initrd belongs to: its hash is "
				 "%.16s…, not %.16s… (serve the files of one build)",
				 path, buf_text(&is), buf_text(&want));
	return 0;
}
