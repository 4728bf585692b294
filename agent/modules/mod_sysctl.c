/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rancher.sysctl: kernel settings, written where they differ.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/modules/rows.h"
#include "lib/file.h"
#include "lib/scope.h"

#define VALUE_MAX 4096

/* net.ipv4.ip_forward → /proc/sys/net/ipv4/ip_forward. As sysctl(8): where "/" comes first it is
 * the separator, and the other character stands for itself (net.ipv4.conf.eth0/100.forwarding). */
static bool path_of(const char *key, char *path, size_t size)
{
	char separator = key[strcspn(key, "./")];
	int n = snprintf(path, size, "/proc/sys/%s", key);

	if (n < 0 || (size_t)n >= size || !*key || strstr(key, "..") || strstr(key, "//"))
		return false;
	if (separator != '.')
		return true;
	for (char *s = path + strlen("/proc/sys/"); *s; s++) {
		if (*s == '.')
			*s = '/';
		else if (*s == '/')
			*s = '.';
	}
	return true;
}

/* Values with several numbers come back separated by tabs. */
static bool is_same(const char *a, const char *b)
{
	for (;;) {
		a += strspn(a, " \t\n");
		b += strspn(b, " \t\n");
		if (!*a || !*b)
			return *a == *b;
		while (*a && !strchr(" \t\n", *a))
			if (*a++ != *b++)
				return false;
		if (*b && !strchr(" \t\n", *b))
			return false;
	}
}

static enum module_result fail(const struct module_ctx *c, const struct doc_pair *p,
			       const char *why)
{
	doc_say(c->pool, true, p->origin, "sysctl %.100s: %s", p->key, why);
	return MODULE_FAILED;
}

static enum module_result set(const struct module_ctx *c, const struct doc_pair *p)
{
	AUTO_BUF struct buf old = BUF_WITH_LIMIT(VALUE_MAX);
	const char *value = doc_str(p->val, "", NULL);
	struct error err = { 0 };
	AUTO_CLOSE int fd = -1;
	char path[256];
	int r;

	if (!value || !path_of(p->key, path, sizeof(path)) || strchr(value, '\n'))
		return fail(c, p, "this is no setting");
	r = file_read(c->root, path, &old, NULL);
	if (r == -ENOENT)
		return c->live ? fail(c, p, "the kernel has no such setting") : MODULE_SKIPPED;
	if (r == 0 && is_same(buf_text(&old), value))
		return MODULE_UNCHANGED;
	if (file_open(c->root, path, O_WRONLY | O_TRUNC, 0, &fd, &err) < 0)
		return fail(c, p, err.msg);
	if (write(fd, value, strlen(value)) != (ssize_t)strlen(value))
		return fail(c, p, strerrordesc_np(errno));
	return MODULE_CHANGED;
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	const struct doc_node *map = doc_at(c->config, "rancher.sysctl");
	enum module_result result = MODULE_SKIPPED;

	if (!map || map->kind != DOC_MAP)
		return MODULE_SKIPPED;
	for (size_t i = 0; i < map->len; i++)
		result = module_worse(result, set(c, &map->pairs[i]));
	buf_fmt(message, "%zu settings", map->len);
	return result;
}

const struct module module_sysctl = {
	.name = "sysctl",
	.apply = apply,
	.keys = { "rancher.sysctl" },
};
