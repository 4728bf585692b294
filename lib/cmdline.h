/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel command line: words, quotes and brackets as RancherOS split them
 * (words end at spaces outside of quotes and of one level of [ ]). Pure.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/error.h"

/* A longer line is cut there; Linux' own limit on x86 is 2048. */
#define CMDLINE_MAX 4096
#define CMDLINE_WORDS 256

struct cmdline_word {
	const char *key;   /* without the value; "rancher.state.dev" */
	const char *value; /* "" for `key=`, NULL when there is no "=" */
	unsigned column;   /* 1-based place of the word in the line */
};

struct cmdline {
	char text[2 * CMDLINE_MAX]; /* the words' storage */
	struct cmdline_word words[CMDLINE_WORDS];
	size_t n_words;
};

/* Split `line`. Never fails: what is too long or too much is left out and reported by false. */
bool cmdline_parse(struct cmdline *c, const char *line);
/* Read /proc/cmdline below root (see lib/file.h) and split it. */
int cmdline_load(struct cmdline *c, int root, struct error *err) MUST_CHECK;
/* The last value of key; NULL when absent; "true" when it stands without "=". */
const char *cmdline_get(const struct cmdline *c, const char *key);
/* Present and neither false, 0, no nor off. */
bool cmdline_flag(const struct cmdline *c, const char *key);
