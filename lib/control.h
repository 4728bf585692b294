/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The protocol of init's control socket (/run/ros/control, SOCK_SEQPACKET, root only): one request
 * of one line, one reply of one line that starts with "ok" or "error".
 *
 * Requests: "status" (reply: ok and one "name=state" word a unit),
 * "poweroff|reboot|halt|kexec[ force][ timeout=SECONDS][ by WHO]", "restart UNIT",
 * "recovery WHY" (recovery consoles beside the boot, which goes on), "resume" (leave them).
 */
#pragma once

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

#define CONTROL_PATH "/run/ros/control"
/* A request or reply is at most this long. */
#define CONTROL_MAX 4096

/* Ask init; *reply gets the text after "ok ", an "error …" reply becomes the error (-ECANCELED).
 * -ENOENT or -ECONNREFUSED when nobody listens, -ETIMEDOUT, -ECONNRESET when init hung up, -EBADMSG
 * for a reply that is none. */
int control_ask(const char *request, int timeout_ms, struct buf *reply, struct error *err)
	MUST_CHECK;
/* The same at another socket than CONTROL_PATH. */
int control_ask_at(const char *path, const char *request, int timeout_ms, struct buf *reply,
		   struct error *err) MUST_CHECK;
