/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gathering and publishing the banner.
 */
#include "agent/console/console_banner.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>

#include "agent/console/banner.h"
#include "agent/message.h"
#include "lib/buf.h"
#include "lib/file.h"
#include "lib/scope.h"

#define SMALL (64u << 10)

static void read_line(const char *path, char *ret, size_t size)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(SMALL);

	(void)!file_read(FILE_ROOT, path, &text, NULL);
	snprintf(ret, size, "%.*s", (int)strcspn(buf_text(&text), "\r\n"), buf_text(&text));
}

static bool has_keys(const struct console *c)
{
	const struct doc_node *own = doc_at(c->config, "ssh_authorized_keys");
	const struct doc_node *given = doc_at(c->datasource, "ssh_authorized_keys");

	return (own && own->kind == DOC_SEQ && own->len) ||
	       (given && given->kind == DOC_SEQ && given->len) ||
	       access("/home/rancher/.ssh/authorized_keys", F_OK) == 0;
}

static bool has_autologin(const struct console *c)
{
	for (size_t i = 0; i < c->n_gettys; i++)
		if (c->gettys[i].autologin)
			return true;
	return false;
}

void console_banner_refresh(struct console *c, bool reload)
{
	static const char *const argv[] = { "/usr/sbin/agetty", "--reload", NULL };
	const struct proc_spec spec = { .argv = argv, .in = -1, .out = -1, .err = -1 };
	const struct file_attr attr = { .mode = 0644 };
	AUTO_BUF struct buf keys = BUF_WITH_LIMIT(SMALL);
	AUTO_BUF struct buf messages = BUF_WITH_LIMIT(SMALL);
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(SMALL);
	char version[64], hostname[256] = "";
	struct error err = { 0 };
	bool changed = false;
	struct banner b = {
		.version = version,
		.hostname = hostname,
		.datasource = doc_str(c->datasource, "datasource", NULL),
		.instance = doc_str(c->datasource, "instance_id", ""),
		.has_keys = has_keys(c),
		.live = doc_bool(c->config, "rancher.live", false),
		.autologin = has_autologin(c),
	};

	(void)!file_read(FILE_ROOT, CONSOLE_BANNER_KEYS, &keys, NULL);
	(void)!file_read(FILE_ROOT, MESSAGE_PATH, &messages, NULL);
	read_line("/usr/share/ros/version", version, sizeof(version));
	(void)!gethostname(hostname, sizeof(hostname) - 1);
	b.fingerprints = buf_text(&keys);
	b.messages = buf_text(&messages);
	banner_addresses(&b);
	banner_format(&b, &text);
	if (file_publish(FILE_ROOT, GETTY_ISSUE, buf_text(&text), text.len, &attr, &changed, &err) <
	    0)
		journal_say(JOURNAL_WARNING, CONSOLE, "banner: %s", err.msg);
	if (changed && reload && job_start(&c->jobs, &spec, NULL, NULL, &err) < 0)
		journal_say(JOURNAL_WARNING, CONSOLE, "banner: %s", err.msg);
}

/* A card has a device; bridges, tunnels and the loopback interface have none. */
static bool has_card(void)
{
	AUTO_CLOSEDIR DIR *dir = opendir("/sys/class/net");
	struct dirent *e;
	char path[300];

	while (dir && (e = readdir(dir))) {
		snprintf(path, sizeof(path), "%s/device", e->d_name);
		if (e->d_name[0] != '.' && faccessat(dirfd(dir), path, F_OK, 0) == 0)
			return true;
	}
	return false;
}

void console_banner_check_cards(void)
{
	if (!has_card())
		message_say(JOURNAL_WARNING, "network",
			    "no network card was found: only the console reaches this machine");
}

static void address_changed(void *arg, int fd)
{
	char message[8192];

	/* What changed does not matter: all addresses are read again. */
	while (recv(fd, message, sizeof(message), 0) > 0 || errno == ENOBUFS)
		errno = 0;
	console_banner_refresh(arg, true);
}

int console_banner_follow(struct console *c, struct error *err)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK,
				    .nl_groups = RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR };
	AUTO_CLOSE int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK,
				   NETLINK_ROUTE);
	int r;

	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return error_sys(err, errno, "address messages");
	r = supervise_watch(c->sup, fd, address_changed, c, err);
	if (r == 0)
		c->address_fd = TAKE_FD(fd);
	return r;
}
