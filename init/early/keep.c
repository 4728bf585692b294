/* SPDX-License-Identifier: Apache-2.0 */
/*
 * installer/payload.c looks for the names that are made here.
 */
#include "init/early/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/attr.h"
#include "lib/scope.h"

static const struct {
	const char *from, *to;
} files[] = {
	{ "boot/vmlinuz", KEEP_DIR "/vmlinuz" },
	{ "boot/initrd", KEEP_DIR "/initrd" },
	{ "ocicat/manifest.json", KEEP_DIR "/manifest.json" },
};

static void copy(const char *from, const char *to)
{
	AUTO_CLOSE int in = open(from, O_RDONLY | O_CLOEXEC);
	AUTO_CLOSE int out = -1;
	struct stat st;
	off_t at = 0;

	if (in < 0 || fstat(in, &st) < 0)
		return;
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	while (out >= 0 && at < st.st_size) {
		if (sendfile(out, in, &at, (size_t)(st.st_size - at)) <= 0) {
			fprintf(stderr, "keep %s: %s\n", from, strerror(errno));
			(void)unlink(to);
			return;
		}
	}
}

void keep_boot_files(const char *dir)
{
	char path[128];

	(void)mkdir(KEEP_DIR, 0755);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, files[i].from);
		copy(path, files[i].to);
	}
}
