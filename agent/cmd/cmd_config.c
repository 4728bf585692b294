/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros config get, export, validate, images`: what only reads.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/command.h"
#include "agent/config/config.h"
#include "agent/config/config_args.h"
#include "agent/config/images.h"
#include "agent/config/line.h"
#include "agent/config/schema_near.h"
#include "agent/config/secret.h"
#include "agent/config/validate.h"
#include "agent/service/compose.h"
#include "lib/file.h"

/* --- get --- */

/* A key that nobody knows is told, and has no value: as in RancherOS that is no failure. */
static const struct doc_node *value_of(struct doc_pool *p, const struct schema *s,
				       const struct doc_node *config, const char *key)
{
	const struct doc_node *n = doc_at(config, key);
	const struct schema_entry *e = n ? NULL : schema_find(s, key);
	AUTO_BUF struct buf near = BUF_WITH_LIMIT(256);
	const char *name = strrchr(key, '.');

	if (n)
		return n;
	if (e && e->row->fallback &&
	    doc_yaml(p, "default", e->row->fallback, strlen(e->row->fallback), &n, NULL) == 0)
		return n;
	if (e)
		return NULL;
	if (!name)
		(void)schema_near_key(s, "", key, &near);
	doc_say(p, false, (struct doc_origin){ 0 }, "there is no key \"%.100s\"%s", key,
		near.len ? buf_text(&near) : " (see: ros config schema)");
	return NULL;
}

static int run_get(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO(schema_free) struct schema *s = schema_new();
	const struct doc_node *config = NULL, *n;
	struct config_args a;

	if (config_args_parse(argc, argv, 1, &a, err) < 0)
		return COMMAND_USAGE;
	if (!s || doc_pool_new(&p, err) < 0 || config_load(env->root, p, &config, err) < 0)
		return COMMAND_FAILED;
	n = value_of(p, s, config, a.words[0]);
	config_args_messages(p);
	return config_args_print(n, a.json, stdout, err) < 0 ? COMMAND_FAILED : COMMAND_OK;
}

/* --- export --- */

/* What came from this boot's kernel line alone is no part of a configuration to be carried on. */
static const struct doc_node *drop_line_only(struct doc_pool *p, const struct doc_node *config)
{
	static const char *const keys[] = { "rancher.password", "rancher.autologin",
					    "EXTRA_CMDLINE", "rancher.environment.EXTRA_CMDLINE" };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const struct doc_node *n = doc_at(config, keys[i]);

		if (n && n->origin.source && !strcmp(n->origin.source, LINE_SOURCE))
			config = doc_without(p, config, keys[i]);
	}
	return config;
}

/* --output FILE: the caller's own, and nobody else's to read. */
static int open_output(const char *path, FILE **ret, struct error *err)
{
	int fd;

	*ret = stdout;
	if (!path)
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0400);
	*ret = fd < 0 ? NULL : fdopen(fd, "w");
	if (!*ret)
		return error_sys(err, errno, "%s", path);
	/* A file that was there has its old mode. */
	return fchmod(fd, 0400) < 0 ? error_sys(err, errno, "%s", path) : 0;
}

static int write_output(const struct config_args *a, const struct doc_node *config,
			struct error *err)
{
	FILE *out;
	int r = open_output(a->output, &out, err);

	if (r == 0)
		r = config_args_print(config, a->json, out, err);
	if (a->output && out && fclose(out) != 0 && r == 0)
		r = error_sys(err, errno, "%s", a->output);
	return r;
}

static int run_export(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO(schema_free) struct schema *s = schema_new();
	struct config_choice choice = { 0 };
	const struct doc_node *config = NULL;
	struct config_args a;

	if (config_args_parse(argc, argv, 0, &a, err) < 0)
		return COMMAND_USAGE;
	choice.own_only = !a.full;
	if (!s || doc_pool_new(&p, err) < 0 ||
	    config_load_choice(env->root, p, &choice, &config, err) < 0)
		return COMMAND_FAILED;
	config = drop_line_only(p, config);
	if (!a.private)
		config = secret_remove(s, p, config);
	config_args_messages(p);
	return write_output(&a, config, err) < 0 ? COMMAND_FAILED : COMMAND_OK;
}

/* --- validate --- */

static void validate_json(const struct doc_pool *p)
{
	AUTO_BUF struct buf out = { 0 };

	buf_fmt(&out, "{\"valid\":%s,\"messages\":", doc_has_errors(p) ? "false" : "true");
	doc_messages_json(p, &out);
	buf_str(&out, "}\n");
	(void)fputs(buf_text(&out), stdout);
}

static int run_validate(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(DOC_SIZE);
	struct config_args a;
	const char *name;
	int r;

	(void)env;
	if (config_args_parse(argc, argv, 0, &a, err) < 0)
		return COMMAND_USAGE;
	if (doc_pool_new(&p, err) < 0)
		return COMMAND_FAILED;
	r = config_args_read(&a, &name, &b, err);
	if (r == 0)
		r = validate_text(p, name, buf_text(&b), b.len, compose_check, err);
	/* One document on standard output, also when the file could not be read. */
	if (r < 0) {
		doc_say_error(p, name, err);
		error_reset(err);
	}
	config_args_messages(p);
	if (a.json)
		validate_json(p);
	return doc_has_errors(p) ? COMMAND_FAILED : COMMAND_OK;
}

/* --- images --- */

static int run_images(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(DOC_SIZE), out = { 0 };
	const struct doc_node *config = NULL;
	struct config_args a;
	const char *name;
	int r;

	if (config_args_parse(argc, argv, 0, &a, err) < 0)
		return COMMAND_USAGE;
	if (doc_pool_new(&p, err) < 0)
		return COMMAND_FAILED;
	if (a.input) {
		r = config_args_read(&a, &name, &b, err);
		if (r == 0)
			r = doc_yaml(p, name, buf_text(&b), b.len, &config, err);
	} else {
		r = config_load(env->root, p, &config, err);
	}
	if (r == 0)
		r = images_list(env->root, config, a.json, &out, err);
	config_args_messages(p);
	(void)fputs(buf_text(&out), stdout);
	return r < 0 ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_config_get = {
	.name = "config get",
	.args = "KEY [--json]",
	.help = "Print a value of the merged configuration.",
	.run = run_get,
};

const struct command command_config_export = {
	.name = "config export",
	.args = "[--private] [--full] [-o FILE] [--json]",
	.help = "Print the merged configuration; secrets only with --private, what is built in "
		"only with --full.",
	.run = run_export,
};

const struct command command_config_validate = {
	.name = "config validate",
	.args = "[-i FILE] [--json]",
	.help = "Look for mistakes in a configuration file.",
	.run = run_validate,
};

const struct command command_config_images = {
	.name = "config images",
	.args = "[-i FILE] [--json]",
	.help = "List the images of the configuration's services.",
	.run = run_images,
};
