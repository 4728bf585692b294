/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the question "is there a default route". The answer is read from /proc/net, the moment to
 * ask again comes from an rtnetlink socket; its messages are not parsed.
 */
#include "agent/network/gateway.h"

#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/scope.h"

#define ROUTE_UP 0x1
#define ROUTE_REJECT 0x200

bool gateway_in_route4(const char *text)
{
	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		unsigned dest, gateway, flags, mask;

		line += *line == '\n';
		if (sscanf(line, "%*s %x %x %x %*s %*s %*s %x", &dest, &gateway, &flags,
			   &mask) == 4 &&
		    dest == 0 && mask == 0 && (flags & ROUTE_UP) && !(flags & ROUTE_REJECT))
			return true;
	}
	return false;
}

bool gateway_in_route6(const char *text)
{
	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		char dest[33], interface[33];
		unsigned len, flags;

		line += *line == '\n';
		if (sscanf(line, "%32s %x %*s %*s %*s %*s %*s %*s %x %32s", dest, &len, &flags,
			   interface) == 4 &&
		    len == 0 && strspn(dest, "0") == 32 && strcmp(interface, "lo") != 0 &&
		    (flags & ROUTE_UP) && !(flags & ROUTE_REJECT))
			return true;
	}
	return false;
}

/* Of containers, or the machine itself. */
static bool is_inner(const char *interface)
{
	static const char *const inner[] = { "lo", "docker*", "veth*", "br-*" };

	for (size_t i = 0; i < ARRAY_LEN(inner); i++)
		if (!fnmatch(inner[i], interface, 0))
			return true;
	return false;
}

bool gateway_on_link4(const char *text)
{
	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		unsigned char dest[4];
		char interface[33];
		unsigned flags;
		uint32_t number;

		line += *line == '\n';
		if (sscanf(line, "%32s %" SCNx32 " %*s %x", interface, &number, &flags) != 3 ||
		    !(flags & ROUTE_UP) || (flags & ROUTE_REJECT) || is_inner(interface))
			continue;
		/* In the order that it has in memory. */
		memcpy(dest, &number, sizeof(dest));
		if (dest[0] != 169 || dest[1] != 254)
			return true;
	}
	return false;
}

bool gateway_on_link6(const char *text)
{
	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		char dest[33], interface[33];
		unsigned flags;

		line += *line == '\n';
		if (sscanf(line, "%32s %*s %*s %*s %*s %*s %*s %*s %x %32s", dest, &flags,
			   interface) == 3 &&
		    (flags & ROUTE_UP) && !(flags & ROUTE_REJECT) && !is_inner(interface) &&
		    strncmp(dest, "fe8", 3) != 0 && strncmp(dest, "ff", 2) != 0)
			return true;
	}
	return false;
}

/* What either family's routes say. */
static bool ask_routes(bool (*v4)(const char *text), bool (*v6)(const char *text))
{
	struct buf AUTO_BUF text = { 0 };

	if (file_read(FILE_ROOT, "/proc/net/route", &text, NULL) == 0 && v4(buf_text(&text)))
		return true;
	buf_reset(&text);
	return file_read(FILE_ROOT, "/proc/net/ipv6_route", &text, NULL) == 0 &&
	       v6(buf_text(&text));
}

static bool gateway_exists(void *arg)
{
	(void)arg;
	return ask_routes(gateway_in_route4, gateway_in_route6);
}

bool gateway_on_link(void)
{
	return ask_routes(gateway_on_link4, gateway_on_link6);
}

/* A socket that becomes readable when a route or an IPv6 address comes or goes (which may be of use
 * only some time after its route is there); -1 when there is none to be had. */
static int watch_routes(void)
{
	const struct sockaddr_nl addr = { .nl_family = AF_NETLINK,
					  .nl_groups = RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE |
						       RTMGRP_IPV6_IFADDR };
	AUTO_CLOSE int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
				   NETLINK_ROUTE);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -1;
	return TAKE_FD(fd);
}

static void drain(int fd)
{
	char message[8192];

	/* ENOBUFS says that messages were lost: there was a change all the same. */
	while (fd >= 0 && (recv(fd, message, sizeof(message), 0) > 0 || errno == EINTR))
		;
}

int gateway_wait_until(bool (*is_so)(void *arg), void *arg, int timeout_ms, struct error *err)
{
	const int64_t deadline = clock_ms() + timeout_ms;
	AUTO_CLOSE int fd = watch_routes();
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	if (fd < 0)
		return error_sys(err, errno, "watch the routes");
	/* Watching began before the first look, so no change is missed. */
	while (!is_so(arg)) {
		if (clock_left_ms(deadline) == 0)
			return error_set(err, ETIMEDOUT, "the network is not so after %d s",
					 timeout_ms / 1000);
		(void)poll(&pfd, 1, clock_left_ms(deadline));
		drain(fd);
	}
	return 0;
}

int gateway_wait(int timeout_ms, struct error *err)
{
	int r = gateway_wait_until(gateway_exists, NULL, timeout_ms, err);

	return r == -ETIMEDOUT ? error_set(err, ETIMEDOUT, "no default route after %d s",
					   timeout_ms / 1000)
			       : r;
}

void gateway_pause(int timeout_ms)
{
	AUTO_CLOSE int fd = watch_routes();
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	(void)poll(&pfd, 1, timeout_ms);
	drain(fd);
}
