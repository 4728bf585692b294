/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Converts OpenStack's metadata.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "datasource/openstack_data.h"
#include "datasource/openstack_vendor.h"
#include "lib/doc/decode.h"

#define SOURCE "meta_data.json"

const char *const openstack_data_versions[] = { "2018-08-27", "2017-02-22", "2016-10-06",
						"2016-06-30", "2015-10-15", "2013-10-17",
						"2013-04-04", "2012-08-10", "latest",
						NULL };

static const char *const names[OPENSTACK_N_FILES] = {
	[OPENSTACK_META] = SOURCE,
	[OPENSTACK_USER] = "user_data",
	[OPENSTACK_VENDOR] = "vendor_data.json",
	[OPENSTACK_VENDOR2] = "vendor_data2.json",
	[OPENSTACK_NETWORK] = "network_data.json",
	[OPENSTACK_EC2] = "meta-data.json",
};

/* Our key, the place in meta_data.json (NULL: not there), the place in EC2's file. The first that
 * is there counts. */
struct row {
	const char *key, *here, *ec2;
};

static const struct row rows[] = {
	{ "instance-id", "uuid", "instance-id" },
	{ "local-hostname", "hostname", "local-hostname" },
	{ "local-hostname", "name", "hostname" },
	{ "availability-zone", "availability_zone", "placement.availability-zone" },
	{ "instance-type", NULL, "instance-type" },
	{ "public-ipv4", NULL, "public-ipv4" },
	{ "local-ipv4", NULL, "local-ipv4" },
};

const char *openstack_data_name(enum openstack_data_file file)
{
	return names[file];
}

void openstack_data_init(struct openstack_data *d)
{
	*d = (struct openstack_data){ 0 };
	for (int i = 0; i < OPENSTACK_N_FILES; i++)
		d->file[i] = BUF_WITH_LIMIT(DATASOURCE_FILE_MAX);
}

void openstack_data_done(struct openstack_data *d)
{
	for (int i = 0; i < OPENSTACK_N_FILES; i++)
		buf_done(&d->file[i]);
}

/* --- meta-data --- */

/* NULL for a file that is absent or empty. */
static int parse(struct doc_pool *p, const struct openstack_data *d, enum openstack_data_file file,
		 const struct doc_node **ret, struct error *err)
{
	const struct buf *b = &d->file[file];

	*ret = NULL;
	if (!d->has[file] || strspn(buf_text(b), " \t\r\n") == b->len)
		return 0;
	return doc_json_parse(p, names[file], buf_text(b), b->len, ret, err);
}

static const struct doc_node *put(struct doc_pool *p, const struct doc_node *meta, const char *key,
				  const struct doc_node *value)
{
	return doc_with(p, meta && meta->kind == DOC_MAP ? meta : NULL, key, value);
}

static const struct doc_node *take_rows(struct doc_pool *p, const struct doc_node *meta,
					const struct doc_node *ec2)
{
	const struct doc_node *ret = meta;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *have = doc_str(doc_key(ret, rows[i].key), "", NULL);
		const char *v = rows[i].here ? doc_str(meta, rows[i].here, NULL) : NULL;

		if (!v || !*v)
			v = doc_str(ec2, rows[i].ec2, NULL);
		if (v && *v && !have)
			ret = put(p, ret, rows[i].key, doc_new_str(p, SOURCE, v));
	}
	return ret;
}

/* `keys`, the newer list of {name, type, data}, and EC2's, where public_keys is not there. */
static const struct doc_node *take_keys(struct doc_pool *p, const struct doc_node *meta,
					const struct doc_node *ec2)
{
	const struct doc_node *keys = doc_key(meta, "keys");
	const struct doc_node *item[OPENSTACK_CONTENTS];
	size_t n = 0;

	if (doc_key(meta, "public_keys"))
		return meta;
	for (size_t i = 0; keys && keys->kind == DOC_SEQ && i < keys->len; i++) {
		const char *type = doc_str(keys->items[i], "type", "ssh");
		const struct doc_node *data = doc_key(keys->items[i], "data");

		if (data && data->kind == DOC_STR && !strcmp(type, "ssh") && n < ARRAY_LEN(item))
			item[n++] = data;
	}
	if (n)
		return put(p, meta, "public-keys", doc_new_seq(p, SOURCE, item, n));
	return doc_key(ec2, "public-keys")
		       ? put(p, meta, "public-keys", doc_key(ec2, "public-keys"))
		       : meta;
}

/* --- files --- */

static int read_content(const struct openstack_data_content *c, const char *path, struct buf *b,
			struct error *err)
{
	char full[256];
	int r;

	while (*path == '/')
		path++;
	if (snprintf(full, sizeof(full), "openstack/%s", path) >= (int)sizeof(full))
		return error_set(err, ENAMETOOLONG, "%s: content_path %.64s…", SOURCE, path);
	*b = BUF_WITH_LIMIT(DATASOURCE_FILE_MAX);
	r = c->read(c->arg, full, b, err);
	return r < 0 ? error_wrap(err, r, "content_path %s", path) : 0;
}

static const struct doc_node *injected(struct doc_pool *p, const char *path, const struct buf *b)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(2 * DATASOURCE_FILE_MAX);
	const struct doc_node *n;

	decode_to_base64(buf_text(b), b->len, &text);
	n = doc_with(p, NULL, "path", doc_new_str(p, SOURCE, path));
	n = doc_with(p, n, "content", doc_new_str(p, SOURCE, buf_text(&text)));
	return doc_with(p, n, "encoding", doc_new_str(p, SOURCE, "b64"));
}

/* A file that is named and not there costs itself alone. */
static int take_files(struct doc_pool *p, const struct openstack_data_content *c,
		      const struct doc_node **meta, struct datasource_payload *ret,
		      struct error *err)
{
	const struct doc_node *files = doc_key(*meta, "files"), *item[OPENSTACK_CONTENTS];
	size_t n = 0;

	for (size_t i = 0; c && files && files->kind == DOC_SEQ && i < files->len; i++) {
		AUTO_BUF struct buf b = { 0 };
		const char *path = doc_str(files->items[i], "path", NULL);
		const char *from = doc_str(files->items[i], "content_path", NULL);

		if (!path || !from || n == ARRAY_LEN(item))
			continue;
		if (read_content(c, from, &b, err) == 0)
			item[n++] = injected(p, path, &b);
		else
			datasource_warn(ret, "%s", err->msg);
	}
	error_reset(err);
	if (n)
		*meta = put(p, *meta, "injected-files", doc_new_seq(p, SOURCE, item, n));
	return *meta || !n ? 0 : error_set(err, ENOMEM, "%s: no memory", SOURCE);
}

static int take_network(struct openstack_data *d, const struct openstack_data_content *c,
			const struct doc_node *meta, struct datasource_payload *ret,
			struct error *err)
{
	struct buf *b = &ret->part[DATASOURCE_NETWORK_CONFIG];
	const char *eni = doc_str(meta, "network_config.content_path", NULL);

	if (d->has[OPENSTACK_NETWORK] && d->file[OPENSTACK_NETWORK].len) {
		*b = d->file[OPENSTACK_NETWORK];
		d->file[OPENSTACK_NETWORK] = (struct buf){ 0 };
	} else if (c && eni) {
		int r = read_content(c, eni, b, err);

		if (r < 0)
			return r;
	} else {
		return 0;
	}
	ret->has[DATASOURCE_NETWORK_CONFIG] = true;
	return 0;
}

/* --- all of it --- */

static int write_meta(const struct doc_node *meta, struct datasource_payload *ret,
		      struct error *err)
{
	struct buf *b = &ret->part[DATASOURCE_META_DATA];

	*b = BUF_WITH_LIMIT(4 * DATASOURCE_FILE_MAX);
	if (meta)
		doc_json_write(meta, b);
	else
		buf_str(b, "{}");
	ret->has[DATASOURCE_META_DATA] = true;
	return buf_check(b, err);
}

static int take_meta(struct doc_pool *p, struct openstack_data *d, const char *fallback_id,
		     const struct doc_node **ret, struct error *err)
{
	const struct doc_node *meta, *ec2 = NULL;
	int r = parse(p, d, OPENSTACK_META, &meta, err);

	if (r == 0 && meta && meta->kind != DOC_MAP)
		r = error_set(err, EBADMSG, "%s:1:1: an object is expected here", SOURCE);
	/* What EC2's file adds is a courtesy: a broken one is left. */
	if (r == 0 && parse(p, d, OPENSTACK_EC2, &ec2, NULL) < 0)
		ec2 = NULL;
	if (r == 0 && (!strcmp(doc_str(meta, "dsmode", ""), "disabled") ||
		       !strcmp(doc_str(meta, "meta.dsmode", ""), "disabled")))
		r = error_set(err, ENODATA, "its metadata says dsmode: disabled");
	if (r < 0)
		return r;
	meta = take_rows(p, meta, ec2);
	meta = take_keys(p, meta, ec2);
	if (fallback_id && *fallback_id && !doc_key(meta, "instance-id"))
		meta = put(p, meta, "instance-id", doc_new_str(p, SOURCE, fallback_id));
	*ret = meta;
	return 0;
}

static void take_user_data(struct openstack_data *d, struct datasource_payload *ret)
{
	if (!d->has[OPENSTACK_USER])
		return;
	ret->part[DATASOURCE_USER_DATA] = d->file[OPENSTACK_USER];
	d->file[OPENSTACK_USER] = (struct buf){ 0 };
	ret->has[DATASOURCE_USER_DATA] = true;
}

int openstack_data_convert(struct openstack_data *d, const char *fallback_id,
			   const struct openstack_data_content *content,
			   struct datasource_payload *ret, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct doc_node *meta = NULL;
	struct buf *vendor = &ret->part[DATASOURCE_VENDOR_DATA];
	int r = doc_pool_new(&p, err);

	if (r == 0)
		r = take_meta(p, d, fallback_id, &meta, err);
	if (r == 0)
		r = take_network(d, content, meta, ret, err);
	if (r == 0)
		r = take_files(p, content, &meta, ret, err);
	if (r == 0)
		r = write_meta(meta, ret, err);
	if (r < 0)
		return r;
	*vendor = BUF_WITH_LIMIT(DATASOURCE_FILE_MAX);
	ret->has[DATASOURCE_VENDOR_DATA] = openstack_vendor_text(
		p, d->has[OPENSTACK_VENDOR] ? &d->file[OPENSTACK_VENDOR] : NULL,
		d->has[OPENSTACK_VENDOR2] ? &d->file[OPENSTACK_VENDOR2] : NULL, vendor);
	take_user_data(d, ret);
	return buf_check(vendor, err);
}
