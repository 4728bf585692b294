/* SPDX-License-Identifier: Apache-2.0 */
/* What dhcpcd is told, what its script keeps of a lease, and the files that are made of leases. */
#include "tests/unit/check.h"
#include "tests/unit/scratch.h"

#include "agent/network/dhcp.h"
#include "agent/network/dhcp_run.h"
#include "agent/network/forms.h"
#include "agent/network/lease.h"
#include "agent/network/lease_mtu.h"
#include "lib/file.h"

static int index_of(const char *name)
{
	return name[0] == 'e' ? 1 + name[strlen(name) - 1] - '0' : 0;
}

static struct network *model(struct doc_pool *p, const char *yaml)
{
	struct network *net = NULL;
	struct error err = { 0 };

	assert_ok(network_read(p, "test", yaml, strlen(yaml), &net, &err), &err);
	return net;
}

static void config_of(const char *yaml, struct buf *out, size_t *ret_messages)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct state_link links[] = { { .index = 1, .name = "eth0", .mac = "02:00:00:00:00:01" },
				      { .index = 2, .name = "eth1", .mac = "02:00:00:00:00:02" } };
	struct state s = { .links = links, .n_links = 2 };
	struct want_list *want = calloc(1, sizeof(*want));
	struct error err = { 0 };
	struct network *net;

	assert_ok(doc_pool_new(&p, &err), &err);
	net = model(p, yaml);
	want_resolve(net, &s, want);
	dhcp_config(net, want, index_of, out);
	(void)doc_messages(p, ret_messages);
	free(want);
}

static const struct {
	const char *yaml, *has, *has_not;
	size_t messages;
} configs[] = {
	{ "interfaces: {}\ndhcp_timeout: 3\n", "\nallowinterfaces eth0 eth1\n", NULL, 0 },
	{ "interfaces: {}\ndhcp_timeout: 3\n", "\ntimeout 3\n", NULL, 0 },
	{ "interfaces: {eth0: {dhcp: true}}", "\nallowinterfaces eth0\n", "eth1", 0 },
	{ "interfaces: {eth0: {dhcp: true}}", "\ninterface eth0\nmetric 201\n", "nodhcp", 0 },
	{ "interfaces: {eth0: {dhcp: true, route_metric: 7}}", "\nmetric 7\n", "metric 201", 0 },
	{ "interfaces: {eth0: {accept_ra: true}}", "\nnodhcp\n", "noipv6", 0 },
	{ "interfaces: {eth0: {dhcp: true, accept_ra: false}}", "\nnoipv6\n", "ia_na", 0 },
	{ "interfaces: {eth0: {dhcp6: true}}", "\nia_na 1\n", NULL, 0 },
	/* dhcpcd knows no word for it, only one against it */
	{ "interfaces: {eth0: {ipv4ll: true}}", "\nnodhcp\n", "ipv4ll", 0 },
	{ "interfaces: {eth0: {ipv4ll: true}}", "\nnodhcp\n", "noarp", 0 },
	{ "interfaces: {eth0: {dhcp: true}}", "\nnoipv4ll\nnoarp\n", NULL, 0 },
	{ "interfaces: {eth0: {dhcp: true, privacy: true}}", "\nslaac hwaddr temporary\n", NULL,
	  0 },
	{ "interfaces: {eth0: {dhcp: true, mtu: 1400}}", "\nnooption interface_mtu\n", NULL, 0 },
	{ "interfaces: {eth0: {dhcp: true, use_dns: false, use_routes: false}}",
	  "\nnooption domain_name_servers\nnogateway\n", NULL, 0 },
	{ "interfaces: {eth0: {dhcp: true, dhcp_hostname: me}}", "\nhostname me\n", NULL, 0 },
	/* RancherOS' own command line, and others that people wrote. */
	{ "interfaces: {eth0: {dhcp: true, dhcp_args: '-MA4 -e force_hostname=true --timeout 9 -w "
	  "--debug eth0'}}",
	  "\nnoarp\nipv4only\ntimeout 9\n", "force_hostname", 1 },
	{ "interfaces: {eth0: {dhcp: true, dhcp_args: '-i \"my vendor\" --metric=5 -t20 --frob'}}",
	  "\nvendorclassid my vendor\nmetric 5\ntimeout 20\n", "frob", 1 },
	/* A line break cannot begin a directive. */
	{ "interfaces: {eth0: {dhcp: true, dhcp_args: \"-i 'a\\nscript /x'\"}}", "\nmetric 201\n",
	  "script /x", 0 },
	{ "interfaces: {eth0: {dhcp: true, dhcp_hostname: \"a\\nscript /x\"}}", "\nmetric 201\n",
	  "script /x", 0 },
	{ "interfaces: {\"eth0\\nscript /x\": {dhcp: true}, eth1: {dhcp: true}}",
	  "\nallowinterfaces eth1\n", "script /x", 1 },
};

static void test_config(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(configs); i++) {
		AUTO_BUF struct buf out = { 0 };
		size_t messages;

		config_of(configs[i].yaml, &out, &messages);
		if (!strstr(buf_text(&out), configs[i].has) ||
		    (configs[i].has_not && strstr(buf_text(&out), configs[i].has_not)) ||
		    messages != configs[i].messages)
			fail_msg("%s: %zu messages:\n%s", configs[i].yaml, messages,
				 buf_text(&out));
	}
}

/* Nobody needs dhcpcd: it is not run. */
static void test_static_needs_none(void **state)
{
	AUTO_BUF struct buf out = { 0 };
	size_t messages;

	(void)state;
	config_of("interfaces: {eth0: {address: 10.0.0.2/24}}", &out, &messages);
	assert_int_equal(out.len, 0);
	config_of("interfaces: {eth0: {bond: b, dhcp: true}, b: {address: 10.0.0.2/24}}", &out,
		  &messages);
	assert_int_equal(out.len, 0);
}

#define HEAD "allowinterfaces x\nnodelay\ntimeout 10\n"
#define OTHER "allowinterfaces y\nnodelay\ntimeout 20\n"
#define ETH0 "\ninterface eth0\nmetric 1\n"
#define ETH1 "\ninterface eth1\nmetric 2\n"

static const struct {
	const char *old, *now, *tells;
} tellings[] = {
	{ "", HEAD ETH0 ETH1, "eth0 eth1 " },
	{ HEAD ETH0 ETH1, HEAD ETH0 ETH1, "" },
	{ HEAD ETH0, HEAD ETH0 ETH1, "eth1 " },
	{ HEAD ETH1, HEAD ETH0 ETH1, "eth0 " },
	{ HEAD ETH0 ETH1, HEAD ETH0 ETH1 "nodhcp6\n", "eth1 " },
	{ HEAD ETH0 ETH1, HEAD ETH0 "nodhcp6\n" ETH1, "eth0 " },
	{ "allowinterfaces eth0\nnodelay\n" ETH0, "allowinterfaces eth0 eth1\nnodelay\n" ETH0 ETH1,
	  "eth1 " },
	{ HEAD ETH0 ETH1, OTHER ETH0 ETH1, "eth0 eth1 " },
	/* Not eth1 for eth10's lines. */
	{ HEAD "\ninterface eth10\nmetric 2\n" ETH0, HEAD ETH0 ETH1, "eth1 " },
};

/* An interface whose lines stay the same is left alone. */
static void test_who_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(tellings); i++) {
		const struct dhcp_names all = { .name = { "eth0", "eth1" },
						.n = strstr(tellings[i].now, "eth1\n") ? 2 : 1 };
		/* Not told of yet, and not wanted any more. */
		struct dhcp_names told = { .name = { "gone" }, .n = 1 };
		AUTO_BUF struct buf text = { 0 };

		dhcp_run_compare(tellings[i].old, tellings[i].now, &all, &told);
		for (size_t k = 0; k < told.n; k++)
			buf_fmt(&text, "%s ", told.name[k]);
		assert_string_equal(buf_text(&text), tellings[i].tells);
	}
}

struct variable {
	const char *name, *value;
};

static const struct variable good[] = {
	{ "interface", "eth0" },
	{ "new_domain_name_servers", "10.0.0.53 10.0.0.54" },
	{ "new_domain_name", "example.test" },
	{ "new_host_name", "rancher-dev" },
	{ "new_ntp_servers", "10.0.0.7" },
	{ "nd1_rdnss1_servers", "fe80::1 fd00::53" },
};

/* A server that means harm. */
static const struct variable evil[] = {
	{ "interface", "eth0" },
	{ "new_domain_name_servers", "10.0.0.53 `reboot` 1.2.3.4\nnameserver" },
	{ "new_domain_name", "a\nnameserver" },
	{ "new_host_name", "$(reboot)" },
	{ "new_ntp_servers", "10.0.0.7;x" },
};

static const char *get_good(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		if (!strcmp(good[i].name, name))
			return good[i].value;
	return NULL;
}

static const char *get_evil(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(evil); i++)
		if (!strcmp(evil[i].name, name))
			return evil[i].value;
	return NULL;
}

static void test_lease(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_SCRATCH struct scratch dir = scratch_make();
	struct error err = { 0 };
	AUTO_CLOSE int root = -1;
	struct lease l, all[4];

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	assert_ok(file_root_open(dir.path, &root, &err), &err);
	lease_parse(p, get_good, &l);
	assert_int_equal(l.nameservers.n, 4);
	assert_string_equal(l.search.item[0], "example.test");
	assert_string_equal(l.hostname, "rancher-dev");
	assert_ok(lease_save(root, &l, "dhcp", &err), &err);
	assert_int_equal(lease_load_all(root, p, all, 4), 1);
	assert_string_equal(all[0].interface, "eth0");
	assert_string_equal(all[0].ntp.item[0], "10.0.0.7");
	assert_string_equal(all[0].nameservers.item[3], "fd00::53");
	assert_ok(lease_remove(root, "eth0", "dhcp", &err), &err);
	assert_int_equal(lease_load_all(root, p, all, 4), 0);

	lease_parse(p, get_evil, &l);
	assert_int_equal(l.nameservers.n, 1);
	assert_int_equal(l.search.n, 0);
	assert_int_equal(l.ntp.n, 0);
	assert_null(l.hostname);
}

static void test_lease_mtu(void **state)
{
	(void)state;
	assert_int_equal(lease_mtu("1400"), 1400);
	assert_int_equal(lease_mtu("9000"), 9000);
	/* An interface with less would lose IPv6. */
	assert_int_equal(lease_mtu("576"), 0);
	assert_int_equal(lease_mtu("65536"), 0);
	assert_int_equal(lease_mtu("1400 "), 0);
	assert_int_equal(lease_mtu("$(reboot)"), 0);
	assert_int_equal(lease_mtu(""), 0);
	assert_int_equal(lease_mtu(NULL), 0);
}

static const struct {
	const char *yaml, *expect;
} resolvers[] = {
	/* the lease alone, beside an interface's own, behind the configuration */
	{ "interfaces: {eth0: {dhcp: true}}", "search a.b\nnameserver 10.0.0.53\n" },
	{ "interfaces: {eth0: {dhcp: true}, eth1: {nameservers: [1.1.1.1]}}",
	  "search a.b\nnameserver 1.1.1.1\nnameserver 10.0.0.53\n" },
	{ "interfaces: {eth0: {dhcp: true}}\ndns: {nameservers: [9.9.9.9], search: [x, y]}",
	  "search x y\nnameserver 9.9.9.9\n" },
	{ "interfaces: {eth0: {dhcp: true}}\ndns: {search: [x]}",
	  "search x\nnameserver 8.8.8.8\nnameserver 8.8.4.4\n" },
	{ "interfaces: {eth0: {dhcp: true, use_dns: false}}",
	  "search a.b\nnameserver 8.8.8.8\nnameserver 8.8.4.4\n" },
};

static void test_resolv_conf(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(resolvers); i++) {
		AUTO(doc_pool_free) struct doc_pool *p = NULL;
		AUTO_BUF struct buf out = { 0 };
		struct lease l = { .interface = "eth0" };
		struct error err = { 0 };
		struct spec s = { 0 };
		const char *text;

		assert_ok(doc_pool_new(&p, &err), &err);
		s.net = model(p, resolvers[i].yaml);
		assert_true(network_add_text(p, &s.default_nameservers, "8.8.8.8"));
		assert_true(network_add_text(p, &s.default_nameservers, "8.8.4.4"));
		assert_true(network_add_text(p, &l.nameservers, "10.0.0.53"));
		assert_true(network_add_text(p, &l.search, "a.b"));
		lease_resolv_conf(&s, &l, 1, &out);
		text = strchr(buf_text(&out), '\n') + 1;
		if (strcmp(text, resolvers[i].expect) != 0)
			fail_msg("%s:\n%s", resolvers[i].yaml, text);
	}
}

static void test_hosts(void **state)
{
	AUTO_BUF struct buf a = { 0 }, b = { 0 };

	(void)state;
	lease_hosts("127.0.0.1 localhost\n127.0.1.1 ocicat\n::1 localhost\n", "new.example", &a);
	assert_string_equal(buf_text(&a),
			    "127.0.0.1 localhost\n127.0.1.1 new.example new\n::1 localhost\n");
	lease_hosts("127.0.0.1 localhost\n", "new", &b);
	assert_string_equal(buf_text(&b), "127.0.0.1 localhost\n127.0.1.1 new\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_config), cmocka_unit_test(test_static_needs_none),
		cmocka_unit_test(test_lease),	cmocka_unit_test(test_lease_mtu),
		cmocka_unit_test(test_resolv_conf),
		cmocka_unit_test(test_hosts),	cmocka_unit_test(test_who_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
