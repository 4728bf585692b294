/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `dhcp-lease`: dhcpcd's script. Keeps what a server said, and makes /etc/resolv.conf, the list of
 * time servers, the interface's MTU and, where the configuration names none, the host name follow
 * it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/command.h"
#include "agent/network/lease.h"
#include "agent/network/lease_mtu.h"
#include "lib/file.h"
#include "lib/file_remove.h"
#include "lib/journal.h"

#define HOSTNAME   "/proc/sys/kernel/hostname"
#define CHRONY_DIR "/run/chrony-dhcp"

/* What a reason of dhcpcd's is about. Reasons that are not here say nothing new. */
static const struct {
	const char *reason, *proto;
	bool gone;
} reasons[] = {
	{ "BOUND", "dhcp", false },    { "RENEW", "dhcp", false },
	{ "REBIND", "dhcp", false },   { "REBOOT", "dhcp", false },
	{ "INFORM", "dhcp", false },   { "EXPIRE", "dhcp", true },
	{ "RELEASE", "dhcp", true },   { "NAK", "dhcp", true },
	{ "STOP", "dhcp", true },      { "BOUND6", "dhcp6", false },
	{ "RENEW6", "dhcp6", false },  { "REBIND6", "dhcp6", false },
	{ "REBOOT6", "dhcp6", false }, { "INFORM6", "dhcp6", false },
	{ "EXPIRE6", "dhcp6", true },  { "RELEASE6", "dhcp6", true },
	{ "STOP6", "dhcp6", true },    { "ROUTERADVERT", "ra", false },
};

static const char *get(const char *name)
{
	return getenv(name);
}

static int rewrite(const char *path, const struct buf *b, struct error *err)
{
	int r = buf_check(b, err);

	return r < 0 ? r : file_rewrite(FILE_ROOT, path, buf_text(b), b->len, NULL, err);
}

static int write_hostname(const char *name, struct error *err)
{
	AUTO_FCLOSE FILE *f = fopen(HOSTNAME, "we");

	if (!f || fprintf(f, "%s\n", name) < 0 || fflush(f) != 0)
		return error_sys(err, errno, "%s", HOSTNAME);
	return 0;
}

/* The kernel's name, /etc/hostname and /etc/hosts. */
static int take_hostname(const struct spec *s, const char *name, struct error *err)
{
	AUTO_BUF struct buf now = BUF_WITH_LIMIT(512), line = BUF_WITH_LIMIT(512);
	AUTO_BUF struct buf old = BUF_WITH_LIMIT(1u << 20), hosts = BUF_WITH_LIMIT(1u << 20);
	int r;

	buf_fmt(&line, "%s\n", name);
	if (file_read(FILE_ROOT, HOSTNAME, &now, NULL) == 0 &&
	    !strcmp(buf_text(&now), buf_text(&line)))
		return 0;
	r = write_hostname(name, err);
	if (r == 0)
		r = rewrite("/etc/hostname", &line, err);
	if (r < 0 || s->keep_hosts)
		return r;
	r = file_read(FILE_ROOT, "/etc/hosts", &old, err);
	if (r < 0 && r != -ENOENT)
		return r;
	lease_hosts(buf_text(&old), name, &hosts);
	journal_say(JOURNAL_CONFIG, "network", "DHCP names this machine %s", name);
	return rewrite("/etc/hosts", &hosts, err);
}

/* The time service watches this directory. */
static int write_ntp(const struct lease *l, bool gone, struct error *err)
{
	struct file_attr attr = { .mode = 0644, .relaxed = true };
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(8192);
	char path[64];

	(void)snprintf(path, sizeof(path), CHRONY_DIR "/%s.sources", l->interface);
	for (size_t i = 0; !gone && i < l->ntp.n; i++)
		buf_fmt(&b, "server %s iburst\n", l->ntp.item[i]);
	if (!b.len)
		return file_remove(FILE_ROOT, path, NULL, err);
	return file_publish(FILE_ROOT, path, b.data, b.len, &attr, NULL, err);
}

/* A card that cannot have it keeps its own; the lease's routes have it all the same. */
static void take_mtu(const struct lease *l)
{
	struct error err = { 0 };

	if (lease_mtu_take(l->interface, lease_mtu(get("new_interface_mtu")), &err) < 0)
		journal_say(JOURNAL_WARNING, "network", "MTU of the lease: %s", err.msg);
}

static int act(struct doc_pool *p, const char *proto, bool gone, struct error *err)
{
	struct lease l;
	struct spec s;
	int r;

	lease_parse(p, get, &l);
	r = gone ? lease_remove(FILE_ROOT, l.interface, proto, err)
		 : lease_save(FILE_ROOT, &l, proto, err);
	if (r == 0)
		r = spec_load(FILE_ROOT, p, SPEC_PATH, &s, err);
	if (r == 0)
		r = lease_publish_dns(FILE_ROOT, p, &s, err);
	if (r == 0 && !strcmp(proto, "dhcp")) {
		if (!gone)
			take_mtu(&l);
		r = write_ntp(&l, gone, err);
	}
	if (r < 0 || gone || !s.take_hostname || !l.hostname)
		return r;
	return take_hostname(&s, l.hostname, err);
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const char *reason = getenv("reason");

	(void)env, (void)argc, (void)argv;
	for (size_t i = 0; reason && i < ARRAY_LEN(reasons); i++) {
		if (strcmp(reason, reasons[i].reason) != 0)
			continue;
		if (doc_pool_new(&p, err) < 0 ||
		    act(p, reasons[i].proto, reasons[i].gone, err) < 0) {
			journal_say(JOURNAL_WARNING, "network", "lease: %s", err->msg);
			return COMMAND_FAILED;
		}
		return COMMAND_OK;
	}
	return COMMAND_OK;
}

const struct command command_dhcp_lease = {
	.name = "dhcp-lease",
	.alias = "dhcp-lease",
	.run = run,
};
