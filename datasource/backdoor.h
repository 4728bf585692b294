/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VMware's backdoor: remote calls (RPCI) to the hypervisor through an I/O port that it intercepts,
 * in the low-bandwidth form, four bytes at a time. The protocol is open-vm-tools' (lib/message);
 * the port itself is behind an interface, so that the protocol can be tried against a false
 * hypervisor.
 *
 * The port must only be touched where CPUID names VMware: elsewhere the instruction faults.
 */
#pragma once

#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

/* A request with its key and value; a reply of the hypervisor. */
#define BACKDOOR_REQUEST_MAX (64u << 10)
#define BACKDOOR_REPLY_MAX   ((1u << 20) + 64)

struct backdoor_regs {
	uint32_t ax, bx, cx, dx, si, di;
};

/* One access of the port: all registers go in and come out. */
struct backdoor_port {
	void (*in)(void *arg, struct backdoor_regs *r);
	void *arg;
};

/* -ENODATA when no VMware hypervisor answers the knock. */
int backdoor_knock(const struct backdoor_port *port, struct error *err) MUST_CHECK;
/* Send a request ("info-get guestinfo.x") on a channel of its own and append the reply ("1 value",
 * "0 No value found") to `reply`. -ETIMEDOUT, -EPROTO for answers that make no sense, -E2BIG. */
int backdoor_call(const struct backdoor_port *port, const char *request, size_t len, int timeout_ms,
		  struct buf *reply, struct error *err) MUST_CHECK;
