/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the uevent socket. Only the kernel's own messages are taken.
 */
#include "init/early/hotplug.h"

#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/scope.h"

#define MESSAGE_MAX 8192
#define RECEIVE_BYTES (4 << 20)
#define KERNEL_GROUP 1

int hotplug_open(int *ret_fd, struct error *err)
{
	AUTO_CLOSE int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
				   NETLINK_KOBJECT_UEVENT);
	struct sockaddr_nl sa = { .nl_family = AF_NETLINK, .nl_groups = KERNEL_GROUP };
	int bytes = RECEIVE_BYTES;

	if (fd < 0)
		return error_sys(err, errno, "uevent socket");
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0)
		return error_sys(err, errno, "uevent socket");
	*ret_fd = TAKE_FD(fd);
	return 0;
}

static void take(char *to, size_t size, const char *text, const char *key)
{
	size_t len = strlen(key);

	if (!strncmp(text, key, len))
		(void)snprintf(to, size, "%s", text + len);
}

void hotplug_parse(struct hotplug_event *ev, const char *text, size_t len)
{
	*ev = (struct hotplug_event){ 0 };
	for (size_t at = 0; at < len; at += strnlen(text + at, len - at) + 1) {
		const char *s = text + at;

		/* The last string may lack its end: leave it. */
		if (strnlen(s, len - at) == len - at)
			break;
		take(ev->action, sizeof(ev->action), s, "ACTION=");
		take(ev->subsystem, sizeof(ev->subsystem), s, "SUBSYSTEM=");
		take(ev->devname, sizeof(ev->devname), s, "DEVNAME=");
		take(ev->modalias, sizeof(ev->modalias), s, "MODALIAS=");
	}
}

int hotplug_next(int fd, int64_t deadline_ms, struct hotplug_event *ev, struct error *err)
{
	char text[MESSAGE_MAX];

	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		struct sockaddr_nl sa = { 0 };
		socklen_t sa_len = sizeof(sa);
		ssize_t n = recvfrom(fd, text, sizeof(text), MSG_DONTWAIT, (struct sockaddr *)&sa,
				     &sa_len);

		if (n > 0 && sa.nl_pid == 0) {
			hotplug_parse(ev, text, (size_t)n);
			return 0;
		}
		if (n < 0 && errno == ENOBUFS)
			return error_set(err, EAGAIN, "device events were lost");
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return error_sys(err, errno, "device events");
		if (n >= 0)
			continue;
		if (poll(&p, 1, clock_left_ms(deadline_ms)) == 0)
			return error_set(err, ETIMEDOUT, "no device in time");
	}
}
