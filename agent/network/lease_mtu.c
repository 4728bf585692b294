/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets it where it is another one.
 */
#include "agent/network/lease_mtu.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "agent/network/exec.h"
#include "agent/network/netlink.h"
#include "lib/file.h"

/* The kernel takes IPv6 off an interface with less. */
#define MTU_MIN 1280
#define MTU_MAX 65535

int lease_mtu(const char *text)
{
	char *end = NULL;
	long n = text ? strtol(text, &end, 10) : 0;

	return n >= MTU_MIN && n <= MTU_MAX && !*end ? (int)n : 0;
}

static int read_mtu(int fd, const char *interface, int *ret, struct error *err)
{
	struct state s = { 0 };
	const struct state_link *link;
	int r = state_read_links(fd, &s, err);

	link = r == 0 ? state_find_link(&s, interface) : NULL;
	*ret = link ? link->mtu : 0;
	state_done(&s);
	return r;
}

int lease_mtu_take(const char *interface, int mtu, struct error *err)
{
	struct change c = { .kind = CHANGE_MTU, .number = mtu };
	AUTO_CLOSE int fd = -1;
	int now = 0, r;

	if (!mtu)
		return 0;
	r = netlink_open(0, &fd, err);
	if (r == 0)
		r = read_mtu(fd, interface, &now, err);
	if (r < 0 || !now || now == mtu)
		return r;
	(void)snprintf(c.link, sizeof(c.link), "%.15s", interface);
	return exec_change(fd, &c, err);
}
