/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns tmpfs, devices, limits and confinement of a service definition.
 */
#include "agent/service/compose_fs.h"

#include <string.h>

#include "agent/convert.h"

static void read_tmpfs(struct body *b, const struct doc_node *at, const char *text, void *arg)
{
	const size_t len = strcspn(text, ":");

	if (*text != '/')
		body_say(b, true, at, "\"%s\": a tmpfs is a path, /PATH[:OPTIONS]", text);
	else
		body_set(b, arg, body_format(b, "%.*s", (int)len, text),
			 body_str(b, text[len] ? text + len + 1 : ""));
}

void compose_fs_tmpfs(struct body *b, const char *path, const struct doc_node *n)
{
	const struct doc_node *before = body_get(b, path);
	struct body_pairs map = { 0 };

	for (size_t i = 0; before && i < before->len; i++)
		body_set(b, &map, before->pairs[i].key, before->pairs[i].val);
	body_each(b, n, read_tmpfs, &map);
	body_put(b, path, body_map(b, &map));
}

static void read_device(struct body *b, const struct doc_node *at, const char *text, void *arg)
{
	const size_t host = strcspn(text, ":");
	const char *inside = text[host] ? text + host + 1 : text;
	const size_t len = text[host] ? strcspn(inside, ":") : host;
	const char *perms = inside[len] ? inside + len + 1 : "rwm";
	struct body_pairs map = { 0 };

	if (*text != '/' || strspn(perms, "rwm") != strlen(perms)) {
		body_say(b, true, at, "\"%s\" is not a device like /dev/ttyUSB0[:/dev/tty0[:rwm]]",
			 text);
		return;
	}
	body_set(b, &map, "PathOnHost", body_str(b, body_format(b, "%.*s", (int)host, text)));
	body_set(b, &map, "PathInContainer",
		 body_str(b, body_format(b, "%.*s", (int)len, inside)));
	body_set(b, &map, "CgroupPermissions", body_str(b, perms));
	body_add(b, arg, body_map(b, &map));
}

void compose_fs_devices(struct body *b, const char *path, const struct doc_node *n)
{
	struct body_items list = { 0 };

	body_each(b, n, read_device, &list);
	body_put(b, path, body_seq(b, &list));
}

static bool read_limit(struct body *b, const struct doc_node *n, int64_t *ret)
{
	const char *text = body_text(b, n);
	struct error err = { 0 };

	if (!text)
		return false;
	if (convert_integer(text, ret, &err) == 0)
		return true;
	body_say(b, true, n, "%s", err.msg);
	return false;
}

void compose_fs_ulimits(struct body *b, const char *path, const struct doc_node *n)
{
	struct body_items list = { 0 };

	if (n->kind != DOC_MAP) {
		body_say(b, true, n, "a map is wanted here, like nofile: 65536");
		return;
	}
	for (size_t i = 0; i < n->len; i++) {
		const struct doc_node *v = n->pairs[i].val;
		const bool both = v->kind == DOC_MAP;
		struct body_pairs map = { 0 };
		int64_t soft, hard;

		if (!read_limit(b, both ? doc_key(v, "soft") : v, &soft) ||
		    !read_limit(b, both ? doc_key(v, "hard") : v, &hard))
			continue;
		body_set(b, &map, "Name", body_str(b, n->pairs[i].key));
		body_set(b, &map, "Soft", body_int(b, soft));
		body_set(b, &map, "Hard", body_int(b, hard));
		body_add(b, &list, body_map(b, &map));
	}
	body_put(b, path, body_seq(b, &list));
}

/* The Engine takes a seccomp profile's text; the docker command reads the file that is named. */
static bool is_seccomp_file(const char *text)
{
	const char *value;

	if (strncmp(text, "seccomp=", 8) != 0 && strncmp(text, "seccomp:", 8) != 0)
		return false;
	value = text + 8;
	return strcmp(value, "unconfined") != 0 && strcmp(value, "builtin") != 0 && *value != '{';
}

static void read_security(struct body *b, const struct doc_node *at, const char *text, void *arg)
{
	static const struct body_items nothing;

	/* As the docker command does: the Engine knows this one under other names. */
	if (!strcmp(text, "systempaths=unconfined") || !strcmp(text, "systempaths:unconfined")) {
		body_put(b, "HostConfig.MaskedPaths", body_seq(b, &nothing));
		body_put(b, "HostConfig.ReadonlyPaths", body_seq(b, &nothing));
		return;
	}
	if (is_seccomp_file(text)) {
		body_say(b, true, at, "a seccomp profile must stand here as JSON, not as a file");
		return;
	}
	body_add(b, arg, body_str(b, text));
}

void compose_fs_security(struct body *b, const char *path, const struct doc_node *n)
{
	struct body_items list = { 0 };

	body_each(b, n, read_security, &list);
	body_put(b, path, body_seq(b, &list));
}
