/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's netlink protocol (linux/netlink.h, linux/rtnetlink.h): the only file that builds its
 * messages and waits for what is said to them. netlink_get.c takes attributes apart. What they mean
 * is state.c's and exec.c's business.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/error.h"

#define NETLINK_MESSAGE 4096

struct nlmsghdr;

/* A message that is being built. What does not fit sticks as a failure. */
struct netlink_msg {
	union {
		char data[NETLINK_MESSAGE];
		uint64_t aligned;
	};
	size_t len;
	bool too_long;
};

/* A routing socket; `groups` as RTMGRP_*, 0 for questions and answers. The caller closes it. */
int netlink_open(unsigned groups, int *ret, struct error *err) MUST_CHECK;
/* Begin a message of `type` with a fixed part; flags are NLM_F_* beside NLM_F_REQUEST. */
void netlink_begin(struct netlink_msg *m, int type, int flags, const void *part, size_t size);
void netlink_attr(struct netlink_msg *m, int type, const void *data, size_t len);
void netlink_u8(struct netlink_msg *m, int type, uint8_t value);
void netlink_u16(struct netlink_msg *m, int type, uint16_t value);
void netlink_u32(struct netlink_msg *m, int type, uint32_t value);
void netlink_text(struct netlink_msg *m, int type, const char *text);
/* Attributes until the end are inside this one. */
size_t netlink_nest(struct netlink_msg *m, int type);
void netlink_end(struct netlink_msg *m, size_t nest);
/* Send it and wait for the kernel's answer: 0 or what it refused with; its own words go into the
 * message. */
int netlink_ask(int fd, struct netlink_msg *m, struct error *err) MUST_CHECK;
/* Send a dump and call `fn` for every message of it; a negative return of `fn` ends it. */
int netlink_dump(int fd, struct netlink_msg *m, int (*fn)(void *arg, const struct nlmsghdr *h),
		 void *arg, struct error *err) MUST_CHECK;
/* Take what has come to a listening socket. *ret says what came, as bits of enum netlink_news. */
enum netlink_news {
	NETLINK_LINKS = 1,
	NETLINK_ADDRESSES = 2,
	NETLINK_ROUTES = 4,
	NETLINK_LOST = 8
};
void netlink_drain(int fd, unsigned *ret);

/* The index that a link has now, by its name. */
int netlink_index(const char *name, int *ret, struct error *err) MUST_CHECK;
