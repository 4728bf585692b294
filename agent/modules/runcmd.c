/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes command lists as scripts: a text is a line for `sh -c`, a list is a program and its
 * arguments, never looked at by a shell.
 */
#include <string.h>

#include "agent/modules/runcmd.h"

void runcmd_quote(const char *word, struct buf *out)
{
	buf_char(out, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			buf_str(out, "'\\''");
		else
			buf_char(out, *word);
	}
	buf_char(out, '\'');
}

static bool is_words(const struct doc_node *n)
{
	for (size_t i = 0; i < n->len; i++)
		if (!doc_is_scalar(n->items[i]) || strlen(n->items[i]->text) != n->items[i]->len)
			return false;
	return n->len > 0;
}

/* Where it stands, for the line that tells about its failure. */
static void write_place(const struct doc_node *n, struct buf *out)
{
	AUTO_BUF struct buf place = { 0 };

	if (n->origin.line)
		buf_fmt(&place, "%s:%u", n->origin.source, n->origin.line);
	buf_str(out, " || failed $? ");
	runcmd_quote(buf_text(&place), out);
	buf_char(out, '\n');
}

static bool write_command(const struct doc_node *n, struct buf *out)
{
	if (n->kind == DOC_STR && strlen(n->text) == n->len) {
		buf_str(out, "sh -c ");
		runcmd_quote(n->text, out);
	} else if (n->kind == DOC_SEQ && is_words(n)) {
		buf_str(out, "( exec");
		for (size_t i = 0; i < n->len; i++) {
			buf_char(out, ' ');
			runcmd_quote(n->items[i]->text, out);
		}
		buf_str(out, " )");
	} else {
		return false;
	}
	write_place(n, out);
	return true;
}

size_t runcmd_script(struct doc_pool *p, const char *key, const struct doc_node *list,
		     struct buf *out)
{
	size_t n = 0;

	buf_fmt(out,
		"#!/bin/sh\n"
		"# Made by ros agent from %s.\n"
		"status=0\n"
		"failed() {\n"
		"\techo \"%s: $2: exited with $1\" >&2\n"
		"\t[ $status -ne 0 ] || status=$1\n"
		"}\n",
		key, key);
	for (size_t i = 0; list && list->kind == DOC_SEQ && i < list->len; i++) {
		const struct doc_node *item = list->items[i];

		if (item->kind == DOC_NULL)
			continue;
		if (write_command(item, out))
			n++;
		else
			doc_say(p, true, item->origin,
				"a command of %s is a text or a list of words: left out", key);
	}
	buf_str(out, "exit $status\n");
	return n;
}
