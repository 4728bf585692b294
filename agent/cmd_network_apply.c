/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros network apply`: makes the network what the configuration says.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "agent/command.h"
#include "agent/config/config.h"
#include "agent/network/forms.h"
#include "agent/network/update.h"
#include "lib/file.h"

static int run_apply(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(DOC_SIZE);
	struct update *u = calloc(1, sizeof(*u));
	AUTO_FCLOSE FILE *f = NULL;
	struct network *net = NULL;
	size_t n;
	const struct doc_message *m;

	(void)env;
	if (argc < 2 || !u || doc_pool_new(&p, err) < 0)
		return COMMAND_FAILED;
	f = fopen(argv[1], "re");
	if (!f || file_read_fd(fileno(f), argv[1], &text, err) < 0 ||
	    network_read(p, argv[1], buf_text(&text), text.len, &net, err) < 0)
		return COMMAND_FAILED;
	u->net = net;
	if (update_run(u, err) < 0)
		return COMMAND_FAILED;
	printf("%zu steps\n", u->steps);
	free(u);
	m = doc_messages(p, &n);
	for (size_t i = 0; i < n; i++)
		fprintf(stderr, "%s\n", m[i].text);
	return doc_has_errors(p) ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_network_apply = {
	.name = "network apply",
	.args = "[--confirm SECONDS]",
	.help = "Make the network what the configuration says.",
	.run = run_apply,
};
