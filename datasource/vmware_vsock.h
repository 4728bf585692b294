/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VMware's remote calls (RPCI) over a vsock, which is what remains when the machine's owner secured
 * guestinfo (`guestinfo.rpci.auth…`): a low source port shows that root asks. Packets are
 * open-vm-tools' DataMap: numbers in network order, fields {type, id, value}.
 */
#pragma once

#include <stddef.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

/* A packet of the hypervisor. */
#define VMWARE_VSOCK_MAX ((1u << 20) + 4096)

/* Connect to the hypervisor; *ret is the caller's to close. */
int vmware_vsock_open(int timeout_ms, int *ret, struct error *err) MUST_CHECK;
/* One request and its reply ("1 value", appended to `reply`) over the connection. */
int vmware_vsock_call(int fd, const char *request, size_t len, int timeout_ms, struct buf *reply,
		      struct error *err) MUST_CHECK;
