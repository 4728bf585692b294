/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the folder.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "datasource/meta.h"
#include "datasource/serve/folder.h"
#include "lib/file.h"

#define SOURCE "meta-data"

static const char *const part_names[SERVE_N_PARTS] = {
	[SERVE_META_DATA] = SOURCE,
	[SERVE_USER_DATA] = "user-data",
	[SERVE_VENDOR_DATA] = "vendor-data",
	[SERVE_NETWORK_CONFIG] = "network-config",
};

/* Other names of a key, and what it is when it is not there. */
struct usual {
	const char *key, *other, *value;
};

static const struct usual usual[] = {
	{ "instance-id", "instance_id", "i-0c1ca7000000000ca" },
	{ "local-hostname", "hostname", "ocicat" },
	{ "availability-zone", "availability_zone", "local-1a" },
	{ "region", "region", "local-1" },
	{ "instance-type", "instance_type", "any" },
};

static int read_parts(int dir, struct serve_folder *f, struct error *err)
{
	for (int i = 0; i < SERVE_N_PARTS; i++) {
		int r;

		f->part[i] = BUF_WITH_LIMIT(SERVE_FILE_MAX);
		r = file_read(dir, part_names[i], &f->part[i], err);
		f->has[i] = r == 0;
		if (r < 0 && r != -ENOENT)
			return error_wrap(err, r, "%s", part_names[i]);
	}
	error_reset(err);
	return 0;
}

/* Keys in every form that metadata have them in, as a list. */
static int read_keys(struct serve_folder *f, struct error *err)
{
	static const char *const names[] = { "public-keys", "public_keys" };
	AUTO_META struct meta m = { 0 };
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(SERVE_FILE_MAX);
	const struct doc_node *n = NULL;
	int r;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (doc_key(f->meta, names[i]))
			meta_add_key_node(&m, doc_key(f->meta, names[i]));
	meta_finish(&m, &text);
	r = doc_json_parse(f->pool, SOURCE, buf_text(&text), text.len, &n, err);
	if (r < 0)
		return r;
	f->keys = doc_key(n, "public-keys");
	if (!f->keys)
		f->keys = doc_new_seq(f->pool, SOURCE, NULL, 0);
	return f->keys ? 0 : error_set(err, ENOMEM, "no memory");
}

int serve_folder_load(int dir, struct serve_folder *ret, struct error *err)
{
	const struct buf *meta = &ret->part[SERVE_META_DATA];
	int r;

	*ret = (struct serve_folder){ 0 };
	r = doc_pool_new(&ret->pool, err);
	if (r == 0)
		r = read_parts(dir, ret, err);
	if (r == 0 && ret->has[SERVE_META_DATA])
		r = doc_yaml(ret->pool, SOURCE, buf_text(meta), meta->len, &ret->meta, err);
	if (r == 0 && ret->meta && ret->meta->kind != DOC_MAP)
		ret->meta = NULL;
	return r == 0 ? read_keys(ret, err) : r;
}

void serve_folder_done(struct serve_folder *f)
{
	for (int i = 0; i < SERVE_N_PARTS; i++)
		buf_done(&f->part[i]);
	if (f->pool)
		doc_pool_free(f->pool);
	f->pool = NULL;
}

static const char *scalar(const struct serve_folder *f, const char *key)
{
	const char *v = doc_str(doc_key(f->meta, key), "", NULL);

	return v && *v ? v : NULL;
}

const char *serve_folder_value(const struct serve_folder *f, const char *key, size_t len)
{
	char name[64];
	const char *v;

	if (len >= sizeof(name))
		return NULL;
	(void)snprintf(name, sizeof(name), "%.*s", (int)len, key);
	v = scalar(f, name);
	for (size_t i = 0; !v && i < ARRAY_LEN(usual); i++) {
		if (strcmp(usual[i].key, name) != 0)
			continue;
		v = scalar(f, usual[i].other);
		v = v ? v : usual[i].value;
	}
	return v;
}

int serve_folder_overlay(int dir, const char *path, struct buf *ret, struct error *err)
{
	char full[1024];
	int r;

	if (snprintf(full, sizeof(full), "http/%s", path) >= (int)sizeof(full))
		return error_set(err, ENOENT, "no such file");
	*ret = BUF_WITH_LIMIT(SERVE_FILE_MAX);
	r = file_read(dir, full, ret, err);
	/* A directory, or a file in the way of one, is no file. */
	return r == -ENOTDIR || r == -EISDIR ? error_set(err, ENOENT, "no such file") : r;
}
