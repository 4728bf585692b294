/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes the specification of the configuration, and puts the last one back.
 */
#include "agent/network/respec.h"

#include <errno.h>
#include <string.h>

#include "agent/config/config.h"
#include "agent/config/config_own.h"
#include "agent/message.h"
#include "agent/network/spec.h"
#include "lib/file_remove.h"

/* What the configuration says now; NULL after a failure. */
static const struct doc_node *make(int root, struct doc_pool *p, struct error *err)
{
	const struct doc_node *config = NULL, *doc = NULL;

	if (config_load(root, p, &config, err) < 0)
		return NULL;
	doc = spec_make(p, config, spec_is_named(root, p, config));
	if (!doc)
		(void)error_set(err, ENOMEM, "no memory for the network");
	return doc;
}

int network_spec_remake(int root, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct doc_node *doc;
	int64_t id;
	int r = doc_pool_new(&p, err);

	if (r < 0)
		return r;
	doc = make(root, p, err);
	return doc ? spec_publish(root, p, doc, 0, NULL, &id, err) : -err->code;
}

static bool same(const struct doc_node *a, const struct doc_node *b)
{
	AUTO_BUF struct buf one = BUF_WITH_LIMIT(DOC_SIZE), other = BUF_WITH_LIMIT(DOC_SIZE);

	if (!a || !b)
		return a == b;
	doc_json_write(a, &one);
	doc_json_write(b, &other);
	return !strcmp(buf_text(&one), buf_text(&other));
}

/* What others have stored since the change is not ours to take away. */
static int store_again(int root, struct doc_pool *p, const struct doc_node *before,
		       struct error *err)
{
	const struct doc_node *own = NULL, *now, *old = doc_key(before, "stored");
	struct spec change;
	int r = spec_load(root, p, SPEC_PATH, &change, err);

	if (r < 0)
		return r;
	/* Without the file nothing was stored. */
	if (config_read_layer(root, p, CONFIG_OWN, &own, NULL) < 0)
		return 0;
	now = doc_at(own, SPEC_STORED);
	if (!same(now, doc_key(change.doc, "stored")) || same(now, old))
		return 0;
	return config_own_replace(root, SPEC_STORED, old, err);
}

/* Whether the configuration says what is in force again. */
static bool is_settled(int root, struct doc_pool *p)
{
	const struct doc_node *doc = make(root, p, NULL);

	return doc && spec_is_current(root, p, doc);
}

int network_spec_go_back(int root, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct error stored = { 0 };
	struct spec s;
	int64_t id;
	int r = doc_pool_new(&p, err);

	if (r == 0)
		r = spec_load(root, p, SPEC_BEFORE, &s, err);
	if (r < 0)
		return r;
	/* A full disk does not keep the network from going back. */
	if (store_again(root, p, s.doc, &stored) < 0)
		message_say(JOURNAL_WARNING, "network", "network: %s", stored.msg);
	r = spec_publish(root, p, s.doc, 0, NULL, &id, err);
	if (r == 0)
		r = file_remove(root, SPEC_BEFORE, NULL, err);
	return r < 0 ? r : is_settled(root, p);
}

void network_spec_settled(int root)
{
	(void)!file_remove(root, SPEC_BEFORE, NULL, NULL);
}
