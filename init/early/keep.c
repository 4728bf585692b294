/* SPDX-License-Identifier: Apache-2.0 */
/*
 * installer/payload.c looks for the names that are made here.
 */
#include "init/early/keep.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/attr.h"
#include "lib/file.h"
#include "lib/scope.h"

#define INITRD_KEY "/state.key"

static const struct {
	const char *from, *to;
} files[] = {
	{ "boot/vmlinuz", KEEP_DIR "/vmlinuz" },
	{ "boot/initrd", KEEP_DIR "/initrd" },
	{ "ocicat/manifest.json", KEEP_DIR "/manifest.json" },
};

static void copy(const char *from, const char *to, mode_t mode)
{
	AUTO_CLOSE int in = open(from, O_RDONLY | O_CLOEXEC);
	AUTO_CLOSE int out = -1;
	struct error err = { 0 };
	struct stat st;

	if (in < 0 || fstat(in, &st) < 0)
		return;
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (out >= 0 && file_copy_fd(in, out, (uint64_t)st.st_size, from, &err) < 0) {
		fprintf(stderr, "%s\n", err.msg);
		(void)unlink(to);
	}
}

void keep_boot_files(const char *dir)
{
	char path[128];

	(void)mkdir(KEEP_DIR, 0755);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, files[i].from);
		copy(path, files[i].to, 0644);
	}
}

void keep_state_key(void)
{
	copy(INITRD_KEY, KEEP_KEY, 0600);
}
