/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The running dhcpcd: its file, the interfaces that it has, and what it is told when they change.
 * An interface whose lines stay the same hears nothing of it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "agent/network/want.h"
#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

#define DHCP_RUN_MAX  128        /* interfaces; others get no lease */
#define DHCP_RUN_CONF (1u << 20) /* bytes of the file */

struct dhcp_names {
	char name[DHCP_RUN_MAX][NETWORK_NAME];
	size_t n;
};

struct dhcp_run {
	struct buf conf;         /* the file as it is */
	struct dhcp_names has;   /* whom dhcpcd has */
	struct dhcp_names keeps; /* of those: whose lease's address is a static one from now on */
	struct dhcp_names tells; /* who is new or has other lines, since the last dhcp_run_tell() */
};

bool dhcp_run_has(const struct dhcp_names *l, const char *name);
void dhcp_run_add(struct dhcp_names *l, const char *name);
/* Write the file for `want` to `path`, and release the leases of interfaces that dhcpcd is to have
 * no longer. 1 when the file has changed, 0 when not. */
int dhcp_run_write(struct dhcp_run *r, int root, struct network *net, const struct want_list *want,
		   const char *path, struct error *err) MUST_CHECK;
/* Add to *ret which interfaces of `now` are not in `old`, or have other lines there; all, when the
 * lines that are for all of them differ. What is not in `all` is dropped from *ret. */
void dhcp_run_compare(const char *old, const char *now, const struct dhcp_names *all,
		      struct dhcp_names *ret);
/* Tell dhcpcd of them, or only that the file is another one, by its control socket. -ENOTCONN when
 * it does not listen (yet). */
int dhcp_run_tell(struct dhcp_run *r, struct error *err) MUST_CHECK;
