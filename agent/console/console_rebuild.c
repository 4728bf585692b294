/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes the console anew, once.
 */
#include "agent/console/console_rebuild.h"

#include "agent/config/config_own.h"

#define KEY "rancher.force_console_rebuild"

bool console_rebuild_want(const struct doc_node *config, struct service_set *set)
{
	if (!doc_bool(config, KEY, false))
		return false;
	for (size_t i = 0; i < set->n; i++)
		if (set->all[i].console)
			set->all[i].rebuild = SERVICE_REBUILD_ALWAYS;
	return true;
}

int console_rebuild_done(int root, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	int r = doc_pool_new(&p, err);

	if (r == 0)
		r = config_own_add(root, p,
				   doc_with(p, NULL, KEY, doc_new_bool(p, "console", false)), err);
	return error_wrap(err, r, KEY);
}
