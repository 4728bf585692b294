/* SPDX-License-Identifier: Apache-2.0 */
/*
 * runcmd: laid down as a script that the console runs before user Docker starts.
 */
#include "agent/modules/rows.h"
#include "agent/modules/runcmd.h"
#include "lib/file.h"
#include "lib/file_remove.h"

#define SCRIPT "/run/ros/runcmd"

static enum module_result failed(const struct module_ctx *c, const struct error *err)
{
	doc_say(c->pool, true, (struct doc_origin){ 0 }, "runcmd: %s", err->msg);
	return MODULE_FAILED;
}

static enum module_result remove_script(const struct module_ctx *c)
{
	struct error err = { 0 };
	bool removed = false;

	if (file_remove(c->root, SCRIPT, &removed, &err) < 0)
		return failed(c, &err);
	return removed ? MODULE_CHANGED : MODULE_SKIPPED;
}

/* Commands that ought to be in the script. */
static size_t count_commands(const struct doc_node *list)
{
	size_t n = 0;

	for (size_t i = 0; list && list->kind == DOC_SEQ && i < list->len; i++)
		n += !runcmd_is_empty(list->items[i]);
	return n;
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	const struct doc_node *list = doc_key(c->config, "runcmd");
	AUTO_BUF struct buf script = { 0 };
	struct file_attr attr = module_attr(c, 0700, 0, 0);
	size_t want = count_commands(list), n;
	struct error err = { 0 };
	bool changed = false;

	if (want == 0)
		return remove_script(c);
	n = runcmd_script(c->pool, "runcmd", list, &script);
	if (buf_check(&script, &err) < 0 ||
	    file_publish(c->root, SCRIPT, script.data, script.len, &attr, &changed, &err) < 0)
		return failed(c, &err);
	buf_fmt(message, "%zu of %zu commands, run by the console", n, want);
	if (n < want)
		return MODULE_FAILED;
	return changed ? MODULE_CHANGED : MODULE_UNCHANGED;
}

const struct module module_runcmd = {
	.name = "runcmd",
	.apply = apply,
};
