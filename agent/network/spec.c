/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes and reads the service's specification.
 */
#include "agent/network/spec.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "agent/config/config.h"
#include "agent/network/document.h"
#include "agent/network/forms.h"
#include "agent/network/put.h"
#include "agent/userdata/filespec.h"
#include "agent/userdata/instance.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/file_path.h"

#define SOURCE          "network"
#define DEFAULT_TIMEOUT 10
#define RESOLV_CONF     "/etc/resolv.conf"
/* More is no addition to a resolv.conf. */
#define ADDED_MAX       4096

static const struct doc_node *with(struct doc_pool *p, const struct doc_node *map, const char *key,
				   const struct doc_node *val)
{
	const struct doc_node *more = val ? doc_with(p, map, key, val) : NULL;

	return more ? more : map;
}

/* An entry of write_files gives a file, or adds to it. For another container it is no file of the
 * machine's. */
static bool is_for(const struct doc_node *entry, const char *path, bool adds)
{
	const char *container = doc_str(entry, "container", "console");

	return file_path_same(doc_str(entry, "path", ""), path) &&
	       doc_bool(entry, "append", false) == adds &&
	       (!*container || !strcmp(container, "console") || !strcmp(container, "docker"));
}

/* A file that write_files gives is the user's; what is added to one leaves it the machine's. */
static bool is_written(const struct doc_node *config, const char *path)
{
	const struct doc_node *files = doc_key(config, "write_files");

	for (size_t i = 0; files && files->kind == DOC_SEQ && i < files->len; i++)
		if (is_for(files->items[i], path, false))
			return true;
	return false;
}

/* What write_files adds to /etc/resolv.conf, which is made anew for each lease. (Texts of a server
 * come when the network is up, by the module alone.) */
static const struct doc_node *additions(struct doc_pool *p, const struct doc_node *config)
{
	const struct doc_node *files = doc_key(config, "write_files");
	/* What is to be said of an entry, the module has said. */
	AUTO(doc_pool_free) struct doc_pool *quiet = NULL;
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(ADDED_MAX);

	if (!files || files->kind != DOC_SEQ || doc_pool_new(&quiet, NULL) < 0)
		return NULL;
	for (size_t i = 0; i < files->len; i++) {
		CLEANUP(filespec_done) struct filespec f = { 0 };

		if (is_for(files->items[i], RESOLV_CONF, true) &&
		    filespec_read(quiet, files->items[i], &f) && !f.source)
			buf_add(&text, buf_text(&f.content), f.content.len);
	}
	if (text.failed)
		doc_say(p, false, files->origin,
			"what is added to " RESOLV_CONF " is longer than %d bytes: left out",
			ADDED_MAX);
	return text.len && !text.failed ? doc_new_str(p, SOURCE, buf_text(&text)) : NULL;
}

/* cloud-init's `resolv_conf` makes the file where rancher.network says nothing. */
static bool is_rendered(const struct doc_node *config, const struct network *net)
{
	const struct doc_node *other = doc_key(config, "resolv_conf");
	bool own = net->nameservers.n || net->search.n;

	for (size_t i = 0; i < net->n; i++)
		own |= net->ifs[i]->nameservers.n || net->ifs[i]->search.n;
	return !own && other && other->kind == DOC_MAP &&
	       doc_bool(config, "manage_resolv_conf", true);
}

const struct doc_node *spec_make(struct doc_pool *p, const struct doc_node *config, bool named)
{
	struct network *net = network_read_rancher(p, config);
	const struct doc_node *doc = NULL;

	if (!net)
		return NULL;
	if (net->dhcp_timeout == NETWORK_UNSET)
		net->dhcp_timeout =
			doc_int(config, "rancher.defaults.network.dhcp_timeout", DEFAULT_TIMEOUT);
	doc = with(p, doc, "network", network_document(net, NETWORK_AS_LAYER));
	doc = with(p, doc, "default_dns", doc_at(config, "rancher.defaults.network.dns"));
	doc = with(p, doc, "take_hostname", doc_new_bool(p, SOURCE, !named));
	doc = with(
		p, doc, "keep_resolv_conf",
		doc_new_bool(p, SOURCE,
			     is_written(config, RESOLV_CONF) || is_rendered(config, net)));
	doc = with(p, doc, "add_resolv_conf", additions(p, config));
	doc = with(p, doc, "keep_hosts", doc_new_bool(p, SOURCE, is_written(config, "/etc/hosts")));
	doc = with(p, doc, "firewall", doc_at(config, "rancher.network.firewall"));
	return with(p, doc, "block_metadata", doc_at(config, "rancher.network.block_metadata"));
}

int spec_remake(int root, struct doc_pool *p, const struct doc_node **ret, struct error *err)
{
	const struct doc_node *config = NULL;
	int r = config_load(root, p, &config, err);

	if (r < 0)
		return r;
	*ret = spec_make(p, config, spec_is_named(root, p, config));
	return *ret ? 0 : error_set(err, ENOMEM, "no memory for the network");
}

bool spec_is_named(int root, struct doc_pool *p, const struct doc_node *config)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(DOC_SIZE);
	const struct doc_node *in = NULL;

	if (doc_str(config, "hostname", "")[0] || doc_str(config, "fqdn", "")[0] ||
	    doc_bool(config, "preserve_hostname", false))
		return true;
	return file_read(root, INSTANCE_PATH, &b, NULL) == 0 &&
	       doc_json_parse(p, INSTANCE_PATH, buf_text(&b), b.len, &in, NULL) == 0 &&
	       network_text(doc_key(in, "hostname"));
}

static int write_doc(int root, const char *path, const struct doc_node *doc, bool *changed,
		     struct error *err)
{
	struct file_attr attr = {
		.mode = 0600, .uid = geteuid(), .gid = getegid(), .relaxed = true
	};
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(DOC_SIZE);
	int r;

	doc_json_write(doc, &b);
	buf_char(&b, '\n');
	r = buf_check(&b, err);
	return r < 0 ? r : file_publish(root, path, b.data, b.len, &attr, changed, err);
}

/* rancher.network as the owner has stored it (`ros config set`); NULL for nothing. */
static const struct doc_node *stored_now(int root, struct doc_pool *p)
{
	const struct doc_node *own = NULL;

	/* Mistakes in the file are told by those who read it to apply it. */
	return config_read_layer(root, p, CONFIG_OWN, &own, NULL) == 0 ? doc_at(own, SPEC_STORED)
								       : NULL;
}

/* Keep what is in force, unless that itself waits to be confirmed. */
static int keep_before(int root, struct error *err)
{
	struct file_attr attr = {
		.mode = 0600, .uid = geteuid(), .gid = getegid(), .relaxed = true
	};
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(DOC_SIZE);
	int r;

	if (file_exists(root, SPEC_BEFORE))
		return 0;
	r = file_read(root, SPEC_PATH, &b, err);
	return r < 0 ? r : file_publish(root, SPEC_BEFORE, b.data, b.len, &attr, NULL, err);
}

int spec_publish(int root, struct doc_pool *p, const struct doc_node *doc, int64_t confirm_ms,
		 bool *changed, int64_t *ret_id, struct error *err)
{
	int r = confirm_ms > 0 ? keep_before(root, err) : 0;

	if (r < 0)
		return r;
	/* What is stored just now is not what one stands for that comes back. */
	if (!doc_key(doc, "stored") && !doc_key(doc, "taken_back"))
		doc = with(p, doc, "stored", stored_now(root, p));
	*ret_id = (int64_t)clock_boot_usec();
	doc = with(p, doc, "id", doc_new_int(p, SOURCE, *ret_id));
	doc = confirm_ms > 0 ? with(p, doc, "confirm_ms", doc_new_int(p, SOURCE, confirm_ms))
			     : doc_without(p, doc, "confirm_ms");
	return write_doc(root, SPEC_PATH, doc, changed, err);
}

int spec_publish_back(int root, struct doc_pool *p, const struct doc_node *doc, int64_t taken_back,
		      int64_t *ret_id, struct error *err)
{
	doc = with(p, doc, "taken_back", doc_new_int(p, SOURCE, taken_back));
	return spec_publish(root, p, doc, 0, NULL, ret_id, err);
}

bool spec_is_current(int root, struct doc_pool *p, const struct doc_node *doc)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(DOC_SIZE), is = BUF_WITH_LIMIT(DOC_SIZE);
	AUTO_BUF struct buf should = BUF_WITH_LIMIT(DOC_SIZE);
	const struct doc_node *now = NULL;

	if (file_read(root, SPEC_PATH, &b, NULL) < 0 ||
	    doc_json_parse(p, SPEC_PATH, buf_text(&b), b.len, &now, NULL) < 0 ||
	    doc_key(now, "confirm_ms"))
		return false;
	now = doc_without(p, doc_without(p, now, "id"), "stored");
	doc_json_write(doc_without(p, now, "taken_back"), &is);
	doc_json_write(doc, &should);
	return !strcmp(buf_text(&is), buf_text(&should));
}

int spec_load(int root, struct doc_pool *p, const char *path, struct spec *ret, struct error *err)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(DOC_SIZE);
	const struct doc_node *doc = NULL;
	int r = file_read(root, path, &b, err);

	if (r == 0)
		r = doc_json_parse(p, path, buf_text(&b), b.len, &doc, err);
	if (r < 0)
		return r;
	*ret = (struct spec){
		.doc = doc,
		.net = network_new(p),
		.id = doc_int(doc, "id", 0),
		.confirm_ms = doc_int(doc, "confirm_ms", 0),
		.take_hostname = doc_bool(doc, "take_hostname", false),
		.keep_resolv_conf = doc_bool(doc, "keep_resolv_conf", false),
		.add_resolv_conf = doc_str(doc, "add_resolv_conf", ""),
		.keep_hosts = doc_bool(doc, "keep_hosts", false),
	};
	if (!ret->net)
		return error_set(err, ENOMEM, "no memory for the network");
	network_read_own(ret->net, doc_key(doc, "network"));
	network_put_servers(ret->net, &ret->default_nameservers,
			    doc_at(doc, "default_dns.nameservers"));
	network_put_search(ret->net, &ret->default_search, doc_at(doc, "default_dns.search"));
	return 0;
}
