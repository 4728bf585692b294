/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of keys. Their order is that of the JSON.
 */
#include <string.h>

#include "agent/network/field.h"

#define FLAG(name)                                                              \
	{                                                                       \
#name, NETWORK_IS_FLAG, offsetof(struct network_if, name), 0, 0 \
	}
#define ROW(name, kind)                                              \
	{                                                            \
#name, kind, offsetof(struct network_if, name), 0, 0 \
	}
#define NUMBER(name, min, max)                                                        \
	{                                                                             \
#name, NETWORK_IS_NUMBER, offsetof(struct network_if, name), min, max \
	}

const struct network_field network_field_all[] = {
	ROW(set_name, NETWORK_IS_NAME),
	ROW(mac_address, NETWORK_IS_MAC),
	FLAG(dhcp),
	FLAG(dhcp6),
	FLAG(accept_ra),
	FLAG(ipv4ll),
	FLAG(privacy),
	ROW(dhcp_args, NETWORK_IS_TEXT),
	ROW(dhcp_hostname, NETWORK_IS_TEXT),
	FLAG(send_hostname),
	FLAG(use_dns),
	FLAG(use_domains),
	FLAG(use_hostname),
	FLAG(use_mtu),
	FLAG(use_ntp),
	FLAG(use_routes),
	NUMBER(route_metric, 0, UINT32_MAX),
	ROW(addresses, NETWORK_IS_CIDRS),
	ROW(gateway, NETWORK_IS_ADDRESS),
	ROW(gateway_ipv6, NETWORK_IS_ADDRESS),
	NUMBER(mtu, 68, 65536),
	FLAG(wakeonlan),
	FLAG(optional),
	ROW(nameservers, NETWORK_IS_ADDRESSES),
	ROW(search, NETWORK_IS_WORDS),
	ROW(pre_up, NETWORK_IS_TEXTS),
	ROW(post_up, NETWORK_IS_TEXTS),
	ROW(wifi_network, NETWORK_IS_TEXT),
};

const size_t network_field_n = ARRAY_LEN(network_field_all);

const struct network_field *network_field_find(const char *key)
{
	for (size_t i = 0; i < network_field_n; i++)
		if (!strcmp(network_field_all[i].key, key))
			return &network_field_all[i];
	return NULL;
}
