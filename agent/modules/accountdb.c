/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Editing the four files of users and groups.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/modules/accountdb.h"
#include "lib/file.h"

#define FILE_MAX     (4u << 20)
#define NAME_LEN     32
#define ID_FIRST     1000
#define ID_LAST	     60000
#define SYSTEM_FIRST 999
#define SYSTEM_LAST  100
#define SHADOW_GID   42

static const struct {
	const char *path;
	mode_t mode;
	gid_t gid;
	const char *initial; /* where there is no such file */
} tables[ACCOUNTDB_N] = {
	[ACCOUNTDB_PASSWD] = { "/etc/passwd", 0644, 0,
			       "root:x:0:0:root:/root:/bin/bash\n"
			       "rancher:x:1100:1100:RancherOS:/home/rancher:/bin/bash\n"
			       "docker:x:1101:1101:Docker:/home/docker:/bin/bash\n" },
	[ACCOUNTDB_GROUP] = { "/etc/group", 0644, 0,
			      "root:x:0:\nsudo:x:27:rancher,docker\n"
			      "docker:x:1101:rancher,docker\nrancher:x:1100:\n" },
	[ACCOUNTDB_SHADOW] = { "/etc/shadow", 0640, SHADOW_GID,
			       "root:*:19700:0:99999:7:::\nrancher:*:19700:0:99999:7:::\n"
			       "docker:*:19700:0:99999:7:::\n" },
	[ACCOUNTDB_GSHADOW] = { "/etc/gshadow", 0640, SHADOW_GID,
				"root:*::\nsudo:*::rancher,docker\n"
				"docker:*::rancher,docker\nrancher:*::\n" },
};

int accountdb_load(int root, bool privileged, struct accountdb *ret, struct error *err)
{
	*ret = (struct accountdb){ .root = root, .privileged = privileged };
	for (int t = 0; t < ACCOUNTDB_N; t++) {
		int r;

		ret->text[t] = BUF_WITH_LIMIT(FILE_MAX);
		r = file_read(root, tables[t].path, &ret->text[t], err);
		if (r == -ENOENT) {
			error_reset(err);
			buf_str(&ret->text[t], tables[t].initial);
			r = buf_check(&ret->text[t], err);
		}
		if (r < 0)
			return r;
		/* A last line that somebody left unfinished. */
		if (ret->text[t].len && ret->text[t].data[ret->text[t].len - 1] != '\n')
			buf_char(&ret->text[t], '\n');
	}
	return 0;
}

int accountdb_save(struct accountdb *db, bool *ret_changed, struct error *err)
{
	*ret_changed = false;
	/* Groups before the users that are in them. */
	static const enum accountdb_table order[] = { ACCOUNTDB_GROUP, ACCOUNTDB_GSHADOW,
						      ACCOUNTDB_SHADOW, ACCOUNTDB_PASSWD };

	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		enum accountdb_table t = order[i];
		const struct file_attr attr = { .mode = tables[t].mode,
						.uid = db->privileged ? 0 : geteuid(),
						.gid = db->privileged ? tables[t].gid : getegid() };
		bool changed = false;
		int r;

		if (!db->dirty[t])
			continue;
		r = buf_check(&db->text[t], err);
		if (r == 0)
			r = file_publish(db->root, tables[t].path, buf_text(&db->text[t]),
					 db->text[t].len, &attr, &changed, err);
		if (r < 0)
			return r;
		*ret_changed = *ret_changed || changed;
	}
	return 0;
}

void accountdb_done(struct accountdb *db)
{
	for (int t = 0; t < ACCOUNTDB_N; t++)
		buf_done(&db->text[t]);
}

bool accountdb_is_name(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len > NAME_LEN || (!isalpha((unsigned char)*name) && *name != '_'))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)name[i]) && !strchr("_-.", name[i]) &&
		    !(name[i] == '$' && i + 1 == len))
			return false;
	return true;
}

/* --- lines and fields --- */

static const char *find_line(const struct accountdb *db, enum accountdb_table t, const char *name)
{
	const char *line = buf_text(&db->text[t]);
	size_t len = strlen(name);

	for (; *line; line += strcspn(line, "\n") + 1)
		if (!strncmp(line, name, len) && line[len] == ':')
			return line;
	return NULL;
}

bool accountdb_has(const struct accountdb *db, enum accountdb_table t, const char *name)
{
	return find_line(db, t, name) != NULL;
}

/* Where a field begins; NULL when the line has not so many. */
static const char *find_field(const char *line, int field)
{
	for (; field > 0; field--) {
		line += strcspn(line, ":\n");
		if (*line != ':')
			return NULL;
		line++;
	}
	return line;
}

bool accountdb_get(const struct accountdb *db, enum accountdb_table t, const char *name, int field,
		   struct buf *out)
{
	const char *line = find_line(db, t, name);
	const char *at = line ? find_field(line, field) : NULL;

	if (!at)
		return false;
	buf_add(out, at, strcspn(at, ":\n"));
	return true;
}

bool accountdb_is_value(const char *value)
{
	for (const char *s = value; *s; s++)
		if (*s == ':' || (unsigned char)*s < ' ' || *s == 0x7f)
			return false;
	return true;
}

int accountdb_set(struct accountdb *db, enum accountdb_table t, const char *name, int field,
		  const char *value, struct error *err)
{
	const char *line = find_line(db, t, name);
	const char *at = line ? find_field(line, field) : NULL;
	struct buf next = BUF_WITH_LIMIT(FILE_MAX);
	size_t before, len;

	if (!at)
		return error_set(err, ENOENT, "%s has no line for %s", tables[t].path, name);
	if (!accountdb_is_value(value))
		return error_set(err, EINVAL, "a value with \":\" or a control character");
	len = strcspn(at, ":\n");
	if (len == strlen(value) && !memcmp(at, value, len))
		return 0;
	before = (size_t)(at - db->text[t].data);
	buf_add(&next, db->text[t].data, before);
	buf_str(&next, value);
	buf_str(&next, at + len);
	buf_done(&db->text[t]);
	db->text[t] = next;
	db->dirty[t] = true;
	return buf_check(&next, err);
}

int accountdb_add(struct accountdb *db, enum accountdb_table t, const char *line, struct error *err)
{
	for (const char *s = line; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return error_set(err, EINVAL, "a value with a control character");
	buf_str(&db->text[t], line);
	buf_char(&db->text[t], '\n');
	db->dirty[t] = true;
	return buf_check(&db->text[t], err);
}

/* --- numbers --- */

bool accountdb_id_taken(const struct accountdb *db, enum accountdb_table t, unsigned id)
{
	const char *line = buf_text(&db->text[t]);
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", id);

	for (; *line; line += strcspn(line, "\n") + 1) {
		const char *at = find_field(line, ACCOUNTDB_ID);

		if (at && !strncmp(at, text, (size_t)len) && at[len] == ':')
			return true;
		if (!strchr(line, '\n'))
			break;
	}
	return false;
}

static bool is_free(const struct accountdb *db, unsigned id)
{
	return !accountdb_id_taken(db, ACCOUNTDB_PASSWD, id) &&
	       !accountdb_id_taken(db, ACCOUNTDB_GROUP, id);
}

unsigned accountdb_free_id(const struct accountdb *db, bool system)
{
	if (system) {
		for (unsigned id = SYSTEM_FIRST; id >= SYSTEM_LAST; id--)
			if (is_free(db, id))
				return id;
		return 0;
	}
	for (unsigned id = ID_FIRST; id <= ID_LAST; id++)
		if (is_free(db, id))
			return id;
	return 0;
}

/* --- groups --- */

int accountdb_group(struct accountdb *db, const char *name, unsigned gid, bool system,
		    struct error *err)
{
	char line[128];
	int r;

	if (accountdb_has(db, ACCOUNTDB_GROUP, name))
		return 0;
	if (!accountdb_is_name(name))
		return error_set(err, EINVAL, "\"%.40s\" is no name of a group", name);
	if (!gid)
		gid = accountdb_free_id(db, system);
	if (!gid)
		return error_set(err, ERANGE, "no number is left for the group %s", name);
	(void)snprintf(line, sizeof(line), "%s:x:%u:", name, gid);
	r = accountdb_add(db, ACCOUNTDB_GROUP, line, err);
	if (r < 0 || accountdb_has(db, ACCOUNTDB_GSHADOW, name))
		return r;
	(void)snprintf(line, sizeof(line), "%s:!::", name);
	return accountdb_add(db, ACCOUNTDB_GSHADOW, line, err);
}

static bool list_has(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *s = list; *s; s += strcspn(s, ",") + (s[strcspn(s, ",")] == ','))
		if (strcspn(s, ",") == len && !strncmp(s, name, len))
			return true;
	return false;
}

static int add_member(struct accountdb *db, enum accountdb_table t, const char *group,
		      const char *user, struct error *err)
{
	AUTO_BUF struct buf list = BUF_WITH_LIMIT(64u << 10);
	int r;

	if (!accountdb_get(db, t, group, ACCOUNTDB_MEMBERS, &list) ||
	    list_has(buf_text(&list), user))
		return 0;
	if (list.len)
		buf_char(&list, ',');
	buf_str(&list, user);
	r = buf_check(&list, err);
	return r < 0 ? r : accountdb_set(db, t, group, ACCOUNTDB_MEMBERS, buf_text(&list), err);
}

int accountdb_member(struct accountdb *db, const char *group, const char *user, struct error *err)
{
	int r;

	if (!accountdb_has(db, ACCOUNTDB_GROUP, group))
		return error_set(err, ENOENT, "there is no group %.40s", group);
	if (!accountdb_is_name(user))
		return error_set(err, EINVAL, "\"%.40s\" is no name of a user", user);
	r = add_member(db, ACCOUNTDB_GROUP, group, user, err);
	return r < 0 ? r : add_member(db, ACCOUNTDB_GSHADOW, group, user, err);
}

int accountdb_merge(struct accountdb *db, enum accountdb_table t, const char *other,
		    struct error *err)
{
	for (const char *line = other; *line;) {
		size_t len = strcspn(line, "\n"), name_len = strcspn(line, ":\n");
		AUTO_BUF struct buf copy = BUF_WITH_LIMIT(64u << 10);
		char name[NAME_LEN + 1];

		if (name_len > 0 && name_len <= NAME_LEN) {
			memcpy(name, line, name_len);
			name[name_len] = '\0';
			buf_add(&copy, line, len);
			if (!accountdb_has(db, t, name)) {
				int r = accountdb_add(db, t, buf_text(&copy), err);

				if (r < 0)
					return r;
			}
		}
		line += len + (line[len] == '\n');
	}
	return 0;
}
