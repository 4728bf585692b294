/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the commands `ros config …` share: their options, reading their input, printing values and
 * messages.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

struct config_args {
	bool json, private, full;
	const char *input, *output;
	char **words; /* what is no option */
};

/* Options, and exactly n words behind them. A failure is wrong usage. */
int config_args_parse(int argc, char **argv, int n, struct config_args *ret,
		      struct error *err) MUST_CHECK;
/* The text of --input FILE, or of standard input. The caller's own file: not taken below --root. */
int config_args_read(const struct config_args *a, const char **ret_name, struct buf *ret,
		     struct error *err) MUST_CHECK;
/* The pool's messages on standard error, one a line. */
void config_args_messages(const struct doc_pool *p);
/* A value as `ros config get` prints it: text bare, maps and lists as YAML, or JSON. */
int config_args_print(const struct doc_node *n, bool json, FILE *out, struct error *err) MUST_CHECK;
