/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Takes attributes apart. Everything that comes from the kernel is checked for its length all the
 * same.
 */
#include "agent/network/netlink_get.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static void parse(const char *data, size_t len, const struct rtattr **ret, size_t max)
{
	memset(ret, 0, (max + 1) * sizeof(*ret));
	for (size_t at = 0; at + sizeof(struct rtattr) <= len;) {
		const struct rtattr *a = (const void *)(data + at);
		size_t type = a->rta_type & NLA_TYPE_MASK;

		if (a->rta_len < sizeof(*a) || at + a->rta_len > len)
			return;
		if (type <= max)
			ret[type] = a;
		at += RTA_ALIGN(a->rta_len);
	}
}

void netlink_get_attrs(const struct nlmsghdr *h, size_t part, const struct rtattr **ret,
		       size_t max)
{
	size_t begin = NLMSG_LENGTH(NLMSG_ALIGN(part));

	if (h->nlmsg_len >= begin)
		parse((const char *)h + begin, h->nlmsg_len - begin, ret, max);
	else
		memset(ret, 0, (max + 1) * sizeof(*ret));
}

void netlink_get_nested(const struct rtattr *a, const struct rtattr **ret, size_t max)
{
	if (a)
		parse((const char *)(a + 1), a->rta_len - sizeof(*a), ret, max);
	else
		memset(ret, 0, (max + 1) * sizeof(*ret));
}

const void *netlink_get_data(const struct rtattr *a, size_t *ret_len)
{
	*ret_len = a ? a->rta_len - sizeof(*a) : 0;
	return a ? a + 1 : NULL;
}

static bool get(const struct rtattr *a, void *ret, size_t size)
{
	size_t len;
	const void *data = netlink_get_data(a, &len);

	if (len < size)
		return false;
	memcpy(ret, data, size);
	return true;
}

uint32_t netlink_get_u32(const struct rtattr *a, uint32_t fallback)
{
	uint32_t v;

	return get(a, &v, sizeof(v)) ? v : fallback;
}

uint16_t netlink_get_u16(const struct rtattr *a, uint16_t fallback)
{
	uint16_t v;

	return get(a, &v, sizeof(v)) ? v : fallback;
}

uint8_t netlink_get_u8(const struct rtattr *a, uint8_t fallback)
{
	uint8_t v;

	return get(a, &v, sizeof(v)) ? v : fallback;
}

void netlink_get_text(const struct rtattr *a, char *ret, size_t size)
{
	size_t len;
	const char *data = netlink_get_data(a, &len);

	(void)snprintf(ret, size, "%.*s", (int)len, data ? data : "");
}
