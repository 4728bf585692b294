/* SPDX-License-Identifier: Apache-2.0 */
/* `ros install --save`: which images, pulled when they are not here, and what lies on the state. */
#include "tests/unit/agentroot.h"
#include "tests/unit/fakedocker.h"

#include "agent/config/config.h"
#include "agent/install/saveimages.h"
#include "agent/service/optional.h"
#include "installer/refuse.h"
#include "lib/hash.h"

#define PING { "GET", "/_ping", 200, "OK", 0, 0, 0 }
#define URL "https://shop.example/own.yml"
#define KEPT "# " URL "\nshop: {image: acme/own}\n"

#define BUILT_IN "rancher:\n  services: {base: {image: \"os/base:1\"}}\n"
#define GIVEN                                                          \
	"#cloud-config\nrancher:\n"                                    \
	"  services:\n"                                                \
	"    web: {image: \"acme/web:1\"}\n"                           \
	"    again: {image: \"acme/web:1\"}\n"                         \
	"    here: {image: acme/here}\n"                               \
	"    tool:\n      image: acme/tool\n"                          \
	"      labels: {io.rancher.os.scope: system}\n"

static const struct fake_row good[] = {
	PING,
	/* Before the pull, and after it. */
	{ "GET", "/images/json", 200, "[{\"RepoTags\":[\"acme/here:latest\"],\"Size\":1000}]", 0, 0,
	  1 },
	{ "GET", "/images/json", 200,
	  "[{\"RepoTags\":[\"acme/here:latest\"],\"Size\":1000},"
	  "{\"RepoTags\":[\"acme/web:1\",\"acme/tool:latest\"],\"Size\":200}]",
	  0, 0, 0 },
	{ "POST", "/images/create", 200, "{\"status\":\"Pulled\"}\n", 0, 0, 0 },
	{ "GET", "/images/get", 200, "a tar", 0, 0, 0 },
	{ 0 },
};

struct scene {
	struct fake fake[2];
	struct saveimages s;
};

static void scene_done(struct scene *s)
{
	saveimages_done(&s->s);
	fake_done(&s->fake[0]);
	fake_done(&s->fake[1]);
}

static void begin(struct agentroot *f, struct scene *s, const char *given,
		  const struct fake_row *rows)
{
	AUTO_BUF struct buf text = { 0 };
	struct error err = { 0 };

	agentroot_put(f, CONFIG_OS, BUILT_IN);
	buf_str(&text, given);
	assert_ok(saveimages_list(f->root, "config.yml", &text, &s->s, &err), &err);
	fake_start(&s->fake[0], rows);
	fake_start(&s->fake[1], rows);
	s->s.system.socket = s->fake[0].socket;
	s->s.user.socket = s->fake[1].socket;
}

static void log_has(const struct fake *fake, const char *line, bool wanted)
{
	AUTO_BUF struct buf log = BUF_WITH_LIMIT(1 << 20);

	assert_int_equal(file_read(FILE_ROOT, fake->log, &log, NULL), 0);
	assert_int_equal(strstr(buf_text(&log), line) != NULL, wanted);
}

static void test_saved(void **state)
{
	struct agentroot *f = *state;
	CLEANUP(scene_done) struct scene s = { 0 };
	struct error err = { 0 };
	char dir[300];

	begin(f, &s, GIVEN, good);
	/* Each once, and none that is built in. */
	assert_int_equal(s.s.system.n, 1);
	assert_string_equal(s.s.system.names[0], "acme/tool");
	assert_int_equal(s.s.user.n, 2);
	assert_ok(saveimages_pull(&s.s, NULL, &err), &err);
	log_has(&s.fake[0], "fromImage=acme%2Ftool", true);
	log_has(&s.fake[1], "fromImage=acme%2Fweb%3A1", true);
	log_has(&s.fake[1], "fromImage=acme%2Fhere", false);
	assert_int_equal(s.s.bytes, 1400);
	(void)snprintf(dir, sizeof(dir), "%s/new", f->s.path);
	assert_ok(saveimages_write(&s.s, dir, &err), &err);
	agentroot_text(f, "/new/var/lib/rancher/preload/system-docker/os-include.tar", "a tar");
	agentroot_text(f, "/new/var/lib/rancher/preload/docker/os-include.tar", "a tar");
	log_has(&s.fake[1], "/images/get?names=acme%2Fweb%3A1&names=acme%2Fhere", true);
}

/* A configuration without services has nothing to save, and asks no Docker. */
static void test_nothing(void **state)
{
	struct agentroot *f = *state;
	CLEANUP(scene_done) struct scene s = { 0 };
	struct error err = { 0 };
	char dir[300];

	begin(f, &s, "#cloud-config\nhostname: x\n", good);
	assert_int_equal(s.s.system.n + s.s.user.n, 0);
	fake_stop(&s.fake[0]);
	fake_stop(&s.fake[1]);
	assert_ok(saveimages_pull(&s.s, NULL, &err), &err);
	(void)snprintf(dir, sizeof(dir), "%s/new", f->s.path);
	assert_ok(saveimages_write(&s.s, dir, &err), &err);
	assert_false(file_exists(f->root, "/new/var/lib/rancher/preload"));
}

/* The definition of an optional service, fetched already, goes with its image. */
static void test_optional(void **state)
{
	struct agentroot *f = *state;
	CLEANUP(scene_done) struct scene s = { 0 };
	struct error err = { 0 };
	char kept[200], dir[300], copy[300];

	(void)snprintf(kept, sizeof(kept), OPTIONAL_KEPT "/%016" PRIx64 ".yml",
		       hash_text(URL, strlen(URL)));
	agentroot_put(f, kept, KEPT);
	begin(f, &s, "#cloud-config\nrancher:\n  services_include: {\"" URL "\": true}\n", good);
	assert_int_equal(s.s.user.n, 1);
	assert_string_equal(s.s.user.names[0], "acme/own");
	(void)snprintf(dir, sizeof(dir), "%s/new", f->s.path);
	assert_ok(saveimages_write(&s.s, dir, &err), &err);
	(void)snprintf(copy, sizeof(copy), "/new%s", kept);
	agentroot_text(f, copy, KEPT);
}

static void test_fails(void **state)
{
	static const struct fake_row no_pull[] = {
		PING,
			{ "GET", "/images/json", 200, "[]", 0, 0, 0 },
		{ "POST", "/images/create", 200, "{\"error\":\"no such image\"}\n", 0, 0, 0 },
		{ 0 },
	};
	static const struct fake_row no_save[] = {
		PING,
			{ "GET", "/images/get", 500, "{\"message\":\"disk on fire\"}", 0, 0, 0 },
		{ 0 },
	};
	struct agentroot *f = *state;
	struct error err = { 0 };
	char dir[300];

	(void)snprintf(dir, sizeof(dir), "%s/new", f->s.path);
	{
		CLEANUP(scene_done) struct scene s = { 0 };

		begin(f, &s, GIVEN, no_pull);
		assert_int_equal(saveimages_pull(&s.s, NULL, &err), -EIO);
		assert_non_null(strstr(err.msg, "--save: pull acme/tool: no such image"));
	}
	error_reset(&err);
	{
		CLEANUP(scene_done) struct scene s = { 0 };

		begin(f, &s, GIVEN, no_save);
		assert_int_equal(saveimages_write(&s.s, dir, &err), -EIO);
		assert_non_null(strstr(err.msg, "disk on fire"));
	}
}

/* What does not fit is told before anything is written. */
static void test_too_large(void **state)
{
	const struct install_images images = { .n = 1, .bytes = 600 * INSTALL_MIB };
	const struct install_request q = { .images = &images }, none = { 0 };
	struct install_plan plan = { 0 };
	struct error err = { 0 };

	(void)state;
	plan.parts[1].size = 1300 * INSTALL_MIB;
	assert_ok(refuse_plan(&q, &plan, &err), &err);
	plan.parts[1].size = 1000 * INSTALL_MIB;
	assert_int_equal(refuse_plan(&q, &plan, &err), -ECANCELED);
	assert_non_null(strstr(err.msg, "need 1200 MiB, the state partition has 1000"));
	error_reset(&err);
	assert_ok(refuse_plan(&none, &plan, &err), &err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		agentroot_test(test_saved),
		agentroot_test(test_nothing),
		agentroot_test(test_optional),
		agentroot_test(test_fails),
		cmocka_unit_test(test_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
