/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells the forms apart by what is in them.
 */
#include <errno.h>
#include <string.h>

#include "agent/network/forms.h"
#include "agent/network/put.h"
#include "lib/doc/decode.h"
#include "lib/doc/tree.h"
#include "lib/pack/pack.h"

#define TEXT_MAX (1u << 20)
/* Wrappers within wrappers (metadata → network → base64 → network). */
#define DEPTH 4

static bool read_any(struct network *net, const struct doc_node *doc, int depth);

static bool is_list(const struct doc_node *n)
{
	return n && n->kind == DOC_SEQ;
}

static bool is_map(const struct doc_node *n)
{
	return n && n->kind == DOC_MAP;
}

static bool is_v1(const struct doc_node *doc)
{
	return !strcmp(doc_str(doc, "version", ""), "1") ||
	       (!doc_key(doc, "version") && is_list(doc_key(doc, "config")));
}

static bool is_v2(const struct doc_node *doc)
{
	static const char *const kinds[] = { "ethernets", "bonds", "bridges", "vlans" };

	if (!strcmp(doc_str(doc, "version", ""), "2"))
		return true;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (!doc_key(doc, "version") && is_map(doc_key(doc, kinds[i])))
			return true;
	return false;
}

static bool is_openstack(const struct doc_node *doc)
{
	return is_list(doc_key(doc, "links")) ||
	       (is_list(doc_key(doc, "networks")) && is_list(doc_key(doc, "services")));
}

static bool is_digitalocean(const struct doc_node *doc)
{
	return is_list(doc_at(doc, "interfaces.public")) ||
	       is_list(doc_at(doc, "interfaces.private"));
}

static bool is_packet(const struct doc_node *doc)
{
	return is_list(doc_at(doc, "network.interfaces")) &&
	       is_list(doc_at(doc, "network.addresses"));
}

static bool is_ec2(const struct doc_node *doc)
{
	return network_ec2_macs(doc) != NULL;
}

static bool is_guestinfo(const struct doc_node *doc)
{
	for (size_t i = 0; i < doc->len; i++)
		if (network_is_guestinfo_key(doc->pairs[i].key))
			return true;
	return false;
}

static bool is_own(const struct doc_node *doc)
{
	static const char *const keys[] = { "interfaces",   "dns",       "nameservers", "pre_cmds",
					    "dhcp_timeout", "post_cmds", "disabled" };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (doc_key(doc, keys[i]))
			return true;
	return false;
}

/* In this order: the looser tests stand last. */
static const struct network_reader readers[] = {
	{ "EC2", is_ec2, network_read_ec2 },
	{ "Azure", network_is_azure, network_read_azure },
	{ "UpCloud", network_is_upcloud, network_read_upcloud },
	{ "Vultr", network_is_vultr, network_read_vultr },
	{ "Scaleway", network_is_scaleway, network_read_scaleway },
	{ "Packet", is_packet, network_read_packet },
	{ "DigitalOcean", is_digitalocean, network_read_digitalocean },
	{ "OpenStack", is_openstack, network_read_openstack },
	{ "version 1", is_v1, network_read_v1 },
	{ "version 2", is_v2, network_read_v2 },
	{ "guestinfo", is_guestinfo, network_read_guestinfo },
	{ "rancher", is_own, network_read_own },
};

/* Lines "key=value" as a map. */
static const struct doc_node *lines_map(struct doc_pool *p, struct doc_origin at, const char *text)
{
	AUTO_PAIRS struct tree_pairs pairs = { 0 };

	at.line = 0;
	for (const char *s = text; s && *s;) {
		size_t len = strcspn(s, "\n"), key = strcspn(s, "=\n"), end = key;
		size_t value = key + 1;
		struct doc_pair pair;

		at.line++;
		while (end && (s[end - 1] == ' ' || s[end - 1] == '\t'))
			end--;
		while (value < len && strchr(" \t\"", s[value]))
			value++;
		if (key < len && end) {
			size_t last = len;

			while (last > value && strchr(" \t\"\r", s[last - 1]))
				last--;
			pair = (struct doc_pair){ doc_strdup(p, s, end), at,
						  tree_str(p, at, s + value, last - value) };
			if (!pair.key || !pair.val || tree_pairs_add(&pairs, &pair) < 0)
				return NULL;
		}
		s = s[len] ? s + len + 1 : NULL;
	}
	return tree_map(p, at, pairs.data, pairs.n, 0);
}

/* Text that is no map of YAML or JSON. */
static bool read_text(struct network *net, struct doc_origin at, const char *text)
{
	const struct doc_node *map;

	if (network_is_eni(text)) {
		network_read_eni(net, at, text);
		return true;
	}
	map = lines_map(net->p, at, text);
	if (!map || !is_guestinfo(map))
		return false;
	network_read_guestinfo(net, map);
	return true;
}

/* An OVF environment: its properties as a map, in which `network-config` may stand in base64. */
static bool read_ovf(struct network *net, const char *source, const char *text, size_t len)
{
	const struct doc_node *map = NULL;
	struct error err = { 0 };

	if (network_ovf_properties(net->p, source, text, len, &map, &err) < 0) {
		doc_say_error(net->p, source, &err);
		return true;
	}
	return map && read_any(net, map, 1);
}

/* VMware's metadata: network configuration as a text, encoded as `network.encoding` says. */
static bool read_encoded(struct network *net, const struct doc_node *text, const char *encoding,
			 int depth)
{
	AUTO_BUF struct buf plain = BUF_WITH_LIMIT(TEXT_MAX), inflated = BUF_WITH_LIMIT(TEXT_MAX);
	struct buf *b = &plain;
	const struct doc_node *n = NULL;
	struct error err = { 0 };

	if (encoding && *encoding) {
		if (decode_base64(text->text, text->len, &plain) < 0) {
			doc_say(net->p, true, text->origin, "this is not base64: ignored");
			return true;
		}
	} else {
		buf_add(&plain, text->text, text->len);
	}
	if (decode_is_gzip(plain.data, plain.len)) {
		b = &inflated;
		if (pack_gunzip(plain.data, plain.len, &inflated) < 0) {
			doc_say(net->p, true, text->origin, "the gzip data is damaged: ignored");
			return true;
		}
	}
	if (network_is_eni(buf_text(b)))
		return read_text(net, text->origin, buf_text(b));
	if (doc_yaml(net->p, "network", buf_text(b), b->len, &n, &err) < 0) {
		doc_say_error(net->p, "network", &err);
		return true;
	}
	return read_any(net, n, depth + 1);
}

/* Keys under which another form is found. */
static bool read_wrapped(struct network *net, const struct doc_node *doc, int depth)
{
	static const char *const wrappers[] = { "rancher", "network-config", "network_config",
						"network_data", "network" };
	const struct doc_node *eni = doc_key(doc, "network-interfaces");

	for (size_t i = 0; i < ARRAY_LEN(wrappers); i++) {
		const struct doc_node *n = doc_key(doc, wrappers[i]);

		if (is_map(n))
			return read_any(net, n, depth + 1);
		if (network_text(n))
			return read_encoded(net, n,
					    doc_is_scalar(doc_key(doc, "network.encoding"))
						    ? doc_key(doc, "network.encoding")->text
					    : strchr(n->text, '\n') ? NULL
								    : "base64",
					    depth);
	}
	if (network_text(eni))
		return read_text(net, eni->origin, eni->text);
	return false;
}

static bool read_any(struct network *net, const struct doc_node *doc, int depth)
{
	if (depth > DEPTH)
		return false;
	if (network_text(doc))
		return read_text(net, doc->origin, doc->text);
	if (network_is_oracle(doc)) {
		network_read_oracle(net, doc);
		return true;
	}
	if (!is_map(doc))
		return false;
	if (!strcmp(doc_str(doc, "config", ""), "disabled")) {
		net->disabled = true;
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(readers); i++) {
		if (!readers[i].is(doc))
			continue;
		readers[i].read(net, doc);
		return true;
	}
	return read_wrapped(net, doc, depth);
}

static void say_unknown(struct doc_pool *p, const struct doc_node *doc)
{
	const struct doc_node *version = doc_key(doc, "version");

	if (version)
		doc_say(p, true, version->origin, "neither \"version: 1\" nor \"version: 2\"");
	else
		doc_say(p, true, doc->origin, "this is no network configuration in a known form");
}

struct network *network_read_document(struct doc_pool *p, const struct doc_node *doc)
{
	struct network *net = network_new(p);

	if (!net || !doc)
		return NULL;
	if (!read_any(net, doc, 0)) {
		say_unknown(p, doc);
		return NULL;
	}
	network_settle(net);
	return net->disabled ? NULL : net;
}

struct network *network_read_rancher(struct doc_pool *p, const struct doc_node *config)
{
	const struct doc_node *network = doc_at(config, "rancher.network");
	struct network *net = network_new(p);

	if (net && network)
		network_read_own(net, network);
	if (net)
		network_settle(net);
	return net;
}

int network_read(struct doc_pool *p, const char *source, const char *text, size_t len,
		 struct network **ret, struct error *err)
{
	struct doc_origin at = { doc_strdup(p, source, strlen(source)), 1, 1 };
	struct network *net = network_new(p);
	const struct doc_node *doc = NULL;
	int r;

	if (!net || !at.source)
		return error_set(err, ENOMEM, "%s: no memory", source);
	*ret = net;
	if (len && strlen(text) == len &&
	    (text[strspn(text, " \t\r\n")] == '<' ? read_ovf(net, at.source, text, len)
						  : read_text(net, at, text))) {
		network_settle(net);
		return 0;
	}
	r = doc_yaml(p, at.source, text, len, &doc, err);
	if (r < 0)
		return r;
	/* Nothing at all is a machine without a network of its own. */
	if (doc->kind == DOC_NULL)
		return 0;
	if (!read_any(net, doc, 0))
		say_unknown(p, doc);
	network_settle(net);
	return 0;
}
