/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asks the clouds that are rows.
 */
#include "datasource/cloud_fetch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "datasource/cloud_tree.h"
#include "lib/doc/decode.h"
#include "lib/scope.h"

/* Under which key of meta-data a field is found. */
static const char *const meta_names[CLOUD_N_FIELDS] = {
	[CLOUD_ID] = "instance-id",
	[CLOUD_HOSTNAME] = "local-hostname",
	[CLOUD_REGION] = "region",
	[CLOUD_ZONE] = "availability-zone",
	[CLOUD_TYPE] = "instance-type",
	[CLOUD_PUBLIC] = "public-ipv4",
	[CLOUD_PRIVATE] = "local-ipv4",
};

/* --- the session --- */

static int get_token(struct cloud_answer *a, struct error *err)
{
	const struct cloud_token *t = &a->cloud->token;
	const char *const headers[] = { t->ttl, NULL };
	const struct web_request req = { .method = "PUT", .path = t->path, .headers = headers,
					 .max_bytes = WEB_HEADER / 2 };
	AUTO_BUF struct buf token = { 0 };
	long status = 0;
	int r = web_do(&a->web, &req, &status, &token, err);

	if (r < 0)
		return r;
	if (status == 404 || status == 405)
		return 0;
	r = web_judge(&a->web, "PUT", t->path, status, err);
	if (r == 0 && (!token.len || strpbrk(buf_text(&token), "\r\n")))
		return error_set(err, EPROTO, "%s: what it gives is no token", web_base(&a->web));
	if (r == 0)
		web_set_header(&a->web, WEB_HEADERS - 1, "%s: %s", t->reply, buf_text(&token));
	if (token.data)
		explicit_bzero(token.data, token.size);
	return r;
}

static int open_session(struct cloud_answer *a, struct error *err)
{
	struct datasource_ctx ctx = *a->ctx;
	int r;

	/* `NAME:URL`, as RancherOS had it. */
	if (!ctx.base_url && ctx.arg && !strncmp(ctx.arg, "http", 4))
		ctx.base_url = ctx.arg;
	r = web_open(&ctx, &a->cloud->service, &a->web, err);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(a->cloud->headers); i++)
		if (a->cloud->headers[i])
			web_set_header(&a->web, i, "%s", a->cloud->headers[i]);
	return r == 0 && a->cloud->token.path ? get_token(a, err) : r;
}

/* --- documents --- */

static int parse(struct cloud_answer *a, size_t i, const char *path, struct error *err)
{
	const struct buf *b = &a->text[i];
	int r;

	if (a->cloud->format == CLOUD_YAML)
		r = doc_yaml(a->pool, path, buf_text(b), b->len, &a->doc[i], err);
	else
		r = doc_json_parse(a->pool, path, buf_text(b), b->len, &a->doc[i], err);
	if (r < 0)
		return r;
	if (i == 0 && a->doc[i]->kind != DOC_MAP)
		return error_set(err, EBADMSG, "%s:1:1: this is no metadata", path);
	return 0;
}

static int get_document(struct cloud_answer *a, struct error *err)
{
	const struct cloud *c = a->cloud;
	const char *path = c->path[0];
	int r = -ENOENT;

	for (size_t i = 0; (r == -ENOENT || r == -EINVAL) && i < CLOUD_PATHS && c->path[i]; i++) {
		error_reset(err);
		path = c->path[i];
		r = web_get_with(&a->web, path, c->document_headers, &a->text[0], err);
	}
	/* From here on, what is not found is absent. */
	a->web.also = NULL;
	return r == 0 ? parse(a, 0, path, err) : r;
}

/* User-data, vendor-data and the further documents, side by side. */
static int get_others(struct cloud_answer *a, struct error *err)
{
	const struct cloud *c = a->cloud;
	struct datasource_payload *p = a->payload;
	struct web_part parts[CLOUD_DOCS + 1] = { 0 };
	bool want_user = c->user_path && !cloud_node(a, CLOUD_USER);
	bool want_vendor = c->vendor_path && !cloud_node(a, CLOUD_VENDOR);
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; i < ARRAY_LEN(c->also); i++)
		if (c->also[i])
			parts[n++] = (struct web_part){ .path = c->also[i],
							.headers = c->document_headers,
							.ret = &a->text[i + 1] };
	if (want_user)
		parts[n++] = (struct web_part){ .path = c->user_path,
						.ret = &p->part[DATASOURCE_USER_DATA] };
	if (want_vendor)
		parts[n++] = (struct web_part){ .path = c->vendor_path,
						.ret = &p->part[DATASOURCE_VENDOR_DATA] };
	web_get_all(&a->web, parts, n);
	for (size_t i = 0; i < n; i++)
		if (parts[i].result < 0 && parts[i].result != -ENOENT)
			return error_set(err, -parts[i].result, "%s", parts[i].err.msg);
	for (size_t i = 0; r == 0 && i < ARRAY_LEN(c->also); i++)
		if (a->text[i + 1].len)
			r = parse(a, i + 1, c->also[i], err);
	return r;
}

static void take_values(struct cloud_answer *a)
{
	for (int i = 0; i < CLOUD_N_FIELDS; i++) {
		const struct doc_node *n = cloud_node(a, i);

		a->value[i] = doc_is_scalar(n) ? n->text : NULL;
	}
	meta_add_key_node(&a->meta, cloud_node(a, CLOUD_KEYS));
}

/* --- user-data --- */

static bool has_known_form(const struct buf *b)
{
	static const char *const marks[] = { "#", "## ", "{", "Content-Type:", "MIME-Version:",
					     "From " };

	for (size_t i = 0; i < ARRAY_LEN(marks); i++)
		if (b->len >= strlen(marks[i]) && !memcmp(b->data, marks[i], strlen(marks[i])))
			return true;
	return decode_is_gzip(b->data, b->len);
}

/* What is no base64 stays as it is, for the agent to take or to refuse: a part that is bad does not
 * cost the keys. */
static int decode(struct cloud_answer *a, struct error *err)
{
	struct buf *b = &a->payload->part[DATASOURCE_USER_DATA];
	struct buf plain = BUF_WITH_LIMIT(DATASOURCE_FILE_MAX);
	int r;

	if (a->cloud->encoding == CLOUD_PLAIN || !b->len ||
	    (a->cloud->encoding == CLOUD_MAYBE_BASE64 && has_known_form(b)))
		return 0;
	r = decode_base64(b->data, b->len, &plain);
	if (r == 0) {
		buf_done(b);
		*b = plain;
		return 0;
	}
	buf_done(&plain);
	if (r != -EBADMSG)
		return error_sys(err, -r, "%s: user-data", web_base(&a->web));
	if (a->cloud->encoding == CLOUD_BASE64)
		datasource_warn(a->payload, "user-data is not base64, and taken as it is");
	return 0;
}

/* What is empty counts as none, since these clouds cannot tell the two apart. */
static void take_part(struct cloud_answer *a, enum datasource_part part, enum cloud_field field)
{
	const struct doc_node *n = cloud_node(a, field);
	struct buf *b = &a->payload->part[part];

	if (!b->len && doc_is_scalar(n))
		buf_add(b, n->text, n->len);
	else if (!b->len && n)
		doc_json_write(n, b);
	a->payload->has[part] = b->len > 0;
}

static void take_network(struct cloud_answer *a)
{
	size_t which = 0;
	const struct doc_node *n = cloud_node_of(a, CLOUD_NETWORK, &which);
	struct buf *b = &a->payload->part[DATASOURCE_NETWORK_CONFIG];

	if (a->cloud->network_is_document && n)
		buf_add(b, buf_text(&a->text[which]), a->text[which].len);
	else if (n)
		doc_json_write(n, b);
	a->payload->has[DATASOURCE_NETWORK_CONFIG] = b->len > 0;
}

/* --- all of it --- */

static void write_meta(struct cloud_answer *a)
{
	for (int i = 0; i < CLOUD_N_FIELDS; i++) {
		char text[256];

		if (!meta_names[i] || !a->value[i])
			continue;
		(void)snprintf(text, sizeof(text), "%s", a->value[i]);
		/* 192.0.2.1/24: the address alone. */
		if (i == CLOUD_PUBLIC || i == CLOUD_PRIVATE)
			text[strcspn(text, "/")] = '\0';
		meta_set(&a->meta, meta_names[i], text);
	}
	meta_finish(&a->meta, &a->payload->part[DATASOURCE_META_DATA]);
	a->payload->has[DATASOURCE_META_DATA] = true;
}

static int ask(struct cloud_answer *a, struct error *err)
{
	const struct cloud *c = a->cloud;
	int r = open_session(a, err);

	if (r < 0)
		return r;
	if (c->format == CLOUD_TREE) {
		r = cloud_tree_get(a, err);
	} else {
		r = get_document(a, err);
		if (r == 0)
			r = get_others(a, err);
		if (r == 0)
			take_values(a);
	}
	if (r < 0)
		return r;
	if (!a->value[CLOUD_ID] || !meta_is_id(a->value[CLOUD_ID]))
		return error_set(err, EBADMSG, "%s: what it says holds no instance id",
				 web_base(&a->web));
	take_part(a, DATASOURCE_USER_DATA, CLOUD_USER);
	take_part(a, DATASOURCE_VENDOR_DATA, CLOUD_VENDOR);
	take_network(a);
	r = decode(a, err);
	if (r == 0 && c->finish)
		r = c->finish(a, err);
	if (r < 0)
		return r;
	write_meta(a);
	(void)snprintf(a->payload->where, sizeof(a->payload->where), "%.150s", web_base(&a->web));
	return buf_check(&a->payload->part[DATASOURCE_META_DATA], err);
}

int cloud_fetch(const struct cloud *cloud, const struct datasource_ctx *c,
		struct datasource_payload *ret, struct error *err)
{
	AUTO_FREE struct cloud_answer *a = calloc(1, sizeof(*a));
	int r;

	if (!a)
		return error_sys(err, ENOMEM, "%s", cloud->name);
	a->cloud = cloud;
	a->ctx = c;
	a->payload = ret;
	a->web.wake = -1;
	r = doc_pool_new(&a->pool, err);
	if (r == 0)
		r = ask(a, err);
	for (size_t i = 0; i < CLOUD_DOCS; i++)
		buf_done(&a->text[i]);
	meta_done(&a->meta);
	web_close(&a->web);
	doc_pool_free(a->pool);
	return r;
}
