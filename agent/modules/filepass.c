/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks for what an entry of write_files needs.
 */
#include <string.h>

#include "agent/account/account.h"
#include "agent/modules/filepass.h"
#include "agent/network/gateway.h"
#include "lib/file.h"

#define TABLE_MAX (1u << 20)
#define NAME_LEN  256

/* While the machine boots there is no network yet. */
static bool is_offline(const struct module_ctx *c)
{
	return c->boot && gateway_wait(0, NULL) < 0;
}

static bool is_group_word(const struct doc_node *n, const char *name)
{
	const char *s = module_text(n);
	const size_t len = strlen(name);

	for (; s && *s; s += strcspn(s, ", "), s += strspn(s, ", "))
		if (strcspn(s, ", ") == len && !strncmp(s, name, len))
			return true;
	return n->kind == DOC_MAP && doc_key(n, name);
}

/* A user, who has a group of this name, or a group that the configuration makes. */
static bool is_listed(const struct filepass_ctx *w, const char *name)
{
	const struct doc_node *const *items;
	const struct doc_node *one;
	size_t n;

	for (size_t i = 0; i < w->n_users; i++)
		if (!strcmp(w->users[i].name, name))
			return true;
	items = module_items(doc_key(w->c->config, "groups"), &one, &n);
	for (size_t i = 0; i < n; i++)
		if (is_group_word(items[i], name))
			return true;
	return false;
}

/* The system's image has it, so it is there before all else. Those that are made since are not
 * asked for: a file would be written first at one boot and last at another. */
static bool is_images(const struct filepass_ctx *w, const char *name, bool is_group)
{
	static const char *const always[] = { "root", USERSPEC_DEFAULT, "docker" };
	AUTO_BUF struct buf table = BUF_WITH_LIMIT(TABLE_MAX);
	struct account user;
	gid_t gid;

	for (size_t i = 0; i < ARRAY_LEN(always); i++)
		if (!strcmp(name, always[i]))
			return true;
	if (file_read(w->c->root, is_group ? "/usr/etc/group" : "/usr/etc/passwd", &table, NULL) <
	    0)
		return false;
	return is_group ? account_find_group(buf_text(&table), name, &gid)
			: account_find_user(buf_text(&table), name, &user);
}

static bool is_new(const struct filepass_ctx *w, const char *name, bool is_group)
{
	return is_listed(w, name) && !is_images(w, name, is_group);
}

enum filepass filepass_of(const struct filepass_ctx *w, const struct filespec *f)
{
	const size_t len = strcspn(f->owner, ":");
	char user[NAME_LEN] = "";

	if (f->source && (w->pass == FILEPASS_LATE || is_offline(w->c)))
		return FILEPASS_LATE;
	if (len < sizeof(user))
		memcpy(user, f->owner, len);
	if (f->defer || is_new(w, user, false) ||
	    (f->owner[len] && is_new(w, f->owner + len + 1, true)))
		return FILEPASS_DEFERRED;
	return FILEPASS_NOW;
}
