/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of addresses that are not for URLs.
 */
#include "lib/http/guard.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "lib/attr.h"

struct range {
	unsigned char prefix[16];
	unsigned bits;
};

/* IPv4 addresses stand in the form of IPv6's ::ffff:a.b.c.d. */
#define V4(a, b, c, d, n) { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d }, 96 + (n) }

static const struct range forbidden[] = {
	V4(0, 0, 0, 0, 8),	    /* this network: 0.0.0.0 is this machine */
	V4(127, 0, 0, 0, 8),	    /* loopback */
	V4(169, 254, 0, 0, 16),	    /* link-local: nearly every cloud's metadata */
	V4(100, 100, 100, 200, 32), /* Alibaba's metadata */
	V4(168, 63, 129, 16, 32),   /* Azure's */
	V4(192, 0, 0, 192, 32),	    /* Oracle's older one */
	V4(224, 0, 0, 0, 3),	    /* multicast, reserved, broadcast */
	{ { 0 }, 128 },				     /* :: */
	{ { [15] = 1 }, 128 },			     /* ::1 */
	{ { 0xfe, 0x80 }, 10 },			     /* link-local */
	{ { 0xff }, 8 },			     /* multicast */
	{ { 0xfd, 0x00, 0x0e, 0xc2 }, 32 },	     /* EC2's metadata */
	{ { 0xfd, 0x20, 0x00, 0xce }, 32 },	     /* Google's */
	{ { 0xfd, 0x00, 0x00, 0xc1 }, 32 },	     /* Oracle's */
	{ { 0xfd, 0x00, 0x00, 0x42 }, 32 },	     /* Scaleway's */
	{ { 0xfd, 0x00, 0x01, 0x00 }, 32 },	     /* Alibaba's */
	{ { 0xfd, 0x00, 0xa9, 0xfe, 0xa9, 0xfe }, 48 }, /* Akamai's */
};

/* An IPv4 address inside: mapped, compatible, NAT64 and 6to4 forms count as what they reach. */
static bool unwrap(const unsigned char a[16], unsigned char to[16])
{
	static const unsigned char mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const unsigned char compatible[12] = { 0 };
	static const unsigned char nat64[12] = { 0x00, 0x64, 0xff, 0x9b };
	const unsigned char *v4 = NULL;

	if (!memcmp(a, nat64, sizeof(nat64)) || !memcmp(a, compatible, sizeof(compatible)))
		v4 = a + 12;
	else if (a[0] == 0x20 && a[1] == 0x02)
		v4 = a + 2;
	if (!v4)
		return false;
	memcpy(to, mapped, sizeof(mapped));
	memcpy(to + 12, v4, 4);
	return true;
}

static bool is_in(const unsigned char a[16], const struct range *r)
{
	unsigned bytes = r->bits / 8, rest = r->bits % 8;

	if (memcmp(a, r->prefix, bytes) != 0)
		return false;
	return !rest || !((a[bytes] ^ r->prefix[bytes]) >> (8 - rest));
}

static bool is_forbidden(const unsigned char a[16])
{
	for (size_t i = 0; i < ARRAY_LEN(forbidden); i++)
		if (is_in(a, &forbidden[i]))
			return true;
	return false;
}

bool guard_is_public(const struct sockaddr *sa)
{
	unsigned char a[16] = { [10] = 0xff, [11] = 0xff }, inner[16];

	if (sa->sa_family == AF_INET) {
		struct sockaddr_in in;

		memcpy(&in, sa, sizeof(in));
		memcpy(a + 12, &in.sin_addr, 4);
	} else if (sa->sa_family == AF_INET6) {
		struct sockaddr_in6 in6;

		memcpy(&in6, sa, sizeof(in6));
		memcpy(a, &in6.sin6_addr, 16);
	} else {
		return false;
	}
	return !is_forbidden(a) && !(unwrap(a, inner) && is_forbidden(inner));
}

void guard_text(const struct sockaddr *sa, char *to, size_t size)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	const char *r = NULL;

	if (sa->sa_family == AF_INET) {
		memcpy(&in, sa, sizeof(in));
		r = inet_ntop(AF_INET, &in.sin_addr, to, (socklen_t)size);
	} else if (sa->sa_family == AF_INET6) {
		memcpy(&in6, sa, sizeof(in6));
		r = inet_ntop(AF_INET6, &in6.sin6_addr, to, (socklen_t)size);
	}
	if (!r)
		(void)snprintf(to, size, "an unknown place");
}
