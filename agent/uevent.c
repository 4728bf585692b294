/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's device messages, read from NETLINK_KOBJECT_UEVENT.
 */
#include "agent/uevent.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>

#include "lib/clock.h"
#include "lib/scope.h"

#define UEVENT_MAX 8192
/* Multicast group of the kernel's messages (2 is udev's). */
#define UEVENT_KERNEL 1

int uevent_open(int *ret_fd, struct error *err)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_groups = UEVENT_KERNEL };
	AUTO_CLOSE int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
				   NETLINK_KOBJECT_UEVENT);

	if (fd < 0)
		return error_sys(err, errno, "device messages: socket");
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return error_sys(err, errno, "device messages: bind");
	*ret_fd = TAKE_FD(fd);
	return 0;
}

bool uevent_is_block(const char *msg, size_t len)
{
	bool block = false, wanted = false;

	for (size_t i = 0; i < len; i += strnlen(msg + i, len - i) + 1) {
		size_t n = strnlen(msg + i, len - i);

		if (n == 15 && !memcmp(msg + i, "SUBSYSTEM=block", n))
			block = true;
		if ((n == 10 && !memcmp(msg + i, "ACTION=add", n)) ||
		    (n == 13 && !memcmp(msg + i, "ACTION=change", n)))
			wanted = true;
	}
	return block && wanted;
}

/* Read what is there. An overrun (ENOBUFS) counts as news: something happened. */
static bool drain(int fd)
{
	char msg[UEVENT_MAX];
	bool news = false;

	for (;;) {
		ssize_t n = recv(fd, msg, sizeof(msg), 0);

		if (n > 0)
			news = news || uevent_is_block(msg, (size_t)n);
		else if (n < 0 && errno == ENOBUFS)
			news = true;
		else if (n < 0 && errno == EINTR)
			continue;
		else
			return news;
	}
}

int uevent_wait_block(int fd, int also, int64_t deadline_ms, struct error *err)
{
	struct pollfd p[] = { { .fd = fd, .events = POLLIN }, { .fd = also, .events = POLLIN } };

	for (;;) {
		int r = poll(p, ARRAY_LEN(p), clock_left_ms(deadline_ms));

		if (r < 0 && errno != EINTR)
			return error_sys(err, errno, "device messages: poll");
		if (r > 0 && (p[1].revents || drain(fd)))
			return 0;
		if (r == 0)
			return error_set(err, ETIMEDOUT, "no new block device came");
	}
}
