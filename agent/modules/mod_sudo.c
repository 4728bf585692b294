/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sudo of `users`: one file in sudoers.d, looked at by visudo before sudo sees it, since a line
 * that sudo cannot read keeps everybody from using it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/modules/rows.h"
#include "agent/modules/userspec.h"
#include "lib/file_remove.h"
#include "lib/proc.h"

#define SUDOERS	  "/etc/sudoers.d/90-cloud-init-users"
#define CANDIDATE "/run/ros/candidate/sudoers"
#define CHECK_MS  10000
#define RULES_MAX 64

static enum module_result add_rule(const struct module_ctx *c, const struct userspec *u,
				   const struct doc_node *n, struct buf *out)
{
	const char *rule = module_text(n);

	if (!rule || !module_is_line(rule) || !*rule || rule[strlen(rule) - 1] == '\\')
		return module_fail(c, n->origin,
				   "a rule of sudo is one line (\"ALL=(ALL) NOPASSWD:ALL\")");
	buf_fmt(out, "%s %s\n", u->name, rule);
	return MODULE_UNCHANGED;
}

static enum module_result add_rules(const struct module_ctx *c, const struct userspec *u,
				    struct buf *out)
{
	const struct doc_node *n = userspec_get(u, "sudo"), *one;
	enum module_result result = MODULE_UNCHANGED;
	const struct doc_node *const *items;
	size_t len;

	/* false takes it away. */
	if (!n || n->kind == DOC_BOOL)
		return MODULE_UNCHANGED;
	items = module_items(n, &one, &len);
	for (size_t i = 0; i < len && i < RULES_MAX; i++)
		result = module_worse(result, add_rule(c, u, items[i], out));
	return result;
}

static enum module_result check(const struct module_ctx *c, const struct buf *text)
{
	static const char *const argv[] = { "visudo", "-cqf", CANDIDATE, NULL };
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(64u << 10);
	struct error err = { 0 };
	int r;

	if (!c->live || module_write(c, CANDIDATE, text, 0440) == MODULE_FAILED)
		return MODULE_UNCHANGED;
	r = proc_run(argv, NULL, CHECK_MS, &out, &err);
	(void)!file_remove(c->root, CANDIDATE, NULL, NULL);
	if (r < 0)
		return module_fail(
			c, (struct doc_origin){ 0 },
			"sudo cannot read the rules of users, they stay as they were: %s", err.msg);
	return MODULE_UNCHANGED;
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	AUTO_FREE struct userspec *all = calloc(USERSPEC_MAX, sizeof(*all));
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(1u << 20);
	enum module_result result = MODULE_UNCHANGED;
	size_t n = all ? userspec_list(c->pool, c->config, true, all) : 0, head;

	(void)message;
	buf_str(&text, "# Made by ros agent from users.\n");
	head = text.len;
	for (size_t i = 0; i < n; i++)
		result = module_worse(result, add_rules(c, &all[i], &text));
	if (text.len == head)
		return module_worse(result, module_remove(c, SUDOERS));
	if (check(c, &text) == MODULE_FAILED)
		return MODULE_FAILED;
	return module_worse(result, module_write(c, SUDOERS, &text, 0440));
}

const struct module module_sudo = {
	.name = "sudo",
	.apply = apply,
	.frequency = MODULE_INSTANCE,
	.keys = { "users", "user" },
};
