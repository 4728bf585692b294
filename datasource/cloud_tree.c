/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trees of texts.
 */
#include "datasource/cloud_tree.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "datasource/imds_keys.h"
#include "lib/scope.h"

/* Names for all fields together. */
#define LEAVES_MAX 24
#define PATH_LEN 192

struct leaf {
	enum cloud_field field;
	char path[PATH_LEN];
	struct buf text;
};

static size_t list_leaves(const struct cloud *c, struct leaf *leaves)
{
	size_t n = 0;

	for (int i = 0; i <= CLOUD_KEYS; i++) {
		const char *spec = c->field[i];

		while (spec && *spec && n < LEAVES_MAX) {
			size_t len = strcspn(spec, "|");

			leaves[n].field = i;
			(void)snprintf(leaves[n].path, PATH_LEN, "%s%.*s", c->path[0], (int)len,
				       spec);
			n++;
			spec += len + (spec[len] == '|');
		}
	}
	return n;
}

static int ask_all(struct cloud_answer *a, struct leaf *leaves, size_t n, struct error *err)
{
	const struct cloud *c = a->cloud;
	struct web_part parts[LEAVES_MAX + 2] = { 0 };
	const size_t first = 1; /* the id has been asked for */

	for (size_t i = first; i < n; i++)
		parts[i] = (struct web_part){ .path = leaves[i].path, .ret = &leaves[i].text };
	parts[n++] = (struct web_part){ .path = c->user_path,
					.ret = &a->payload->part[DATASOURCE_USER_DATA] };
	if (c->vendor_path)
		parts[n++] = (struct web_part){ .path = c->vendor_path,
						.ret = &a->payload->part[DATASOURCE_VENDOR_DATA] };
	web_get_all(&a->web, parts + first, n - first);
	for (size_t i = first; i < n; i++)
		if (parts[i].result < 0 && parts[i].result != -ENOENT)
			return error_set(err, -parts[i].result, "%s", parts[i].err.msg);
	return 0;
}

static void get_all(void *arg, struct web_part *parts, size_t n)
{
	struct cloud_answer *a = arg;

	web_get_all(&a->web, parts, n);
}

/* Either the keys themselves, or a listing of where they are. */
static int get_keys(struct cloud_answer *a, const char *dir, const char *text, struct error *err)
{
	if (!meta_has_key(text))
		return imds_keys_get(dir, text, get_all, a, &a->meta, err);
	meta_add_keys(&a->meta, text);
	return 0;
}

/* The first line of a leaf that is there is the field's value. */
static int take(struct cloud_answer *a, const struct leaf *l, struct error *err)
{
	const char *text = buf_text(&l->text);
	const char *value;

	if (!text[strspn(text, "\r\n")])
		return 0;
	if (l->field == CLOUD_KEYS)
		return get_keys(a, l->path, text, err);
	if (a->value[l->field])
		return 0;
	value = doc_strdup(a->pool, text, strcspn(text, "\r\n"));
	if (!value)
		return error_set(err, ENOMEM, "no memory for the metadata");
	a->value[l->field] = value;
	return 0;
}

int cloud_tree_get(struct cloud_answer *a, struct error *err)
{
	AUTO_FREE struct leaf *leaves = calloc(LEAVES_MAX, sizeof(*leaves));
	size_t n;
	int r;

	if (!leaves)
		return error_sys(err, ENOMEM, "%s", a->cloud->name);
	n = list_leaves(a->cloud, leaves);
	r = web_get(&a->web, leaves[0].path, &leaves[0].text, err);
	if (r == 0)
		r = ask_all(a, leaves, n, err);
	for (size_t i = 0; i < n; i++) {
		if (r == 0)
			r = take(a, &leaves[i], err);
		buf_done(&leaves[i].text);
	}
	return r;
}
