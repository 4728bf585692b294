/* SPDX-License-Identifier: Apache-2.0 */
/* Every form of a network configuration → the one model: tests/data/network/NAME and NAME.expect,
 * which is what `ros network render --json` prints. */
#include "tests/unit/check.h"

#include <dirent.h>
#include <stdlib.h>

#include "agent/network/address.h"
#include "agent/network/document.h"
#include "agent/network/forms.h"
#include "lib/file.h"
#include "lib/scope.h"

#define DATA "tests/data/network"

static void read_data(const char *name, const char *ending, struct buf *b)
{
	char path[512];
	AUTO_FCLOSE FILE *f = NULL;
	struct error err = { 0 };

	(void)snprintf(path, sizeof(path), DATA "/%s%s", name, ending);
	f = fopen(path, "re");
	if (!f)
		fail_msg("%s: not there", path);
	assert_ok(file_read_fd(fileno(f), path, b, &err), &err);
}

/* What the model says is said again by the form it is kept in. */
static void check_round_trip(struct doc_pool *p, const struct network *net, const char *name)
{
	AUTO_BUF struct buf yaml = { 0 }, before = { 0 }, after = { 0 };
	const struct doc_node *doc = NULL;
	struct network *again = network_new(p);
	struct error err = { 0 };

	doc_yaml_write(network_document(net, NETWORK_AS_LAYER), &yaml);
	assert_ok(doc_yaml(p, "layer", buf_text(&yaml), yaml.len, &doc, &err), &err);
	network_read_own(again, doc);
	doc_json_write(network_document(net, NETWORK_AS_JSON), &before);
	doc_json_write(network_document(again, NETWORK_AS_JSON), &after);
	if (strcmp(buf_text(&before), buf_text(&after)) != 0)
		fail_msg("%s: %s became %s", name, buf_text(&before), buf_text(&after));
}

static void check_one(const char *name)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf text = { 0 }, expect = { 0 }, out = { 0 };
	struct network *net = NULL;
	struct error err = { 0 };

	read_data(name, "", &text);
	read_data(name, ".expect", &expect);
	assert_ok(doc_pool_new(&p, &err), &err);
	if (network_read(p, name, buf_text(&text), text.len, &net, &err) < 0) {
		doc_say_error(p, name, &err);
		net = network_new(p);
	}
	network_json(net, &out);
	if (strcmp(buf_text(&out), buf_text(&expect)) != 0)
		fail_msg("%s:\n%s\nexpected:\n%s", name, buf_text(&out), buf_text(&expect));
	check_round_trip(p, net, name);
}

static void test_forms(void **state)
{
	AUTO_CLOSEDIR DIR *dir = opendir(DATA);
	const struct dirent *e;
	size_t n = 0;

	(void)state;
	assert_non_null(dir);
	while ((e = readdir(dir))) {
		const char *dot = strrchr(e->d_name, '.');

		if (e->d_name[0] == '.' || (dot && !strcmp(dot, ".expect")))
			continue;
		check_one(e->d_name);
		n++;
	}
	assert_true(n >= 17);
}

/* Files cut anywhere give messages, never a crash. */
static void test_truncated(void **state)
{
	static const char *const names[] = { "interfaces.eni", "guestinfo.txt", "v2.yml",
					     "openstack.json" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		AUTO_BUF struct buf text = { 0 };

		read_data(names[i], "", &text);
		for (size_t len = 0; len < text.len; len += 7) {
			AUTO(doc_pool_free) struct doc_pool *p = NULL;
			AUTO_FREE char *cut = strndup(text.data, len);
			struct network *net = NULL;
			struct error err = { 0 };

			assert_ok(doc_pool_new(&p, &err), &err);
			if (network_read(p, "cut", cut, len, &net, &err) == 0)
				assert_non_null(net);
			else
				assert_true(err.msg[0]);
		}
	}
}

static void test_too_many(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf text = { 0 };
	struct network *net = NULL;
	struct error err = { 0 };

	(void)state;
	buf_str(&text, "version: 2\nethernets:\n");
	for (int i = 0; i < 2 * NETWORK_IFS; i++)
		buf_fmt(&text, "  e%d: {dhcp4: true}\n", i);
	assert_ok(doc_pool_new(&p, &err), &err);
	assert_ok(network_read(p, "many", text.data, text.len, &net, &err), &err);
	assert_int_equal(net->n, NETWORK_IFS);
	assert_true(doc_has_errors(p));
}

static void test_addresses(void **state)
{
	static const struct {
		const char *address, *mask, *cidr, *destination;
	} cases[] = {
		{ "10.0.0.2", "255.255.255.0", "10.0.0.2/24", "10.0.0.0/24" },
		{ "10.0.0.2/8", "255.255.255.0", "10.0.0.2/8", "10.0.0.0/8" },
		{ "10.0.0.2", NULL, "10.0.0.2/32", "10.0.0.2/32" },
		{ "10.0.0.2", "255.0.255.0", NULL, NULL },
		{ "10.0.0.2/33", NULL, NULL, NULL },
		{ "10.0.0.2/-1", NULL, NULL, NULL },
		{ "10.0.0.2/", NULL, "10.0.0.2/32", "10.0.0.2/32" },
		{ "fd00::2", "ffff:ffff:ffff::", "fd00::2/48", "fd00::/48" },
		{ "fd00::2/64", NULL, "fd00::2/64", "fd00::/64" },
		{ "0.0.0.0", NULL, "0.0.0.0/32", "0.0.0.0/0" },
		{ "::", NULL, "::/128", "::/0" },
		{ "", NULL, NULL, NULL },
		{ "1.2.3", NULL, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char ret[NETWORK_ADDRESS];
		bool good = network_cidr(cases[i].address, cases[i].mask, -1, ret);

		assert_int_equal(good, cases[i].cidr != NULL);
		if (good)
			assert_string_equal(ret, cases[i].cidr);
		good = network_destination(cases[i].address, cases[i].mask, false, ret);
		assert_int_equal(good, cases[i].destination != NULL);
		if (good)
			assert_string_equal(ret, cases[i].destination);
	}
	assert_true(network_contains("10.0.0.2/24", "10.0.0.9"));
	assert_false(network_contains("10.0.0.2/24", "10.0.1.9"));
	assert_false(network_contains("10.0.0.2/0", "fd00::1"));
	assert_true(network_contains("fd00::1/64", "fd00::ffff"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_truncated),
		cmocka_unit_test(test_too_many),
		cmocka_unit_test(test_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
