/* SPDX-License-Identifier: Apache-2.0 */
/* Optional services by path, URL and repository; images that lie on the state disk. */
#include "tests/unit/agentroot.h"
#include "tests/unit/fakedocker.h"
#include "tests/unit/fakeweb.h"

#include <sys/mman.h>

#include "agent/command.h"
#include "agent/config/config.h"
#include "agent/message.h"
#include "agent/service/compose.h"
#include "agent/service/optional.h"
#include "agent/service/preload.h"

#define SERVICE "tools:\n  image: acme/tools\n  labels: {io.rancher.os.scope: system}\n"

static const struct fakeweb_route routes[] = {
	{ NULL, "/repo/t/tools.yml", SERVICE, 0, NULL, 0, NULL },
	{ NULL, "/repo/p/page.yml", "<html>log in first</html>\n", 0, NULL, 0, NULL },
	{ NULL, "/repo/index.yml", "services: [tools, page, ../up]\nengines: [x]\n", 0, NULL, 0,
	  NULL },
	{ NULL, "/own.yml", "services:\n  own: {image: acme/own}\n", 0, NULL, 0, NULL },
	{ 0 },
};

struct shop {
	struct agentroot *f;
	struct fakeweb web;
	bool offline;
	struct doc_pool *p;
	struct module_ctx c;
};

static void go_offline(struct shop *s)
{
	if (!s->offline)
		fakeweb_stop(&s->web);
	s->offline = true;
}

static void shop_done(struct shop *s)
{
	go_offline(s);
	doc_pool_free(s->p);
}

/* A machine with a repository, and these services_include (a flow map). */
static struct shop shop_open(struct agentroot *f, const char *includes)
{
	const struct fakeweb_plan plan = { .routes = routes };
	struct shop s = { .f = f, .web = fakeweb_start(&plan) };
	AUTO_BUF struct buf yaml = { 0 };
	struct error err = { 0 };

	assert_ok(doc_pool_new(&s.p, &err), &err);
	buf_fmt(&yaml,
		"rancher:\n  repositories:\n"
		"    {none: {url: \"%s/nosuch\"}, core: {url: \"%s/repo/\"}}\n"
		"  services_include: %s\n",
		s.web.url, s.web.url, includes);
	s.c = (struct module_ctx){ .root = f->root, .pool = s.p, .allow_loopback = true };
	assert_ok(doc_yaml(s.p, "config", buf_text(&yaml), yaml.len, &s.c.config, &err), &err);
	return s;
}

static int fetch(struct shop *s, const char *name, struct error *err)
{
	const char *source;

	error_reset(err);
	return optional_fetch(&s->c, name, (struct doc_origin){ 0 }, &source, err);
}

static size_t services(struct shop *s, struct service_set *set)
{
	struct error err = { 0 };

	assert_ok(compose_load(s->f->root, s->p, s->c.config, set, &err), &err);
	return set->n;
}

static void test_repository(void **state)
{
	CLEANUP(shop_done) struct shop s = shop_open(*state, "{tools: true, other: false}");
	struct error err = { 0 };
	struct service_set set;
	size_t n;

	/* Not fetched yet: no service, and no mistake. */
	assert_int_equal(services(&s, &set), 0);
	assert_true(optional_is_missing(s.f->root, s.c.config, "tools"));
	(void)doc_messages(s.p, &n);
	assert_int_equal(n, 0);

	assert_ok(fetch(&s, "tools", &err), &err);
	assert_false(optional_is_missing(s.f->root, s.c.config, "tools"));
	/* From now on without the network. */
	go_offline(&s);
	assert_int_equal(services(&s, &set), 1);
	assert_string_equal(set.all[0].name, "tools");
	assert_true(set.all[0].system);
	assert_non_null(strstr(set.all[0].origin.source, "/repo/t/tools.yml"));
}

static void test_what_is_refused(void **state)
{
	static const struct {
		const char *name, *says;
	} rows[] = {
		{ "nosuch", "HTTP 404" },     { "page", "no file of services" },
		{ "../tools", "is no name" }, { "a b", "is no name" },
		{ "ftp://x/y", "is no name" }, { "/nosuch.yml", "/nosuch.yml" },
	};
	CLEANUP(shop_done) struct shop s = shop_open(*state, "{}");
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_true(fetch(&s, rows[i].name, &err) < 0);
		if (!strstr(err.msg, rows[i].says))
			fail_msg("%s: %s", rows[i].name, err.msg);
	}
	assert_false(file_exists(s.f->root, OPTIONAL_KEPT));
}

static void test_secrets_of_a_url(void **state)
{
	CLEANUP(shop_done) struct shop s = shop_open(*state, "{}");
	AUTO_BUF struct buf url = { 0 }, text = { 0 };
	struct error err = { 0 };
	const char *source;

	buf_fmt(&url, "http://me:secret@%s/repo/p/page.yml", s.web.url + 7);
	assert_true(fetch(&s, buf_text(&url), &err) < 0);
	assert_non_null(strstr(err.msg, "/repo/p/page.yml: this is no file of services"));
	assert_null(strstr(err.msg, "secret"));
	error_reset(&err);
	assert_int_equal(optional_read(s.f->root, s.p, s.c.config, buf_text(&url), &text, &source,
				       &err),
			 -ENOENT);
	assert_null(strstr(err.msg, "secret"));
	assert_null(strstr(source, "secret"));
}

static void test_url_and_hash(void **state)
{
	CLEANUP(shop_done) struct shop s = shop_open(*state, "{}");
	AUTO_BUF struct buf url = { 0 }, wrong = { 0 }, text = { 0 };
	struct error err = { 0 };
	const char *source;

	buf_fmt(&url, "%s/own.yml#sha256=%s", s.web.url,
		"0000000000000000000000000000000000000000000000000000000000000000");
	assert_int_equal(fetch(&s, buf_text(&url), &err), -EBADMSG);
	assert_true(optional_is_missing(s.f->root, s.c.config, buf_text(&url)));
	/* The message names the hash that it has: with that one it is taken. */
	buf_fmt(&wrong, "%s/own.yml#sha256=%.64s", s.web.url, strstr(err.msg, "SHA-256 is ") + 11);
	assert_ok(fetch(&s, buf_text(&wrong), &err), &err);
	assert_ok(optional_read(s.f->root, s.p, s.c.config, buf_text(&wrong), &text, &source, &err),
		  &err);
	assert_string_equal(buf_text(&text), "services:\n  own: {image: acme/own}\n");
	agentroot_put(s.f, "/opt/own.yml", "own: {image: acme/own}\n");
	assert_ok(fetch(&s, "/opt/own.yml", &err), &err);
}

static void test_index(void **state)
{
	CLEANUP(shop_done) struct shop s = shop_open(*state, "{}");
	const struct doc_node *list = optional_index(&s.c, false);

	assert_int_equal(list->len, 0);
	list = optional_index(&s.c, true);
	assert_int_equal(list->len, 2);
	assert_string_equal(list->items[0]->text, "tools");
	go_offline(&s);
	assert_int_equal(optional_index(&s.c, false)->len, 2);
}

/* --- images on the state disk --- */

static const struct fake_row docker[] = {
	{ "GET", "/_ping", 200, "OK", 0, 0, 0 },
	{ "POST", "/images/load", 200, "{\"stream\":\"Loaded\"}\n", 0, 0, 2 },
	{ "POST", "/images/load", 200, "{\"errorDetail\":{\"message\":\"no archive\"}}\n", 0, 0,
	  1 },
	{ "POST", "/images/load", 200, "{\"stream\":\"Loaded\"}\n", 0, 0, 0 },
	{ 0 },
};

static int count_loads(const struct fake *d)
{
	AUTO_BUF struct buf log = { 0 };
	struct error err = { 0 };
	int n = 0;

	assert_ok(file_read(FILE_ROOT, d->log, &log, &err), &err);
	for (const char *s = buf_text(&log); (s = strstr(s, "POST ")); s++)
		n++;
	return n;
}

static void test_preload(void **state)
{
	struct agentroot *f = *state;
	struct engine *AUTO(engine_free) e = NULL;
	struct error err = { 0 };
	struct fake d = { 0 };

	assert_false(preload_is_pending(f->root, PRELOAD_USER));
	agentroot_put(f, PRELOAD_USER "/a.tar", "a");
	agentroot_put(f, PRELOAD_USER "/b.tar.gz", "b");
	agentroot_put(f, PRELOAD_USER "/c.txz", "c");
	agentroot_put(f, PRELOAD_USER "/d.tar", "d");
	agentroot_put(f, PRELOAD_USER "/d.tar.done", ""); /* RancherOS' mark */
	agentroot_put(f, PRELOAD_USER "/readme.txt", "no archive");
	assert_true(preload_is_pending(f->root, PRELOAD_USER));

	fake_start(&d, docker);
	assert_ok(engine_open(d.socket, 5000, &e, &err), &err);
	agentroot_put(f, MESSAGE_PATH, "");
	message_root(f->root);
	journal_root(f->root);
	preload_load(f->root, PRELOAD_USER, e);
	assert_int_equal(count_loads(&d), 3);
	/* The third was refused, and is tried again. */
	assert_true(file_exists(f->root, PRELOAD_USER "/b.tar.gz.done"));
	assert_false(file_exists(f->root, PRELOAD_USER "/c.txz.done"));
	agentroot_has(f, MESSAGE_PATH, "c.txz: no archive");
	preload_load(f->root, PRELOAD_USER, e);
	assert_int_equal(count_loads(&d), 4);
	assert_false(preload_is_pending(f->root, PRELOAD_USER));
	agentroot_put(f, PRELOAD_USER "/a.tar", "another");
	preload_load(f->root, PRELOAD_USER, e);
	assert_int_equal(count_loads(&d), 5);
	message_root(FILE_ROOT);
	journal_root(FILE_ROOT);
	fake_done(&d);
}

/* --- the commands --- */

#define OWN "/var/lib/rancher/conf/cloud-config.yml"

extern const struct command command_service_enable, command_service_disable,
	command_service_delete;

/* What the last command said. */
static char said[sizeof(((struct error *)NULL)->msg)];

static int verb(struct agentroot *f, const struct command *c, const char *a, const char *b)
{
	const struct env env = { .root = f->root, .rootdir = f->s.path };
	char name[] = "service", first[64], second[64];
	char *argv[] = { name, a ? first : NULL, b ? second : NULL, NULL };
	struct error err = { 0 };
	int r;

	(void)snprintf(first, sizeof(first), "%s", a ? a : "");
	(void)snprintf(second, sizeof(second), "%s", b ? b : "");
	r = c->run(&env, a ? b ? 3 : 2 : 1, argv, &err);
	(void)snprintf(said, sizeof(said), "%s", err.msg);
	return r;
}

static void test_enable_disable_delete(void **state)
{
	struct agentroot *f = *state;

	agentroot_put(f, OWN, "#cloud-config\nhostname: box\n");
	agentroot_put(f, "/opt/a.yml", SERVICE);
	agentroot_put(f, "/opt/b.yml", "other: {image: acme/other}\n");
	assert_int_equal(verb(f, &command_service_enable, "/opt/a.yml", "/opt/b.yml"), COMMAND_OK);
	assert_int_equal(verb(f, &command_service_disable, "/opt/b.yml", NULL), COMMAND_OK);
	agentroot_has(f, OWN, "/opt/a.yml: true");
	agentroot_has(f, OWN, "/opt/b.yml: false");
	/* What was off is not off any more, and what stands beside it stays. */
	assert_int_equal(verb(f, &command_service_delete, "/opt/b.yml", NULL), COMMAND_OK);
	agentroot_text(f, OWN,
		       "#cloud-config\nhostname: box\nrancher:\n  services_include:\n"
		       "    /opt/a.yml: true\n");
	/* Twice is as good as once; a name that was never there is no mistake, one that cannot be
	 * there is. */
	assert_int_equal(verb(f, &command_service_delete, "/opt/b.yml", "nosuch"), COMMAND_OK);
	assert_int_equal(verb(f, &command_service_delete, "/opt/a.yml", "a\"b"), COMMAND_FAILED);
	assert_int_equal(verb(f, &command_service_delete, NULL, NULL), COMMAND_USAGE);
	assert_int_equal(verb(f, &command_service_delete, "--all", NULL), COMMAND_USAGE);
	agentroot_text(f, OWN, "#cloud-config\nhostname: box\nrancher:\n  services_include: {}\n");
}

/* Standard error of `ros service enable`. */
static void enable(struct agentroot *f, const char *name, char text[1024])
{
	AUTO_CLOSE int fd = memfd_create("said", MFD_CLOEXEC), before = dup(STDERR_FILENO);
	int r;

	memset(text, 0, 1024);
	(void)fflush(stderr);
	assert_true(dup2(fd, STDERR_FILENO) >= 0);
	r = verb(f, &command_service_enable, name, NULL);
	(void)fflush(stderr);
	assert_true(dup2(before, STDERR_FILENO) >= 0);
	assert_int_equal(r, COMMAND_OK);
	(void)!pread(fd, text, 1023, 0);
}

/* It is read beside all other services, as the boot reads it; of those nothing is said. */
static void test_enable_says_what_is_wrong(void **state)
{
	static const char system[] =
		"rancher:\n  environment: {TAG: '1'}\n  services:\n"
		"    system-volumes: {labels: {io.ocicat.carrier: 'true'}, volumes: ['/r:/r']}\n"
		"    db: {image: i, restart: sometimes}\n";
	struct agentroot *f = *state;
	char text[1024];

	agentroot_put(f, "/usr/share/ros/os-config.yml", system);
	agentroot_put(f, "/opt/a.yml", "a: {image: 'i:${TAG}', volumes_from: [system-volumes], "
				       "depends_on: [db]}\n");
	enable(f, "/opt/a.yml", text);
	assert_string_equal(text, "");
	agentroot_put(f, "/opt/b.yml", "b: {image: i, restart: often, depends_on: [nobody]}\n");
	enable(f, "/opt/b.yml", text);
	assert_non_null(strstr(text, "\"often\" is none of"));
	assert_non_null(strstr(text, "no service is called nobody"));
	assert_null(strstr(text, "sometimes"));
}

/* What cannot be turned off so is told how it can, and nothing is written. */
static void test_disable_what_is_not_optional(void **state)
{
	static const struct {
		const char *name, *says;
	} rows[] = {
		{ "ntp", "\"ros service rm -f ntp\" and "
			 "\"ros config set rancher.services.ntp null\"" },
		{ "mine", "\"ros config set rancher.services.mine null\"" },
		{ "tools", "tools is of /opt/a.yml" },
		{ "npt", "no optional service is called npt" },
	};
	static const char own[] = "#cloud-config\nrancher:\n  services: {mine: {image: i}}\n"
				  "  services_include: {/opt/a.yml: true, off: false}\n";
	struct agentroot *f = *state;

	agentroot_put(f, CONFIG_OS, "rancher: {services: {ntp: {image: n}}}\n");
	agentroot_put(f, "/opt/a.yml", SERVICE);
	agentroot_put(f, OWN, own);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		assert_int_equal(verb(f, &command_service_disable, rows[i].name, NULL),
				 COMMAND_FAILED);
		if (!strstr(said, rows[i].says))
			fail_msg("%s: %s", rows[i].name, said);
	}
	agentroot_text(f, OWN, own);
	assert_int_equal(verb(f, &command_service_disable, "off", NULL), COMMAND_OK);
	assert_int_equal(verb(f, &command_service_disable, "/opt/a.yml", NULL), COMMAND_OK);
	agentroot_has(f, OWN, "/opt/a.yml: false");
}

/* What could be enabled, and never was, is off already: no failure. */
static void test_disable_what_is_off(void **state)
{
	struct agentroot *f = *state;
	CLEANUP(shop_done) struct shop s = shop_open(f, "{}");
	AUTO_BUF struct buf own = { 0 };

	assert_int_equal(optional_index(&s.c, true)->len, 2);
	buf_fmt(&own, "#cloud-config\nrancher: {repositories: {core: {url: \"%s/repo/\"}}}\n",
		s.web.url);
	agentroot_put(f, OWN, buf_text(&own));
	assert_int_equal(verb(f, &command_service_disable, "tools", "/opt/none.yml"), COMMAND_OK);
	agentroot_has(f, OWN, "tools: false");
	agentroot_has(f, OWN, "/opt/none.yml: false");
	assert_int_equal(verb(f, &command_service_disable, "tolls", NULL), COMMAND_FAILED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		agentroot_test(test_enable_disable_delete),
		agentroot_test(test_enable_says_what_is_wrong),
		agentroot_test(test_disable_what_is_not_optional),
		agentroot_test(test_disable_what_is_off),
		agentroot_test(test_repository),   agentroot_test(test_what_is_refused),
		agentroot_test(test_secrets_of_a_url), agentroot_test(test_url_and_hash),
		agentroot_test(test_index),
		agentroot_test(test_preload),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
