/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rancher.modules: "NAME param=value …", loaded unless they are there already.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "agent/modules/rows.h"
#include "lib/file.h"
#include "lib/proc.h"

#define LOAD_MS	     10000
#define WORDS	     32
#define LINE_MAX_LEN 1024

/* Split a line at blanks, in place; the words go to argv from `from` on. */
static bool split(char *line, const char **argv, size_t from)
{
	size_t n = from;

	while (*line) {
		line += strspn(line, " \t");
		if (!*line)
			break;
		if (n + 1 >= WORDS)
			return false;
		argv[n++] = line;
		line += strcspn(line, " \t");
		if (*line)
			*line++ = '\0';
	}
	argv[n] = NULL;
	return n > from;
}

static bool is_name(const char *name)
{
	for (const char *s = name; *s; s++)
		if (!isalnum((unsigned char)*s) && *s != '_' && *s != '-')
			return false;
	return *name != '-';
}

static bool is_loaded(int root, const char *name)
{
	char path[128];
	int n = snprintf(path, sizeof(path), "/sys/module/%s", name);

	if (n < 0 || (size_t)n >= sizeof(path))
		return false;
	for (char *s = path + strlen("/sys/module/"); *s; s++)
		if (*s == '-')
			*s = '_';
	return file_exists(root, path);
}

static enum module_result load(const struct module_ctx *c, const struct doc_node *n)
{
	const char *argv[WORDS] = { "modprobe", "--" };
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(4096);
	struct error err = { 0 };
	char line[LINE_MAX_LEN];

	if (!doc_is_scalar(n) || n->len >= sizeof(line))
		return MODULE_FAILED;
	memcpy(line, n->text, n->len + 1);
	if (!split(line, argv, 2) || !is_name(argv[2])) {
		doc_say(c->pool, true, n->origin, "this is no module (\"NAME param=value …\")");
		return MODULE_FAILED;
	}
	if (is_loaded(c->root, argv[2]))
		return MODULE_UNCHANGED;
	if (!c->live)
		return MODULE_SKIPPED;
	if (proc_run(argv, NULL, LOAD_MS, &out, &err) == 0)
		return MODULE_CHANGED;
	doc_say(c->pool, true, n->origin, "module %s: %s", argv[2], err.msg);
	return MODULE_FAILED;
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	const struct doc_node *list = doc_at(c->config, "rancher.modules");
	enum module_result result = MODULE_SKIPPED;

	if (!list || list->kind != DOC_SEQ || list->len == 0)
		return MODULE_SKIPPED;
	for (size_t i = 0; i < list->len; i++)
		result = module_worse(result, load(c, list->items[i]));
	buf_fmt(message, "%zu modules", list->len);
	return result;
}

const struct module module_modules = {
	.name = "modules",
	.apply = apply,
	.keys = { "rancher.modules" },
};
