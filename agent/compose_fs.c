/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns volumes, devices, limits and confinement of a service definition.
 */
#include "agent/compose_fs.h"

#include <string.h>

#include "agent/convert.h"

#define BINDS "HostConfig.Binds"

/* Where the target of "SOURCE:TARGET[:OPTIONS]" begins, and its length. */
static const char *bind_target(const char *bind, size_t *ret_len)
{
	const char *colon = strchr(bind, ':');
	const char *target = colon ? colon + 1 : bind;

	*ret_len = strcspn(target, ":");
	return target;
}

static bool same_target(const char *a, const char *b)
{
	size_t la, lb;
	const char *ta = bind_target(a, &la), *tb = bind_target(b, &lb);

	return la == lb && !strncmp(ta, tb, la);
}

void compose_fs_bind(struct body *b, const char *bind)
{
	const struct doc_node *before = body_get(b, BINDS);
	struct body_items list = { 0 };

	for (size_t i = 0; before && i < before->len; i++) {
		if (same_target(before->items[i]->text, bind))
			return;
		body_add(b, &list, before->items[i]);
	}
	body_add(b, &list, body_str(b, bind));
	body_put(b, BINDS, body_seq(b, &list));
}

/* An anonymous volume: only the place in the container is named. */
static void add_anonymous(struct body *b, const char *target)
{
	static const struct body_pairs nothing;
	struct body_pairs map = { 0 };
	const struct doc_node *before = body_get(b, "Volumes");

	for (size_t i = 0; before && i < before->len; i++)
		body_set(b, &map, before->pairs[i].key, before->pairs[i].val);
	body_set(b, &map, target, body_map(b, &nothing));
	body_put(b, "Volumes", body_map(b, &map));
}

static void read_volume(struct body *b, const struct doc_node *at, const char *text, void *arg)
{
	size_t len;
	const char *target = bind_target(text, &len);

	(void)arg;
	if (*text == '.' || *text == '~' || *target != '/')
		body_say(b, true, at, "\"%s\": paths of volumes must begin with / "
				      "(SOURCE:TARGET[:ro])", text);
	else if (target == text)
		add_anonymous(b, text);
	else
		compose_fs_bind(b, text);
}

/* The long form: a map with type, source, target, read_only, bind.propagation. */
static void read_volume_map(struct body *b, const struct doc_node *n)
{
	const char *type = doc_str(n, "type", "volume"), *target, *source;
	const char *propagation = doc_str(n, "bind.propagation", "");
	const bool ro = doc_bool(n, "read_only", false);

	target = body_text(b, doc_key(n, "target"));
	source = body_text(b, doc_key(n, "source"));
	if (!target || !source)
		return;
	if (!strcmp(type, "tmpfs") && *target == '/')
		compose_fs_tmpfs(b, "HostConfig.Tmpfs", doc_key(n, "target"));
	else if (!*source && !strcmp(type, "volume"))
		read_volume(b, n, target, NULL);
	else if (!strcmp(type, "volume") || !strcmp(type, "bind"))
		read_volume(b, n, body_format(b, "%s:%s%s%s%s%s", source, target,
					      ro || *propagation ? ":" : "", ro ? "ro" : "",
					      ro && *propagation ? "," : "", propagation), NULL);
	else
		body_say(b, true, n, "volumes of type %s are not supported", type);
}

void compose_fs_volumes(struct body *b, const char *path, const struct doc_node *n)
{
	(void)path;
	if (n->kind != DOC_SEQ) {
		body_each(b, n, read_volume, NULL);
		return;
	}
	for (size_t i = 0; i < n->len; i++) {
		if (n->items[i]->kind == DOC_MAP)
			read_volume_map(b, n->items[i]);
		else
			body_each(b, n->items[i], read_volume, NULL);
	}
}

struct from {
	struct body_items real, carriers;
};

static void read_from(struct body *b, const struct doc_node *at, const char *text, void *arg)
{
	struct from *f = arg;
	const bool container = !strncmp(text, "container:", 10);
	const char *ref = container ? text + 10 : text;
	const size_t len = strcspn(ref, ":");
	const char *name = body_format(b, "%.*s", (int)len, ref);
	const struct service *s = container ? NULL : service_find(b->set, name);

	if (!s && !container)
		body_say(b, false, at, "no service is called %s; a container of that name is meant",
			 name);
	if (s && s->carrier) {
		body_add(b, &f->carriers, body_str(b, s->name));
		return;
	}
	if (s)
		service_add_dep(b->pool, b->svc, s->name, SERVICE_HARD);
	body_add(b, &f->real, body_str(b, body_format(b, "%s%s", s ? s->container : name,
						      ref + len)));
}

void compose_fs_volumes_from(struct body *b, const char *path, const struct doc_node *n)
{
	struct from f = { 0 };

	body_each(b, n, read_from, &f);
	if (f.carriers.n)
		b->svc->borrows = body_seq(b, &f.carriers);
	if (f.real.n)
		body_put(b, path, body_seq(b, &f.real));
}

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
