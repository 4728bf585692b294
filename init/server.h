/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The server's side of lib/control.h: reads requests, answers `status`, and hands everything else
 * to its owner. Only root is heard.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"
#include "lib/supervise.h"

struct server_ops {
	/* Answer one request (no newline): append the text after "ok " to reply, or fail. */
	int (*request)(void *arg, const char *text, struct buf *reply, struct error *err);
	void *arg;
};

/* Listen and be part of the loop. One per process; ops must stay valid. */
int server_open(struct supervise *sup, const struct server_ops *ops, struct error *err) MUST_CHECK;
