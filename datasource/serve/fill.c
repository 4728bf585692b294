/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fills documents.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "datasource/serve/fill.h"
#include "lib/doc/decode.h"

/* One place to be filled. A function that writes JSON by itself leaves `json` alone. */
struct place {
	const struct serve_folder *f;
	const char *name;
	size_t len;
	struct buf *out;
};

struct row {
	const char *name;
	bool is_json; /* what it writes is JSON, else it is text */
	bool (*write)(const struct place *p);
};

/* FNV-1a: any id has a number, one that a double holds exactly. */
static uint64_t number_of(const char *id)
{
	uint64_t h = 14695981039346656037u;

	if (*id && strspn(id, "0123456789") == strlen(id) && strlen(id) < 16)
		return strtoull(id, NULL, 10);
	for (; *id; id++)
		h = (h ^ (unsigned char)*id) * 1099511628211u;
	return h >> 11;
}

static const char *id_of(const struct place *p)
{
	return serve_folder_value(p->f, "instance-id", strlen("instance-id"));
}

static bool write_number(const struct place *p)
{
	buf_fmt(p->out, "%llu", (unsigned long long)number_of(id_of(p)));
	return true;
}

static bool write_uuid(const struct place *p)
{
	const char *id = id_of(p);
	uint64_t n = number_of(id);

	if (strlen(id) == 36 && id[8] == '-' && id[13] == '-')
		buf_str(p->out, id);
	else
		buf_fmt(p->out, "%08x-%04x-4000-8000-%012llx", (unsigned)(n >> 32),
			(unsigned)(n >> 16 & 0xffff), (unsigned long long)(n & 0xffffffffffff));
	return true;
}

static bool write_gce_zone(const struct place *p)
{
	buf_fmt(p->out, "projects/1/zones/%s",
		serve_folder_value(p->f, "availability-zone", strlen("availability-zone")));
	return true;
}

/* --- keys --- */

static void add_string(struct buf *b, const char *text)
{
	buf_char(b, '"');
	buf_json(b, text);
	buf_char(b, '"');
}

/* One item for each key: `before`, the number of the key if wanted, `middle`, the key, `after`. */
static void each_key(const struct place *p, const char *before, const char *middle,
		     const char *after)
{
	const struct doc_node *keys = p->f->keys;

	for (size_t i = 0; i < keys->len; i++) {
		buf_str(p->out, i ? "," : "");
		buf_str(p->out, before);
		if (middle)
			buf_fmt(p->out, "%zu%s", i, middle);
		add_string(p->out, keys->items[i]->text);
		buf_str(p->out, after);
	}
}

static bool write_key_list(const struct place *p)
{
	buf_char(p->out, '[');
	each_key(p, "", NULL, "");
	buf_char(p->out, ']');
	return true;
}

static bool write_key_map(const struct place *p)
{
	buf_char(p->out, '{');
	each_key(p, "\"key", "\":", "");
	buf_char(p->out, '}');
	return true;
}

static bool write_openstack_keys(const struct place *p)
{
	buf_char(p->out, '[');
	each_key(p, "{\"type\":\"ssh\",\"name\":\"key", "\",\"data\":", "}");
	buf_char(p->out, ']');
	return true;
}

static bool write_azure_keys(const struct place *p)
{
	buf_char(p->out, '[');
	each_key(p, "{\"path\":\"/home/rancher/.ssh/authorized_keys\",\"keyData\":", NULL, "}");
	buf_char(p->out, ']');
	return true;
}

static bool write_gce_keys(const struct place *p)
{
	for (size_t i = 0; i < p->f->keys->len; i++)
		buf_fmt(p->out, "%srancher:%s", i ? "\n" : "", p->f->keys->items[i]->text);
	return p->f->keys->len > 0;
}

static bool write_key(const struct place *p)
{
	unsigned long n = strtoul(p->name + strlen("key:"), NULL, 10);

	if (n >= p->f->keys->len)
		return false;
	buf_str(p->out, p->f->keys->items[n]->text);
	return true;
}

/* --- parts --- */

static bool write_part(const struct place *p, enum serve_part part)
{
	if (!p->f->has[part])
		return false;
	buf_add(p->out, buf_text(&p->f->part[part]), p->f->part[part].len);
	return true;
}

static bool write_part_base64(const struct place *p, enum serve_part part)
{
	if (!p->f->has[part])
		return false;
	decode_to_base64(buf_text(&p->f->part[part]), p->f->part[part].len, p->out);
	return true;
}

static bool write_meta_data(const struct place *p)
{
	return write_part(p, SERVE_META_DATA);
}

static bool write_network_config(const struct place *p)
{
	return write_part(p, SERVE_NETWORK_CONFIG);
}

static bool write_user_data(const struct place *p)
{
	return write_part(p, SERVE_USER_DATA);
}

static bool write_vendor_data(const struct place *p)
{
	return write_part(p, SERVE_VENDOR_DATA);
}

static bool write_user_data_base64(const struct place *p)
{
	return write_part_base64(p, SERVE_USER_DATA);
}

static bool write_vendor_data_base64(const struct place *p)
{
	return write_part_base64(p, SERVE_VENDOR_DATA);
}

static const struct row rows[] = {
	{ "id:number", true, write_number },
	{ "id:uuid", false, write_uuid },
	{ "zone:gce", false, write_gce_zone },
	{ "keys:list", true, write_key_list },
	{ "keys:map", true, write_key_map },
	{ "keys:openstack", true, write_openstack_keys },
	{ "keys:azure", true, write_azure_keys },
	{ "keys:gce", false, write_gce_keys },
	{ "file:meta-data", false, write_meta_data },
	{ "file:network-config", false, write_network_config },
	{ "user-data", false, write_user_data },
	{ "vendor-data", false, write_vendor_data },
	{ "user-data:base64", false, write_user_data_base64 },
	{ "vendor-data:base64", false, write_vendor_data_base64 },
};

/* --- the text --- */

/* *ret_json: what was written is JSON already. */
static bool write_place(const struct place *p, bool *ret_json)
{
	const char *value;

	*ret_json = false;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strlen(rows[i].name) == p->len && !memcmp(rows[i].name, p->name, p->len)) {
			*ret_json = rows[i].is_json;
			return rows[i].write(p);
		}
	if (!strncmp(p->name, "key:", 4))
		return write_key(p);
	value = serve_folder_value(p->f, p->name, p->len);
	if (value)
		buf_str(p->out, value);
	return value != NULL;
}

/* In a JSON document: a literal of its own. */
static void fill_json(const struct place *p, struct buf *out)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(2 * SERVE_FILE_MAX);
	struct place own = *p;
	bool is_json;

	own.out = &text;
	if (!write_place(&own, &is_json))
		buf_str(out, "null");
	else if (is_json)
		buf_add(out, buf_text(&text), text.len);
	else
		add_string(out, buf_text(&text));
}

bool serve_fill(const struct serve_folder *f, const char *text, bool json, struct buf *out)
{
	bool whole = true, is_json;

	while (*text) {
		const char *end = strncmp(text, "${", 2) ? NULL : strchr(text, '}');
		struct place p = { .f = f, .name = text + 2, .out = out };

		if (!end) {
			buf_char(out, *text++);
			continue;
		}
		p.len = (size_t)(end - p.name);
		if (json)
			fill_json(&p, out);
		else
			whole = write_place(&p, &is_json) && whole;
		text = end + 1;
	}
	return whole;
}
