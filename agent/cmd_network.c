/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros network render`: any network configuration in the one model.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "agent/command.h"
#include "agent/network/document.h"
#include "agent/network/forms.h"
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

	if (!path || !strcmp(path, "-"))
		return file_read_fd(STDIN_FILENO, "stdin", b, err);
	f = fopen(path, "re");
	if (!f)
		return error_sys(err, errno, "%s", path);
	return file_read_fd(fileno(f), path, b, err);
}

static int run_render(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(DOC_SIZE), out = { 0 };
	struct network *net = NULL;
	struct error why = { 0 };
	struct options o;

	(void)env;
	if (!parse(argc, argv, &o, err))
		return COMMAND_USAGE;
	if (doc_pool_new(&p, err) < 0 || read_input(o.input, &text, err) < 0)
		return COMMAND_FAILED;
	if (network_read(p, o.input ? o.input : "stdin", buf_text(&text), text.len, &net, &why) <
	    0) {
		doc_say_error(p, o.input ? o.input : "stdin", &why);
		net = network_new(p);
	}
	print_messages(p);
	if (net && o.json)
		network_json(net, &out);
	else if (net)
		doc_yaml_write(network_document(net, NETWORK_AS_JSON), &out);
	if (buf_check(&out, err) < 0)
		return COMMAND_FAILED;
	(void)fputs(buf_text(&out), stdout);
	return doc_has_errors(p) ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_network_render = {
	.name = "network render",
	.args = "[-i FILE] [--json]",
	.help = "Show a network configuration of any form in the one model.",
	.run = run_render,
};
