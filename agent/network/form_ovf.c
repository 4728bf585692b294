/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An OVF environment's properties, in which the keys of form_guestinfo.c or cloud-init's
 * `network-config` are looked for.
 */
#include <errno.h>
#include <string.h>

#include "agent/network/forms.h"
#include "lib/doc/tree.h"
#include "lib/doc/xml.h"

#define NS "http://schemas.dmtf.org/ovf/environment/1"

static int add(struct doc_pool *p, const struct xml *x, struct tree_pairs *pairs,
	       struct doc_origin at)
{
	const char *key = xml_attr(x, NS, "key"), *value = xml_attr(x, NS, "value");
	struct doc_pair pair = { .key = key, .origin = at };

	if (!key || !value)
		return 0;
	pair.val = tree_str(p, at, value, strlen(value));
	return pair.val ? tree_pairs_add(pairs, &pair) : -ENOMEM;
}

int network_ovf_properties(struct doc_pool *p, const char *source, const char *text, size_t len,
			   const struct doc_node **ret, struct error *err)
{
	AUTO_PAIRS struct tree_pairs pairs = { 0 };
	struct doc_origin at = { source, 0, 0 };
	enum xml_event event = XML_TEXT;
	struct xml *x = NULL;
	int r = xml_open(p, source, text, len, &x, err);

	while (r == 0 && event != XML_DONE) {
		r = xml_next(x, &event, err);
		if (r == 0 && event == XML_START && xml_is(x, NS, "Property"))
			r = add(p, x, &pairs, at);
	}
	if (r < 0)
		return err && err->code ? r : error_set(err, -r, "%s: no memory", source);
	*ret = tree_map(p, at, pairs.data, pairs.n, 0);
	return 0;
}
