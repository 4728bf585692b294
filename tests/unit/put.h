/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file of a test's own, with the directories above it.
 */
#pragma once

#include "tests/unit/check.h"

#include <unistd.h>

#include "lib/file.h"

static inline void put_file(int root, const char *path, const void *data, size_t len, mode_t mode)
{
	const struct file_attr attr = { .mode = mode, .uid = geteuid(), .gid = getegid() };
	struct error err = { 0 };

	assert_ok(file_publish(root, path, data, len, &attr, NULL, &err), &err);
}
