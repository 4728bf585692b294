/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Google Compute Engine. The service is asked by its address, since names can be hijacked or slow,
 * and a reply counts only with Google's header.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "datasource/gce_keys.h"
#include "datasource/meta.h"
#include "datasource/web.h"
#include "lib/doc/decode.h"
#include "lib/doc/doc.h"
#include "lib/scope.h"

#define BASE "/computeMetadata/v1/"

static const struct web_service service = {
	.base = { "http://169.254.169.254", "http://[fd20:ce::254]" },
	.attempt_ms = 5000,
	.reply_header = "Metadata-Flavor: Google",
};

enum leaf { ID, ZONE, HOSTNAME, TYPE, ATTRIBUTES, PROJECT, CARDS, N_LEAVES };

static const char *const leaves[N_LEAVES] = {
	[ID] = BASE "instance/id",
	[ZONE] = BASE "instance/zone",
	[HOSTNAME] = BASE "instance/hostname",
	[TYPE] = BASE "instance/machine-type",
	[ATTRIBUTES] = BASE "instance/attributes/?recursive=true",
	[PROJECT] = BASE "project/attributes/?recursive=true",
	[CARDS] = BASE "instance/network-interfaces/?recursive=true",
};

struct gce {
	struct web web;
	struct doc_pool *pool;
	struct buf leaf[N_LEAVES];
	const struct doc_node *doc[N_LEAVES]; /* of those that are JSON */
};

static void gce_done(struct gce *g)
{
	for (int i = 0; i < N_LEAVES; i++)
		buf_done(&g->leaf[i]);
	doc_pool_free(g->pool);
	web_close(&g->web);
}

/* --- what the attributes say --- */

/* The attribute user-data, else startup-script, as RancherOS took them. What is not encoded as it
 * says is taken as it is: a part that is bad does not cost the keys. */
static int take_user_data(const struct gce *g, struct datasource_payload *ret, struct error *err)
{
	const struct doc_node *n = doc_key(g->doc[ATTRIBUTES], "user-data");
	const char *encoding = doc_str(doc_key(g->doc[ATTRIBUTES], "user-data-encoding"), "", "");
	struct buf *out = &ret->part[DATASOURCE_USER_DATA];

	if (!doc_is_scalar(n) || !n->len) {
		n = doc_key(g->doc[ATTRIBUTES], "startup-script");
		encoding = "";
	}
	if (!doc_is_scalar(n) || !n->len)
		return 0;
	ret->has[DATASOURCE_USER_DATA] = true;
	if (!strcmp(encoding, "base64") && decode_base64(n->text, n->len, out) != -EBADMSG)
		return buf_check(out, err);
	if (*encoding)
		datasource_warn(ret,
				"the attribute user-data cannot be decoded from %.32s, as "
				"user-data-encoding says (use base64), and is taken as it is",
				encoding);
	buf_reset(out);
	buf_add(out, n->text, n->len);
	return buf_check(out, err);
}

/* --- the network --- */

/* DHCP on every card, with the size of packets that its network carries. */
static void write_network(const struct doc_node *cards, struct datasource_payload *ret)
{
	struct buf *out = &ret->part[DATASOURCE_NETWORK_CONFIG];
	unsigned n = 0;

	for (size_t i = 0; cards && cards->kind == DOC_SEQ && i < cards->len; i++) {
		const char *mac = doc_str(cards->items[i], "mac", "");
		int64_t mtu = doc_int(cards->items[i], "mtu", 0);

		if (strlen(mac) != 17 || strspn(mac, "0123456789abcdefABCDEF:") != 17)
			continue;
		buf_fmt(out, "%s\"eth%u\":{\"match\":{\"macaddress\":\"%s\"},\"dhcp4\":true",
			n ? "," : "{\"version\":2,\"ethernets\":{", n, mac);
		if (mtu >= 576 && mtu <= 65535)
			buf_fmt(out, ",\"mtu\":%d", (int)mtu);
		if (n)
			buf_fmt(out, ",\"dhcp4-overrides\":{\"route-metric\":%u}", 1024 + 100 * n);
		buf_char(out, '}');
		n++;
	}
	if (n)
		buf_str(out, "}}\n");
	ret->has[DATASOURCE_NETWORK_CONFIG] = n > 0;
}

/* --- all of it --- */

/* "projects/1/zones/europe-west3-c" → its last part. */
static const char *last_part(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void set_leaves(const struct gce *g, struct meta *m)
{
	const char *zone = last_part(buf_text(&g->leaf[ZONE]));
	const char *dash = strrchr(zone, '-');
	const char *name = buf_text(&g->leaf[HOSTNAME]);
	char region[64], host[128];

	(void)snprintf(region, sizeof(region), "%.*s",
		       (int)(dash ? dash - zone : (ptrdiff_t)strlen(zone)), zone);
	(void)snprintf(host, sizeof(host), "%.*s", (int)strcspn(name, ". \r\n"), name);
	meta_set(m, "instance-id", buf_text(&g->leaf[ID]));
	meta_set(m, "local-hostname", host);
	meta_set(m, "region", region);
	meta_set(m, "availability-zone", zone);
	meta_set(m, "instance-type", last_part(buf_text(&g->leaf[TYPE])));
	meta_set(m, "public-ipv4", doc_str(g->doc[CARDS], "0.accessConfigs.0.externalIp", NULL));
	meta_set(m, "local-ipv4", doc_str(g->doc[CARDS], "0.ip", NULL));
}

static int parse(struct gce *g, enum leaf i, struct error *err)
{
	int r = 0;

	if (g->leaf[i].len)
		r = doc_json_parse(g->pool, leaves[i] + sizeof(BASE) - 1, buf_text(&g->leaf[i]),
				   g->leaf[i].len, &g->doc[i], err);
	return r;
}

static int crawl(struct gce *g, struct error *err)
{
	struct web_part parts[N_LEAVES];
	int r = web_get(&g->web, leaves[ID], &g->leaf[ID], err);

	if (r == -ENOENT)
		return error_wrap(err, -ENODATA, "the instance has no id");
	if (r < 0)
		return r;
	for (int i = 0; i < N_LEAVES; i++)
		parts[i] = (struct web_part){ .path = leaves[i], .ret = &g->leaf[i] };
	web_get_all(&g->web, parts + 1, N_LEAVES - 1);
	for (int i = 1; i < N_LEAVES; i++) {
		bool needed = i == ZONE || i == HOSTNAME;

		if (parts[i].result < 0 && (needed || parts[i].result != -ENOENT))
			return error_set(err, -parts[i].result, "%s", parts[i].err.msg);
	}
	r = parse(g, ATTRIBUTES, err);
	if (r == 0)
		r = parse(g, PROJECT, err);
	return r == 0 ? parse(g, CARDS, err) : r;
}

static int ask(struct gce *g, struct datasource_payload *ret, struct error *err)
{
	AUTO_META struct meta m = { 0 };
	struct buf *meta = &ret->part[DATASOURCE_META_DATA];
	int r;

	web_set_header(&g->web, 0, "Metadata-Flavor: Google");
	/* Whatever leads here: this is the name that it knows itself by. */
	web_set_header(&g->web, 1, "Host: metadata.google.internal");
	r = crawl(g, err);
	if (r < 0)
		return r;
	(void)snprintf(ret->where, sizeof(ret->where), "%.150s", web_base(&g->web));
	set_leaves(g, &m);
	(void)gce_keys_collect(g->doc[ATTRIBUTES], g->doc[PROJECT], time(NULL), &m);
	if (gce_keys_wants_host_keys(g->doc[ATTRIBUTES], g->doc[PROJECT]))
		meta_set(&m, "publish-host-keys", "true");
	meta_finish(&m, meta);
	ret->has[DATASOURCE_META_DATA] = true;
	write_network(g->doc[CARDS], ret);
	r = buf_check(meta, err);
	return r == 0 ? take_user_data(g, ret, err) : r;
}

static int fetch(const struct datasource_ctx *c, struct datasource_payload *ret, struct error *err)
{
	AUTO_FREE struct gce *g = calloc(1, sizeof(*g));
	int r;

	if (!g)
		return error_sys(err, ENOMEM, "gce");
	r = doc_pool_new(&g->pool, err);
	if (r == 0)
		r = web_open(c, &service, &g->web, err);
	if (r == 0)
		r = ask(g, ret, err);
	gce_done(g);
	return r;
}

extern const struct datasource datasource_gce;
const struct datasource datasource_gce = { .name = "gce", .needs_network = true, .fetch = fetch };
