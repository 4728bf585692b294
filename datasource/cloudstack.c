/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CloudStack: the metadata is at the virtual router, which is the DHCP server. Its address is what
 * was configured (`cloudstack:URL`), what the leases on disk say, or the name data-server.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "datasource/cloud_rows.h"
#include "datasource/cloudstack.h"
#include "datasource/password.h"
#include "lib/file.h"
#include "lib/scope.h"

#define LEASE_DIR "/var/lib/dhcpcd"
#define LEASE_MAX 4096
/* BOOTP's fixed part, and the number that begins the options. */
#define OPTIONS_AT 240
#define OPTION_PAD 0
#define OPTION_SERVER 54
#define OPTION_END 255

bool cloudstack_server(const void *lease, size_t len, char *to, size_t size)
{
	static const unsigned char magic[] = { 99, 130, 83, 99 };
	const unsigned char *p = lease;
	struct in_addr in;

	if (len < OPTIONS_AT || memcmp(p + OPTIONS_AT - 4, magic, sizeof(magic)) != 0)
		return false;
	for (size_t i = OPTIONS_AT; i < len && p[i] != OPTION_END;) {
		if (p[i] == OPTION_PAD) {
			i++;
			continue;
		}
		if (i + 2 > len || i + 2 + p[i + 1] > len)
			return false;
		if (p[i] == OPTION_SERVER && p[i + 1] == sizeof(in)) {
			memcpy(&in, p + i + 2, sizeof(in));
			return inet_ntop(AF_INET, &in, to, (socklen_t)size) != NULL;
		}
		i += 2u + p[i + 1];
	}
	return false;
}

static bool server_of_leases(int root, char *to, size_t size)
{
	AUTO_CLOSEDIR DIR *dir = NULL;
	struct dirent *entry;
	int fd = -1;

	if (file_open(root, LEASE_DIR, O_RDONLY | O_DIRECTORY, 0, &fd, NULL) < 0)
		return false;
	dir = fdopendir(fd);
	if (!dir) {
		(void)close(fd);
		return false;
	}
	while ((entry = readdir(dir))) {
		AUTO_BUF struct buf lease = BUF_WITH_LIMIT(LEASE_MAX);
		char path[300];

		(void)snprintf(path, sizeof(path), LEASE_DIR "/%s", entry->d_name);
		if (strstr(entry->d_name, ".lease") &&
		    file_read(root, path, &lease, NULL) == 0 &&
		    cloudstack_server(lease.data, lease.len, to, size))
			return true;
	}
	return false;
}

static int fetch(const struct datasource_ctx *c, struct datasource_payload *ret, struct error *err)
{
	struct datasource_ctx ctx = *c;
	char server[INET_ADDRSTRLEN], url[64];

	if (!ctx.base_url && !(ctx.arg && ctx.arg[0])) {
		(void)snprintf(url, sizeof(url), "http://%s",
			       server_of_leases(c->machine->root, server, sizeof(server)) ?
				       server :
				       "data-server");
		ctx.base_url = url;
	}
	return cloud_rows_fetch("cloudstack", &ctx, ret, err);
}

extern const struct datasource datasource_cloudstack;
const struct datasource datasource_cloudstack = { .name = "cloudstack",
						  .needs_network = true,
						  .fetch = fetch,
						  .used = password_used };
