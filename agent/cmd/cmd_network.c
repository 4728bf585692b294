/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros network render, check, show, diff`: looks at a network configuration and at the network, and
 * changes nothing. (cmd_network_apply.c does.)
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/command.h"
#include "agent/config/config.h"
#include "agent/network/check.h"
#include "agent/network/document.h"
#include "agent/network/forms.h"
#include "agent/network/show.h"
#include "agent/network/update.h"
#include "lib/file.h"

struct options {
	bool json;
	const char *input;
};

static const struct option long_options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "input", required_argument, NULL, 'i' },
	{ NULL, 0, NULL, 0 },
};

static bool parse(int argc, char **argv, struct options *ret, struct error *err)
{
	int c;

	*ret = (struct options){ 0 };
	optind = 1;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "ji:", long_options, NULL)) != -1) {
		if (c == 'j')
			ret->json = true;
		else if (c == 'i')
			ret->input = optarg;
		else
			break;
	}
	if (c == -1 && optind == argc)
		return true;
	(void)error_set(err, EINVAL, "%s is no option, or lacks its argument",
			argv[c == -1 ? optind : optind - 1]);
	return false;
}

static void print_messages(const struct doc_pool *p)
{
	size_t n;
	const struct doc_message *m = doc_messages(p, &n);

	for (size_t i = 0; i < n; i++) {
		AUTO_BUF struct buf line = { 0 };

		doc_message_text(&m[i], &line);
		(void)fprintf(stderr, "ros: network: %s%s\n",
			      m[i].is_error ? "" : "warning: ", buf_text(&line));
	}
}

/* The caller's own file: not taken below --root. */
static int read_input(const char *path, struct buf *b, struct error *err)
{
	AUTO_FCLOSE FILE *f = NULL;

	if (!strcmp(path, "-"))
		return file_read_fd(STDIN_FILENO, "stdin", b, err);
	f = fopen(path, "re");
	if (!f)
		return error_sys(err, errno, "%s", path);
	return file_read_fd(fileno(f), path, b, err);
}

/* The model that a file describes. What cannot be read at all is a message, and an empty model. */
static int read_file(struct doc_pool *p, const char *path, struct network **ret, struct error *err)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(DOC_SIZE);
	struct error why = { 0 };
	int r = read_input(path, &text, err);

	if (r < 0)
		return r;
	if (network_read(p, path, buf_text(&text), text.len, ret, &why) < 0) {
		doc_say_error(p, path, &why);
		*ret = network_new(p);
	}
	return *ret ? 0 : error_set(err, ENOMEM, "no memory");
}

/* That of the machine below root, unless a file is given. */
static int read_model(const struct env *env, struct doc_pool *p, const struct options *o,
		      struct network **ret, struct error *err)
{
	const struct doc_node *config = NULL;
	int r;

	if (o->input)
		return read_file(p, o->input, ret, err);
	r = config_load(env->root, p, &config, err);
	if (r < 0)
		return r;
	*ret = network_read_rancher(p, config);
	return *ret ? 0 : error_set(err, ENOMEM, "no memory");
}

static int print(const struct buf *out, struct error *err)
{
	if (buf_check(out, err) < 0)
		return COMMAND_FAILED;
	(void)fwrite(buf_text(out), 1, out->len, stdout);
	return COMMAND_OK;
}

static int run_render(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf out = { 0 };
	struct network *net = NULL;
	struct options o;

	(void)env;
	if (!parse(argc, argv, &o, err))
		return COMMAND_USAGE;
	if (!o.input)
		o.input = "-";
	if (doc_pool_new(&p, err) < 0 || read_file(p, o.input, &net, err) < 0)
		return COMMAND_FAILED;
	print_messages(p);
	if (o.json)
		network_json(net, &out);
	else
		doc_yaml_write(network_document(net, NETWORK_AS_JSON), &out);
	if (print(&out, err) != COMMAND_OK)
		return COMMAND_FAILED;
	return doc_has_errors(p) ? COMMAND_FAILED : COMMAND_OK;
}

/* What is missing on this machine, too, when it is this machine's configuration. */
static int check_links(const struct env *env, struct network *net, struct error *err)
{
	AUTO_FREE struct want_list *want = calloc(1, sizeof(*want));

	if (!want || env->root != FILE_ROOT)
		return want ? 0 : error_set(err, ENOMEM, "no memory");
	return show_missing(net, want, err);
}

static int run_check(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf out = { 0 };
	struct network *net = NULL;
	struct options o;

	if (!parse(argc, argv, &o, err))
		return COMMAND_USAGE;
	if (doc_pool_new(&p, err) < 0 || read_model(env, p, &o, &net, err) < 0)
		return COMMAND_FAILED;
	network_check(net);
	if (!o.input && check_links(env, net, err) < 0)
		return COMMAND_FAILED;
	print_messages(p);
	if (o.json) {
		buf_fmt(&out, "{\"valid\":%s,\"messages\":", doc_has_errors(p) ? "false" : "true");
		doc_messages_json(p, &out);
		buf_str(&out, "}\n");
	}
	if (print(&out, err) != COMMAND_OK)
		return COMMAND_FAILED;
	return doc_has_errors(p) ? COMMAND_FAILED : COMMAND_OK;
}

static void json_lines(const char *text, struct buf *out)
{
	AUTO_FREE char *line = NULL;

	buf_str(out, "{\"changes\":[");
	for (const char *s = text; *s;) {
		size_t len = strcspn(s, "\n");

		free(line);
		line = strndup(s, len);
		buf_fmt(out, "%s\"", s == text ? "" : ",");
		buf_json(out, line ? line : "");
		buf_char(out, '"');
		s += len + (s[len] == '\n');
	}
	buf_str(out, "]}\n");
}

static int run_diff(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf text = { 0 }, out = { 0 };
	struct network *net = NULL;
	struct options o;
	size_t n;

	if (!parse(argc, argv, &o, err))
		return COMMAND_USAGE;
	if (doc_pool_new(&p, err) < 0 || read_model(env, p, &o, &net, err) < 0 ||
	    update_show(net, &text, &n, err) < 0)
		return COMMAND_FAILED;
	print_messages(p);
	if (o.json)
		json_lines(buf_text(&text), &out);
	else
		buf_str(&out, buf_text(&text));
	return print(&out, err);
}

static int run_show(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf out = { 0 };
	struct network *net = NULL;
	struct options o;
	int r;

	if (!parse(argc, argv, &o, err))
		return COMMAND_USAGE;
	if (doc_pool_new(&p, err) < 0 || read_model(env, p, &o, &net, err) < 0)
		return COMMAND_FAILED;
	if (geteuid() != 0)
		fprintf(stderr, "ros: network show: the configuration is root's to read: this is "
				"how it looks without one (sudo)\n");
	r = o.json ? show_json(net, &out, err) : show_text(net, &out, err);
	return r < 0 ? COMMAND_FAILED : print(&out, err);
}

const struct command command_network_render = {
	.name = "network render",
	.args = "[-i FILE] [--json]",
	.help = "Show a network configuration of any form in the one model.",
	.run = run_render,
};

const struct command command_network_check = {
	.name = "network check",
	.args = "[-i FILE] [--json]",
	.help = "Look for mistakes in this machine's network configuration, or in a file's.",
	.run = run_check,
};

const struct command command_network_show = {
	.name = "network show",
	.args = "[--json]",
	.help = "Show interfaces with their addresses and routes, as they are now.",
	.run = run_show,
};

const struct command command_network_diff = {
	.name = "network diff",
	.args = "[-i FILE] [--json]",
	.help = "Show what would be changed to make the network what the configuration says.",
	.run = run_diff,
};
