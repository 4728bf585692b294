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
#include "agent/modules/filepass.h"
#include "agent/modules/filewrite.h"
#include "agent/modules/rows.h"
#include "agent/network/gateway.h"
#include "lib/file_path.h"

#define FILES_MAX 2000
#define TRIES	  3
#define PAUSE_MS  3000
/* The end of the boot waits so long for a network. */
#define NETWORK_MS 60000

struct entry {
	const char *path; /* as filespec has it; "" for none */
	const char *container;
	enum filepass pass; /* that writes it, from when its turn came */
	bool done;          /* it was written together with an earlier one */
};

struct work {
	const struct module_ctx *c;
	const struct doc_node *files;
	struct filepass_ctx when;
	struct entry *entries; /* of files, FILES_MAX at most */
	size_t n_entries;
	enum filepass latest; /* of all so far */
	bool adds;            /* any entry adds to a file */
	size_t n;
};

static bool is_same_file(const struct work *w, size_t i, size_t k)
{
	return !strcmp(w->entries[i].path, w->entries[k].path) &&
	       !strcmp(w->entries[i].container, w->entries[k].container);
}

/* An entry waits for what an earlier one of its file waits for: their order counts. */
static enum filepass pass_of(struct work *w, size_t i, const struct filespec *f)
{
	enum filepass pass = filepass_of(&w->when, f);

	for (size_t k = 0; k < i && pass < w->latest; k++)
		if (w->entries[k].pass > pass && is_same_file(w, k, i))
			pass = w->entries[k].pass;
	w->entries[i].pass = pass;
	w->latest = pass > w->latest ? pass : w->latest;
	return pass;
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

static bool is_addition(const struct work *w, size_t i)
{
	return doc_bool(w->files->items[i], "append", false);
}

static bool has_owner(const struct work *w, const struct filespec *f)
{
	uid_t uid;
	gid_t gid;

	return filewrite_owner(w->c, f, &uid, &gid, NULL) == 0;
}

/* What later entries add to the same file is written with it: else each boot would write it twice.
 * As with each for itself, the last word on mode and owner counts. What is wrong with one of them
 * is told when its own turn comes. */
static void take_additions(struct work *w, size_t i, struct filespec *f)
{
	for (size_t k = i + 1; w->adds && k < w->n_entries; k++) {
		const struct doc_node *entry = w->files->items[k];
		CLEANUP(filespec_done) struct filespec more = { 0 };

		if (!is_same_file(w, i, k))
			continue;
		if (!is_addition(w, k) || doc_key(entry, "source") ||
		    !filespec_read(w->c->pool, entry, &more) ||
		    pass_of(w, k, &more) != w->when.pass || !has_owner(w, &more))
			return;
		buf_add(&f->content, buf_text(&more.content), more.content.len);
		f->mode = more.has_mode ? more.mode : f->mode;
		f->owner = more.has_owner ? more.owner : f->owner;
		w->entries[k].done = true;
		w->n++;
	}
}

static bool is_same_text(const struct doc_node *a, const struct doc_node *b)
{
	return doc_is_scalar(a) && doc_is_scalar(b) && a->len == b->len &&
	       !memcmp(a->text, b->text, a->len);
}

/* How many earlier entries add the same: each is an addition of its own. */
static unsigned count_equals(const struct work *w, size_t i)
{
	const struct doc_node *content = doc_key(w->files->items[i], "content");
	unsigned n = 0;

	for (size_t k = 0; k < i; k++)
		n += is_same_file(w, k, i) && is_addition(w, k) &&
		     is_same_text(content, doc_key(w->files->items[k], "content"));
	return n;
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
	enum filepass pass;
	int r = 0;

	if (!filespec_read(w->c->pool, entry, &f)) {
		note_unwritten(w, i);
		return w->when.pass == FILEPASS_NOW ? MODULE_FAILED : MODULE_SKIPPED;
	}
	pass = pass_of(w, i, &f);
	/* What came from a server at an earlier boot stays until it comes again. */
	if (pass == FILEPASS_LATE && !file_exists(w->c->root, f.path))
		note_unwritten(w, i);
	if (pass != w->when.pass)
		return MODULE_SKIPPED;
	w->n++;
	if (f.source)
		r = fetch(w->c, &f, &err);
	/* What a server gave at an earlier boot has its additions already. */
	if (f.append)
		f.nth = count_equals(w, i);
	else if (r == 0 || file_exists(w->c->root, f.path))
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

static void read_entries(struct work *w)
{
	for (size_t i = 0; i < w->n_entries; i++) {
		const struct doc_node *n = w->files->items[i];
		const char *container = doc_str(n, "container", ""), *path = "";
		char normal[PATH_MAX];

		if (file_path_normal(doc_str(n, "path", ""), normal))
			path = doc_strdup(w->c->pool, normal, strlen(normal));
		w->entries[i].path = path ? path : "";
		w->entries[i].container = *container ? container : "console";
		w->adds = w->adds || is_addition(w, i);
	}
}

static enum module_result write_all(const struct module_ctx *c, enum filepass pass,
				    struct buf *message)
{
	const struct doc_node *files = doc_key(c->config, "write_files");
	struct work w = { .c = c, .files = files, .when = { .c = c, .pass = pass } };
	enum module_result result = MODULE_SKIPPED;
	AUTO_FREE struct userspec *users = NULL;
	AUTO_FREE struct entry *entries = NULL;

	if (!files || files->kind != DOC_SEQ || files->len == 0)
		return MODULE_SKIPPED;
	w.n_entries = files->len < FILES_MAX ? files->len : FILES_MAX;
	w.entries = entries = calloc(w.n_entries, sizeof(*entries));
	w.when.users = users = calloc(USERSPEC_MAX, sizeof(*users));
	if (!entries || !users)
		return module_fail(c, files->origin, "write_files: no memory");
	read_entries(&w);
	w.when.n_users = userspec_list(c->pool, c->config, true, users);
	if (files->len > FILES_MAX)
		result = module_fail(c, files->origin, "these are too many files (%d at most)",
				     FILES_MAX);
	for (size_t i = FILES_MAX; i < files->len; i++)
		note_unwritten(&w, i);
	for (size_t i = 0; i < w.n_entries; i++)
		if (!w.entries[i].done)
			result = module_worse(result, write_entry(&w, i));
	if (w.n)
		buf_fmt(message, "%zu %s", w.n, w.n == 1 ? "file" : "files");
	if (w.n && !c->privileged)
		buf_str(message, "; owners skipped: not root");
	return result;
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	return write_all(c, FILEPASS_NOW, message);
}

static enum module_result apply_deferred(const struct module_ctx *c, struct buf *message)
{
	return write_all(c, FILEPASS_DEFERRED, message);
}

static enum module_result apply_late(const struct module_ctx *c, struct buf *message)
{
	struct error err = { 0 };

	if (gateway_wait(NETWORK_MS, &err) < 0)
		doc_say(c->pool, false, (struct doc_origin){ 0 }, "write_files: %s", err.msg);
	return write_all(c, FILEPASS_LATE, message);
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
