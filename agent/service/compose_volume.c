/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the volumes of a service definition: short and long form, those of other services, and those
 * that the system adds.
 */
#include "agent/service/compose_volume.h"

#include <string.h>

#include "agent/service/compose_fs.h"

#define BINDS "HostConfig.Binds"
#define MOUNTS "HostConfig.Mounts"

/* Where the target of "SOURCE:TARGET[:OPTIONS]" begins, and its length. */
static const char *bind_target(const char *bind, size_t *ret_len)
{
	const char *colon = strchr(bind, ':');
	const char *target = colon ? colon + 1 : bind;

	*ret_len = strcspn(target, ":");
	return target;
}

/* "/data/" is "/data". */
static size_t trim(const char *dir, size_t len)
{
	while (len > 1 && dir[len - 1] == '/')
		len--;
	return len;
}

static bool same_dir(const char *a, size_t la, const char *b, size_t lb)
{
	la = trim(a, la);
	return la == trim(b, lb) && !strncmp(a, b, la);
}

static bool same_target(const char *a, const char *b)
{
	size_t la, lb;
	const char *ta = bind_target(a, &la), *tb = bind_target(b, &lb);

	return same_dir(ta, la, tb, lb);
}

static bool is_mounted(struct body *b, const char *bind)
{
	const struct doc_node *binds = body_get(b, BINDS), *mounts = body_get(b, MOUNTS);
	size_t len;
	const char *target = bind_target(bind, &len);

	for (size_t i = 0; binds && i < binds->len; i++) {
		if (same_target(binds->items[i]->text, bind))
			return true;
	}
	for (size_t i = 0; mounts && i < mounts->len; i++) {
		const char *other = doc_str(mounts->items[i], "Target", "");

		if (same_dir(other, strlen(other), target, len))
			return true;
	}
	return false;
}

void compose_volume_bind(struct body *b, const char *bind)
{
	const struct doc_node *before = body_get(b, BINDS);
	struct body_items list = { 0 };

	if (is_mounted(b, bind))
		return;
	for (size_t i = 0; before && i < before->len; i++)
		body_add(b, &list, before->items[i]);
	body_add(b, &list, body_str(b, bind));
	body_put(b, BINDS, body_seq(b, &list));
}

void compose_volume_bind_shallow(struct body *b, const char *source, const char *target)
{
	const struct doc_node *before = body_get(b, MOUNTS);
	struct body_items list = { 0 };
	struct body_pairs mount = { 0 }, options = { 0 };

	if (is_mounted(b, body_format(b, "%s:%s", source, target)))
		return;
	for (size_t i = 0; before && i < before->len; i++)
		body_add(b, &list, before->items[i]);
	body_set(b, &options, "ReadOnlyNonRecursive", body_bool(b, true));
	/* As the short form does. */
	body_set(b, &options, "CreateMountpoint", body_bool(b, true));
	body_set(b, &mount, "Type", body_str(b, "bind"));
	body_set(b, &mount, "Source", body_str(b, source));
	body_set(b, &mount, "Target", body_str(b, target));
	body_set(b, &mount, "ReadOnly", body_bool(b, true));
	body_set(b, &mount, "BindOptions", body_map(b, &options));
	body_add(b, &list, body_map(b, &mount));
	body_put(b, MOUNTS, body_seq(b, &list));
}

/* The same bind read-only: its other options stay. */
static const char *read_only(struct body *b, const char *bind)
{
	size_t len;
	const char *target = bind_target(bind, &len), *word = target + len;
	const char *ret = body_format(b, "%.*s:ro", (int)(word - bind), bind);

	for (; *word; word += len) {
		word++;
		len = strcspn(word, ",");
		if (len && (len != 2 || (strncmp(word, "ro", 2) && strncmp(word, "rw", 2))))
			ret = body_format(b, "%s,%.*s", ret, (int)len, word);
	}
	return ret;
}

void compose_volume_borrow(struct body *b, const struct doc_node *create, bool ro)
{
	const struct doc_node *binds = doc_at(create, BINDS), *mounts = doc_at(create, MOUNTS);

	for (size_t i = 0; binds && i < binds->len; i++) {
		const char *bind = binds->items[i]->text;

		compose_volume_bind(b, ro ? read_only(b, bind) : bind);
	}
	/* These are read-only. */
	for (size_t i = 0; mounts && i < mounts->len; i++)
		compose_volume_bind_shallow(b, doc_str(mounts->items[i], "Source", ""),
					    doc_str(mounts->items[i], "Target", ""));
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
		compose_volume_bind(b, text);
}

/* The long form: a map with type, source, target, read_only, bind.propagation, bind.recursive. */
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
	else if (!strcmp(type, "bind") && ro && !*propagation && *source == '/' && *target == '/' &&
		 !strcmp(doc_str(n, "bind.recursive", ""), "writable"))
		compose_volume_bind_shallow(b, source, target);
	else if (!strcmp(type, "volume") || !strcmp(type, "bind"))
		read_volume(b, n, body_format(b, "%s:%s%s%s%s%s", source, target,
					      ro || *propagation ? ":" : "", ro ? "ro" : "",
					      ro && *propagation ? "," : "", propagation), NULL);
	else
		body_say(b, true, n, "volumes of type %s are not supported", type);
}

void compose_volume_list(struct body *b, const char *path, const struct doc_node *n)
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

/* "NAME", or "NAME:ro" where less is to be had than the carrier has. */
static void add_carrier(struct body *b, const struct doc_node *at, struct from *f,
			const char *name, const char *mode)
{
	const bool ro = !strcmp(mode, ":ro");

	if (*mode && !ro && strcmp(mode, ":rw"))
		body_say(b, true, at, "\"%s%s\": the mode is none of ro, rw", name, mode);
	else
		body_add(b, &f->carriers, body_str(b, ro ? body_format(b, "%s:ro", name) : name));
}

static void read_from(struct body *b, const struct doc_node *at, const char *text, void *arg)
{
	struct from *f = arg;
	const bool container = !strncmp(text, "container:", 10);
	const char *ref = container ? text + 10 : text;
	const size_t len = strcspn(ref, ":");
	const char *name = body_format(b, "%.*s", (int)len, ref);
	const struct service *s = container ? NULL : service_find(b->set, name);

	if (!s && !container && !b->env->partial)
		body_say(b, false, at, "no service is called %s; a container of that name is meant",
			 name);
	if (s && s->carrier) {
		add_carrier(b, at, f, s->name, ref + len);
		return;
	}
	if (s)
		service_add_dep(b->pool, b->svc, s->name, SERVICE_HARD);
	body_add(b, &f->real, body_str(b, body_format(b, "%s%s", s ? s->container : name,
						      ref + len)));
}

void compose_volume_from(struct body *b, const char *path, const struct doc_node *n)
{
	struct from f = { 0 };

	body_each(b, n, read_from, &f);
	if (f.carriers.n)
		b->svc->borrows = body_seq(b, &f.carriers);
	if (f.real.n)
		body_put(b, path, body_seq(b, &f.real));
}
