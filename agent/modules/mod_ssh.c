/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SSH keys: ssh_authorized_keys and the metadata's for rancher, docker and the default user (for
 * root, too, with disable_root: false, or behind disable_root_opts), and those of `users` for each
 * of them.
 *
 * Which keys the platform gave, and to whom, is remembered: one that it gives no more, or that has
 * expired, is taken away again, from users, too, that are given none any more. What somebody put
 * into a file himself stays.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/account/authkeys.h"
#include "agent/modules/rows.h"
#include "agent/modules/sshkeys.h"
#include "agent/modules/userspec.h"
#include "agent/userdata/semaphore.h"
#include "lib/doc/tree.h"

/* As cloud-init: who may not log in is told with which name he may. */
#define REDIRECT                                                                                 \
	"no-port-forwarding,no-agent-forwarding,no-X11-forwarding,command=\"echo 'Please login " \
	"as the user \\\"" USERSPEC_DEFAULT                                                      \
	"\\\" rather than the user \\\"%s\\\".';echo;sleep 10;exit 142\" "

/* The platform's keys as they were last written, a line each. */
#define PLATFORM_KEYS SEMAPHORE_DIR "/platform-keys"
#define PLATFORM_MAX  (1u << 20)
/* The users that ever got some of them, a line each. */
#define PLATFORM_USERS SEMAPHORE_DIR "/platform-key-users"

static const char *const machine_users[] = { "rancher", "docker" };

struct work {
	const struct module_ctx *c;
	const struct doc_node *common[2]; /* the machine's keys */
	size_t n;			  /* good keys among them */
	const struct doc_node *gone;	  /* keys of the platform that are no longer there */
	struct buf users;		  /* who got keys of the platform, ever */
};

/* --- the platform's keys --- */

static bool is_same_key(const char *a, const char *b)
{
	struct authkeys_key x, y;

	return authkeys_parse(a, &x) && authkeys_parse(b, &y) && x.blob_len == y.blob_len &&
	       !memcmp(x.blob, y.blob, x.blob_len);
}

static bool is_wanted(const struct work *w, const char *key)
{
	for (size_t i = 0; i < ARRAY_LEN(w->common); i++) {
		const struct doc_node *one;
		const struct doc_node *const *items;
		size_t n;

		items = module_items(w->common[i], &one, &n);
		for (size_t k = 0; k < n; k++)
			if (is_same_key(doc_str(items[k], "", ""), key))
				return true;
	}
	return false;
}

/* What was remembered and is not wanted now. Without a datasource nobody has spoken. */
static void find_gone(struct work *w)
{
	AUTO_BUF struct buf last = BUF_WITH_LIMIT(PLATFORM_MAX);
	AUTO_ITEMS struct tree_items gone = { 0 };

	if (!w->c->instance->datasource ||
	    file_read(w->c->root, PLATFORM_KEYS, &last, NULL) < 0)
		return;
	for (const char *s = buf_text(&last); *s; s += strspn(s, "\n")) {
		const struct doc_node *key = tree_str(w->c->pool, (struct doc_origin){ 0 }, s,
						      strcspn(s, "\n"));

		if (!key || (!is_wanted(w, key->text) && tree_items_add(&gone, key) < 0))
			return;
		s += strcspn(s, "\n");
	}
	if (gone.n)
		w->gone = tree_seq(w->c->pool, (struct doc_origin){ 0 }, gone.data, gone.n);
}

/* A key that could not be taken out of somebody's file is tried again at the next boot. */
static enum module_result remember(const struct work *w, bool all_written)
{
	const struct doc_node *keys = w->common[1];
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(PLATFORM_MAX);

	if (!w->c->instance->datasource)
		return MODULE_SKIPPED;
	for (size_t i = 0; keys && i < keys->len; i++)
		buf_fmt(&text, "%s\n", doc_str(keys->items[i], "", ""));
	for (size_t i = 0; !all_written && w->gone && i < w->gone->len; i++)
		buf_fmt(&text, "%s\n", w->gone->items[i]->text);
	if (!text.len && !file_exists(w->c->root, PLATFORM_KEYS))
		return MODULE_SKIPPED;
	/* A record is no change of the machine. */
	return module_write(w->c, PLATFORM_KEYS, &text, 0600) == MODULE_FAILED ? MODULE_FAILED :
										 MODULE_SKIPPED;
}

/* --- whose they are --- */

static bool has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (; *text; text += strcspn(text, "\n"), text += strspn(text, "\n"))
		if (strcspn(text, "\n") == len && !strncmp(text, line, len))
			return true;
	return false;
}

/* The built-in users are always among them. */
static void read_users(struct work *w)
{
	if (file_read(w->c->root, PLATFORM_USERS, &w->users, NULL) == 0) {
		buf_char(&w->users, '\n');
		return;
	}
	buf_reset(&w->users);
	for (size_t i = 0; i < ARRAY_LEN(machine_users); i++)
		buf_fmt(&w->users, "%s\n", machine_users[i]);
}

/* Before he gets keys of the platform. */
static enum module_result note_user(struct work *w, const char *user)
{
	if (!w->common[1] || !w->common[1]->len || has_line(buf_text(&w->users), user))
		return MODULE_SKIPPED;
	buf_fmt(&w->users, "%s\n", user);
	/* A record is no change of the machine. */
	return module_write(w->c, PLATFORM_USERS, &w->users, 0600) == MODULE_FAILED
		       ? MODULE_FAILED
		       : MODULE_SKIPPED;
}

/* Keys that are gone, from all who ever got some. */
static enum module_result drop_gone(struct work *w)
{
	enum module_result result = MODULE_SKIPPED;
	char user[64];

	for (const char *s = buf_text(&w->users); w->gone && *s; s += strspn(s, "\n")) {
		size_t len = strcspn(s, "\n");

		(void)snprintf(user, sizeof(user), "%.*s", (int)len, s);
		result = module_worse(result, sshkeys_drop(w->c, user, w->gone));
		s += len;
	}
	return result;
}

static enum module_result write_common(struct work *w, const char *user, const char *options)
{
	enum module_result result;

	if (!w->n)
		return MODULE_SKIPPED;
	result = note_user(w, user);
	return module_worse(result,
			    sshkeys_write(w->c, user, w->common, ARRAY_LEN(w->common), options));
}

static enum module_result write_user(struct work *w, const struct userspec *u)
{
	const struct doc_node *own = userspec_get(u, "ssh_authorized_keys");
	enum module_result result = MODULE_SKIPPED;
	char options[256];

	(void)sshkeys_check(w->c, own);
	if (u->is_default)
		result = write_common(w, u->name, "");
	if (userspec_flag(u, "ssh_redirect_user", false)) {
		(void)snprintf(options, sizeof(options), REDIRECT, u->name);
		result = module_worse(result, write_common(w, u->name, options));
	}
	if (own)
		result = module_worse(result, sshkeys_write(w->c, u->name, &own, 1, ""));
	return result;
}

static enum module_result write_users(struct work *w)
{
	AUTO_FREE struct userspec *all = calloc(USERSPEC_MAX, sizeof(*all));
	size_t n = all ? userspec_list(w->c->pool, w->c->config, true, all) : 0;
	enum module_result result = MODULE_SKIPPED;

	for (size_t i = 0; i < n; i++)
		result = module_worse(result, write_user(w, &all[i]));
	return result;
}

/* "$USER" is who may log in, "$DISABLE_USER" who may not. */
static void put_names(const char *text, struct buf *out)
{
	static const char *const names[][2] = { { "$DISABLE_USER", "root" },
						{ "$USER", USERSPEC_DEFAULT } };

	while (*text) {
		size_t i = 0;

		while (i < ARRAY_LEN(names) &&
		       strncmp(text, names[i][0], strlen(names[i][0])) != 0)
			i++;
		if (i == ARRAY_LEN(names)) {
			buf_char(out, *text++);
			continue;
		}
		buf_str(out, names[i][1]);
		text += strlen(names[i][0]);
	}
	buf_char(out, ' ');
}

/* Without options in front of his keys root has none while he may not log in; with them sshd lets
 * nobody in but to the command that they name. */
static enum module_result write_root(struct work *w)
{
	const struct doc_node *opts = doc_key(w->c->config, "disable_root_opts");
	const bool disabled = doc_bool(w->c->config, "disable_root", true);
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(4096);

	if (disabled && (!opts || !module_text(opts) || !*opts->text))
		return MODULE_SKIPPED;
	if (!disabled)
		return write_common(w, "root", "");
	if (!module_is_line(opts->text) || !strstr(opts->text, "command="))
		return module_fail(w->c, opts->origin,
				   "disable_root_opts: options with a command=\"…\" are wanted, "
				   "on one line; root stays without keys");
	put_names(opts->text, &text);
	return write_common(w, "root", buf_text(&text));
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	/* false: the platform's keys are not wanted. */
	bool public = doc_bool(c->config, "allow_public_ssh_keys", true);
	struct work w = { .c = c,
			  .common = { doc_key(c->config, "ssh_authorized_keys"),
				      public ? c->instance->keys : NULL },
			  .users = BUF_WITH_LIMIT(PLATFORM_MAX) };
	enum module_result result = MODULE_SKIPPED;

	for (size_t i = 0; i < ARRAY_LEN(w.common); i++)
		w.n += sshkeys_check(c, w.common[i]);
	find_gone(&w);
	read_users(&w);
	result = drop_gone(&w);
	for (size_t i = 0; i < ARRAY_LEN(machine_users); i++)
		result = module_worse(result, write_common(&w, machine_users[i], ""));
	result = module_worse(result, write_root(&w));
	result = module_worse(result, write_users(&w));
	result = module_worse(result, remember(&w, result != MODULE_FAILED));
	buf_done(&w.users);
	if (result == MODULE_SKIPPED)
		return result;
	buf_fmt(message, "%zu %s of the machine", w.n, w.n == 1 ? "key" : "keys");
	if (!c->privileged)
		buf_str(message, "; owners skipped: not root");
	return result;
}

const struct module module_ssh_authorized_keys = {
	.name = "ssh_authorized_keys",
	.apply = apply,
};
