/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Publishes name and addresses.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "datasource/vmware_publish.h"
#include "lib/scope.h"

/* Documentation's addresses: a UDP socket that is connected there has chosen a source address. */
#define WORLD4 "192.0.2.1"
#define WORLD6 "2001:db8::1"

/* It leads nowhere beyond the link, and the other side could not tell which link. */
static bool is_link_local(const struct sockaddr_storage *sa)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)sa;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)sa;

	return sa->ss_family == AF_INET ? ntohl(v4->sin_addr.s_addr) >> 16 == 0xa9fe
					: IN6_IS_ADDR_LINKLOCAL(&v6->sin6_addr);
}

static void find_address(const char *world, char *to)
{
	const struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
					.ai_socktype = SOCK_DGRAM };
	struct sockaddr_storage sa;
	struct addrinfo *ai = NULL;
	socklen_t len = sizeof(sa);
	AUTO_CLOSE int fd = -1;

	to[0] = '\0';
	if (getaddrinfo(world, "9", &hints, &ai) != 0)
		return;
	fd = socket(ai->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, ai->ai_addr, ai->ai_addrlen) < 0 ||
	    getsockname(fd, (struct sockaddr *)&sa, &len) < 0 || is_link_local(&sa) ||
	    getnameinfo((const struct sockaddr *)&sa, len, to, VMWARE_PUBLISH_ADDRESS, NULL, 0,
			NI_NUMERICHOST) != 0)
		to[0] = '\0';
	freeaddrinfo(ai);
}

void vmware_publish_gather(struct vmware_publish *ret)
{
	*ret = (struct vmware_publish){ 0 };
	if (gethostname(ret->hostname, sizeof(ret->hostname) - 1) < 0)
		ret->hostname[0] = '\0';
	find_address(WORLD4, ret->ipv4);
	find_address(WORLD6, ret->ipv6);
}

int vmware_publish_send(struct vmware_rpc *rpc, const struct vmware_publish *p, struct error *err)
{
	const struct {
		const char *key, *value;
	} rows[] = {
		{ "local-hostname", p->hostname },
		{ "local-ipv4", p->ipv4 },
		{ "local-ipv6", p->ipv6 },
	};
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(rows); i++)
		if (rows[i].value[0])
			r = vmware_rpc_set(rpc, rows[i].key, rows[i].value, err);
	return r;
}
