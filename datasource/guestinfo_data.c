/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads guestinfo. cloud-init's keys come first; what they leave open, RancherOS' and CoreOS' fill.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "datasource/guestinfo_data.h"
#include "datasource/guestinfo_net.h"
#include "datasource/user_url.h"

#define SOURCE "metadata"

/* --- cloud-init's keys --- */

/* The value of KEY as a part, decoded as ENCODING says; -ENODATA when there is none. Metadata must
 * decode, since the keys are in them. Anything else costs itself alone: it stays as far as it could
 * be undone, for the agent to take or to refuse. */
static int take_value(const struct guestinfo *g, struct doc_pool *p, const char *key,
		      const char *encoding, enum datasource_part part,
		      struct datasource_payload *ret, struct error *err)
{
	int r = guestinfo_get(g, key, &ret->part[part], err);
	struct error e = { 0 };
	int decoded;

	if (r < 0 && r != -ENODATA)
		return error_wrap(err, r, "guestinfo.%s", key);
	/* An encoding that is wrong is a mistake even where it has nothing to undo. */
	decoded = guestinfo_decode(guestinfo_text(g, p, encoding), &ret->part[part], &e);
	if (decoded < 0 && r == 0 && part == DATASOURCE_META_DATA)
		return error_set(err, -decoded, "guestinfo.%s: %s", key, e.msg);
	if (decoded < 0)
		datasource_warn(ret, "guestinfo.%s: %s", key, e.msg);
	ret->has[part] = r == 0;
	return r;
}

static int take_part(const struct guestinfo *g, struct doc_pool *p, const char *key,
		     enum datasource_part part, struct datasource_payload *ret, struct error *err)
{
	char encoding[GUESTINFO_KEY];
	int r;

	(void)snprintf(encoding, sizeof(encoding), "%.64s.encoding", key);
	r = take_value(g, p, key, encoding, part, ret, err);
	return r == -ENODATA ? 0 : r;
}

/* `network` in the metadata: a map, or text under `network.encoding`. */
static int take_network(const struct doc_node *meta, struct datasource_payload *ret,
			struct error *err)
{
	const struct doc_node *n = doc_key(meta, "network");
	const struct doc_node *encoding = doc_key(meta, "network.encoding");
	struct buf *b = &ret->part[DATASOURCE_NETWORK_CONFIG];
	int r = 0;

	if (!n || n->kind == DOC_NULL)
		return 0;
	*b = BUF_WITH_LIMIT(DATASOURCE_FILE_MAX);
	if (n->kind == DOC_STR) {
		buf_add(b, n->text, n->len);
		r = guestinfo_decode(encoding && encoding->kind == DOC_STR ? encoding->text : NULL,
				     b, err);
	} else {
		/* cloud-init allows one more map around it. */
		doc_json_write(doc_key(n, "config") && !doc_key(n, "version") ? doc_key(n, "config")
									      : n,
			       b);
	}
	if (r < 0)
		return error_wrap(err, r, "guestinfo.metadata: network");
	ret->has[DATASOURCE_NETWORK_CONFIG] = true;
	return buf_check(b, err);
}

/* Metadata that do not parse are handed on as they are, for the agent to name the place. */
static const struct doc_node *parse_meta(struct doc_pool *p, const struct datasource_payload *ret)
{
	const struct buf *b = &ret->part[DATASOURCE_META_DATA];
	const struct doc_node *n = NULL;

	if (!ret->has[DATASOURCE_META_DATA])
		return doc_new_str(p, SOURCE, "");
	if (doc_yaml(p, SOURCE, buf_text(b), b->len, &n, NULL) < 0)
		return NULL;
	return n->kind == DOC_MAP ? n : n->kind == DOC_NULL ? doc_new_str(p, SOURCE, "") : NULL;
}

static const struct doc_node *put(struct doc_pool *p, const struct doc_node *meta, const char *key,
				  const char *value)
{
	if (!value || !*value || doc_key(meta, key))
		return meta;
	return doc_with(p, meta && meta->kind == DOC_MAP ? meta : NULL, key,
			doc_new_str(p, SOURCE, value));
}

/* --- RancherOS' and CoreOS' keys --- */

static int fetch_url(const struct datasource_ctx *c, const char *url,
		     struct datasource_payload *ret, struct error *err)
{
	AUTO(http_free) struct http *http = NULL;
	struct buf *b = &ret->part[DATASOURCE_USER_DATA];
	int64_t deadline = 0;
	int r = user_url_check(c, url, ret, err);

	*b = BUF_WITH_LIMIT(DATASOURCE_FILE_MAX);
	if (r == 0)
		r = datasource_online(c, &deadline, err);
	if (r == 0)
		r = http_new(&http, err);
	if (r == 0)
		r = user_url_get(http, url, deadline, false, b, err);
	ret->has[DATASOURCE_USER_DATA] = r == 0;
	return r;
}

/* Data first, the address only where there is none. */
static int take_config(const struct guestinfo *g, struct doc_pool *p,
		       const struct datasource_ctx *c, struct datasource_payload *ret,
		       struct error *err)
{
	static const char *const keys[][3] = {
		{ "cloud-init.config.data", "cloud-init.data.encoding", "cloud-init.config.url" },
		{ "coreos.config.data", "coreos.config.data.encoding", "coreos.config.url" },
	};

	for (size_t i = 0; i < ARRAY_LEN(keys) && !ret->has[DATASOURCE_USER_DATA]; i++) {
		int r = take_value(g, p, keys[i][0], keys[i][1], DATASOURCE_USER_DATA, ret, err);

		if (r < 0 && r != -ENODATA)
			return r;
		if (r == -ENODATA) {
			const char *url = guestinfo_text(g, p, keys[i][2]);

			r = url ? fetch_url(c, url, ret, err) : 0;
			if (r < 0)
				return error_wrap(err, r, "guestinfo.%s", keys[i][2]);
		}
	}
	return 0;
}

/* --- all of it --- */

static int write_meta(const struct doc_node *meta, struct datasource_payload *ret,
		      struct error *err)
{
	struct buf *b = &ret->part[DATASOURCE_META_DATA];

	if (!meta || meta->kind != DOC_MAP)
		return 0;
	buf_done(b);
	*b = BUF_WITH_LIMIT(DATASOURCE_FILE_MAX);
	doc_json_write(meta, b);
	ret->has[DATASOURCE_META_DATA] = true;
	return buf_check(b, err);
}

static int take_meta(const struct guestinfo *g, struct doc_pool *p, const char *fallback_id,
		     struct datasource_payload *ret, struct error *err)
{
	const struct doc_node *meta = parse_meta(p, ret);
	struct guestinfo_net net = { 0 };
	int r;

	if (!meta)
		return 0;
	r = take_network(meta, ret, err);
	if (r == 0)
		r = guestinfo_net_read(g, p, &net, err);
	if (r == 0 && net.is_there && !ret->has[DATASOURCE_NETWORK_CONFIG]) {
		ret->part[DATASOURCE_NETWORK_CONFIG] = net.config;
		net.config = (struct buf){ 0 };
		ret->has[DATASOURCE_NETWORK_CONFIG] = true;
	}
	buf_done(&net.config);
	if (r < 0)
		return r;
	if (!doc_key(meta, "hostname"))
		meta = put(p, meta, "local-hostname", guestinfo_text(g, p, "hostname"));
	meta = put(p, meta, "public-ipv4", net.public_ipv4);
	meta = put(p, meta, "local-ipv4", net.private_ipv4);
	meta = put(p, meta, "public-ipv6", net.public_ipv6);
	meta = put(p, meta, "local-ipv6", net.private_ipv6);
	if (doc_key(meta, "public-keys-data") && !doc_key(meta, "public-keys"))
		meta = doc_with(p, meta, "public-keys", doc_key(meta, "public-keys-data"));
	if (!doc_key(meta, "instance_id"))
		meta = put(p, meta, "instance-id", fallback_id);
	return write_meta(meta, ret, err);
}

int guestinfo_data_read(const struct guestinfo *g, const struct datasource_ctx *c,
			const char *fallback_id, struct datasource_payload *ret, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	char key[GUESTINFO_KEY], id[MACHINE_TEXT];
	int r = doc_pool_new(&p, err);

	if (r < 0)
		return r;
	if (!guestinfo_has_data(g, key))
		return error_set(err, ENODATA, "no guestinfo key has a value");
	(void)snprintf(id, sizeof(id), "%s", fallback_id);
	for (char *s = id; *s; s++)
		*s = (char)tolower((unsigned char)*s);
	r = take_part(g, p, "metadata", DATASOURCE_META_DATA, ret, err);
	if (r == 0)
		r = take_part(g, p, "userdata", DATASOURCE_USER_DATA, ret, err);
	if (r == 0)
		r = take_part(g, p, "vendordata", DATASOURCE_VENDOR_DATA, ret, err);
	if (r == 0)
		r = take_config(g, p, c, ret, err);
	if (r == 0)
		r = take_meta(g, p, id, ret, err);
	if (r == 0)
		error_reset(err);
	return r;
}
