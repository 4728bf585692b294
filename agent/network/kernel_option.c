/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables of attributes. Options that take a list (arp_ip_target) or belong to a port
 * (path_cost) are not here: exec.c knows them.
 */
#include "agent/network/kernel_option.h"

#include <linux/if_link.h>
#include <stdlib.h>
#include <string.h>

static const char *const mode[] = { "balance-rr", "active-backup", "balance-xor", "broadcast",
				    "802.3ad",    "balance-tlb",   "balance-alb", NULL };
static const char *const slow_fast[] = { "slow", "fast", NULL };
static const char *const hash[] = { "layer2",   "layer3+4", "layer2+3",    "encap2+3",
				    "encap3+4", "vlan+srcmac", NULL };
static const char *const select_ad[] = { "stable", "bandwidth", "count", NULL };
static const char *const reselect[] = { "always", "better", "failure", NULL };
static const char *const fail_over[] = { "none", "active", "follow", NULL };
static const char *const validate[] = { "none",   "active",        "backup",        "all",
					"filter", "filter_active", "filter_backup", NULL };
static const char *const any_all[] = { "any", "all", NULL };

static const struct kernel_option bond[] = {
	{ "mode", IFLA_BOND_MODE, 1, mode, true },
	{ "miimon", IFLA_BOND_MIIMON, 4, NULL, false },
	{ "updelay", IFLA_BOND_UPDELAY, 4, NULL, false },
	{ "downdelay", IFLA_BOND_DOWNDELAY, 4, NULL, false },
	{ "use_carrier", IFLA_BOND_USE_CARRIER, 1, NULL, false },
	{ "arp_interval", IFLA_BOND_ARP_INTERVAL, 4, NULL, false },
	{ "arp_validate", IFLA_BOND_ARP_VALIDATE, 4, validate, false },
	{ "arp_all_targets", IFLA_BOND_ARP_ALL_TARGETS, 4, any_all, false },
	{ "arp_missed_max", IFLA_BOND_MISSED_MAX, 1, NULL, false },
	{ "primary", IFLA_BOND_PRIMARY, 0, NULL, false },
	{ "active_slave", IFLA_BOND_ACTIVE_SLAVE, 0, NULL, false },
	{ "primary_reselect", IFLA_BOND_PRIMARY_RESELECT, 1, reselect, false },
	{ "fail_over_mac", IFLA_BOND_FAIL_OVER_MAC, 1, fail_over, true },
	{ "xmit_hash_policy", IFLA_BOND_XMIT_HASH_POLICY, 1, hash, false },
	{ "resend_igmp", IFLA_BOND_RESEND_IGMP, 4, NULL, false },
	{ "num_grat_arp", IFLA_BOND_NUM_PEER_NOTIF, 1, NULL, false },
	{ "all_slaves_active", IFLA_BOND_ALL_SLAVES_ACTIVE, 1, NULL, false },
	{ "min_links", IFLA_BOND_MIN_LINKS, 4, NULL, false },
	{ "lp_interval", IFLA_BOND_LP_INTERVAL, 4, NULL, false },
	{ "packets_per_slave", IFLA_BOND_PACKETS_PER_SLAVE, 4, NULL, false },
	{ "lacp_rate", IFLA_BOND_AD_LACP_RATE, 1, slow_fast, true },
	{ "lacp_active", IFLA_BOND_AD_LACP_ACTIVE, 1, NULL, true },
	{ "ad_select", IFLA_BOND_AD_SELECT, 1, select_ad, true },
	{ "ad_actor_sys_prio", IFLA_BOND_AD_ACTOR_SYS_PRIO, 2, NULL, true },
	{ "ad_user_port_key", IFLA_BOND_AD_USER_PORT_KEY, 2, NULL, true },
	{ "tlb_dynamic_lb", IFLA_BOND_TLB_DYNAMIC_LB, 1, NULL, true },
	{ "peer_notif_delay", IFLA_BOND_PEER_NOTIF_DELAY, 4, NULL, false },
	{ 0 },
};

static const struct kernel_option bridge[] = {
	{ "forward_delay", IFLA_BR_FORWARD_DELAY, 4, NULL, false },
	{ "hello_time", IFLA_BR_HELLO_TIME, 4, NULL, false },
	{ "max_age", IFLA_BR_MAX_AGE, 4, NULL, false },
	{ "ageing_time", IFLA_BR_AGEING_TIME, 4, NULL, false },
	{ "stp_state", IFLA_BR_STP_STATE, 4, NULL, false },
	{ "priority", IFLA_BR_PRIORITY, 2, NULL, false },
	{ "vlan_filtering", IFLA_BR_VLAN_FILTERING, 1, NULL, false },
	{ "vlan_default_pvid", IFLA_BR_VLAN_DEFAULT_PVID, 2, NULL, false },
	{ "group_fwd_mask", IFLA_BR_GROUP_FWD_MASK, 2, NULL, false },
	{ "multicast_snooping", IFLA_BR_MCAST_SNOOPING, 1, NULL, false },
	{ "multicast_querier", IFLA_BR_MCAST_QUERIER, 1, NULL, false },
	{ 0 },
};

const struct kernel_option *kernel_option_all(const char *kind)
{
	static const struct kernel_option none = { 0 };

	return !strcmp(kind, "bond") ? bond : !strcmp(kind, "bridge") ? bridge : &none;
}

const struct kernel_option *kernel_option_find(const char *kind, const char *name)
{
	for (const struct kernel_option *o = kernel_option_all(kind); o->name; o++)
		if (!strcmp(o->name, name))
			return o;
	return NULL;
}

bool kernel_option_value(const struct kernel_option *o, const char *text, int64_t *ret)
{
	char *end;

	for (int i = 0; o->words && o->words[i]; i++) {
		if (strcmp(o->words[i], text) != 0)
			continue;
		*ret = i;
		return true;
	}
	*ret = strtoll(text, &end, 0);
	return end != text && !*end && *ret >= 0 && *ret <= UINT32_MAX;
}
