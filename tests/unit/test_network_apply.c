/* SPDX-License-Identifier: Apache-2.0 */
/* The network is made what the model says, in a network namespace of this test's own; the oracle is
 * ip(8). Also the firewall's text, and what `check` finds. */
#include "tests/unit/check.h"

#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/network/check.h"
#include "agent/network/firewall.h"
#include "agent/network/forms.h"
#include "agent/network/netlink.h"
#include "agent/network/update.h"
#include "agent/network/want.h"
#include "lib/proc.h"

#define IP_MS 10000

static void ip(const char *words, struct buf *out)
{
	AUTO_BUF struct buf copy = { 0 };
	const char *argv[32] = { "/bin/sh", "-c", NULL, NULL };
	struct error err = { 0 };

	buf_fmt(&copy, "ip %s", words);
	argv[2] = buf_text(&copy);
	assert_ok(proc_run(argv, NULL, IP_MS, out, &err), &err);
}

/* Three cards, with cables to nowhere in particular. */
static bool make_cards(void)
{
	if (unshare(CLONE_NEWNET) < 0)
		return false;
	for (int i = 0; i < 3; i++) {
		AUTO_BUF struct buf words = { 0 };

		buf_fmt(&words,
			"link add eth%d type veth peer name peer%d && ip link set peer%d up", i, i,
			i);
		ip(buf_text(&words), NULL);
	}
	return true;
}

static void apply(const char *yaml)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct update *u = calloc(1, sizeof(*u));
	AUTO_BUF struct buf left = { 0 };
	struct error err = { 0 };
	size_t n;

	assert_ok(doc_pool_new(&p, &err), &err);
	assert_ok(network_read(p, "test", yaml, strlen(yaml), &u->net, &err), &err);
	assert_ok(update_run(u, &err), &err);
	if (doc_has_errors(p))
		fail_msg("%s: %s", yaml, doc_messages(p, &n)[0].text);
	/* Once it is done there is nothing left to do. */
	assert_ok(update_show(u->net, &left, &n, &err), &err);
	if (n && !u->waits)
		fail_msg("%s: still to do:\n%s", yaml, buf_text(&left));
	free(u);
}

/* Words of `ip -o`, in which every line is there that `expect` names, in that order, and no other.
 */
static void expect(const char *yaml, const char *words, const char *lines)
{
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(1u << 20);

	ip(words, &out);
	if (strcmp(buf_text(&out), lines) != 0)
		fail_msg("%s\nip %s:\n%sexpected:\n%s", yaml, words, buf_text(&out), lines);
}

#define ADDRESSES "-o addr show scope global | awk '{ print $2, $4 }' | LC_ALL=C sort"
#define ROUTES                                                                                   \
	"route | grep 'proto 82' | sed 's/ *proto 82 */ /; s/ *linkdown//; s/ *$//' | LC_ALL=C " \
	"sort; true"

static const struct {
	const char *yaml, *addresses, *routes;
} turns[] = {
	{ "interfaces: {eth0: {address: 10.0.0.2/24, gateway: 10.0.0.1}}", "eth0 10.0.0.2/24\n",
	  "default via 10.0.0.1 dev eth0\n" },
	/* a second address; the first one goes, and the second does not go with it */
	{ "interfaces: {eth0: {addresses: [10.0.0.2/24, 10.0.0.3/24], gateway: 10.0.0.1}}",
	  "eth0 10.0.0.2/24\neth0 10.0.0.3/24\n", "default via 10.0.0.1 dev eth0\n" },
	{ "interfaces: {eth0: {addresses: [10.0.0.3/24], gateway: 10.0.0.1}}", "eth0 10.0.0.3/24\n",
	  "default via 10.0.0.1 dev eth0\n" },
	{ "interfaces: {eth0: {addresses: [10.0.0.3/24], gateway: 10.0.0.254}}",
	  "eth0 10.0.0.3/24\n", "default via 10.0.0.254 dev eth0\n" },
	/* a gateway outside of all networks, as Hetzner has them */
	{ "interfaces: {eth0: {address: 10.0.0.3/32, gateway: 172.31.1.1}}", "eth0 10.0.0.3/32\n",
	  "default via 172.31.1.1 dev eth0 onlink\n" },
	{ "interfaces: {eth0: {address: 10.0.0.3/24, routes: [{to: 10.9.0.0/16, via: 10.0.0.9, "
	  "metric: 5}, {to: 10.8.0.0/16}]}}",
	  "eth0 10.0.0.3/24\n",
	  "10.8.0.0/16 dev eth0 scope link\n10.9.0.0/16 via 10.0.0.9 dev eth0 metric 5\n" },
	{ "interfaces: {eth0: {address: 10.0.0.3/24}, eth1: {addresses: [10.1.0.2/24, "
	  "'fd01::2/64']}}",
	  "eth0 10.0.0.3/24\neth1 10.1.0.2/24\neth1 fd01::2/64\n", "" },
	/* into a bridge, and out of it again */
	{ "interfaces: {br0: {bridge: {interfaces: [eth0, eth1], options: {stp_state: '1'}}, "
	  "address: 10.0.0.3/24, gateway: 10.0.0.1}}",
	  "br0 10.0.0.3/24\n", "default via 10.0.0.1 dev br0\n" },
	{ "interfaces: {br0: {bridge: {interfaces: [eth1]}, address: 10.2.0.3/24}, eth0: "
	  "{address: 10.0.0.3/24, gateway: 10.0.0.1}}",
	  "br0 10.2.0.3/24\neth0 10.0.0.3/24\n", "default via 10.0.0.1 dev eth0\n" },
	{ "interfaces: {eth0: {address: 10.0.0.3/24}, eth1: {address: 10.0.1.3/24}}",
	  "eth0 10.0.0.3/24\neth1 10.0.1.3/24\n", "" },
	/* the same address moves to another card */
	{ "interfaces: {eth1: {address: 10.0.0.3/24, gateway: 10.0.0.1}}", "eth1 10.0.0.3/24\n",
	  "default via 10.0.0.1 dev eth1\n" },
	{ "interfaces: {'eth[01]': {mtu: 1400}, eth2: {address: 10.3.0.1/16}}",
	  "eth2 10.3.0.1/16\n", "" },
	/* two default routes: the second stands behind the first */
	{ "interfaces: {eth0: {address: 10.0.0.3/24, gateway: 10.0.0.1}, eth1: {address: "
	  "10.1.0.3/24, gateway: 10.1.0.1}}",
	  "eth0 10.0.0.3/24\neth1 10.1.0.3/24\n",
	  "default via 10.0.0.1 dev eth0\ndefault via 10.1.0.1 dev eth1 metric 100\n" },
	{ "interfaces: {eth0: {address: 10.0.0.3/24}, eth1: {dhcp: false}}", "eth0 10.0.0.3/24\n",
	  "" },
	/* names are changed for one another's, and back */
	{ "interfaces: {a: {match: eth0, set_name: lan}, lan: {}}", "", "" },
	{ "interfaces: {lan: {set_name: eth0, address: 10.0.0.3/24}}", "eth0 10.0.0.3/24\n", "" },
	{ "interfaces: {eth0: {addresses: ['fd00::3/64'], gateway_ipv6: 'fd00::1'}}",
	  "eth0 fd00::3/64\n", "" },
	{ "interfaces: {eth0: {address: 10.0.0.3/24, routes: [{to: default, via: 10.0.0.7, table: "
	  "77}], rules: [{from: 10.0.0.3, table: 77, priority: 9}]}}",
	  "eth0 10.0.0.3/24\n", "" },
	/* spelled as the kernel does not, and rules from and to everything, which it leaves out */
	{ "interfaces: {eth0: {addresses: ['2001:DB8:0:0::01/64'], gateway_ipv6: '2001:0db8::FE', "
	  "routes: [{to: '2001:DB8:0001::/48', via: '2001:0db8::00FD'}], rules: [{from: 10.0.0.3, "
	  "to: 0.0.0.0/0, table: 77, priority: 9}, {from: '::/0', table: 78, priority: 10}]}}",
	  "eth0 2001:db8::1/64\n", "" },
	{ "interfaces: {eth0: {address: 10.0.0.3/24, gateway: 10.0.0.1}}", "eth0 10.0.0.3/24\n",
	  "default via 10.0.0.1 dev eth0\n" },
	/* DHCP is asked for, and nobody answers: the route that works stays until somebody does */
	{ "interfaces: {eth0: {dhcp: true}}", "eth0 10.0.0.3/24\n",
	  "default via 10.0.0.1 dev eth0\n" },
	{ "interfaces: {eth0: {address: 10.0.0.3/24, gateway: 10.0.0.1}}", "eth0 10.0.0.3/24\n",
	  "default via 10.0.0.1 dev eth0\n" },
	{ "interfaces: {eth2: {dhcp: false}}", "", "" },
};

static void test_turns(void **state)
{
	(void)state;
	if (!make_cards())
		skip();
	/* What others made is not ours to take away. */
	ip("link add br-other type bridge && ip link set br-other up && "
	   "ip addr add 192.168.7.1/24 dev br-other && ip route add 192.168.8.0/24 dev br-other",
	   NULL);
	for (size_t i = 0; i < ARRAY_LEN(turns); i++) {
		AUTO_BUF struct buf addresses = { 0 };
		const char *own = turns[i].addresses;

		apply(turns[i].yaml);
		buf_fmt(&addresses, "br-other 192.168.7.1/24\n%s", own);
		expect(turns[i].yaml, ADDRESSES, buf_text(&addresses));
		expect(turns[i].yaml, ROUTES, turns[i].routes);
		expect(turns[i].yaml, "rule | grep 'proto 82'; true",
		       strstr(turns[i].yaml, "rules:") ? "9:\tfrom 10.0.0.3 lookup 77 proto 82\n"
						       : "");
	}
	expect("in the end", "-o link show type bridge | awk '{ print $2 }'", "br-other:\n");
}

/* What is said while it is applied. */
static void apply_saying(const char *yaml, const char *said)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct update *u = calloc(1, sizeof(*u));
	struct error err = { 0 };
	const struct doc_message *m;
	size_t n;

	assert_ok(doc_pool_new(&p, &err), &err);
	assert_ok(network_read(p, "test", yaml, strlen(yaml), &u->net, &err), &err);
	assert_ok(update_run(u, &err), &err);
	want_report(u->net, &u->want);
	free(u);
	assert_false(doc_has_errors(p));
	m = doc_messages(p, &n);
	assert_int_equal(n, 1);
	if (!strstr(m[0].text, said))
		fail_msg("%s", m[0].text);
}

#define MAC1 "02:00:00:00:00:01"

/* A card that is not here costs nothing but a line; of two with the same address one is meant. */
static void test_cards_that_are_not_here_or_twice(void **state)
{
	(void)state;
	if (!make_cards())
		skip();
	apply_saying("interfaces: {gone: {match: 'mac=02:aa:aa:aa:aa:aa', address: 10.0.0.2/24}, "
		     "eth1: {address: 10.1.0.2/24}}",
		     "gone: no link here is 02:aa:aa:aa:aa:aa");
	expect("the other card", ADDRESSES, "eth1 10.1.0.2/24\n");
	ip("link set eth0 address " MAC1 " && ip link set eth1 address " MAC1, NULL);
	apply_saying("interfaces: {a: {match: 'mac=" MAC1 "', address: 10.0.0.2/24}, "
		     "eth2: {address: 10.2.0.2/24}}",
		     "a: eth1 is " MAC1 ", too, and is left alone");
	expect("once", ADDRESSES, "eth0 10.0.0.2/24\neth2 10.2.0.2/24\n");
	apply("interfaces: {eth0: {address: 10.0.0.2/24}, eth1: {address: 10.1.0.2/24}}");
	expect("by their names", ADDRESSES, "eth0 10.0.0.2/24\neth1 10.1.0.2/24\n");
}

/* A lease's address ends with the lease; the same address by configuration stays. */
static void test_lease_becomes_static(void **state)
{
	(void)state;
	if (!make_cards())
		skip();
	ip("addr add 10.0.0.15/24 dev eth0 valid_lft 600 preferred_lft 600 "
	   "noprefixroute && "
	   "ip addr add fd00::15/64 dev eth1 valid_lft 600 preferred_lft 600 nodad",
	   NULL);
	apply("interfaces: {eth0: {address: 10.0.0.15/24}, eth1: {address: 'fd00::15/64'}}");
	expect("the addresses",
	       "-o addr show scope global | awk '{ print $2, $4 }' FS='[ \\t]+' | LC_ALL=C sort",
	       "eth0 10.0.0.15/24\neth1 fd00::15/64\n");
	/* dhcpcd makes the route to the network itself, and leaves with it. */
	expect("the network", "route show 10.0.0.0/24 | awk '{ print $1, $2, $3, $4, $5 }'",
	       "10.0.0.0/24 dev eth0 proto kernel\n");
	expect("for ever", "-o addr show scope global | grep -c 'valid_lft forever'", "2\n");
}

/* Addresses that the kernel told `fd` were taken away. */
static int n_deleted(int fd)
{
	char data[16384] __attribute__((aligned(__alignof__(struct nlmsghdr))));
	ssize_t len;
	int n = 0;

	while ((len = recv(fd, data, sizeof(data), MSG_DONTWAIT)) > 0)
		for (const struct nlmsghdr *h = (const void *)data; NLMSG_OK(h, len);
		     h = NLMSG_NEXT(h, len))
			n += h->nlmsg_type == RTM_DELADDR;
	return n;
}

/* … and is not taken away for a moment: connections over it live on, and other addresses of its
 * network. */
static void test_lease_stays_in_place(void **state)
{
	AUTO_CLOSE int fd = -1;
	struct error err = { 0 };

	(void)state;
	if (!make_cards())
		skip();
	ip("link set eth0 up && "
	   "ip addr add 10.0.0.15/24 dev eth0 valid_lft 600 preferred_lft 600 noprefixroute && "
	   "ip route add 10.0.0.0/24 dev eth0 src 10.0.0.15 proto dhcp metric 202 && "
	   "ip addr add 10.0.0.16/24 dev eth0 && "
	   "ip addr add fd00::15/64 dev eth0 valid_lft 600 preferred_lft 600 nodad noprefixroute",
	   NULL);
	assert_ok(netlink_open(RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR, &fd, &err), &err);
	apply("interfaces: {eth0: {addresses: [10.0.0.15/24, 10.0.0.16/24, 'fd00::15/64']}}");
	assert_int_equal(n_deleted(fd), 0);
	expect("for ever", "-o addr show dev eth0 scope global | grep -c 'valid_lft forever'",
	       "3\n");
	expect("the network is the kernel's",
	       "route show 10.0.0.0/24 | sed 's/ *linkdown//; s/ *$//'; "
	       "ip -6 route show fd00::/64 | awk '{ print $1, $2, $3 }'",
	       "10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.15\nfd00::/64 dev eth0\n");
	apply("interfaces: {eth0: {addresses: [10.0.0.16/24]}}");
	expect("the network stays with the address that stays",
	       "route show 10.0.0.0/24 | sed 's/ *linkdown//; s/ *$//'",
	       "10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.16\n");
	apply("interfaces: {eth0: {dhcp: false}}");
	expect("and goes with the last one", "route show dev eth0", "");
}

/* What DHCPv6 gave goes with it. What advertisements brought stays as long as they are heard. */
static void test_left_of_ipv6(void **state)
{
	static const char leased[] = "fd06::100/128", own[] = "fd06::5054/64";

	(void)state;
	if (!make_cards())
		skip();
	ip("link set eth0 up && "
	   "ip addr add fd06::100/128 dev eth0 valid_lft 600 preferred_lft 600 nodad && "
	   "ip addr add fd06::5054/64 dev eth0 valid_lft 600 preferred_lft 600 nodad",
	   NULL);
	apply("interfaces: {eth0: {dhcp: true}}");
	expect("while DHCP is wanted", ADDRESSES, "eth0 fd06::100/128\neth0 fd06::5054/64\n");
	apply("interfaces: {eth0: {address: 10.0.0.2/24}}");
	expect(leased, ADDRESSES, "eth0 10.0.0.2/24\neth0 fd06::5054/64\n");
	apply("interfaces: {eth0: {address: 10.0.0.2/24, accept_ra: false}}");
	expect(own, ADDRESSES, "eth0 10.0.0.2/24\n");
}

/* A default route of IPv6 does not wait for an interface that has long had its answer, of IPv4
 * alone. */
static void test_answered(void **state)
{
	(void)state;
	if (!make_cards())
		skip();
	ip("link set eth0 up && "
	   "ip addr add 10.0.0.15/24 dev eth0 valid_lft 600 preferred_lft 600",
	   NULL);
	apply("interfaces: {eth0: {dhcp: true}, eth1: {addresses: ['fd01::2/64'], gateway_ipv6: "
	      "'fd01::1'}}");
	expect("there", "-6 route show default | awk '{ print $3 }'", "fd01::1\n");
	apply("interfaces: {eth0: {dhcp: true}, eth1: {dhcp: false}}");
	expect("gone", "-6 route show default", "");
	expect("and its address", ADDRESSES, "eth0 10.0.0.15/24\n");
}

static const struct {
	const char *yaml, *finds; /* NULL: nothing */
} checks[] = {
	{ "interfaces: {eth0: {address: 10.0.0.2/24, gateway: 10.0.0.1}}", NULL },
	{ "interfaces: {eth0: {bond: b, address: 10.0.0.2/24}, b: {bond_opts: {miimon: 1}}}",
	  "addresses of its own" },
	{ "interfaces: {eth0: {bond: b, bridge: c}, b: {bond_opts: {miimon: 1}}}",
	  "belongs to b and to c" },
	{ "interfaces: {eth0: {mtu: 1400, vlans: '5'}, eth0.5: {mtu: 1500}}", "is larger than" },
	{ "interfaces: {eth0: {mtu: 1400, bridge: b}, b: {bridge: true, mtu: 1500}}",
	  "is smaller than" },
	{ "interfaces: {eth0: {address: 10.0.0.2/24}, eth1: {address: 10.0.0.2/24}}",
	  "both have the address" },
	{ "interfaces: {eth0: {address: 10.0.0.2/24, gateway: 10.0.0.1}, eth1: {address: "
	  "10.1.0.2/24, gateway: 10.1.0.1}}",
	  "both have a default route" },
	{ "interfaces: {eth0: {address: 10.0.0.2/24, gateway: 10.1.0.1}}", "in none of its" },
	{ "interfaces: {a: {vlan: {id: 1, link: b}}, b: {vlan: {id: 1, link: a}}}", "on itself" },
	{ "interfaces: {b: {bond: {interfaces: [eth0], options: {colour: red}}}}", "not known" },
	{ "interfaces: {eth0: {colour: red}}", "not known" },
	{ "interfaces: {b: {bond: {interfaces: [eth0]}}}", "a dead link is not seen" },
};

static void test_check(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(checks); i++) {
		AUTO(doc_pool_free) struct doc_pool *p = NULL;
		struct network *net = NULL;
		const struct doc_message *m;
		struct error err = { 0 };
		bool found = false;
		size_t n;

		assert_ok(doc_pool_new(&p, &err), &err);
		assert_ok(
			network_read(p, "test", checks[i].yaml, strlen(checks[i].yaml), &net, &err),
			&err);
		network_check(net);
		m = doc_messages(p, &n);
		for (size_t k = 0; k < n; k++)
			found |= checks[i].finds && strstr(m[k].text, checks[i].finds);
		if (checks[i].finds ? !found : n > 0)
			fail_msg("%s: %s", checks[i].yaml, n ? m[0].text : "nothing found");
	}
}

static const struct {
	const char *yaml, *has;
	bool bad;
} firewalls[] = {
	{ "{policy: drop, allow: [22, 53/udp, 8000-8099]}",
	  "\t\tmeta l4proto { tcp, udp } th dport { 22 } accept\n\t\tudp dport { 53 } accept\n"
	  "\t\tmeta l4proto { tcp, udp } th dport { 8000-8099 } accept\n\t\tdrop\n",
	  false },
	{ "{rules: [{action: deny, interface: eth1, source: [10.0.0.0/8, 'fd00::/8'], protocol: "
	  "tcp, port: [22, 80]}]}",
	  "\t\tiifname \"eth1\" ip saddr { 10.0.0.0/8 } tcp dport { 22, 80 } drop\n"
	  "\t\tiifname \"eth1\" ip6 saddr { fd00::/8 } tcp dport { 22, 80 } drop\n",
	  false },
	{ "{policy: reject, allow: [{protocol: icmp}]}", "\t\treject\n", false },
	{ "{rules: [{action: accept, interface: 'eth0\" accept; x'}]}", "ct state", true },
	{ "{rules: [{action: accept, port: '22; drop'}]}", "ct state", true },
	{ "{rules: [{action: accept, source: 'x'}]}", "ct state", true },
	{ "{rules: [{port: 22}]}", "ct state", true },
	{ "{policy: perhaps}", "\t\tdrop\n", true },
};

static void test_firewall(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(firewalls); i++) {
		AUTO(doc_pool_free) struct doc_pool *p = NULL;
		const struct doc_node *n = NULL;
		AUTO_BUF struct buf out = { 0 };
		struct error err = { 0 };

		assert_ok(doc_pool_new(&p, &err), &err);
		assert_ok(doc_yaml(p, "f", firewalls[i].yaml, strlen(firewalls[i].yaml), &n, &err),
			  &err);
		firewall_text(p, n, false, &out);
		if (!strstr(buf_text(&out), firewalls[i].has) ||
		    doc_has_errors(p) != firewalls[i].bad || strstr(buf_text(&out), "accept; x"))
			fail_msg("%s:\n%s", firewalls[i].yaml, buf_text(&out));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_check),
		cmocka_unit_test(test_firewall),
		cmocka_unit_test(test_turns),
		cmocka_unit_test(test_cards_that_are_not_here_or_twice),
		cmocka_unit_test(test_lease_becomes_static),
		cmocka_unit_test(test_lease_stays_in_place),
		cmocka_unit_test(test_left_of_ipv6),
		cmocka_unit_test(test_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
