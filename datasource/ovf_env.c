/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads Environment/PropertySection/Property.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "datasource/ovf_env.h"
#include "lib/doc/xml.h"

/* Depths at which the elements stand: those of other machines are deeper. */
#define IN_ENVIRONMENT 1
#define IN_SECTION     2
#define IN_PROPERTY    3

static int take_property(struct xml *x, struct ovf_env *env, struct error *err)
{
	struct ovf_env_property *p = &env->properties[env->n];
	const char *key = xml_attr(x, OVF_ENV_NS, "key");
	const char *value = xml_attr(x, OVF_ENV_NS, "value"), *inner;
	size_t from = xml_from(x);
	int r;

	if (env->n == OVF_ENV_PROPERTIES)
		return error_set(err, E2BIG, "more than %d properties", OVF_ENV_PROPERTIES);
	r = xml_inner(x, &inner, err);
	if (r < 0 || !key)
		return r;
	*p = (struct ovf_env_property){ key, value ? value : "", from, xml_to(x) };
	env->n++;
	return 0;
}

static int check_root(struct xml *x, const char *source, struct error *err)
{
	enum xml_event e;
	int r = xml_next(x, &e, err);

	if (r < 0)
		return r;
	if (!xml_is(x, OVF_ENV_NS, "Environment"))
		return error_set(err, ENODATA, "%s: it is no OVF environment", source);
	return 0;
}

int ovf_env_parse(struct doc_pool *p, const char *source, const char *text, size_t len,
		  struct ovf_env *ret, struct error *err)
{
	bool in_section = false;
	enum xml_event e = XML_START;
	struct xml *x;
	int r = xml_open(p, source, text, len, &x, err);

	*ret = (struct ovf_env){ .properties = doc_alloc(p, (OVF_ENV_PROPERTIES + 1) *
								    sizeof(*ret->properties)) };
	if (r == 0 && !ret->properties)
		return error_set(err, ENOMEM, "%s: no memory", source);
	if (r == 0)
		r = check_root(x, source, err);
	while (r == 0 && e != XML_DONE) {
		r = xml_next(x, &e, err);
		if (r < 0)
			break;
		if (e == XML_START && xml_depth(x) == IN_SECTION)
			in_section = xml_is(x, OVF_ENV_NS, "PropertySection");
		else if (e == XML_START && xml_depth(x) == IN_PROPERTY && in_section &&
			 xml_is(x, OVF_ENV_NS, "Property"))
			r = take_property(x, ret, err);
		else if (e == XML_END && xml_depth(x) == IN_ENVIRONMENT)
			in_section = false;
	}
	return r;
}

const char *ovf_env_get(const struct ovf_env *env, const char *key)
{
	for (size_t i = env->n; i-- > 0;)
		if (!strcmp(env->properties[i].key, key))
			return env->properties[i].value;
	return NULL;
}

void ovf_env_scrub(const struct ovf_env *env, const char *text, size_t len,
		   bool (*is_secret)(const char *key), struct buf *out)
{
	size_t at = 0;

	for (size_t i = 0; i < env->n; i++) {
		const struct ovf_env_property *p = &env->properties[i];

		if (!is_secret(p->key))
			continue;
		buf_add(out, text + at, p->from - at);
		at = p->to;
	}
	buf_add(out, text + at, len - at);
}
