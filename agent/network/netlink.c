/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Talks netlink. Everything that comes from the kernel is checked for its length all the same.
 */
#include "agent/network/netlink.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/scope.h"

/* The kernel answers at once; longer means that nobody will. */
#define ANSWER_MS    10000
#define RECEIVE_SIZE 65536

int netlink_open(unsigned groups, int *ret, struct error *err)
{
	const struct sockaddr_nl addr = { .nl_family = AF_NETLINK, .nl_groups = groups };
	int flags = SOCK_RAW | SOCK_CLOEXEC | (groups ? SOCK_NONBLOCK : 0), on = 1;
	AUTO_CLOSE int fd = socket(AF_NETLINK, flags, NETLINK_ROUTE);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) < 0)
		return error_sys(err, errno, "netlink");
	/* Without these the kernel's words are missing, and dumps take everything: both are luck.
	 */
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	*ret = TAKE_FD(fd);
	return 0;
}

/* --- building --- */

static void *append(struct netlink_msg *m, const void *data, size_t len)
{
	size_t padded = NLMSG_ALIGN(len);
	char *at = m->data + m->len;

	if (m->too_long || m->len + padded > sizeof(m->data)) {
		m->too_long = true;
		return NULL;
	}
	memset(at, 0, padded);
	if (len && data)
		memcpy(at, data, len);
	m->len += padded;
	return at;
}

void netlink_begin(struct netlink_msg *m, int type, int flags, const void *part, size_t size)
{
	const struct nlmsghdr h = { .nlmsg_type = (uint16_t)type,
				    .nlmsg_flags = (uint16_t)(flags | NLM_F_REQUEST) };

	m->len = 0;
	m->too_long = false;
	(void)append(m, &h, sizeof(h));
	(void)append(m, part, size);
}

void netlink_attr(struct netlink_msg *m, int type, const void *data, size_t len)
{
	const struct rtattr a = { .rta_type = (uint16_t)type,
				  .rta_len = (uint16_t)(RTA_LENGTH(len)) };

	(void)append(m, &a, sizeof(a));
	(void)append(m, data, len);
}

void netlink_u8(struct netlink_msg *m, int type, uint8_t value)
{
	netlink_attr(m, type, &value, sizeof(value));
}

void netlink_u16(struct netlink_msg *m, int type, uint16_t value)
{
	netlink_attr(m, type, &value, sizeof(value));
}

void netlink_u32(struct netlink_msg *m, int type, uint32_t value)
{
	netlink_attr(m, type, &value, sizeof(value));
}

void netlink_text(struct netlink_msg *m, int type, const char *text)
{
	netlink_attr(m, type, text, strlen(text) + 1);
}

size_t netlink_nest(struct netlink_msg *m, int type)
{
	size_t at = m->len;

	netlink_attr(m, type | NLA_F_NESTED, NULL, 0);
	return at;
}

void netlink_end(struct netlink_msg *m, size_t nest)
{
	struct rtattr *a = (struct rtattr *)(void *)(m->data + nest);

	if (!m->too_long)
		a->rta_len = (uint16_t)(m->len - nest);
}

/* --- asking --- */

static int send_message(int fd, struct netlink_msg *m, int flags, struct error *err)
{
	struct nlmsghdr *h = (struct nlmsghdr *)(void *)m->data;

	if (m->too_long)
		return error_set(err, E2BIG, "netlink: a message of more than %d bytes",
				 NETLINK_MESSAGE);
	h->nlmsg_len = (uint32_t)m->len;
	h->nlmsg_flags |= (uint16_t)flags;
	h->nlmsg_seq = (uint32_t)clock_ms();
	if (send(fd, m->data, m->len, 0) < 0)
		return error_sys(err, errno, "netlink: send");
	return 0;
}

static ssize_t receive(int fd, char *data, int64_t deadline, struct error *err)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	ssize_t n;

	for (;;) {
		int r = poll(&p, 1, clock_left_ms(deadline));

		if (r == 0)
			return error_set(err, ETIMEDOUT, "netlink: no answer");
		n = r > 0 ? recv(fd, data, RECEIVE_SIZE, 0) : -1;
		if (n >= 0 || errno != EINTR)
			break;
	}
	return n < 0 ? error_sys(err, errno, "netlink: receive") : n;
}

/* The kernel's own words behind an error, or NULL. */
static const char *words_of(const struct nlmsghdr *h, const struct nlmsgerr *e)
{
	size_t at = sizeof(*h) + sizeof(*e);

	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	if (!(h->nlmsg_flags & NLM_F_CAPPED) && e->msg.nlmsg_len >= sizeof(e->msg))
		at += e->msg.nlmsg_len - sizeof(e->msg);
	while (at + sizeof(struct rtattr) <= h->nlmsg_len) {
		const struct rtattr *a = (const void *)((const char *)h + at);

		if (a->rta_len < sizeof(*a) || at + a->rta_len > h->nlmsg_len)
			return NULL;
		if ((a->rta_type & NLA_TYPE_MASK) == NLMSGERR_ATTR_MSG &&
		    memchr(a + 1, '\0', a->rta_len - sizeof(*a)))
			return (const char *)(a + 1);
		at += RTA_ALIGN(a->rta_len);
	}
	return NULL;
}

static int take_error(const struct nlmsghdr *h, struct error *err)
{
	const struct nlmsgerr *e = NLMSG_DATA(h);
	const char *words;

	if (h->nlmsg_len < NLMSG_LENGTH(sizeof(*e)))
		return error_set(err, EPROTO, "netlink: an answer that is cut");
	if (e->error == 0)
		return 0;
	words = words_of(h, e);
	return words ? error_sys(err, -e->error, "%s", words)
		     : error_set(err, -e->error, "%s", strerrordesc_np(-e->error) ?: "refused");
}

int netlink_ask(int fd, struct netlink_msg *m, struct error *err)
{
	const int64_t deadline = clock_ms() + ANSWER_MS;
	AUTO_FREE char *data = malloc(RECEIVE_SIZE);
	int r;

	if (!data)
		return error_set(err, ENOMEM, "netlink: no memory");
	r = send_message(fd, m, NLM_F_ACK, err);
	while (r == 0) {
		ssize_t n = receive(fd, data, deadline, err);
		const struct nlmsghdr *h = (const void *)data;

		if (n < 0)
			return (int)n;
		for (size_t left = (size_t)n; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left))
			if (h->nlmsg_type == NLMSG_ERROR)
				return take_error(h, err);
	}
	return r;
}

int netlink_dump(int fd, struct netlink_msg *m, int (*fn)(void *arg, const struct nlmsghdr *h),
		 void *arg, struct error *err)
{
	const int64_t deadline = clock_ms() + ANSWER_MS;
	AUTO_FREE char *data = malloc(RECEIVE_SIZE);
	int r, failed = 0;

	if (!data)
		return error_set(err, ENOMEM, "netlink: no memory");
	r = send_message(fd, m, NLM_F_DUMP, err);
	while (r == 0) {
		ssize_t n = receive(fd, data, deadline, err);
		const struct nlmsghdr *h = (const void *)data;

		if (n < 0)
			return (int)n;
		for (size_t left = (size_t)n; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
			if (h->nlmsg_type == NLMSG_DONE)
				return failed;
			if (h->nlmsg_type == NLMSG_ERROR)
				return take_error(h, err);
			if (failed == 0)
				failed = fn(arg, h);
		}
	}
	return r;
}

void netlink_drain(int fd, unsigned *ret)
{
	AUTO_FREE char *data = malloc(RECEIVE_SIZE);

	*ret = 0;
	while (data) {
		ssize_t n = recv(fd, data, RECEIVE_SIZE, 0);
		const struct nlmsghdr *h = (const void *)data;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			*ret |= errno == ENOBUFS ? NETLINK_LOST : 0;
			return;
		}
		for (size_t left = (size_t)n; NLMSG_OK(h, left); h = NLMSG_NEXT(h, left)) {
			if (h->nlmsg_type == RTM_NEWLINK || h->nlmsg_type == RTM_DELLINK)
				*ret |= NETLINK_LINKS;
			if (h->nlmsg_type == RTM_NEWADDR || h->nlmsg_type == RTM_DELADDR)
				*ret |= NETLINK_ADDRESSES;
			if (h->nlmsg_type == RTM_NEWROUTE || h->nlmsg_type == RTM_DELROUTE)
				*ret |= NETLINK_ROUTES;
		}
	}
}

int netlink_index(const char *name, int *ret, struct error *err)
{
	unsigned index = if_nametoindex(name);

	if (!index)
		return error_set(err, ENODEV, "there is no link %s", name);
	*ret = (int)index;
	return 0;
}
