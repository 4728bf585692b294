/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads `mounts`, writes fstab.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "agent/modules/mountspec.h"

/* cloud-init's own mark. */
#define MARK	  "comment=cloudconfig"
#define FIELD_MAX 1024

static const char *const built_in[MOUNTSPEC_FIELDS] = { NULL, NULL, "auto", "defaults,nofail",
							"0",  "2" };

static bool is_field(const char *text)
{
	if (strlen(text) > FIELD_MAX)
		return false;
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}

/* "vdb" */
static bool is_disk_name(const char *name)
{
	static const char *const prefixes[] = { "sd", "hd", "vd", "xvd", "nvme", "mmcblk" };

	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		size_t len = strlen(prefixes[i]);

		if (!strncmp(name, prefixes[i], len) && isalnum((unsigned char)name[len]) &&
		    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789") == strlen(name) &&
		    strlen(name) <= 32)
			return true;
	}
	return false;
}

static const char *whole_device(struct doc_pool *p, const struct doc_node *config,
				const char *name)
{
	const char *alias = doc_str(doc_key(doc_key(config, "device_aliases"), name), "", NULL);
	char path[64];

	if (alias && *alias)
		name = alias;
	if (!is_disk_name(name))
		return name;
	(void)snprintf(path, sizeof(path), "/dev/%s", name);
	return doc_strdup(p, path, strlen(path));
}

const char *mountspec_device(struct doc_pool *p, const struct doc_node *config, const char *name)
{
	const char *dot = strrchr(name, '.'), *disk, *whole;
	size_t digits = dot ? strspn(dot + 1, "0123456789") : 0;
	char path[80];

	/* cloud-init's ephemeral0.1, vdb.1: a partition. */
	if (!digits || dot[1 + digits] || digits > 2)
		return whole_device(p, config, name);
	disk = doc_strdup(p, name, (size_t)(dot - name));
	whole = disk ? whole_device(p, config, disk) : name;
	if (strncmp(whole, "/dev/", 5) || !is_disk_name(whole + 5))
		return name;
	(void)snprintf(path, sizeof(path), "%s%s%s", whole,
		       isdigit((unsigned char)whole[strlen(whole) - 1]) ? "p" : "", dot + 1);
	return doc_strdup(p, path, strlen(path));
}

bool mountspec_has_option(const struct mountspec *m, const char *name)
{
	size_t len = strlen(name);

	for (const char *s = m->field[MOUNTSPEC_OPTIONS]; *s;) {
		size_t n = strcspn(s, ",");

		if (n == len && !strncmp(s, name, len))
			return true;
		s += n + (s[n] == ',');
	}
	return false;
}

bool mountspec_is_swap(const struct mountspec *m)
{
	return !strcmp(m->field[MOUNTSPEC_TYPE], "swap");
}

bool mountspec_is_remote(const struct mountspec *m)
{
	static const char *const types[] = { "nfs",  "nfs4",	  "cifs",  "smb3",
					     "ceph", "glusterfs", "sshfs", "fuse.sshfs" };

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (!strcmp(m->field[MOUNTSPEC_TYPE], types[i]))
			return true;
	return mountspec_has_option(m, "_netdev");
}

/* --- reading --- */

struct reader {
	struct doc_pool *p;
	const struct doc_node *config;
	struct mountspec *ret;
	size_t n, bad;
};

static void bad(struct reader *r, struct doc_origin at, const char *what)
{
	doc_say(r->p, true, at, "%s: left out", what);
	r->bad++;
}

static const char *default_field(const struct reader *r, int i)
{
	const struct doc_node *list = doc_key(r->config, "mount_default_fields");
	const struct doc_node *n =
		list && list->kind == DOC_SEQ && (size_t)i < list->len ? list->items[i] : NULL;

	if (doc_is_scalar(n) && n->kind != DOC_NULL && *n->text && is_field(n->text))
		return n->text;
	return built_in[i];
}

/* "none" and "None" are nothing to cloud-init, except as the place of swap. */
static bool is_nothing(const struct doc_node *n)
{
	return !n || n->kind == DOC_NULL ||
	       (doc_is_scalar(n) && (!*n->text || !strcasecmp(n->text, "none")));
}

static void forget(struct reader *r, const char *device)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->n; i++)
		if (strcmp(r->ret[i].field[MOUNTSPEC_DEVICE], device))
			r->ret[kept++] = r->ret[i];
	r->n = kept;
}

static bool take_fields(struct reader *r, const struct doc_node *entry, struct mountspec *m)
{
	for (size_t i = 0; i < MOUNTSPEC_FIELDS; i++) {
		const struct doc_node *n = i < entry->len ? entry->items[i] : NULL;

		m->field[i] = default_field(r, (int)i);
		if (!n || n->kind == DOC_NULL)
			continue;
		if (!doc_is_scalar(n) || strlen(n->text) != n->len || !is_field(n->text)) {
			bad(r, n->origin, "a field of mounts is one line of text");
			return false;
		}
		if (*n->text)
			m->field[i] = n->text;
	}
	return true;
}

static bool is_dir(const char *dir)
{
	if (*dir != '/' || !dir[1])
		return false;
	for (const char *s = dir; (s = strstr(s, "/..")); s++)
		if (s[3] == '/' || !s[3])
			return false;
	return true;
}

static bool is_own_place(const char *dir)
{
	static const char *const own[] = { "/etc", "/usr", "/proc", "/sys", "/dev",  "/run",
					   "/var", "/bin", "/sbin", "/lib", "/state" };

	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		if (!strcmp(dir, own[i]))
			return true;
	return false;
}

static void add(struct reader *r, const struct doc_node *entry)
{
	struct mountspec m = { .origin = entry->origin };
	const char *dir;

	if (!take_fields(r, entry, &m))
		return;
	if (!m.field[MOUNTSPEC_DEVICE]) {
		bad(r, entry->origin, "an entry of mounts without a device");
		return;
	}
	m.field[MOUNTSPEC_DEVICE] = mountspec_device(r->p, r->config, m.field[MOUNTSPEC_DEVICE]);
	if (mountspec_is_swap(&m)) {
		m.field[MOUNTSPEC_DIR] = "none";
	} else if (entry->len > 1 && is_nothing(entry->items[1])) {
		forget(r, m.field[MOUNTSPEC_DEVICE]);
		return;
	}
	dir = m.field[MOUNTSPEC_DIR];
	if (!dir || (!mountspec_is_swap(&m) && (!is_dir(dir) || is_own_place(dir)))) {
		bad(r, entry->origin,
		    dir ? "this is no place to mount something at"
			: "an entry of mounts without a directory");
		return;
	}
	r->ret[r->n++] = m;
}

size_t mountspec_list(struct doc_pool *p, const struct doc_node *config, struct mountspec *ret,
		      size_t *ret_bad)
{
	const struct doc_node *list = doc_key(config, "mounts");
	struct reader r = { .p = p, .config = config, .ret = ret };

	for (size_t i = 0; list && list->kind == DOC_SEQ && i < list->len; i++) {
		const struct doc_node *entry = list->items[i];

		if (r.n == MOUNTSPEC_MAX) {
			bad(&r, entry->origin, "these are too many mounts (256 at most)");
			break;
		}
		if (entry->kind == DOC_SEQ && entry->len >= 1 && entry->len <= MOUNTSPEC_FIELDS)
			add(&r, entry);
		else
			bad(&r, entry->origin,
			    "an entry of mounts is [DEVICE, DIRECTORY, TYPE, OPTIONS]");
	}
	*ret_bad = r.bad;
	return r.n;
}

/* --- fstab --- */

static void put_field(const char *text, struct buf *out)
{
	for (; *text; text++) {
		if (*text == ' ' || *text == '\t' || *text == '\\' || *text == '#')
			buf_fmt(out, "\\%03o", (unsigned char)*text);
		else
			buf_char(out, *text);
	}
}

static bool is_ours(const char *line, size_t len)
{
	return memmem(line, len, MARK, strlen(MARK)) != NULL;
}

void mountspec_fstab(const char *before, const struct mountspec *all, size_t n, struct buf *out)
{
	while (*before) {
		size_t len = strcspn(before, "\n");

		if (!is_ours(before, len))
			buf_fmt(out, "%.*s\n", (int)len, before);
		before += len + (before[len] == '\n');
	}
	for (size_t i = 0; i < n; i++) {
		for (int k = 0; k < MOUNTSPEC_FIELDS; k++) {
			if (k)
				buf_char(out, '\t');
			put_field(all[i].field[k], out);
			if (k == MOUNTSPEC_OPTIONS)
				buf_str(out, "," MARK);
		}
		buf_char(out, '\n');
	}
}
