/* SPDX-License-Identifier: Apache-2.0 */
/* network-config in both versions → rancher.network → what dhcpcd is told. */
#include "tests/unit/check.h"
#include "tests/unit/scratch.h"

#include "agent/network_config.h"
#include "agent/view_network.h"
#include "lib/file.h"
#include "lib/scope.h"

struct network_case {
	const char *yaml, *json;
	size_t messages;
};

static const struct network_case cases[] = {
	{ "version: 2\nethernets: {eth0: {dhcp4: true}}",
	  "{\"interfaces\":{\"eth0\":{\"dhcp\":true}}}", 0 },
	{ "network: {version: 2, ethernets: {eth0: {dhcp4: yes, dhcp6: no, mtu: 1400}}}",
	  "{\"interfaces\":{\"eth0\":{\"dhcp\":true,\"dhcp6\":false,\"mtu\":1400}}}", 0 },
	{ "version: 2\nethernets:\n  id0:\n    match: {macaddress: 52:54:00:12:34:5F}\n    "
	  "set-name: lan\n"
	  "    addresses: [10.0.0.2/24, {\"fd00::2/64\": {label: x}}]\n    gateway4: 10.0.0.1\n"
	  "    nameservers: {addresses: [1.1.1.1, 'fd00::1'], search: [a.b]}\n",
	  "{\"interfaces\":{\"lan\":{\"dhcp\":false,\"match\":\"mac=52:54:00:12:34:5f\","
	  "\"gateway\":\"10.0.0.1\","
	  "\"addresses\":[\"10.0.0.2/24\",\"fd00::2/64\"]}},"
	  "\"dns\":{\"nameservers\":[\"1.1.1.1\",\"fd00::1\"],\"search\":[\"a.b\"]}}",
	  0 },
	/* unquoted, YAML takes this MAC address for a number */
	{ "version: 2\nethernets: {a: {match: {macaddress: 11:22:33:44:55:06}, dhcp4: true}}",
	  "{\"interfaces\":{\"a\":{\"dhcp\":true,\"match\":\"mac=11:22:33:44:55:06\"}}}", 0 },
	{ "version: 2\nethernets: {a: {match: {name: 'en*'}, dhcp4: true}}",
	  "{\"interfaces\":{\"a\":{\"dhcp\":true,\"match\":\"en*\"}}}", 0 },
	{ "version: 2\nethernets:\n  e:\n    addresses: [10.0.0.2/24]\n    gateway4: 10.0.0.9\n"
	  "    routes: [{to: default, via: 10.0.0.1}, {to: 10.1.0.0/16, via: 10.0.0.5}]\n",
	  "{\"interfaces\":{\"e\":{\"dhcp\":false,\"gateway\":\"10.0.0.1\","
	  "\"addresses\":[\"10.0.0.2/24\"]}}}",
	  1 },
	{ "version: 2\nethernets: {e: {addresses: [10.0.0.2/24, nonsense, 10.0.0.3/33]}}\nbonds: {"
	  "b: {}}",
	  "{\"interfaces\":{\"e\":{\"dhcp\":false,\"addresses\":[\"10.0.0.2/24\"]}}}", 3 },
	{ "version: 1\nconfig:\n- {type: physical, name: eth0, subnets: [{type: dhcp}]}\n",
	  "{\"interfaces\":{\"eth0\":{\"dhcp\":true}}}", 0 },
	{ "version: 1\nconfig:\n- type: physical\n  name: eth0\n  mac_address: "
	  "\"AA:bb:cc:dd:ee:ff\"\n  mtu: 9000\n"
	  "  subnets:\n  - {type: static, address: 10.0.0.2, netmask: 255.255.252.0, gateway: "
	  "10.0.0.1,\n"
	  "     dns_nameservers: [1.1.1.1], dns_search: [x.y]}\n  - {type: static6, address: "
	  "'fd00::2/48'}\n"
	  "- {type: nameserver, address: 9.9.9.9, search: z}\n",
	  "{\"interfaces\":{\"eth0\":{\"dhcp\":false,\"match\":\"mac=aa:bb:cc:dd:ee:ff\","
	  "\"mtu\":9000,"
	  "\"gateway\":\"10.0.0.1\",\"addresses\":[\"10.0.0.2/22\",\"fd00::2/48\"]}},"
	  "\"dns\":{\"nameservers\":[\"1.1.1.1\",\"9.9.9.9\"],\"search\":[\"x.y\",\"z\"]}}",
	  0 },
	{ "version: 1\nconfig:\n- {type: physical, name: e, subnets: [{type: static, address: "
	  "10.0.0.2/24,\n"
	  "  routes: [{network: 0.0.0.0, netmask: 0.0.0.0, gateway: 10.0.0.1}]}]}\n",
	  "{\"interfaces\":{\"e\":{\"dhcp\":false,\"gateway\":\"10.0.0.1\","
	  "\"addresses\":[\"10.0.0.2/24\"]}}}",
	  0 },
	/* a mask with holes, a type that is not carried over, no name */
	{ "version: 1\nconfig:\n- {type: physical, name: e, subnets: [{type: static, address: "
	  "10.0.0.2,\n"
	  "  netmask: 255.0.255.0}]}\n- {type: bond, name: b}\n- {type: physical}\n",
	  "{\"interfaces\":{\"e\":{\"dhcp\":false}}}", 3 },
	{ "version: 1\nconfig: disabled\n", "null", 0 },
	{ "version: 3\n", "null", 1 },
	{ "version: 2\nethernets: 5\n", "null", 0 },
	{ "version: 2\nethernets: {e: }\n", "{\"interfaces\":{\"e\":{\"dhcp\":false}}}", 0 },
};

static void test_reading(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(doc_pool_free) struct doc_pool *p = NULL;
		AUTO_BUF struct buf out = { 0 };
		const struct doc_node *n = NULL;
		struct error err = { 0 };
		size_t count;

		assert_ok(doc_pool_new(&p, &err), &err);
		assert_ok(doc_yaml(p, "n", cases[i].yaml, strlen(cases[i].yaml), &n, &err), &err);
		doc_json_write(network_config_read(p, n), &out);
		assert_string_equal(buf_text(&out), cases[i].json);
		(void)doc_messages(p, &count);
		if (count != cases[i].messages)
			fail_msg("%zu messages: %s", count, cases[i].yaml);
	}
}

static const struct network_case views[] = {
	{ "x: 1", "{\"allow\":[\"eth*\"],\"deny\":[],\"interfaces\":[],\"dhcp_timeout\":10}", 0 },
	{ "rancher: {network: {dhcp_timeout: 3, interfaces: {eth0: {dhcp: true}, eth1: {dhcp: "
	  "false}}}}",
	  "{\"allow\":[\"eth0\"],\"deny\":[\"eth1\"],\"interfaces\":[{\"name\":\"eth0\","
	  "\"dhcp\":true}],"
	  "\"dhcp_timeout\":3}",
	  0 },
	{ "rancher: {network: {interfaces: {'eth*': {dhcp: true}}}}",
	  "{\"allow\":[\"eth*\"],\"deny\":[],\"interfaces\":[],\"dhcp_timeout\":10}", 0 },
	{ "rancher: {network: {interfaces: {'mac=02:00:00:00:00:0B': {address: 10.0.0.2/24, "
	  "gateway: 10.0.0.1}}}}",
	  "{\"allow\":[\"eth1\"],\"deny\":[],\"interfaces\":[{\"name\":\"eth1\",\"dhcp\":false,"
	  "\"address\":\"10.0.0.2/24\",\"gateway\":\"10.0.0.1\"}],\"dhcp_timeout\":10}",
	  0 },
	{ "rancher: {network: {interfaces: {lan: {match: 'mac:02:00:00:*', dhcp: true, dhcp6: "
	  "false}}}}",
	  "{\"allow\":[\"eth0\",\"eth1\"],\"deny\":[],\"interfaces\":[{\"name\":\"eth0\","
	  "\"dhcp\":true,"
	  "\"no_dhcp6\":true},{\"name\":\"eth1\",\"dhcp\":true,\"no_dhcp6\":true}],"
	  "\"dhcp_timeout\":10}",
	  0 },
	{ "rancher: {network: {interfaces: {'mac=02:00:00:00:00:ff': {dhcp: true}, lo: {address: "
	  "1.2.3.4/8}}}}",
	  "{\"allow\":[\"eth*\"],\"deny\":[],\"interfaces\":[],\"dhcp_timeout\":10}", 1 },
	{ "rancher: {network: {interfaces: {eth0: {addresses: ['fd00::2/64', 10.0.0.2/8, "
	  "10.0.0.3/8], accept_ra: no}}}}",
	  "{\"allow\":[\"eth0\"],\"deny\":[],\"interfaces\":[{\"name\":\"eth0\",\"dhcp\":false,"
	  "\"address\":\"10.0.0.2/8\",\"address6\":\"fd00::2/64\",\"no_ra\":true}],"
	  "\"dhcp_timeout\":10}",
	  1 },
};

static void put(int root, const char *path, const char *text)
{
	struct file_attr attr = { .mode = 0644, .uid = geteuid(), .gid = getegid() };
	struct error err = { 0 };

	assert_ok(file_publish(root, path, text, strlen(text), &attr, NULL, &err), &err);
}

static void test_view(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	struct error err = { 0 };
	AUTO_CLOSE int root = -1;

	(void)state;
	assert_ok(file_root_open(s.path, &root, &err), &err);
	put(root, "/sys/class/net/eth0/address", "02:00:00:00:00:0a\n");
	put(root, "/sys/class/net/eth1/address", "02:00:00:00:00:0b\n");
	put(root, "/sys/class/net/lo/address", "00:00:00:00:00:00\n");
	for (size_t i = 0; i < ARRAY_LEN(views); i++) {
		AUTO(doc_pool_free) struct doc_pool *p = NULL;
		AUTO_BUF struct buf out = { 0 };
		const struct doc_node *n = NULL;
		size_t count;

		assert_ok(doc_pool_new(&p, &err), &err);
		assert_ok(doc_yaml(p, "n", views[i].yaml, strlen(views[i].yaml), &n, &err), &err);
		doc_json_write(view_network(root, p, n), &out);
		assert_string_equal(buf_text(&out), views[i].json);
		(void)doc_messages(p, &count);
		if (count != views[i].messages)
			fail_msg("%zu messages: %s", count, views[i].yaml);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reading),
		cmocka_unit_test(test_view),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
