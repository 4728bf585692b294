/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads NoCloud seeds, and completes them.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "datasource/seed.h"
#include "datasource/seed_http.h"
#include "lib/doc/doc.h"

/* A seed that names another, which names another: one step is enough. */
#define SOURCE "meta-data"

void seed_reset(struct datasource_payload *p)
{
	datasource_payload_done(p);
	for (int i = 0; i < DATASOURCE_N_PARTS; i++) {
		p->part[i] = BUF_WITH_LIMIT(DATASOURCE_FILE_MAX);
		p->has[i] = false;
	}
}

int seed_read(const struct media *m, struct datasource_payload *ret, struct error *err)
{
	seed_reset(ret);
	for (int i = 0; i < DATASOURCE_N_PARTS; i++) {
		int r = media_read(m, datasource_part_name(i), &ret->part[i], err);

		if (r < 0 && r != -ENOENT)
			return r;
		ret->has[i] = r == 0;
	}
	error_reset(err);
	if (!ret->has[DATASOURCE_META_DATA])
		return error_set(err, ENODATA,
				 "it holds no meta-data (put one there, it may be empty)");
	return 0;
}

/* --- seedfrom --- */

bool seed_is_remote(const char *seedfrom)
{
	return strstr(seedfrom, "://") && strncmp(seedfrom, "file://", 7) != 0;
}

static int read_path(const struct datasource_ctx *c, const char *path,
		     struct datasource_payload *ret, struct error *err)
{
	AUTO_MEDIA struct media dir = { .fd = -1 };
	AUTO_BUF struct buf full = { 0 };
	int r = nocloud_line_url(c->machine->root, path, "", &full, err);

	if (r == 0)
		r = media_open_dir(c->machine->root, buf_text(&full), &dir, err);
	return r == 0 ? seed_read(&dir, ret, err) : r;
}

int seed_fetch(const struct datasource_ctx *c, const char *seedfrom, struct datasource_payload *ret,
	       struct error *err)
{
	bool remote = seed_is_remote(seedfrom);
	const char *path = !strncmp(seedfrom, "file://", 7) ? seedfrom + 7 : seedfrom;
	int r;

	seed_reset(ret);
	(void)snprintf(ret->where, sizeof(ret->where), "%.180s", remote ? "" : path);
	r = remote ? seed_http(c, seedfrom, ret, err) : read_path(c, path, ret, err);
	return r < 0 ? error_wrap(err, r, "the seed at %s", ret->where) : 0;
}

/* --- meta-data --- */

static const struct doc_node *parse(struct doc_pool *p, const struct datasource_payload *payload)
{
	const struct buf *b = &payload->part[DATASOURCE_META_DATA];
	const struct doc_node *n = NULL;

	if (doc_yaml(p, SOURCE, buf_text(b), b->len, &n, NULL) < 0)
		return NULL;
	return n->kind == DOC_MAP || n->kind == DOC_NULL ? n : NULL;
}

static int write_meta(const struct doc_node *meta, struct datasource_payload *p, struct error *err)
{
	struct buf *b = &p->part[DATASOURCE_META_DATA];

	if (!meta)
		return error_set(err, ENOMEM, "no memory for the meta-data");
	buf_reset(b);
	doc_json_write(meta, b);
	p->has[DATASOURCE_META_DATA] = true;
	return buf_check(b, err);
}

static const struct doc_node *with(struct doc_pool *p, const struct doc_node *meta, const char *key,
				   const char *value)
{
	if (!meta || !value[0])
		return meta;
	return doc_with(p, meta->kind == DOC_MAP ? meta : NULL, key, doc_new_str(p, SOURCE, value));
}

/* Parts that were found there take the place of ours, but for meta-data, where our keys win. */
static int follow(const struct datasource_ctx *c, const char *seedfrom, struct doc_pool *pool,
		  const struct doc_node **meta, struct datasource_payload *p, struct error *err)
{
	AUTO_PAYLOAD struct datasource_payload there = { 0 };
	const struct doc_node *base;
	int r = seed_fetch(c, seedfrom, &there, err);

	if (r < 0)
		return r;
	for (int i = 0; i < DATASOURCE_N_PARTS; i++) {
		if (i == DATASOURCE_META_DATA || !there.has[i])
			continue;
		buf_done(&p->part[i]);
		p->part[i] = there.part[i];
		p->has[i] = true;
		there.part[i] = (struct buf){ 0 };
	}
	base = parse(pool, &there);
	if (base && base->kind == DOC_MAP)
		*meta = (*meta)->kind == DOC_MAP ? doc_merge(pool, base, *meta) : base;
	(void)snprintf(p->where, sizeof(p->where), "%s", there.where);
	return *meta ? 0 : error_set(err, ENOMEM, "no memory for the meta-data");
}

static int take_eni(const struct doc_node *meta, struct datasource_payload *p, struct error *err)
{
	const char *eni = doc_str(doc_key(meta, "network-interfaces"), "", NULL);
	struct buf *b = &p->part[DATASOURCE_NETWORK_CONFIG];

	if (!eni || !*eni || p->has[DATASOURCE_NETWORK_CONFIG])
		return 0;
	buf_str(b, eni);
	p->has[DATASOURCE_NETWORK_CONFIG] = true;
	return buf_check(b, err);
}

int seed_finish(const struct datasource_ctx *c, const struct nocloud_line *line,
		struct datasource_payload *p, struct error *err)
{
	static const struct nocloud_line nothing = { 0 };
	AUTO(doc_pool_free) struct doc_pool *pool = NULL;
	const struct doc_node *meta, *before;
	const char *seedfrom;
	int r = doc_pool_new(&pool, err);

	if (!line)
		line = &nothing;
	before = meta = r == 0 ? parse(pool, p) : NULL;
	if (!meta)
		return r;
	seedfrom = doc_str(doc_key(meta, "seedfrom"), "", NULL);
	if (seedfrom && *seedfrom)
		r = follow(c, seedfrom, pool, &meta, p, err);
	if (r < 0)
		return r;
	if (!strcmp(doc_str(doc_key(meta, "dsmode"), "", ""), "disabled"))
		return error_set(err, ENODATA, "its meta-data says dsmode: disabled");
	meta = with(pool, meta, "instance-id", line->id);
	meta = with(pool, meta, "local-hostname", line->hostname);
	r = take_eni(meta, p, err);
	/* Bytes that need no change stay as they were written. */
	return r == 0 && meta != before ? write_meta(meta, p, err) : r;
}
