/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The banner's text.
 */
#include "agent/console/banner.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "lib/scope.h"

/* Text from outside: no control characters, and a backslash is no escape of agetty's. */
static void add_text(struct buf *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '\\')
			buf_char(out, '\\');
		buf_char(out, c < 0x20 || c == 0x7f ? ' ' : (char)c);
	}
}

static void add_addresses(const struct banner *b, struct buf *out)
{
	const char *last = "";

	for (size_t i = 0; i < b->n_addresses; i++) {
		const struct banner_address *a = &b->addresses[i];

		if (strcmp(last, a->interface))
			buf_fmt(out, "%s  %-14s", i ? "\n" : "", a->interface);
		buf_fmt(out, "  %s", a->text);
		last = a->interface;
	}
	buf_str(out, b->n_addresses ? "\n" : "  network         no address yet\n");
}

/* "256 SHA256:abc comment (ED25519)" becomes "ED25519  SHA256:abc". */
static void add_fingerprint(struct buf *out, const char *line, size_t len)
{
	const char *hash = memchr(line, ' ', len);
	const char *type = memrchr(line, '(', len);
	size_t hash_len, type_len;

	if (!hash || !type || type < hash)
		return;
	hash++;
	hash_len = strcspn(hash, " \n");
	type_len = strcspn(type + 1, ")\n");
	buf_fmt(out, "  host key        %-8.*s ", (int)(type_len > 16 ? 16 : type_len), type + 1);
	add_text(out, hash, hash_len > 64 ? 64 : hash_len);
	buf_char(out, '\n');
}

static void each_line(struct buf *out, const char *text,
		      void (*fn)(struct buf *out, const char *line, size_t len))
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		if (n)
			fn(out, text, n);
		text += n + (text[n] == '\n');
	}
}

static void add_messages(const struct banner *b, struct buf *out)
{
	const char *at = b->messages;
	unsigned n = 0;

	for (; *at; at += strcspn(at, "\n"), at += *at == '\n') {
		size_t len = strcspn(at, "\n");

		if (!len || n++ >= BANNER_MESSAGES)
			continue;
		buf_str(out, "  !  ");
		add_text(out, at, len > 200 ? 200 : len);
		buf_char(out, '\n');
	}
	if (n > BANNER_MESSAGES)
		buf_fmt(out, "  !  and %u more: ros status\n", n - BANNER_MESSAGES);
}

static void add_source(const struct banner *b, struct buf *out)
{
	if (!b->datasource) {
		buf_str(out, "  configuration   no user-data found\n");
		return;
	}
	buf_str(out, "  configuration   from ");
	add_text(out, b->datasource, strlen(b->datasource));
	if (*b->instance) {
		buf_str(out, ", instance ");
		add_text(out, b->instance, strlen(b->instance));
	}
	buf_char(out, '\n');
}

static const struct banner_address *first_v4(const struct banner *b)
{
	for (size_t i = 0; i < b->n_addresses; i++)
		if (!b->addresses[i].v6)
			return &b->addresses[i];
	return b->n_addresses ? &b->addresses[0] : NULL;
}

static void add_next(const struct banner *b, struct buf *out)
{
	const struct banner_address *a = first_v4(b);

	buf_str(out, "  next            ");
	if (b->has_keys && a)
		buf_fmt(out, "ssh rancher@%.*s", (int)strcspn(a->text, "/"), a->text);
	else if (b->autologin)
		buf_str(out, b->live ? "docker run --rm -it busybox   or: sudo ros install --help" :
				       "docker run --rm -it busybox");
	else if (!b->has_keys)
		buf_str(out, "no SSH key is known: give one in user-data (ssh_authorized_keys)");
	else
		buf_str(out, "log in over SSH once the network has an address");
	buf_str(out, "\n\n");
}

void banner_format(const struct banner *b, struct buf *out)
{
	buf_str(out, "OcicatOS ");
	add_text(out, b->version, strlen(b->version));
	buf_str(out, " - ");
	add_text(out, b->hostname, strlen(b->hostname));
	buf_str(out, " \\l\n\n");
	add_addresses(b, out);
	each_line(out, b->fingerprints, add_fingerprint);
	add_source(b, out);
	add_messages(b, out);
	add_next(b, out);
}

bool banner_is_container_interface(const char *name)
{
	static const char *const prefixes[] = { "lo",  "docker",  "br-", "veth",
						"cni", "flannel", "cali" };

	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++)
		if (!strncmp(name, prefixes[i], strlen(prefixes[i])) &&
		    (i > 0 || name[2] == '\0'))
			return true;
	return false;
}

static unsigned prefix_length(const void *mask, size_t len)
{
	const unsigned char *bytes = mask;
	unsigned n = 0;

	for (size_t i = 0; i < len; i++)
		n += (unsigned)__builtin_popcount(bytes[i]);
	return n;
}

/* Link-local IPv6 addresses say nothing that one could use. */
static bool format_address(const struct ifaddrs *ifa, struct banner_address *ret)
{
	const void *addr, *mask;
	char text[INET6_ADDRSTRLEN];
	int family = ifa->ifa_addr->sa_family;

	if (family == AF_INET) {
		addr = &((const struct sockaddr_in *)(const void *)ifa->ifa_addr)->sin_addr;
		mask = &((const struct sockaddr_in *)(const void *)ifa->ifa_netmask)->sin_addr;
	} else {
		addr = &((const struct sockaddr_in6 *)(const void *)ifa->ifa_addr)->sin6_addr;
		mask = &((const struct sockaddr_in6 *)(const void *)ifa->ifa_netmask)->sin6_addr;
		if (IN6_IS_ADDR_LINKLOCAL((const struct in6_addr *)addr))
			return false;
	}
	if (!inet_ntop(family, addr, text, sizeof(text)))
		return false;
	ret->v6 = family == AF_INET6;
	snprintf(ret->interface, sizeof(ret->interface), "%s", ifa->ifa_name);
	snprintf(ret->text, sizeof(ret->text), "%s/%u", text,
		 prefix_length(mask, ret->v6 ? sizeof(struct in6_addr) : sizeof(struct in_addr)));
	return true;
}

static int compare(const void *a, const void *b)
{
	const struct banner_address *x = a, *y = b;
	int r = strcmp(x->interface, y->interface);

	if (!r)
		r = (int)x->v6 - (int)y->v6;
	return r ? r : strcmp(x->text, y->text);
}

void banner_addresses(struct banner *b)
{
	struct ifaddrs *all = NULL;

	b->n_addresses = 0;
	if (getifaddrs(&all) < 0)
		return;
	for (struct ifaddrs *ifa = all; ifa && b->n_addresses < BANNER_ADDRESSES;
	     ifa = ifa->ifa_next) {
		if (!ifa->ifa_addr || !ifa->ifa_netmask ||
		    (ifa->ifa_addr->sa_family != AF_INET && ifa->ifa_addr->sa_family != AF_INET6) ||
		    banner_is_container_interface(ifa->ifa_name))
			continue;
		if (format_address(ifa, &b->addresses[b->n_addresses]))
			b->n_addresses++;
	}
	freeifaddrs(all);
	qsort(b->addresses, b->n_addresses, sizeof(b->addresses[0]), compare);
}
