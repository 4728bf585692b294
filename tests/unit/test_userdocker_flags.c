/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/userdocker/userdocker_flags.h"

#include "tests/unit/check.h"

struct fixture {
	struct doc_pool *p;
	const struct doc_node *config;
	struct userdocker_extra extra;
};

static void begin(struct fixture *f)
{
	struct error err = { 0 };

	*f = (struct fixture){ 0 };
	assert_ok(doc_pool_new(&f->p, &err), &err);
}

static void json_is(struct fixture *f, const char *expected)
{
	AUTO_BUF struct buf out = { 0 };

	doc_json_write(f->config, &out);
	assert_string_equal(buf_text(&out), expected);
}

static size_t n_messages(const struct fixture *f)
{
	size_t n;

	(void)doc_messages(f->p, &n);
	return n;
}

#define ADD(f, ...)                                                                       \
	do {                                                                              \
		const char *const words[] = { __VA_ARGS__ };                              \
		userdocker_flags_add((f)->p, &(f)->config, words, ARRAY_LEN(words), &(f)->extra); \
	} while (0)

static void every_form_of_a_flag(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	ADD(&f, "-H", "tcp://0.0.0.0:2376", "--host=unix:///x", "-Hfd://", "-H=a");
	ADD(&f, "-D", "--ipv6=false", "--mtu", "1400", "-s", "btrfs", "--log-opt", "max-size=5m",
	    "--log-opt=a.b=c=d");
	json_is(&f,
		"{\"hosts\":[\"tcp://0.0.0.0:2376\",\"unix:///x\",\"fd://\",\"a\"],\"debug\":true,"
		"\"ipv6\":false,\"mtu\":1400,\"storage-driver\":\"btrfs\","
		"\"log-opts\":{\"max-size\":\"5m\",\"a.b\":\"c=d\"}}");
	assert_int_equal(n_messages(&f), 0);
	doc_pool_free(f.p);
}

static void renamed_and_nested_keys(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	ADD(&f, "--insecure-registry", "r:5000", "--registry-mirror=https://m", "-g", "/data",
	    "--http-proxy=http://p:1", "--label", "a=b");
	json_is(&f, "{\"insecure-registries\":[\"r:5000\"],\"registry-mirrors\":[\"https://m\"],"
		    "\"data-root\":\"/data\",\"proxies\":{\"http-proxy\":\"http://"
		    "p:1\"},\"labels\":[\"a=b\"]}");
	doc_pool_free(f.p);
}

static void what_the_file_cannot_say_stays_a_flag(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	ADD(&f, "--default-ulimit", "nofile=1:2", "--dns", "1.1.1.1");
	assert_int_equal(f.extra.n, 1);
	assert_string_equal(f.extra.argv[0], "--default-ulimit=nofile=1:2");
	json_is(&f, "{\"dns\":[\"1.1.1.1\"]}");
	for (int i = 0; i < USERDOCKER_EXTRA_MAX + 5; i++)
		ADD(&f, "--default-ulimit=x");
	assert_int_equal(f.extra.n, USERDOCKER_EXTRA_MAX);
	assert_int_equal(n_messages(&f), 1); /* the same one, once */
	doc_pool_free(f.p);
}

static void mistakes_are_told_and_stop_nothing(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	ADD(&f, "--no-such-flag", "--mtu=fast", "word", "-", "--debug", "--bip");
	assert_int_equal(n_messages(&f), 5);
	json_is(&f, "{\"debug\":true}");
	doc_pool_free(f.p);
}

static void options_of_docker_machine(void **state)
{
	static const char file[] =
		"# made by a tool\n"
		"NOT_DOCKER_OPTS='--debug'\n"
		"DOCKER_OPTS='\n-H tcp://0.0.0.0:2376\n-H unix:///var/run/docker.sock\n"
		"--storage-driver overlay\n--label \"provider=a b\"\n'\n"
		"DOCKER_TLS=auto\n";
	const char *words[16];
	struct fixture f;
	size_t n;

	(void)state;
	begin(&f);
	n = userdocker_flags_from_file(f.p, file, words, ARRAY_LEN(words));
	assert_int_equal(n, 8);
	assert_string_equal(words[1], "tcp://0.0.0.0:2376");
	assert_string_equal(words[7], "provider=a b");
	assert_int_equal(userdocker_flags_from_file(f.p, file, words, 3), 3);
	assert_int_equal(
		userdocker_flags_from_file(f.p, "  export DOCKER_OPTS=--debug # x\n", words, 16),
		1);
	assert_string_equal(words[0], "--debug");
	assert_int_equal(userdocker_flags_from_file(f.p, "X_DOCKER_OPTS=--debug\n", words, 16), 0);
	assert_int_equal(userdocker_flags_from_file(f.p, "DOCKER_OPTS=\"--debug", words, 16), 1);
	assert_int_equal(userdocker_flags_from_file(f.p, "DOCKER_OPTS=", words, 16), 0);
	doc_pool_free(f.p);
}

static void keys_of_the_configuration_replace(void **state)
{
	struct fixture f;
	const struct doc_node *value = NULL;
	struct error err = { 0 };

	(void)state;
	begin(&f);
	ADD(&f, "-H", "a");
	assert_ok(doc_yaml(f.p, "t", "[b, c]", 6, &value, &err), &err);
	assert_true(userdocker_flags_set(f.p, &f.config, userdocker_flags_find("host"), value));
	json_is(&f, "{\"hosts\":[\"b\",\"c\"]}");
	/* One word where a list is wanted is a list of one. */
	assert_ok(doc_yaml(f.p, "t", "m", 1, &value, &err), &err);
	assert_true(userdocker_flags_set(f.p, &f.config, userdocker_flags_find("registry-mirror"),
					 value));
	assert_false(userdocker_flags_set(f.p, &f.config, userdocker_flags_find("log-opt"), value));
	assert_ok(doc_yaml(f.p, "t", "{a: b}", 6, &value, &err), &err);
	assert_false(userdocker_flags_set(f.p, &f.config, userdocker_flags_find("bip"), value));
	json_is(&f, "{\"hosts\":[\"b\",\"c\"],\"registry-mirrors\":[\"m\"]}");
	doc_pool_free(f.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_form_of_a_flag),
		cmocka_unit_test(renamed_and_nested_keys),
		cmocka_unit_test(what_the_file_cannot_say_stays_a_flag),
		cmocka_unit_test(mistakes_are_told_and_stop_nothing),
		cmocka_unit_test(options_of_docker_machine),
		cmocka_unit_test(keys_of_the_configuration_replace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
