/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads addresses.
 */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/network/address.h"

#define MAC_LEN 17

bool network_is_v6(const char *address)
{
	return strchr(address, ':') != NULL;
}

bool network_address(const char *text, char ret[NETWORK_ADDRESS])
{
	const int family = network_is_v6(text) ? AF_INET6 : AF_INET;
	unsigned char bytes[16];

	return inet_pton(family, text, bytes) == 1 &&
	       inet_ntop(family, bytes, ret, NETWORK_ADDRESS) != NULL;
}

bool network_is_address(const char *text)
{
	char same[NETWORK_ADDRESS];

	return network_address(text, same);
}

int network_mask_length(const char *mask, bool v6)
{
	unsigned char bytes[16];
	int n = v6 ? 16 : 4, bits = 0;
	char *end;
	long number;

	mask += *mask == '/';
	number = strtol(mask, &end, 10);
	if (isdigit((unsigned char)*mask) && !*end)
		return number <= n * 8 ? (int)number : -1;
	if (inet_pton(v6 ? AF_INET6 : AF_INET, mask, bytes) != 1)
		return -1;
	while (bits < n * 8 && bytes[bits / 8] >> (7 - bits % 8) & 1)
		bits++;
	for (int i = bits; i < n * 8; i++)
		if (bytes[i / 8] >> (7 - i % 8) & 1)
			return -1;
	return bits;
}

bool network_cidr(const char *address, const char *mask, int fallback, char ret[NETWORK_ADDRESS])
{
	char host[INET6_ADDRSTRLEN + 1], plain[NETWORK_ADDRESS];
	const char *slash = strchr(address, '/');
	size_t len = slash ? (size_t)(slash - address) : strlen(address);
	bool v6 = network_is_v6(address);
	int bits;

	if (len >= sizeof(host))
		return false;
	memcpy(host, address, len);
	host[len] = '\0';
	if (slash)
		mask = slash + 1;
	if (mask && *mask)
		bits = network_mask_length(mask, v6);
	else
		bits = fallback >= 0 ? fallback : v6 ? 128 : 32;
	if (!network_address(host, plain) || bits < 0)
		return false;
	(void)snprintf(ret, NETWORK_ADDRESS, "%.*s/%d", INET6_ADDRSTRLEN, plain, bits);
	return true;
}

bool network_destination(const char *to, const char *mask, bool v6, char ret[NETWORK_ADDRESS])
{
	unsigned char bytes[16] = { 0 };
	char text[INET6_ADDRSTRLEN], cidr[NETWORK_ADDRESS], *slash;
	int family, bits;

	if (!strcmp(to, "default") || !strcmp(to, "any"))
		to = v6 ? "::/0" : "0.0.0.0/0";
	/* "0.0.0.0" without a mask means everything, never the host 0.0.0.0. */
	if (!network_cidr(to, mask, !strcmp(to, "0.0.0.0") || !strcmp(to, "::") ? 0 : -1, cidr))
		return false;
	slash = strchr(cidr, '/');
	*slash = '\0';
	bits = (int)strtol(slash + 1, NULL, 10);
	family = network_is_v6(cidr) ? AF_INET6 : AF_INET;
	if (inet_pton(family, cidr, bytes) != 1)
		return false;
	for (int i = bits; i < (family == AF_INET6 ? 128 : 32); i++)
		bytes[i / 8] &= (unsigned char)~(0x80 >> i % 8);
	if (!inet_ntop(family, bytes, text, sizeof(text)))
		return false;
	(void)snprintf(ret, NETWORK_ADDRESS, "%s/%d", text, bits);
	return true;
}

bool network_contains(const char *cidr, const char *address)
{
	char a[NETWORK_ADDRESS], b[NETWORK_ADDRESS];
	const char *slash = strchr(cidr, '/');

	return slash && network_is_v6(cidr) == network_is_v6(address) &&
	       network_destination(cidr, NULL, false, a) &&
	       network_destination(address, slash, false, b) && !strcmp(a, b);
}

bool network_is_default(const char *cidr)
{
	const char *slash = strchr(cidr, '/');

	return slash && !strcmp(slash, "/0");
}

bool network_mac(const char *text, bool pattern, char ret[24])
{
	size_t len = strlen(text);
	bool glob = pattern && strpbrk(text, "*?[");

	if (len > MAC_LEN || (!glob && len != MAC_LEN))
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = text[i] == '-' && !glob ? ':' : (char)tolower((unsigned char)text[i]);

		if (glob         ? !isxdigit((unsigned char)c) && !strchr(":*?[]!-", c)
		    : i % 3 == 2 ? c != ':'
				 : !isxdigit((unsigned char)c))
			return false;
		ret[i] = c;
	}
	ret[len] = '\0';
	return len > 0;
}

bool network_is_name(const char *text)
{
	for (const char *s = text; *s; s++)
		if (!isgraph((unsigned char)*s) || strchr("/\"'\\;#", *s))
			return false;
	return *text && strcmp(text, ".") && strcmp(text, "..");
}
