/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every datasource there is. To add one: a file with its descriptor, and its row here.
 */
#include "datasource/registry.h"

const struct datasource *const datasource_all[] = {
	&datasource_nocloud,
	NULL,
};

static const char *const part_names[DATASOURCE_N_PARTS] = {
	[DATASOURCE_META_DATA] = "meta-data",
	[DATASOURCE_USER_DATA] = "user-data",
	[DATASOURCE_VENDOR_DATA] = "vendor-data",
	[DATASOURCE_NETWORK_CONFIG] = "network-config",
};

const char *datasource_part_name(enum datasource_part part)
{
	return part_names[part];
}

void datasource_payload_done(struct datasource_payload *p)
{
	for (int i = 0; i < DATASOURCE_N_PARTS; i++)
		buf_done(&p->part[i]);
}

size_t registry_choose(const struct machine *m, struct registry_choice *ret,
		       const struct datasource **ret_chosen)
{
	size_t n = 0;

	*ret_chosen = NULL;
	for (const struct datasource *const *s = datasource_all; *s && n < REGISTRY_MAX; s++, n++) {
		ret[n].source = *s;
		ret[n].match = (*s)->detect(m, ret[n].reason, sizeof(ret[n].reason));
		if (ret[n].match == DATASOURCE_YES && !*ret_chosen)
			*ret_chosen = *s;
	}
	return n;
}
