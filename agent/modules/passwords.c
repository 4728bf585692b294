/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Setting, locking and ageing of passwords.
 */
#include <errno.h>
#include <shadow.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/account/shadow.h"
#include "agent/modules/mark.h"
#include "agent/modules/passwords.h"
#include "agent/modules/rows.h"

#define PASSWORD_MAX 512
#define DAY	     (24 * 60 * 60)

void passwords_lock(const struct module_ctx *c)
{
	if (c->live && lckpwdf() < 0)
		doc_say(c->pool, false, (struct doc_origin){ 0 },
			"the files of users are locked by somebody for longer than 15 s");
}

void passwords_unlock(const struct module_ctx *c)
{
	if (c->live)
		(void)ulckpwdf();
}

bool passwords_is_hash(const char *text)
{
	static const char *const prefixes[] = { "$1$", "$2a$", "$2b$", "$2y$", "$5$",
						"$6$", "$7$",  "$y$",  "$gy$" };

	for (size_t i = 0; i < ARRAY_LEN(prefixes); i++) {
		const char *rest = text + strlen(prefixes[i]);

		if (!strncmp(text, prefixes[i], strlen(prefixes[i])))
			return *rest && *rest != '$' && strchr(rest, '$') &&
			       accountdb_is_value(text);
	}
	return false;
}

bool passwords_is_locked(const char *text)
{
	return (*text == '!' || *text == '*') && strlen(text) < PASSWORD_MAX &&
	       accountdb_is_value(text);
}

int passwords_set(struct accountdb *db, const char *user, const char *password, bool is_hash,
		  bool expire, struct error *err)
{
	AUTO_BUF struct buf old = BUF_WITH_LIMIT(PASSWORD_MAX);
	AUTO_BUF struct buf hash = BUF_WITH_LIMIT(PASSWORD_MAX);
	int r = 0;

	if (!accountdb_get(db, ACCOUNTDB_SHADOW, user, ACCOUNTDB_HASH, &old))
		return error_set(err, ENOENT, "there is no user %s", user);
	if (is_hash && passwords_is_locked(password))
		password = "*";
	if (is_hash ? !strcmp(buf_text(&old), password) : shadow_matches(password, buf_text(&old)))
		return 0;
	if (is_hash)
		buf_str(&hash, password);
	else if (strlen(password) >= PASSWORD_MAX || !*password)
		return error_set(err, EINVAL, "the password is empty or too long");
	else
		r = shadow_hash(password, &hash, err);
	if (r == 0)
		r = buf_check(&hash, err);
	if (r == 0)
		r = accountdb_set(db, ACCOUNTDB_SHADOW, user, ACCOUNTDB_HASH, buf_text(&hash), err);
	/* Blank: no rule of age applies. */
	return r < 0 ? r
		     : accountdb_set(db, ACCOUNTDB_SHADOW, user, ACCOUNTDB_LAST_CHANGE,
				     expire ? "0" : "", err);
}

const char *passwords_default_user(const struct doc_node *config)
{
	const struct doc_node *user = doc_key(config, "user");
	const char *name = module_text(user) ? user->text : doc_str(user, "name", NULL);

	return name ? name : USERSPEC_DEFAULT;
}

static int lock(struct accountdb *db, const char *user, struct error *err)
{
	AUTO_BUF struct buf hash = BUF_WITH_LIMIT(PASSWORD_MAX);

	buf_char(&hash, '*');
	if (!accountdb_get(db, ACCOUNTDB_SHADOW, user, ACCOUNTDB_HASH, &hash) ||
	    buf_check(&hash, err) < 0)
		return error_set(err, ENOENT, "there is no user %s", user);
	if (hash.data[1] == '*' || hash.data[1] == '!')
		return 0;
	return accountdb_set(db, ACCOUNTDB_SHADOW, user, ACCOUNTDB_HASH, buf_text(&hash), err);
}

/* The hash of a locked password, without the lock, so that setting it again changes nothing. 1 when
 * it was locked. */
static int unlock(struct accountdb *db, const char *user, struct error *err)
{
	AUTO_BUF struct buf hash = BUF_WITH_LIMIT(PASSWORD_MAX);

	if (!accountdb_get(db, ACCOUNTDB_SHADOW, user, ACCOUNTDB_HASH, &hash) || hash.len < 2 ||
	    hash.data[0] != '*' || hash.data[1] != '$')
		return 0;
	return accountdb_set(db, ACCOUNTDB_SHADOW, user, ACCOUNTDB_HASH, hash.data + 1, err) < 0
		       ? -EINVAL
		       : 1;
}

/* --- an entry of users --- */

static int bad(const struct module_ctx *c, const struct userspec *u, const char *key,
	       const char *what)
{
	const struct doc_node *n = userspec_get(u, key);

	(void)module_fail(c, n ? n->origin : u->origin, "%s of user %s: %s", key, u->name, what);
	return -EINVAL;
}

/* 1: there is a password now. */
static int set_one(const struct module_ctx *c, struct accountdb *db, const struct userspec *u,
		   const char *key, bool is_hash)
{
	const struct doc_node *n = userspec_get(u, key);
	const char *text = n ? module_text(n) : NULL;
	struct error err = { 0 };
	bool locked;

	if (!n)
		return 0;
	locked = is_hash && text && passwords_is_locked(text);
	if (!text || (is_hash && !locked && !passwords_is_hash(text)))
		return bad(c, u, key, is_hash ? "no hash ($6$…, $y$…)" : "a single text");
	if (passwords_set(db, u->name, text, is_hash, false, &err) < 0)
		return bad(c, u, key, err.msg);
	return !locked;
}

int passwords_of_user(const struct module_ctx *c, struct accountdb *db, const struct userspec *u,
		      bool is_new)
{
	const struct doc_node *said = userspec_get(u, "lock_passwd");
	bool locked = userspec_flag(u, "lock_passwd", true);
	struct error err = { 0 };
	int set[3] = { 0 }, was_locked, r = 0;

	was_locked = unlock(db, u->name, &err);
	if (is_new)
		set[0] = set_one(c, db, u, "passwd", true);
	set[1] = set_one(c, db, u, "hashed_passwd", true);
	set[2] = set_one(c, db, u, "plain_text_passwd", false);
	/* An account that was there keeps its password unless something is said about it. */
	if (locked && (is_new || said || was_locked || set[1] || set[2]))
		r = lock(db, u->name, &err);
	if (r < 0 || was_locked < 0)
		return bad(c, u, "passwd", err.msg);
	if (set[0] < 0 || set[1] < 0 || set[2] < 0)
		return -EINVAL;
	if (locked && !said && (set[0] || set[1] || set[2]))
		doc_say(c->pool, false, u->origin,
			"user %s has a password, but cannot log in with it: lock_passwd is true "
			"unless it is set to false",
			u->name);
	return 0;
}

static uint64_t print_of(const struct userspec *all, size_t n, const char *name)
{
	static const char *const keys[] = { "passwd", "hashed_passwd", "plain_text_passwd",
					    "lock_passwd", NULL };

	return userspec_print(all, n, name, keys);
}

bool passwords_are_set(const struct module_ctx *c, const struct userspec *all, size_t n,
		       const char *name)
{
	uint64_t print;

	return mark_is_set(c, &module_users, name, &print) && print == print_of(all, n, name);
}

void passwords_mark(const struct module_ctx *c, const struct userspec *all, size_t n,
		    const struct userspec *u)
{
	const uint64_t print = print_of(all, n, u->name);
	char what[96];
	uint64_t old;

	/* Nothing is said of a password, and nothing was. */
	if (!print && !mark_is_set(c, &module_users, u->name, &old))
		return;
	(void)snprintf(what, sizeof(what), "the password of %.40s is set", u->name);
	mark_set(c, &module_users, u->name, print, false, u->origin, what);
}

/* --- ageing --- */

/* "2030-12-31" → days since 1970, as text. */
static bool to_days(const char *text, char *ret, size_t size)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%Y-%m-%d", &tm);

	if (!end || *end)
		return false;
	(void)snprintf(ret, size, "%lld", (long long)timegm(&tm) / DAY);
	return true;
}

int passwords_aging(const struct module_ctx *c, struct accountdb *db, const struct userspec *u)
{
	const char *expire = userspec_text(c->pool, u, "expiredate"),
		   *inactive = userspec_text(c->pool, u, "inactive");
	struct error err = { 0 };
	char days[32];
	int r = 0;

	if (expire && !to_days(expire, days, sizeof(days)))
		return bad(c, u, "expiredate", "a date is YYYY-MM-DD");
	if (expire)
		r = accountdb_set(db, ACCOUNTDB_SHADOW, u->name, ACCOUNTDB_EXPIRE, days, &err);
	if (r < 0)
		return bad(c, u, "expiredate", err.msg);
	if (inactive && strspn(inactive, "0123456789") != strlen(inactive))
		return bad(c, u, "inactive", "this is no number of days");
	if (inactive)
		r = accountdb_set(db, ACCOUNTDB_SHADOW, u->name, ACCOUNTDB_INACTIVE, inactive,
				  &err);
	return r < 0 ? bad(c, u, "inactive", err.msg) : 0;
}
