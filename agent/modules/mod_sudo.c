/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sudo of `users`: one file in sudoers.d. visudo looks at the rules before sudo sees them, since a
 * line that sudo cannot read keeps everybody from using it: such a rule is left out.
 *
 * Where write_files gives the file of this name, that is the user's, and the rules have another;
 * what write_files adds to it stays behind them. It is written when what it is to say changes: an
 * owner who took a rule away keeps it so.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "agent/modules/mark.h"
#include "agent/modules/rows.h"
#include "agent/modules/sudorules.h"
#include "agent/modules/userspec.h"
#include "agent/modules/written.h"
#include "agent/userdata/filespec.h"
#include "lib/file_remove.h"
#include "lib/hash.h"
#include "lib/proc.h"

#define SUDOERS	  "/etc/sudoers.d/90-cloud-init-users"
#define OTHER	  "/etc/sudoers.d/90-ros-users"
#define CANDIDATE "/run/ros/candidate/sudoers"
#define HEAD	  "# Made by ros agent from users.\n"
#define CHECK_MS  10000
#define RULES_MAX 256 /* of all users */

struct work {
	const struct module_ctx *c;
	struct sudorule rules[RULES_MAX];
	size_t n;
};

/* --- what is asked for --- */

static enum module_result add_rule(struct work *w, const struct userspec *u,
				   const struct doc_node *n)
{
	const char *text = module_text(n);

	/* false takes it away, also as the text that templates make of it. */
	if (text && (n->kind == DOC_BOOL ? !n->boolean : !strcasecmp(text, "false")))
		return MODULE_UNCHANGED;
	if (text && (n->kind == DOC_BOOL || !strcasecmp(text, "true")))
		return module_fail(w->c, n->origin,
				   "sudo of %s: %s says of no command that it is allowed "
				   "(\"ALL=(ALL) NOPASSWD:ALL\" allows all, false none)",
				   u->name, text);
	if (!text || !module_is_line(text) || !*text || text[strlen(text) - 1] == '\\')
		return module_fail(w->c, n->origin,
				   "a rule of sudo is one line (\"ALL=(ALL) NOPASSWD:ALL\")");
	if (w->n == RULES_MAX)
		return module_fail(w->c, n->origin,
				   "these are too many rules of sudo (%d at most): left out",
				   RULES_MAX);
	w->rules[w->n++] =
		(struct sudorule){ .user = u->name, .text = text, .at = n->origin };
	return MODULE_UNCHANGED;
}

static enum module_result add_rules(struct work *w, const struct userspec *u)
{
	const struct doc_node *n = userspec_get(u, "sudo"), *one;
	enum module_result result = MODULE_UNCHANGED;
	const struct doc_node *const *items;
	size_t len;

	items = module_items(n, &one, &len);
	for (size_t i = 0; i < len && i <= RULES_MAX; i++)
		result = module_worse(result, add_rule(w, u, items[i]));
	return result;
}

/* --- the file --- */

static int check(void *arg, const struct buf *text, struct error *err)
{
	static const char *const argv[] = { "visudo", "-cqf", CANDIDATE, NULL };
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(64u << 10);
	const struct module_ctx *c = ((const struct work *)arg)->c;
	int r;

	if (!c->live || module_write(c, CANDIDATE, text, 0440) == MODULE_FAILED)
		return 0;
	r = proc_run(argv, NULL, CHECK_MS, &out, err);
	(void)!file_remove(c->root, CANDIDATE, NULL, NULL);
	return r;
}

static enum module_result sift(struct work *w, bool *ret_known)
{
	enum module_result result = MODULE_UNCHANGED;
	const struct sudorules_checker checker = { check, w };
	struct error err = { 0 };

	*ret_known = sudorules_sift(w->rules, w->n, &checker, &err) == 0;
	if (!*ret_known)
		return module_fail(w->c, (struct doc_origin){ 0 },
				   "the rules of sudo cannot be looked at, they stay as they "
				   "were: %s",
				   err.msg);
	for (size_t i = 0; i < w->n; i++)
		if (w->rules[i].bad)
			result = module_fail(w->c, w->rules[i].at,
					     "sudo cannot read this rule of %s, it is left out: %s",
					     w->rules[i].user, w->rules[i].why.msg);
	return result;
}

static enum module_result publish(const struct module_ctx *c, const char *path,
				  const struct buf *text)
{
	const uint64_t print = hash_text(path, strlen(path)) * 31 +
			       hash_text(buf_text(text), text->len);
	enum module_result result;
	uint64_t old;

	if (mark_is_set(c, &module_sudo, "rules", &old) && old == print)
		return MODULE_UNCHANGED;
	result = strcmp(path, SUDOERS) ? MODULE_SKIPPED : module_remove(c, OTHER);
	if (text->len > strlen(HEAD))
		result = module_worse(result, module_write(c, path, text, 0440));
	else
		result = module_worse(result, module_remove(c, path));
	if (result != MODULE_FAILED)
		mark_set(c, &module_sudo, "rules", print, false, (struct doc_origin){ 0 },
			 "the rules are written");
	return result;
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	AUTO_FREE struct userspec *all = calloc(USERSPEC_MAX, sizeof(*all));
	AUTO_FREE struct work *w = calloc(1, sizeof(*w));
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(FILESPEC_MAX);
	enum module_result result = MODULE_UNCHANGED;
	bool known;
	size_t n;

	(void)message;
	if (!all || !w)
		return module_fail(c, (struct doc_origin){ 0 }, "sudo: no memory");
	w->c = c;
	n = userspec_list(c->pool, c->config, true, all);
	for (size_t i = 0; i < n; i++)
		result = module_worse(result, add_rules(w, &all[i]));
	result = module_worse(result, sift(w, &known));
	if (!known)
		return result;
	buf_str(&text, HEAD);
	sudorules_put(w->rules, w->n, &text);
	/* Also where it could not be written it is the user's. */
	if (written_is_users(c->config, NULL, SUDOERS))
		return module_worse(result, publish(c, OTHER, &text));
	written_additions(c->config, NULL, SUDOERS, &text);
	return module_worse(result, publish(c, SUDOERS, &text));
}

const struct module module_sudo = {
	.name = "sudo",
	.apply = apply,
	.frequency = MODULE_INSTANCE,
	.keys = { "users", "user" },
	.also = "write_files",
};
