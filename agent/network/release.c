/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks the running dhcpcd to let go of an interface.
 */
#include "agent/network/release.h"

#include "agent/network/lease.h"
#include "lib/proc.h"

#define RELEASE_MS 5000

void network_release(int root, const char *name, bool keeps)
{
	static const char *const protos[] = { "dhcp", "dhcp6", "ra" };
	const char *const argv[] = { "/usr/sbin/dhcpcd", keeps ? "-x" : "-k", name, NULL };

	/* It may be gone with its link. */
	(void)!proc_run(argv, NULL, RELEASE_MS, NULL, NULL);
	for (size_t i = 0; i < ARRAY_LEN(protos); i++)
		(void)!lease_remove(root, name, protos[i], NULL);
}
