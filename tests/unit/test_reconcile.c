/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is kept, started, made and made anew; and what thin images add to a request.
 */
#include "tests/unit/check.h"

#include "agent/engine/docker_image.h"
#include "agent/network/gateway.h"
#include "agent/service/compose.h"
#include "agent/service/reconcile.h"
#include "agent/service/thin.h"
#include "lib/buf.h"
#include "lib/doc/doc.h"

struct fixture {
	struct doc_pool *pool;
	struct service_set set;
	struct reconcile_world world;
	struct reconcile_flags flags;
};

static const char images[] =
	"[{\"Id\":\"sha256:11\",\"RepoTags\":[\"i:latest\",\"reg:5000/x/i:2\"],\"Labels\":null},"
	"{\"Id\":\"sha256:22\",\"RepoTags\":[\"ocicatos/os-ntp:v9\"],"
	"\"Labels\":{\"io.ocicat.thin\":\"true\"}},"
	"{\"Id\":\"sha256:33\",\"RepoTags\":null,\"RepoDigests\":[\"q@sha256:dd\"]}]";

static const struct doc_node *json(struct doc_pool *p, const char *text)
{
	const struct doc_node *n = NULL;
	struct error err = { 0 };

	assert_ok(doc_json_parse(p, "t", text, strlen(text), &n, &err), &err);
	return n;
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct error err = { 0 };

	assert_non_null(f);
	assert_ok(doc_pool_new(&f->pool, &err), &err);
	f->world.images = json(f->pool, images);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	doc_pool_free(f->pool);
	free(f);
	return 0;
}

/* The plan for the one service of `definition`. */
static struct reconcile_plan plan(struct fixture *f, const char *definition)
{
	const struct body_env env = { .version = "v9", .kernel = "6.1" };
	const struct doc_node *n = NULL;
	struct reconcile_plan got = { .verb = RECONCILE_N_VERBS };
	struct error err = { 0 };
	char text[512];

	(void)snprintf(text, sizeof(text), "a: {image: i, %s}\n", definition);
	assert_ok(doc_yaml(f->pool, "t", text, strlen(text), &n, &err), &err);
	assert_ok(compose_parse(f->pool, &env, n, &f->set, &err), &err);
	assert_ok(reconcile_decide(f->pool, &f->set.all[0], &f->world, &f->flags, &got, &err),
		  &err);
	return got;
}

static const char *hash_of(const struct reconcile_plan *p)
{
	return doc_str(p->body, "Labels.\"" SERVICE_LABEL_HASH "\"", "");
}

/* A container called /a that was made from the request that `p` holds. */
static void has_container(struct fixture *f, const struct reconcile_plan *p, const char *state,
			  const char *image)
{
	struct buf AUTO_BUF text = { 0 };

	buf_fmt(&text, "[{\"Id\":\"other\",\"Names\":[\"/b\"],\"State\":\"running\"},"
		       "{\"Id\":\"c1\",\"Names\":[\"/x/a\",\"/a\"],\"State\":\"%s\","
		       "\"ImageID\":\"%s\",\"Labels\":{\"%s\":\"%s\",\"%s\":\"default\","
		       "\"%s\":\"a\"}}]",
		state, image, SERVICE_LABEL_HASH, hash_of(p), SERVICE_LABEL_CONSOLE,
		SERVICE_LABEL_NAME);
	f->world.containers = json(f->pool, buf_text(&text));
}

static void test_none_is_made(void **state)
{
	struct fixture *f = *state;
	struct reconcile_plan p = plan(f, "command: x");

	assert_int_equal(p.verb, RECONCILE_CREATE);
	assert_null(p.id);
	assert_int_equal(strlen(hash_of(&p)), 16);
}

static void test_unchanged_is_started_or_kept(void **state)
{
	struct fixture *f = *state;
	struct reconcile_plan p = plan(f, "command: x");

	has_container(f, &p, "exited", "sha256:11");
	p = plan(f, "command: x");
	assert_int_equal(p.verb, RECONCILE_START);
	assert_string_equal(p.id, "c1");
	has_container(f, &p, "running", "sha256:11");
	assert_int_equal(plan(f, "command: x").verb, RECONCILE_KEEP);
	has_container(f, &p, "created", "sha256:11");
	assert_int_equal(plan(f, "command: x").verb, RECONCILE_START);
}

static void test_changed_is_made_anew(void **state)
{
	struct fixture *f = *state;
	struct reconcile_plan p = plan(f, "command: x");

	has_container(f, &p, "running", "sha256:11");
	p = plan(f, "command: y");
	assert_int_equal(p.verb, RECONCILE_RECREATE);
	assert_string_equal(p.id, "c1");
	assert_string_equal(p.why, "its definition changed");
	p = plan(f, "command: x");
	has_container(f, &p, "exited", "sha256:99");
	p = plan(f, "command: x");
	assert_string_equal(p.why, "its image changed");
	has_container(f, &p, "dead", "sha256:11");
	assert_int_equal(plan(f, "command: x").verb, RECONCILE_RECREATE);
}

static void test_rebuild_labels(void **state)
{
	static const char always[] = "labels: {io.docker.compose.rebuild: always}";
	static const char never[] = "labels: {io.docker.compose.rebuild: 'false'}";
	struct fixture *f = *state;
	struct reconcile_plan p = plan(f, always);

	has_container(f, &p, "exited", "sha256:11");
	assert_int_equal(plan(f, always).verb, RECONCILE_RECREATE);
	has_container(f, &p, "running", "sha256:11");
	assert_int_equal(plan(f, always).verb, RECONCILE_KEEP);
	has_container(f, &p, "exited", "sha256:99");
	assert_int_equal(plan(f, never).verb, RECONCILE_START);
}

static void test_another_console(void **state)
{
	struct fixture *f = *state;
	struct reconcile_plan p = plan(f, "command: x");

	has_container(f, &p, "running", "sha256:11");
	p = plan(f, "labels: {io.docker.compose.rebuild: 'false', io.rancher.os.console: default}");
	assert_int_equal(p.verb, RECONCILE_KEEP);
	p = plan(f, "labels: {io.docker.compose.rebuild: 'false', io.rancher.os.console: alpine}");
	assert_int_equal(p.verb, RECONCILE_RECREATE);
}

static void test_flags(void **state)
{
	struct fixture *f = *state;
	struct reconcile_plan p = plan(f, "command: x");

	has_container(f, &p, "running", "sha256:11");
	f->flags.force = true;
	assert_int_equal(plan(f, "command: x").verb, RECONCILE_RECREATE);
	f->flags = (struct reconcile_flags){ .never = true };
	assert_int_equal(plan(f, "command: y").verb, RECONCILE_KEEP);
}

static void test_thin_image_gets_the_machine(void **state)
{
	static const char *const bound[] = { "/usr", "/etc", "/etc/hosts", "/etc/hostname" };
	struct fixture *f = *state;
	const struct doc_node *mounts;
	struct reconcile_plan p;
	struct buf AUTO_BUF text = { 0 };

	p = plan(f, "image: 'ocicatos/os-ntp:v9', volumes: ['/e:/etc/resolv.conf', '/v:/v']");
	doc_json_write(doc_at(p.body, "HostConfig.Binds"), &text);
	assert_string_equal(buf_text(&text), "[\"/e:/etc/resolv.conf\",\"/v:/v\"]");
	mounts = doc_at(p.body, "HostConfig.Mounts");
	assert_int_equal(mounts->len, ARRAY_LEN(bound));
	for (size_t i = 0; i < ARRAY_LEN(bound); i++) {
		assert_string_equal(doc_str(mounts->items[i], "Source", ""), bound[i]);
		assert_string_equal(doc_str(mounts->items[i], "Target", ""), bound[i]);
		assert_true(doc_bool(mounts->items[i], "ReadOnly", false));
	}
	p = plan(f, "volumes: ['/v:/v']");
	assert_int_equal(doc_at(p.body, "HostConfig.Binds")->len, 1);
	assert_false(thin_is_missing(&f->set, NULL, f->world.images));
	(void)plan(f, "image: 'ocicatos/os-ntp:v10'");
	assert_true(thin_is_missing(&f->set, NULL, f->world.images));
}

static void test_names_of_images(void **state)
{
	static const struct {
		const char *name, *id;
	} cases[] = {
		{ "i", "sha256:11" },
		{ "i:latest", "sha256:11" },
		{ "docker.io/library/i", "sha256:11" },
		{ "docker.io/i:latest", "sha256:11" },
		{ "reg:5000/x/i:2", "sha256:11" },
		{ "q@sha256:dd", "sha256:33" },
		{ "q:1@sha256:dd", "sha256:33" },
		{ "docker.io/library/q:1@sha256:dd", "sha256:33" },
		{ "sha256:33", "sha256:33" },
		{ "i:2", NULL },
		{ "q:1@sha256:de", NULL },
		{ "i:1@sha256:dd", NULL },
		{ "reg:5000/x/i", NULL },
		{ "ii", NULL },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct doc_node *n = docker_image_find(f->world.images, cases[i].name);

		if (cases[i].id)
			assert_string_equal(doc_str(n, "Id", ""), cases[i].id);
		else
			assert_null(n);
	}
}

static void test_registries(void **state)
{
	static const char *const cases[][2] = {
		{ "busybox", "docker.io" },	   { "a/b:1", "docker.io" },
		{ "reg.example/a/b", "reg.example" }, { "reg:5000/a", "reg:5000" },
		{ "localhost/a", "localhost" },	   { "docker.io/a", "docker.io" },
	};
	char out[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		docker_image_registry(cases[i][0], out, sizeof(out));
		assert_string_equal(out, cases[i][1]);
	}
}

static void test_credentials(void **state)
{
	struct fixture *f = *state;
	const struct doc_node *auths =
		json(f->pool, "{\"reg:5000\":{\"username\":\"u\",\"password\":\"p\\\"?\"},"
			      "\"https://index.docker.io/v1/\":{\"auth\":\"dTpwOnc=\"}}");
	struct buf AUTO_BUF out = { 0 };

	docker_image_auth(auths, "other", &out);
	assert_int_equal(out.len, 0);
	docker_image_auth(auths, "reg:5000", &out);
	/* {"username":"u","password":"p\"?","serveraddress":"reg:5000"} */
	assert_string_equal(buf_text(&out),
			    "eyJ1c2VybmFtZSI6InUiLCJwYXNzd29yZCI6InBcIj8iLCJzZXJ2ZXJh"
			    "ZGRyZXNzIjoicmVnOjUwMDAifQ==");
	buf_reset(&out);
	docker_image_auth(auths, "docker.io", &out);
	/* {"username":"u","password":"p:w","serveraddress":"docker.io"} */
	assert_string_equal(buf_text(&out),
			    "eyJ1c2VybmFtZSI6InUiLCJwYXNzd29yZCI6InA6dyIsInNlcnZlcmFk"
			    "ZHJlc3MiOiJkb2NrZXIuaW8ifQ==");
}

static void test_default_routes(void **state)
{
	static const char head[] =
		"Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\n";
	char text[512];

	(void)state;
	(void)snprintf(text, sizeof(text),
		       "%seth0\t0002000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\n", head);
	assert_false(gateway_in_route4(head));
	assert_false(gateway_in_route4(text));
	(void)snprintf(text, sizeof(text),
		       "%seth0\t00000000\t0202000A\t0003\t0\t0\t0\t00000000\t0\n", head);
	assert_true(gateway_in_route4(text));
	assert_true(gateway_on_link4(text));
	(void)snprintf(text, sizeof(text),
		       "%seth0\t0000FEA9\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\n"
		       "docker-sys\t002A12AC\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\n",
		       head);
	assert_false(gateway_on_link4(text));
	(void)snprintf(text, sizeof(text),
		       "%seth0\t0002000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\n", head);
	assert_true(gateway_on_link4(text));
	assert_false(gateway_in_route6(
		"00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
		"00000000000000000000000000000000 ffffffff 00000001 00000000 00200200       lo\n"));
	assert_true(gateway_in_route6(
		"fe800000000000000000000000000000 40 00000000000000000000000000000000 00 "
		"00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0\n"
		"00000000000000000000000000000000 00 00000000000000000000000000000000 00 "
		"fe800000000000000000000000000002 00000400 00000001 00000000 00450003     eth0\n"));
	assert_false(gateway_on_link6(
		"fe800000000000000000000000000000 40 00000000000000000000000000000000 00 "
		"00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0\n"
		"ff000000000000000000000000000000 08 00000000000000000000000000000000 00 "
		"00000000000000000000000000000000 00000100 00000004 00000000 00000001     eth0\n"
		"00000000000000000000000000000001 80 00000000000000000000000000000000 00 "
		"00000000000000000000000000000000 00000000 00000003 00000000 80200001       lo\n"));
	assert_true(gateway_on_link6(
		"fd060000000000000000000000000000 40 00000000000000000000000000000000 00 "
		"00000000000000000000000000000000 00000100 00000001 00000000 00000001     eth0\n"));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_none_is_made),	   T(test_unchanged_is_started_or_kept),
		T(test_changed_is_made_anew), T(test_rebuild_labels),
		T(test_another_console),   T(test_flags),
		T(test_thin_image_gets_the_machine), T(test_names_of_images),
		T(test_credentials),
		cmocka_unit_test(test_registries), cmocka_unit_test(test_default_routes),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
