/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel command line: words, quotes and brackets as RancherOS split them
 * (words end at spaces outside of quotes and of one level of [ ]). Pure.
 *
 * Quotes are ' " and every Unicode quotation mark; one ends at the next of its kind or at its
 * counterpart. `\"` counts as `"`. What is not closed reaches to the end of the line.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/error.h"

/* A longer line is cut before the word that passes this; Linux' own limit on x86 is 2048. */
#define CMDLINE_MAX 4096
#define CMDLINE_WORDS 256

struct cmdline_word {
	const char *key;   /* without the value; "rancher.state.dev" */
	const char *value; /* "" for `key=`, NULL without "="; its quotes are kept, for YAML */
	const char *plain; /* value without one pair of quotes around the whole of it */
	unsigned column;   /* 1-based place of the word in the line, in bytes */
};

struct cmdline {
	char text[2 * CMDLINE_MAX]; /* the words' storage */
	struct cmdline_word words[CMDLINE_WORDS];
	size_t n_words;
	bool open; /* the last word's quote or bracket is not closed */
};

/* Split `line`. Never fails: what is too long or too much is left out and reported by false. */
bool cmdline_parse(struct cmdline *c, const char *line);
/* Read /proc/cmdline below root (see lib/file.h) and split it. -E2BIG when not all of it was taken;
 * the words that were are in *c all the same. */
int cmdline_load(struct cmdline *c, int root, struct error *err) MUST_CHECK;
/* The last value of key, plain; NULL when absent; "true" when it stands without "=". */
const char *cmdline_get(const struct cmdline *c, const char *key);
/* Present and neither false, 0, no nor off (in any case). */
bool cmdline_flag(const struct cmdline *c, const char *key);
