/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the set of services: look-up by name and the list of what a service waits for. Reading
 * definitions is compose.c's, putting them in order is order.c's.
 */
#include "agent/service/service.h"

#include <string.h>

/* Names that service files written for RancherOS wait for, and who does that work here. */
static const struct {
	const char *theirs, *ours;
} alias_all[] = {
	{ "cloud-init", "cloud-init-execute" },
	{ "udev-cold", "udev" },
	{ "system-cron", "cron" },
};

static struct service *find_key(const struct service_set *set, const char *name)
{
	for (size_t i = 0; i < set->n; i++) {
		if (!strcmp(set->all[i].name, name))
			return &set->all[i];
	}
	return NULL;
}

struct service *service_find(const struct service_set *set, const char *name)
{
	struct service *s = find_key(set, name);

	for (size_t i = 0; !s && i < ARRAY_LEN(alias_all); i++) {
		if (!strcmp(alias_all[i].theirs, name))
			s = find_key(set, alias_all[i].ours);
	}
	return s;
}

void service_add_dep(struct doc_pool *p, struct service *s, const char *name,
		     enum service_need need)
{
	const bool before = need == SERVICE_BEFORE;
	struct service_dep *deps;

	for (size_t i = 0; i < s->n_deps; i++) {
		if (strcmp(s->deps[i].name, name) != 0 ||
		    (s->deps[i].need == SERVICE_BEFORE) != before)
			continue;
		if (need > s->deps[i].need)
			s->deps[i].need = need;
		return;
	}
	deps = doc_alloc(p, (s->n_deps + 1) * sizeof(*deps));
	if (!deps)
		return;
	if (s->n_deps)
		memcpy(deps, s->deps, s->n_deps * sizeof(*deps));
	deps[s->n_deps] = (struct service_dep){ .name = name, .need = need };
	s->deps = deps;
	s->n_deps++;
}

bool service_has_dep(const struct service *s, const char *name)
{
	for (size_t i = 0; i < s->n_deps; i++) {
		if (s->deps[i].need != SERVICE_BEFORE && !strcmp(s->deps[i].name, name))
			return true;
	}
	return false;
}
