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
	const struct doc_node *config; /* so far */
};

struct names {
	char name[LAYERS_MAX][NAME_MAX_LEN];
	size_t n;
};

/* One layer's document; -ENOENT when there is no such file. */
static int read_layer(int root, struct doc_pool *p, const char *path, const struct doc_node **ret,
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
	layer = schema_check_respell(l->schema, l->pool, layer);
	l->config = doc_merge(l->pool, l->config, layer);
}

/* Add a file to the configuration. What is wrong with it is a message; a file that is not there is
 * no layer. */
static void add_layer(struct load *l, const char *path)
{
	const struct doc_node *layer = NULL;
	struct error err = { 0 };
	int r = read_layer(l->root, l->pool, path, &layer, &err);

	if (r == 0)
		merge_layer(l, layer);
	else if (r != -ENOENT)
		doc_say_error(l->pool, path, &err);
}

/* The same for a file that has a last good copy. */
static void add_kept_layer(struct load *l, const char *path)
{
	const struct doc_node *layer = NULL;
	struct error err = { 0 };
	char good[512];
	int r = read_layer(l->root, l->pool, path, &layer, &err);

	if (r == 0) {
		merge_layer(l, layer);
		return;
	}
	if (r == -ENOENT)
		return;
	doc_say_error(l->pool, path, &err);
	(void)snprintf(good, sizeof(good), "%s.good", path);
	if (read_layer(l->root, l->pool, good, &layer, NULL) < 0)
		return;
	doc_say(l->pool, false,
		(struct doc_origin){ .source = doc_strdup(l->pool, path, strlen(path)) },
		"its last good copy %s is used instead", good);
	merge_layer(l, layer);
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

static int add_directory(struct load *l, struct error *err)
{
	AUTO_FREE struct names *names = calloc(1, sizeof(*names));
	char path[NAME_MAX_LEN + sizeof(CONFIG_DIR) + 1];

	if (!names)
		return error_set(err, ENOMEM, "no memory for the configuration");
	list_names(l->root, names);
	for (size_t i = 0; i < names->n; i++) {
		(void)snprintf(path, sizeof(path), CONFIG_DIR "/%s", names->name[i]);
		if (!strcmp(path, CONFIG_BOOT))
			add_kept_layer(l, path);
		else
			add_layer(l, path);
	}
	return 0;
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

int config_load(int root, struct doc_pool *p, const struct doc_node **ret, struct error *err)
{
	AUTO(schema_free) struct schema *schema = schema_new();
	struct load l = { .root = root, .pool = p, .schema = schema };
	const struct doc_node *line;
	int r;

	l.config = tree_map(p, (struct doc_origin){ 0 }, NULL, 0, 0);
	if (!schema || !l.config)
		return error_set(err, ENOMEM, "no memory for the configuration");
	add_layer(&l, CONFIG_OS);
	add_layer(&l, CONFIG_OEM);
	r = add_directory(&l, err);
	if (r < 0)
		return r;
	add_kept_layer(&l, CONFIG_OWN);
	line = config_cmdline(root, p);
	if (line)
		merge_layer(&l, line);
	*ret = l.config;
	return 0;
}

static int keep_good(int root, const char *path, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(DOC_SIZE);
	/* A new boot.yml is followed by a sync of the disk; cloud-config.yml changes by itself. */
	struct file_attr attr = { .mode = 0600, .uid = geteuid(), .gid = getegid(),
				  .relaxed = !strcmp(path, CONFIG_BOOT) };
	const struct doc_node *n = NULL;
	char good[512];
	int r = doc_pool_new(&p, err);

	if (r < 0)
		return r;
	/* Unreadable, absent or bad: there is nothing to keep. config_load() tells about it. */
	if (file_read(root, path, &b, NULL) < 0 ||
	    userdata_document(p, path, buf_text(&b), b.len, &n, NULL) < 0)
		return 0;
	(void)snprintf(good, sizeof(good), "%s.good", path);
	return file_publish(root, good, buf_text(&b), b.len, &attr, NULL, err);
}

int config_keep_good(int root, struct error *err)
{
	int r = keep_good(root, CONFIG_BOOT, err);

	return r < 0 ? r : keep_good(root, CONFIG_OWN, err);
}
