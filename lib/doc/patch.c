/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each operation makes a new tree that shares what it did not touch.
 */
#include "lib/doc/patch.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "lib/doc/merger.h"
#include "lib/doc/tree.h"

/* Operations beyond this are refused: each may copy a map or a list of 100 000 entries. */
#define OPERATIONS_MAX 1000
/* Together they copy no more entries than this. */
#define COPIES_MAX 2000000
#define KEY_MAX	   256

struct patcher {
	struct doc_pool *p;
	const struct doc_node *op; /* for messages */
	size_t copies;
	struct error *err;
};

enum change { CHANGE_ADD, CHANGE_REPLACE, CHANGE_REMOVE };

static int refuse(struct patcher *c, const char *what, const char *detail)
{
	struct doc_origin at = c->op->origin;

	return error_set(c->err, EBADMSG, "%s:%u:%u: %s%s%.100s", at.source ? at.source : "",
			 at.line, at.column, what, detail ? " " : "", detail ? detail : "");
}

static int no_memory(struct patcher *c)
{
	return refuse(c, "the patched configuration is too large", NULL);
}

/* One step of a JSON pointer, "~1" and "~0" decoded; *at moves to the next "/" or the end. */
static int next_key(struct patcher *c, const char **at, char key[KEY_MAX])
{
	size_t n = 0;
	const char *s = *at + 1;

	for (; *s && *s != '/'; s++) {
		char ch = *s;

		if (ch == '~' && s[1] != '0' && s[1] != '1')
			return refuse(c, "\"~\" in a path is written ~0:", *at);
		if (ch == '~')
			ch = *++s == '0' ? '~' : '/';
		if (n == KEY_MAX - 1)
			return refuse(c, "a path with a very long key:", *at);
		key[n++] = ch;
	}
	key[n] = '\0';
	*at = s;
	return 0;
}

/* An index of a list of `len` items, "-" for its end; SIZE_MAX when it is none. */
static size_t index_of(const char *key, size_t len)
{
	size_t index = 0;

	if (!strcmp(key, "-"))
		return len;
	if (!*key || (key[0] == '0' && key[1]) || strlen(key) > 8)
		return SIZE_MAX;
	for (; *key; key++) {
		if (!isdigit((unsigned char)*key))
			return SIZE_MAX;
		index = index * 10 + (size_t)(*key - '0');
	}
	return index;
}

static int count_copies(struct patcher *c, size_t n)
{
	c->copies += n;
	return c->copies > COPIES_MAX ? refuse(c, "this patch is too much work", NULL) : 0;
}

static int find(struct patcher *c, const struct doc_node *n, const char *path,
		const struct doc_node **ret)
{
	char key[KEY_MAX];

	if (*path && *path != '/')
		return refuse(c, "a path begins with \"/\":", path);
	for (const char *at = path; *at && n;) {
		int r = next_key(c, &at, key);

		if (r < 0)
			return r;
		if (n->kind == DOC_SEQ) {
			size_t index = index_of(key, n->len);

			n = index < n->len ? n->items[index] : NULL;
		} else {
			n = doc_key(n, key);
		}
	}
	if (!n)
		return refuse(c, "there is nothing at", path);
	*ret = n;
	return 0;
}

/* A change at a place: walks down `at`, and builds anew on the way back. */
struct edit {
	enum change change;
	const char *path; /* all of it, for messages */
	const char *at;	  /* what is left of it */
	const struct doc_node *val;
};

static int edit(struct patcher *c, const struct doc_node *n, struct edit e,
		const struct doc_node **ret);

static int edit_map(struct patcher *c, const struct doc_node *n, const struct edit *e,
		    const char *key, const struct doc_node **ret)
{
	AUTO_PAIRS struct tree_pairs pairs = { 0 };
	const struct doc_node *old = doc_key(n, key), *val = NULL;
	bool last = !*e->at;
	int r = count_copies(c, n->len);

	if (r == 0 && !old && (!last || e->change != CHANGE_ADD))
		return refuse(c, "there is nothing at", e->path);
	if (r == 0 && !last)
		r = edit(c, old, *e, &val);
	else if (e->change != CHANGE_REMOVE)
		val = e->val;
	for (size_t i = 0; r == 0 && i < n->len; i++) {
		struct doc_pair pair = n->pairs[i];

		if (pair.val == old && !strcmp(pair.key, key)) {
			if (!val)
				continue;
			pair.val = val;
			pair.origin = val->origin;
		}
		r = tree_pairs_add(&pairs, &pair);
	}
	if (r == 0 && !old) {
		struct doc_pair pair = { doc_strdup(c->p, key, strlen(key)), val->origin, val };

		r = pair.key ? tree_pairs_add(&pairs, &pair) : -ENOMEM;
	}
	if (r < 0)
		return r == -ENOMEM ? no_memory(c) : r;
	*ret = tree_map(c->p, n->origin, pairs.data, pairs.n, pairs.n);
	return *ret ? 0 : no_memory(c);
}

static int edit_list(struct patcher *c, const struct doc_node *n, const struct edit *e,
		     const char *key, const struct doc_node **ret)
{
	AUTO_ITEMS struct tree_items items = { 0 };
	size_t index = index_of(key, n->len);
	bool last = !*e->at, insert = last && e->change == CHANGE_ADD;
	int r = count_copies(c, n->len);

	if (r == 0 && (index > n->len || (index == n->len && !insert)))
		return refuse(c, "there is nothing at", e->path);
	for (size_t i = 0; r == 0 && i <= n->len; i++) {
		const struct doc_node *val = i < n->len ? n->items[i] : NULL;

		if (i == index && insert)
			r = tree_items_add(&items, e->val);
		else if (i == index && last)
			val = e->change == CHANGE_REPLACE ? e->val : NULL;
		else if (i == index)
			r = edit(c, val, *e, &val);
		if (r == 0 && val)
			r = tree_items_add(&items, val);
	}
	if (r < 0)
		return r == -ENOMEM ? no_memory(c) : r;
	*ret = tree_seq(c->p, n->origin, items.data, items.n);
	return *ret ? 0 : no_memory(c);
}

static int edit(struct patcher *c, const struct doc_node *n, struct edit e,
		const struct doc_node **ret)
{
	char key[KEY_MAX];
	int r;

	if (!*e.at) {
		if (e.change == CHANGE_REMOVE)
			return refuse(c, "the whole configuration cannot be removed", NULL);
		*ret = e.val;
		return 0;
	}
	if (*e.at != '/')
		return refuse(c, "a path begins with \"/\":", e.path);
	r = next_key(c, &e.at, key);
	if (r < 0)
		return r;
	if (n->kind == DOC_MAP)
		return edit_map(c, n, &e, key, ret);
	if (n->kind == DOC_SEQ)
		return edit_list(c, n, &e, key, ret);
	return refuse(c, "there is nothing at", e.path);
}

static int change(struct patcher *c, const struct doc_node **doc, enum change how, const char *path,
		  const struct doc_node *val)
{
	return edit(c, *doc, (struct edit){ how, path, path, val }, doc);
}

static bool is_equal(const struct doc_node *a, const struct doc_node *b);

static bool is_equal_map(const struct doc_node *a, const struct doc_node *b)
{
	AUTO_INDEX struct tree_index ix = { 0 };

	if (tree_index_init(&ix, b) < 0)
		return false;
	for (size_t i = 0; i < a->len; i++) {
		const struct doc_pair *other = tree_index_find(&ix, a->pairs[i].key);

		if (!other || !is_equal(a->pairs[i].val, other->val))
			return false;
	}
	return true;
}

/* Equal as JSON: numbers by value, maps in any order. */
static bool is_equal(const struct doc_node *a, const struct doc_node *b)
{
	if (a->kind != b->kind)
		return false;
	if (a->kind == DOC_NULL)
		return true;
	if (a->kind == DOC_BOOL)
		return a->boolean == b->boolean;
	if (a->kind == DOC_INT)
		return a->integer == b->integer;
	if (a->len != b->len)
		return false;
	if (a->kind == DOC_MAP)
		return is_equal_map(a, b);
	for (size_t i = 0; a->kind == DOC_SEQ && i < a->len; i++)
		if (!is_equal(a->items[i], b->items[i]))
			return false;
	return a->kind == DOC_SEQ || !memcmp(a->text, b->text, a->len);
}

static int test(struct patcher *c, const struct doc_node *doc, const char *path,
		const struct doc_node *val)
{
	const struct doc_node *n = NULL;
	int r = find(c, doc, path, &n);

	if (r < 0)
		return r;
	return is_equal(n, val) ? 0 : refuse(c, "the test of this value failed:", path);
}

/* "move" and "copy" */
static int bring(struct patcher *c, const struct doc_node **doc, const char *path, bool move)
{
	const char *from = doc_str(c->op, "from", NULL);
	const struct doc_node *val = NULL;
	size_t len;
	int r;

	if (!from)
		return refuse(c, "\"from\" is missing", NULL);
	len = strlen(from);
	if (move && !strncmp(path, from, len) && path[len] == '/')
		return refuse(c, "a value cannot be moved into itself:", from);
	r = find(c, *doc, from, &val);
	if (r == 0 && move)
		r = change(c, doc, CHANGE_REMOVE, from, NULL);
	return r < 0 ? r : change(c, doc, CHANGE_ADD, path, val);
}

static int operate(struct patcher *c, const struct doc_node **doc)
{
	const char *op = doc_str(c->op, "op", ""), *path = doc_str(c->op, "path", NULL);
	const struct doc_node *val = doc_key(c->op, "value");

	if (c->op->kind != DOC_MAP || !path)
		return refuse(c, "an operation needs \"op\" and \"path\"", NULL);
	if (!strcmp(op, "remove"))
		return change(c, doc, CHANGE_REMOVE, path, NULL);
	if (!strcmp(op, "move") || !strcmp(op, "copy"))
		return bring(c, doc, path, !strcmp(op, "move"));
	if (strcmp(op, "add") != 0 && strcmp(op, "replace") != 0 && strcmp(op, "test") != 0)
		return refuse(c, "there is no such operation:", op);
	if (!val)
		return refuse(c, "\"value\" is missing", NULL);
	if (!strcmp(op, "test"))
		return test(c, *doc, path, val);
	return change(c, doc, !strcmp(op, "add") ? CHANGE_ADD : CHANGE_REPLACE, path, val);
}

int patch_apply(struct doc_pool *p, const struct doc_node *base, const struct doc_node *list,
		const struct doc_node **ret, struct error *err)
{
	struct patcher c = { .p = p, .op = list, .err = err };
	const struct doc_node *doc = base;
	int r = 0;

	if (list->kind != DOC_SEQ)
		return refuse(&c, "a patch is a list of operations", NULL);
	if (list->len > OPERATIONS_MAX)
		return refuse(&c, "a patch of more than 1000 operations", NULL);
	for (size_t i = 0; r == 0 && i < list->len; i++) {
		c.op = list->items[i];
		r = operate(&c, &doc);
		/* Copies of copies double with each operation. */
		if (r == 0)
			r = count_copies(&c, merger_weigh(doc));
		if (r == 0 && merger_weigh(doc) > DOC_NODES)
			r = no_memory(&c);
	}
	if (r < 0)
		return r;
	if (doc->kind != DOC_MAP)
		return refuse(&c, "the patch leaves no lines of \"key: value\"", NULL);
	*ret = doc;
	return 0;
}
