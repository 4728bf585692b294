/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that an OpenStack config-drive injects (`files` of meta_data.json, whose contents the
 * datasource has fetched): written once for an instance, as cloud-init does, before write_files.
 */
#include "agent/modules/filewrite.h"
#include "agent/modules/rows.h"

static enum module_result write_one(const struct module_ctx *c, const struct doc_node *entry)
{
	struct filespec f = { 0 };
	struct error err = { 0 };
	bool changed = false;
	int r = -1;

	if (filespec_read(c->pool, entry, &f))
		r = filewrite_do(c, &f, &changed, &err);
	filespec_done(&f);
	if (r < 0 && err.code)
		return module_fail(c, entry->origin, "%s", err.msg);
	return r < 0 ? MODULE_FAILED : module_changed(changed);
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	const struct doc_node *files = doc_key(c->instance->meta, "injected-files");
	enum module_result result = MODULE_SKIPPED;

	if (!files || files->kind != DOC_SEQ)
		return MODULE_SKIPPED;
	for (size_t i = 0; i < files->len; i++)
		result = module_worse(result, write_one(c, files->items[i]));
	buf_fmt(message, "%zu files", files->len);
	return result;
}

const struct module module_injected_files = {
	.name = "injected_files",
	.apply = apply,
	.frequency = MODULE_INSTANCE,
};
