/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gathers the texts of vendor data.
 */
#include "datasource/openstack_vendor.h"

#define TEXTS_MAX 64

struct texts {
	const struct doc_node *item[TEXTS_MAX];
	size_t n;
};

static void add(struct texts *t, const struct doc_node *n)
{
	if (t->n < TEXTS_MAX && n->kind == DOC_STR && n->len)
		t->item[t->n++] = n;
}

static void add_all(struct texts *t, const struct doc_node *n)
{
	if (!n)
		return;
	if (n->kind == DOC_MAP)
		n = doc_key(n, "cloud-init");
	if (n && n->kind == DOC_STR)
		add(t, n);
	for (size_t i = 0; n && n->kind == DOC_SEQ && i < n->len; i++)
		add(t, n->items[i]);
}

static void read_text(struct doc_pool *p, const char *name, const struct buf *b, struct texts *t)
{
	const struct doc_node *n = NULL;
	struct error err = { 0 };

	if (!b || !b->len)
		return;
	if (doc_json_parse(p, name, buf_text(b), b->len, &n, &err) < 0)
		doc_say_error(p, name, &err);
	else
		add_all(t, n);
}

bool openstack_vendor_text(struct doc_pool *p, const struct buf *first, const struct buf *second,
			   struct buf *ret)
{
	struct texts t = { .n = 0 };
	const struct doc_node *list;

	read_text(p, "vendor_data.json", first, &t);
	read_text(p, "vendor_data2.json", second, &t);
	if (t.n == 0)
		return false;
	if (t.n == 1) {
		buf_add(ret, t.item[0]->text, t.item[0]->len);
		return true;
	}
	list = doc_new_seq(p, "vendor_data.json", t.item, t.n);
	if (!list)
		return false;
	buf_str(ret, "#cloud-config-archive\n");
	doc_json_write(list, ret);
	return true;
}
