/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A hand-shake file that another part of the system will make (/run/console-done), as a descriptor
 * for an event loop. (lib/file.h's file_wait() is for those who may sleep until then.)
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/error.h"

#define AWAIT_CONSOLE_DONE "/run/console-done"
#define AWAIT_DOCKER_DONE "/run/docker-done"

/* *ret_fd becomes readable when something appears in the directory of `path`; ask await_done()
 * then, and once right after this call. */
int await_open(const char *path, int *ret_fd, struct error *err) MUST_CHECK;
/* Whether the file is there now; empties the descriptor. */
bool await_done(int fd, const char *path);
/* Write the file: its content is `name`. */
int await_fulfil(const char *path, const char *name, struct error *err) MUST_CHECK;
