/* SPDX-License-Identifier: Apache-2.0 */
/* Google's protocol against a service on loopback, and the keys that count. */
#include "tests/unit/check.h"
#include "tests/unit/fakeweb.h"

#include "datasource/gce_keys.h"
#include "datasource/registry.h"
#include "lib/clock.h"

#define NEED "Metadata-Flavor: Google\r\n"
#define LEAF(at, text) \
	{ .path = "/computeMetadata/v1/" at, .body = text, .need = NEED, .else_status = 403 }
#define BLOB "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGnLhyOM0tpmoX8Z0Vx4kZ3pHqSIJu5JrBxEkTfh6nEr"
#define EXPIRES(date) " google-ssh {\"userName\":\"a@b.c\",\"expireOn\":\"" date "\"}"
#define JSON_EXPIRES(date) \
	" google-ssh {\\\"userName\\\":\\\"a@b.c\\\",\\\"expireOn\\\":\\\"" date "\\\"}"
#define BASICS                                                                     \
	LEAF("instance/id", "2743219841947203621"),                                \
		LEAF("instance/zone", "projects/123/zones/europe-west3-c"),        \
		LEAF("instance/hostname", "web-1.c.project.internal"),             \
		LEAF("instance/machine-type", "projects/123/machineTypes/e2-micro")
#define CARDS                                                                        \
	LEAF("instance/network-interfaces/?recursive=true",                          \
	     "[{\"ip\":\"10.156.0.2\",\"mac\":\"42:01:0a:9c:00:02\",\"mtu\":1460,"   \
	     "\"accessConfigs\":[{\"externalIp\":\"198.51.100.9\",\"type\":\"ONE\"}]}]")

struct result {
	struct datasource_payload payload;
	struct error err;
	int r, n;
};

static void result_done(struct result *r)
{
	datasource_payload_done(&r->payload);
}
#define AUTO_RESULT __attribute__((cleanup(result_done)))

static struct result fetch_from(const struct fakeweb_route *routes, const char *headers)
{
	static struct machine m = { .root = -1 };
	const struct fakeweb_plan plan = { .routes = routes, .headers = headers };
	AUTO_FAKEWEB struct fakeweb s = fakeweb_start(&plan);
	struct datasource_ctx c = { .machine = &m, .base_url = s.url,
				    .deadline = clock_ms() + 3000 };
	struct result ret = { 0 };

	ret.r = registry_find("gce", 3)->fetch(&c, &ret.payload, &ret.err);
	ret.n = *s.served;
	return ret;
}

static struct result fetch(const struct fakeweb_route *routes)
{
	return fetch_from(routes, NEED);
}

static void expect_part(const struct result *r, enum datasource_part part, const char *text)
{
	if (r->r != 0)
		fail_msg("%s", r->err.msg);
	assert_true(r->payload.has[part]);
	assert_string_equal(buf_text(&r->payload.part[part]), text);
}

#define META(keys)                                                                      \
	"{\"instance-id\":\"2743219841947203621\",\"local-hostname\":\"web-1\","        \
	"\"region\":\"europe-west3\",\"availability-zone\":\"europe-west3-c\","         \
	"\"instance-type\":\"e2-micro\",\"public-ipv4\":\"198.51.100.9\","              \
	"\"local-ipv4\":\"10.156.0.2\",\"public-keys\":[" keys "]}\n"

static void test_everything(void **state)
{
	static const struct fakeweb_route routes[] = {
		BASICS,
		CARDS,
		LEAF("instance/attributes/?recursive=true",
		     "{\"user-data\":\"#cloud-config\\nhostname: x\\n\","
		     "\"startup-script\":\"#!no\","
		     "\"ssh-keys\":\"me:" BLOB " me\\nyou:" BLOB
		     JSON_EXPIRES("2001-01-01T00:00:00+0000") "\\n\\nno key\"}"),
		LEAF("project/attributes/?recursive=true",
		     "{\"ssh-keys\":\"all:" BLOB " project\",\"sshKeys\":\"old:" BLOB " old\"}"),
		{ 0 },
	};
	AUTO_RESULT struct result r = fetch(routes);

	(void)state;
	expect_part(&r, DATASOURCE_META_DATA,
		    META("\"" BLOB " me\",\"" BLOB " project\",\"" BLOB " old\""));
	expect_part(&r, DATASOURCE_USER_DATA, "#cloud-config\nhostname: x\n");
	expect_part(&r, DATASOURCE_NETWORK_CONFIG,
		    "{\"version\":2,\"ethernets\":{\"eth0\":{\"match\":{\"macaddress\":"
		    "\"42:01:0a:9c:00:02\"},\"dhcp4\":true,\"mtu\":1460}}}\n");
	assert_int_equal(r.n, 7);
}

static void test_project_keys_are_blocked(void **state)
{
	static const struct fakeweb_route by_word[] = {
		BASICS,
		CARDS,
		LEAF("instance/attributes/?recursive=true",
		     "{\"block-project-ssh-keys\":\"TRUE\",\"ssh-keys\":\"me:" BLOB " me\"}"),
		LEAF("project/attributes/?recursive=true", "{\"ssh-keys\":\"all:" BLOB " all\"}"),
		{ 0 },
	};
	static const struct fakeweb_route by_old_key[] = {
		BASICS,
		CARDS,
		LEAF("instance/attributes/?recursive=true", "{\"sshKeys\":\"me:" BLOB " me\"}"),
		LEAF("project/attributes/?recursive=true", "{\"ssh-keys\":\"all:" BLOB " all\"}"),
		{ 0 },
	};
	AUTO_RESULT struct result a = fetch(by_word);
	AUTO_RESULT struct result b = fetch(by_old_key);

	(void)state;
	expect_part(&a, DATASOURCE_META_DATA, META("\"" BLOB " me\""));
	expect_part(&b, DATASOURCE_META_DATA, META("\"" BLOB " me\""));
	assert_false(a.payload.has[DATASOURCE_USER_DATA]);
}

static void test_user_data_forms(void **state)
{
	static const struct fakeweb_route encoded[] = {
		BASICS,
		LEAF("instance/attributes/?recursive=true",
		     "{\"user-data\":\"I2Nsb3VkLWNvbmZpZwo=\",\"user-data-encoding\":\"base64\"}"),
		{ 0 },
	};
	static const struct fakeweb_route script[] = {
		BASICS,
		LEAF("instance/attributes/?recursive=true",
		     "{\"user-data\":\"\",\"startup-script\":\"#!/bin/sh\\n\"}"),
		{ 0 },
	};
	AUTO_RESULT struct result a = fetch(encoded);
	AUTO_RESULT struct result b = fetch(script);

	(void)state;
	expect_part(&a, DATASOURCE_USER_DATA, "#cloud-config\n");
	expect_part(&b, DATASOURCE_USER_DATA, "#!/bin/sh\n");
	assert_string_equal(a.payload.warning, "");
	assert_string_equal(b.payload.warning, "");
}

/* They cost neither keys nor name nor network, and are the agent's to judge. */
static void test_user_data_that_do_not_decode(void **state)
{
	static const struct fakeweb_route plain[] = {
		BASICS,
		CARDS,
		LEAF("instance/attributes/?recursive=true",
		     "{\"user-data\":\"#cloud-config\",\"user-data-encoding\":\"base64\","
		     "\"ssh-keys\":\"me:" BLOB " me\"}"),
		{ 0 },
	};
	static const struct fakeweb_route unknown[] = {
		BASICS,
		CARDS,
		LEAF("instance/attributes/?recursive=true",
		     "{\"user-data\":\"#cloud-config\",\"user-data-encoding\":\"rot13\","
		     "\"ssh-keys\":\"me:" BLOB " me\"}"),
		{ 0 },
	};
	static const struct fakeweb_route *const cases[] = { plain, unknown };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_RESULT struct result r = fetch(cases[i]);

		expect_part(&r, DATASOURCE_USER_DATA, "#cloud-config");
		expect_part(&r, DATASOURCE_META_DATA, META("\"" BLOB " me\""));
		assert_true(r.payload.has[DATASOURCE_NETWORK_CONFIG]);
		assert_non_null(strstr(r.payload.warning, "user-data-encoding"));
	}
}

/* Somebody who answers at this address without being Google is not believed. */
static void test_stranger(void **state)
{
	static const struct fakeweb_route routes[] = { BASICS, CARDS, { 0 } };
	AUTO_RESULT struct result r = fetch_from(routes, NULL);

	(void)state;
	assert_int_equal(r.r, -EPROTO);
	assert_non_null(strstr(r.err.msg, "lacks \"Metadata-Flavor: Google\""));
	assert_false(r.payload.has[DATASOURCE_META_DATA]);
}

static void test_broken_attributes(void **state)
{
	static const struct fakeweb_route routes[] = {
		BASICS, CARDS, LEAF("instance/attributes/?recursive=true", "{\"user-data\":"), { 0 }
	};
	AUTO_RESULT struct result r = fetch(routes);

	(void)state;
	assert_int_equal(r.r, -EBADMSG);
}

static void test_not_usable(void **state)
{
	static const struct fakeweb_route routes[] = { LEAF("instance/id", "1"),
						       LEAF("instance/zone", "z"), { 0 } };
	AUTO_RESULT struct result r = fetch(routes);

	(void)state;
	assert_int_equal(r.r, -ENOENT);
}

static void test_lines(void **state)
{
	static const struct {
		const char *line, *key;
	} cases[] = {
		{ "me:ssh-rsa AAAA me", "ssh-rsa AAAA me" },
		{ "  me:ssh-rsa AAAA \r", "ssh-rsa AAAA" },
		{ "me:from=\"10.0.0.0/8\" ssh-rsa AAAA", "from=\"10.0.0.0/8\" ssh-rsa AAAA" },
		{ "ssh-rsa AAAA no-user", NULL },
		{ ":ssh-rsa AAAA", NULL },
		{ "two words:ssh-rsa AAAA", NULL },
		{ "me:", NULL },
		{ "me:ssh-rsa", NULL },
		{ "me:ssh-rsa AAAA m\xc3\xa9", NULL },
		{ "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t n = 0;
		const char *key = gce_keys_parse(cases[i].line, strlen(cases[i].line), &n);

		if (!key != !cases[i].key)
			fail_msg("%s", cases[i].line);
		if (key && (n != strlen(cases[i].key) || strncmp(key, cases[i].key, n) != 0))
			fail_msg("%s: %.*s", cases[i].line, (int)n, key);
	}
}

static void test_expiry(void **state)
{
	static const struct {
		const char *key;
		bool good;
	} cases[] = {
		{ BLOB " me", true },
		{ BLOB, true },
		{ BLOB " google-sshx", true },
		{ BLOB EXPIRES("2001-09-09T01:46:41+0000"), true },
		{ BLOB EXPIRES("2001-09-09T01:46:40+0000"), false },
		{ BLOB EXPIRES("2001-09-09T03:46:41+0200"), true },
		{ BLOB EXPIRES("2001-09-09T03:46:39+0200"), false },
		{ BLOB EXPIRES("soon"), false },
		{ BLOB " google-ssh", false },
		{ BLOB " google-ssh {}", false },
		{ BLOB " google-ssh {\"expireOn\":", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (gce_keys_is_good(cases[i].key, 1000000000) != cases[i].good)
			fail_msg("%s", cases[i].key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_everything), cmocka_unit_test(test_project_keys_are_blocked),
		cmocka_unit_test(test_user_data_forms),
		cmocka_unit_test(test_user_data_that_do_not_decode),
		cmocka_unit_test(test_stranger),
		cmocka_unit_test(test_broken_attributes), cmocka_unit_test(test_not_usable),
		cmocka_unit_test(test_lines), cmocka_unit_test(test_expiry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
