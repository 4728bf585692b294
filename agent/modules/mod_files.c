/* SPDX-License-Identifier: Apache-2.0 */
/*
 * write_files: at every boot, and only what differs is written. Three times: at once; those of
 * users that are yet to be made, and those with defer, when users are there; those that come from a
 * server when the network is up, at the end of the boot.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/modules/ask.h"
#include "agent/modules/filewrite.h"
#include "agent/modules/rows.h"
#include "agent/modules/userspec.h"
#include "agent/network/gateway.h"

#define FILES_MAX 2000
#define TRIES	  3
#define PAUSE_MS  3000
/* The end of the boot waits so long for a network. */
#define NETWORK_MS 60000

enum pass { PASS_NOW, PASS_DEFERRED, PASS_LATE };

struct work {
	const struct module_ctx *c;
	const struct doc_node *files;
	bool *done; /* of each entry: it was written together with an earlier one */
	enum pass pass;
	struct userspec *users; /* those that the configuration makes */
	size_t n_users;
	bool adds; /* any entry adds to a file */
	size_t n;
};

/* While the machine boots there is no network yet. */
static bool is_offline(const struct module_ctx *c)
{
	return c->boot && gateway_wait(0, NULL) < 0;
}

static bool is_group_word(const struct doc_node *n, const char *name, size_t len)
{
	const char *s = module_text(n);

	for (; s && *s; s += strcspn(s, ", "), s += strspn(s, ", "))
		if (strcspn(s, ", ") == len && !strncmp(s, name, len))
			return true;
	for (size_t i = 0; n->kind == DOC_MAP && i < n->len; i++)
		if (strlen(n->pairs[i].key) == len && !strncmp(n->pairs[i].key, name, len))
			return true;
	return false;
}

/* A user or a group that the configuration makes, after the first files are written. The image has
 * the default user already; `user` may make another one take his place. */
static bool is_new_name(const struct work *w, const char *name, size_t len)
{
	const struct doc_node *const *items;
	const struct doc_node *one;
	size_t n;

	for (size_t i = 0; i < w->n_users; i++)
		if (strlen(w->users[i].name) == len && !strncmp(w->users[i].name, name, len))
			return strcmp(w->users[i].name, USERSPEC_DEFAULT) != 0;
	items = module_items(doc_key(w->c->config, "groups"), &one, &n);
	for (size_t i = 0; i < n; i++)
		if (is_group_word(items[i], name, len))
			return true;
	return false;
}

static enum pass pass_of(const struct work *w, const struct filespec *f)
{
	size_t user = strcspn(f->owner, ":");
	const char *group = f->owner[user] ? f->owner + user + 1 : "";

	if (f->source && (w->pass == PASS_LATE || is_offline(w->c)))
		return PASS_LATE;
	if (f->defer || is_new_name(w, f->owner, user) || is_new_name(w, group, strlen(group)))
		return PASS_DEFERRED;
	return PASS_NOW;
}

/* The content of a server; what was written beside it when that does not answer. */
static int fetch(const struct module_ctx *c, struct filespec *f, struct error *err)
{
	const struct doc_node *uri = doc_key(f->source, "uri");
	struct buf reply = BUF_WITH_LIMIT(FILESPEC_MAX);
	const struct ask_request req = { .url = uri->text,
					 .at = uri->origin,
					 .headers = doc_key(f->source, "headers"),
					 .tries = TRIES,
					 .pause_ms = PAUSE_MS,
					 .max_bytes = FILESPEC_MAX,
					 .reply = &reply };
	int r = ask_do(c, &req, err);

	if (r == 0) {
		buf_done(&f->content);
		f->content = reply;
		return 0;
	}
	buf_done(&reply);
	if (!f->has_content)
		return r;
	doc_say(c->pool, false, uri->origin, "%s: its content is written instead", err->msg);
	error_reset(err);
	return 0;
}

static bool has_path(const struct doc_node *entry, const char *path)
{
	const struct doc_node *n = doc_key(entry, "path");

	return doc_is_scalar(n) && !strcmp(n->text, path);
}

/* What later entries add to the same file is written with it: else each boot would write it twice.
 */
static void take_additions(struct work *w, size_t i, struct filespec *f)
{
	const char *path = doc_str(w->files->items[i], "path", "");

	for (size_t k = i + 1; w->adds && k < w->files->len && k < FILES_MAX; k++) {
		const struct doc_node *entry = w->files->items[k];
		CLEANUP(filespec_done) struct filespec more = { 0 };

		if (!has_path(entry, path))
			continue;
		if (!doc_bool(entry, "append", false) || doc_key(entry, "source") ||
		    !filespec_read(w->c->pool, entry, &more) || pass_of(w, &more) != w->pass ||
		    strcmp(more.container, f->container))
			return;
		buf_add(&f->content, buf_text(&more.content), more.content.len);
		w->done[k] = true;
		w->n++;
	}
}

/* The machine's own file may stand where this entry's would. */
static void note_unwritten(const struct work *w, size_t i)
{
	if (w->c->unwritten)
		buf_fmt(w->c->unwritten, " %zu ", i);
}

static enum module_result write_entry(struct work *w, size_t i)
{
	const struct doc_node *entry = w->files->items[i];
	CLEANUP(filespec_done) struct filespec f;
	struct error err = { 0 };
	bool changed = false;
	enum pass pass;
	int r = 0;

	if (!filespec_read(w->c->pool, entry, &f)) {
		note_unwritten(w, i);
		return w->pass == PASS_NOW ? MODULE_FAILED : MODULE_SKIPPED;
	}
	pass = pass_of(w, &f);
	/* What came from a server at an earlier boot stays until it comes again. */
	if (pass == PASS_LATE && !file_exists(w->c->root, f.path))
		note_unwritten(w, i);
	if (pass != w->pass)
		return MODULE_SKIPPED;
	w->n++;
	if (f.source)
		r = fetch(w->c, &f, &err);
	if (r == 0 && !f.append)
		take_additions(w, i, &f);
	if (r == 0)
		r = filewrite_do(w->c, &f, &changed, &err);
	if (r < 0) {
		if (!f.source || !file_exists(w->c->root, f.path))
			note_unwritten(w, i);
		return module_fail(w->c, entry->origin, "%s: %s", f.path, err.msg);
	}
	return module_changed(changed);
}

static enum module_result write_all(const struct module_ctx *c, enum pass pass, struct buf *message)
{
	const struct doc_node *files = doc_key(c->config, "write_files");
	struct work w = { .c = c, .files = files, .pass = pass };
	enum module_result result = MODULE_SKIPPED;
	AUTO_FREE struct userspec *users = NULL;
	AUTO_FREE bool *done = NULL;

	if (!files || files->kind != DOC_SEQ || files->len == 0)
		return MODULE_SKIPPED;
	w.done = done = calloc(files->len, sizeof(*w.done));
	w.users = users = calloc(USERSPEC_MAX, sizeof(*users));
	if (!done || !users)
		return module_fail(c, files->origin, "write_files: no memory");
	for (size_t i = 0; i < files->len && i < FILES_MAX; i++)
		w.adds = w.adds || doc_bool(files->items[i], "append", false);
	w.n_users = userspec_list(c->pool, c->config, true, users);
	if (files->len > FILES_MAX)
		result = module_fail(c, files->origin, "these are too many files (%d at most)",
				     FILES_MAX);
	for (size_t i = FILES_MAX; i < files->len; i++)
		note_unwritten(&w, i);
	for (size_t i = 0; i < files->len && i < FILES_MAX; i++)
		if (!w.done[i])
			result = module_worse(result, write_entry(&w, i));
	if (w.n)
		buf_fmt(message, "%zu %s", w.n, w.n == 1 ? "file" : "files");
	if (w.n && !c->privileged)
		buf_str(message, "; owners skipped: not root");
	return result;
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	return write_all(c, PASS_NOW, message);
}

static enum module_result apply_deferred(const struct module_ctx *c, struct buf *message)
{
	return write_all(c, PASS_DEFERRED, message);
}

static enum module_result apply_late(const struct module_ctx *c, struct buf *message)
{
	struct error err = { 0 };

	if (gateway_wait(NETWORK_MS, &err) < 0)
		doc_say(c->pool, false, (struct doc_origin){ 0 }, "write_files: %s", err.msg);
	return write_all(c, PASS_LATE, message);
}

static bool is_late(const struct module_ctx *c)
{
	const struct doc_node *files = doc_key(c->config, "write_files");

	for (size_t i = 0; files && files->kind == DOC_SEQ && i < files->len; i++)
		if (doc_key(files->items[i], "source"))
			return true;
	return false;
}

const struct module module_write_files = {
	.name = "write_files",
	.apply = apply,
	.keys = { "write_files" },
};

const struct module module_write_files_deferred = {
	.name = "write_files_deferred",
	.apply = apply_deferred,
	.keys = { "write_files" },
};

const struct module module_write_files_late = {
	.name = "write_files_late",
	.apply = apply_late,
	.at_end = true,
	.wanted = is_late,
	.keys = { "write_files" },
};
