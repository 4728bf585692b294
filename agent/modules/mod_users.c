/* SPDX-License-Identifier: Apache-2.0 */
/*
 * users: accounts with their groups, passwords and homes. (Their SSH keys are in mod_ssh.c, what
 * they may do by sudo in mod_sudo.c.)
 *
 * As cloud-init: an account that is there keeps its number, home and shell (userkeep.h); it gets
 * groups, hashed_passwd and plain_text_passwd.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/account/account.h"
#include "agent/modules/accountdb.h"
#include "agent/modules/passwords.h"
#include "agent/modules/rows.h"
#include "agent/modules/userhome.h"
#include "agent/modules/userkeep.h"
#include "agent/modules/userspec.h"

#define NO_USER_GROUP "users"
#define DEFAULT_SHELL "/bin/bash"

struct work {
	const struct module_ctx *c;
	struct accountdb db;
	const struct userspec *all, *u; /* the one that is worked on */
	size_t n;
	bool done[USERSPEC_MAX]; /* nothing failed */
};

static int fail(const struct work *w, const char *key, const char *what)
{
	const struct doc_node *n = userspec_get(w->u, key);

	(void)module_fail(w->c, n ? n->origin : w->u->origin, "user %s: %s", w->u->name, what);
	return -EINVAL;
}

static int told(const struct work *w, int r, const struct error *err)
{
	if (r < 0)
		(void)module_fail(w->c, w->u->origin, "user %s: %s", w->u->name, err->msg);
	return r;
}

/* --- groups --- */

static int join(struct work *w, const char *group)
{
	struct error err = { 0 };
	int r = 0;

	if (userspec_flag(w->u, "create_groups", true))
		r = accountdb_group(&w->db, group, 0, false, &err);
	if (r == 0)
		r = accountdb_member(&w->db, group, w->u->name, &err);
	return told(w, r, &err);
}

/* "adm, video" */
static int join_words(struct work *w, const char *s)
{
	char group[64];
	int r = 0;

	while (*s) {
		size_t len = strcspn(s, ", ");

		(void)snprintf(group, sizeof(group), "%.*s", (int)len, s);
		if (len && join(w, group) < 0)
			r = -EINVAL;
		s += len + strspn(s + len, ", ");
	}
	return r;
}

static int join_groups(struct work *w)
{
	const struct doc_node *n = userspec_get(w->u, "groups"), *one;
	int r = w->u->is_default ? join_words(w, "sudo,docker") : 0;
	const struct doc_node *const *items;
	size_t len;

	for (size_t i = 0; n && n->kind == DOC_MAP && i < n->len; i++)
		if (join_words(w, n->pairs[i].key) < 0)
			r = -EINVAL;
	if (n && n->kind == DOC_MAP)
		return r;
	items = module_items(n, &one, &len);
	for (size_t i = 0; i < len; i++) {
		const char *text = module_text(items[i]);

		if (!text || join_words(w, text) < 0)
			r = text ? -EINVAL : fail(w, "groups", "groups are names");
	}
	return r;
}

/* --- the account --- */

static int choose_uid(const struct work *w, unsigned *ret)
{
	const char *text = userspec_text(w->c->pool, w->u, "uid");

	if (!text) {
		*ret = accountdb_free_id(&w->db, userspec_flag(w->u, "system", false));
		return *ret ? 0 : fail(w, "name", "no number is left");
	}
	if (!account_number(text, ret))
		return fail(w, "uid", "this is no number of a user");
	return accountdb_id_taken(&w->db, ACCOUNTDB_PASSWD, *ret)
		       ? fail(w, "uid", "another user has this number")
		       : 0;
}

static int choose_group(struct work *w, unsigned uid, unsigned *ret)
{
	const char *name = userspec_text(w->c->pool, w->u, "primary_group");
	bool system = userspec_flag(w->u, "system", false);
	AUTO_BUF struct buf gid = BUF_WITH_LIMIT(32);
	struct error err = { 0 };
	int r;

	/* A group of his own has his number if nobody has it. */
	if (!name && userspec_flag(w->u, "no_user_group", false)) {
		name = NO_USER_GROUP;
	} else if (!name) {
		name = w->u->name;
		if (accountdb_id_taken(&w->db, ACCOUNTDB_GROUP, uid))
			uid = 0;
	} else {
		uid = 0;
	}
	r = accountdb_group(&w->db, name, uid, system, &err);
	if (r == 0 && (!accountdb_get(&w->db, ACCOUNTDB_GROUP, name, ACCOUNTDB_ID, &gid) ||
		       !account_number(buf_text(&gid), ret)))
		r = error_set(&err, EBADMSG, "group %s has no number", name);
	return told(w, r, &err);
}

static int choose_paths(const struct work *w, const char **home, const char **shell)
{
	*home = userspec_text(w->c->pool, w->u, "homedir");
	*shell = userspec_text(w->c->pool, w->u, "shell");
	if (*home && (**home != '/' || strlen(*home) >= ACCOUNT_HOME || strstr(*home, "..")))
		return fail(w, "homedir", "a home is an absolute path");
	if (*shell && **shell != '/')
		return fail(w, "shell", "a shell is an absolute path");
	return 0;
}

static int add_lines(struct work *w, unsigned uid, unsigned gid)
{
	const char *gecos = userspec_text(w->c->pool, w->u, "gecos");
	AUTO_BUF struct buf line = BUF_WITH_LIMIT(8192);
	const char *name = w->u->name, *home, *shell;
	struct error err = { 0 };
	int r = choose_paths(w, &home, &shell);

	if (r < 0)
		return r;
	buf_fmt(&line, "%s:x:%u:%u:%s:", name, uid, gid, gecos ? gecos : "");
	if (home)
		buf_str(&line, home);
	else
		buf_fmt(&line, "/home/%s", name);
	buf_fmt(&line, ":%s", shell ? shell : DEFAULT_SHELL);
	r = buf_check(&line, &err);
	if (r == 0)
		r = accountdb_add(&w->db, ACCOUNTDB_PASSWD, buf_text(&line), &err);
	if (r == 0 && !accountdb_has(&w->db, ACCOUNTDB_SHADOW, name)) {
		buf_reset(&line);
		buf_fmt(&line, "%s:*::0:99999:7:::", name);
		r = accountdb_add(&w->db, ACCOUNTDB_SHADOW, buf_text(&line), &err);
	}
	return told(w, r, &err);
}

static int add_account(struct work *w)
{
	unsigned uid, gid;
	int r = choose_uid(w, &uid);

	if (r == 0)
		r = choose_group(w, uid, &gid);
	return r < 0 ? r : add_lines(w, uid, gid);
}

/* --- all --- */

static enum module_result edit_user(struct work *w)
{
	bool is_new = !accountdb_has(&w->db, ACCOUNTDB_PASSWD, w->u->name);
	struct error err = { 0 };
	int worst;

	if (is_new && add_account(w) < 0)
		return MODULE_FAILED;
	worst = is_new ? 0
		       : told(w, userkeep_edit(w->c, &w->db, w->all, w->n, w->u, &err), &err);
	if (join_groups(w) < 0)
		worst = -EINVAL;
	if ((is_new || !passwords_are_set(w->c, w->all, w->n, w->u->name)) &&
	    passwords_of_user(w->c, &w->db, w->u, is_new) < 0)
		worst = -EINVAL;
	if (passwords_aging(w->c, &w->db, w->u) < 0)
		worst = -EINVAL;
	return worst < 0 ? MODULE_FAILED : MODULE_UNCHANGED;
}

static void warn(const struct module_ctx *c, const struct userspec *u)
{
	static const struct {
		const char *key, *what;
	} rows[] = {
		{ "ssh_import_id", "keys are not fetched from a service: write them in "
				   "ssh_authorized_keys" },
		{ "selinux_user", "there is no SELinux here" },
		{ "doas", "there is no doas here: use sudo" },
		{ "snapuser", "there are no snaps here" },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct doc_node *n = userspec_get(u, rows[i].key);

		if (n)
			doc_say(c->pool, false, n->origin, "%s of %s has no effect: %s",
				rows[i].key, u->name, rows[i].what);
	}
}

/* Of an account all of whose entries went well. */
static void mark(const struct work *w)
{
	for (size_t i = 0; i < w->n; i++) {
		bool done = true;

		for (size_t k = 0; k < w->n; k++)
			done = done && (w->done[k] || strcmp(w->all[k].name, w->all[i].name) != 0);
		if (!done)
			continue;
		passwords_mark(w->c, w->all, w->n, &w->all[i]);
		userkeep_mark(w->c, w->all, w->n, &w->all[i]);
	}
}

static enum module_result edit_all(struct work *w)
{
	enum module_result result = MODULE_SKIPPED;
	struct error err = { 0 };
	bool changed = false;

	if (accountdb_load(w->c->root, w->c->privileged, &w->db, &err) < 0)
		return module_fail(w->c, (struct doc_origin){ 0 }, "users: %s", err.msg);
	for (size_t i = 0; i < w->n; i++) {
		enum module_result r;

		w->u = &w->all[i];
		warn(w->c, w->u);
		r = edit_user(w);
		w->done[i] = r != MODULE_FAILED;
		result = module_worse(result, r);
	}
	if (accountdb_save(&w->db, &changed, &err) < 0)
		return module_fail(w->c, (struct doc_origin){ 0 }, "users: %s", err.msg);
	mark(w);
	return changed ? module_worse(result, MODULE_CHANGED) : result;
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	AUTO_FREE struct userspec *all = calloc(USERSPEC_MAX, sizeof(*all));
	struct work w = { .c = c, .all = all };
	enum module_result result;

	if (!all)
		return module_fail(c, (struct doc_origin){ 0 }, "users: no memory");
	w.n = userspec_list(c->pool, c->config, false, all);
	passwords_lock(c);
	result = edit_all(&w);
	passwords_unlock(c);
	for (size_t i = 0; i < w.n; i++)
		if (accountdb_has(&w.db, ACCOUNTDB_PASSWD, all[i].name))
			result = module_worse(result, userhome_make(c, &all[i]));
	accountdb_done(&w.db);
	buf_fmt(message, "%zu %s", w.n, w.n == 1 ? "user" : "users");
	return result;
}

const struct module module_users = {
	.name = "users",
	.apply = apply,
	.frequency = MODULE_INSTANCE,
	.keys = { "users", "user" },
};
