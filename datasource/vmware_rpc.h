/* SPDX-License-Identifier: Apache-2.0 */
/*
 * info-get and info-set of VMware's guestinfo, by whichever way works: the backdoor, a vsock where
 * the backdoor is closed to us (secured guestinfo), VMware's own tool where it is installed.
 */
#pragma once

#include <stdbool.h>

#include "datasource/backdoor.h"
#include "datasource/machine.h"
#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

enum vmware_rpc_way { VMWARE_RPC_BACKDOOR, VMWARE_RPC_VSOCK, VMWARE_RPC_TOOL, VMWARE_RPC_NONE };

struct vmware_rpc {
	const struct backdoor_port *port; /* NULL: there is none */
	enum vmware_rpc_way way;          /* the one in use */
	enum vmware_rpc_way last;         /* those after it are not tried */
	int fd;                           /* the vsock, -1 */
	const char *tool;                 /* vmware-rpctool's path; tests have their own */
};

/* Whether this is a machine of VMware's that may be asked: CPUID says so, and it is the running
 * machine, not a --root. */
bool vmware_rpc_is_here(const struct machine *m);
/* `port` is vmware_port(), `last` VMWARE_RPC_TOOL; a test's port is the only way of a test. */
void vmware_rpc_open(struct vmware_rpc *rpc, const struct backdoor_port *port,
		     enum vmware_rpc_way last);
void vmware_rpc_close(struct vmware_rpc *rpc);
#define AUTO_VMWARE_RPC CLEANUP(vmware_rpc_close)
/* struct guestinfo's get; `arg` is the struct vmware_rpc. */
int vmware_rpc_get(void *arg, const char *key, struct buf *ret, struct error *err) MUST_CHECK;
/* Set guestinfo.KEY. */
int vmware_rpc_set(struct vmware_rpc *rpc, const char *key, const char *value,
		   struct error *err) MUST_CHECK;
