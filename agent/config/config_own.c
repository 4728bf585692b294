/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes of cloud-config.yml. It is replaced as a whole, so that a power cut leaves the old one or
 * the new one, and nothing is stored that the schema does not know or that cannot be read again.
 */
#include "agent/config/config_own.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "agent/config/config.h"
#include "agent/config/config_args.h"
#include "agent/config/schema_check.h"
#include "agent/config/schema_spell.h"
#include "agent/config/validate.h"
#include "agent/userdata/userdata.h"
#include "lib/file.h"
#include "lib/lock.h"
#include "lib/scope.h"

/* Held from before it is read until it is replaced: two who change it lose nothing of each other's.
 */
static int lock_own(int root, int *ret, struct error *err)
{
	int r = file_mkdir(root, CONFIG_DIR, 0700, err);

	if (r == 0)
		r = file_open(root, CONFIG_DIR, O_RDONLY | O_DIRECTORY, 0, ret, err);
	return r < 0 ? r : lock_take(*ret, CONFIG_DIR, err);
}

/* cloud-config.yml alone; an empty map when there is none. What does not parse is not touched. */
static int load_own(int root, struct doc_pool *p, const struct doc_node **ret, struct error *err)
{
	int r = config_read_layer(root, p, CONFIG_OWN, ret, err);

	if (r != -ENOENT)
		return r;
	error_reset(err);
	return userdata_document(p, CONFIG_OWN, "", 0, ret, err);
}

/* A file that does not parse would lose all other settings with it. */
static int check_readable(const struct buf *b, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct doc_node *again;
	int r = doc_pool_new(&p, err);

	if (r == 0)
		r = userdata_document(p, CONFIG_OWN, b->data, b->len, &again, err);
	return r < 0 ? error_wrap(err, r, "nothing was changed, it could not be read again") : 0;
}

static int store_own(int root, const struct doc_node *doc, struct error *err)
{
	struct file_attr attr = { .mode = 0600, .uid = geteuid(), .gid = getegid() };
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(DOC_SIZE);
	int r;

	buf_str(&b, "#cloud-config\n");
	doc_yaml_write(doc, &b);
	r = buf_check(&b, err);
	if (r == 0)
		r = check_readable(&b, err);
	if (r < 0)
		return r;
	return file_publish(root, CONFIG_OWN, b.data, b.len, &attr, NULL, err);
}

/* `instead` (NULL: nothing) is taken out before. Mistakes that the file has already are told by
 * others, and keep nobody from changing it. */
static int change_own(int root, struct doc_pool *p, const struct doc_node *more,
		      const char *instead, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *quiet = NULL;
	AUTO(schema_free) struct schema *s = schema_new();
	const struct doc_node *own = NULL;
	AUTO_CLOSE int lock = -1;
	int r = s ? doc_pool_new(&quiet, err) : error_set(err, ENOMEM, "no memory");

	if (r == 0)
		r = validate_document(p, more, err);
	if (r == 0)
		r = lock_own(root, &lock, err);
	if (r == 0)
		r = load_own(root, quiet, &own, err);
	if (r < 0)
		return r;
	own = schema_spell_right(s, p, own);
	if (own && instead)
		own = doc_without(p, own, instead);
	own = own ? doc_merge(p, own, schema_spell_right(s, p, more)) : NULL;
	config_args_messages(p);
	if (!own)
		return error_set(err, ENOMEM, "no memory");
	if (doc_has_errors(p))
		return error_set(err, ECANCELED, "nothing was changed");
	return store_own(root, own, err);
}

int config_own_add(int root, struct doc_pool *p, const struct doc_node *more, struct error *err)
{
	return change_own(root, p, more, NULL, err);
}

/* What is set at `path` would stand in the place of a list: an index is no key of one. */
static int check_no_index(int root, struct doc_pool *p, const struct doc_node *doc,
			  struct error *err)
{
	const struct doc_node *have = NULL;

	if (config_load(root, p, &have, NULL) < 0)
		return 0;
	while (doc->kind == DOC_MAP && doc->len == 1) {
		const char *key = doc->pairs[0].key;

		if (have && have->kind == DOC_SEQ && *key && !key[strspn(key, "0123456789")])
			return error_set(err, EINVAL, "%s is an index of a list, which is set as "
				  "a whole (ros config get shows it)", key);
		have = doc_key(have, key);
		doc = doc->pairs[0].val;
	}
	return 0;
}

int config_own_set(int root, struct doc_pool *p, const char *path, const struct doc_node *val,
		   struct error *err)
{
	const struct doc_node *doc = val ? doc_with(p, NULL, path, val) : NULL;

	AUTO(doc_pool_free) struct doc_pool *quiet = NULL;
	int r;

	if (!doc)
		return error_set(err, EINVAL, "\"%.80s\" is no key", path);
	r = doc_pool_new(&quiet, err);
	if (r == 0)
		r = check_no_index(root, quiet, doc, err);
	if (r < 0)
		return r;
	/* Whoever sets all of `rancher` in one line has forgotten the rest of it. */
	return change_own(root, p, doc, val->kind == DOC_MAP && strchr(path, '.') ? path : NULL,
			  err);
}

int config_own_remove(int root, const char *path, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct doc_node *own = NULL;
	int r = doc_pool_new(&p, err);

	if (r == 0)
		r = load_own(root, p, &own, err);
	return r < 0 || !doc_at(own, path) ? r : config_own_replace(root, path, NULL, err);
}

int config_own_replace(int root, const char *path, const struct doc_node *val, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct doc_node *own = NULL;
	AUTO_CLOSE int lock = -1;
	int r = doc_pool_new(&p, err);

	if (r == 0)
		r = lock_own(root, &lock, err);
	if (r == 0)
		r = load_own(root, p, &own, err);
	if (r < 0)
		return r;
	own = doc_without(p, own, path);
	if (own && val)
		own = doc_with(p, own, path, val);
	return own ? store_own(root, own, err) : error_set(err, ENOMEM, "no memory");
}
