/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros config set, merge`: what changes cloud-config.yml.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/command.h"
#include "agent/config/config_args.h"
#include "agent/config/config_own.h"
#include "agent/config/value.h"
#include "agent/userdata/userdata.h"
#include "lib/file.h"

static int run_set(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct doc_node *val;
	struct config_args a;

	if (config_args_parse(argc, argv, 2, &a, err) < 0)
		return COMMAND_USAGE;
	if (doc_pool_new(&p, err) < 0)
		return COMMAND_FAILED;
	val = value_parse(p, (struct doc_origin){ .source = "value" }, a.words[1]);
	return config_own_set(env->root, p, a.words[0], val, err) < 0 ? COMMAND_FAILED : COMMAND_OK;
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
	return config_own_add(env->root, p, more, err) < 0 ? COMMAND_FAILED : COMMAND_OK;
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
