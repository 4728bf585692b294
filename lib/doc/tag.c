/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the standard tags of YAML 1.1 do to a value.
 */
#include <string.h>

#include "lib/doc/decode.h"
#include "lib/doc/scalar.h"
#include "lib/doc/tag.h"

#define PREFIX "tag:yaml.org,2002:"
#define UNKNOWN "an unknown tag (\"!\" begins a tag: quote the value)"

struct tag {
	const char *name;
	enum doc_kind kind;
};

static const struct tag scalars[] = {
	{ "bool", DOC_BOOL }, { "int", DOC_INT }, { "float", DOC_FLOAT },
	{ "null", DOC_NULL }, { "str", DOC_STR }, { "timestamp", DOC_STR },
};

static const struct tag containers[] = {
	{ "seq", DOC_SEQ }, { "omap", DOC_SEQ }, { "pairs", DOC_SEQ },
	{ "map", DOC_MAP }, { "set", DOC_MAP },
};

static const char *standard_name(const char *tag)
{
	return strncmp(tag, PREFIX, strlen(PREFIX)) ? NULL : tag + strlen(PREFIX);
}

void tag_set(struct doc_node *n, enum doc_kind kind, const union scalar_value *v)
{
	n->kind = kind;
	if (kind == DOC_BOOL)
		n->boolean = v->boolean;
	else if (kind == DOC_INT)
		n->integer = v->integer;
	else if (kind == DOC_FLOAT)
		n->number = v->number;
}

static const char *apply_binary(struct doc_pool *p, struct doc_node *n)
{
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(DOC_SIZE);

	if (decode_base64(n->text, n->len, &out) < 0)
		return "!!binary is no valid base64";
	n->text = doc_strdup(p, buf_text(&out), out.len);
	n->len = out.len;
	return n->text ? NULL : "the document is too large";
}

/* The text must be of the kind that the tag says; an integer is also a float. */
static const char *apply_kind(enum doc_kind want, struct doc_node *n)
{
	union scalar_value v;
	enum doc_kind kind;

	if (want == DOC_STR)
		return NULL;
	kind = scalar_resolve(n->text, n->len, &v);
	if (want == DOC_FLOAT && kind == DOC_INT) {
		v.number = (double)v.integer;
		kind = DOC_FLOAT;
	}
	if (kind != want)
		return "the value is not what its tag says";
	tag_set(n, kind, &v);
	return NULL;
}

const char *tag_apply(struct doc_pool *p, const char *tag, struct doc_node *n)
{
	const char *name = standard_name(tag);

	if (name && !strcmp(name, "binary"))
		return apply_binary(p, n);
	for (size_t i = 0; name && i < ARRAY_LEN(scalars); i++)
		if (!strcmp(name, scalars[i].name))
			return apply_kind(scalars[i].kind, n);
	return UNKNOWN;
}

const char *tag_check(const char *tag, enum doc_kind kind)
{
	const char *name = standard_name(tag);

	if (!strcmp(tag, "!"))
		return NULL;
	for (size_t i = 0; name && i < ARRAY_LEN(containers); i++)
		if (!strcmp(name, containers[i].name) && kind == containers[i].kind)
			return NULL;
	return UNKNOWN;
}
