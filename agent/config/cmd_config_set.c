/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros config set, merge`: what changes cloud-config.yml. It is replaced as a whole, so that a
 * power cut leaves the old one or the new one, and nothing is stored that the schema does not know.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/command.h"
#include "agent/config/config.h"
#include "agent/config/config_args.h"
#include "agent/config/schema_check.h"
#include "agent/config/schema_spell.h"
#include "agent/config/validate.h"
#include "agent/config/value.h"
#include "agent/userdata/userdata.h"
#include "lib/file.h"

/* cloud-config.yml alone; an empty map when there is none. What does not parse is not touched. */
static int load_own(int root, struct doc_pool *p, const struct doc_node **ret, struct error *err)
{
	int r = config_read_layer(root, p, CONFIG_OWN, ret, err);

	if (r != -ENOENT)
		return r;
	error_reset(err);
	return userdata_document(p, CONFIG_OWN, "", 0, ret, err);
}

static int store_own(int root, const struct doc_node *doc, struct error *err)
{
	struct file_attr attr = { .mode = 0600, .uid = geteuid(), .gid = getegid() };
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(DOC_SIZE);

	buf_str(&b, "#cloud-config\n");
	doc_yaml_write(doc, &b);
	if (buf_check(&b, err) < 0)
		return -err->code;
	return file_publish(root, CONFIG_OWN, b.data, b.len, &attr, NULL, err);
}

/* Merge `more` into cloud-config.yml, unless something is wrong with it; mistakes that the file has
 * already are told by others, and keep nobody from changing it. */
static int add_to_own(int root, struct doc_pool *p, const struct doc_node *more, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *quiet = NULL;
	AUTO(schema_free) struct schema *s = schema_new();
	const struct doc_node *own = NULL;
	int r = s ? doc_pool_new(&quiet, err) : error_set(err, ENOMEM, "no memory");

	if (r == 0)
		r = validate_document(p, more, err);
	if (r == 0)
		r = load_own(root, quiet, &own, err);
	if (r < 0)
		return r;
	own = doc_merge(p, schema_spell_right(s, p, own), schema_spell_right(s, p, more));
	config_args_messages(p);
	if (doc_has_errors(p))
		return error_set(err, ECANCELED, "nothing was changed");
	return store_own(root, own, err);
}

static int run_set(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct doc_node *doc, *val;
	struct config_args a;

	if (config_args_parse(argc, argv, 2, &a, err) < 0)
		return COMMAND_USAGE;
	if (doc_pool_new(&p, err) < 0)
		return COMMAND_FAILED;
	val = value_parse(p, (struct doc_origin){ .source = "value" }, a.words[1]);
	doc = val ? doc_with(p, NULL, a.words[0], val) : NULL;
	if (!doc) {
		(void)error_set(err, EINVAL, "\"%.80s\" is no key", a.words[0]);
		return COMMAND_FAILED;
	}
	return add_to_own(env->root, p, doc, err) < 0 ? COMMAND_FAILED : COMMAND_OK;
}

static int run_merge(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(DOC_SIZE);
	const struct doc_node *more = NULL;
	struct config_args a;
	const char *name;

	if (config_args_parse(argc, argv, 0, &a, err) < 0)
		return COMMAND_USAGE;
	if (doc_pool_new(&p, err) < 0 || config_args_read(&a, &name, &b, err) < 0 ||
	    userdata_document(p, name, buf_text(&b), b.len, &more, err) < 0)
		return COMMAND_FAILED;
	return add_to_own(env->root, p, more, err) < 0 ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_config_set = {
	.name = "config set",
	.args = "KEY VALUE",
	.help = "Store a value in cloud-config.yml.",
	.run = run_set,
};

const struct command command_config_merge = {
	.name = "config merge",
	.args = "[-i FILE]",
	.help = "Merge a file, or standard input, into cloud-config.yml.",
	.run = run_merge,
};
