/* SPDX-License-Identifier: Apache-2.0 */
/* Which texts are host names, and which of several is taken. */
#include "tests/unit/check.h"

#include "agent/userdata/hostname.h"

static void test_valid(void **state)
{
	static const char *const good[] = { "a", "A1", "a-b", "a.b.c", "1", "a_b",
		"xn--bcher-kva.example",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" };
	static const char *const bad[] = {
		"",	"-a",	"a-",
		"a.",	".a",	"a..b",
		"a b",	"a\nb",
		"a.-b", "a-.b", "\xc3\xa9",
		"a/b",	"a'b",	"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		if (!hostname_is_valid(good[i]))
			fail_msg("\"%s\" is a host name", good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (hostname_is_valid(bad[i]))
			fail_msg("\"%s\" is no host name", bad[i]);
}

static void test_too_long(void **state)
{
	char name[256];

	(void)state;
	for (size_t i = 0; i < sizeof(name); i++)
		name[i] = i % 2 ? '.' : 'a';
	name[253] = '\0';
	assert_true(hostname_is_valid(name));
	name[253] = '.';
	name[254] = 'a';
	name[255] = '\0';
	assert_false(hostname_is_valid(name));
}

struct choice {
	const char *yaml, *metadata, *want;
	size_t messages;
};

static const struct choice choices[] = {
	{ "hostname: a", "m", "a", 0 },
	{ "hostname: 42", "m", "42", 0 },
	{ "hostname: ", "m", "m", 0 },
	{ "x: 1", "m", "m", 0 },
	{ "hostname: \"a\\nb\"", "m", "m", 1 },
	{ "hostname: [a]", "m", "m", 0 },
	{ "rancher: {defaults: {hostname: d}}", NULL, "d", 0 },
	{ "rancher: {defaults: {hostname: d}}", "bad name", "d", 1 },
	{ "x: 1", NULL, "ocicat", 0 },
};

static void test_choice(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(choices); i++) {
		const struct choice *c = &choices[i];
		struct instance in = { .hostname = c->metadata };
		AUTO(doc_pool_free) struct doc_pool *p = NULL;
		const struct doc_node *n = NULL;
		struct error err = { 0 };
		size_t count;

		assert_ok(doc_pool_new(&p, &err), &err);
		assert_ok(doc_yaml(p, "t", c->yaml, strlen(c->yaml), &n, &err), &err);
		assert_string_equal(hostname_choose(p, n, &in), c->want);
		(void)doc_messages(p, &count);
		assert_int_equal(count, c->messages);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_valid),
		cmocka_unit_test(test_too_long),
		cmocka_unit_test(test_choice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
