/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Converts OVF properties.
 */
#include <errno.h>
#include <string.h>

#include "datasource/ovf_data.h"
#include "datasource/seed.h"
#include "lib/doc/decode.h"

#define SOURCE "ovf-env.xml"

struct row {
	const char *property, *key;
};

static const struct row rows[] = {
	{ "instance-id", "instance-id" },
	{ "hostname", "local-hostname" },
	{ "public-keys", "public-keys" },
	{ "seedfrom", "seedfrom" },
};

static const char *const others[] = { "user-data", "network-config", "password" };

static const char *get(const struct ovf_env *env, const char *key)
{
	const char *v = ovf_env_get(env, key);

	return v && *v ? v : NULL;
}

bool ovf_data_is_there(const struct ovf_env *env)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (get(env, rows[i].property))
			return true;
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (get(env, others[i]))
			return true;
	return false;
}

/* base64 when it decodes, else as it stands. */
static void take_user_data(const struct ovf_env *env, struct datasource_payload *p)
{
	struct buf *b = &p->part[DATASOURCE_USER_DATA];
	const char *v = get(env, "user-data");

	if (!v || p->has[DATASOURCE_USER_DATA])
		return;
	buf_done(b);
	*b = BUF_WITH_LIMIT(DATASOURCE_FILE_MAX);
	if (decode_base64(v, strlen(v), b) < 0) {
		buf_reset(b);
		buf_str(b, v);
	}
	p->has[DATASOURCE_USER_DATA] = true;
}

/* base64 of YAML; anything else was never read by anyone. */
static void take_network(const struct ovf_env *env, struct datasource_payload *p)
{
	struct buf *b = &p->part[DATASOURCE_NETWORK_CONFIG];
	const char *v = get(env, "network-config");

	if (!v || p->has[DATASOURCE_NETWORK_CONFIG])
		return;
	buf_done(b);
	*b = BUF_WITH_LIMIT(DATASOURCE_FILE_MAX);
	p->has[DATASOURCE_NETWORK_CONFIG] = decode_base64(v, strlen(v), b) == 0;
	if (!p->has[DATASOURCE_NETWORK_CONFIG])
		buf_reset(b);
}

/* The password of the default user, in the words of cloud-config. */
static void take_password(const struct ovf_env *env, struct datasource_payload *p)
{
	struct buf *b = &p->part[DATASOURCE_VENDOR_DATA];
	const char *v = get(env, "password");

	if (!v || p->has[DATASOURCE_VENDOR_DATA])
		return;
	buf_done(b);
	*b = BUF_WITH_LIMIT(DATASOURCE_FILE_MAX);
	buf_str(b, "#cloud-config\n{\"password\": \"");
	buf_json(b, v);
	buf_str(b, "\", \"chpasswd\": {\"expire\": false}}\n");
	p->has[DATASOURCE_VENDOR_DATA] = true;
}

static int take_meta(const struct ovf_env *env, struct doc_pool *pool, const char *fallback_id,
		     struct datasource_payload *p, struct error *err)
{
	struct buf *b = &p->part[DATASOURCE_META_DATA];
	const struct doc_node *meta = NULL;

	/* Metadata that do not parse are left for the agent to complain about. */
	if (p->has[DATASOURCE_META_DATA] &&
	    (doc_yaml(pool, SOURCE, buf_text(b), b->len, &meta, NULL) < 0 ||
	     (meta->kind != DOC_MAP && meta->kind != DOC_NULL)))
		return 0;
	if (meta && meta->kind != DOC_MAP)
		meta = NULL;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *v = get(env, rows[i].property);

		if (v && !doc_key(meta, rows[i].key))
			meta = doc_with(pool, meta, rows[i].key, doc_new_str(pool, SOURCE, v));
	}
	if (*fallback_id && !doc_key(meta, "instance-id") && !doc_key(meta, "instance_id"))
		meta = doc_with(pool, meta, "instance-id", doc_new_str(pool, SOURCE, fallback_id));
	buf_done(b);
	*b = BUF_WITH_LIMIT(DATASOURCE_FILE_MAX);
	if (meta)
		doc_json_write(meta, b);
	p->has[DATASOURCE_META_DATA] = true;
	return buf_check(b, err);
}

int ovf_data_fill(const struct ovf_env *env, const struct datasource_ctx *c,
		  const char *fallback_id, struct datasource_payload *p, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *pool = NULL;
	int r = doc_pool_new(&pool, err);

	if (r == 0)
		r = take_meta(env, pool, fallback_id, p, err);
	if (r < 0)
		return r;
	take_user_data(env, p);
	take_network(env, p);
	take_password(env, p);
	for (int i = 0; r == 0 && i < DATASOURCE_N_PARTS; i++)
		r = buf_check(&p->part[i], err);
	return r == 0 ? seed_finish(c, NULL, p, err) : r;
}
