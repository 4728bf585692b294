/* SPDX-License-Identifier: Apache-2.0 */
/* rancher.network → what dhcpcd is told. */
#include "tests/unit/check.h"
#include "tests/unit/scratch.h"

#include "agent/view_network.h"
#include "lib/file.h"
#include "lib/scope.h"

struct network_case {
	const char *yaml, *json;
	size_t messages;
};

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
		cmocka_unit_test(test_view),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
