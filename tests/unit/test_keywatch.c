/* SPDX-License-Identifier: Apache-2.0 */
/* SSH keys that Google's metadata gets and loses while the machine runs, against our own server. */
#include "tests/unit/agentroot.h"
#include "tests/unit/fakeweb.h"

#include <pthread.h>
#include <sys/eventfd.h>

#include "agent/console/keywatch.h"
#include "datasource/cache.h"
#include "datasource/serve/server.h"
#include "lib/clock.h"

#define BLOB_A "AAAAC3NzaC1lZDI1NTE5AAAAIGnLhyOM0tpmoX8Z0Vx4kZ3pHqSIJu5JrBxEkTfh6nEr"
#define BLOB_B "AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define A "ssh-ed25519 " BLOB_A " a"
#define B "ssh-ed25519 " BLOB_B " b"
#define OWN "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB own"
#define UNTIL(year)                                                    \
	"ssh-ed25519 " BLOB_B " google-ssh {\"expireOn\":\"" year \
	"-01-01T00:00:00+0000\"}"
#define FILE_OF_RANCHER "/home/rancher/.ssh/authorized_keys"
#define HOLD_S 60

struct cloud {
	struct scratch s;
	int dir;
	struct server server;
	char url[SERVE_ADDRESS];
	pthread_t thread;
};

static void *run(void *arg)
{
	(void)!serve_run(arg, NULL);
	return NULL;
}

static void cloud_say(const struct cloud *c, const char *meta_data)
{
	const struct file_attr attr = { .mode = 0644, .uid = geteuid(), .gid = getegid() };
	struct error err = { 0 };

	assert_ok(file_publish(c->dir, "/meta-data", meta_data, strlen(meta_data), &attr, NULL,
			       &err), &err);
}

static void cloud_start(struct cloud *c)
{
	struct error err = { 0 };

	*c = (struct cloud){ .s = scratch_make() };
	assert_ok(file_root_open(c->s.path, &c->dir, &err), &err);
	cloud_say(c, "instance-id: 17\npublic-keys: ['" A "']\n");
	assert_ok(serve_listen("127.0.0.1:0", &c->server.listen, c->url, &err), &err);
	c->server.options.dir = c->dir;
	c->server.stop = eventfd(0, EFD_CLOEXEC);
	assert_int_equal(pthread_create(&c->thread, NULL, run, &c->server), 0);
}

static void cloud_stop(struct cloud *c)
{
	const uint64_t one = 1;

	assert_int_equal(write(c->server.stop, &one, sizeof(one)), sizeof(one));
	(void)pthread_join(c->thread, NULL);
	(void)close(c->server.stop);
	(void)close(c->server.listen);
	(void)close(c->dir);
	scratch_done(&c->s);
}

static void boot(struct agentroot *f, const char *meta_data)
{
	(void)snprintf(f->payload.source, sizeof(f->payload.source), "gce");
	agentroot_give(f, DATASOURCE_META_DATA, meta_data);
	agentroot_apply(f, "rancher: {cloud_init: {watch: true}}\n");
}

struct later {
	const struct cloud *cloud;
	const char *meta_data;
};

static void *say_later(void *arg)
{
	const struct later *l = arg;

	cloud_say(l->cloud, l->meta_data);
	return NULL;
}

/* The metadata changes, before we wait or meanwhile; we are told long before the wait is over. */
static void change(struct keywatch *k, const struct cloud *c, const char *meta_data)
{
	struct later l = { c, meta_data };
	int64_t start = clock_ms();
	struct error err = { 0 };
	bool changed = false;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, say_later, &l), 0);
	assert_ok(keywatch_turn(k, HOLD_S, &changed, &err), &err);
	(void)pthread_join(thread, NULL);
	assert_true(changed);
	assert_true(clock_ms() - start < HOLD_S * 500);
}

static void test_keys_are_followed(void **state)
{
	struct agentroot *f = *state;
	AUTO_PAYLOAD struct datasource_payload cached = { 0 };
	struct keywatch *k = calloc(1, sizeof(*k));
	struct error err = { 0 };
	struct cloud c;
	bool changed = true;

	cloud_start(&c);
	boot(f, "{\"instance-id\":\"17\",\"region\":\"r\",\"public-keys\":[\"" A "\"]}");
	agentroot_text(f, FILE_OF_RANCHER, A "\n");
	agentroot_put(f, FILE_OF_RANCHER, A "\n" OWN "\n");
	assert_ok(keywatch_open(k, f->root, c.url, &err), &err);
	assert_ok(cache_save(&k->machine, "17", &f->payload, &err), &err);

	assert_ok(keywatch_turn(k, HOLD_S, &changed, &err), &err);
	assert_false(changed);
	change(k, &c, "instance-id: 17\npublic-keys: ['" A "', '" B "']\n");
	agentroot_text(f, FILE_OF_RANCHER, A "\n" OWN "\n" B "\n");
	agentroot_text(f, "/home/docker/.ssh/authorized_keys", A "\n" B "\n");
	change(k, &c, "instance-id: 17\npublic-keys: ['" B "']\n");
	agentroot_text(f, FILE_OF_RANCHER, OWN "\n" B "\n");
	change(k, &c, "instance-id: 17\n");
	agentroot_text(f, FILE_OF_RANCHER, OWN "\n");
	/* A boot without the service brings none of them back. */
	assert_ok(cache_load(&k->machine, &cached, &err), &err);
	assert_string_equal(buf_text(&cached.part[DATASOURCE_META_DATA]),
			    "{\"instance-id\":\"17\",\"region\":\"r\",\"public-keys\":[]}\n");
	keywatch_close(k);
	free(k);
	cloud_stop(&c);
}

/* What the platform gave and gives no more, or what expired meanwhile, goes at the next boot. */
static void test_later_boots(void **state)
{
	struct agentroot *f = *state;

	boot(f, "instance-id: 17\npublic-keys: ['" A "', '" UNTIL("2999") "']\n");
	agentroot_text(f, FILE_OF_RANCHER, A "\n" UNTIL("2999") "\n");
	agentroot_put(f, FILE_OF_RANCHER, OWN "\n" A "\n" UNTIL("2999") "\n");
	boot(f, "instance-id: 17\npublic-keys: ['" A "', '" UNTIL("2001") "']\n");
	agentroot_text(f, FILE_OF_RANCHER, OWN "\n" A "\n");
	boot(f, "instance-id: 17\n");
	agentroot_text(f, FILE_OF_RANCHER, OWN "\n");
	/* A key that user-data names as well stays. */
	boot(f, "instance-id: 17\npublic-keys: ['" A "', '" B "']\n");
	agentroot_give(f, DATASOURCE_META_DATA, "instance-id: 17\n");
	agentroot_apply(f, "ssh_authorized_keys: ['" B "']\n");
	agentroot_text(f, FILE_OF_RANCHER, OWN "\n" B "\n");
}

static void test_expiry(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct gce_watch w = { 0 };
	const char json[] = "{\"instance\":{\"attributes\":{\"ssh-keys\":\"me:" A
			    "\\nme:ssh-ed25519 " BLOB_B " google-ssh {\\\"expireOn\\\":"
			    "\\\"2001-01-01T00:00:00+0000\\\"}\"}}}";
	AUTO_META struct meta before = { 0 }, after = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	assert_ok(doc_json_parse(p, "x", json, strlen(json), &w.doc, &err), &err);
	assert_int_equal(gce_watch_keys(&w, 978307199, &before), 978307200);
	assert_int_equal(before.n_keys, 2);
	assert_int_equal(gce_watch_keys(&w, 978307200, &after), 0);
	assert_int_equal(after.n_keys, 1);
}

static void test_mark(void **state)
{
	struct agentroot *f = *state;
	struct instance in;

	boot(f, "instance-id: 17\n");
	in = f->a.instance;
	in.datasource = "ec2";
	keywatch_arm(f->root, f->a.config, &in);
	assert_false(file_exists(f->root, KEYWATCH_MARK));
	keywatch_arm(f->root, f->a.config, &f->a.instance);
	assert_true(file_exists(f->root, KEYWATCH_MARK));
	assert_int_equal(unlinkat(f->root, KEYWATCH_MARK + 1, 0), 0);
	agentroot_apply(f, "hostname: x\n");
	keywatch_arm(f->root, f->a.config, &f->a.instance);
	assert_false(file_exists(f->root, KEYWATCH_MARK));
}

static void open_at(struct gce_watch *w, const char *url)
{
	static struct machine m = { .root = -1 };
	const struct datasource_ctx ctx = { .machine = &m, .base_url = url };
	struct error err = { 0 };

	assert_ok(gce_watch_open(&ctx, w, &err), &err);
}

/* What nobody can wait for is a failure, not a loop. */
static void test_broken_services(void **state)
{
	static const struct fakeweb_route routes[] = {
		{ .path = "/computeMetadata/v1/?recursive=true&alt=json&wait_for_change=true&"
			  "timeout_sec=1&last_etag=NONE",
		  .body = "{}" },
		{ 0 },
	};
	static const struct {
		const char *headers;
		enum fakeweb_fault fault;
		int code;
	} cases[] = {
		{ "Metadata-Flavor: Google\r\n", FAKEWEB_FINE, -EPROTO },
		{ "Metadata-Flavor: Google\r\nETag: a/b?c\r\n", FAKEWEB_FINE, -EPROTO },
		{ "ETag: 1\r\n", FAKEWEB_FINE, -EPROTO },
		{ "Metadata-Flavor: Google\r\nETag: 1\r\n", FAKEWEB_WRONG, -EBADMSG },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct fakeweb_plan plan = { .routes = routes, .headers = cases[i].headers,
						   .fault = cases[i].fault };
		AUTO_FAKEWEB struct fakeweb s = fakeweb_start(&plan);
		AUTO_GCE_WATCH struct gce_watch w = { 0 };
		struct error err = { 0 };
		int r;

		open_at(&w, s.url);
		r = gce_watch_next(&w, 1, &err);
		if (r != cases[i].code)
			fail_msg("case %zu: %d %s", i, r, err.msg);
		assert_null(w.doc);
		assert_true(err.msg[0]);
	}
}

static void test_guest_attributes(void **state)
{
	AUTO_GCE_WATCH struct gce_watch w = { 0 };
	struct error err = { 0 };
	struct cloud c;

	(void)state;
	cloud_start(&c);
	open_at(&w, c.url);
	assert_int_equal(gce_watch_put(&w, "hostkeys/ssh-ed25519", BLOB_A, &err), -EPERM);
	cloud_say(&c, "instance-id: 17\nenable-guest-attributes: 'TRUE'\n");
	assert_ok(gce_watch_put(&w, "hostkeys/ssh-ed25519", BLOB_A, &err), &err);
	gce_watch_close(&w);
	cloud_stop(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		agentroot_test(test_keys_are_followed), agentroot_test(test_later_boots),
		agentroot_test(test_mark),		cmocka_unit_test(test_expiry),
		cmocka_unit_test(test_broken_services), cmocka_unit_test(test_guest_attributes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
