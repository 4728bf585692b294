/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks drivers.
 */
#include "agent/network/driver.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "lib/scope.h"

static int ask(const char *link, void *question)
{
	AUTO_CLOSE int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq r = { 0 };

	if (fd < 0 || strlen(link) >= sizeof(r.ifr_name))
		return -EINVAL;
	memcpy(r.ifr_name, link, strlen(link));
	r.ifr_data = question;
	return ioctl(fd, SIOCETHTOOL, &r) < 0 ? -errno : 0;
}

void driver_name(const char *link, char *ret, size_t size)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };

	ret[0] = '\0';
	if (ask(link, &info) == 0)
		(void)snprintf(ret, size, "%.*s", (int)sizeof(info.driver), info.driver);
}

bool driver_wakes(const char *link)
{
	struct ethtool_wolinfo info = { .cmd = ETHTOOL_GWOL };

	return ask(link, &info) == 0 && (info.wolopts & WAKE_MAGIC);
}

int driver_set_wake(const char *link, bool on, struct error *err)
{
	struct ethtool_wolinfo info = { .cmd = ETHTOOL_SWOL, .wolopts = on ? WAKE_MAGIC : 0 };
	int r = ask(link, &info);

	return r < 0 ? error_sys(err, -r, "%s: wakeonlan", link) : 0;
}
