/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small strict reader of XML 1.0 with namespaces, for OVF environments and their like: the text
 * is in memory, and the caller pulls one event after another. UTF-8 only; no DTD, hence no entities
 * but the five and character references; processing instructions and comments are passed over. What
 * follows the root element is not looked at.
 *
 * Errors are -EBADMSG with "source:LINE:COLUMN: what", or -E2BIG beyond a limit.
 */
#pragma once

#include "lib/attr.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

#define XML_SIZE     (4u << 20)
#define XML_DEPTH    64
#define XML_ATTRS    64
#define XML_BINDINGS 64     /* xmlns attributes in force at one place */
#define XML_NODES    100000 /* elements of one document */

enum xml_event {
	XML_DONE,  /* behind the root element's end */
	XML_START, /* an element begins: xml_is(), xml_attr() */
	XML_END,   /* an element ends */
	XML_TEXT,  /* xml_text(); white space between elements comes, too */
};

struct xml;

/* Memory is the pool's; `text` must live as long as the reader. */
int xml_open(struct doc_pool *p, const char *source, const char *text, size_t len, struct xml **ret,
	     struct error *err) MUST_CHECK;
int xml_next(struct xml *x, enum xml_event *ret, struct error *err) MUST_CHECK;
/* Whether the element that began last has this namespace (NULL: any) and local name. */
bool xml_is(const struct xml *x, const char *ns, const char *local);
/* The value of one of its attributes (ns "": without a prefix), or NULL. Lives as long as the pool.
 */
const char *xml_attr(const struct xml *x, const char *ns, const char *local);
/* Of the text that came last. */
const char *xml_text(const struct xml *x);
/* All text inside the element that began last, up to its end, which is passed. */
int xml_inner(struct xml *x, const char **ret, struct error *err) MUST_CHECK;
/* How many elements are open: 1 inside the root. */
unsigned xml_depth(const struct xml *x);
/* Where the last event begins and ends in the text. */
size_t xml_from(const struct xml *x);
size_t xml_to(const struct xml *x);
