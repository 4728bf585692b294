/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Validation of a text: what form it has, whether it parses, what the schema says.
 */
#include "agent/config/validate.h"

#include <errno.h>
#include <string.h>

#include "agent/config/schema_check.h"
#include "agent/network/forms.h"
#include "agent/userdata/assemble.h"
#include "agent/userdata/userdata.h"

#define BOM "\xef\xbb\xbf"

int validate_document(struct doc_pool *p, const struct doc_node *doc, struct error *err)
{
	AUTO(schema_free) struct schema *s = schema_new();

	if (!s)
		return error_set(err, ENOMEM, "no memory for the schema");
	schema_check(s, p, doc);
	/* What the table cannot say: interfaces that refer to one another, cloud-init's own
	 * form. */
	if (doc_key(doc, "network"))
		(void)network_read_document(p, doc_key(doc, "network"));
	if (doc_at(doc, "rancher.network"))
		(void)network_read_rancher(p, doc);
	return 0;
}

/* A piece for `ros config merge` or cloud-config.d needs no header: it is said, and no mistake. */
static bool is_bare(struct doc_pool *p, const char *name, const char *text, size_t len)
{
	const struct doc_node *doc = NULL;

	if (len >= strlen(BOM) && !strncmp(text, BOM, strlen(BOM))) {
		text += strlen(BOM);
		len -= strlen(BOM);
	}
	if (userdata_has_header(text) || doc_yaml(p, name, text, len, &doc, NULL) < 0 ||
	    doc->kind != DOC_MAP)
		return false;
	doc_say(p, false, doc->origin, "user-data must begin with the line #cloud-config");
	return true;
}

static int validate_with(struct doc_pool *p, const struct doc_node *doc, validate_more more,
			 struct error *err)
{
	int r = validate_document(p, doc, err);

	if (r == 0 && more)
		more(p, doc);
	return r;
}

/* A layer without a header is one document. */
static int validate_bare(struct doc_pool *p, const char *name, const char *text, size_t len,
			 validate_more more, struct error *err)
{
	const struct doc_node *doc = NULL;

	if (userdata_document(p, name, text, len, &doc, err) < 0) {
		doc_say_error(p, name, err);
		error_reset(err);
		return 0;
	}
	return validate_with(p, doc, more, err);
}

/* User-data is looked at part by part; what it includes is not fetched. */
int validate_text(struct doc_pool *p, const char *name, const char *text, size_t len,
		  validate_more more, struct error *err)
{
	const struct unpack_input in = { .pool = p, .source = name, .data = text, .len = len };
	struct assembled user;
	int r = 0;

	if (is_bare(p, name, text, len))
		return validate_bare(p, name, text, len, more, err);
	assemble_one(&in, &user);
	for (size_t i = 0; r == 0 && i < user.parts.n; i++)
		if (user.parts.list[i].doc)
			r = validate_with(p, user.parts.list[i].doc, more, err);
	return r;
}
