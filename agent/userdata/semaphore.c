/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of marks.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/userdata/semaphore.h"
#include "lib/file.h"
#include "lib/hash.h"

#define NO_INSTANCE "none"

static void path_of(const char *instance, const char *name, char *path, size_t size)
{
	if (!instance)
		instance = NO_INSTANCE;
	if (!strcmp(instance, SEMAPHORE_ONCE))
		(void)snprintf(path, size, SEMAPHORE_DIR "/once/%s", name);
	else
		(void)snprintf(path, size, SEMAPHORE_DIR "/instance-%016" PRIx64 "/%s",
			       hash_text(instance, strlen(instance)), name);
}

bool semaphore_is_set(int root, const char *instance, const char *name, uint64_t *ret_print)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(64);
	char path[256];

	path_of(instance, name, path, sizeof(path));
	if (file_read(root, path, &text, NULL) < 0)
		return false;
	*ret_print = strtoull(buf_text(&text), NULL, 16);
	return true;
}

int semaphore_set(int root, const char *instance, const char *name, uint64_t print,
		  bool durable, struct error *err)
{
	const struct file_attr attr = {
		.mode = 0600, .uid = geteuid(), .gid = getegid(), .relaxed = !durable
	};
	char path[256], text[32];
	int n = snprintf(text, sizeof(text), "%016" PRIx64 "\n", print);

	path_of(instance, name, path, sizeof(path));
	return file_publish(root, path, text, (size_t)n, &attr, NULL, err);
}
