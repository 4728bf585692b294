/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Options, input and output of `ros config`.
 */
#include "agent/config/config_args.h"

#include <errno.h>
#include <getopt.h>
#include <unistd.h>

#include "lib/file.h"

#define PRINT_MAX (64u << 20)

static const struct option long_options[] = {
	{ "json", no_argument, NULL, 'j' },          { "private", no_argument, NULL, 'p' },
	{ "full", no_argument, NULL, 'f' },          { "input", required_argument, NULL, 'i' },
	{ "output", required_argument, NULL, 'o' },  { NULL, 0, NULL, 0 },
};

int config_args_parse(int argc, char **argv, int n, struct config_args *ret, struct error *err)
{
	int c;

	*ret = (struct config_args){ 0 };
	optind = 1;
	opterr = 0;
	/* A value may begin with "-". */
	while ((c = getopt_long(argc, argv, n == 2 ? "+jpfi:o:" : "jpfi:o:", long_options,
				NULL)) != -1) {
		if (c == 'j')
			ret->json = true;
		else if (c == 'p')
			ret->private = true;
		else if (c == 'f')
			ret->full = true;
		else if (c == 'i')
			ret->input = optarg;
		else if (c == 'o')
			ret->output = optarg;
		else
			return error_set(err, EINVAL, "%s is no option, or lacks its argument",
					 argv[optind - 1]);
	}
	ret->words = argv + optind;
	if (argc - optind != n)
		return error_set(err, EINVAL, "%d arguments are wanted (try: ros config)", n);
	return 0;
}

int config_args_read(const struct config_args *a, const char **ret_name, struct buf *ret,
		     struct error *err)
{
	AUTO_FCLOSE FILE *f = NULL;

	*ret_name = a->input ? a->input : "stdin";
	if (!a->input)
		return file_read_fd(STDIN_FILENO, *ret_name, ret, err);
	f = fopen(a->input, "re");
	if (!f)
		return error_sys(err, errno, "%s", a->input);
	return file_read_fd(fileno(f), a->input, ret, err);
}

void config_args_messages(const struct doc_pool *p)
{
	size_t n;
	const struct doc_message *m = doc_messages(p, &n);

	for (size_t i = 0; i < n; i++) {
		AUTO_BUF struct buf line = { 0 };

		doc_message_text(&m[i], &line);
		(void)fprintf(stderr, "ros: config: %s%s\n", m[i].is_error ? "" : "warning: ",
			      buf_text(&line));
	}
}

int config_args_print(const struct doc_node *n, bool json, FILE *out, struct error *err)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(PRINT_MAX);
	int r;

	if (json)
		doc_json_write(n, &b);
	else if (doc_is_scalar(n))
		buf_add(&b, n->text, n->kind == DOC_NULL ? 0 : n->len);
	else if (n)
		doc_yaml_write(n, &b);
	if (json || !n || doc_is_scalar(n))
		buf_char(&b, '\n');
	r = buf_check(&b, err);
	if (r < 0)
		return r;
	(void)fwrite(buf_text(&b), 1, b.len, out);
	return 0;
}
