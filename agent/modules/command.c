/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running a command of the configuration.
 */
#include <errno.h>
#include <string.h>

#include "agent/modules/command.h"
#include "lib/buf.h"
#include "lib/proc.h"

#define OUTPUT_MAX (64u << 10)

int command_run(const struct doc_node *n, int timeout_ms, struct error *err)
{
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(OUTPUT_MAX);
	const char *argv[COMMAND_WORDS + 1] = { "/bin/sh", "-c", NULL };
	int r;

	if (doc_is_scalar(n) && n->kind != DOC_NULL) {
		argv[2] = n->text;
	} else {
		if (!n || n->kind != DOC_SEQ || n->len == 0 || n->len > COMMAND_WORDS)
			return error_set(err, EINVAL, "this is no command");
		for (size_t i = 0; i < n->len; i++) {
			if (!doc_is_scalar(n->items[i]))
				return error_set(err, EINVAL, "a word of a command is a text");
			argv[i] = n->items[i]->text;
		}
		argv[n->len] = NULL;
	}
	r = proc_run(argv, NULL, timeout_ms, &out, err);
	return r == -E2BIG ? 0 : r;
}
