/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes the specification of the configuration, and puts the last one back.
 */
#include "agent/network/respec.h"

#include <errno.h>

#include "agent/config/config.h"
#include "agent/network/spec.h"
#include "lib/file_remove.h"

int network_spec_remake(int root, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct doc_node *config = NULL, *doc;
	int64_t id;
	int r = doc_pool_new(&p, err);

	if (r == 0)
		r = config_load(root, p, &config, err);
	if (r < 0)
		return r;
	doc = spec_make(p, config, spec_is_named(root, p, config));
	if (!doc)
		return error_set(err, ENOMEM, "no memory for the network");
	return spec_publish(root, p, doc, 0, NULL, &id, err);
}

int network_spec_go_back(int root, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct spec s;
	int64_t id;
	int r = doc_pool_new(&p, err);

	if (r == 0)
		r = spec_load(root, p, SPEC_BEFORE, &s, err);
	if (r == 0)
		r = spec_publish(root, p, s.doc, 0, NULL, &id, err);
	if (r == 0)
		r = file_remove(root, SPEC_BEFORE, NULL, err);
	return r;
}

void network_spec_settled(int root)
{
	(void)!file_remove(root, SPEC_BEFORE, NULL, NULL);
}
