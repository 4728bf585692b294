/* SPDX-License-Identifier: Apache-2.0 */
/* The schema: its rows are sound, paths find them, values are told apart, suggestions are near. */
#include "lib/buf.h"
#include "lib/file.h"
#include "tests/unit/check.h"

#include <stdlib.h>

#include "agent/service/compose_key.h"
#include <fcntl.h>

#include "agent/config/schema_check.h"
#include "agent/config/schema_spell.h"
#include "agent/config/schema_near.h"
#include "agent/config/schema_value.h"
#include "agent/modules/rows.h"
#include "lib/scope.h"

static int setup(void **state)
{
	*state = schema_new();
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	schema_free(*state);
	return 0;
}

/* Whatever a row claims is true of it. */
static void check_row(const struct schema *s, struct doc_pool *p, const struct schema_entry *e)
{
	const struct schema_row *row = e->row;
	const struct doc_node *n = NULL;
	bool told = row->flags & (SCHEMA_IGNORED | SCHEMA_DEPRECATED) || row->old;

	if (!row->kinds || !row->help || row->help[strlen(row->help) - 1] == '.')
		fail_msg("%s: kinds or help", e->path);
	if (told != (row->instead != NULL))
		fail_msg("%s: `instead` belongs to what has no effect", e->path);
	if ((row->kinds & SCHEMA_WORD) && row->kinds != SCHEMA_ANY && !row->words)
		fail_msg("%s: no words", e->path);
	if (!row->fallback)
		return;
	assert_int_equal(doc_yaml(p, "default", row->fallback, strlen(row->fallback), &n, NULL), 0);
	if (!schema_value_fits(row, n))
		fail_msg("%s: the default %s is not of its kind", e->path, row->fallback);
	assert_ptr_equal(schema_get(s, e->path), e);
}

static void test_rows(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct schema *s = *state;
	size_t n;
	const struct schema_entry *e = schema_entries(s, &n);

	assert_int_equal(doc_pool_new(&p, NULL), 0);
	assert_true(n > 600);
	for (size_t i = 0; i < n; i++) {
		char parent[256];
		char *dot;

		if (i && strcmp(e[i - 1].path, e[i].path) >= 0)
			fail_msg("%s stands there twice", e[i].path);
		check_row(s, p, &e[i]);
		(void)snprintf(parent, sizeof(parent), "%s", e[i].path);
		dot = strrchr(parent, '.');
		if (!dot)
			continue;
		*dot = '\0';
		if (!schema_get(s, parent))
			fail_msg("%s: there is no %s", e[i].path, parent);
	}
}

/* What compose_key.c reads can be written, and the other way round. */
static bool is_read(const char *key)
{
	for (size_t i = 0; compose_key_name(i); i++) {
		if (!strcmp(compose_key_name(i), key))
			return true;
	}
	return strchr(key, '.') != NULL; /* what a key's own reader reads */
}

static void test_services(void **state)
{
	size_t n;
	const struct schema_entry *e = schema_below(*state, "rancher.services.*", &n);

	assert_true(n > 0);
	for (size_t i = 0; compose_key_name(i); i++)
		if (!schema_step(*state, "rancher.services.*", compose_key_name(i)))
			fail_msg("rancher.services.*.%s is missing", compose_key_name(i));
	for (size_t i = 0; i < n; i++) {
		if (!is_read(e[i].path + strlen("rancher.services.*.")))
			fail_msg("%s has no row in compose_key.c", e[i].path);
	}
}

static void test_find(void **state)
{
	static const char *const cases[][2] = {
		{ "hostname", "hostname" },
		{ "users.0.name", "users.[].name" },
		{ "users.bob.shell", "users.*.shell" },
		{ "rancher.network.interfaces.\"eth1.100\".mtu",
		  "rancher.network.interfaces.*.mtu" },
		{ "rancher.sysctl.\"fs.file-max\"", "rancher.sysctl.*" },
		{ "rancher.docker.log_opts.max-size", "rancher.docker.log_opts.*" },
		{ "hostnam", NULL },
		{ "rancher.", NULL },
		{ "rancher..ssh", NULL },
		{ "rancher.\"ssh.port\"", NULL },
		{ "rancher.\"ssh", NULL },
		{ "", NULL },
		{ "users.[].nme", NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct schema_entry *e = schema_find(*state, cases[i][0]);

		if (!e != !cases[i][1] || (e && strcmp(e->path, cases[i][1])))
			fail_msg("%s: %s", cases[i][0], e ? e->path : "not found");
	}
}

static void test_frequency(void **state)
{
	assert_int_equal(schema_when_root("runcmd"), SCHEMA_BOOT);
	assert_int_equal(schema_when_root("users"), SCHEMA_INSTANCE);
	assert_int_equal(schema_when_root("nonsense"), SCHEMA_BOOT);
	assert_int_equal(schema_when_of(*state, "users.0.name"), SCHEMA_INSTANCE);
	assert_int_equal(schema_when_of(*state, "rancher.ssh.port"), SCHEMA_BOOT);
	assert_string_equal(schema_when_name(SCHEMA_INSTANCE), "instance");
}

/* What modules read is in the table, and they run as often as it says. */
static void test_modules(void **state)
{
	static const enum schema_when when[] = { [MODULE_BOOT] = SCHEMA_BOOT,
						 [MODULE_INSTANCE] = SCHEMA_INSTANCE,
						 [MODULE_ONCE] = SCHEMA_ONCE };

	for (size_t i = 0; rows_all[i]; i++) {
		const struct module *m = rows_all[i];

		for (size_t k = 0; k < MODULE_KEYS && m->keys[k]; k++) {
			if (!schema_find(*state, m->keys[k]))
				fail_msg("%s reads %s, which no row knows", m->name, m->keys[k]);
			if (!strchr(m->keys[k], '.') &&
			    schema_when_root(m->keys[k]) != when[m->frequency])
				fail_msg("%s: how often %s is applied", m->name, m->keys[k]);
		}
	}
}

static size_t place_of(const struct module *m)
{
	size_t i = 0;

	while (rows_all[i] != m)
		i++;
	return i;
}

/* A disk's driver, a file system and br_netfilter's settings are there when they are asked for. */
static void test_kernel_modules_come_first(void **state)
{
	size_t modules = place_of(&module_modules);

	(void)state;
	assert_true(place_of(&module_write_files) < modules);
	assert_true(modules < place_of(&module_disk_setup));
	assert_true(modules < place_of(&module_mounts));
	assert_true(modules < place_of(&module_sysctl));
}

struct value_case {
	unsigned kind;
	const char *good, *bad; /* separated by "|" */
};

static bool fits(unsigned kind, const char *text)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct schema_row row = { .kinds = kind, .words = "one|two*", .min = -5, .max = 10 };
	const struct doc_node *n = NULL;

	assert_int_equal(doc_pool_new(&p, NULL), 0);
	assert_int_equal(doc_yaml(p, "t", text, strlen(text), &n, NULL), 0);
	return schema_value_fits(&row, n);
}

static void check_values(unsigned kind, const char *texts, bool want)
{
	char text[256];

	while (*texts) {
		size_t len = strcspn(texts, "|");

		(void)snprintf(text, sizeof(text), "%.*s", (int)len, texts);
		if (fits(kind, text) != want)
			fail_msg("kind %x: %s", kind, text);
		texts += len + (texts[len] == '|');
	}
}

static void test_values(void **state)
{
	static const struct value_case cases[] = {
		{ SCHEMA_BOOL, "true|no|On|\"yes\"|0|1|~", "y|maybe|2|[true]" },
		{ SCHEMA_INT, "0|-5|10|0x0a|\"3\"", "11|-6|1.5|x|{}" },
		{ SCHEMA_NUMBER, "1|1.5|\"0.1\"", "a|1.5.2" },
		{ SCHEMA_WORD, "one|two|twoandmore", "three|On" },
		{ SCHEMA_MODE, "644|0644|\"0644\"|4755|0o755|\"01777\"",
		  "64|999|07777777|rw|0x1ff|u+x" },
		{ SCHEMA_PORT, "22|\"65535\"|1", "0|65536|-1|ssh" },
		{ SCHEMA_IP, "192.0.2.1|2001:db8::1|fe80::1%eth0", "1.2.3|1.2.3.4/24|1.2.3.256|x" },
		{ SCHEMA_CIDR, "10.0.0.1/8|2001:db8::1/64|0.0.0.0/0",
		  "10.0.0.1|10.0.0.1/33|::1/129|10.0.0.1/|10.0.0.1/x|10.0.0.1/-1" },
		{ SCHEMA_NET, "10.0.0.0/8|10.0.0.1", "ten" },
		{ SCHEMA_MAC, "52:54:00:12:34:56|11:22:33:44:55:06|52-54-00-12-34-56",
		  "52:54:00:12:34|52:54:00:12:34:5g|52:54:00:12:34:56:78" },
		{ SCHEMA_HOST, "ntp.example.com|10.0.0.1|::1|a_b|x.",
		  "a b|-x|a..b|.a" },
		{ SCHEMA_HOSTNAME, "a|box-1.example.com|1234|a_b", "a.|-a|a-|a..b|\"a\\nb\"" },
		{ SCHEMA_USER, "alice|_x|a.b-c|www-data|machine$", "1a|a b|a:b|-x" },
		{ SCHEMA_URL, "https://x|file:///x|tftp://h:69/p",
		  "x|http://|://x|\"http://a b\"" },
		{ SCHEMA_PATH, "/|/etc/x|/a..b", "etc|~/x|/a/../b|/..|\"/a\\nb\"" },
		{ SCHEMA_BELOW, "x|x/y|/x/|x.y", "../x|x/../y|\"a b\"" },
		{ SCHEMA_DEVICE, "/dev/sda|LABEL=x|UUID=1-2|PARTLABEL=y", "sda|LABEL=|/dev/|/etc" },
		{ SCHEMA_DURATION, "10|30s|1m30s|500ms", "soon|-3s|3 weeks" },
		{ SCHEMA_SIZE, "1024|512m|2G|1.5g", "many|5x" },
		{ SCHEMA_ZONE, "UTC|Europe/Berlin|Etc/GMT+3|America/Port-au-Prince",
		  "../x|/etc|Europe/|\"a b\"" },
		{ SCHEMA_KEY, "ssh-rsa AAAA x|no-pty ssh-ed25519 AAAA|ecdsa-sha2-nistp256 AAAA",
		  "ssh-rsa|AAAA|hunter2" },
		{ SCHEMA_COMMAND, "ls|[ls, -l]|5", "{a: b}" },
		{ SCHEMA_LIST, "[]|[a]", "a|{}" },
		{ SCHEMA_MAP, "{}|{a: b}", "a|[]" },
		{ SCHEMA_TEXT, "a|1|true|2001-01-01", "[a]|{a: b}" },
		{ SCHEMA_LIST | SCHEMA_BOOL, "[a]|true", "a|{}" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		check_values(cases[i].kind, cases[i].good, true);
		check_values(cases[i].kind, cases[i].bad, false);
	}
}

static void test_near(void **state)
{
	static const char *const cases[][3] = {
		{ "", "hostnme", " (did you mean \"hostname\"?)" },
		{ "", "Runcmd", " (did you mean \"runcmd\"?)" },
		{ "", "ssh-authorised-keys", " (did you mean \"ssh_authorized_keys\"?)" },
		{ "", "sysctl", " (did you mean rancher.sysctl?)" },
		{ "rancher", "debg", " (did you mean \"debug\"?)" },
		{ "rancher", "runcmd", " (did you mean runcmd, at the left margin?)" },
		{ "", "zzzzzzzz", "" },
		{ "write_files.[]", "x", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_BUF struct buf out = { 0 };

		assert_int_equal(schema_near_key(*state, cases[i][0], cases[i][1], &out),
				 cases[i][2][0] != '\0');
		assert_string_equal(buf_text(&out), cases[i][2]);
	}
}

/* Spelling with dashes is put right before anybody reads it. */
static void test_respell(void **state)
{
	static const char text[] = "ca-certs: {remove-defaults: true}\n"
				   "users: [{name: a, ssh-authorized-keys: [k]}]\n"
				   "rancher: {sysctl: {a-b: 1}, environment: {x-y: z}}\n";
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf out = { 0 };
	const struct doc_node *n = NULL;

	assert_int_equal(doc_pool_new(&p, NULL), 0);
	assert_int_equal(doc_yaml(p, "t", text, strlen(text), &n, NULL), 0);
	n = schema_spell_right(*state, p, n);
	doc_json_write(n, &out);
	assert_string_equal(buf_text(&out),
			    "{\"ca_certs\":{\"remove_defaults\":true},\"users\":[{\"name\":\"a\","
			    "\"ssh_authorized_keys\":[\"k\"]}],\"rancher\":{\"sysctl\":{\"a-b\":1},"
			    "\"environment\":{\"x-y\":\"z\"}}}");
	assert_ptr_equal(schema_spell_right(*state, p, n), n);
}

/* A secret is not quoted, and a key cannot speak to the terminal. */
static void test_messages_are_safe(void **state)
{
	static const char text[] = "password: [hunter2]\n\"a\\eb\\n\": 1\n";
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct doc_node *n = NULL;
	const struct doc_message *m;
	size_t n_messages;

	assert_int_equal(doc_pool_new(&p, NULL), 0);
	assert_int_equal(doc_yaml(p, "t", text, strlen(text), &n, NULL), 0);
	schema_check(*state, p, n);
	m = doc_messages(p, &n_messages);
	assert_int_equal(n_messages, 2);
	assert_null(strstr(m[0].text, "hunter2"));
	assert_non_null(strstr(m[1].text, "\"a?b?\""));
}

/* Whoever has put one into the wrong place reads where, and nobody reads what. */
static void test_misplaced_secrets(void **state)
{
	static const char *const cases[] = {
		"chpasswd:\n  root:hunter2\n",
		"password: {a: hunter2}\n",
		"users: [{name: a, passwd: [hunter2]}]\n",
		"rancher: {environment: TOKEN=hunter2}\n",
		"rancher: {docker: {environment: X=hunter2}}\n",
		"rancher: {registry_auths: hunter2}\n",
		"rancher: {network: {http_proxy: [hunter2]}}\n",
		"rancher: {services: {a: {image: b, environment: 5, labels: hunter2}}}\n",
		"phone_home: \"https://u:hunter2@h/\"\n",
		"write_files: [{path: /x, source: \"https://u:hunter2@h/\"}]\n",
		"write_files: [{path: /x, source: {uri: \"hunter2@h\"}}]\n",
		"runcmd: curl -u a:hunter2 h\n",
		"runcmd: [{curl -u a: hunter2}]\n",
		"bootcmd: hunter2\n",
		"ssh_authorized_keys: [hunter2]\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(doc_pool_free) struct doc_pool *p = NULL;
		const struct doc_node *n = NULL;
		const struct doc_message *m;
		size_t n_messages;

		assert_int_equal(doc_pool_new(&p, NULL), 0);
		assert_int_equal(doc_yaml(p, "t", cases[i], strlen(cases[i]), &n, NULL), 0);
		schema_check(*state, p, n);
		m = doc_messages(p, &n_messages);
		if (n_messages == 0)
			fail_msg("nothing is said of %s", cases[i]);
		for (size_t k = 0; k < n_messages; k++)
			if (strstr(m[k].text, "hunter2"))
				fail_msg("%s", m[k].text);
	}
}

/* What is built in would be shown to every user at every log-in. */
static void test_built_in_is_silent(void **state)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(1u << 20);
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct doc_node *n = NULL;
	AUTO_CLOSE int tree = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	size_t n_messages = 1;

	assert_int_equal(doc_pool_new(&p, NULL), 0);
	assert_int_equal(file_read(tree, "os/os-config.yml", &text, NULL), 0);
	assert_int_equal(doc_yaml(p, "os-config.yml", buf_text(&text), text.len, &n, NULL), 0);
	schema_check(*state, p, n);
	(void)doc_messages(p, &n_messages);
	assert_int_equal(n_messages, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_built_in_is_silent),
		cmocka_unit_test(test_rows),      cmocka_unit_test(test_services),
		cmocka_unit_test(test_find),      cmocka_unit_test(test_frequency),
		cmocka_unit_test(test_modules),   cmocka_unit_test(test_kernel_modules_come_first),
		cmocka_unit_test(test_values),    cmocka_unit_test(test_near),
		cmocka_unit_test(test_respell),   cmocka_unit_test(test_messages_are_safe),
		cmocka_unit_test(test_misplaced_secrets),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
