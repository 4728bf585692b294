/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of Jinja that user-data needs, rendered as cloud-init does (trim_blocks on; a variable
 * that is missing becomes CI_MISSING_JINJA_VAR/name and a warning). Pure.
 *
 *   {{ v1.region }}  {{ ds.meta_data["public-keys"][0] }}  {{ x | default("y") }}
 *   {% if a == "b" and not c %} … {% elif "x" in list %} … {% else %} … {% endif %}
 *   {% for x in list %} … {{ loop.index }} … {% else %} … {% endfor %}
 *   {# … #}  {% raw %} … {% endraw %}  {%- -%}
 *
 * Comparisons are ==, !=, <, <=, >, >=, in, not in; tests are "is defined", "is undefined",
 * "is none". All else is refused by its name, also in a branch that is not taken.
 */
#pragma once

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

struct jinja {
	struct doc_pool *pool; /* for warnings and for *ret_place */
	/* Names; those of its "v1" may be written without it. NULL: nothing is known here, and what
	 * is missing is no reason for a warning. */
	const struct doc_node *vars;
	const char *source; /* for messages … */
	unsigned first;	    /* … and the line of it in which the text begins */
};

/* Render `text` into *out, whose limit is the limit. *ret_place tells the source's line for every
 * line of the result. -EBADMSG with "source:line:column: …"; -E2BIG. */
int jinja_render(const struct jinja *j, const char *text, struct buf *out,
		 struct doc_place *ret_place, struct error *err) MUST_CHECK;
