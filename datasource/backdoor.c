/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The message protocol of the backdoor. A checkpoint of the virtual machine (a snapshot, a
 * migration) in the middle of a message makes the hypervisor forget it: that message is begun anew.
 *
 * Registers, steps, the asking for a cookie and again without, the beginning anew without a word to
 * the hypervisor, and how a reply is refused (RECVPAYLOAD with status 0 while bytes are left, else
 * RECVSTATUS) are as in open-vm-tools, lib/message/message.c. That four bytes at a time are taken
 * where the hypervisor offers more (status 0x80) is what Linux does in a guest whose memory is
 * encrypted, drivers/gpu/drm/vmwgfx/vmwgfx_msg.c.
 */
#include <errno.h>
#include <time.h>

#include "datasource/backdoor.h"
#include "lib/clock.h"

#define MAGIC       0x564d5868u
#define PORT        0x5658u
#define RPCI        0x49435052u
#define FLAG_COOKIE 0x80000000u

#define GETVERSION 10u
#define MESSAGE    0x1eu

/* How often a message is begun anew after checkpoints. */
#define RESTARTS_MAX 8
/* Between two looks for a reply: the hypervisor has no way to tell that it is there. */
#define POLL_NS 200000

enum step { OPEN, SENDSIZE, SENDPAYLOAD, RECVSIZE, RECVPAYLOAD, RECVSTATUS, CLOSE };

enum status {
	SUCCESS = 1,
	DORECV = 2,
	CHECKPOINT = 0x10,
	TIMEOUT = 0x40,
};

struct channel {
	const struct backdoor_port *port;
	int64_t deadline;
	uint32_t id, cookie_high, cookie_low;
};

static void touch(const struct channel *c, enum step step, uint32_t bx, struct backdoor_regs *r)
{
	*r = (struct backdoor_regs){ .ax = MAGIC,
				     .bx = bx,
				     .cx = (uint32_t)step << 16 | MESSAGE,
				     .dx = c->id << 16 | PORT,
				     .si = c->cookie_high,
				     .di = c->cookie_low };
	c->port->in(c->port->arg, r);
}

static unsigned status_of(const struct backdoor_regs *r)
{
	return r->cx >> 16;
}

/* 0, -EAGAIN after a checkpoint, or what is wrong. */
static int check(const struct backdoor_regs *r, const char *what, struct error *err)
{
	unsigned status = status_of(r);

	if (status & SUCCESS)
		return 0;
	if (status & CHECKPOINT)
		return error_set(err, EAGAIN, "a checkpoint came between");
	if (status & TIMEOUT)
		return error_set(err, ETIMEDOUT, "VMware's backdoor: %s timed out", what);
	return error_set(err, EPROTO, "VMware's backdoor: %s was refused (status 0x%x)", what,
			 status);
}

int backdoor_knock(const struct backdoor_port *port, struct error *err)
{
	struct backdoor_regs r = { .ax = MAGIC, .bx = ~MAGIC, .cx = GETVERSION, .dx = PORT };

	port->in(port->arg, &r);
	if (r.bx != MAGIC || r.ax == UINT32_MAX)
		return error_set(err, ENODATA, "no VMware hypervisor answers");
	return 0;
}

/* Old hypervisors know no cookies. */
static int open_channel(struct channel *c, struct error *err)
{
	struct backdoor_regs r;
	int code;

	touch(c, OPEN, RPCI | FLAG_COOKIE, &r);
	if (!(status_of(&r) & SUCCESS))
		touch(c, OPEN, RPCI, &r);
	code = check(&r, "opening a channel", err);
	if (code < 0)
		return code;
	c->id = r.dx >> 16;
	c->cookie_high = r.si;
	c->cookie_low = r.di;
	return 0;
}

static void close_channel(const struct channel *c)
{
	struct backdoor_regs r;

	touch(c, CLOSE, 0, &r);
}

static uint32_t pack(const unsigned char *text, size_t len)
{
	uint32_t word = 0;

	for (size_t i = 0; i < len && i < 4; i++)
		word |= (uint32_t)text[i] << 8 * i;
	return word;
}

static int send_once(const struct channel *c, const char *text, size_t len, struct error *err)
{
	struct backdoor_regs r;
	int code;

	touch(c, SENDSIZE, (uint32_t)len, &r);
	code = check(&r, "the request's size", err);
	for (size_t i = 0; code == 0 && i < len; i += 4) {
		touch(c, SENDPAYLOAD, pack((const unsigned char *)text + i, len - i), &r);
		code = check(&r, "the request", err);
	}
	return code;
}

/* Until the hypervisor has a reply: *ret_len is its length. */
static int await_reply(const struct channel *c, size_t *ret_len, struct error *err)
{
	static const struct timespec pause = { .tv_nsec = POLL_NS };
	struct backdoor_regs r;
	int code;

	for (;;) {
		touch(c, RECVSIZE, 0, &r);
		code = check(&r, "the reply's size", err);
		if (code < 0)
			return code;
		if (status_of(&r) & DORECV)
			break;
		if (clock_left_ms(c->deadline) == 0)
			return error_set(err, ETIMEDOUT, "VMware's backdoor does not reply");
		(void)nanosleep(&pause, NULL);
	}
	if (r.dx >> 16 != SENDSIZE)
		return error_set(err, EPROTO, "VMware's backdoor: a reply without a size");
	if (r.bx > BACKDOOR_REPLY_MAX)
		return error_set(err, E2BIG, "VMware's backdoor: a reply of %u bytes (limit %u)",
				 r.bx, BACKDOOR_REPLY_MAX);
	*ret_len = r.bx;
	return 0;
}

/* Until `reply` has len bytes. */
static int receive_words(const struct channel *c, size_t len, struct buf *reply, struct error *err)
{
	for (size_t got = 0; got < len; got += 4) {
		struct backdoor_regs r;
		int code;

		touch(c, RECVPAYLOAD, SUCCESS, &r);
		code = check(&r, "the reply", err);
		if (code < 0)
			return code;
		if (r.dx >> 16 != SENDPAYLOAD)
			return error_set(err, EPROTO, "VMware's backdoor: the reply is cut off");
		for (size_t i = 0; i < 4 && got + i < len; i++)
			buf_char(reply, (char)(r.bx >> 8 * i));
		if (clock_left_ms(c->deadline) == 0)
			return error_set(err, ETIMEDOUT, "VMware's backdoor: the reply is slow");
	}
	return buf_check(reply, err);
}

static int receive_once(const struct channel *c, struct buf *reply, struct error *err)
{
	struct backdoor_regs r;
	size_t len = 0;
	int code;

	code = await_reply(c, &len, err);
	if (code < 0)
		return code;
	code = receive_words(c, len, reply, err);
	/* After a checkpoint nothing of it is left to be refused: its size is asked for next. */
	if (code == -EAGAIN)
		return code;
	/* Taken (1), or not (0): then the hypervisor drops it. */
	touch(c, code < 0 && reply->len < len ? RECVPAYLOAD : RECVSTATUS,
	      code == 0 ? SUCCESS : 0, &r);
	return code < 0 ? code : check(&r, "the end of the reply", err);
}

/* The limits of `reply`, and what is in it, belong to the caller: the message goes elsewhere first.
 */
static int exchange(const struct channel *c, const char *request, size_t len, struct buf *reply,
		    struct error *err)
{
	AUTO_BUF struct buf got = BUF_WITH_LIMIT(BACKDOOR_REPLY_MAX + 4);
	int code = -EAGAIN;

	for (int i = 0; code == -EAGAIN && i < RESTARTS_MAX; i++)
		code = send_once(c, request, len, err);
	if (code < 0)
		return code;
	code = -EAGAIN;
	for (int i = 0; code == -EAGAIN && i < RESTARTS_MAX; i++) {
		buf_reset(&got);
		code = receive_once(c, &got, err);
	}
	if (code < 0)
		return code;
	buf_add(reply, buf_text(&got), got.len);
	return buf_check(reply, err);
}

int backdoor_call(const struct backdoor_port *port, const char *request, size_t len, int timeout_ms,
		  struct buf *reply, struct error *err)
{
	struct channel c = { .port = port, .deadline = clock_ms() + timeout_ms };
	int code;

	if (len > BACKDOOR_REQUEST_MAX)
		return error_set(err, E2BIG, "a request of %zu bytes (limit %u)", len,
				 BACKDOOR_REQUEST_MAX);
	code = open_channel(&c, err);
	if (code < 0)
		return code;
	code = exchange(&c, request, len, reply, err);
	close_channel(&c);
	return code;
}
