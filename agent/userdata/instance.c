/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Normalises metadata.
 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/network/network_config.h"
#include "agent/userdata/instance.h"
#include "datasource/gce_keys.h"
#include "lib/doc/tree.h"
#include "lib/file.h"

#define DEFAULT_ID "nocloud"

/* A mistake in meta-data costs what it says, not the user-data beside it. */
static const struct doc_node *read_part(struct doc_pool *p,
					const struct datasource_payload *payload,
					enum datasource_part part)
{
	const struct buf *b = &payload->part[part];
	const char *name = datasource_part_name(part);
	const struct doc_node *n = NULL;
	struct error err = { 0 };

	if (!payload->has[part])
		return NULL;
	if (doc_yaml(p, name, buf_text(b), b->len, &n, &err) < 0) {
		doc_say_error(p, name, &err);
		return NULL;
	}
	if (n->kind == DOC_MAP || n->kind == DOC_NULL)
		return n;
	doc_say(p, true, n->origin, "lines of \"key: value\" are expected here: %s is ignored",
		name);
	return NULL;
}

/* Each line of a text is a key. */
static int add_lines(struct doc_pool *p, const struct doc_node *n, struct tree_items *out)
{
	for (const char *s = n->text; *s;) {
		size_t len = strcspn(s, "\r\n");
		const struct doc_node *line = tree_str(p, n->origin, s, len);

		/* The cache may hold a key longer than its owner wanted. */
		if (line && !gce_keys_is_good(line->text, time(NULL)))
			len = 0;
		if (len && (!line || tree_items_add(out, line) < 0))
			return -ENOMEM;
		s += strcspn(s, "\r\n");
		s += strspn(s, "\r\n");
	}
	return 0;
}

/* A text, a list of texts, or a map of either: {name: key}, {0: {openssh-key: key}}. */
static int add_keys(struct doc_pool *p, const struct doc_node *n, int depth, struct tree_items *out)
{
	int r = 0;

	if (!n || n->kind == DOC_NULL || depth > 3)
		return 0;
	if (doc_is_scalar(n))
		return add_lines(p, n, out);
	for (size_t i = 0; r == 0 && i < n->len; i++)
		r = add_keys(p, n->kind == DOC_SEQ ? n->items[i] : n->pairs[i].val, depth + 1, out);
	return r;
}

static int read_keys(struct doc_pool *p, const struct doc_node *meta, struct instance *ret)
{
	static const char *const names[] = { "public-keys", "public_keys", "public_ssh_keys",
					     "ssh_authorized_keys" };
	AUTO_ITEMS struct tree_items keys = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (add_keys(p, doc_key(meta, names[i]), 0, &keys) < 0)
			return -ENOMEM;
	ret->keys = tree_seq(p, (struct doc_origin){ "meta-data", 0, 0 }, keys.data, keys.n);
	return ret->keys ? 0 : -ENOMEM;
}

static const char *first_of(const struct doc_node *meta, const char *a, const char *b)
{
	const char *v = doc_str(doc_key(meta, a), "", NULL);

	if (!v || !*v)
		v = doc_str(doc_key(meta, b), "", NULL);
	return v && *v ? v : NULL;
}

int instance_read(struct doc_pool *p, const struct datasource_payload *payload,
		  struct instance *ret, struct error *err)
{
	const struct doc_node *meta = NULL;
	struct network_config network = { 0 };

	*ret = (struct instance){ 0 };
	if (payload) {
		meta = ret->meta = read_part(p, payload, DATASOURCE_META_DATA);
		if (payload->has[DATASOURCE_NETWORK_CONFIG])
			network_config_read(p, &payload->part[DATASOURCE_NETWORK_CONFIG], &network);
		ret->datasource = payload->source;
		ret->where = payload->where;
		if (payload->warning[0])
			doc_say(p, false, (struct doc_origin){ 0 }, "datasource %s: %s",
				payload->source, payload->warning);
		ret->id = first_of(meta, "instance-id", "instance_id");
		ret->hostname = first_of(meta, "local-hostname", "hostname");
		ret->region = first_of(meta, "region", "region");
		ret->zone = first_of(meta, "availability-zone", "availability_zone");
		ret->type = first_of(meta, "instance-type", "instance_type");
		ret->public_ipv4 = first_of(meta, "public-ipv4", "public_ipv4");
		ret->private_ipv4 = first_of(meta, "local-ipv4", "private_ipv4");
		ret->password = payload->password.text[0] ? payload->password.text : NULL;
		ret->publish_host_keys = !strcmp(
			doc_str(doc_key(meta, "publish-host-keys"), "", ""), "true");
		if (!strcmp(payload->source, "vmware")) {
			ret->wait_ipv4 = doc_bool(meta, "wait-on-network.ipv4", false);
			ret->wait_ipv6 = doc_bool(meta, "wait-on-network.ipv6", false);
		}
		if (!ret->id && payload->has[DATASOURCE_META_DATA])
			ret->id = DEFAULT_ID;
	}
	if (read_keys(p, meta, ret) < 0)
		return error_set(err, ENOMEM, "no memory for the metadata");
	ret->network = network.layer;
	ret->model = network.model;
	return 0;
}

static void text_member(struct buf *b, const char *name, const char *value)
{
	buf_fmt(b, "\"%s\":", name);
	if (!value) {
		buf_str(b, "null,");
		return;
	}
	buf_char(b, '"');
	buf_json(b, value);
	buf_str(b, "\",");
}

void instance_json(const struct instance *in, struct buf *out)
{
	buf_char(out, '{');
	text_member(out, "datasource", in->datasource);
	text_member(out, "where", in->where);
	text_member(out, "instance_id", in->id);
	text_member(out, "hostname", in->hostname);
	buf_str(out, "\"ssh_authorized_keys\":");
	doc_json_write(in->keys, out);
	buf_char(out, ',');
	text_member(out, "region", in->region);
	text_member(out, "zone", in->zone);
	text_member(out, "instance_type", in->type);
	text_member(out, "public_ipv4", in->public_ipv4);
	text_member(out, "private_ipv4", in->private_ipv4);
	if (in->publish_host_keys)
		buf_str(out, "\"publish_host_keys\":true,");
	if (in->wait_ipv4)
		buf_str(out, "\"wait_on_ipv4\":true,");
	if (in->wait_ipv6)
		buf_str(out, "\"wait_on_ipv6\":true,");
	buf_str(out, "\"network\":");
	doc_json_write(in->model, out);
}

int instance_save(int root, const struct instance *in, struct error *err)
{
	AUTO_BUF struct buf b = { 0 };
	struct file_attr attr = { .mode = 0600, .uid = geteuid(), .gid = getegid(),
				  .relaxed = true };
	int r;

	instance_json(in, &b);
	buf_str(&b, "}\n");
	r = buf_check(&b, err);
	return r < 0 ? r : file_publish(root, INSTANCE_PATH, b.data, b.len, &attr, NULL, err);
}

void instance_load(int root, struct doc_pool *p, struct instance *ret)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(DOC_SIZE);
	const struct doc_node *n = NULL;

	if (file_read(root, INSTANCE_PATH, &text, NULL) == 0)
		(void)!doc_json_parse(p, INSTANCE_PATH, buf_text(&text), text.len, &n, NULL);
	*ret = (struct instance){ .datasource = doc_str(n, "datasource", NULL),
				  .where = doc_str(n, "where", NULL),
				  .id = doc_str(n, "instance_id", NULL),
				  .hostname = doc_str(n, "hostname", NULL),
				  .region = doc_str(n, "region", NULL),
				  .zone = doc_str(n, "zone", NULL),
				  .type = doc_str(n, "instance_type", NULL),
				  .public_ipv4 = doc_str(n, "public_ipv4", NULL),
				  .private_ipv4 = doc_str(n, "private_ipv4", NULL),
				  .publish_host_keys = doc_bool(n, "publish_host_keys", false),
				  .wait_ipv4 = doc_bool(n, "wait_on_ipv4", false),
				  .wait_ipv6 = doc_bool(n, "wait_on_ipv6", false),
				  .keys = doc_key(n, "ssh_authorized_keys"),
				  .model = doc_key(n, "network") };
}
