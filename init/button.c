/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the descriptors of input devices with a power key, and the watch on /dev/input.
 */
#include "init/button.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/input.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lib/scope.h"

#define INPUT_DIR "/dev/input"
#define DEVICES_MAX 8

static struct {
	struct supervise *sup;
	void (*pressed)(void *arg);
	void *arg;
	size_t n;
} button;

static bool has_power_key(int fd)
{
	unsigned char keys[KEY_MAX / 8 + 1] = { 0 };

	return ioctl(fd, EVIOCGBIT(EV_KEY, sizeof(keys)), keys) >= 0 &&
	       (keys[KEY_POWER / 8] & (1u << (KEY_POWER % 8)));
}

static void device_readable(void *arg, int fd)
{
	struct input_event ev[8];
	ssize_t n = read(fd, ev, sizeof(ev));

	(void)arg;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		supervise_unwatch(button.sup, fd);
		(void)close(fd);
		button.n--;
		return;
	}
	for (size_t i = 0; i < (size_t)n / sizeof(ev[0]); i++) {
		if (ev[i].type == EV_KEY && ev[i].code == KEY_POWER && ev[i].value == 1)
			button.pressed(button.arg);
	}
}

static void try_device(const char *name)
{
	AUTO_CLOSE int fd = -1;
	char path[300];

	if (strncmp(name, "event", 5) != 0 || button.n == DEVICES_MAX)
		return;
	(void)snprintf(path, sizeof(path), INPUT_DIR "/%s", name);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || !has_power_key(fd))
		return;
	if (supervise_watch(button.sup, fd, device_readable, NULL, NULL) < 0)
		return;
	button.n++;
	(void)TAKE_FD(fd);
}

static void dir_readable(void *arg, int fd)
{
	union {
		struct inotify_event ev;
		char space[4096];
	} in;
	ssize_t n;

	(void)arg;
	while ((n = read(fd, &in, sizeof(in))) > 0) {
		for (char *p = in.space; p < in.space + n;) {
			const struct inotify_event *ev = (const void *)p;

			if (ev->len > 0)
				try_device(ev->name);
			p += sizeof(*ev) + ev->len;
		}
	}
}

int button_open(struct supervise *sup, void (*pressed)(void *arg), void *arg, struct error *err)
{
	AUTO_CLOSE int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	AUTO_CLOSEDIR DIR *dir = NULL;
	const struct dirent *e;

	if (fd < 0 || inotify_add_watch(fd, INPUT_DIR, IN_CREATE) < 0)
		return error_sys(err, errno, "watch " INPUT_DIR);
	button.sup = sup;
	button.pressed = pressed;
	button.arg = arg;
	if (supervise_watch(sup, fd, dir_readable, NULL, err) < 0)
		return -err->code;
	(void)TAKE_FD(fd);
	dir = opendir(INPUT_DIR);
	while (dir && (e = readdir(dir)))
		try_device(e->d_name);
	return 0;
}
