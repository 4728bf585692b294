/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps user-data and its like where config.c finds them.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/apply/keep.h"
#include "agent/config/config.h"
#include "agent/userdata/assemble.h"
#include "agent/userdata/scripts.h"
#include "lib/doc/tree.h"
#include "lib/file.h"
#include "lib/file_remove.h"

/* A network.yml that does not begin so was written by the owner of the machine. */
#define NETWORK_MARK "# Made by ros agent from the datasource's network configuration.\n"

static int write_private(int root, const char *path, const char *data, size_t len, mode_t mode,
			 struct error *err)
{
	/* cache_save() syncs the disk when there was something new. */
	struct file_attr attr = {
		.mode = mode, .uid = geteuid(), .gid = getegid(), .relaxed = true
	};
	int r = file_mkdir(root, CONFIG_DIR, 0700, err);

	return r < 0 ? r : file_publish(root, path, data, len, &attr, NULL, err);
}

/* --- user-data and vendor-data --- */

static void assemble_part(const struct keep *k, struct unpack_input *in, enum datasource_part part,
			  struct assembled *ret)
{
	const struct buf *b = &k->payload->part[part];

	*ret = (struct assembled){ 0 };
	in->source = datasource_part_name(part);
	in->data = buf_text(b);
	in->len = b->len;
	if (k->payload->has[part])
		assemble_one(in, ret);
}

/* The merged parts as a file; each key says where it came from. */
static int write_merged(struct doc_pool *p, const char *source, const struct doc_node *config,
			struct buf *out)
{
	buf_fmt(out,
		"#cloud-config\n# Made by ros agent from the parts of %s. A comment says where the "
		"key below it came from.\n",
		source);
	for (size_t i = 0; i < config->len; i++) {
		const struct doc_pair *pair = &config->pairs[i];
		const struct doc_node *one = tree_map(p, config->origin, pair, 1, 1);

		if (!one)
			return -ENOMEM;
		if (pair->origin.source)
			buf_fmt(out, "# %s:%u\n", pair->origin.source, pair->origin.line);
		doc_yaml_write(one, out);
	}
	return out->failed ? -out->failed : 0;
}

/* A layer, or its absence. */
static int keep_layer(const struct keep *k, const char *path, const char *source,
		      const struct assembled *from, struct error *err)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(DOC_SIZE);
	int r;

	if (!from->config)
		return file_remove(k->root, path, NULL, err);
	if (from->only)
		return write_private(k->root, path, from->only->text, from->only->len, 0600, err);
	r = write_merged(k->pool, source, from->config, &b);
	if (r < 0)
		return error_set(err, -r, "the merged configuration is too large");
	return write_private(k->root, path, b.data, b.len, 0600, err);
}

/* Something of it can be used. */
static bool has_good_part(const struct assembled *a)
{
	for (size_t i = 0; i < a->parts.n; i++)
		if (a->parts.list[i].type != UNPACK_IGNORED)
			return true;
	return false;
}

static void say_last_good(const struct keep *k)
{
	struct scripts_names *names = malloc(sizeof(*names));

	if (names)
		scripts_list(k->root, SCRIPTS_DIR, names);
	if (file_exists(k->root, CONFIG_BOOT) || file_exists(k->root, SCRIPTS_ONE) ||
	    (names && names->n))
		doc_say(k->pool, false, (struct doc_origin){ .source = "user-data" },
			"the last good user-data stays in effect");
	free(names);
}

/* A bad part costs itself; when nothing is left, all stays as the last good boot had it. */
static int keep_data(const struct keep *k, struct unpack_input *in, bool *ret_good,
		     struct error *err)
{
	struct assembled user, vendor = { 0 };
	int r;

	assemble_part(k, in, DATASOURCE_USER_DATA, &user);
	*ret_good = !user.failed;
	if (user.failed && !has_good_part(&user)) {
		say_last_good(k);
		return 0;
	}
	if (assemble_wants_vendor(user.config))
		assemble_part(k, in, DATASOURCE_VENDOR_DATA, &vendor);
	r = keep_layer(k, CONFIG_BOOT, "user-data", &user, err);
	if (r == 0 && (!vendor.failed || has_good_part(&vendor)))
		r = keep_layer(k, CONFIG_VENDOR, "vendor-data", &vendor, err);
	return r < 0 ? r : scripts_keep(k->root, &user.parts, &vendor.parts, err);
}

static int keep_unpacked(const struct keep *k, bool *ret_good, struct error *err)
{
	AUTO_INCLUDE struct include include = { .root = k->root,
						.instance_id = k->instance->id,
						.allow_loopback = k->allow_loopback,
						.network = k->network,
						.network_arg = k->network_arg };
	struct unpack_input in = { .pool = k->pool, .include = &include };
	struct vars vars;

	vars_read(k->pool, k->instance, &vars);
	in.vars = &vars;
	return keep_data(k, &in, ret_good, err);
}

/* --- network --- */

static bool is_ours(int root, const char *path)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(DOC_SIZE);

	return file_read(root, path, &b, NULL) == 0 &&
	       !strncmp(buf_text(&b), NETWORK_MARK, strlen(NETWORK_MARK));
}

static int keep_network(const struct keep *k, struct error *err)
{
	const struct doc_node *network = k->instance->network;
	const struct doc_node *doc =
		network ? doc_with(k->pool, NULL, "rancher.network", network) : NULL;
	AUTO_BUF struct buf b = { 0 };
	int r;

	if (!doc)
		return is_ours(k->root, CONFIG_NETWORK)
			       ? file_remove(k->root, CONFIG_NETWORK, NULL, err)
			       : 0;
	buf_str(&b, NETWORK_MARK);
	doc_yaml_write(doc, &b);
	r = buf_check(&b, err);
	return r < 0 ? r : write_private(k->root, CONFIG_NETWORK, b.data, b.len, 0600, err);
}

int keep_payload(const struct keep *k, bool *ret_good, struct error *err)
{
	int r = keep_unpacked(k, ret_good, err);

	if (r == 0)
		r = keep_network(k, err);
	return r < 0 ? error_wrap(err, r, "keep the user-data") : 0;
}
