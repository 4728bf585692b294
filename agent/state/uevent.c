/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's device messages, read from NETLINK_KOBJECT_UEVENT.
 */
#include "agent/state/uevent.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>

#include "lib/clock.h"
#include "lib/proc.h"
#include "lib/scope.h"

#define UEVENT_MAX 8192
/* Multicast group of the kernel's messages (2 is udev's). */
#define UEVENT_KERNEL 1
#define DRIVER_MS  10000
#define TRIGGER_MS 10000

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

const char *uevent_modalias(const char *msg, size_t len)
{
	const char *alias = NULL;
	bool added = false;

	for (size_t i = 0; i < len; i += strnlen(msg + i, len - i) + 1) {
		if (!strcmp(msg + i, "ACTION=add"))
			added = true;
		if (!strncmp(msg + i, "MODALIAS=", strlen("MODALIAS=")))
			alias = msg + i + strlen("MODALIAS=");
	}
	return added ? alias : NULL;
}

/* What has no driver for it is no news. */
static void load_driver(const char *msg, size_t len)
{
	const char *alias = uevent_modalias(msg, len);
	const char *argv[] = { "modprobe", "-q", "-b", "--", alias, NULL };

	if (alias)
		(void)!proc_run(argv, NULL, DRIVER_MS, NULL, NULL);
}

/* Read what is there. An overrun (ENOBUFS) counts as news: something happened. */
static bool drain(int fd, bool load)
{
	char msg[UEVENT_MAX + 1];
	bool news = false;

	for (;;) {
		ssize_t n = recv(fd, msg, UEVENT_MAX, 0);

		msg[n > 0 ? n : 0] = '\0';
		if (n > 0 && load)
			load_driver(msg, (size_t)n);
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

int uevent_wait_block(int fd, int also, bool load, int64_t deadline_ms, struct error *err)
{
	struct pollfd p[] = { { .fd = fd, .events = POLLIN }, { .fd = also, .events = POLLIN } };

	for (;;) {
		int r = poll(p, ARRAY_LEN(p), clock_left_ms(deadline_ms));

		if (r < 0 && errno != EINTR)
			return error_sys(err, errno, "device messages: poll");
		if (r > 0 && (p[1].revents || drain(fd, load)))
			return 0;
		if (r == 0)
			return error_set(err, ETIMEDOUT, "no new block device came");
	}
}

int uevent_tell_again(struct error *err)
{
	static const char *const argv[] = { "udevadm",
					    "trigger",
					    "--action=add",
					    "--subsystem-match=pci",
					    "--subsystem-match=usb",
					    "--subsystem-match=scsi",
					    "--subsystem-match=virtio",
					    NULL };

	return proc_run(argv, NULL, TRIGGER_MS, NULL, err);
}
