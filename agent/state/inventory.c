/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One look at all block devices.
 */
#include "agent/state/inventory.h"

#include <string.h>
#include <strings.h>

static bool collect(void *arg, const struct probe *p)
{
	struct inventory *inv = arg;

	inv->devices[inv->n++] = *p;
	return inv->n < INVENTORY_MAX;
}

int inventory_scan(struct inventory *inv, int root, struct error *err)
{
	inv->n = 0;
	return probe_each(root, collect, inv, err);
}

static bool is_member(const struct probe *p)
{
	return !strcmp(p->type, "crypto_LUKS") || !strcmp(p->type, "LVM2_member") ||
	       !strcmp(p->type, "linux_raid_member");
}

static bool matches(const struct probe *p, const char *spec)
{
	if (!strncmp(spec, "LABEL=", 6))
		return !is_member(p) && *p->label && !strcmp(p->label, spec + 6);
	if (!strncmp(spec, "UUID=", 5))
		return !is_member(p) && *p->uuid && !strcasecmp(p->uuid, spec + 5);
	if (!strncmp(spec, "PARTLABEL=", 10))
		return *p->partlabel && !strcmp(p->partlabel, spec + 10);
	if (!strncmp(spec, "PARTUUID=", 9))
		return *p->partuuid && !strcasecmp(p->partuuid, spec + 9);
	return !strcmp(p->path, spec);
}

const struct probe *inventory_find(const struct inventory *inv, const char *spec)
{
	for (size_t i = 0; i < inv->n; i++)
		if (matches(&inv->devices[i], spec))
			return &inv->devices[i];
	return NULL;
}
