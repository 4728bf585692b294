/* SPDX-License-Identifier: Apache-2.0 */
/* EC2's protocol against a service on loopback: sessions, versions, keys, network cards, and the
 * clouds that have no sessions. */
#include "tests/unit/check.h"
#include "tests/unit/cost.h"
#include "tests/unit/fakeweb.h"

#include "datasource/imds.h"
#include "datasource/registry.h"
#include "lib/clock.h"
#include "lib/scope.h"

#define TOKEN "AQAEAPrivateToken=="
#define NEED "X-aws-ec2-metadata-token: " TOKEN
#define KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGnLhyOM0tpmoX8Z0Vx4kZ3pHqSIJu5JrBxEkTfh6nEr me"
#define MAC "06:11:22:33:44:55"
#define MACS "/2021-03-23/meta-data/network/interfaces/macs/"
#define LEAF(at, text) { .path = at, .body = text, .need = NEED, .else_status = 401 }
#define META(at, text) LEAF("/2021-03-23/meta-data/" at, text)
#define PUT_TOKEN                                                            \
	{ .method = "PUT",                                                   \
	  .path = "/latest/api/token",                                       \
	  .body = TOKEN,                                                     \
	  .need = "X-aws-ec2-metadata-token-ttl-seconds: 21600",             \
	  .else_status = 400 }
#define NAME "ip-10-0-0-7.eu-central-1.compute.internal"
#define COMMON                                                         \
	PUT_TOKEN, META("instance-id", "i-0123456789abcdef0"),         \
		META("local-hostname", NAME " second.example"),        \
		META("public-ipv4", "198.51.100.7"),                   \
		META("instance-type", "t3.micro"),                     \
		META("placement/availability-zone", "eu-central-1a"),  \
		META("public-keys/", "0=my-key"),                      \
		META("public-keys/0/openssh-key", KEY "\n")

static const struct fakeweb_route one_card[] = {
	COMMON,
	LEAF(MACS, MAC "/"),
	LEAF(MACS MAC "/", "device-number\nlocal-ipv4s\nmac\n"),
	LEAF(MACS MAC "/local-ipv4s", "10.0.0.7"),
	LEAF("/2021-03-23/user-data", "#cloud-config\nhostname: x\n"),
	{ 0 },
};

struct result {
	struct datasource_payload payload;
	struct error err;
	struct buf log;
	int r, n;
	int64_t ms;
};

static void result_done(struct result *r)
{
	datasource_payload_done(&r->payload);
	buf_done(&r->log);
}
#define AUTO_RESULT __attribute__((cleanup(result_done)))

static struct result fetch_as(const struct fakeweb_plan *plan, struct machine *m, const char *arg)
{
	AUTO_FAKEWEB struct fakeweb s = fakeweb_start(plan);
	struct datasource_ctx c = { .machine = m, .base_url = s.url, .arg = arg };
	struct result ret = { 0 };

	ret.ms = clock_ms();
	c.deadline = ret.ms + 3000;
	ret.r = registry_find("ec2", 3)->fetch(&c, &ret.payload, &ret.err);
	ret.ms = clock_ms() - ret.ms;
	ret.n = *s.served;
	fakeweb_log(&s, &ret.log);
	return ret;
}

static struct result fetch(const struct fakeweb_plan *plan)
{
	static struct machine m; /* nothing is known about it */

	m.root = -1;
	return fetch_as(plan, &m, NULL);
}

static void expect_part(const struct result *r, enum datasource_part part, const char *text)
{
	if (r->r != 0)
		fail_msg("%s", r->err.msg);
	assert_true(r->payload.has[part]);
	assert_string_equal(buf_text(&r->payload.part[part]), text);
}

#define META_JSON                                                                             \
	"{\"instance-id\":\"i-0123456789abcdef0\","                                           \
	"\"local-hostname\":\"ip-10-0-0-7.eu-central-1.compute.internal\","                   \
	"\"region\":\"eu-central-1\",\"availability-zone\":\"eu-central-1a\","                \
	"\"instance-type\":\"t3.micro\",\"public-ipv4\":\"198.51.100.7\","                    \
	"\"local-ipv4\":\"10.0.0.7\",\"public-keys\":[\"" KEY "\"]}\n"

static void test_one_card(void **state)
{
	const struct fakeweb_plan plan = { .routes = one_card };
	AUTO_RESULT struct result r = fetch(&plan);

	(void)state;
	expect_part(&r, DATASOURCE_META_DATA, META_JSON);
	expect_part(&r, DATASOURCE_USER_DATA, "#cloud-config\nhostname: x\n");
	expect_part(&r, DATASOURCE_NETWORK_CONFIG,
		    "{\"interfaces\":{\"macs\":{\"" MAC "\":{\"mac\":\"" MAC
		    "\",\"local-ipv4s\":\"10.0.0.7\"}}}}\n");
	assert_false(r.payload.has[DATASOURCE_VENDOR_DATA]);
	assert_true(r.n <= 12);
	/* Nothing that was asked names roles and their secrets. */
	assert_null(strstr(buf_text(&r.log), "security-credentials"));
	assert_null(strstr(r.payload.where, TOKEN));
}

/* --- what it costs --- */

#define ROS "build/ros"
#define REQUESTS_MAX 12
#define TIME_MS	     50
#define TRIES	     3
#define MEMORY_KIB   (16 * 1024)

/* The release's own process, with one card and one key. A machine that is busy elsewhere shows in
 * processor time, too: the best of a few runs counts. Its time on a processor counts: what the
 * clock says is told, but belongs to whoever else this machine works for. */
static void test_cost(void **state)
{
	const struct fakeweb_plan plan = { .routes = one_card };
	struct cost c = { .ms = TIME_MS };

	(void)state;
	for (int try = 0; try < TRIES && c.ms >= TIME_MS; try++) {
		AUTO_FAKEWEB struct fakeweb s = fakeweb_start(&plan);
		const char *const argv[16] = { ROS,	"datasource", "fetch", "ec2",
					       "--url", s.url,	      "--json" };
		int64_t began = clock_ms();

		c = cost_of(argv, "/dev/null");
		print_message("ec2: %d requests, %lld ms, %ld ms of a processor, %ld KiB\n",
			      *s.served, (long long)(clock_ms() - began), c.ms, c.kib);
		assert_int_equal(c.status, 0);
		assert_in_range(*s.served, 1, REQUESTS_MAX);
	}
	assert_in_range(c.ms, 0, TIME_MS - 1);
	assert_in_range(c.kib, 1, MEMORY_KIB - 1);
}

static void test_ipv6_address(void **state)
{
	const struct fakeweb_plan plan = { .routes = one_card, .ipv6 = true };
	AUTO_RESULT struct result r = fetch(&plan);

	(void)state;
	expect_part(&r, DATASOURCE_META_DATA, META_JSON);
}

/* Two cards, and addresses beyond the first: everything that the network model needs. */
static void test_many_cards(void **state)
{
	static const struct fakeweb_route routes[] = {
		COMMON,
		LEAF(MACS, MAC "/\n06:11:22:33:44:66/\n../x/\nnot-a-mac/\n"),
		LEAF(MACS MAC "/", "device-number\nlocal-ipv4s\nsubnet-ipv4-cidr-block\n"),
		LEAF(MACS MAC "/local-ipv4s", "10.0.1.7"),
		LEAF(MACS MAC "/device-number", "1"),
		LEAF(MACS MAC "/subnet-ipv4-cidr-block", "10.0.1.0/24"),
		LEAF(MACS "06:11:22:33:44:66/", "device-number\nipv6s\nlocal-ipv4s\n"),
		LEAF(MACS "06:11:22:33:44:66/local-ipv4s", "10.0.0.7\n10.0.0.8"),
		LEAF(MACS "06:11:22:33:44:66/device-number", "0"),
		LEAF(MACS "06:11:22:33:44:66/ipv6s", "2001:db8::7"),
		{ 0 },
	};
	const struct fakeweb_plan plan = { .routes = routes };
	AUTO_RESULT struct result r = fetch(&plan);

	(void)state;
	expect_part(&r, DATASOURCE_NETWORK_CONFIG,
		    "{\"interfaces\":{\"macs\":{"
		    "\"" MAC "\":{\"mac\":\"" MAC "\",\"local-ipv4s\":\"10.0.1.7\","
		    "\"device-number\":\"1\",\"subnet-ipv4-cidr-block\":\"10.0.1.0/24\"},"
		    "\"06:11:22:33:44:66\":{\"mac\":\"06:11:22:33:44:66\","
		    "\"local-ipv4s\":[\"10.0.0.7\",\"10.0.0.8\"],\"device-number\":\"0\","
		    "\"ipv6s\":\"2001:db8::7\"}}}}\n");
	/* The address of the first card by its number, not of the first listed. */
	expect_part(&r, DATASOURCE_META_DATA, META_JSON);
	assert_false(r.payload.has[DATASOURCE_USER_DATA]);
}

static void test_older_version(void **state)
{
	static const struct fakeweb_route routes[] = {
		PUT_TOKEN,
		LEAF("/2016-09-02/meta-data/instance-id", "i-old"),
		LEAF("/2016-09-02/user-data", "#!/bin/sh\n"),
		LEAF("/2016-09-02/meta-data/local-ipv4", "10.0.0.9"),
		{ 0 },
	};
	const struct fakeweb_plan plan = { .routes = routes };
	AUTO_RESULT struct result r = fetch(&plan);

	(void)state;
	expect_part(&r, DATASOURCE_META_DATA,
		    "{\"instance-id\":\"i-old\",\"local-ipv4\":\"10.0.0.9\",\"public-keys\":[]}\n");
	expect_part(&r, DATASOURCE_USER_DATA, "#!/bin/sh\n");
}

/* One request, and the reason. */
static void test_switched_off(void **state)
{
	const struct fakeweb_plan plan = { .routes = one_card,
					   .fault = FAKEWEB_STATUS,
					   .status = 403 };
	AUTO_RESULT struct result r = fetch(&plan);

	(void)state;
	assert_int_equal(r.r, -EPERM);
	assert_int_equal(r.n, 1);
	assert_non_null(strstr(r.err.msg, "switched off"));
	assert_true(r.ms < 1000);
}

static const struct fakeweb_route no_sessions[] = {
	{ .path = "/2009-04-04/meta-data/instance-id", .body = "i-clone" },
	{ .path = "/2009-04-04/user-data", .body = "#cloud-config\n" },
	{ 0 },
};

/* Plain requests only where the firmware, or the owner, names such a cloud. */
static void test_no_sessions(void **state)
{
	static struct machine clone, plain;
	const struct fakeweb_plan plan = { .routes = no_sessions };

	(void)state;
	clone.root = plain.root = -1;
	(void)snprintf(clone.fact[MACHINE_SYS_VENDOR], MACHINE_TEXT, "e24cloud");
	{
		AUTO_RESULT struct result r = fetch_as(&plan, &clone, NULL);

		expect_part(&r, DATASOURCE_USER_DATA, "#cloud-config\n");
	}
	{
		AUTO_RESULT struct result r = fetch_as(&plan, &plain, "http://192.0.2.1/");

		expect_part(&r, DATASOURCE_USER_DATA, "#cloud-config\n");
	}
	{
		AUTO_RESULT struct result r = fetch_as(&plan, &plain, NULL);

		assert_int_equal(r.r, -EPROTO);
		assert_int_equal(r.n, 1);
		assert_non_null(strstr(r.err.msg, "IMDSv2"));
	}
}

/* A token that is not taken any more is replaced once; one that never is, is no endless loop. */
static void test_refused_token(void **state)
{
	static const struct fakeweb_route routes[] = {
		PUT_TOKEN,
		{ .path = "/2021-03-23/meta-data/instance-id", .body = "", .status = 401 },
		{ 0 },
	};
	const struct fakeweb_plan plan = { .routes = routes };
	AUTO_RESULT struct result r = fetch(&plan);

	(void)state;
	assert_int_equal(r.r, -EACCES);
	assert_true(r.n > 3 && r.n < 20);
}

static void test_starting_service(void **state)
{
	const struct fakeweb_plan plan = {
		.routes = one_card, .fault = FAKEWEB_BUSY, .status = 503, .count = 1
	};
	AUTO_RESULT struct result r = fetch(&plan);

	(void)state;
	expect_part(&r, DATASOURCE_META_DATA, META_JSON);
	assert_true(r.ms >= 900);
}

static void test_names(void **state)
{
	struct imds_names names;

	(void)state;
	imds_parse_names("a\n0=my-key\nmy key\n../\n..\nb/c\n%2e\nd/\r\n\n", &names);
	assert_int_equal(names.n, 3);
	assert_string_equal(names.name[0], "a");
	assert_string_equal(names.name[1], "0=my-key");
	assert_string_equal(names.name[2], "d");
}

/* Only the index goes into an address: what a key is called does not matter. */
static void test_key_names(void **state)
{
	AUTO_BUF struct buf text = { 0 };
	struct imds_names names;

	(void)state;
	buf_str(&text, "0=Joe's laptop (work)\n1=a/b#c,d&e%2e?\r\n2=");
	for (int i = 0; i < 255; i++)
		buf_char(&text, 'k');
	buf_str(&text, "\n3=my=key\n4\nmy-pair/\n=nothing\n..=up\n");
	imds_parse_keys(buf_text(&text), &names);
	assert_int_equal(names.n, 6);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(names.name[i][0], '0' + (int)i);
		assert_int_equal(names.name[i][1], '\0');
	}
	assert_string_equal(names.name[5], "my-pair");
}

static void test_key_with_a_name(void **state)
{
	static const struct fakeweb_route routes[] = {
		PUT_TOKEN, META("instance-id", "i-1"),
		META("public-keys/", "0=Joe's laptop (work)"),
		META("public-keys/0/openssh-key", KEY "\n"), { 0 }
	};
	const struct fakeweb_plan plan = { .routes = routes };
	AUTO_RESULT struct result r = fetch(&plan);

	(void)state;
	expect_part(&r, DATASOURCE_META_DATA,
		    "{\"instance-id\":\"i-1\",\"public-keys\":[\"" KEY "\"]}\n");
}

/* A key that cannot be had now would be taken from the machine, were this a success. One that is
 * not there, or that nobody is given, is none. */
static void test_key_that_fails(void **state)
{
	static const struct fakeweb_route busy[] = {
		PUT_TOKEN, META("instance-id", "i-1"), META("public-keys/", "0=me"),
		{ .path = "/2021-03-23/meta-data/public-keys/0/openssh-key", .body = "later",
		  .status = 503 },
		{ 0 }
	};
	static const struct fakeweb_route gone[] = { PUT_TOKEN, META("instance-id", "i-1"),
						     META("public-keys/", "0=me"), { 0 } };
	static const struct fakeweb_route refused[] = {
		PUT_TOKEN, META("instance-id", "i-1"), META("public-keys/", "0=me"),
		{ .path = "/2021-03-23/meta-data/public-keys/0/openssh-key", .body = "never",
		  .status = 403 },
		{ 0 }
	};
	const struct fakeweb_plan plan = { .routes = busy }, without = { .routes = gone };
	const struct fakeweb_plan kept_back = { .routes = refused };
	AUTO_RESULT struct result r = fetch(&plan);
	AUTO_RESULT struct result none = fetch(&without);
	AUTO_RESULT struct result no = fetch(&kept_back);

	(void)state;
	assert_int_equal(r.r, -EAGAIN);
	assert_non_null(strstr(r.err.msg, "openssh-key"));
	expect_part(&none, DATASOURCE_META_DATA,
		    "{\"instance-id\":\"i-1\",\"public-keys\":[]}\n");
	expect_part(&no, DATASOURCE_META_DATA,
		    "{\"instance-id\":\"i-1\",\"public-keys\":[]}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_card),      cmocka_unit_test(test_ipv6_address),
		cmocka_unit_test(test_many_cards),    cmocka_unit_test(test_older_version),
		cmocka_unit_test(test_switched_off),  cmocka_unit_test(test_no_sessions),
		cmocka_unit_test(test_refused_token), cmocka_unit_test(test_starting_service),
		cmocka_unit_test(test_names),	      cmocka_unit_test(test_key_names),
		cmocka_unit_test(test_key_with_a_name), cmocka_unit_test(test_key_that_fails),
		cmocka_unit_test(test_cost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
