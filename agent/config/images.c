/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Collects image names from services.
 */
#include "agent/config/images.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/convert.h"
#include "lib/file.h"

#define VERSION_FILE "/usr/share/ros/version"
#define IMAGES_MAX 1024

struct images {
	int root;
	const struct doc_node *vars; /* rancher.environment */
	struct buf version;
	char *names[IMAGES_MAX];
	size_t n;
};

static void images_done(struct images *l)
{
	for (size_t i = 0; i < l->n; i++)
		free(l->names[i]);
	buf_done(&l->version);
}

static const char *look_up(void *arg, const char *name, bool needed)
{
	struct images *l = arg;
	const struct doc_node *n = doc_key(l->vars, name);

	(void)needed;
	if (n && doc_is_scalar(n))
		return n->text;
	if (strcmp(name, "VERSION"))
		return NULL;
	if (!l->version.len && file_read(l->root, VERSION_FILE, &l->version, NULL) < 0)
		return "latest";
	if (l->version.data)
		l->version.data[strcspn(l->version.data, "\n")] = '\0';
	return buf_text(&l->version);
}

static int add(struct images *l, const char *image, struct error *err)
{
	AUTO_BUF struct buf name = BUF_WITH_LIMIT(4096);
	int r = convert_interpolate(image, look_up, l, &name, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < l->n; i++)
		if (!strcmp(l->names[i], buf_text(&name)))
			return 0;
	if (l->n == IMAGES_MAX)
		return error_set(err, E2BIG, "more than %d images", IMAGES_MAX);
	l->names[l->n] = strdup(buf_text(&name));
	if (!l->names[l->n])
		return error_set(err, ENOMEM, "no memory for the images");
	l->n++;
	return 0;
}

/* Carriers of volumes, from which no container is made, have no image. */
static int add_services(struct images *l, const struct doc_node *services, struct error *err)
{
	int r = 0;

	for (size_t i = 0; services && services->kind == DOC_MAP && i < services->len && !r; i++) {
		const char *image = doc_str(services->pairs[i].val, "image", NULL);

		if (image)
			r = add(l, image, err);
	}
	return r;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void print(const struct images *l, bool json, struct buf *out)
{
	buf_str(out, json ? "[" : "");
	for (size_t i = 0; i < l->n; i++) {
		if (json) {
			buf_str(out, i ? ",\"" : "\"");
			buf_json(out, l->names[i]);
			buf_char(out, '"');
		} else {
			buf_fmt(out, "%s%s", i ? " " : "", l->names[i]);
		}
	}
	buf_str(out, json ? "]\n" : "\n");
}

int images_list(int root, const struct doc_node *config, bool json, struct buf *out,
		struct error *err)
{
	CLEANUP(images_done) struct images l = { .root = root };
	int r;

	l.vars = doc_at(config, "rancher.environment");
	r = add_services(&l, doc_at(config, "rancher.bootstrap"), err);
	if (r == 0)
		r = add_services(&l, doc_at(config, "rancher.services"), err);
	if (r < 0)
		return r;
	if (l.n)
		qsort(l.names, l.n, sizeof(*l.names), by_name);
	print(&l, json, out);
	return buf_check(out, err);
}
