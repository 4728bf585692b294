/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attributes of the kernel's netlink messages (linux/rtnetlink.h) and their values: the counterpart
 * of what netlink.h builds and sends. Pure.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct nlmsghdr;
struct rtattr;

/* Attributes of a message by their type, up to `max`, behind a fixed part: `ret` has room for one
 * more than `max`, and NULL where there is none. They are in the message, as is what follows. */
void netlink_get_attrs(const struct nlmsghdr *h, size_t part, const struct rtattr **ret,
		       size_t max);
/* The same of those inside an attribute, which may be NULL. */
void netlink_get_nested(const struct rtattr *a, const struct rtattr **ret, size_t max);
/* Values, or the fallback for attributes that are not there or too short. */
uint32_t netlink_get_u32(const struct rtattr *a, uint32_t fallback);
uint16_t netlink_get_u16(const struct rtattr *a, uint16_t fallback);
uint8_t netlink_get_u8(const struct rtattr *a, uint8_t fallback);
/* Copy a text, cut at size. "" when there is none. */
void netlink_get_text(const struct rtattr *a, char *ret, size_t size);
/* Its bytes; NULL and 0 of none. */
const void *netlink_get_data(const struct rtattr *a, size_t *ret_len);
