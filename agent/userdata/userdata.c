/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents of the two forms that a layer may have.
 */
#include "agent/userdata/userdata.h"

#include <ctype.h>
#include <errno.h>

#include "agent/userdata/form.h"
#include "lib/doc/tree.h"

bool userdata_has_header(const char *text)
{
	const char *at;

	return form_by_header(text, &at) || *at == '#';
}

static const struct doc_node *services_of(struct doc_pool *p, const struct doc_node *compose)
{
	const struct doc_node *services = doc_key(compose, "services");

	return doc_with(p, NULL, "rancher.services",
			services && services->kind == DOC_MAP ? services : compose);
}

static bool is_compose(const char *text)
{
	const struct form_row *row = form_by_header(text, NULL);

	return row && row->form == FORM_COMPOSE;
}

int userdata_document_at(struct doc_pool *p, const char *source, struct doc_place place,
			 const char *text, size_t len, const struct doc_node **ret,
			 struct error *err)
{
	const struct doc_node *n = NULL;
	int r = doc_yaml_at(p, source, place, text, len, &n, err);

	if (r < 0)
		return r;
	if (n->kind == DOC_NULL)
		n = tree_map(p, n->origin, NULL, 0, 0);
	else if (n->kind != DOC_MAP)
		return error_set(err, EBADMSG,
				 "%s:%u:%u: lines of \"key: value\" are expected here", source,
				 n->origin.line, n->origin.column);
	else if (len && is_compose(text))
		n = services_of(p, n);
	if (!n)
		return error_set(err, ENOMEM, "%s: no memory", source);
	*ret = n;
	return 0;
}

int userdata_document(struct doc_pool *p, const char *source, const char *text, size_t len,
		      const struct doc_node **ret, struct error *err)
{
	return userdata_document_at(p, source, (struct doc_place){ 0 }, text, len, ret, err);
}
