/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads `users` and `user`.
 */
#include <string.h>

#include "agent/modules/accountdb.h"
#include "agent/modules/mark.h"
#include "agent/modules/userspec.h"

struct reader {
	struct doc_pool *p;
	bool quiet;
	struct userspec *ret;
	size_t n;
};

static void say(const struct reader *r, struct doc_origin at, const char *what)
{
	if (!r->quiet)
		doc_say(r->p, true, at, "%s", what);
}

static void add(struct reader *r, const char *name, struct doc_origin at,
		const struct doc_node *map)
{
	bool is_default = !strcmp(name, "default");

	if (r->n == USERSPEC_MAX) {
		say(r, at, "these are too many users (256 at most): left out");
		return;
	}
	if (is_default)
		name = USERSPEC_DEFAULT;
	if (!accountdb_is_name(name)) {
		say(r, at,
		    "this is no name of a user (letters, digits, \"_\", \"-\" and \".\", 32 "
		    "at most): left out");
		return;
	}
	r->ret[r->n++] = (struct userspec){
		.name = name, .origin = at, .map = map, .is_default = is_default
	};
}

/* "bob, alice": a form of old. */
static void add_words(struct reader *r, const struct doc_node *n)
{
	for (const char *s = n->text; *s;) {
		size_t len = strcspn(s, ", ");

		if (len)
			add(r, doc_strdup(r->p, s, len), n->origin, NULL);
		s += len + strspn(s + len, ", ");
	}
}

static void add_entry(struct reader *r, const struct doc_node *n)
{
	const struct doc_node *name = doc_key(n, "name");

	if (doc_is_scalar(n) && n->kind != DOC_NULL && strlen(n->text) == n->len)
		add_words(r, n);
	else if (n->kind == DOC_MAP && doc_is_scalar(name) && name->kind != DOC_NULL &&
		 strlen(name->text) == name->len)
		add(r, name->text, name->origin, n);
	else if (n->kind == DOC_MAP)
		say(r, n->origin, "a user without a name: left out");
	else if (n->kind != DOC_NULL)
		say(r, n->origin, "a user is a name, or a map with a name: left out");
}

static void read_users(struct reader *r, const struct doc_node *users)
{
	if (!users)
		return;
	if (users->kind == DOC_SEQ)
		for (size_t i = 0; i < users->len; i++)
			add_entry(r, users->items[i]);
	else if (users->kind == DOC_MAP)
		for (size_t i = 0; i < users->len; i++) {
			const struct doc_node *val = users->pairs[i].val;

			/* {bob: true}, {bob: {gecos: …}}; false takes the name away. */
			if (val->kind != DOC_BOOL || val->boolean)
				add(r, users->pairs[i].key, users->pairs[i].origin,
				    val->kind == DOC_MAP ? val : NULL);
		}
	else
		add_entry(r, users);
}

/* A map without a name says more of the default user. */
static void read_user(struct reader *r, const struct doc_node *user)
{
	const struct doc_node *name = doc_key(user, "name");
	size_t n = r->n;

	if (!user || user->kind == DOC_NULL)
		return;
	if (user->kind == DOC_SEQ)
		say(r, user->origin, "user is one name or one map");
	else if (user->kind == DOC_MAP && (!name || name->kind == DOC_NULL))
		add(r, USERSPEC_DEFAULT, user->origin, user);
	else
		add_entry(r, user);
	for (; n < r->n; n++)
		r->ret[n].is_default = true;
}

size_t userspec_list(struct doc_pool *p, const struct doc_node *config, bool quiet,
		     struct userspec *ret)
{
	struct reader r = { .p = p, .quiet = quiet, .ret = ret };

	read_user(&r, doc_key(config, "user"));
	read_users(&r, doc_key(config, "users"));
	return r.n;
}

const struct doc_node *userspec_get(const struct userspec *u, const char *key)
{
	char dashed[64];
	const struct doc_node *n = doc_key(u->map, key);
	size_t i;

	for (i = 0; i + 1 < sizeof(dashed) && key[i]; i++)
		dashed[i] = key[i] == '_' ? '-' : key[i];
	dashed[i] = '\0';
	if (!n)
		n = doc_key(u->map, dashed);
	return n && n->kind != DOC_NULL ? n : NULL;
}

const char *userspec_text(struct doc_pool *p, const struct userspec *u, const char *key)
{
	const struct doc_node *n = userspec_get(u, key);

	if (!n)
		return NULL;
	if (doc_is_scalar(n) && strlen(n->text) == n->len && accountdb_is_value(n->text))
		return n->text;
	doc_say(p, true, n->origin, "%s of %s: a single line without \":\": ignored", key, u->name);
	return NULL;
}

bool userspec_flag(const struct userspec *u, const char *key, bool fallback)
{
	const struct doc_node *n = userspec_get(u, key);

	if (!n)
		return fallback;
	return doc_bool(n, "", fallback);
}

uint64_t userspec_print(const struct userspec *all, size_t n, const char *name,
			const char *const *keys)
{
	uint64_t print = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; keys[k] && !strcmp(all[i].name, name); k++) {
			const struct doc_node *val = userspec_get(&all[i], keys[k]);

			if (val)
				print = print * 31 + mark_print(val) + k;
		}
	return print;
}
