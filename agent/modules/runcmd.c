/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes command lists as scripts: one shell for all, as cloud-init has it. A text is the shell's
 * to read; a list is a command (also one of the shell's own) and its arguments, word by word.
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

/* `exec PROGRAM …` would take the shell from the commands behind it; `exec >FILE` is for them. */
static bool is_exec(const char *text)
{
	const char *blanks = " \t\n";

	text += strspn(text, blanks);
	if (strncmp(text, "exec", 4) != 0 || !text[4] || !strchr(blanks, text[4]))
		return false;
	text += 4 + strspn(text + 4, blanks);
	return *text && !strchr("<>&0123456789", *text);
}

/* Where it stands, for the line that tells about its end. */
static void write_place(const struct doc_node *n, size_t number, struct buf *out)
{
	AUTO_BUF struct buf place = { 0 };

	if (n->origin.line)
		buf_fmt(&place, "%s:%u", n->origin.source, n->origin.line);
	else
		buf_fmt(&place, "command %zu", number);
	buf_str(out, "ros_at=");
	runcmd_quote(buf_text(&place), out);
	buf_char(out, '\n');
}

static void write_command(const struct doc_node *n, struct buf *out)
{
	if (n->kind == DOC_STR) {
		AUTO_BUF struct buf text = { 0 };

		/* `command`: a mistake in it is its failure, not the end of the script. How it
		 * went is asked within: eval's own failure would end a script with `set -e`, where
		 * a list that may fail does not. The text may end with a backslash. */
		if (is_exec(n->text))
			buf_fmt(&text, "(%s\n)\nros_ended $?", n->text);
		else
			buf_fmt(&text, "%s\n\nros_ended $?", n->text);
		buf_str(out, "command eval ");
		runcmd_quote(buf_text(&text), out);
	}
	if (n->kind == DOC_SEQ) {
		const bool is_last = n->len > 1 && !strcmp(n->items[0]->text, "exec");

		buf_str(out, is_last ? "(" : "");
		for (size_t i = 0; i < n->len; i++) {
			buf_str(out, i ? " " : "");
			runcmd_quote(n->items[i]->text, out);
		}
		buf_str(out, is_last ? ")" : "");
	}
	buf_str(out, "\nros_ended $?\n");
}

static bool is_command(const struct doc_node *n)
{
	return n->kind == DOC_STR ? strlen(n->text) == n->len : n->kind == DOC_SEQ && is_words(n);
}

/* RancherOS passes over an empty list, too. */
bool runcmd_is_empty(const struct doc_node *item)
{
	return item->kind == DOC_NULL || (item->kind == DOC_SEQ && !item->len);
}

size_t runcmd_script(struct doc_pool *p, const char *key, const struct doc_node *list,
		     struct buf *out)
{
	size_t n = 0;

	buf_fmt(out,
		"#!/bin/sh\n"
		"# Made by ros agent from %s.\n"
		"ros_status=0\n"
		"ros_ended() {\n"
		"\t[ \"$1\" -ne 0 ] || return 0\n"
		"\techo \"%s: $ros_at: exited with $1\" >&2\n"
		"\t[ \"$ros_status\" -ne 0 ] || ros_status=$1\n"
		"}\n"
		"ros_left() {\n"
		"\t[ \"$ros_at\" ] || return 0\n"
		"\techo \"%s: $ros_at: ended the script with $1\" >&2\n"
		"\t[ \"$1\" -ne 0 ] || exit \"$ros_status\"\n"
		"}\n"
		"trap 'ros_left $?' EXIT\n",
		key, key, key);
	for (size_t i = 0; list && list->kind == DOC_SEQ && i < list->len; i++) {
		const struct doc_node *item = list->items[i];

		if (runcmd_is_empty(item))
			continue;
		if (!is_command(item)) {
			doc_say(p, true, item->origin,
				"a command of %s is a text or a list of words: left out", key);
			continue;
		}
		write_place(item, ++n, out);
		write_command(item, out);
	}
	/* The user may have a trap of his own by now: it stays. */
	buf_str(out, "ros_at=\nexit \"$ros_status\"\n");
	return n;
}
