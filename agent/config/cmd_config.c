/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros config get, set, merge, export, validate`: the start of the configuration tool. Further ones
 * (explain, diff, render, schema, images) are commands of the same kind, from the same documents.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/command.h"
#include "agent/config/config.h"
#include "agent/userdata/userdata.h"
#include "agent/config/validate.h"
#include "agent/config/value.h"
#include "lib/doc/doc.h"
#include "lib/file.h"

/* Never shown without --private. */
static const char *const secrets[] = {
	"rancher.password",           "rancher.autologin",     "rancher.ssh",
	"rancher.docker.ca_key",      "rancher.docker.ca_cert", "rancher.docker.server_key",
	"rancher.docker.server_cert", "rancher.registry_auths",
};

struct options {
	bool json, private;
	const char *input;
};

static const struct option long_options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "private", no_argument, NULL, 'p' },
	{ "full", no_argument, NULL, 'f' }, /* everything is always exported */
	{ "input", required_argument, NULL, 'i' },
	{ NULL, 0, NULL, 0 },
};

/* Options, then exactly n words from argv[optind] on. */
static bool parse(int argc, char **argv, int n, struct options *ret, struct error *err)
{
	int c;

	*ret = (struct options){ 0 };
	optind = 1;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "jpfi:", long_options, NULL)) != -1) {
		if (c == 'j')
			ret->json = true;
		else if (c == 'p')
			ret->private = true;
		else if (c == 'i')
			ret->input = optarg;
		else if (c != 'f')
			break;
	}
	if (c != -1) {
		(void)error_set(err, EINVAL, "%s is no option, or lacks its argument",
				argv[optind - 1]);
		return false;
	}
	if (argc - optind == n)
		return true;
	(void)error_set(err, EINVAL, "%d arguments are wanted (try: ros config)", n);
	return false;
}

static void print_messages(const struct doc_pool *p, FILE *out)
{
	size_t n;
	const struct doc_message *m = doc_messages(p, &n);

	for (size_t i = 0; i < n; i++) {
		AUTO_BUF struct buf line = { 0 };

		doc_message_text(&m[i], &line);
		(void)fprintf(out, "ros: config: %s%s\n", m[i].is_error ? "" : "warning: ",
			      buf_text(&line));
	}
}

static int print_node(const struct doc_node *n, bool json, struct error *err)
{
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(64u << 20);

	if (json) {
		doc_json_write(n, &out);
		buf_char(&out, '\n');
	} else if (doc_is_scalar(n)) {
		buf_add(&out, n->text, n->kind == DOC_NULL ? 0 : n->len);
		buf_char(&out, '\n');
	} else if (n) {
		doc_yaml_write(n, &out);
	} else {
		buf_char(&out, '\n');
	}
	if (buf_check(&out, err) < 0)
		return COMMAND_FAILED;
	(void)fwrite(buf_text(&out), 1, out.len, stdout);
	return COMMAND_OK;
}

static int run_get(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct doc_node *config = NULL;
	struct options o;

	if (!parse(argc, argv, 1, &o, err))
		return COMMAND_USAGE;
	if (doc_pool_new(&p, err) < 0 || config_load(env->root, p, &config, err) < 0)
		return COMMAND_FAILED;
	print_messages(p, stderr);
	return print_node(doc_at(config, argv[optind]), o.json, err);
}

static int run_export(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct doc_node *config = NULL;
	struct options o;

	if (!parse(argc, argv, 0, &o, err))
		return COMMAND_USAGE;
	if (doc_pool_new(&p, err) < 0 || config_load(env->root, p, &config, err) < 0)
		return COMMAND_FAILED;
	for (size_t i = 0; !o.private && i < ARRAY_LEN(secrets); i++)
		config = doc_without(p, config, secrets[i]);
	print_messages(p, stderr);
	return print_node(config, o.json, err);
}

/* cloud-config.yml alone; an empty map when there is none. What does not parse is not touched. */
static int load_own(int root, struct doc_pool *p, const struct doc_node **ret, struct error *err)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(DOC_SIZE);
	int r = file_read(root, CONFIG_OWN, &b, err);

	if (r < 0 && r != -ENOENT)
		return r;
	error_reset(err);
	return userdata_document(p, CONFIG_OWN, buf_text(&b), b.len, ret, err);
}

/* Store a document as cloud-config.yml, unless a value in it is of the wrong kind. */
static int store_own(int root, struct doc_pool *p, const struct doc_node *doc, struct error *err)
{
	struct file_attr attr = { .mode = 0600, .uid = geteuid(), .gid = getegid() };
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(DOC_SIZE);

	if (validate_document(p, doc, err) < 0)
		return -err->code;
	print_messages(p, stderr);
	if (doc_has_errors(p))
		return error_set(err, ECANCELED, "nothing was changed");
	buf_str(&b, "#cloud-config\n");
	doc_yaml_write(doc, &b);
	if (buf_check(&b, err) < 0)
		return -err->code;
	return file_publish(root, CONFIG_OWN, b.data, b.len, &attr, NULL, err);
}

static int run_set(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct doc_node *doc = NULL, *val;
	struct options o;

	if (!parse(argc, argv, 2, &o, err))
		return COMMAND_USAGE;
	if (doc_pool_new(&p, err) < 0 || load_own(env->root, p, &doc, err) < 0)
		return COMMAND_FAILED;
	val = value_parse(p, (struct doc_origin){ .source = "value" }, argv[optind + 1]);
	doc = val ? doc_with(p, doc, argv[optind], val) : NULL;
	if (!doc) {
		(void)error_set(err, EINVAL, "\"%.80s\" is no key", argv[optind]);
		return COMMAND_FAILED;
	}
	return store_own(env->root, p, doc, err) < 0 ? COMMAND_FAILED : COMMAND_OK;
}

/* The text of --input FILE, or of standard input. The caller's own file: not taken below --root. */
static int read_input(const char *path, const char **ret_name, struct buf *b, struct error *err)
{
	AUTO_FCLOSE FILE *f = NULL;

	*ret_name = path ? path : "stdin";
	if (!path)
		return file_read_fd(STDIN_FILENO, *ret_name, b, err);
	f = fopen(path, "re");
	if (!f)
		return error_sys(err, errno, "%s", path);
	return file_read_fd(fileno(f), path, b, err);
}

static int run_merge(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(DOC_SIZE);
	const struct doc_node *own = NULL, *more = NULL;
	struct options o;
	const char *name;

	if (!parse(argc, argv, 0, &o, err))
		return COMMAND_USAGE;
	if (doc_pool_new(&p, err) < 0 || load_own(env->root, p, &own, err) < 0 ||
	    read_input(o.input, &name, &b, err) < 0 ||
	    userdata_document(p, name, buf_text(&b), b.len, &more, err) < 0)
		return COMMAND_FAILED;
	own = doc_merge(p, own, more);
	return store_own(env->root, p, own, err) < 0 ? COMMAND_FAILED : COMMAND_OK;
}

static void validate_json(const struct doc_pool *p, struct buf *out)
{
	buf_fmt(out, "{\"valid\":%s,\"messages\":", doc_has_errors(p) ? "false" : "true");
	doc_messages_json(p, out);
	buf_str(out, "}\n");
}

static int run_validate(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(DOC_SIZE), out = { 0 };
	struct options o;
	const char *name;

	(void)env;
	if (!parse(argc, argv, 0, &o, err))
		return COMMAND_USAGE;
	if (doc_pool_new(&p, err) < 0 || read_input(o.input, &name, &b, err) < 0)
		return COMMAND_FAILED;
	if (validate_text(p, name, buf_text(&b), b.len, err) < 0)
		return COMMAND_FAILED;
	print_messages(p, stderr);
	if (o.json)
		validate_json(p, &out);
	(void)fputs(buf_text(&out), stdout);
	return doc_has_errors(p) ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_config_get = {
	.name = "config get",
	.args = "KEY [--json]",
	.help = "Print a value of the merged configuration.",
	.run = run_get,
};

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

const struct command command_config_export = {
	.name = "config export",
	.args = "[--private] [--json]",
	.help = "Print the merged configuration; secrets only with --private.",
	.run = run_export,
};

const struct command command_config_validate = {
	.name = "config validate",
	.args = "[-i FILE] [--json]",
	.help = "Look for mistakes in a configuration file.",
	.run = run_validate,
};
