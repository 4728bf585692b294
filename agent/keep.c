/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps user-data and its like where config.c finds them.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "agent/config/config.h"
#include "agent/keep.h"
#include "agent/userdata/userdata.h"
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

/* Readable user-data of the config and compose forms must also parse. */
static bool is_good(struct doc_pool *p, const char *source, const struct userdata *u)
{
	const struct doc_node *n = NULL;
	struct error err = { 0 };

	if (u->form != USERDATA_CONFIG && u->form != USERDATA_COMPOSE)
		return true;
	if (userdata_document(p, source, u->text, u->len, &n, &err) == 0)
		return true;
	doc_say_error(p, source, &err);
	return false;
}

static bool read_part(struct doc_pool *p, const struct datasource_payload *payload,
		      enum datasource_part part, struct userdata *ret)
{
	const char *name = datasource_part_name(part);
	const struct buf *b = &payload->part[part];

	return userdata_read(p, name, buf_text(b), b->len, ret) == 0 && is_good(p, name, ret);
}

static bool is_layer(const struct userdata *u)
{
	return u->form == USERDATA_CONFIG || u->form == USERDATA_COMPOSE;
}

/* A layer, or its absence. */
static int keep_layer(int root, const char *path, const struct userdata *u, struct error *err)
{
	if (is_layer(u))
		return write_private(root, path, u->text, u->len, 0600, err);
	return file_remove(root, path, NULL, err);
}

static int keep_user_data(int root, struct doc_pool *p, const struct datasource_payload *payload,
			  bool *ret_good, struct error *err)
{
	struct userdata u;
	int r;

	*ret_good = read_part(p, payload, DATASOURCE_USER_DATA, &u);
	if (!*ret_good) {
		if (file_exists(root, CONFIG_BOOT) || file_exists(root, CONFIG_SCRIPT))
			doc_say(p, false, (struct doc_origin){ .source = "user-data" },
				"the last good user-data stays in effect");
		return 0;
	}
	r = keep_layer(root, CONFIG_BOOT, &u, err);
	if (r < 0)
		return r;
	if (u.form == USERDATA_SCRIPT)
		return write_private(root, CONFIG_SCRIPT, u.text, u.len, 0700, err);
	return file_remove(root, CONFIG_SCRIPT, NULL, err);
}

static int keep_vendor_data(int root, struct doc_pool *p, const struct datasource_payload *payload,
			    struct error *err)
{
	struct userdata u;

	if (!read_part(p, payload, DATASOURCE_VENDOR_DATA, &u))
		return 0;
	if (u.form == USERDATA_SCRIPT)
		doc_say(p, false, (struct doc_origin){ .source = "vendor-data" },
			"scripts of vendors are not run yet");
	return keep_layer(root, CONFIG_VENDOR, &u, err);
}

static bool is_ours(int root, const char *path)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(DOC_SIZE);

	return file_read(root, path, &b, NULL) == 0 &&
	       !strncmp(buf_text(&b), NETWORK_MARK, strlen(NETWORK_MARK));
}

static int keep_network(int root, struct doc_pool *p, const struct instance *in, struct error *err)
{
	const struct doc_node *doc =
		in->network ? doc_with(p, NULL, "rancher.network", in->network) : NULL;
	AUTO_BUF struct buf b = { 0 };
	int r;

	if (!doc)
		return is_ours(root, CONFIG_NETWORK) ? file_remove(root, CONFIG_NETWORK, NULL, err)
						     : 0;
	buf_str(&b, NETWORK_MARK);
	doc_yaml_write(doc, &b);
	r = buf_check(&b, err);
	return r < 0 ? r : write_private(root, CONFIG_NETWORK, b.data, b.len, 0600, err);
}

int keep_payload(int root, struct doc_pool *p, const struct datasource_payload *payload,
		 const struct instance *in, bool *ret_good, struct error *err)
{
	int r = keep_user_data(root, p, payload, ret_good, err);

	if (r == 0)
		r = keep_vendor_data(root, p, payload, err);
	if (r == 0)
		r = keep_network(root, p, in, err);
	return r < 0 ? error_wrap(err, r, "keep the user-data") : 0;
}
