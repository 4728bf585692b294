/* SPDX-License-Identifier: Apache-2.0 */
/* A change of the network that nobody confirms: what is in force goes back, and what was stored for
 * it. Also the configuration without what a datasource gave. */
#include "tests/unit/check.h"
#include "tests/unit/put.h"
#include "tests/unit/scratch.h"

#include <stdlib.h>

#include "agent/config/config.h"
#include "agent/config/config_own.h"
#include "agent/network/lease.h"
#include "agent/network/network_config.h"
#include "agent/network/respec.h"
#include "agent/network/spec.h"
#include "agent/network/undo.h"
#include "agent/network/want.h"
#include "lib/file.h"

struct fixture {
	struct scratch s;
	int root;
	struct doc_pool *p;
};

static int setup(void **state)
{
	static struct fixture f;

	f = (struct fixture){ .s = scratch_make() };
	*state = &f;
	if (file_root_open(f.s.path, &f.root, NULL) < 0)
		return -1;
	return doc_pool_new(&f.p, NULL);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	doc_pool_free(f->p);
	(void)close(f->root);
	scratch_done(&f->s);
	return 0;
}

static void put(struct fixture *f, const char *path, const char *text)
{
	put_file(f->root, path, text, strlen(text), 0600);
}

/* As `ros config set` and `ros network apply` do. */
static void store(struct fixture *f, const char *yaml)
{
	const struct doc_node *more = NULL;
	struct error err = { 0 };

	assert_ok(doc_yaml(f->p, "set", yaml, strlen(yaml), &more, &err), &err);
	assert_ok(config_own_add(f->root, f->p, more, &err), &err);
}

static void apply(struct fixture *f, int64_t confirm_ms)
{
	const struct doc_node *config = NULL, *doc;
	struct error err = { 0 };
	int64_t id;

	assert_ok(config_load(f->root, f->p, &config, &err), &err);
	doc = spec_make(f->p, config, spec_is_named(f->root, f->p, config));
	assert_ok(spec_publish(f->root, f->p, doc, confirm_ms, NULL, &id, &err), &err);
}

static const char *address(struct fixture *f, const char *key)
{
	const struct doc_node *config = NULL;
	struct error err = { 0 };

	assert_ok(config_load(f->root, f->p, &config, &err), &err);
	return doc_str(config, key, "none");
}

static const char *in_force(struct fixture *f)
{
	struct error err = { 0 };
	struct spec s;

	assert_ok(spec_load(f->root, f->p, SPEC_PATH, &s, &err), &err);
	assert_int_equal(s.confirm_ms, 0);
	return s.net->n ? s.net->ifs[0]->addresses.item[0] : "none";
}

#define KEY "rancher.network.interfaces.eth0.address"
#define SET(address) "rancher: {network: {interfaces: {eth0: {address: " address "}}}}\n"

/* Whether the configuration says what is in force then. */
static int go_back(struct fixture *f)
{
	struct error err = { 0 };
	struct undo u;
	int r;

	assert_ok(undo_begin(f->root, &u, &err), &err);
	assert_false(undo_is_due(f->root, &u));
	assert_ok(network_spec_go_back(f->root, &err), &err);
	assert_false(file_exists(f->root, SPEC_BEFORE));
	assert_true(undo_is_due(f->root, &u));
	r = undo_store(f->root, &u, &err);
	if (r < 0)
		fail_msg("%s", err.msg);
	doc_pool_free(u.p);
	return r;
}

static void test_goes_back(void **state)
{
	struct fixture *f = *state;

	store(f, SET("10.0.0.1/24") "hostname: before\n");
	apply(f, 0);
	store(f, SET("10.0.0.2/24") "hostname: after\n");
	apply(f, 1000);
	/* Two changes, neither confirmed: both go. */
	store(f, SET("10.0.0.3/24"));
	apply(f, 1000);
	assert_int_equal(go_back(f), 1);
	assert_string_equal(in_force(f), "10.0.0.1/24");
	assert_string_equal(address(f, KEY), "10.0.0.1/24");
	/* No other key does. */
	assert_string_equal(address(f, "hostname"), "after");
}

static void test_nothing_was_stored(void **state)
{
	struct fixture *f = *state;

	put(f, CONFIG_BOOT, "#cloud-config\n" SET("10.0.0.1/24"));
	apply(f, 0);
	store(f, SET("10.0.0.2/24"));
	apply(f, 1000);
	assert_int_equal(go_back(f), 1);
	assert_string_equal(in_force(f), "10.0.0.1/24");
	assert_string_equal(address(f, KEY), "10.0.0.1/24");
	/* The next change begins from there. */
	store(f, SET("10.0.0.4/24"));
	apply(f, 1000);
	assert_int_equal(go_back(f), 1);
	assert_string_equal(address(f, KEY), "10.0.0.1/24");
}

/* What was stored since, or elsewhere, stays, and it is known that it will be made again. */
static void test_changed_since(void **state)
{
	struct fixture *f = *state;

	store(f, SET("10.0.0.1/24"));
	apply(f, 0);
	store(f, SET("10.0.0.2/24"));
	apply(f, 1000);
	store(f, SET("10.0.0.3/24"));
	assert_int_equal(go_back(f), 0);
	assert_string_equal(in_force(f), "10.0.0.1/24");
	assert_string_equal(address(f, KEY), "10.0.0.3/24");

	store(f, SET("10.0.0.1/24"));
	apply(f, 0);
	put(f, CONFIG_DIR "/user.yml", "rancher: {network: {interfaces: {eth1: {dhcp: true}}}}\n");
	apply(f, 1000);
	assert_int_equal(go_back(f), 0);
	assert_string_equal(in_force(f), "10.0.0.1/24");
}

/* What is confirmed is what the next change goes back to; who waited for another one does nothing.
 */
static void test_confirmed(void **state)
{
	struct fixture *f = *state;
	struct error err = { 0 };
	struct undo first;

	store(f, SET("10.0.0.1/24"));
	apply(f, 0);
	store(f, SET("10.0.0.2/24"));
	apply(f, 1000);
	assert_ok(undo_begin(f->root, &first, &err), &err);
	network_spec_settled(f->root);
	assert_false(undo_is_due(f->root, &first));
	store(f, SET("10.0.0.3/24"));
	apply(f, 1000);
	assert_int_equal(go_back(f), 1);
	assert_false(undo_is_due(f->root, &first));
	doc_pool_free(first.p);
	assert_string_equal(in_force(f), "10.0.0.2/24");
	assert_string_equal(address(f, KEY), "10.0.0.2/24");
}

static void test_unfetched(void **state)
{
	const struct config_choice choice = { .unfetched = true };
	struct fixture *f = *state;
	const struct doc_node *config = NULL;
	struct error err = { 0 };

	put(f, CONFIG_BOOT, "#cloud-config\nhostname: fetched\n");
	put(f, CONFIG_DIR "/user_config.yml", "#cloud-config\nfqdn: given.test\n");
	assert_string_equal(address(f, "hostname"), "fetched");
	assert_ok(config_load_choice(f->root, f->p, &choice, &config, &err), &err);
	assert_string_equal(doc_str(config, "hostname", "none"), "none");
	assert_string_equal(doc_str(config, "fqdn", "none"), "given.test");
}

/* As a boot does with a datasource's network-config; who is configured then. */
static void take(struct fixture *f, const char *text, struct want_list *want)
{
	struct state_link eth0 = { .index = 2, .name = "eth0", .mac = "52:54:00:00:00:01",
				   .driver = "virtio_net" };
	const struct state s = { .links = &eth0, .n_links = 1 };
	AUTO_BUF struct buf bytes = { 0 }, yaml = { 0 };
	struct network_config given;
	struct error err = { 0 };
	struct spec spec;

	buf_str(&bytes, text);
	network_config_read(f->p, &bytes, &given);
	assert_non_null(given.layer);
	doc_yaml_write(doc_with(f->p, NULL, "rancher.network", given.layer), &yaml);
	put(f, CONFIG_NETWORK, buf_text(&yaml));
	apply(f, 0);
	assert_ok(spec_load(f->root, f->p, SPEC_PATH, &spec, &err), &err);
	want_resolve(spec.net, &s, want);
	assert_false(doc_has_errors(f->p));
}

/* A network that is to be left alone is not asked for an address. What the owner configures counts
 * all the same. */
static void test_disabled(void **state)
{
	struct fixture *f = *state;
	struct want_list *want = calloc(1, sizeof(*want));

	assert_non_null(want);
	take(f, "network: {config: disabled}\n", want);
	assert_int_equal(want->n, 0);
	store(f, SET("10.0.0.1/24"));
	take(f, "network: {config: disabled}\n", want);
	assert_int_equal(want->n, 1);
	assert_false(want->w[0].dynamic);
	assert_string_equal(in_force(f), "10.0.0.1/24");
	free(want);
}

/* Only who gives the machine's file keeps others from writing it. */
static void test_written_files(void **state)
{
	static const struct {
		const char *yaml;
		bool keeps;
	} rows[] = {
		{ "write_files: [{path: /etc/hosts, content: a}]", true },
		{ "write_files: [{path: /etc//hosts, content: a, container: console}]", true },
		{ "write_files: [{path: /etc/hosts, content: a, container: web}]", false },
		{ "write_files: [{path: /etc/hosts, content: a, append: true}]", false },
		{ "write_files: [{path: /etc/resolv.conf, content: a}]", false },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct doc_node *config = NULL, *spec;
		const char *yaml = rows[i].yaml;
		struct error err = { 0 };

		assert_ok(doc_yaml(f->p, "c", yaml, strlen(yaml), &config, &err), &err);
		spec = spec_make(f->p, config, true);
		assert_int_equal(doc_bool(doc_key(spec, "keep_hosts"), "", false), rows[i].keeps);
		assert_int_equal(doc_bool(doc_key(spec, "keep_resolv_conf"), "", false),
				 i + 1 == ARRAY_LEN(rows));
	}
}

/* What write_files adds to /etc/resolv.conf stands behind the servers of every lease. */
static void test_added_to_resolv_conf(void **state)
{
	static const char yaml[] =
		"write_files:\n"
		"- {path: //etc/resolv.conf, content: \"options ndots:1\\n\", append: true}\n"
		"- {path: /etc/resolv.conf, content: b3B0aW9ucyByb3RhdGUK, encoding: b64, "
		"append: true}\n"
		"- {path: /etc/resolv.conf, content: web, append: true, container: web}\n"
		"- {path: /etc/other, content: other, append: true}\n"
		"rancher: {network: {dns: {nameservers: [1.1.1.1]}}}\n";
	struct fixture *f = *state;
	const struct doc_node *config = NULL;
	AUTO_BUF struct buf out = { 0 };
	struct error err = { 0 };
	struct spec s;
	int64_t id;

	assert_ok(doc_yaml(f->p, "c", yaml, strlen(yaml), &config, &err), &err);
	assert_ok(spec_publish(f->root, f->p, spec_make(f->p, config, true), 0, NULL, &id, &err),
		  &err);
	assert_ok(spec_load(f->root, f->p, SPEC_PATH, &s, &err), &err);
	assert_false(s.keep_resolv_conf);
	lease_resolv_conf(&s, NULL, 0, &out);
	assert_string_equal(strchr(buf_text(&out), '\n') + 1,
			    "nameserver 1.1.1.1\noptions ndots:1\noptions rotate\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_goes_back), TEST(test_nothing_was_stored), TEST(test_changed_since),
		TEST(test_confirmed), TEST(test_unfetched), TEST(test_disabled),
		TEST(test_written_files), TEST(test_added_to_resolv_conf),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
