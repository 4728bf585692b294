/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries of write_files for files that others make.
 */
#include "agent/modules/written.h"

#include <stdio.h>
#include <string.h>

#include "agent/modules/filewrite.h"
#include "agent/userdata/filespec.h"
#include "lib/file_path.h"
#include "lib/scope.h"

/* Whether entry `i` gave or changed the machine's file of this path, as one that adds to it or not.
 */
static bool is_for(const struct doc_node *config, const struct buf *unwritten, size_t i,
		   const char *path, bool adds)
{
	const struct doc_node *n = doc_key(config, "write_files")->items[i];
	char number[32];

	(void)snprintf(number, sizeof(number), " %zu ", i);
	return file_path_same(doc_str(n, "path", ""), path) &&
	       doc_bool(n, "append", false) == adds &&
	       filewrite_is_machines(config, doc_str(n, "container", "console"), path) &&
	       !(unwritten && strstr(buf_text(unwritten), number));
}

static size_t count(const struct doc_node *config)
{
	const struct doc_node *files = doc_key(config, "write_files");

	return files && files->kind == DOC_SEQ ? files->len : 0;
}

bool written_is_users(const struct doc_node *config, const struct buf *unwritten, const char *path)
{
	for (size_t i = 0; i < count(config); i++)
		if (is_for(config, unwritten, i, path, false))
			return true;
	return false;
}

void written_additions(const struct doc_node *config, const struct buf *unwritten,
		       const char *path, struct buf *ret)
{
	/* What is to be said of an entry, the module has said. */
	AUTO(doc_pool_free) struct doc_pool *quiet = NULL;

	if (!count(config) || doc_pool_new(&quiet, NULL) < 0)
		return;
	for (size_t i = 0; i < count(config); i++) {
		const struct doc_node *n = doc_key(config, "write_files")->items[i];
		CLEANUP(filespec_done) struct filespec f = { 0 };

		if (is_for(config, unwritten, i, path, true) && filespec_read(quiet, n, &f) &&
		    !f.source)
			buf_add(ret, buf_text(&f.content), f.content.len);
	}
}

enum module_result written_publish(const struct module_ctx *c, const char *path, struct buf *text,
				   mode_t mode, struct buf *message)
{
	if (written_is_users(c->config, c->unwritten, path)) {
		buf_fmt(message, "%swrite_files gives %s", message->len ? "; " : "", path);
		return MODULE_SKIPPED;
	}
	written_additions(c->config, c->unwritten, path, text);
	return module_write(c, path, text, mode);
}
