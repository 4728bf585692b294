/* SPDX-License-Identifier: Apache-2.0 */
/* The layers of the configuration: their order, the kernel line, and what is wrong with one of
 * them. */
#include "tests/unit/check.h"
#include "tests/unit/put.h"
#include "tests/unit/scratch.h"

#include <errno.h>

#include "agent/config/config.h"
#include "agent/config/config_own.h"
#include "agent/config/value.h"
#include "lib/file.h"
#include "lib/scope.h"

#define CMDLINE "/proc/cmdline"

static void put(int root, const char *path, const char *text)
{
	put_file(root, path, text, strlen(text), 0600);
}

static int open_root(const struct scratch *s)
{
	struct error err = { 0 };
	int root = -1;

	assert_ok(file_root_open(s->path, &root, &err), &err);
	return root;
}

static const struct doc_node *load(int root, struct doc_pool *p)
{
	const struct doc_node *n = NULL;
	struct error err = { 0 };

	assert_ok(config_load(root, p, &n, &err), &err);
	assert_non_null(n);
	return n;
}

static void assert_messages(const struct doc_pool *p, const char *const *want, size_t n_want)
{
	size_t n;
	const struct doc_message *m = doc_messages(p, &n);

	for (size_t i = 0; i < n && i < n_want; i++) {
		AUTO_BUF struct buf text = { 0 };

		doc_message_text(&m[i], &text);
		assert_string_equal(buf_text(&text), want[i]);
	}
	assert_int_equal(n, n_want);
}

static void test_precedence(void **state)
{
	static const char *const layers[] = {
		CONFIG_OS, CONFIG_OEM, CONFIG_DIR "/00-vendor.yml", CONFIG_DIR "/boot.yml",
		CONFIG_DIR "/z.yaml", CONFIG_OWN,
	};
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_CLOSE int root = open_root(&s);
	const struct doc_node *n;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(layers); i++) {
		AUTO_BUF struct buf text = { 0 };

		/* Each layer sets its own key and those of all above it. */
		buf_str(&text, "#cloud-config\n");
		for (size_t k = i; k <= ARRAY_LEN(layers); k++)
			buf_fmt(&text, "x-%zu: %zu\n", k, i);
		put(root, layers[i], buf_text(&text));
	}
	put(root, CONFIG_DIR "/.hidden.yml", "x-0: 9\n");
	put(root, CONFIG_DIR "/boot.yml.bak", "x-0: 9\n");
	put(root, CMDLINE, "cc.x-6=6 quiet\n");
	assert_int_equal(doc_pool_new(&p, NULL), 0);
	n = load(root, p);
	for (int i = 0; i <= 6; i++) {
		char key[16];

		(void)snprintf(key, sizeof(key), "x-%d", i);
		assert_int_equal(doc_int(n, key, -1), i);
	}
	assert_string_equal(doc_at(n, "x-6")->origin.source, CMDLINE);
	assert_string_equal(doc_at(n, "x-6")->replaced->origin.source, CONFIG_OWN);
	assert_messages(p, NULL, 0);
}

static void test_no_layer_at_all(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_CLOSE int root = open_root(&s);

	(void)state;
	assert_int_equal(doc_pool_new(&p, NULL), 0);
	assert_int_equal(load(root, p)->len, 0);
	assert_messages(p, NULL, 0);
}

static void test_bad_layer_is_left_out(void **state)
{
	static const char *const want[] = {
		CONFIG_DIR
		"/a.yml:2:5: mapping values are not allowed in this context (quote a value "
		"that holds \": \"; check the indentation)",
		CONFIG_DIR "/b.yml:1:1: lines of \"key: value\" are expected here",
		CONFIG_DIR "/c.yml:2:11: rancher.ssh.port must be a port from 1 to 65535, not "
		"\"some\" (for instance 22)",
	};
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_CLOSE int root = open_root(&s);
	const struct doc_node *n;

	(void)state;
	put(root, CONFIG_DIR "/a.yml", "x: 1\ny: z: 1\n");
	put(root, CONFIG_DIR "/b.yml", "- x\n");
	put(root, CONFIG_DIR "/c.yml", "rancher: {ssh: {\n    port: some}}\nhostname: a\n");
	assert_int_equal(doc_pool_new(&p, NULL), 0);
	n = load(root, p);
	assert_null(doc_at(n, "x"));
	assert_string_equal(doc_str(n, "hostname", ""), "a");
	assert_messages(p, want, ARRAY_LEN(want));
}

static void test_last_good_copy(void **state)
{
	static const char *const want[] = {
		CONFIG_BOOT
		":2:1: did not find expected key while parsing a block mapping that began in line "
		"1 (check the indentation of this line and the one above)",
		CONFIG_BOOT ": its last good copy " CONFIG_BOOT ".good is used instead",
	};
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_CLOSE int root = open_root(&s);
	struct error err = { 0 };
	const struct doc_node *n;

	(void)state;
	put(root, CONFIG_BOOT, "hostname: good\n");
	put(root, CONFIG_OWN, "locale: C\n");
	assert_ok(config_keep_good(root, &err), &err);
	put(root, CONFIG_BOOT, "hostname: bad\n]\n");
	/* A bad file never becomes the good copy. */
	assert_ok(config_keep_good(root, &err), &err);
	assert_int_equal(doc_pool_new(&p, NULL), 0);
	n = load(root, p);
	assert_string_equal(doc_str(n, "hostname", ""), "good");
	assert_string_equal(doc_str(n, "locale", ""), "C");
	assert_messages(p, want, ARRAY_LEN(want));
}

struct cmdline_case {
	const char *line, *json;
};

static const struct cmdline_case cmdlines[] = {
	{ "quiet console=ttyS0 rancherx.a=1", "{}" },
	{ "rancher.debug", "{\"rancher\":{\"debug\":true}}" },
	{ "rancher.state.dev=LABEL=X", "{\"rancher\":{\"state\":{\"dev\":\"LABEL=X\"}}}" },
	{ "cc.hostname=a cc.hostname=b", "{\"hostname\":\"b\"}" },
	{ "rancher.a=[x,2,true]", "{\"rancher\":{\"a\":[\"x\",2,true]}}" },
	{ "rancher.a=['url:http://h:80/x?y=1']",
	  "{\"rancher\":{\"a\":[\"url:http://h:80/x?y=1\"]}}" },
	{ "rancher.a=http://h:80/x?y=1", "{\"rancher\":{\"a\":\"http://h:80/x?y=1\"}}" },
	{ "rancher.a=[url:http://h/x,b]", "{\"rancher\":{\"a\":[\"url:http://h/x\",\"b\"]}}" },
	{ "rancher.mac=11:22:33:44:55:06", "{\"rancher\":{\"mac\":\"11:22:33:44:55:06\"}}" },
	{ "rancher.a=\"b: c\"", "{\"rancher\":{\"a\":\"b: c\"}}" },
	{ "rancher.a=", "{\"rancher\":{\"a\":null}}" },
	{ "rancher.a=[unclosed", "{\"rancher\":{\"a\":\"[unclosed\"}}" },
	{ "rancher.a={}", "{\"rancher\":{\"a\":{}}}" },
	{ "rancher.n.\"eth1.100\".dhcp=true",
	  "{\"rancher\":{\"n\":{\"eth1.100\":{\"dhcp\":true}}}}" },
	{ "rancher.a=1 rancher.a.b=2", "{\"rancher\":{\"a\":{\"b\":2}}}" },
};

static void test_kernel_line(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_CLOSE int root = open_root(&s);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cmdlines); i++) {
		AUTO(doc_pool_free) struct doc_pool *p = NULL;
		AUTO_BUF struct buf out = { 0 };

		put(root, CMDLINE, cmdlines[i].line);
		assert_int_equal(doc_pool_new(&p, NULL), 0);
		doc_json_write(config_cmdline(root, p), &out);
		assert_string_equal(buf_text(&out), cmdlines[i].json);
	}
}

static void test_kernel_line_places(void **state)
{
	static const char *const want[] = {
		CMDLINE ":1:7: \"rancher..a\" is no valid key: ignored (names are "
			"separated by single dots)",
	};
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_CLOSE int root = open_root(&s);
	const struct doc_node *n;

	(void)state;
	put(root, CMDLINE, "quiet rancher..a=1 cc.b=[x]\n");
	assert_int_equal(doc_pool_new(&p, NULL), 0);
	n = config_cmdline(root, p);
	assert_int_equal(doc_at(n, "b.0")->origin.column, 20);
	assert_messages(p, want, 1);
}

/* `ros config set` takes the same values, and maps. */
static void test_values(void **state)
{
	static const struct cmdline_case values[] = {
		{ "10", "10" },
		{ "''", "\"\"" },
		{ "{k: v, u: http://x:5}", "{\"k\":\"v\",\"u\":\"http://x:5\"}" },
		{ "a\nb", "\"a\\nb\"" },
		/* A line break is white space between brackets, and kept in quotes. */
		{ "{a: {b: 1},\n  c:\n  [d,\n  e]\n}\n",
		  "{\"a\":{\"b\":1},\"c\":[\"d\",\"e\"]}" },
		{ "[\"one\ntwo\",\n'three\nfour']", "[\"one\\ntwo\",\"three\\nfour\"]" },
		{ "[\"a\\\"\nb\"]", "[\"a\\\"\\nb\"]" },
		{ "[\"a\\\\\",\nb]", "[\"a\\\\\",\"b\"]" },
		{ "*x", "\"*x\"" },
		{ "!x y", "\"!x y\"" },
		{ "\xff", "\"\xef\xbf\xbd\"" },
	};
	AUTO(doc_pool_free) struct doc_pool *p = NULL;

	(void)state;
	assert_int_equal(doc_pool_new(&p, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		AUTO_BUF struct buf out = { 0 };

		doc_json_write(value_parse(p, (struct doc_origin){ "v", 0, 0 }, values[i].line),
			       &out);
		assert_string_equal(buf_text(&out), values[i].json);
	}
}

/* What is set takes the place of what was there; what is beside it stays. */
static void test_set_replaces(void **state)
{
	static const struct {
		const char *key, *value, *then;
	} turns[] = {
		{ "rancher.environment", "{A: 1, B: 2}",
		  "rancher:\n  environment:\n    A: 1\n    B: 2\n" },
		{ "rancher.environment", "{C: 3}", "rancher:\n  environment:\n    C: 3\n" },
		{ "rancher.environment.D", "4",
		  "rancher:\n  environment:\n    C: 3\n    D: 4\n" },
		{ "hostname", "x", "    C: 3\n    D: 4\nhostname: x\n" },
		{ "rancher", "{debug: true}", "    C: 3\n    D: 4\n  debug: true\nhostname: x\n" },
	};
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_CLOSE int root = open_root(&s);

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(turns); i++) {
		AUTO(doc_pool_free) struct doc_pool *p = NULL;
		AUTO_BUF struct buf text = { 0 };
		struct error err = { 0 };

		assert_ok(doc_pool_new(&p, &err), &err);
		assert_ok(config_own_set(root, p, turns[i].key,
					 value_parse(p, (struct doc_origin){ "v", 0, 0 },
						     turns[i].value),
					 &err),
			  &err);
		assert_ok(file_read(root, CONFIG_OWN, &text, &err), &err);
		assert_non_null(strstr(buf_text(&text), turns[i].then));
	}
}

/* Two lists that can be read alone, and not in one file: the first stays, readable. */
static void test_unreadable_is_not_stored(void **state)
{
	static const char *const keys[] = { "x-a", "x-b" };
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_CLOSE int root = open_root(&s);
	AUTO_BUF struct buf list = { 0 };

	(void)state;
	for (size_t i = 0; i < DOC_NODES / 2 + 10; i++)
		buf_str(&list, i ? ",1" : "[1");
	buf_char(&list, ']');
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		AUTO(doc_pool_free) struct doc_pool *p = NULL;
		const struct doc_node *val = NULL, *own = NULL;
		struct error err = { 0 };
		int r;

		assert_ok(doc_pool_new(&p, &err), &err);
		assert_ok(doc_yaml(p, "v", buf_text(&list), list.len, &val, &err), &err);
		r = config_own_set(root, p, keys[i], val, &err);
		assert_int_equal(r, i ? -E2BIG : 0);
		error_reset(&err);
		assert_ok(config_read_layer(root, p, CONFIG_OWN, &own, &err), &err);
		assert_non_null(doc_at(own, "x-a"));
		assert_null(doc_at(own, "x-b"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_precedence),
		cmocka_unit_test(test_no_layer_at_all),
		cmocka_unit_test(test_bad_layer_is_left_out),
		cmocka_unit_test(test_last_good_copy),
		cmocka_unit_test(test_kernel_line),
		cmocka_unit_test(test_kernel_line_places),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_set_replaces),
		cmocka_unit_test(test_unreadable_is_not_stored),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
