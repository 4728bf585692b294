/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Publishes this machine's name and addresses.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/apply/publish.h"
#include "agent/message.h"
#include "agent/network/gateway.h"
#include "agent/userdata/instance.h"
#include "datasource/vmware_port.h"
#include "lib/file.h"
#include "lib/journal.h"
#include "lib/scope.h"

#define ROUTE_MS 3000
/* For a network that is asked for by name; services that need it start after that all the same. */
#define ASKED_MS 120000

/* The cheap question first: others have nothing to gather facts for. */
static bool says_vmware(int root)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(4096);

	return file_read(root, "/sys/class/dmi/id/sys_vendor", &b, NULL) == 0 &&
	       !strncmp(buf_text(&b), "VMware", 6);
}

/* --- waiting --- */

struct wish {
	bool ipv4, ipv6;
	struct vmware_publish *now;
};

static bool is_fulfilled(void *arg)
{
	const struct wish *w = arg;

	vmware_publish_gather(w->now);
	return (!w->ipv4 || w->now->ipv4[0]) && (!w->ipv6 || w->now->ipv6[0]);
}

int publish_await(bool ipv4, bool ipv6, int timeout_ms, struct vmware_publish *ret,
		  struct error *err)
{
	struct wish w = { .ipv4 = ipv4, .ipv6 = ipv6, .now = ret };
	int r = gateway_wait_until(is_fulfilled, &w, timeout_ms, err);

	if (r != -ETIMEDOUT)
		return r;
	return error_set(err, ETIMEDOUT, "no %s address after %d s",
			 ipv4 && !ret->ipv4[0] ? "IPv4" : "IPv6", timeout_ms / 1000);
}

/* What the owner asked for is told on the console when it does not come. */
static void wait_for_network(int root, struct vmware_publish *ret)
{
	AUTO(doc_pool_free) struct doc_pool *pool = NULL;
	struct instance in = { 0 };
	struct error err = { 0 };

	if (doc_pool_new(&pool, &err) == 0)
		instance_load(root, pool, &in);
	if (in.wait_ipv4 || in.wait_ipv6) {
		if (publish_await(in.wait_ipv4, in.wait_ipv6, ASKED_MS, ret, &err) < 0)
			message_say(JOURNAL_WARNING, "datasource",
				    "guestinfo.metadata: wait-on-network: %s: services start "
				    "without it",
				    err.msg);
		return;
	}
	if (gateway_wait(ROUTE_MS, &err) < 0)
		journal_say(JOURNAL_WARNING, "datasource", "guestinfo gets no address: %s",
			    err.msg);
	vmware_publish_gather(ret);
}

void publish_machine(int root)
{
	AUTO_FREE struct machine *m = says_vmware(root) ? calloc(1, sizeof(*m)) : NULL;
	AUTO_VMWARE_RPC struct vmware_rpc rpc;
	struct vmware_publish p = { 0 };
	struct error err = { 0 };

	vmware_rpc_open(&rpc, vmware_port(), VMWARE_RPC_TOOL);
	if (!m)
		return;
	machine_load(m, root);
	if (!vmware_rpc_is_here(m))
		return;
	wait_for_network(root, &p);
	if (vmware_publish_send(&rpc, &p, &err) < 0)
		journal_say(JOURNAL_WARNING, "datasource", "guestinfo: %s", err.msg);
}
