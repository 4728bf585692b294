/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding a field in a cloud's documents.
 */
#include "datasource/cloud.h"

#include <stdio.h>
#include <string.h>

#define PATH_MAX_LEN 128

const struct doc_node *cloud_node(const struct cloud_answer *a, enum cloud_field field)
{
	size_t document;

	return cloud_node_of(a, field, &document);
}

/* A text that is empty is none; of user- and vendor-data, an empty list or map is none, either. */
static bool is_absent(const struct doc_node *n, enum cloud_field field)
{
	bool is_data = field == CLOUD_USER || field == CLOUD_VENDOR;

	return !n || n->kind == DOC_NULL || (!n->len && (is_data || doc_is_scalar(n)));
}

const struct doc_node *cloud_node_of(const struct cloud_answer *a, enum cloud_field field,
				     size_t *ret_document)
{
	const char *spec = a->cloud->field[field];

	while (spec && *spec) {
		size_t len = strcspn(spec, "|"), which = 0;
		char path[PATH_MAX_LEN];
		const struct doc_node *n;

		if (len > 2 && spec[1] == ':') {
			which = (size_t)(spec[0] - '0');
			(void)snprintf(path, sizeof(path), "%.*s", (int)len - 2, spec + 2);
		} else {
			(void)snprintf(path, sizeof(path), "%.*s", (int)len, spec);
		}
		n = which < CLOUD_DOCS ? doc_at(a->doc[which], path) : NULL;
		*ret_document = which;
		if (!is_absent(n, field))
			return n;
		spec += len + (spec[len] == '|');
	}
	return NULL;
}
