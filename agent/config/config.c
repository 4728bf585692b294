/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads the layers of the configuration and merges them.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/config/config.h"
#include "agent/config/line.h"
#include "agent/config/schema_check.h"
#include "agent/config/schema_spell.h"
#include "agent/userdata/userdata.h"
#include "lib/doc/tree.h"
#include "lib/file.h"

/* More than any kernel passes on. */
#define LINE_MAX_LEN 65536
/* Files of cloud-config.d beyond this are not read. */
#define LAYERS_MAX 256
#define NAME_MAX_LEN 256

/* Layers that are being put together. */
struct load {
	int root;
	struct doc_pool *pool;
	const struct schema *schema;
	bool unfetched;
	const struct doc_node *config; /* so far */
};

struct names {
	char name[LAYERS_MAX][NAME_MAX_LEN];
	size_t n;
};

int config_read_layer(int root, struct doc_pool *p, const char *path, const struct doc_node **ret,
		      struct error *err)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(DOC_SIZE);
	int r = file_read(root, path, &b, err);

	if (r < 0)
		return r;
	return userdata_document(p, path, buf_text(&b), b.len, ret, err);
}

static void merge_layer(struct load *l, const struct doc_node *layer)
{
	schema_check(l->schema, l->pool, layer);
	layer = schema_spell_right(l->schema, l->pool, layer);
	l->config = doc_merge(l->pool, l->config, layer);
}

static bool is_fetched(const char *path)
{
	return !strcmp(path, CONFIG_VENDOR) || !strcmp(path, CONFIG_BOOT) ||
	       !strcmp(path, CONFIG_NETWORK);
}

/* Add a file to the configuration. What is wrong with it is a message, and its last good copy is
 * used; a file that is not there is no layer. */
static int add_layer(void *arg, const char *path, struct error *err)
{
	struct load *l = arg;
	const struct doc_node *layer = NULL;
	struct error why = { 0 };
	char good[512];
	int r;

	(void)err;
	if (l->unfetched && is_fetched(path))
		return 0;
	r = config_read_layer(l->root, l->pool, path, &layer, &why);
	if (r == 0)
		merge_layer(l, layer);
	if (r == 0 || r == -ENOENT)
		return 0;
	doc_say_error(l->pool, path, &why);
	(void)snprintf(good, sizeof(good), "%s.good", path);
	if (config_read_layer(l->root, l->pool, good, &layer, NULL) < 0)
		return 0;
	doc_say(l->pool, false,
		(struct doc_origin){ .source = doc_strdup(l->pool, path, strlen(path)) },
		"its last good copy %s is used instead", good);
	merge_layer(l, layer);
	return 0;
}

static bool is_layer_name(const char *name)
{
	const char *dot = strrchr(name, '.');

	return name[0] != '.' && strlen(name) < NAME_MAX_LEN && dot &&
	       (!strcmp(dot, ".yml") || !strcmp(dot, ".yaml"));
}

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void list_names(int root, struct names *ret)
{
	AUTO_CLOSEDIR DIR *dir = NULL;
	const struct dirent *e;
	int fd;

	ret->n = 0;
	if (file_open(root, CONFIG_DIR, O_RDONLY | O_DIRECTORY, 0, &fd, NULL) < 0)
		return;
	dir = fdopendir(fd);
	if (!dir) {
		(void)close(fd);
		return;
	}
	while (ret->n < LAYERS_MAX && (e = readdir(dir)))
		if (is_layer_name(e->d_name))
			memcpy(ret->name[ret->n++], e->d_name, strlen(e->d_name) + 1);
	qsort(ret->name, ret->n, NAME_MAX_LEN, by_name);
}

int config_each_layer(int root, config_visit fn, void *arg, struct error *err)
{
	AUTO_FREE struct names *names = calloc(1, sizeof(*names));
	char path[NAME_MAX_LEN + sizeof(CONFIG_DIR) + 1];
	int r = 0;

	if (!names)
		return error_set(err, ENOMEM, "no memory for the configuration");
	list_names(root, names);
	for (size_t i = 0; i < names->n && r == 0; i++) {
		(void)snprintf(path, sizeof(path), CONFIG_DIR "/%s", names->name[i]);
		r = fn(arg, path, err);
	}
	return r;
}

bool config_is_bare(int root)
{
	AUTO_FREE struct names *names = calloc(1, sizeof(*names));

	if (names)
		list_names(root, names);
	return (!names || names->n == 0) && !file_exists(root, CONFIG_OWN);
}

const struct doc_node *config_cmdline(int root, struct doc_pool *p)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(LINE_MAX_LEN);

	/* A test's root has none, and a machine without /proc has other worries. */
	(void)!file_read(root, LINE_SOURCE, &text, NULL);
	return line_document(p, buf_text(&text));
}

/* What rancher.debug stands for, unless someone said otherwise. */
static void imply_debug(struct load *l)
{
	static const char *const keys[] = { "rancher.log", "rancher.docker.debug",
					    "rancher.system_docker.debug" };
	const struct doc_node *debug = doc_at(l->config, "rancher.debug");

	if (!doc_bool(l->config, "rancher.debug", false))
		return;
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const struct doc_node *layer = doc_with(l->pool, NULL, keys[i], debug);

		if (layer && !doc_at(l->config, keys[i]))
			l->config = doc_merge(l->pool, l->config, layer);
	}
}

int config_load_choice(int root, struct doc_pool *p, const struct config_choice *choice,
		       const struct doc_node **ret, struct error *err)
{
	AUTO(schema_free) struct schema *schema = schema_new();
	struct load l = {
		.root = root, .pool = p, .schema = schema, .unfetched = choice->unfetched
	};
	const struct doc_node *line;
	int r = 0;

	l.config = tree_map(p, (struct doc_origin){ 0 }, NULL, 0, 0);
	if (!schema || !l.config)
		return error_set(err, ENOMEM, "no memory for the configuration");
	if (!choice->own_only)
		r = add_layer(&l, CONFIG_OS, err);
	if (r == 0 && !choice->own_only)
		r = add_layer(&l, CONFIG_OEM, err);
	if (r == 0)
		r = config_each_layer(root, add_layer, &l, err);
	if (r == 0)
		r = add_layer(&l, CONFIG_OWN, err);
	if (r < 0)
		return r;
	if (choice->extra)
		merge_layer(&l, choice->extra);
	line = config_cmdline(root, p);
	if (line)
		merge_layer(&l, line);
	if (!choice->own_only)
		imply_debug(&l);
	*ret = l.config;
	return 0;
}

int config_load(int root, struct doc_pool *p, const struct doc_node **ret, struct error *err)
{
	return config_load_choice(root, p, &(struct config_choice){ 0 }, ret, err);
}
