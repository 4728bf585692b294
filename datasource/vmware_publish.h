/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a machine of VMware's tells its hypervisor about itself, so that tools of the owner find it
 * without VMware's own agent: guestinfo.local-hostname, .local-ipv4 and .local-ipv6, as cloud-init
 * writes them.
 */
#pragma once

#include "datasource/vmware_rpc.h"
#include "lib/attr.h"
#include "lib/error.h"

#define VMWARE_PUBLISH_ADDRESS 64

/* "" for what is not known. */
struct vmware_publish {
	char hostname[256];
	char ipv4[VMWARE_PUBLISH_ADDRESS], ipv6[VMWARE_PUBLISH_ADDRESS];
};

/* The host name, and the addresses that packets into the world leave from. Sends none. */
void vmware_publish_gather(struct vmware_publish *ret);
/* Values that are not known are left as they are. */
int vmware_publish_send(struct vmware_rpc *rpc, const struct vmware_publish *p,
			struct error *err) MUST_CHECK;
