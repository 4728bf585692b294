/* SPDX-License-Identifier: Apache-2.0 */
/* Every cloud that speaks HTTP, against a service on loopback that is as it should be, and against
 * one that is broken in every way: the outcome, the time that it took, and one line that says
 * why. */
#include "tests/unit/check.h"
#include "tests/unit/fakeweb.h"
#include "tests/unit/medium.h"

#include "datasource/azure.h"
#include "datasource/cloudstack.h"
#include "datasource/password.h"
#include "datasource/registry.h"
#include "lib/clock.h"
#include "lib/doc/doc.h"
#include "lib/file_remove.h"

#define KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGnLhyOM0tpmoX8Z0Vx4kZ3pHqSIJu5JrBxEkTfh6nEr me"
#define USER "#cloud-config\nhostname: x\n"
#define USER_BASE64 "I2Nsb3VkLWNvbmZpZwpob3N0bmFtZTogeAo="
#define USER_JSON "#cloud-config\\nhostname: x\\n"
#define FLAVOR "Metadata-Flavor: Google\r\n"
#define DEADLINE_MS 400
/* What fails at once does so long before this. */
#define LONG_MS 9000
/* For a service that begins to answer after eight seconds. */
#define PATIENT_MS 30000
/* Other work on the machine. */
#define SLACK_MS 4000

struct cloud_case {
	const char *name, *arg;
	const char *headers; /* of every reply */
	const char *id;
	bool no_keys;
	bool is_users; /* an address that somebody wrote: redirects are followed, any text does */
	struct fakeweb_route routes[14];
};

#define EC2(at, text)                                                                     \
	{ .path = "/2021-03-23/" at, .body = text,                                        \
	  .need = "X-aws-ec2-metadata-token: T0K", .else_status = 401 }
#define GCE(at, text)                                                                     \
	{ .path = "/computeMetadata/v1/" at, .body = text, .need = FLAVOR, .else_status = 403 }
#define ALIYUN(at, text)                                                                  \
	{ .path = "/2016-01-01/" at, .body = text,                                        \
	  .need = "X-aliyun-ecs-metadata-token: T0K", .else_status = 403 }
#define AKAMAI(at, text)                                                                  \
	{ .path = "/v1/" at, .body = text, .need = "Metadata-Token: T0K", .else_status = 401 }

static const struct cloud_case clouds[] = {
	{ .name = "ec2",
	  .id = "i-1",
	  .routes = { { .method = "PUT", .path = "/latest/api/token", .body = "T0K" },
		      EC2("meta-data/instance-id", "i-1"),
		      EC2("meta-data/public-keys/", "0=me"),
		      EC2("meta-data/public-keys/0/openssh-key", KEY), EC2("user-data", USER) } },
	{ .name = "gce",
	  .headers = FLAVOR,
	  .id = "17",
	  .routes = { GCE("instance/id", "17"), GCE("instance/zone", "projects/1/zones/a-b"),
		      GCE("instance/hostname", "h.internal"),
		      GCE("instance/attributes/?recursive=true",
			  "{\"ssh-keys\":\"me:" KEY "\",\"user-data\":\"" USER_JSON "\"}") } },
	{ .name = "azure",
	  .id = "13f56399-bd52-4150-9748-7190aae1ff21",
	  .routes = { { .path = "/metadata/instance?api-version=2021-08-01&extended=true",
			.body = "", .status = 400 },
		      { .path = "/metadata/instance?api-version=2019-06-01",
			.body = "{\"compute\":{\"vmId\":\"13f56399-bd52-4150-9748-7190aae1ff21\","
				"\"name\":\"h\",\"location\":\"westeurope\",\"publicKeys\":[{"
				"\"keyData\":\"" KEY "\\r\\n\",\"path\":\"/home/x\"}],"
				"\"userData\":\"" USER_BASE64 "\"}}",
			.need = "Metadata: true",
			.else_status = 400 } } },
	{ .name = "openstack",
	  .id = "83679162-1378-4288-a2d4-70e13ec132aa",
	  .routes = { { .path = "/openstack",
			.body = "2012-08-10\n2018-08-27\n2099-01-01\nlatest" },
		      { .path = "/openstack/2018-08-27/meta_data.json",
			.body = "{\"uuid\":\"83679162-1378-4288-a2d4-70e13ec132aa\","
				"\"hostname\":\"h\",\"public_keys\":{\"me\":\"" KEY "\"}}" },
		      { .path = "/openstack/2018-08-27/user_data", .body = USER } } },
	{ .name = "digitalocean",
	  .id = "2756294",
	  .routes = { { .path = "/metadata/v1.json",
			.body = "{\"droplet_id\":2756294,\"hostname\":\"h\",\"region\":\"nyc3\","
				"\"public_keys\":[\"" KEY "\"],\"user_data\":\"" USER_JSON "\","
				"\"interfaces\":{\"public\":[{\"ipv4\":{\"ip_address\":"
				"\"192.0.2.7\"}}]}}" } } },
	{ .name = "hetzner",
	  .id = "26597",
	  .routes = { { .path = "/hetzner/v1/metadata",
			.body = "hostname: h\ninstance-id: 26597\npublic-ipv4: 192.0.2.7\n"
				"public-keys:\n- " KEY "\n" },
		      { .path = "/hetzner/v1/userdata", .body = USER } } },
	{ .name = "scaleway",
	  .id = "c1b2",
	  .routes = { { .path = "/conf?format=json",
			.body = "{\"id\":\"c1b2\",\"hostname\":\"h\",\"tags\":[\"x\","
				"\"AUTHORIZED_KEY=ssh-ed25519_AAAAC3NzaC1lZDI1NTE5AAAAIGnL"
				"hyOM0tpmoX8Z0Vx4kZ3pHqSIJu5JrBxEkTfh6nEr_me\"]}" },
		      { .path = "/user_data/cloud-init", .body = USER } } },
	{ .name = "vultr",
	  .id = "u-1",
	  .routes = { { .path = "/v1.json",
			.body = "{\"instance-v2-id\":\"u-1\",\"hostname\":\"h\",\"region\":{"
				"\"regioncode\":\"EWR\"},\"public-keys\":\"" KEY "\\n\","
				"\"user-data\":\"" USER_JSON "\"}",
			.need = "Metadata-Token: cloudinit",
			.else_status = 401 } } },
	{ .name = "oracle",
	  .id = "ocid1.instance.x",
	  .routes = { { .path = "/opc/v2/instance/",
			.body = "{\"id\":\"ocid1.instance.x\",\"displayName\":\"h\",\"metadata\":{"
				"\"ssh_authorized_keys\":\"" KEY "\",\"user_data\":\"" USER_BASE64
				"\"}}",
			.need = "Authorization: Bearer Oracle",
			.else_status = 401 } } },
	{ .name = "aliyun",
	  .id = "i-bp1",
	  .routes = { { .method = "PUT", .path = "/latest/api/token", .body = "T0K" },
		      ALIYUN("meta-data/instance-id", "i-bp1"),
		      ALIYUN("meta-data/hostname", "h"),
		      ALIYUN("meta-data/public-keys/", "my-pair/"),
		      ALIYUN("meta-data/public-keys/my-pair/openssh-key", KEY),
		      ALIYUN("user-data", USER) } },
	{ .name = "exoscale",
	  .id = "e-1",
	  .routes = { { .path = "/1.0/meta-data/instance-id", .body = "e-1" },
		      { .path = "/1.0/meta-data/public-keys", .body = KEY "\n" },
		      { .path = "/1.0/user-data", .body = USER } } },
	{ .name = "cloudstack",
	  .id = "c-1",
	  .routes = { { .path = "/latest/meta-data/instance-id", .body = "c-1" },
		      { .path = "/latest/meta-data/public-keys", .body = KEY "\n" },
		      { .path = "/latest/user-data", .body = USER } } },
	{ .name = "akamai",
	  .id = "12345",
	  /* What is asked for as JSON is that, the token as well. */
	  .routes = { { .method = "PUT", .path = "/v1/token", .body = "[\"T0K\"]",
			.need = "Accept: application/json" },
		      { .method = "PUT", .path = "/v1/token", .body = "T0K",
			.need = "Metadata-Token-Expiry-Seconds: 300", .else_status = 400 },
		      { .path = "/v1/instance",
			.body = "{\"id\":12345,\"label\":\"h\",\"region\":\"us-east\"}",
			.need = "Accept: application/json", .else_status = 406 },
		      { .path = "/v1/user-data", .body = "", .status = 406,
			.need = "Accept: application/json" },
		      AKAMAI("ssh-keys", "{\"users\":{\"root\":[\"" KEY "\"]}}"),
		      AKAMAI("user-data", USER_BASE64) } },
	{ .name = "upcloud",
	  .id = "00322b68",
	  .routes = { { .path = "/metadata/v1.json",
			.body = "{\"instance_id\":\"00322b68\",\"hostname\":\"h\","
				"\"public_keys\":[\"" KEY "\"],"
				"\"user_data\":\"" USER_JSON "\"}" } } },
	{ .name = "packet",
	  .id = "p-1",
	  .routes = { { .path = "/metadata",
			.body = "{\"id\":\"p-1\",\"ssh_keys\":[\"" KEY "\"]}" },
		      { .path = "/userdata", .body = USER } } },
	{ .name = "nocloud",
	  .id = "n-1",
	  .is_users = true,
	  .routes = { { .path = "/meta-data",
			.body = "{\"instance-id\":\"n-1\",\"public-keys\":[\"" KEY "\"]}" },
		      { .path = "/user-data", .body = USER } } },
	{ .name = "url",
	  .arg = "http://192.0.2.1/some/config",
	  .no_keys = true,
	  .is_users = true,
	  .routes = { { .path = "/some/config", .body = USER } } },
};

/* In a child, cmocka's way out of a test would be the way into the next one. */
#define complain(...)                                         \
	do {                                                  \
		if (getpid() != parent) {                     \
			(void)fprintf(stderr, __VA_ARGS__);   \
			(void)fputc('\n', stderr);            \
			_exit(1);                             \
		}                                             \
		fail_msg(__VA_ARGS__);                        \
	} while (0)

static pid_t parent;

struct result {
	struct datasource_payload payload;
	struct error err;
	int r;
	int64_t ms;
	int n;
};

static void result_done(struct result *r)
{
	datasource_payload_done(&r->payload);
}
#define AUTO_RESULT __attribute__((cleanup(result_done)))

static struct result fetch(const struct cloud_case *c, struct fakeweb_plan plan, int deadline_ms)
{
	static struct machine m = { .root = -1 };
	struct fakeweb s;
	struct datasource_ctx ctx = { .machine = &m,
				      .arg = c->arg,
				      .allow_loopback = true,
				      .allow_http_seed = true };
	struct result ret = { 0 };

	plan.routes = c->routes;
	plan.headers = plan.headers ? plan.headers : c->headers;
	s = fakeweb_start(&plan);
	ctx.base_url = s.url;
	ret.ms = clock_ms();
	ctx.deadline = ret.ms + deadline_ms;
	ret.r = registry_find(c->name, strlen(c->name))->fetch(&ctx, &ret.payload, &ret.err);
	ret.ms = clock_ms() - ret.ms;
	ret.n = *s.served;
	fakeweb_stop(&s);
	return ret;
}

static void expect_good(const struct cloud_case *c, const struct result *r)
{
	const char *meta = buf_text(&r->payload.part[DATASOURCE_META_DATA]);
	char id[100];

	if (r->r != 0)
		complain("%s: %s", c->name, r->err.msg);
	if (!r->payload.has[DATASOURCE_USER_DATA] ||
	    strcmp(buf_text(&r->payload.part[DATASOURCE_USER_DATA]), USER) != 0)
		complain("%s: %s", c->name, buf_text(&r->payload.part[DATASOURCE_USER_DATA]));
	if (c->no_keys)
		return;
	(void)snprintf(id, sizeof(id), "\"instance-id\":\"%s\"", c->id);
	if (!strstr(meta, id) || !strstr(meta, KEY))
		complain("%s: %s", c->name, meta);
}

/* Failed within the deadline (and little more), with one line of text, and with nothing that was
 * half read. */
static void expect_failure(const struct cloud_case *c, const struct result *r, const char *fault)
{
	if (r->r >= 0)
		complain("%s, %s: no failure", c->name, fault);
	if (r->ms > DEADLINE_MS + SLACK_MS)
		complain("%s, %s: %d ms", c->name, fault, (int)r->ms);
	if (!r->err.msg[0] || strchr(r->err.msg, '\n'))
		complain("%s, %s: no line, or more than one", c->name, fault);
	if (strstr(r->err.msg, "T0K"))
		complain("%s, %s: tells its token", c->name, fault);
}

static void test_fine(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(clouds); i++) {
		AUTO_RESULT struct result v4 =
			fetch(&clouds[i], (struct fakeweb_plan){ 0 }, 5000);
		AUTO_RESULT struct result v6 =
			fetch(&clouds[i], (struct fakeweb_plan){ .ipv6 = true }, 5000);

		expect_good(&clouds[i], &v4);
		expect_good(&clouds[i], &v6);
	}
}

struct fault {
	const char *name;
	struct fakeweb_plan plan;
	bool at_once; /* the failure is final: nobody waits for the deadline */
};

static const struct fault faults[] = {
	{ "refused", { .fault = FAKEWEB_REFUSED }, false },
	{ "silent", { .fault = FAKEWEB_SILENT }, false },
	{ "a byte a second", { .fault = FAKEWEB_DRIP }, false },
	{ "endless", { .fault = FAKEWEB_ENDLESS }, false },
	{ "400", { .fault = FAKEWEB_STATUS, .status = 400 }, true },
	{ "401", { .fault = FAKEWEB_STATUS, .status = 401 }, true },
	/* Of some it means that they are not ready yet. */
	{ "404", { .fault = FAKEWEB_STATUS, .status = 404 }, false },
	{ "403", { .fault = FAKEWEB_STATUS, .status = 403 }, true },
	{ "429", { .fault = FAKEWEB_STATUS, .status = 429 }, false },
	{ "500", { .fault = FAKEWEB_STATUS, .status = 500 }, false },
	{ "503", { .fault = FAKEWEB_STATUS, .status = 503 }, false },
	{ "503 for longer than the deadline",
	  { .fault = FAKEWEB_BUSY, .status = 503, .count = 99 },
	  false },
	{ "redirect to a file",
	  { .fault = FAKEWEB_REDIRECT, .location = "file:///etc/passwd" },
	  true },
	{ "reset", { .fault = FAKEWEB_RESET, .count = 999 }, false },
};

/* Of each cloud in a process of its own: they wait most of the time. */
static void test_faults(void **state)
{
	pid_t pids[ARRAY_LEN(clouds)];
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(clouds); i++) {
		(void)fflush(NULL);
		pids[i] = fork();
		if (pids[i])
			continue;
		for (size_t k = 0; k < ARRAY_LEN(faults); k++) {
			struct result r = fetch(&clouds[i], faults[k].plan,
						faults[k].at_once ? LONG_MS : DEADLINE_MS);

			expect_failure(&clouds[i], &r, faults[k].name);
			result_done(&r);
		}
		_exit(0);
	}
	for (size_t i = 0; i < ARRAY_LEN(clouds); i++) {
		int status = 1;

		(void)waitpid(pids[i], &status, 0);
		if (status != 0)
			bad++;
	}
	assert_int_equal(bad, 0);
}

/* What passes is survived. */
static void test_passing_faults(void **state)
{
	static const struct fakeweb_plan plans[] = {
		{ .fault = FAKEWEB_BUSY, .status = 503, .count = 1 },
		{ .fault = FAKEWEB_BUSY, .status = 429, .count = 1 },
		{ .fault = FAKEWEB_RESET, .count = 2 },
		{ .fault = FAKEWEB_LATE, .count = 8000 },
	};
	pid_t pids[ARRAY_LEN(clouds)];
	int bad = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(clouds); i++) {
		(void)fflush(NULL);
		pids[i] = fork();
		if (pids[i])
			continue;
		for (size_t k = 0; k < ARRAY_LEN(plans); k++) {
			struct result r = fetch(&clouds[i], plans[k], PATIENT_MS);

			expect_good(&clouds[i], &r);
			result_done(&r);
		}
		_exit(0);
	}
	for (size_t i = 0; i < ARRAY_LEN(clouds); i++) {
		int status = 1;

		(void)waitpid(pids[i], &status, 0);
		if (status != 0)
			bad++;
	}
	assert_int_equal(bad, 0);
}

/* A page of somebody else's, and half a body: no data at all comes of them. */
static void test_wrong_content(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(clouds); i++) {
		AUTO_RESULT struct result wrong = fetch(
			&clouds[i], (struct fakeweb_plan){ .fault = FAKEWEB_WRONG },
			DEADLINE_MS);
		AUTO_RESULT struct result half = fetch(
			&clouds[i], (struct fakeweb_plan){ .fault = FAKEWEB_TRUNCATED },
			DEADLINE_MS);

		if (!clouds[i].is_users)
			expect_failure(&clouds[i], &wrong, "wrong content");
		expect_failure(&clouds[i], &half, "truncated");
	}
}

/* A service that must show who it is by a header of its replies, and does not. */
static void test_header_missing(void **state)
{
	static const char *const wrong[] = { "Server: x\r\n", "Metadata-Flavor: Yahoo\r\n" };
	size_t n = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(clouds); i++)
		for (size_t k = 0; clouds[i].headers && k < ARRAY_LEN(wrong); k++, n++) {
			AUTO_RESULT struct result r = fetch(
				&clouds[i], (struct fakeweb_plan){ .headers = wrong[k] }, LONG_MS);

			expect_failure(&clouds[i], &r, "header missing");
		}
	assert_true(n > 0);
}

/* A redirect of a metadata service is not followed; a URL's is, but not to another scheme, and not
 * without end. */
static void test_redirects(void **state)
{
	static const struct fakeweb_route there[] = { { .path = "/x", .body = USER }, { 0 } };
	const struct fakeweb_plan target = { .routes = there };
	AUTO_FAKEWEB struct fakeweb other = fakeweb_start(&target);
	char url[128];

	(void)state;
	(void)snprintf(url, sizeof(url), "%s/x", other.url);
	for (size_t i = 0; i < ARRAY_LEN(clouds); i++) {
		const struct fakeweb_plan plan = { .fault = FAKEWEB_REDIRECT, .location = url };
		int start = *other.served;
		AUTO_RESULT struct result r = fetch(&clouds[i], plan, LONG_MS);
		int asked = *other.served - start;

		if (clouds[i].no_keys) {
			expect_good(&clouds[i], &r);
			assert_int_equal(asked, 1);
		} else if (clouds[i].is_users) {
			assert_int_equal(r.r, 0);
			assert_true(asked > 0);
		} else {
			expect_failure(&clouds[i], &r, "redirect");
			assert_int_equal(asked, 0);
		}
	}
	(void)snprintf(url, sizeof(url), "/again");
	{
		const struct cloud_case *last = &clouds[ARRAY_LEN(clouds) - 1];
		const struct fakeweb_plan plan = { .fault = FAKEWEB_REDIRECT, .location = url };
		AUTO_RESULT struct result r = fetch(last, plan, LONG_MS);

		assert_int_equal(r.r, -ELOOP);
		assert_int_equal(r.n, 4);
	}
}

/* A URL that somebody wrote never reaches this machine or its platform, whatever its name is. */
static void test_forbidden_urls(void **state)
{
	static const char *const urls[] = {
		"http://169.254.169.254/latest/user-data", "http://localhost/x",
		"http://[::1]/x", "http://[fe80::1]/x", "http://0/x", "http://0x7f000001/x",
	};
	static struct machine m = { .root = -1 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
		struct datasource_ctx ctx = { .machine = &m, .arg = urls[i],
					      .deadline = clock_ms() + 3000 };
		AUTO_RESULT struct result r = { 0 };

		r.r = registry_find("url", 3)->fetch(&ctx, &r.payload, &r.err);
		if (r.r != -ECANCELED)
			fail_msg("%s: %d %s", urls[i], r.r, r.err.msg);
	}
}

/* What is shown on the console and kept in files has no password. */
static void test_where_is_public(void **state)
{
	static struct machine m = { .root = -1 };
	struct datasource_ctx ctx = { .machine = &m,
				      .arg = "http://user:secret@127.0.0.1/data?token=secret",
				      .deadline = clock_ms() + 3000 };
	AUTO_RESULT struct result r = { 0 };

	(void)state;
	r.r = registry_find("url", 3)->fetch(&ctx, &r.payload, &r.err);
	assert_int_equal(r.r, -ECANCELED);
	assert_string_equal(r.payload.where, "http://127.0.0.1/data");
	assert_null(strstr(r.err.msg, "secret"));
}

static void test_tls_is_required(void **state)
{
	static struct machine m = { .root = -1 };
	struct datasource_ctx ctx = { .machine = &m, .arg = "http://192.0.2.1/",
				      .require_tls = true,
				      .deadline = clock_ms() + 3000 };
	AUTO_RESULT struct result r = { 0 };

	(void)state;
	r.r = registry_find("url", 3)->fetch(&ctx, &r.payload, &r.err);
	assert_int_equal(r.r, -ECANCELED);
	assert_non_null(strstr(r.err.msg, "require_tls"));
}

/* One line, and no packet. */
static void test_packet_is_gone(void **state)
{
	static struct machine m = { .root = -1 };
	struct datasource_ctx ctx = { .machine = &m };
	AUTO_RESULT struct result r = { 0 };

	(void)state;
	r.r = registry_find("packet", 6)->fetch(&ctx, &r.payload, &r.err);
	assert_int_equal(r.r, -ENODATA);
	assert_non_null(strstr(r.err.msg, "is gone"));
}

/* Metadata that has no address describes no network: DHCP is better than nothing. */
static void test_no_address(void **state)
{
	static const struct cloud_case without = {
		.name = "digitalocean",
		.routes = { { .path = "/metadata/v1.json",
			      .body = "{\"droplet_id\":1,\"interfaces\":{\"public\":[{\"mac\":"
				      "\"04:01:00:00:00:01\",\"ipv4\":{\"ip_address\":null}}]}}" } }
	};
	AUTO_RESULT struct result with = fetch(&clouds[4], (struct fakeweb_plan){ 0 }, 5000);
	AUTO_RESULT struct result none = fetch(&without, (struct fakeweb_plan){ 0 }, 5000);

	(void)state;
	assert_int_equal(with.r, 0);
	assert_true(with.payload.has[DATASOURCE_NETWORK_CONFIG]);
	assert_int_equal(none.r, 0);
	assert_false(none.payload.has[DATASOURCE_NETWORK_CONFIG]);
}

/* The document that describes the network is handed on as it is. (What is made of it:
 * tests/data/network.) */
static void test_networks(void **state)
{
	static const struct cloud_case cases[] = {
		{ .name = "oracle",
		  .id = "[{\"macAddr\":\"02:00:00:00:00:01\"}]",
		  .routes = { { .path = "/opc/v2/instance/", .body = "{\"id\":\"o\"}" },
			      { .path = "/opc/v2/vnics/",
				.body = "[{\"macAddr\":\"02:00:00:00:00:01\"}]" } } },
		{ .name = "vultr",
		  .id = "{\"instance-v2-id\":\"v\",\"interfaces\":[{\"mac\":\"x\"}]}",
		  .routes = { { .path = "/v1.json",
				.body = "{\"instance-v2-id\":\"v\",\"interfaces\":[{"
					"\"mac\":\"x\"}]}" } } },
		{ .name = "scaleway",
		  .id = "{\"id\":\"s\",\"public_ips_v4\":[]}",
		  .routes = { { .path = "/conf?format=json",
				.body = "{\"id\":\"s\",\"public_ips_v4\":[]}" } } },
		{ .name = "upcloud",
		  .id = "{\"instance_id\":\"u\",\"network\":{\"interfaces\":[{}]}}",
		  .routes = { { .path = "/metadata/v1.json",
				.body = "{\"instance_id\":\"u\",\"network\":{"
					"\"interfaces\":[{}]}}" } } },
		{ .name = "azure",
		  .id = "{\"compute\":{\"vmId\":\"a\"},\"network\":{\"interface\":[{}]}}",
		  .routes = { { .path = "/metadata/instance?api-version=2021-08-01&extended=true",
				.body = "{\"compute\":{\"vmId\":\"a\"},\"network\":{"
					"\"interface\":[{}]}}" } } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_RESULT struct result r =
			fetch(&cases[i], (struct fakeweb_plan){ 0 }, 5000);

		if (r.r != 0)
			fail_msg("%s: %s", cases[i].name, r.err.msg);
		assert_string_equal(buf_text(&r.payload.part[DATASOURCE_NETWORK_CONFIG]),
				    cases[i].id);
	}
}

/* A key that is listed and cannot be had now would be taken from the machine, were this a success.
 * One that is not there is none. */
static void test_key_that_fails(void **state)
{
	static const struct cloud_case busy = {
		.name = "aliyun",
		.routes = { { .path = "/2016-01-01/meta-data/instance-id", .body = "i" },
			    { .path = "/2016-01-01/meta-data/public-keys/", .body = "me/" },
			    { .path = "/2016-01-01/meta-data/public-keys/me/openssh-key",
			      .body = "later", .status = 503 } }
	};
	static const struct cloud_case gone = {
		.name = "aliyun",
		.routes = { { .path = "/2016-01-01/meta-data/instance-id", .body = "i" },
			    { .path = "/2016-01-01/meta-data/public-keys/", .body = "me/" } }
	};
	AUTO_RESULT struct result r = fetch(&busy, (struct fakeweb_plan){ 0 }, DEADLINE_MS);
	AUTO_RESULT struct result none = fetch(&gone, (struct fakeweb_plan){ 0 }, 5000);

	(void)state;
	expect_failure(&busy, &r, "503 on a key");
	assert_non_null(strstr(r.err.msg, "openssh-key"));
	assert_int_equal(none.r, 0);
	assert_string_equal(buf_text(&none.payload.part[DATASOURCE_META_DATA]),
			    "{\"instance-id\":\"i\",\"public-keys\":[]}\n");
}

/* Pairs may be called as keys begin. */
static void test_key_names(void **state)
{
	static const struct cloud_case cases[] = {
		{ .name = "aliyun",
		  .id = "i",
		  .routes = { { .path = "/2016-01-01/meta-data/instance-id", .body = "i" },
			      { .path = "/2016-01-01/meta-data/public-keys/",
				.body = "my-ssh-key/" },
			      { .path = "/2016-01-01/meta-data/public-keys/my-ssh-key/openssh-key",
				.body = KEY },
			      { .path = "/2016-01-01/user-data", .body = USER } } },
		{ .name = "aliyun",
		  .id = "i",
		  .routes = { { .path = "/2016-01-01/meta-data/instance-id", .body = "i" },
			      { .path = "/2016-01-01/meta-data/public-keys/",
				.body = "0=the ssh-key (Joe's)" },
			      { .path = "/2016-01-01/meta-data/public-keys/0/openssh-key",
				.body = KEY },
			      { .path = "/2016-01-01/user-data", .body = USER } } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_RESULT struct result r =
			fetch(&cases[i], (struct fakeweb_plan){ 0 }, 5000);

		expect_good(&cases[i], &r);
		assert_null(strstr(buf_text(&r.payload.part[DATASOURCE_META_DATA]), "ssh-key"));
	}
}

/* User-data that are no base64 cost neither keys nor name, and are the agent's to judge. */
static void test_user_data_that_do_not_decode(void **state)
{
	static const struct cloud_case cases[] = {
		{ .name = "oracle",
		  .id = "o",
		  .routes = { { .path = "/opc/v2/instance/",
				.body = "{\"id\":\"o\",\"metadata\":{\"ssh_authorized_keys\":"
					"\"" KEY "\",\"user_data\":\"" USER_JSON "\"}}" } } },
		{ .name = "akamai",
		  .id = "7",
		  .routes = { { .path = "/v1/instance", .body = "{\"id\":7}" },
			      { .path = "/v1/ssh-keys",
				.body = "{\"users\":{\"root\":[\"" KEY "\"]}}" },
			      { .path = "/v1/user-data", .body = USER } } },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_RESULT struct result r =
			fetch(&cases[i], (struct fakeweb_plan){ 0 }, 5000);

		expect_good(&cases[i], &r);
		assert_non_null(strstr(r.payload.warning, "not base64"));
	}
}

/* An empty list in place of user-data is none; the network that is described twice counts where it
 * is not empty. */
static void test_vultr_without(void **state)
{
	static const struct cloud_case empty = {
		.name = "vultr",
		.routes = { { .path = "/v1.json",
			      .body = "{\"instance-v2-id\":\"v\",\"user-data\":[],"
				      "\"vendor-data\":{},\"interfaces\":[],"
				      "\"cloud_interfaces\":{\"version\":1,\"config\":[{}]}}" } }
	};
	AUTO_RESULT struct result r = fetch(&empty, (struct fakeweb_plan){ 0 }, 5000);

	(void)state;
	assert_int_equal(r.r, 0);
	assert_false(r.payload.has[DATASOURCE_USER_DATA]);
	assert_false(r.payload.has[DATASOURCE_VENDOR_DATA]);
	assert_true(r.payload.has[DATASOURCE_NETWORK_CONFIG]);
}

/* Another server's data is nobody's. */
static void test_hetzner_serial(void **state)
{
	static struct machine m = { .root = -1 };
	const struct fakeweb_plan plan = { .routes = clouds[5].routes };
	AUTO_FAKEWEB struct fakeweb s = fakeweb_start(&plan);
	struct datasource_ctx ctx = { .machine = &m, .base_url = s.url,
				      .deadline = clock_ms() + 3000 };
	AUTO_RESULT struct result r = { 0 };

	(void)state;
	(void)snprintf(m.fact[MACHINE_SYS_VENDOR], MACHINE_TEXT, "Hetzner");
	(void)snprintf(m.fact[MACHINE_PRODUCT_SERIAL], MACHINE_TEXT, "26598");
	r.r = registry_find("hetzner", 7)->fetch(&ctx, &r.payload, &r.err);
	assert_int_equal(r.r, -EBADMSG);
}

static void test_azure_environment(void **state)
{
	static const char text[] =
		"<?xml version=\"1.0\"?>"
		"<Environment xmlns=\"http://schemas.dmtf.org/ovf/environment/1\" "
		"xmlns:wa=\"http://schemas.microsoft.com/windowsazure\"><wa:ProvisioningSection>"
		"<LinuxProvisioningConfigurationSet "
		"xmlns=\"http://schemas.microsoft.com/windowsazure\"><HostName>h1</HostName>"
		"<UserName>me</UserName><CustomData>" USER_BASE64 "</CustomData>"
		"</LinuxProvisioningConfigurationSet></wa:ProvisioningSection></Environment>";
	static const char goal[] =
		"<GoalState><Incarnation>7</Incarnation><Container><ContainerId>c-1</ContainerId>"
		"<RoleInstanceList><RoleInstance><InstanceId>r.1</InstanceId></RoleInstance>"
		"</RoleInstanceList></Container></GoalState>";
	AUTO(doc_pool_free) struct doc_pool *pool = NULL;
	AUTO_BUF struct buf report = { 0 };
	const char *data, *hostname;
	struct error err = { 0 };

	(void)state;
	assert_ok(doc_pool_new(&pool, &err), &err);
	assert_ok(azure_parse_environment(pool, text, sizeof(text) - 1, &data, &hostname, &err),
		  &err);
	assert_string_equal(data, USER_BASE64);
	assert_string_equal(hostname, "h1");
	assert_ok(azure_make_report(pool, goal, sizeof(goal) - 1, &report, &err), &err);
	assert_non_null(
		strstr(buf_text(&report), "<GoalStateIncarnation>7</GoalStateIncarnation>"));
	assert_non_null(strstr(buf_text(&report), "<ContainerId>c-1</ContainerId>"));
	assert_non_null(strstr(buf_text(&report), "<InstanceId>r.1</InstanceId>"));
	assert_int_equal(azure_make_report(pool, "<GoalState/>", 12, &report, &err), -EBADMSG);
}

#define AZURE_DISC(data)                                                                  \
	"<Environment xmlns=\"http://schemas.dmtf.org/ovf/environment/1\"><CustomData>" data \
	"</CustomData></Environment>"
#define AZURE_SERVICE(fields)                                                             \
	{ { .path = "/metadata/instance?api-version=2021-08-01&extended=true",            \
	    .body = "{\"compute\":{\"vmId\":\"a\",\"publicKeys\":[{\"keyData\":\"" KEY   \
		    "\"}]" fields "}}" },                                                 \
	  { 0 } }

#define AZURE_SEED "/var/lib/cloud/seed/azure/ovf-env.xml"

/* Custom data come before user data, and the disc's before the service's; those that do not decode
 * come after, and cost no keys. */
static void test_azure_custom_data(void **state)
{
	static const struct fakeweb_route none[] = AZURE_SERVICE("");
	static const struct fakeweb_route user[] = AZURE_SERVICE(",\"userData\":\"dXNlcg==\"");
	static const struct fakeweb_route both[] =
		AZURE_SERVICE(",\"userData\":\"dXNlcg==\",\"customData\":\"Y3VzdG9t\"");
	static const struct {
		const struct fakeweb_route *routes;
		const char *disc, *want;
		bool warns;
	} cases[] = {
		{ user, AZURE_DISC(""), "user", false },
		{ both, AZURE_DISC(" "), "custom", false },
		{ none, AZURE_DISC(USER_BASE64), USER, false },
		{ user, AZURE_DISC(USER_BASE64), USER, false },
		{ both, AZURE_DISC(USER_BASE64), USER, false },
		{ user, AZURE_DISC("#cloud-config"), "user", true },
		{ none, AZURE_DISC("#cloud-config"), "#cloud-config", true },
	};
	struct medium *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct fakeweb_plan plan = { .routes = cases[i].routes };
		AUTO_FAKEWEB struct fakeweb s = fakeweb_start(&plan);

		medium_put(f, AZURE_SEED, cases[i].disc);
		f->ctx.base_url = s.url;
		f->ctx.deadline = clock_ms() + 5000;
		medium_fetch_ok(f, "azure");
		assert_part(f, USER_DATA, cases[i].want);
		assert_non_null(strstr(medium_part(f, DATASOURCE_META_DATA), KEY));
		assert_int_equal(f->payload.warning[0] != '\0', cases[i].warns);
	}
}

/* The disc is gone when the machine was deallocated: what it had stays the instance's. */
static void test_azure_disc_is_gone(void **state)
{
	static const struct fakeweb_route routes[] = AZURE_SERVICE(",\"userData\":\"dXNlcg==\"");
	const struct fakeweb_plan plan = { .routes = routes };
	AUTO_FAKEWEB struct fakeweb s = fakeweb_start(&plan);
	struct medium *f = *state;

	f->ctx.base_url = s.url;
	f->ctx.deadline = clock_ms() + 5000;
	medium_put(f, AZURE_SEED, AZURE_DISC(USER_BASE64));
	medium_fetch_ok(f, "azure");
	assert_ok(file_remove(f->root, AZURE_SEED, NULL, &f->err), &f->err);
	medium_fetch_ok(f, "azure");
	assert_part(f, USER_DATA, USER);
	medium_put(f, "/var/lib/rancher/cache/azure/custom-data", "another\n" USER_BASE64);
	medium_fetch_ok(f, "azure");
	assert_part(f, USER_DATA, "user");
}

static void test_lease(void **state)
{
	unsigned char lease[260] = { 0 };
	char server[16];

	(void)state;
	memcpy(lease + 236, "\x63\x82\x53\x63", 4);
	memcpy(lease + 240, "\x35\x01\x05\x00\x36\x04\x0a\x01\x01\x01\xff", 11);
	assert_true(cloudstack_server(lease, sizeof(lease), server, sizeof(server)));
	assert_string_equal(server, "10.1.1.1");
	assert_false(cloudstack_server(lease, 247, server, sizeof(server)));
	assert_false(cloudstack_server(lease, 100, server, sizeof(server)));
	lease[236] = 0;
	assert_false(cloudstack_server(lease, sizeof(lease), server, sizeof(server)));
}

static void test_password_replies(void **state)
{
	static const struct {
		const char *reply, *password;
	} cases[] = {
		{ "s3cr%t", "s3cr%t" },	    { " pa55\r\n", "pa55" },
		{ "", NULL },		    { "\n", NULL },
		{ "saved_password\n", NULL }, { "bad_request", NULL },
		{ "two words", NULL },	    { "<html>", NULL },
		{ "a\nroot:x", NULL },	    { "p\xc3\xa4ss", NULL },
		{ "012345678901234567890123456789012345678901234567890123456789012345678901234567"
		  "89012345678901234567890123456789012345678901234567", NULL },
	};
	static const char *const servers[][2] = {
		{ "http://10.1.1.1", "http://10.1.1.1:8080" },
		{ "http://data-server/latest", "http://data-server:8080" },
		{ "http://127.0.0.1:4711", "http://127.0.0.1:4711" },
		{ "http://[fe80::1%25eth0]", "http://[fe80::1%25eth0]:8080" },
		{ "http://[::1]:80", "http://[::1]:80" },
	};
	char text[128];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		bool has = password_read(cases[i].reply, text, sizeof(text));

		if (has != (cases[i].password != NULL) || (has && strcmp(text, cases[i].password)))
			fail_msg("%s: %s", cases[i].reply, has ? text : "none");
	}
	for (size_t i = 0; i < ARRAY_LEN(servers); i++) {
		password_server(servers[i][0], text, sizeof(text));
		assert_string_equal(text, servers[i][1]);
	}
}

/* It is given once, told to nobody, and marked as used when it was set. */
static void test_password_server(void **state)
{
	static const struct {
		const char *name, *id;
	} names[] = { { "cloudstack", "/latest/meta-data/instance-id" },
		      { "exoscale", "/1.0/meta-data/instance-id" } };
	static struct machine m = { .root = -1 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct fakeweb_route routes[] = {
			{ .path = names[i].id, .body = "c-1" },
			{ .path = "/", .body = "pa55w0rd\n",
			  .need = "DomU_Request: send_my_password" },
			{ .path = "/", .body = "saved", .need = "DomU_Request: saved_password",
			  .else_status = 400 },
			{ 0 },
		};
		const struct fakeweb_plan plan = { .routes = routes };
		AUTO_FAKEWEB struct fakeweb s = fakeweb_start(&plan);
		const struct datasource *d = registry_find(names[i].name, strlen(names[i].name));
		struct datasource_ctx ctx = { .machine = &m, .base_url = s.url };
		AUTO_PAYLOAD struct datasource_payload p = { 0 };
		struct error err = { 0 };
		int before;

		assert_ok(d->fetch(&ctx, &p, &err), &err);
		assert_string_equal(p.password.text, "pa55w0rd");
		for (int k = 0; k < DATASOURCE_N_PARTS; k++)
			assert_null(strstr(buf_text(&p.part[k]), "pa55w0rd"));
		before = *s.served;
		ctx.base_url = NULL; /* it is found again by what the payload says */
		assert_ok(d->used(&ctx, &p, &err), &err);
		assert_int_equal(*s.served, before + 1);
		p.password.text[0] = '\0';
		assert_ok(d->used(&ctx, &p, &err), &err);
		assert_int_equal(*s.served, before + 1);
		(void)snprintf(p.password.text, sizeof(p.password.text), "pa55w0rd");
		fakeweb_stop(&s);
		s = fakeweb_start(&plan);
		assert_int_not_equal(d->used(&ctx, &p, &err), 0);
		assert_null(strstr(err.msg, "pa55"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fine),	      cmocka_unit_test(test_faults),
		cmocka_unit_test(test_passing_faults), cmocka_unit_test(test_wrong_content),
		cmocka_unit_test(test_header_missing),
		cmocka_unit_test(test_redirects),     cmocka_unit_test(test_forbidden_urls),
		cmocka_unit_test(test_where_is_public),
		cmocka_unit_test(test_tls_is_required), cmocka_unit_test(test_packet_is_gone),
		cmocka_unit_test(test_hetzner_serial), cmocka_unit_test(test_azure_environment),
		MEDIUM_TEST(test_azure_custom_data),  MEDIUM_TEST(test_azure_disc_is_gone),
		 cmocka_unit_test(test_key_that_fails),
		cmocka_unit_test(test_key_names),
		cmocka_unit_test(test_user_data_that_do_not_decode),
		cmocka_unit_test(test_vultr_without),
		cmocka_unit_test(test_password_replies),
		cmocka_unit_test(test_password_server), cmocka_unit_test(test_lease),
		cmocka_unit_test(test_no_address),    cmocka_unit_test(test_networks),
	};

	parent = getpid();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
