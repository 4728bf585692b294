/* SPDX-License-Identifier: Apache-2.0 */
/* The boot's way to a payload: the source, its failure, the cache, and when nobody is asked. */
#include "tests/unit/check.h"
#include "tests/unit/fakeweb.h"
#include "tests/unit/put.h"
#include "tests/unit/scratch.h"

#include "agent/apply/source.h"
#include "agent/config/config.h"
#include "datasource/cache.h"
#include "lib/file.h"
#include "lib/journal.h"
#include "lib/proc.h"

struct fixture {
	struct scratch s;
	int root;
	struct machine m;
	struct doc_pool *pool;
	struct earlynet net;
	struct source source;
	struct datasource_payload payload;
};

static int setup(void **state)
{
	static struct fixture f;

	f = (struct fixture){ .s = scratch_make(), .net = EARLYNET(false) };
	*state = &f;
	if (file_root_open(f.s.path, &f.root, NULL) < 0)
		return -1;
	journal_root(f.root);
	return doc_pool_new(&f.pool, NULL);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	datasource_payload_done(&f->payload);
	doc_pool_free(f->pool);
	journal_root(FILE_ROOT);
	(void)close(f->root);
	scratch_done(&f->s);
	return 0;
}

static void put(struct fixture *f, const char *path, const char *text)
{
	put_file(f->root, path, text, strlen(text), 0600);
}

static void configure(struct fixture *f, const char *datasource, const char *more)
{
	AUTO_BUF struct buf b = { 0 };

	buf_fmt(&b, "rancher:\n  cloud_init:\n    datasources: [\"%s\"]\n%s", datasource, more);
	put(f, CONFIG_OWN, buf_text(&b));
}

static bool find(struct fixture *f)
{
	datasource_payload_done(&f->payload);
	f->payload = (struct datasource_payload){ 0 };
	machine_load(&f->m, f->root);
	f->source = (struct source){ .machine = &f->m, .pool = f->pool, .net = &f->net };
	return source_find(&f->source, &f->payload);
}

static bool is_said(const struct fixture *f, const char *text)
{
	size_t n;
	const struct doc_message *m = doc_messages(f->pool, &n);

	for (size_t i = 0; i < n; i++)
		if (strstr(m[i].text, text))
			return true;
	return false;
}

static void said(const struct fixture *f, const char *text)
{
	if (!is_said(f, text))
		fail_msg("\"%s\" is not said", text);
}

static const char *user_data(const struct fixture *f)
{
	return buf_text(&f->payload.part[DATASOURCE_USER_DATA]);
}

static const struct fakeweb_route droplet[] = {
	{ .path = "/metadata/v1.json",
	  .body = "{\"droplet_id\":1,\"hostname\":\"h\",\"user_data\":\"#cloud-config\\n\"}" },
	{ 0 },
};

static void remember(struct fixture *f, const char *id)
{
	struct error err = { 0 };

	assert_ok(cache_save(&f->m, id, &f->payload, &err), &err);
}

/* Asked at each boot; away, its last data are used; another machine's disk has none. */
static void test_source_and_cache(void **state)
{
	struct fixture *f = *state;
	const struct fakeweb_plan plan = { .routes = droplet };
	struct fakeweb s = fakeweb_start(&plan);
	char name[128];
	int before;

	(void)snprintf(name, sizeof(name), "digitalocean:%s", s.url);
	configure(f, name, "    timeout: 1\n");
	put(f, "/sys/class/dmi/id/product_uuid", "ec2e1916-9099-7caf-fd21-012345abcdef\n");
	assert_true(find(f));
	assert_true(f->source.is_fetched);
	assert_string_equal(user_data(f), "#cloud-config\n");
	remember(f, "1");
	before = *s.served;
	assert_true(find(f));
	assert_true(*s.served > before);
	/* Once for each instance: not a packet. */
	configure(f, name, "    fetch: instance\n");
	before = *s.served;
	assert_true(find(f));
	assert_true(f->source.is_cached && !f->source.is_fetched);
	assert_int_equal(*s.served, before);
	assert_string_equal(user_data(f), "#cloud-config\n");
	assert_false(doc_has_errors(f->pool));
	fakeweb_stop(&s);
}

static void test_source_that_is_away(void **state)
{
	struct fixture *f = *state;
	const struct fakeweb_plan plan = { .routes = droplet, .fault = FAKEWEB_STATUS,
					   .status = 403 };
	AUTO_FAKEWEB struct fakeweb s = fakeweb_start(&plan);
	char name[128];

	put(f, "/sys/class/dmi/id/product_uuid", "ec2e1916-9099-7caf-fd21-012345abcdef\n");
	(void)snprintf(name, sizeof(name), "digitalocean:%s", s.url);
	configure(f, name, "");
	assert_false(find(f));
	assert_true(doc_has_errors(f->pool));
	f->payload.has[DATASOURCE_USER_DATA] = true;
	buf_str(&f->payload.part[DATASOURCE_USER_DATA], "#last\n");
	remember(f, "1");
	assert_true(find(f));
	assert_true(f->source.is_cached);
	assert_string_equal(user_data(f), "#last\n");
	put(f, "/sys/class/dmi/id/product_uuid", "ec2e1916-9099-7caf-fd21-012345abcdee\n");
	assert_false(find(f));
}

/* A machine of no cloud, and without a list: nobody is asked, whatever is listening. */
static void test_nobody_is_asked(void **state)
{
	struct fixture *f = *state;

	put(f, "/sys/class/dmi/id/sys_vendor", "QEMU\n");
	assert_false(find(f));
	assert_false(f->source.is_fetched || f->source.is_cached);
	assert_false(f->net.was_tried);
	assert_false(doc_has_errors(f->pool));
}

/* Several that nothing proves: in their order, until one answers. */
static void test_guesses(void **state)
{
	struct fixture *f = *state;
	const struct fakeweb_plan plan = { .routes = droplet };
	AUTO_FAKEWEB struct fakeweb s = fakeweb_start(&plan);
	AUTO_BUF struct buf b = { 0 };

	buf_fmt(&b,
		"rancher:\n  cloud_init:\n    datasources: [packet, \"digitalocean:%s\"]\n", s.url);
	put(f, CONFIG_OWN, buf_text(&b));
	assert_true(find(f));
	assert_string_equal(f->payload.source, "digitalocean");
}

/* One of the list that fails is followed by the others: the sure ones first, whatever the order. */
static void test_list_goes_on(void **state)
{
	struct fixture *f = *state;
	const struct fakeweb_plan plan = { .routes = droplet };
	AUTO_FAKEWEB struct fakeweb s = fakeweb_start(&plan);
	AUTO_BUF struct buf b = { 0 };

	put(f, "/there", "#there\n");
	configure(f, "file:/none\", packet, \"file:/there", "");
	assert_true(find(f));
	assert_string_equal(user_data(f), "#there\n");
	said(f, "datasource file: ");
	assert_false(is_said(f, "datasource packet"));
	buf_fmt(&b, "file:/none\", \"digitalocean:%s", s.url);
	configure(f, buf_text(&b), "");
	assert_true(find(f));
	assert_string_equal(f->payload.source, "digitalocean");
	assert_string_equal(user_data(f), "#cloud-config\n");
}

/* What a source gave before outlives its absence; another of the list is no substitute then. */
static void test_list_and_cache(void **state)
{
	struct fixture *f = *state;
	const struct fakeweb_plan plan = { .routes = droplet, .fault = FAKEWEB_STATUS,
					   .status = 403 };
	AUTO_FAKEWEB struct fakeweb s = fakeweb_start(&plan);
	AUTO_BUF struct buf b = { 0 };

	put(f, "/there", "#there\n");
	put(f, "/sys/class/dmi/id/product_uuid", "ec2e1916-9099-7caf-fd21-012345abcdef\n");
	buf_fmt(&b, "digitalocean:%s\", \"file:/there", s.url);
	configure(f, buf_text(&b), "");
	assert_true(find(f));
	assert_string_equal(user_data(f), "#there\n");
	/* The substitute's own data are no reason to ask nobody else. */
	remember(f, "1");
	assert_true(find(f));
	assert_true(f->source.is_fetched);
	(void)snprintf(f->payload.source, sizeof(f->payload.source), "digitalocean");
	buf_done(&f->payload.part[DATASOURCE_USER_DATA]);
	buf_str(&f->payload.part[DATASOURCE_USER_DATA], "#last\n");
	remember(f, "1");
	assert_true(find(f));
	assert_true(f->source.is_cached);
	assert_string_equal(user_data(f), "#last\n");
	/* Of two files nobody can tell whose they were. */
	(void)snprintf(f->payload.source, sizeof(f->payload.source), "file");
	remember(f, "1");
	configure(f, "file:/none\", \"file:/there", "");
	assert_true(find(f));
	assert_string_equal(user_data(f), "#there\n");
}

/* RancherOS' users have lists in quotes; a name that is none is told. */
static void test_list_in_a_text(void **state)
{
	struct fixture *f = *state;

	put(f, "/there", "#there\n");
	configure(f, "['file:/none', \\\"file:/there\\\"]", "");
	assert_true(find(f));
	assert_string_equal(user_data(f), "#there\n");
	assert_false(is_said(f, "no datasource is called"));
	configure(f, "file:/there\", \"ec3:x", "");
	assert_true(find(f));
	said(f, "no datasource is called ec3");
}

/* A machine that shows whose it is asks no other platform, only what has an address. */
static void test_nobody_guesses(void **state)
{
	struct fixture *f = *state;

	put(f, "/there", "#there\n");
	put(f, "/var/lib/cloud/seed/nocloud/meta-data", "dsmode: disabled\n");
	configure(f, "nocloud\", \"packet", "");
	assert_false(find(f));
	said(f, "datasource nocloud: ");
	configure(f, "nocloud\", packet, \"file:/there", "");
	assert_true(find(f));
	assert_string_equal(user_data(f), "#there\n");
	assert_false(is_said(f, "datasource packet"));
	/* The kernel line has the last word. */
	put(f, "/proc/cmdline", "ds=nocloud\n");
	configure(f, "file:/there", "");
	assert_false(find(f));
	configure(f, "nocloud\", \"file:/there", "");
	assert_false(find(f));
}

/* --- signed files --- */

static void sh(const struct fixture *f, const char *script)
{
	const char *const argv[] = { "bash", "-ec", script, "sh", f->s.path, NULL };
	AUTO_BUF struct buf out = { 0 };
	struct error err = { 0 };

	assert_ok(proc_run(argv, NULL, 20000, &out, &err), &err);
}

/* Only what one of the keys signed, whole, is taken; other sources and what was remembered of them
 * are not. */
static void test_signed(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF struct buf key = { 0 }, more = { 0 };
	struct error err = { 0 };

	sh(f, "cd \"$1\"; for k in good other; do ssh-keygen -q -t ed25519 -N '' -f $k; done; "
	      "printf '#cloud-config\\nhostname: signed\\n' >data; "
	      "ssh-keygen -q -Y sign -n ocicat -f good data 2>&1");
	assert_ok(file_read(f->root, "/good.pub", &key, &err), &err);
	key.data[strcspn(buf_text(&key), "\n")] = '\0';
	buf_fmt(&more, "    signers: [\"%s\"]\n", buf_text(&key));
	configure(f, "file:/data", buf_text(&more));
	assert_true(find(f));
	assert_string_equal(user_data(f), "#cloud-config\nhostname: signed\n");
	assert_false(doc_has_errors(f->pool));
	remember(f, "1");
	/* A byte more, another's signature, none, one for another purpose. */
	sh(f, "cd \"$1\"; echo x: 1 >>data");
	assert_false(find(f));
	said(f, "is no signature of it by one of the keys");
	sh(f, "cd \"$1\"; rm data.sig; ssh-keygen -q -Y sign -n ocicat -f other data 2>&1");
	assert_false(find(f));
	sh(f, "cd \"$1\"; rm data.sig");
	assert_false(find(f));
	said(f, "the file is not signed");
	sh(f, "cd \"$1\"; ssh-keygen -q -Y sign -n file -f good data 2>&1");
	assert_false(find(f));
	sh(f, "cd \"$1\"; rm data.sig; ssh-keygen -q -Y sign -n ocicat -f good data 2>&1");
	assert_true(find(f));
	/* Whatever else is here. */
	put(f, "/var/lib/cloud/seed/nocloud/meta-data", "instance-id: x\n");
	put(f, "/var/lib/cloud/seed/nocloud/user-data", "#!/bin/sh\n");
	configure(f, "nocloud", buf_text(&more));
	assert_false(find(f));
	said(f, "datasource nocloud is not asked");
	/* A list that is none trusts nobody. */
	configure(f, "file:/data", "    signers: yes\n");
	assert_false(find(f));
	said(f, "names no key");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_source_and_cache),
		TEST(test_source_that_is_away),
		TEST(test_nobody_is_asked),
		TEST(test_guesses),
		TEST(test_list_goes_on),
		TEST(test_list_and_cache),
		TEST(test_list_in_a_text),
		TEST(test_nobody_guesses),
		TEST(test_signed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
