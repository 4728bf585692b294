/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merges the parts of user-data, in their order, into one document.
 */
#include "agent/userdata/assemble.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/userdata/userdata.h"
#include "lib/doc/merger.h"
#include "lib/doc/patch.h"
#include "lib/doc/tree.h"

/* Lines that a patch is moved down, so that its places are those of the file. */
#define MOVED_MAX 10000

struct assembly {
	const struct unpack_input *in;
	const struct doc_node *config; /* so far */
	size_t n_documents;
	size_t values; /* of all documents, also those that others replaced */
	bool plain;    /* nothing but the first document's own lines is in it */
};

static struct doc_origin start_of(const struct unpack_part *part)
{
	return (struct doc_origin){ part->source, part->place.first, 1 };
}

/* Leave a part out, for the reason in err. */
static void refuse(struct assembly *a, struct unpack_part *part, const struct error *err)
{
	doc_say_error(a->in->pool, part->source, err);
	part->type = UNPACK_IGNORED;
}

static void refuse_here(struct assembly *a, struct unpack_part *part, const struct error *err)
{
	doc_say(a->in->pool, true, start_of(part), "%s: this part is left out", err->msg);
	part->type = UNPACK_IGNORED;
}

/* The part's own rule, then its header's; and the document without the rule. */
static int read_rules(struct assembly *a, const struct unpack_part *part,
		      const struct doc_node **doc, struct merger *ret, struct error *err)
{
	static const char *const keys[] = { "merge_how", "merge_type" };
	struct merger m = { 0 };
	bool given = false;
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const struct doc_node *how = doc_key(*doc, keys[i]);

		if (!how)
			continue;
		a->plain = false;
		*doc = doc_without(a->in->pool, *doc, keys[i]);
		if (given || how->kind == DOC_NULL)
			continue;
		given = true;
		r = merger_read(&m, how, err);
		if (r < 0)
			return error_wrap(err, r, "%s", keys[i]);
	}
	if (part->merge)
		r = merger_read_text(&m, part->merge, err);
	if (r < 0)
		return error_wrap(err, r, "the header Merge-Type");
	*ret = given || part->merge ? m : merger_default();
	return 0;
}

/* launch-index in a document is as the header: one index, or a list. */
static bool is_wanted(const struct assembly *a, const struct doc_node *doc)
{
	const struct doc_node *wanted = doc_key(doc, "launch-index");
	int64_t index = a->in->vars ? a->in->vars->launch_index : -1;

	if (!wanted || index < 0)
		return true;
	for (size_t i = 0; wanted->kind == DOC_SEQ && i < wanted->len; i++)
		if (doc_int(wanted->items[i], "", -1) == index)
			return true;
	return wanted->kind != DOC_SEQ && doc_int(wanted, "", index) == index;
}

/* The part's document; false when there is none, which is said. */
static bool read_document(struct assembly *a, struct unpack_part *part, const struct doc_node **ret)
{
	struct error err = { 0 };

	if (a->values <= DOC_NODES && userdata_document_at(a->in->pool, part->source, part->place,
							   part->text, part->len, ret, &err) < 0) {
		refuse(a, part, &err);
		return false;
	}
	a->values += *ret ? merger_weigh(*ret) : 0;
	if (a->values <= DOC_NODES)
		return true;
	(void)error_set(&err, E2BIG, "the parts have more than %d values", DOC_NODES);
	refuse_here(a, part, &err);
	return false;
}

static void add_config(struct assembly *a, struct unpack_part *part)
{
	const struct doc_node *doc = NULL, *joined = NULL;
	struct merger m;
	struct error err = { 0 };

	if (!read_document(a, part, &doc))
		return;
	if (!is_wanted(a, doc)) {
		part->type = UNPACK_IGNORED;
		return;
	}
	if (read_rules(a, part, &doc, &m, &err) < 0) {
		refuse_here(a, part, &err);
		return;
	}
	if (!m.dict.given && a->config->len)
		doc_say(a->in->pool, false, start_of(part),
			"the merge rule has no dict(): this part changes nothing");
	if (merger_apply(a->in->pool, &m, a->config, doc, &joined, &err) < 0) {
		refuse(a, part, &err);
		return;
	}
	a->config = joined;
	part->doc = doc;
	a->n_documents++;
}

/* rancher.services, which other parts may add to. */
static void add_compose(struct assembly *a, struct unpack_part *part)
{
	const struct doc_node *doc = NULL;

	if (!read_document(a, part, &doc))
		return;
	part->doc = doc;
	a->config = a->n_documents ? doc_merge(a->in->pool, a->config, doc) : doc;
	a->n_documents++;
}

/* The text with the marker blanked, and moved down to its line. */
static const char *patch_text(struct doc_pool *p, const struct unpack_part *part, size_t *ret_len)
{
	unsigned lines = part->place.first - 1;
	size_t marker = strspn(part->text, " \t\n");
	char *text;

	if (lines > MOVED_MAX)
		lines = 0;
	text = doc_alloc(p, lines + part->len + 1);
	if (!text)
		return NULL;
	memset(text, '\n', lines);
	memcpy(text + lines, part->text, part->len + 1);
	if (part->text[marker] == '#')
		for (char *s = text + lines + marker; *s > ' '; s++)
			*s = ' ';
	*ret_len = lines + part->len;
	return text;
}

static void add_patch(struct assembly *a, struct unpack_part *part)
{
	const struct doc_node *list = NULL, *patched = NULL;
	struct error err = { 0 };
	size_t len = 0;
	const char *text = patch_text(a->in->pool, part, &len);
	int r = text ? doc_json_parse(a->in->pool, part->source, text, len, &list, &err)
		     : error_set(&err, ENOMEM, "no memory for the patch");

	if (r == 0)
		r = patch_apply(a->in->pool, a->config, list, &patched, &err);
	if (r < 0) {
		refuse(a, part, &err);
		return;
	}
	a->config = patched;
	a->plain = false;
	a->n_documents++;
}

static bool is_document(const struct unpack_part *part)
{
	return part->type == UNPACK_CONFIG || part->type == UNPACK_COMPOSE;
}

static bool has_errors(const struct doc_pool *p, size_t from)
{
	size_t n;
	const struct doc_message *m = doc_messages(p, &n);

	for (size_t i = from; i < n; i++)
		if (m[i].is_error)
			return true;
	return false;
}

void assemble_one(const struct unpack_input *in, struct assembled *ret)
{
	struct assembly a = { .in = in, .plain = true };
	size_t before;

	*ret = (struct assembled){ 0 };
	(void)doc_messages(in->pool, &before);
	unpack_all(in, &ret->parts);
	a.config = tree_map(in->pool, (struct doc_origin){ .source = in->source }, NULL, 0, 0);
	for (size_t i = 0; a.config && i < ret->parts.n; i++) {
		struct unpack_part *part = &ret->parts.list[i];

		if (part->type == UNPACK_CONFIG)
			add_config(&a, part);
		else if (part->type == UNPACK_COMPOSE)
			add_compose(&a, part);
		else if (part->type == UNPACK_PATCH)
			add_patch(&a, part);
		if (is_document(part))
			ret->only = part;
	}
	ret->failed = has_errors(in->pool, before);
	if (a.n_documents)
		ret->config = a.config;
	if (a.n_documents != 1 || !a.plain)
		ret->only = NULL;
}

bool assemble_wants_vendor(const struct doc_node *user)
{
	return doc_bool(doc_key(user, "vendor_data"), "enabled", true);
}

const struct doc_node *assemble_layers(struct doc_pool *p, const struct doc_node *vendor,
				       const struct doc_node *user)
{
	if (!vendor && !user)
		return tree_map(p, (struct doc_origin){ 0 }, NULL, 0, 0);
	return doc_merge(p, vendor, user);
}
