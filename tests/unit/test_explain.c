/* SPDX-License-Identifier: Apache-2.0 */
/* What `ros config` says and stores: explain over all layers, diff, secrets, set, last good copies,
 * sections of the kernel line, images. */
#include "tests/unit/check.h"
#include "tests/unit/put.h"
#include "tests/unit/scratch.h"

#include <sys/wait.h>

#include "agent/command.h"
#include "agent/config/config.h"
#include "agent/config/diff.h"
#include "agent/config/explain.h"
#include "agent/config/images.h"
#include "agent/config/line.h"
#include "agent/config/secret.h"
#include "lib/file.h"
#include "lib/scope.h"

extern const struct command command_config_set;

struct fixture {
	struct scratch s;
	int root;
	struct schema *schema;
	struct doc_pool *p;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct error err = { 0 };

	assert_non_null(f);
	f->s = scratch_make();
	assert_ok(file_root_open(f->s.path, &f->root, &err), &err);
	assert_ok(doc_pool_new(&f->p, &err), &err);
	f->schema = schema_new();
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	(void)close(f->root);
	scratch_done(&f->s);
	schema_free(f->schema);
	doc_pool_free(f->p);
	free(f);
	return 0;
}

static void put(struct fixture *f, const char *path, const char *text)
{
	put_file(f->root, path, text, strlen(text), 0600);
}

static void assert_file(struct fixture *f, const char *path, const char *want)
{
	AUTO_BUF struct buf b = { 0 };

	assert_int_equal(file_read(f->root, path, &b, NULL), 0);
	assert_string_equal(buf_text(&b), want);
}

static const struct doc_node *load(struct fixture *f)
{
	const struct doc_node *n = NULL;
	struct error err = { 0 };

	assert_ok(config_load(f->root, f->p, &n, &err), &err);
	return n;
}

static const struct doc_node *parse(struct fixture *f, const char *text)
{
	const struct doc_node *n = NULL;

	assert_int_equal(doc_yaml(f->p, "file", text, strlen(text), &n, NULL), 0);
	return n;
}

/* --- explain --- */

static const char *const eight[] = {
	CONFIG_OS,	CONFIG_OEM,	CONFIG_VENDOR,	CONFIG_BOOT,
	CONFIG_NETWORK,	CONFIG_DIR "/user_config.yml",	CONFIG_OWN,
};

#define KEY "rancher.network.dns.nameservers"

static void put_eight(struct fixture *f)
{
	for (size_t i = 0; i < ARRAY_LEN(eight); i++) {
		char text[128];

		(void)snprintf(text, sizeof(text),
			       "rancher:\n  network:\n    dns:\n      nameservers: [10.0.0.%zu]\n",
			       i);
		put(f, eight[i], text);
	}
	put(f, LINE_SOURCE, "quiet " KEY "=[10.0.0.7]\n");
}

static void test_explain_eight_layers(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF struct buf out = { 0 };
	const struct doc_node *said = NULL, *replaced;
	struct explain e = { .key = KEY };

	put_eight(f);
	e.config = load(f);
	e.entry = schema_find(f->schema, KEY);
	explain_json(f->p, &e, &out);
	assert_int_equal(doc_json_parse(f->p, "json", buf_text(&out), out.len, &said, NULL), 0);
	assert_string_equal(doc_str(said, "key", ""), KEY);
	assert_string_equal(doc_str(said, "value.0", ""), "10.0.0.7");
	assert_string_equal(doc_str(said, "source.file", ""), LINE_SOURCE);
	assert_int_equal(doc_int(said, "source.line", 0), 1);
	assert_int_equal(doc_int(said, "source.column", 0), 7);
	replaced = doc_key(said, "replaced");
	assert_int_equal(replaced->len, ARRAY_LEN(eight));
	for (size_t i = 0; i < replaced->len; i++) {
		const struct doc_node *r = replaced->items[i];
		size_t layer = ARRAY_LEN(eight) - 1 - i;
		char address[16];

		(void)snprintf(address, sizeof(address), "10.0.0.%zu", layer);
		assert_string_equal(doc_str(r, "value.0", ""), address);
		assert_string_equal(doc_str(r, "source.file", ""), eight[layer]);
		assert_int_equal(doc_int(r, "source.line", 0), 4);
		assert_int_equal(doc_int(r, "source.column", 0), 20);
	}
	assert_string_equal(doc_str(said, "help", ""), "DNS servers");
}

static void test_explain_unset_and_secret(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF struct buf out = { 0 }, text = { 0 };
	const struct doc_node *said = NULL;
	struct explain e = { .key = "rancher.ssh.port" };

	put(f, CONFIG_OWN, "password: hunter2\n");
	e.config = load(f);
	e.entry = schema_find(f->schema, e.key);
	explain_json(f->p, &e, &out);
	assert_int_equal(doc_json_parse(f->p, "json", buf_text(&out), out.len, &said, NULL), 0);
	assert_int_equal(doc_at(said, "value")->kind, DOC_NULL);
	assert_int_equal(doc_at(said, "source")->kind, DOC_NULL);
	assert_int_equal(doc_at(said, "replaced")->len, 0);
	assert_int_equal(doc_int(said, "default", 0), 22);
	e.key = "password";
	e.entry = schema_find(f->schema, e.key);
	e.hide = secret_is(f->schema, e.key);
	assert_true(e.hide);
	explain_text(f->p, &e, &text);
	assert_null(strstr(buf_text(&text), "hunter2"));
	assert_non_null(strstr(buf_text(&text), CONFIG_OWN ":1:11"));
}

/* --- debug --- */

static void test_debug_implies(void **state)
{
	struct fixture *f = *state;
	const struct doc_node *n;

	put(f, CONFIG_OWN, "rancher: {debug: true, docker: {debug: false}}\n");
	n = load(f);
	assert_true(doc_bool(n, "rancher.log", false));
	assert_true(doc_bool(n, "rancher.system_docker.debug", false));
	assert_false(doc_bool(n, "rancher.docker.debug", true));
	assert_string_equal(doc_at(n, "rancher.log")->origin.source, CONFIG_OWN);
}

/* --- diff --- */

static void test_diff(void **state)
{
	static const char want[] =
		"~ hostname: old (" CONFIG_OWN ":1:11) -> new (file:1:11)\n"
		"! rancher.ssh.port: 23 (file:2:23) has no effect: 24 (/proc/cmdline:1:1)\n"
		"+ rancher.sysctl.\"a.b\": 1 (file:2:42)\n"
		"+ password: (secret) (file:3:11)\n";
	struct fixture *f = *state;
	AUTO_BUF struct buf out = { 0 }, json = { 0 };
	struct config_choice choice = { 0 };
	struct diff d = { .schema = f->schema };
	const struct doc_node *list = NULL;

	put(f, CONFIG_OWN, "hostname: old\ntimezone: UTC\n");
	put(f, LINE_SOURCE, "rancher.ssh.port=24\n");
	d.layer = parse(f, "hostname: new\nrancher: {ssh: {port: 23}, sysctl: {a.b: 1}}\n"
			   "password: x\ntimezone: UTC\n");
	choice.extra = d.layer;
	d.before = load(f);
	assert_int_equal(config_load_choice(f->root, f->p, &choice, &d.after, NULL), 0);
	diff_text(&d, &out);
	assert_string_equal(buf_text(&out), want);
	diff_json(&d, &json);
	assert_int_equal(doc_json_parse(f->p, "json", buf_text(&json), json.len, &list, NULL), 0);
	assert_int_equal(list->len, 4);
	assert_string_equal(doc_str(list, "1.change", ""), "shadowed");
	assert_int_equal(doc_at(list, "3.new")->kind, DOC_NULL);
}

/* --- secrets --- */

static void test_secrets(void **state)
{
	static const char text[] =
		"password: a\nhostname: h\ngroups: [a]\n"
		"users: [{name: bob, passwd: x, plain_text_passwd: y}]\n"
		"write_files: [{path: /k, content: \"-----BEGIN RSA PRIVATE KEY-----\"}]\n"
		"rancher: {registry_auths: {r: {auth: z}}, ssh: {port: 1, keys: {rsa: k}},\n"
		"  docker: {ca_key: k, tls: true}, environment: {A: b}}\n";
	struct fixture *f = *state;
	AUTO_BUF struct buf out = { 0 };

	doc_json_write(secret_remove(f->schema, f->p, parse(f, text)), &out);
	assert_string_equal(buf_text(&out),
			    "{\"hostname\":\"h\",\"groups\":[\"a\"],"
			    "\"rancher\":{\"ssh\":{\"port\":1},\"docker\":{\"tls\":true},"
			    "\"environment\":{\"A\":\"b\"}}}");
	assert_true(secret_is(f->schema, "rancher.registry_auths.x.username"));
	assert_false(secret_is(f->schema, "rancher.ssh.port"));
	assert_false(secret_is(f->schema, "nonsense"));
}

/* --- set --- */

static int set(struct fixture *f, const char *key, const char *value)
{
	struct env env = { .root = f->root, .rootdir = f->s.path };
	char name[] = "set", k[128], v[128];
	char *argv[] = { name, k, v, NULL };
	struct error err = { 0 };

	(void)snprintf(k, sizeof(k), "%s", key);
	(void)snprintf(v, sizeof(v), "%s", value);
	return command_config_set.run(&env, 3, argv, &err);
}

static void test_set(void **state)
{
	struct fixture *f = *state;
	char path[256];
	struct stat st;

	assert_int_equal(set(f, "hostname", "box"), COMMAND_OK);
	assert_int_equal(set(f, "rancher.network.interfaces.\"eth1.100\".dhcp", "true"),
			 COMMAND_OK);
	assert_int_equal(set(f, "rancher.docker.insecure_registry", "[a:5000,b]"), COMMAND_OK);
	/* What the schema does not know, or not so, is not stored. */
	assert_int_equal(set(f, "hostnme", "x"), COMMAND_FAILED);
	assert_int_equal(set(f, "rancher.ssh.port", "0"), COMMAND_FAILED);
	assert_int_equal(set(f, "hostname..x", "0"), COMMAND_FAILED);
	assert_int_equal(set(f, "rancher", "true"), COMMAND_FAILED);
	assert_file(f, CONFIG_OWN,
		    "#cloud-config\nhostname: box\nrancher:\n  network:\n    interfaces:\n"
		    "      eth1.100:\n        dhcp: true\n  docker:\n    insecure_registry:\n"
		    "      - a:5000\n      - b\n");
	(void)snprintf(path, sizeof(path), "%s%s", f->s.path, CONFIG_OWN);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	/* A value is no option, and an index is no key of a list. */
	assert_int_equal(set(f, "rancher.network.interfaces.eth0.dhcp_args", "-4 -d"), COMMAND_OK);
	put(f, CONFIG_OWN, "#cloud-config\nusers:\n  - name: bob\n");
	assert_int_equal(set(f, "users.0.gecos", "Bob"), COMMAND_FAILED);
	assert_file(f, CONFIG_OWN, "#cloud-config\nusers:\n  - name: bob\n");
	/* A mistake that is there already keeps nobody from changing something else. */
	put(f, CONFIG_OWN, "nonsense: 1\n");
	assert_int_equal(set(f, "hostname", "c"), COMMAND_OK);
	assert_file(f, CONFIG_OWN, "#cloud-config\nnonsense: 1\nhostname: c\n");
	/* What does not parse is not overwritten. */
	put(f, CONFIG_OWN, "]\n");
	assert_int_equal(set(f, "hostname", "d"), COMMAND_FAILED);
	assert_file(f, CONFIG_OWN, "]\n");
}

/* Each of many at once is stored. */
static void test_set_at_once(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF struct buf text = { 0 };
	struct error err = { 0 };
	pid_t pid[8];

	for (size_t i = 0; i < ARRAY_LEN(pid); i++) {
		char key[64];

		(void)snprintf(key, sizeof(key), "rancher.environment.K%zu", i);
		pid[i] = fork();
		if (pid[i] == 0)
			_exit(set(f, key, "v"));
		assert_true(pid[i] > 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(pid); i++) {
		int status;

		assert_int_equal(waitpid(pid[i], &status, 0), pid[i]);
		assert_int_equal(status, 0);
	}
	assert_ok(file_read(f->root, CONFIG_OWN, &text, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(pid); i++) {
		char line[16];

		(void)snprintf(line, sizeof(line), "K%zu: v\n", i);
		assert_non_null(strstr(buf_text(&text), line));
	}
}

/* --- last good copies --- */

static void test_bad_file_is_put_aside(void **state)
{
	struct fixture *f = *state;
	struct error err = { 0 };

	put(f, CONFIG_OWN, "hostname: good\n");
	put(f, CONFIG_DIR "/user_config.yml", "locale: C\n");
	assert_ok(config_keep_good(f->root, &err), &err);
	put(f, CONFIG_OWN, "hostname: [bad\n");
	put(f, CONFIG_DIR "/user_config.yml", "locale: [bad\n");
	assert_string_equal(doc_str(load(f), "hostname", ""), "good");
	assert_string_equal(doc_str(load(f), "locale", ""), "C");
	assert_ok(config_keep_good(f->root, &err), &err);
	assert_file(f, CONFIG_BAD, "hostname: [bad\n");
	assert_file(f, CONFIG_OWN, "hostname: good\n");
	assert_file(f, CONFIG_DIR "/user_config.yml", "locale: [bad\n");
	assert_int_equal(set(f, "hostname", "again"), COMMAND_OK);
}

/* Without a good copy nothing is moved: there is nothing better. */
static void test_first_file_is_bad(void **state)
{
	struct fixture *f = *state;
	struct error err = { 0 };

	put(f, CONFIG_OWN, "hostname: [bad\n");
	assert_ok(config_keep_good(f->root, &err), &err);
	assert_false(file_exists(f->root, CONFIG_BAD));
	assert_file(f, CONFIG_OWN, "hostname: [bad\n");
}

/* --- the kernel line --- */

static void test_line(void **state)
{
	static const char *const cases[][2] = {
		{ "ro cc: hostname: a end_cc quiet", "{\"hostname\":\"a\"}" },
		{ "cc:hostname: a\\nlocale: C", "{\"hostname\":\"a\",\"locale\":\"C\"}" },
		{ "cc:runcmd: %5B%5Bls%5D%5D end_cc cc: hostname: b end_cc cc.locale=C",
		  "{\"runcmd\":[[\"ls\"]],\"hostname\":\"b\",\"locale\":\"C\"}" },
		{ "BOOTIF=01:aa:cc:dd:ee quiet", "{}" },
		{ "cc: cc.x=1 rancher.debug end_cc", "{}" },
		{ "cc.hostname=a -- cc.hostname=b rancher.debug",
		  "{\"hostname\":\"b\",\"EXTRA_CMDLINE\":\"cc.hostname=b rancher.debug\","
		  "\"rancher\":{\"environment\":{\"EXTRA_CMDLINE\":"
		  "\"cc.hostname=b rancher.debug\"},\"debug\":true}}" },
		{ "ds=nocloud;s=http://x/ ci.ds=Ec2 cloud-config-url=http://x/", "{}" },
		{ "", "{}" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_BUF struct buf out = { 0 };

		doc_json_write(line_document(f->p, cases[i][0]), &out);
		assert_string_equal(buf_text(&out), cases[i][1]);
	}
}

/* A word that no key knows is told, at its place. */
static void test_line_unknown(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF struct buf text = { 0 };
	const struct doc_message *m;
	size_t n;

	put(f, LINE_SOURCE, "quiet rancher.debu=x console=tty0\n");
	(void)load(f);
	m = doc_messages(f->p, &n);
	assert_int_equal(n, 1);
	doc_message_text(&m[0], &text);
	assert_string_equal(buf_text(&text),
			    "/proc/cmdline:1:7: unknown key \"debu\" in rancher (did you mean "
			    "\"debug\"?)");
}

/* --- images --- */

static void test_images(void **state)
{
	struct fixture *f = *state;
	AUTO_BUF struct buf out = { 0 }, json = { 0 };
	const struct doc_node *n =
		parse(f, "rancher:\n  environment: {TAG: v1}\n  services:\n"
			 "    b: {image: 'b:${TAG}'}\n    a: {image: 'a:${VERSION}'}\n"
			 "    c: {image: 'b:v1'}\n    carrier: {volumes: [/x]}\n");

	put(f, "/usr/share/ros/version", "v9\n");
	assert_int_equal(images_list(f->root, n, false, &out, NULL), 0);
	assert_string_equal(buf_text(&out), "a:v9 b:v1\n");
	assert_int_equal(images_list(f->root, n, true, &json, NULL), 0);
	assert_string_equal(buf_text(&json), "[\"a:v9\",\"b:v1\"]\n");
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_explain_eight_layers),
		TEST(test_explain_unset_and_secret),
		TEST(test_debug_implies),
		TEST(test_diff),
		TEST(test_secrets),
		TEST(test_set_at_once),
		TEST(test_set),
		TEST(test_bad_file_is_put_aside),
		TEST(test_first_file_is_bad),
		TEST(test_line),
		TEST(test_line_unknown),
		TEST(test_images),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
