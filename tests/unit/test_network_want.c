/* SPDX-License-Identifier: Apache-2.0 */
/* Which card an interface of the model means. */
#include "tests/unit/check.h"

#include <stdlib.h>

#include "agent/network/forms.h"
#include "agent/network/want.h"

/* Two cards with the names that udev gives beside the kernel's, a member of a bond with the bond's
 * address, and what containers and others made. */
static struct state_link links[] = {
	{ .index = 1, .name = "lo", .loopback = true },
	{ .index = 2, .name = "eth0", .mac = "52:54:00:00:00:01", .driver = "virtio_net",
	  .altname = { "enp0s3", "ens3" } },
	{ .index = 3, .name = "eth1", .mac = "52:54:00:00:00:02", .driver = "e1000",
	  .altname = { "enp0s4" } },
	{ .index = 4, .name = "eth2", .mac = "52:54:00:00:00:01", .driver = "e1000",
	  .permanent_mac = "52:54:00:00:00:03" },
	{ .index = 5, .name = "eth9.5", .mac = "52:54:00:00:00:02", .kind = "vlan" },
	{ .index = 6, .name = "veth12", .mac = "52:54:00:00:00:07", .kind = "veth" },
	{ .index = 7, .name = "docker0", .mac = "52:54:00:00:00:08", .kind = "bridge" },
};

static const struct {
	const char *yaml;
	const char *means; /* "KEY>LINK …" */
} rows[] = {
	{ "{eth0: {dhcp: true}, eth2: {mtu: 1400}}", "eth0>eth0 eth2>eth2 " },
	{ "{ens3: {dhcp: true}, enp0s4: {dhcp: true}}", "ens3>eth0 enp0s4>eth1 " },
	{ "{'en*': {dhcp: true}}", "en*>eth0 en*>eth1 " },
	{ "{'eth*': {dhcp: true}}", "eth*>eth0 eth*>eth1 eth*>eth2 " },
	{ "{'*': {dhcp: true}}", "*>eth0 *>eth1 *>eth2 " },
	/* An address beats a name, a name beats a pattern, whatever their order. */
	{ "{'eth*': {mtu: 1400}, eth1: {mtu: 1401}, 'mac=52:54:00:00:00:02': {mtu: 1402}}",
	  "eth*>eth0 mac=52:54:00:00:00:02>eth1 eth*>eth2 " },
	{ "{'mac=52:54:00:00:00:0?': {dhcp: true}}",
	  "mac=52:54:00:00:00:0?>eth0 mac=52:54:00:00:00:0?>eth1 mac=52:54:00:00:00:0?>eth2 " },
	/* RancherOS' other spelling; a member's own address, and never a VLAN's. */
	{ "{'mac:52:54:00:00:00:01': {dhcp: true}}", "mac:52:54:00:00:00:01>eth0 " },
	{ "{'mac=52:54:00:00:00:03': {dhcp: true}}", "mac=52:54:00:00:00:03>eth2 " },
	{ "{lan: {match: 'mac=52:54:00:00:00:02'}, wan: {match: 'eth0'}}", "wan>eth0 lan>eth1 " },
	{ "{any: {match: {driver: 'e1*'}}}", "any>eth1 any>eth2 " },
	{ "{one: {match: {driver: e1000, name: 'en*'}}}", "one>eth1 " },
	{ "{none: {match: {driver: vmxnet3}}}", "" },
	{ "{two: {match: {driver: 'vmxnet3 virtio*  e1000', name: 'en* x'}}}",
	  "two>eth0 two>eth1 " },
	{ "{none: {match: {mac: '52:54:00:00:00:02', name: eth0}}}", "" },
};

static void test_matching(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct state s = { .links = links, .n_links = ARRAY_LEN(links) };
		struct want_list *want = calloc(1, sizeof(*want));
		AUTO_BUF struct buf yaml = { 0 }, got = { 0 };
		AUTO(doc_pool_free) struct doc_pool *p = NULL;
		struct network *net = NULL;
		struct error err = { 0 };

		assert_ok(doc_pool_new(&p, &err), &err);
		buf_fmt(&yaml, "interfaces: %s\n", rows[i].yaml);
		assert_ok(network_read(p, "test", buf_text(&yaml), yaml.len, &net, &err), &err);
		want_resolve(net, &s, want);
		for (size_t k = 0; k < want->n; k++)
			buf_fmt(&got, "%s>%s ", want->w[k].nic->name, want->w[k].link->name);
		if (strcmp(buf_text(&got), rows[i].means) != 0)
			fail_msg("%s: %s", rows[i].yaml, buf_text(&got));
		free(want);
	}
}

/* What cannot be named so is made by no other name. */
static void test_made_names(void **state)
{
	static const struct {
		const char *yaml, *makes, *says;
	} made[] = {
		{ "{abcdefghijklmno: {bridge: true}}", "abcdefghijklmno ", "" },
		{ "{abcdefghijklmnop: {bridge: true}, b: {bridge: true}}", "b ",
		  "abcdefghijklmnop: the name of a link has 15 characters" },
		{ "{eth0: {vlans: '100:a,200:a,300:b'}}", "eth0 a b ",
		  "a is VLAN 100 already: VLAN 200 is ignored" },
		{ "{eth0: {vlans: '100:a:b, 5'}}", "eth0 eth0.5 ", "a:b: the name of a link" },
		{ "{averylongername0: {vlans: '8'}}", "", "averylongername0.8: the name" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(made); i++) {
		struct state s = { .links = links, .n_links = 2 };
		struct want_list *want = calloc(1, sizeof(*want));
		AUTO_BUF struct buf yaml = { 0 }, got = { 0 }, said = { 0 };
		AUTO(doc_pool_free) struct doc_pool *p = NULL;
		struct network *net = NULL;
		struct error err = { 0 };
		const struct doc_message *m;
		size_t n;

		assert_ok(doc_pool_new(&p, &err), &err);
		buf_fmt(&yaml, "interfaces: %s\n", made[i].yaml);
		assert_ok(network_read(p, "test", buf_text(&yaml), yaml.len, &net, &err), &err);
		want_resolve(net, &s, want);
		for (size_t k = 0; k < want->n; k++)
			buf_fmt(&got, "%s ", want->w[k].name);
		m = doc_messages(p, &n);
		for (size_t k = 0; k < n; k++)
			doc_message_text(&m[k], &said);
		if (strcmp(buf_text(&got), made[i].makes) || !strstr(buf_text(&said), made[i].says))
			fail_msg("%s: %s: %s", made[i].yaml, buf_text(&got), buf_text(&said));
		free(want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_matching),
		cmocka_unit_test(test_made_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
