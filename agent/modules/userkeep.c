/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As cloud-init, an account that is there keeps what it is. rancher is there from the beginning,
 * and yet his entry is the first that is said of him.
 */
#include <errno.h>
#include <string.h>

#include "agent/modules/mark.h"
#include "agent/modules/rows.h"
#include "agent/modules/userkeep.h"
#include "lib/scope.h"

static const struct {
	const char *key;
	int field;
	bool given; /* rancher gets it */
} rows[] = {
	{ "uid", ACCOUNTDB_ID, false },	    { "primary_group", ACCOUNTDB_GROUP_ID, false },
	{ "gecos", ACCOUNTDB_GECOS, true }, { "homedir", ACCOUNTDB_HOME, false },
	{ "shell", ACCOUNTDB_SHELL, true },
};

static uint64_t print_of(const struct userspec *all, size_t n, const char *name)
{
	static const char *const keys[] = { "gecos", "shell", NULL };

	return userspec_print(all, n, name, keys);
}

/* The part of the mark; a user's name alone marks his password. */
static const char *part_of(struct doc_pool *p, const struct userspec *u)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(128);

	buf_fmt(&text, "account %s", u->name);
	return doc_strdup(p, buf_text(&text), text.len);
}

static bool is_given(const struct module_ctx *c, const struct userspec *all, size_t n,
		     const struct userspec *u)
{
	uint64_t print;

	return !strcmp(u->name, USERSPEC_DEFAULT) &&
	       !(mark_is_set(c, &module_users, part_of(c->pool, u), &print) &&
		 print == print_of(all, n, u->name));
}

static bool has(const struct accountdb *db, const struct userspec *u, int field, const char *value)
{
	AUTO_BUF struct buf have = BUF_WITH_LIMIT(8192), gid = BUF_WITH_LIMIT(32);

	if (field == ACCOUNTDB_GROUP_ID) {
		(void)accountdb_get(db, ACCOUNTDB_GROUP, value, ACCOUNTDB_ID, &gid);
		value = buf_text(&gid);
	}
	return accountdb_get(db, ACCOUNTDB_PASSWD, u->name, field, &have) &&
	       !strcmp(buf_text(&have), value);
}

int userkeep_edit(const struct module_ctx *c, struct accountdb *db, const struct userspec *all,
		  size_t n, const struct userspec *u, struct error *err)
{
	const bool given = is_given(c, all, n, u);
	AUTO_BUF struct buf kept = BUF_WITH_LIMIT(256);

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *value = userspec_text(c->pool, u, rows[i].key);
		int r = 0;

		if (!value || has(db, u, rows[i].field, value))
			continue;
		if (rows[i].field == ACCOUNTDB_SHELL && *value != '/')
			return error_set(err, EINVAL, "a shell is an absolute path");
		if (given && rows[i].given)
			r = accountdb_set(db, ACCOUNTDB_PASSWD, u->name, rows[i].field, value, err);
		else
			buf_fmt(&kept, "%s%s", kept.len ? ", " : "", rows[i].key);
		if (r < 0)
			return r;
	}
	if (kept.len)
		doc_say(c->pool, false, u->origin,
			"user %s is there already: of its entry %s is not done (usermod does it)",
			u->name, buf_text(&kept));
	return 0;
}

void userkeep_mark(const struct module_ctx *c, const struct userspec *all, size_t n,
		   const struct userspec *u)
{
	const char *part = part_of(c->pool, u);
	const uint64_t print = print_of(all, n, u->name);
	uint64_t old;

	/* Nothing is said of him, and nothing was. */
	if (strcmp(u->name, USERSPEC_DEFAULT) != 0 ||
	    (!print && !mark_is_set(c, &module_users, part, &old)))
		return;
	mark_set(c, &module_users, part, print, false, u->origin, "what " USERSPEC_DEFAULT
		 " is given is done");
}
