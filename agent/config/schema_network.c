/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rancher.network, and the `network` of cloud-init.
 */
#include "agent/config/schema_row.h"

static const struct schema_row rows[] = {
	{ "rancher.network", SCHEMA_MAP, .help = "The network" },
	{ "rancher.network.pre_cmds", SCHEMA_LIST,
	  .help = "Commands before interfaces are set up" },
	{ "rancher.network.pre_cmds.[]", SCHEMA_TEXT, .help = "A command" },
	{ "rancher.network.post_cmds", SCHEMA_LIST, .help = "Commands after that" },
	{ "rancher.network.post_cmds.[]", SCHEMA_TEXT, .help = "A command" },
	{ "rancher.network.dhcp_timeout", SCHEMA_INT, .min = 0, .max = 3600, .fallback = "10",
	  .help = "Seconds to wait for a lease" },
	{ "rancher.network.dns", SCHEMA_MAP, .help = "DNS; what is set here replaces DHCP's" },
	{ "rancher.network.dns.nameservers", SCHEMA_LIST, .help = "DNS servers" },
	{ "rancher.network.dns.nameservers.[]", SCHEMA_IP, .help = "A DNS server" },
	{ "rancher.network.dns.search", SCHEMA_LIST, .help = "Domains to search" },
	{ "rancher.network.dns.search.[]", SCHEMA_HOST, .help = "A domain" },
	{ "rancher.network.http_proxy", SCHEMA_TEXT, .help = "Proxy for http" },
	{ "rancher.network.https_proxy", SCHEMA_TEXT, .help = "Proxy for https" },
	{ "rancher.network.no_proxy", SCHEMA_TEXT, .help = "Hosts without proxy" },
	{ "rancher.network.interfaces", SCHEMA_MAP,
	  .help = "Interfaces by name, by pattern (eth*), or by hardware address (mac=…)" },
	{ "rancher.network.interfaces.*", SCHEMA_MAP, .help = "An interface" },
	{ "rancher.network.wifi_networks", SCHEMA_MAP, .flags = SCHEMA_SECRET,
	  .help = "Wireless networks by a name of your choice" },
	{ "rancher.network.wifi_networks.*", SCHEMA_MAP, .flags = SCHEMA_SECRET,
	  .help = "A wireless network" },
	{ "rancher.network.modem_networks", SCHEMA_MAP, .help = "Mobile networks" },
	{ "rancher.network.modem_networks.*", SCHEMA_MAP, .help = "A mobile network" },
	{ "rancher.network.modem_networks.*.apn", SCHEMA_TEXT, .help = "Its access point" },
	{ "rancher.network.modem_networks.*.extra_args", SCHEMA_TEXT, .help = "More arguments" },
	{ "rancher.network.hotplug", SCHEMA_BOOL, .fallback = "true",
	  .help = "Set up interfaces that appear later" },
	{ "network", SCHEMA_MAP, .when = SCHEMA_BOOT,
	  .help = "The network as cloud-init has it, version 1 or 2" },
};

static const char *const prefixes[] = { "", NULL };
const struct schema_table schema_network = { prefixes, rows, ARRAY_LEN(rows) };

/* One interface. */
static const struct schema_row nic_rows[] = {
	{ "match", SCHEMA_TEXT, .help = "Name, pattern or mac=ADDRESS, when the key is a name of "
					"your choice" },
	{ "dhcp", SCHEMA_BOOL, .fallback = "false", .help = "Ask for an address" },
	{ "dhcp6", SCHEMA_BOOL, .help = "Ask for an IPv6 address" },
	{ "accept_ra", SCHEMA_BOOL, .help = "Take IPv6 addresses and routes from routers" },
	{ "dhcp_args", SCHEMA_TEXT, .help = "dhcpcd's whole command line" },
	{ "address", SCHEMA_CIDR, .help = "Its address" },
	{ "addresses", SCHEMA_LIST, .help = "Its addresses" },
	{ "addresses.[]", SCHEMA_CIDR, .help = "An address" },
	{ "ipv4ll", SCHEMA_BOOL, .fallback = "false", .help = "Give itself an address" },
	{ "gateway", SCHEMA_IP, .help = "The default route" },
	{ "gateway_ipv6", SCHEMA_IP, .help = "The default route for IPv6" },
	{ "mtu", SCHEMA_INT, .min = 0, .max = 65535, .help = "Largest packet, in bytes" },
	{ "bridge", SCHEMA_TEXT, .help = "true: it is a bridge; a name: it belongs to that one" },
	{ "bond", SCHEMA_TEXT, .help = "The bond that it belongs to" },
	{ "bond_opts", SCHEMA_MAP, .help = "Options of a bond, under the kernel's names" },
	{ "bond_opts.*", SCHEMA_TEXT, .help = "An option" },
	{ "vlans", SCHEMA_TEXT, .help = "VLANs on it: \"100,200:name\"" },
	{ "pre_up", SCHEMA_LIST, .help = "Commands before it goes up; $iface is its name" },
	{ "pre_up.[]", SCHEMA_TEXT, .help = "A command" },
	{ "post_up", SCHEMA_LIST, .help = "Commands after that" },
	{ "post_up.[]", SCHEMA_TEXT, .help = "A command" },
	{ "wifi_network", SCHEMA_TEXT, .help = "The wireless network that it joins" },
	{ "routes", SCHEMA_LIST, .help = "Further routes" },
	{ "routes.[]", SCHEMA_MAP, .help = "A route" },
	{ "routes.[].to", SCHEMA_NET | SCHEMA_WORD, "default", .help = "Where to" },
	{ "routes.[].via", SCHEMA_IP, .help = "The gateway" },
	{ "routes.[].metric", SCHEMA_INT, .min = 0, .max = 4294967295, .help = "Lower is better" },
	{ "routes.[].table", SCHEMA_INT, .min = 0, .max = 4294967295, .help = "Routing table" },
	{ "routes.[].on_link", SCHEMA_BOOL, .help = "The gateway is outside of its network" },
	{ "rules", SCHEMA_LIST, .help = "Routing rules" },
	{ "rules.[]", SCHEMA_MAP, .help = "A rule" },
	{ "rules.[].from", SCHEMA_NET, .help = "Packets from" },
	{ "rules.[].to", SCHEMA_NET, .help = "Packets to" },
	{ "rules.[].table", SCHEMA_INT, .min = 0, .max = 4294967295, .help = "Routing table" },
	{ "rules.[].priority", SCHEMA_INT, .min = 0, .max = 4294967295, .help = "Lower is first" },
	{ "rules.[].mark", SCHEMA_TEXT, .help = "Packets with this mark" },
};

static const char *const nic_prefixes[] = { "rancher.network.interfaces.*", NULL };
const struct schema_table schema_network_nic = { nic_prefixes, nic_rows, ARRAY_LEN(nic_rows) };

/* One wireless network, under wpa_supplicant's names. */
static const struct schema_row wifi_rows[] = {
	{ "ssid", SCHEMA_TEXT, .flags = SCHEMA_REQUIRED, .help = "Its name" },
	{ "scan_ssid", SCHEMA_INT, .min = 0, .max = 1, .help = "1: it hides its name" },
	{ "psk", SCHEMA_TEXT, .flags = SCHEMA_SECRET, .help = "Its password" },
	{ "priority", SCHEMA_INT, .min = 0, .max = 1000000, .help = "Higher is tried first" },
	{ "key_mgmt", SCHEMA_TEXT, .help = "WPA-PSK, WPA-EAP, NONE …" },
	{ "pairwise", SCHEMA_TEXT, .help = "Ciphers" },
	{ "group", SCHEMA_TEXT, .help = "Ciphers for broadcasts" },
	{ "eap", SCHEMA_TEXT, .help = "Method" },
	{ "identity", SCHEMA_TEXT, .help = "Who" },
	{ "anonymous_identity", SCHEMA_TEXT, .help = "Who, outside of the tunnel" },
	{ "password", SCHEMA_TEXT, .flags = SCHEMA_SECRET, .help = "The password" },
	{ "ca_certs", SCHEMA_LIST, .help = "Files of authorities" },
	{ "ca_certs.[]", SCHEMA_TEXT, .help = "A file" },
	{ "client_certs", SCHEMA_LIST, .help = "Files of certificates" },
	{ "client_certs.[]", SCHEMA_TEXT, .help = "A file" },
	{ "private_keys", SCHEMA_LIST, .help = "Files of keys" },
	{ "private_keys.[]", SCHEMA_TEXT, .help = "A file" },
	{ "private_key_passwds", SCHEMA_LIST, .flags = SCHEMA_SECRET, .help = "Their passwords" },
	{ "private_key_passwds.[]", SCHEMA_TEXT, .flags = SCHEMA_SECRET, .help = "A password" },
	{ "phases", SCHEMA_LIST, .help = "Inner methods" },
	{ "phases.[]", SCHEMA_TEXT, .help = "A method" },
	{ "eapol_flags", SCHEMA_INT, .min = 0, .max = 3, .help = "Flags" },
	{ "address", SCHEMA_CIDR, .help = "A fixed address there" },
	{ "gateway", SCHEMA_IP, .help = "The gateway there" },
};

static const char *const wifi_prefixes[] = { "rancher.network.wifi_networks.*", NULL };
const struct schema_table schema_network_wifi = { wifi_prefixes, wifi_rows, ARRAY_LEN(wifi_rows) };
