/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Publishes this machine's name and addresses.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/gateway.h"
#include "agent/publish.h"
#include "datasource/vmware_port.h"
#include "datasource/vmware_publish.h"
#include "lib/file.h"
#include "lib/journal.h"
#include "lib/scope.h"

#define ROUTE_MS 3000

/* The cheap question first: others have nothing to gather facts for. */
static bool says_vmware(int root)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(4096);

	return file_read(root, "/sys/class/dmi/id/sys_vendor", &b, NULL) == 0 &&
	       !strncmp(buf_text(&b), "VMware", 6);
}

void publish_machine(int root)
{
	AUTO_FREE struct machine *m = says_vmware(root) ? calloc(1, sizeof(*m)) : NULL;
	AUTO_VMWARE_RPC struct vmware_rpc rpc;
	struct vmware_publish p;
	struct error err = { 0 };

	vmware_rpc_open(&rpc, vmware_port(), VMWARE_RPC_TOOL);
	if (!m)
		return;
	machine_load(m, root);
	if (!vmware_rpc_is_here(m))
		return;
	if (gateway_wait(ROUTE_MS, &err) < 0)
		journal_say(JOURNAL_WARNING, "datasource", "guestinfo gets no address: %s",
			    err.msg);
	vmware_publish_gather(&p);
	if (vmware_publish_send(&rpc, &p, &err) < 0)
		journal_say(JOURNAL_WARNING, "datasource", "guestinfo: %s", err.msg);
}
