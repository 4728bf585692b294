/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rsyslog: log servers and pieces of configuration, as files of /etc/rsyslog.d. (/etc/rsyslog.conf,
 * a template, includes them.)
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "agent/modules/rows.h"

#define DEFAULT_DIR  "/etc/rsyslog.d"
#define DEFAULT_FILE "20-cloud-config.conf"
#define PIECES_MAX   100

struct work {
	const struct module_ctx *c;
	const char *dir, *file; /* of pieces that name none */
	struct buf own;		/* text of that file */
	enum module_result result;
};

static void fail(struct work *w, const struct doc_node *n, const char *what)
{
	w->result = module_fail(w->c, n->origin, "rsyslog: %s", what);
}

/* --- remotes: "[FILTER] [@|@@]HOST[:PORT]" --- */

static bool is_address(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr("-._:[]%", s[i]))
			return false;
	return len > 0 && (isalnum((unsigned char)*s) || *s == '[');
}

static void add_remote(struct work *w, const char *name, const struct doc_node *n)
{
	const char *text = module_text(n), *host;
	size_t filter = 0, len;

	if (n->kind == DOC_NULL)
		return;
	if (!text || !module_is_line(text) || !module_is_line(name)) {
		fail(w, n, "a remote is one line ([FILTER] [@@]HOST[:PORT])");
		return;
	}
	text += strspn(text, " \t");
	len = strcspn(text, " \t#");
	host = text;
	if (text[len] == ' ' || text[len] == '\t') {
		host = text + len + strspn(text + len, " \t");
		filter = *host && *host != '#' ? len : 0;
		host = filter ? host : text;
		len = strcspn(host, " \t#");
	}
	if (!is_address(host + strspn(host, "@"), len - strspn(host, "@")) ||
	    strspn(host, "@") > 2 || strcspn(text, "\"'$:") < filter) {
		fail(w, n, "this is no log server ([FILTER] [@@]HOST[:PORT])");
		return;
	}
	if (filter)
		buf_add(&w->own, text, filter);
	else
		buf_str(&w->own, "*.*");
	/* What is neither is UDP. */
	buf_fmt(&w->own, " %s%.*s # %s\n", *host == '@' ? "" : "@", (int)len, host, name);
}

/* --- configs --- */

static void write_piece(struct work *w, const struct doc_node *n, const char *name,
			const char *content)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(1u << 20);
	char path[512];

	if (!*name || *name == '.' || strchr(name, '/') || !module_is_line(name) ||
	    strlen(name) > 200) {
		fail(w, n, "filename is a name in /etc/rsyslog.d");
		return;
	}
	buf_str(&text, content);
	if (text.len && text.data[text.len - 1] != '\n')
		buf_char(&text, '\n');
	(void)snprintf(path, sizeof(path), "%.200s/%s", w->dir, name);
	w->result = module_worse(w->result, module_write(w->c, path, &text, 0644));
}

static void add_piece(struct work *w, const struct doc_node *n)
{
	const char *content = module_text(n->kind == DOC_MAP ? doc_key(n, "content") : n);
	const char *name = n->kind == DOC_MAP ? doc_str(n, "filename", NULL) : NULL;

	if (!content) {
		fail(w, n, "a piece of configuration is a text, or has a content");
	} else if (name && strcmp(name, w->file)) {
		write_piece(w, n, name, content);
	} else {
		buf_str(&w->own, content);
		if (*content && content[strlen(content) - 1] != '\n')
			buf_char(&w->own, '\n');
	}
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	const struct doc_node *map = doc_key(c->config, "rsyslog"), *one;
	const struct doc_node *remotes = doc_key(map, "remotes");
	struct work w = { .c = c, .own = BUF_WITH_LIMIT(1u << 20), .result = MODULE_UNCHANGED };
	const struct doc_node *const *items;
	size_t n, head;

	w.dir = doc_str(map, "config_dir", DEFAULT_DIR);
	w.file = doc_str(map, "config_filename", DEFAULT_FILE);
	if (*w.dir != '/' || strstr(w.dir, ".."))
		w.dir = DEFAULT_DIR;
	buf_str(&w.own, "# Made by ros agent from rsyslog.\n");
	head = w.own.len;
	/* The form of old is a list of pieces. */
	items = module_items(map->kind == DOC_SEQ ? map : doc_key(map, "configs"), &one, &n);
	for (size_t i = 0; i < n && i < PIECES_MAX; i++)
		add_piece(&w, items[i]);
	for (size_t i = 0; remotes && remotes->kind == DOC_MAP && i < remotes->len; i++)
		add_remote(&w, remotes->pairs[i].key, remotes->pairs[i].val);
	if (w.own.len > head)
		write_piece(&w, map, w.file, buf_text(&w.own));
	buf_done(&w.own);
	buf_str(message, w.dir);
	return w.result;
}

const struct module module_rsyslog = {
	.name = "rsyslog_d",
	.apply = apply,
	.frequency = MODULE_INSTANCE,
	.keys = { "rsyslog" },
};
