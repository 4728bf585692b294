/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compares links with names and patterns.
 */
#include "agent/network/match.h"

#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

/* Longer patterns mean no link: names, drivers and addresses are shorter. */
#define PATTERN_SIZE 64

/* Links that others make and that no pattern means. */
static const char *const foreign_kinds[] = { "vlan",   "bridge", "bond",      "tun",   "macvlan",
					     "ipvlan", "vxlan",  "macvtap",   "gre",   "sit",
					     "ipip",   "vti",    "wireguard", "geneve" };
static const char *const foreign_names[] = { "lo",    "docker0", "docker-sys", "docker_gwbridge",
					     "veth*", "br-*" };

bool match_is_foreign(const struct state_link *l)
{
	for (size_t i = 0; i < ARRAY_LEN(foreign_kinds); i++)
		if (!strcmp(l->kind, foreign_kinds[i]))
			return true;
	for (size_t i = 0; i < ARRAY_LEN(foreign_names); i++)
		if (!fnmatch(foreign_names[i], l->name, 0))
			return true;
	return false;
}

static bool name_fits(const char *pattern, const struct state_link *l)
{
	if (!fnmatch(pattern, l->name, 0))
		return true;
	for (size_t i = 0; i < STATE_ALTNAMES; i++)
		if (l->altname[i][0] && !fnmatch(pattern, l->altname[i], 0))
			return true;
	return false;
}

static bool mac_fits(const char *pattern, const struct state_link *l)
{
	/* A bond's member has the bond's address; its own is the permanent one. */
	return !fnmatch(pattern, l->permanent_mac[0] ? l->permanent_mac : l->mac, FNM_CASEFOLD);
}

static bool driver_fits(const char *pattern, const struct state_link *l)
{
	return !fnmatch(pattern, l->driver, 0);
}

/* One of several patterns, with spaces between them. */
static bool one_fits(const char *patterns, const struct state_link *l,
		     bool (*fits)(const char *pattern, const struct state_link *l))
{
	size_t len;

	for (; *patterns; patterns += len) {
		char pattern[PATTERN_SIZE];

		patterns += strspn(patterns, " ");
		len = strcspn(patterns, " ");
		if (!len || len >= sizeof(pattern))
			continue;
		(void)snprintf(pattern, sizeof(pattern), "%.*s", (int)len, patterns);
		if (fits(pattern, l))
			return true;
	}
	return false;
}

int match_rank(const struct network_if *nic, const struct state_link *l)
{
	const char *name = nic->match.name;
	bool pattern;

	if (!name && !nic->match.mac && !nic->match.driver)
		name = nic->name;
	pattern = !name || strpbrk(name, "*?[ ");
	/* It may have been given its new name already. */
	if (name && !one_fits(name, l, name_fits) &&
	    !(nic->set_name && !strcmp(nic->set_name, l->name)))
		return 0;
	if (nic->match.mac && !mac_fits(nic->match.mac, l))
		return 0;
	if (nic->match.driver && !one_fits(nic->match.driver, l, driver_fits))
		return 0;
	if ((pattern || nic->match.mac) && match_is_foreign(l))
		return 0;
	return nic->match.mac ? 3 : pattern ? 1 : 2;
}
