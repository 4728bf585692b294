/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The terminal is set to give each key at once and to show none; it is set back whatever happens.
 */
#include "agent/state/passphrase.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/scope.h"

enum { CTRL_C = 3, CTRL_D = 4, BACKSPACE = 8, CTRL_U = 21, DELETE = 127 };

static int key(int fd, int64_t deadline, char *ret, struct error *err)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	for (;;) {
		int n = poll(&p, 1, clock_left_ms(deadline));

		if (n == 0)
			return error_set(err, ETIMEDOUT, "nobody typed a passphrase in time");
		if (n > 0)
			n = (int)read(fd, ret, 1);
		if (n == 1)
			return 0;
		if (n == 0)
			return error_set(err, ECANCELED, "the terminal hung up");
		if (errno != EINTR && errno != EAGAIN)
			return error_sys(err, errno, "read the passphrase");
	}
}

static int line(int fd, int64_t deadline, struct buf *ret, struct error *err)
{
	for (;;) {
		char c = 0;
		int r = key(fd, deadline, &c, err);

		if (r < 0)
			return r;
		if (c == CTRL_C || c == CTRL_D)
			return error_set(err, ECANCELED, "no passphrase was typed");
		if (c == '\r' || c == '\n')
			break;
		if (c == CTRL_U)
			buf_reset(ret);
		else if (c != BACKSPACE && c != DELETE)
			buf_add(ret, &c, 1);
		else if (ret->len)
			ret->data[--ret->len] = '\0';
	}
	if (!ret->len)
		return error_set(err, ECANCELED, "no passphrase was typed");
	return buf_check(ret, err);
}

int passphrase_ask(const char *terminal, const char *question, int64_t deadline_ms,
		   struct buf *ret, struct error *err)
{
	AUTO_CLOSE int fd = open(terminal, O_RDWR | O_CLOEXEC | O_NOCTTY);
	struct termios old, mute;
	int r;

	if (fd < 0)
		return error_sys(err, errno, "%s", terminal);
	if (tcgetattr(fd, &old) < 0)
		return error_sys(err, errno, "%s", terminal);
	mute = old;
	mute.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG);
	mute.c_cc[VMIN] = 1;
	mute.c_cc[VTIME] = 0;
	/* What was typed before the question was no answer. */
	if (tcsetattr(fd, TCSAFLUSH, &mute) < 0)
		return error_sys(err, errno, "%s", terminal);
	(void)dprintf(fd, "\r\n%s ", question);
	r = line(fd, deadline_ms, ret, err);
	(void)tcsetattr(fd, TCSADRAIN, &old);
	(void)dprintf(fd, "\r\n");
	return r;
}
