/* SPDX-License-Identifier: Apache-2.0 */
/* The metadata server: every dialect's documents, directories and rules from one folder, clients
 * that are slow, malformed or many, and the drivers asking it. */
#include "tests/unit/medium.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "agent/userdata/instance.h"
#include "datasource/serve/server.h"
#include "lib/http/http.h"

struct running {
	struct medium *f;
	struct server s;
	pthread_t thread;
	char address[SERVE_ADDRESS];
	struct http *http;
};

static void *run(void *arg)
{
	struct server *s = arg;

	(void)!serve_run(s, NULL);
	return NULL;
}

static int setup(void **state)
{
	static struct running r;
	struct error err = { 0 };
	void *medium;

	r = (struct running){ 0 };
	if (medium_setup(&medium) < 0)
		return -1;
	r.f = medium;
	medium_put(r.f, "/meta-data",
		   "instance-id: i-77\nlocal-hostname: web\nlocal-ipv4: 10.1.2.3\n"
		   "mac: 52:54:00:12:34:56\npublic-keys: [ssh-ed25519 AAAA a, ssh-rsa BBBB b]\n");
	medium_put(r.f, "/user-data", "#cloud-config\nhostname: \"q\"\n");
	assert_ok(serve_listen("127.0.0.1:0", &r.s.listen, r.address, &err), &err);
	r.s.options.dir = r.f->root;
	r.s.stop = eventfd(0, EFD_CLOEXEC);
	assert_ok(http_new(&r.http, &err), &err);
	*state = &r;
	return pthread_create(&r.thread, NULL, run, &r.s);
}

static int teardown(void **state)
{
	struct running *r = *state;
	void *medium = r->f;

	(void)eventfd_write(r->s.stop, 1);
	(void)pthread_join(r->thread, NULL);
	http_free(r->http);
	(void)close(r->s.stop);
	(void)close(r->s.listen);
	return medium_teardown(&medium);
}

static long ask(struct running *r, const char *method, const char *path, const char *header,
		struct buf *body)
{
	const char *headers[] = { header, NULL };
	struct http_request req = { .method = method, .headers = headers, .timeout_ms = 5000 };
	struct error err = { 0 };
	char url[512];
	long status = 0;

	(void)snprintf(url, sizeof(url), "%s%s", r->address, path);
	req.url = url;
	buf_reset(body);
	assert_ok(http_do(r->http, &req, &status, body, &err), &err);
	return status;
}

struct case_ {
	const char *path, *header;
	long status;
	const char *body; /* NULL: any */
};

static void check(struct running *r, const struct case_ *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		AUTO_BUF struct buf body = { 0 };
		long status = ask(r, "GET", c[i].path, c[i].header, &body);

		if (status != c[i].status || (c[i].body && strcmp(buf_text(&body), c[i].body) != 0))
			fail_msg("%s: %ld: %s", c[i].path, status, buf_text(&body));
	}
}

#define USER   "#cloud-config\nhostname: \"q\"\n"
#define USER64 "I2Nsb3VkLWNvbmZpZwpob3N0bmFtZTogInEiCg=="

static void test_ec2(void **state)
{
	static const struct case_ cases[] = {
		{ "/", NULL, 200, "2009-04-04\n2016-09-02\n2018-09-24\n2021-03-23\nlatest" },
		{ "/latest/", NULL, 200, "meta-data/\nuser-data\ndynamic/" },
		{ "/2021-03-23/meta-data/", NULL, 200,
		  "hostname\ninstance-id\ninstance-type\nlocal-hostname\nlocal-ipv4\nmac\nnetwork/"
		  "\n"
		  "placement/\npublic-keys/" },
		{ "/latest/meta-data/instance-id", NULL, 200, "i-77" },
		{ "/latest/meta-data/public-keys/", NULL, 200, "0=key0\n1=key1" },
		{ "/latest/meta-data/public-keys/1/openssh-key", NULL, 200, "ssh-rsa BBBB b" },
		{ "/latest/meta-data/public-keys/2/openssh-key", NULL, 404, NULL },
		{ "/latest/meta-data/public-keys/x/openssh-key", NULL, 404, NULL },
		{ "/latest/meta-data/public-ipv4", NULL, 404, NULL },
		{ "/latest/meta-data/network/interfaces/macs/", NULL, 200, "52:54:00:12:34:56/" },
		{ "/latest/meta-data/network/interfaces/macs/52:54:00:12:34:56/local-ipv4s", NULL,
		  200, "10.1.2.3" },
		{ "/latest/user-data", NULL, 200, USER },
		{ "/newest/user-data", NULL, 404, NULL },
		{ "/latest/meta-data/instance-id", "X-aws-ec2-metadata-token: no", 401, NULL },
	};

	check(*state, cases, ARRAY_LEN(cases));
}

static void test_ec2_tokens(void **state)
{
	struct running *r = *state;
	AUTO_BUF struct buf token = { 0 };
	AUTO_BUF struct buf body = { 0 };
	char header[128];

	assert_int_equal(ask(r, "PUT", "/latest/api/token", NULL, &body), 400);
	assert_int_equal(ask(r, "PUT", "/latest/api/token",
			     "X-aws-ec2-metadata-token-ttl-seconds: 21601", &body),
			 400);
	assert_int_equal(ask(r, "PUT", "/latest/api/token", "X-Forwarded-For: 1.2.3.4", &body),
			 403);
	assert_int_equal(ask(r, "GET", "/latest/api/token",
			     "X-aws-ec2-metadata-token-ttl-seconds: 60", &body),
			 405);
	assert_int_equal(ask(r, "PUT", "/latest/api/token",
			     "X-aws-ec2-metadata-token-ttl-seconds: 60", &token),
			 200);
	(void)snprintf(header, sizeof(header), "X-aws-ec2-metadata-token: %s", buf_text(&token));
	r->s.options.require_token = true;
	assert_int_equal(ask(r, "GET", "/latest/meta-data/instance-id", NULL, &body), 401);
	assert_int_equal(ask(r, "GET", "/latest/meta-data/", NULL, &body), 401);
	assert_int_equal(ask(r, "GET", "/latest/meta-data/instance-id", header, &body), 200);
	assert_string_equal(buf_text(&body), "i-77");
	/* Others need none. */
	assert_int_equal(ask(r, "GET", "/user-data", NULL, &body), 200);
}

static void test_gce(void **state)
{
	static const char flavor[] = "Metadata-Flavor: Google";
	static const struct case_ cases[] = {
		{ "/computeMetadata/v1/instance/id", NULL, 403, NULL },
		{ "/computeMetadata/v1/instance/id", "Metadata-Flavor: Other", 403, NULL },
		{ "/computeMetadata/v1/instance/hostname", flavor, 200, "web" },
		{ "/computeMetadata/v1/instance/zone", flavor, 200, "projects/1/zones/local-1a" },
		{ "/computeMetadata/v1/instance/attributes/", flavor, 200, "ssh-keys\nuser-data" },
		{ "/computeMetadata/v1/instance/attributes/?recursive=true", flavor, 200,
		  "{\"user-data\":\"#cloud-config\\nhostname: \\\"q\\\"\\n\",\"ssh-keys\":"
		  "\"rancher:ssh-ed25519 AAAA a\\nrancher:ssh-rsa BBBB b\"}" },
		{ "/computeMetadata/v1/project/attributes/?alt=json&recursive=true", flavor, 200,
		  "{}" },
	};
	struct running *r = *state;
	AUTO_BUF struct buf headers = { 0 };
	AUTO_BUF struct buf body = { 0 };
	const char *const send[] = { flavor, NULL };
	struct http_request req = { .headers = send,
				    .timeout_ms = 5000,
				    .reply_headers = &headers };
	struct error err = { 0 };
	char url[256];
	long status;

	check(r, cases, ARRAY_LEN(cases));
	(void)snprintf(url, sizeof(url), "%s/computeMetadata/v1/instance/name", r->address);
	req.url = url;
	assert_ok(http_do(r->http, &req, &status, &body, &err), &err);
	assert_non_null(strstr(buf_text(&headers), flavor));
}

struct waiter {
	struct running *r;
	struct buf body;
	long status;
	char path[128];
};

static void *wait_for_change(void *arg)
{
	static const char *const headers[] = { "Metadata-Flavor: Google", NULL };
	AUTO(http_free) struct http *h = NULL;
	struct waiter *w = arg;
	struct http_request req = { .headers = headers, .timeout_ms = 10000 };
	char url[256];

	(void)snprintf(url, sizeof(url), "%s%s", w->r->address, w->path);
	req.url = url;
	if (http_new(&h, NULL) < 0 || http_do(h, &req, &w->status, &w->body, NULL) < 0)
		w->status = -1;
	return NULL;
}

/* A request that waits for a change is answered when there is one, or when its time is up; others
 * are served meanwhile. */
static void test_gce_changes(void **state)
{
	static const char attributes[] = "/computeMetadata/v1/instance/attributes/?recursive=true";
	struct waiter w = { .r = *state };
	AUTO_BUF struct buf body = { 0 };
	pthread_t t;

	(void)snprintf(w.path, sizeof(w.path), "%s&wait_for_change=true&timeout_sec=60",
		       attributes);
	assert_int_equal(pthread_create(&t, NULL, wait_for_change, &w), 0);
	/* Whether it waits already or not, a change that is no change does not end it. */
	assert_int_equal(ask(w.r, "GET", "/user-data", NULL, &body), 200);
	medium_put(w.r->f, "/vendor-data", "v");
	(void)poll(NULL, 0, 200);
	medium_put(w.r->f, "/user-data", "changed");
	(void)pthread_join(t, NULL);
	assert_int_equal(w.status, 200);
	assert_non_null(strstr(buf_text(&w.body), "\"user-data\":\"changed\""));
	/* Another state than the client knows is told at once; the same one after the time. */
	buf_reset(&w.body);
	(void)snprintf(w.path, sizeof(w.path), "%s&wait_for_change=true&last_etag=other",
		       attributes);
	(void)wait_for_change(&w);
	assert_int_equal(w.status, 200);
	buf_reset(&w.body);
	(void)snprintf(w.path, sizeof(w.path), "%s&wait_for_change=true&timeout_sec=1", attributes);
	(void)wait_for_change(&w);
	assert_int_equal(w.status, 200);
	buf_done(&w.body);
}

static void test_others(void **state)
{
	static const struct case_ cases[] = {
		{ "/openstack", NULL, 200, NULL },
		{ "/openstack/latest", NULL, 200,
		  "meta_data.json\nuser_data\nvendor_data.json\nvendor_data2.json" },
		{ "/openstack/2018-08-27/user_data", NULL, 200, USER },
		{ "/openstack/latest/vendor_data.json", NULL, 200, "{}" },
		{ "/metadata/instance/compute/customData?api-version=2019-02-01&format=text", NULL,
		  400, NULL },
		{ "/metadata/instance/compute/customData?api-version=2019-02-01&format=text",
		  "Metadata: true", 200, USER64 },
		{ "/machine?comp=goalstate", NULL, 400, NULL },
		{ "/machine?comp=goalstate", "x-ms-version: 2012-11-30", 200, NULL },
		{ "/metadata/v1/hostname", NULL, 200, "web" },
		{ "/metadata/v1/user-data", NULL, 200, USER },
		{ "/user-data", NULL, 200, USER },
		{ "/vendor-data", NULL, 404, NULL },
		{ "/http/secret", NULL, 404, NULL },
		{ "/../../etc/passwd", NULL, 404, NULL },
		{ "/nothing", NULL, 404, NULL },
	};

	check(*state, cases, ARRAY_LEN(cases));
}

/* A folder's own files come before all documents, and stay inside. */
static void test_overlay(void **state)
{
	static const struct case_ cases[] = {
		{ "/latest/meta-data/instance-id", NULL, 200, "mine" },
		{ "/openstack/latest/network_data.json", NULL, 200, "{}" },
		{ "/any/thing", NULL, 200, "x" },
		{ "/any", NULL, 404, NULL },
		{ "/any/thing/else", NULL, 404, NULL },
		{ "/out", NULL, 404, NULL },
	};
	struct running *r = *state;

	medium_put(r->f, "/http/latest/meta-data/instance-id", "mine");
	medium_put(r->f, "/http/openstack/latest/network_data.json", "{}");
	medium_put(r->f, "/http/any/thing", "x");
	medium_make(r->f, "ln -s /etc/hostname http/out");
	check(r, cases, ARRAY_LEN(cases));
}

/* A change counts at once, a mistake is told to the client, and defaults fill what is missing. */
static void test_folder(void **state)
{
	static const struct case_ changed[] = { { "/latest/meta-data/instance-id", NULL, 200,
						  "new" } };
	static const struct case_ broken[] = {
		{ "/latest/meta-data/instance-id", NULL, 500, NULL },
	};
	static const struct case_ empty[] = {
		{ "/latest/meta-data/local-hostname", NULL, 200, "ocicat" },
		{ "/latest/meta-data/public-keys/", NULL, 404, NULL },
		{ "/openstack/latest/meta_data.json", NULL, 200, NULL },
	};
	struct running *r = *state;

	medium_put(r->f, "/meta-data", "{\"instance_id\": \"new\"}");
	check(r, changed, ARRAY_LEN(changed));
	medium_put(r->f, "/meta-data", "a: [");
	check(r, broken, ARRAY_LEN(broken));
	medium_put(r->f, "/meta-data", "");
	check(r, empty, ARRAY_LEN(empty));
}

/* --- clients --- */

static int dial(struct running *r)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	sa.sin_port = htons((uint16_t)strtoul(strrchr(r->address, ':') + 1, NULL, 10));
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&sa, sizeof(sa)), 0);
	return fd;
}

/* Only a busy machine takes any of it. */
#define HEAR_MS 20000

/* All that the server says until it closes, or until `until` was seen. */
static void hear(int fd, const char *until, struct buf *b)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char piece[4096];
	ssize_t n;

	while (poll(&p, 1, HEAR_MS) == 1 && (n = read(fd, piece, sizeof(piece))) > 0) {
		buf_add(b, piece, (size_t)n);
		if (until && strstr(buf_text(b), until))
			return;
	}
}

static void test_malformed(void **state)
{
	static const char *const cases[][2] = {
		{ "nonsense\r\n\r\n", "400" },
		{ "\r\n\r\n", "400" },
		{ "GET /user-data\r\n\r\n", "400" },
		{ "GET user-data HTTP/1.1\r\n\r\n", "400" },
		{ "GET / HTTP/1.1\r\nno colon\r\n\r\n", "400" },
		{ "GET / HTTP/1.1\r\n: x\r\n\r\n", "400" },
		{ "POST / HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n", "413" },
		{ "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "400" },
		{ "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400" },
		{ "DELETE / HTTP/1.1\r\nConnection: close\r\n\r\n", "405" },
		{ "GET /user-data HTTP/1.0\n\n", "200" },
		{ "GET http://169.254.169.254/user-data HTTP/1.0\r\n\r\n", "200" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_CLOSE int fd = dial(*state);
		AUTO_BUF struct buf b = { 0 };
		char want[32];

		assert_true(write(fd, cases[i][0], strlen(cases[i][0])) > 0);
		hear(fd, NULL, &b);
		(void)snprintf(want, sizeof(want), "HTTP/1.1 %s ", cases[i][1]);
		if (strncmp(buf_text(&b), want, strlen(want)) != 0)
			fail_msg("%s: %s", cases[i][0], buf_text(&b));
	}
}

static void test_endless_head(void **state)
{
	AUTO_CLOSE int fd = dial(*state);
	AUTO_BUF struct buf b = { 0 };
	static const char line[] = "X-Header: value of some length, again and again and again\r\n";

	(void)!write(fd, "GET / HTTP/1.1\r\n", 16);
	for (int i = 0; i < 400; i++)
		if (send(fd, line, strlen(line), MSG_NOSIGNAL) < 0)
			break;
	hear(fd, NULL, &b);
	assert_true(b.len == 0 || !strncmp(b.data, "HTTP/1.1 413 ", 13));
}

/* A request byte by byte; two in one piece; and clients that say nothing hold up nobody. */
static void test_slow_and_many(void **state)
{
	static const char request[] = "GET /metadata/v1/hostname HTTP/1.1\r\n\r\n";
	AUTO_BUF struct buf b = { 0 };
	AUTO_BUF struct buf twice = { 0 };
	struct running *r = *state;
	int silent[80], fd;

	for (size_t i = 0; i < ARRAY_LEN(silent); i++)
		silent[i] = dial(r);
	for (size_t i = 0; i < 30; i++)
		(void)close(silent[i]);
	fd = dial(r);
	for (const char *s = request; *s; s++)
		assert_int_equal(write(fd, s, 1), 1);
	hear(fd, "\r\n\r\nweb", &b);
	assert_non_null(strstr(buf_text(&b), "\r\n\r\nweb"));
	buf_fmt(&twice, "%s%s", request, "GET /metadata/v1/region HTTP/1.1\r\n\r\n");
	assert_int_equal(write(fd, twice.data, twice.len), (ssize_t)twice.len);
	buf_reset(&b);
	hear(fd, "local-1", &b);
	assert_non_null(strstr(buf_text(&b), "local-1"));
	(void)close(fd);
	for (size_t i = 30; i < ARRAY_LEN(silent); i++)
		(void)close(silent[i]);
}

static void test_large_user_data(void **state)
{
	struct running *r = *state;
	AUTO_BUF struct buf body = { 0 };

	medium_make(r->f, "head -c 3000000 /dev/zero | tr '\\0' x >user-data");
	assert_int_equal(ask(r, "GET", "/latest/user-data", NULL, &body), 200);
	assert_int_equal(body.len, 3000000);
	assert_int_equal(ask(r, "HEAD", "/vendor-data", NULL, &body), 404);
	assert_int_equal(body.len, 0);
}

static void test_addresses(void **state)
{
	static const char *const bad[] = {
		"", "x", "1.2.3.4:port", "[::1", "[::1]x", "127.0.0.1:99999999", "example.org:80"
	};
	char address[SERVE_ADDRESS];
	struct error err = { 0 };
	int fd;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (serve_listen(bad[i], &fd, address, &err) != -EINVAL)
			fail_msg("%s", bad[i]);
	assert_ok(serve_listen("0", &fd, address, &err), &err);
	assert_int_equal(strncmp(address, "http://127.0.0.1:", 17), 0);
	(void)close(fd);
	if (serve_listen("[::1]:0", &fd, address, &err) == 0) {
		assert_int_equal(strncmp(address, "http://[::1]:", 13), 0);
		(void)close(fd);
	}
}

/* --- drivers --- */

/* NoCloud from an address that the DMI serial names, as clouds without a cloud do. */
static void test_nocloud_by_http(void **state)
{
	struct running *r = *state;
	struct medium *f = r->f;
	char text[256];

	f->ctx.allow_http_seed = true;
	medium_put(f, "/vendor-data", "v");
	(void)snprintf(text, sizeof(text), "ds=nocloud;s=%s/;h=line\n", r->address);
	medium_put(f, "/sys/class/dmi/id/product_serial", text);
	medium_fetch_ok(f, "nocloud");
	assert_part(f, USER_DATA, USER);
	assert_part(f, VENDOR_DATA, "v");
	assert_part(f, NETWORK_CONFIG, "(none)");
	assert_non_null(
		strstr(medium_part(f, DATASOURCE_META_DATA), "\"local-hostname\":\"line\""));
	assert_non_null(strstr(f->payload.warning, "plain http"));
	/* What the server lacks is told; so is one that is not there, when its time is up. */
	(void)snprintf(text, sizeof(text), "ds=nocloud;s=%s/nowhere/\n", r->address);
	medium_put(f, "/sys/class/dmi/id/product_serial", text);
	assert_int_equal(medium_fetch(f, "nocloud"), -ENODATA);
	f->ctx.deadline = 1;
	medium_put(f, "/sys/class/dmi/id/product_serial", "ds=nocloud;s=http://127.0.0.1:1/\n");
	assert_true(medium_fetch(f, "nocloud") < 0);
	f->ctx.deadline = 0;
	f->ctx.allow_http_seed = false;
}

/* Each cloud's driver takes the server for its own; the same folder gives the same machine. */
static void test_drivers(void **state)
{
	static const char *const names[] = { "ec2", "gce", "openstack", "azure", "digitalocean" };
	struct running *r = *state;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		AUTO(doc_pool_free) struct doc_pool *p = NULL;
		struct instance in;

		r->f->ctx = (struct datasource_ctx){ .base_url = r->address };
		medium_fetch_ok(r->f, names[i]);
		assert_part(r->f, USER_DATA, USER);
		assert_ok(doc_pool_new(&p, &r->f->err), &r->f->err);
		assert_ok(instance_read(p, &r->f->payload, &in, &r->f->err), &r->f->err);
		assert_non_null(in.id);
		assert_string_equal(in.hostname, "web");
		assert_int_equal(in.keys->len, 2);
		assert_string_equal(in.keys->items[1]->text, "ssh-rsa BBBB b");
		/* OpenStack and DigitalOcean have no place for the address, or the zone. */
		if (i < 2) {
			assert_string_equal(in.zone, "local-1a");
			assert_string_equal(in.private_ipv4, "10.1.2.3");
		}
	}
	r->f->ctx = (struct datasource_ctx){ 0 };
}

#define SERVED(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		SERVED(test_ec2),
		SERVED(test_ec2_tokens),
		SERVED(test_gce),
		SERVED(test_gce_changes),
		SERVED(test_others),
		SERVED(test_overlay),
		SERVED(test_folder),
		SERVED(test_malformed),
		SERVED(test_endless_head),
		SERVED(test_slow_and_many),
		SERVED(test_large_user_data),
		cmocka_unit_test(test_addresses),
		SERVED(test_nocloud_by_http),
		SERVED(test_drivers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
