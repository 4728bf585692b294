/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parses passwd and group files.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/account/account.h"
#include "lib/buf.h"
#include "lib/file.h"

#define PASSWD "/etc/passwd"
#define GROUP "/etc/group"
#define FILE_MAX (1u << 20)
#define FIELD_MAX 256

/* Below a --root where no system is, these are known all the same: every system image has them. */
#define BUILT_IN_PASSWD                          \
	"root:x:0:0::/root:\n"                   \
	"rancher:x:1100:1100::/home/rancher:\n"  \
	"docker:x:1101:1101::/home/docker:\n"
#define BUILT_IN_GROUP "root:x:0:\nrancher:x:1100:\ndocker:x:1101:\n"

bool account_number(const char *text, unsigned *ret)
{
	unsigned long n;
	char *end;

	if (!isdigit((unsigned char)*text) || strlen(text) > 10)
		return false;
	n = strtoul(text, &end, 10);
	if (*end || n >= UINT_MAX)
		return false;
	*ret = (unsigned)n;
	return true;
}

/* Field `index` of a line of fields between colons. */
static bool take_field(const char *line, int index, char *ret)
{
	size_t len;

	for (; index > 0; index--) {
		line += strcspn(line, ":\n");
		if (*line != ':')
			return false;
		line++;
	}
	len = strcspn(line, ":\n");
	if (len >= FIELD_MAX)
		return false;
	memcpy(ret, line, len);
	ret[len] = '\0';
	return true;
}

/* The line whose first field is name. */
static const char *find_line(const char *text, const char *name)
{
	size_t len = strlen(name);

	while (text && *text) {
		if (!strncmp(text, name, len) && text[len] == ':')
			return text;
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	return NULL;
}

static bool number_field(const char *line, int index, unsigned *ret)
{
	char field[FIELD_MAX];

	return take_field(line, index, field) && account_number(field, ret);
}

bool account_find_user(const char *passwd, const char *name, struct account *ret)
{
	const char *line = find_line(passwd, name);
	char home[FIELD_MAX];
	unsigned uid, gid;

	if (!line || !number_field(line, 2, &uid) || !number_field(line, 3, &gid) ||
	    !take_field(line, 5, home))
		return false;
	ret->uid = uid;
	ret->gid = gid;
	(void)snprintf(ret->home, sizeof(ret->home), "%s", home);
	return true;
}

bool account_find_group(const char *group, const char *name, gid_t *ret)
{
	const char *line = find_line(group, name);
	unsigned gid;

	if (!line || !number_field(line, 2, &gid))
		return false;
	*ret = gid;
	return true;
}

/* A file's text; `fallback` when there is no such file. */
static int read_table(int root, const char *path, const char *fallback, struct buf *ret,
		      struct error *err)
{
	int r;

	*ret = BUF_WITH_LIMIT(FILE_MAX);
	r = file_read(root, path, ret, err);
	if (r != -ENOENT)
		return r;
	error_reset(err);
	buf_str(ret, fallback);
	return buf_check(ret, err);
}

int account_user(int root, const char *name, struct account *ret, struct error *err)
{
	AUTO_BUF struct buf b = { 0 };
	int r = read_table(root, PASSWD, BUILT_IN_PASSWD, &b, err);

	if (r < 0)
		return r;
	if (!account_find_user(buf_text(&b), name, ret))
		return error_set(err, ENOENT, "there is no user %.64s", name);
	return 0;
}

static int owner_group(int root, const char *name, gid_t *ret, struct error *err)
{
	AUTO_BUF struct buf b = { 0 };
	unsigned number;
	int r;

	if (account_number(name, &number)) {
		*ret = number;
		return 0;
	}
	r = read_table(root, GROUP, BUILT_IN_GROUP, &b, err);
	if (r < 0)
		return r;
	if (!account_find_group(buf_text(&b), name, ret))
		return error_set(err, ENOENT, "there is no group %.64s", name);
	return 0;
}

static int owner_user(int root, const char *name, struct account *ret, struct error *err)
{
	unsigned number;

	*ret = (struct account){ 0 };
	if (!*name)
		return 0;
	if (account_number(name, &number)) {
		ret->uid = number;
		return 0;
	}
	return account_user(root, name, ret, err);
}

int account_owner(int root, const char *owner, uid_t *ret_uid, gid_t *ret_gid, struct error *err)
{
	const char *colon = strchr(owner, ':');
	size_t len = colon ? (size_t)(colon - owner) : strlen(owner);
	struct account user;
	char name[FIELD_MAX];
	gid_t gid = 0;
	int r;

	if (len >= sizeof(name))
		return error_set(err, EINVAL, "the owner's name is too long");
	memcpy(name, owner, len);
	name[len] = '\0';
	r = owner_user(root, name, &user, err);
	if (r == 0 && colon && !colon[1])
		gid = user.gid;
	else if (r == 0 && colon)
		r = owner_group(root, colon + 1, &gid, err);
	if (r < 0)
		return r;
	*ret_uid = user.uid;
	*ret_gid = gid;
	return 0;
}
