/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes the specification of the configuration, and puts the last one back.
 */
#include "agent/network/respec.h"

#include "agent/network/spec.h"
#include "lib/file_remove.h"

int network_spec_remake(int root, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct doc_node *doc;
	int64_t id;
	int r = doc_pool_new(&p, err);

	if (r == 0)
		r = spec_remake(root, p, &doc, err);
	return r == 0 ? spec_publish(root, p, doc, 0, NULL, &id, err) : r;
}

int network_spec_go_back(int root, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct spec before, change;
	int64_t id;
	int r = doc_pool_new(&p, err);

	if (r == 0)
		r = spec_load(root, p, SPEC_BEFORE, &before, err);
	if (r == 0)
		r = spec_load(root, p, SPEC_PATH, &change, err);
	if (r < 0)
		return r;
	r = spec_publish_back(root, p, before.doc, change.id, &id, err);
	return r == 0 ? file_remove(root, SPEC_BEFORE, NULL, err) : r;
}

void network_spec_settled(int root)
{
	(void)!file_remove(root, SPEC_BEFORE, NULL, NULL);
}
