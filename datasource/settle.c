/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks at USB storage in sysfs, and waits for it.
 */
#include <dirent.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "datasource/settle.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/scope.h"

#define DEVICES "/sys/bus/usb/devices"
/* bInterfaceClass of mass storage. */
#define STORAGE "08"
/* Interface, host, target, unit: block is in the unit's directory. */
#define DEPTH 4

static bool is_storage(int root, const char *name)
{
	AUTO_BUF struct buf class = BUF_WITH_LIMIT(64);
	char path[320];

	(void)snprintf(path, sizeof(path), DEVICES "/%s/bInterfaceClass", name);
	if (file_read(root, path, &class, NULL) < 0 || strncmp(buf_text(&class), STORAGE, 2) != 0)
		return false;
	(void)snprintf(path, sizeof(path), DEVICES "/%s/driver", name);
	return file_exists(root, path);
}

/* Whether a directory named `block` lies below, within DEPTH levels; links are not followed. */
static bool has_block(int dir, int depth)
{
	AUTO_CLOSEDIR DIR *d = fdopendir(dir);
	struct dirent *e;

	if (!d) {
		(void)close(dir);
		return false;
	}
	while ((e = readdir(d))) {
		int child;

		if (e->d_type != DT_DIR || e->d_name[0] == '.')
			continue;
		if (!strcmp(e->d_name, "block"))
			return true;
		child = depth ? openat(dirfd(d), e->d_name,
				       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
			      : -1;
		if (child >= 0 && has_block(child, depth - 1))
			return true;
	}
	return false;
}

static bool is_waiting(int root, const char *name)
{
	char path[320];
	int dir;

	if (!strchr(name, ':') || !is_storage(root, name))
		return false;
	(void)snprintf(path, sizeof(path), DEVICES "/%s", name);
	return file_open(root, path, O_RDONLY | O_DIRECTORY, 0, &dir, NULL) == 0 &&
	       !has_block(dir, DEPTH);
}

bool settle_is_pending(int root)
{
	AUTO_CLOSEDIR DIR *d = NULL;
	struct dirent *e;
	int dir;

	if (file_open(root, DEVICES, O_RDONLY | O_DIRECTORY, 0, &dir, NULL) < 0)
		return false;
	d = fdopendir(dir);
	if (!d) {
		(void)close(dir);
		return false;
	}
	while ((e = readdir(d)))
		if (is_waiting(root, e->d_name))
			return true;
	return false;
}

/* The kernel's own announcements (group 1), which udev need not be there for. */
static int open_announcements(void)
{
	const struct sockaddr_nl sa = { .nl_family = AF_NETLINK, .nl_groups = 1 };
	AUTO_CLOSE int fd =
		socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&sa, sizeof(sa)) < 0)
		return -1;
	return TAKE_FD(fd);
}

void settle_wait(int root, int timeout_ms)
{
	int64_t deadline = clock_ms() + timeout_ms;
	AUTO_CLOSE int fd = -1;

	if (!settle_is_pending(root))
		return;
	fd = open_announcements();
	while (fd >= 0 && settle_is_pending(root) && clock_left_ms(deadline)) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		char event[4096];

		if (poll(&p, 1, clock_left_ms(deadline)) <= 0)
			continue;
		while (recv(fd, event, sizeof(event), 0) > 0)
			;
	}
}
