/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The template language: strict, small, without side effects. Pure.
 *
 *   {{ path }}  {{ path | filter }}   a value; it must be there
 *   {% if path %} … {% else %} … {% end %}      also: {% if not path %}
 *   {% for x in path %} … {% end %}   items of a list, or pairs of a map as x.key and x.value
 *   {# … #}                           nothing
 *
 * A tag that stands alone in a line takes the line with it. A path is as in lib/doc/doc.h; the
 * names of loops go before the document's keys. "If" takes what is absent, null, false, empty or 0
 * for no.
 *
 * Filters decide what may come out, so that no value can add a directive to a file:
 *   (none)  a single value without quotes and control characters (a newline is one)
 *   line    the same, but quotes may be in it
 *   word    a single value without blanks, quotes, "#", ";" and control characters, not empty
 *   json    anything, as JSON
 */
#pragma once

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

/* Render `text` (terminated) with values from `data`. -EBADMSG with "NAME:LINE: what"; *out is
 * undefined then. Every branch is checked for syntax, also those that are not taken. */
int template_render(const char *name, const char *text, const struct doc_node *data,
		    struct buf *out, struct error *err) MUST_CHECK;
