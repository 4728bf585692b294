/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/userdocker/userdocker_config.h"

#include <fcntl.h>

#include "agent/config/config.h"
#include "lib/file.h"
#include "lib/scope.h"
#include "tests/unit/check.h"
#include "tests/unit/scratch.h"

static const struct doc_node *yaml(struct doc_pool *p, const char *text)
{
	const struct doc_node *n = NULL;
	struct error err = { 0 };

	assert_ok(doc_yaml(p, "test", text, strlen(text), &n, &err), &err);
	return n;
}

static struct doc_pool *new_pool(void)
{
	struct doc_pool *p = NULL;
	struct error err = { 0 };

	assert_ok(doc_pool_new(&p, &err), &err);
	return p;
}

static size_t n_messages(const struct doc_pool *p)
{
	size_t n;

	(void)doc_messages(p, &n);
	return n;
}

static void defaults_name_what_matters(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = new_pool();
	struct userdocker_config c;

	(void)state;
	userdocker_config_merge(p, &(struct userdocker_input){ 0 }, &c);
	assert_true(doc_bool(c.daemon, "live-restore", false));
	assert_string_equal(doc_str(c.daemon, "storage-driver", ""), "overlay2");
	assert_string_equal(doc_str(c.daemon, "cgroup-parent", ""), "/user");
	assert_int_equal(doc_at(c.daemon, "hosts")->len, 1);
	assert_int_equal(c.extra.n, 0);
	assert_int_equal(n_messages(p), 0);
}

static void later_sources_win(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = new_pool();
	struct userdocker_config c;
	const struct userdocker_input in = {
		.own = yaml(p,
			    "{mtu: 1400, log-driver: local, hosts: [unix:///own], labels: [file]}"),
		.docker = yaml(p, "{log_driver: syslog, log_opts: {max-size: 1m}, registry_mirror: "
				  "'https://m',"
				  " extra_args: ['--mtu=1300', '--dns 8.8.8.8', --label, extra],"
				  " environment: [A=b], engine: docker-28, debug: true}"),
		.opts = "DOCKER_OPTS='--mtu 1200 -H tcp://x'\n",
	};

	(void)state;
	userdocker_config_merge(p, &in, &c);
	assert_int_equal(doc_int(c.daemon, "mtu", 0), 1200);
	assert_string_equal(doc_str(c.daemon, "log-driver", ""), "syslog");
	assert_string_equal(doc_str(c.daemon, "log-opts.max-size", ""), "1m");
	assert_string_equal(doc_str(c.daemon, "log-opts.max-file", ""), "2");
	assert_int_equal(doc_at(c.daemon, "hosts")->len, 2);
	assert_string_equal(doc_at(c.daemon, "hosts")->items[1]->text, "tcp://x");
	assert_string_equal(doc_at(c.daemon, "dns")->items[0]->text, "8.8.8.8");
	assert_int_equal(doc_at(c.daemon, "labels")->len, 2);
	assert_true(doc_bool(c.daemon, "debug", false));
	assert_null(doc_at(c.daemon, "engine"));
	assert_string_equal(c.environment->items[0]->text, "A=b");
	assert_int_equal(n_messages(p), 0);
}

static void tls_port_opens_only_with_certificates(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = new_pool();
	struct userdocker_config c;
	struct userdocker_input in = {
		.docker = yaml(
			p,
			"{tls: true, tls_args: [--tlsverify, '--tlskey=/k', '-H=0.0.0.0:2376']}"),
	};
	size_t n;

	(void)state;
	userdocker_config_merge(p, &in, &c);
	assert_int_equal(doc_at(c.daemon, "hosts")->len, 1);
	assert_int_equal(n_messages(p), 1);
	assert_non_null(strstr(doc_messages(p, &n)[0].text, "set rancher.docker.ca_cert"));
	in.tls_ready = true;
	userdocker_config_merge(p, &in, &c);
	assert_int_equal(doc_at(c.daemon, "hosts")->len, 2);
	assert_true(doc_bool(c.daemon, "tlsverify", false));
	assert_string_equal(doc_str(c.daemon, "tlskey", ""), "/k");
}

static void drivers_that_are_gone_are_replaced(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = new_pool();
	struct userdocker_config c;

	(void)state;
	userdocker_config_merge(p, &(struct userdocker_input){
		.docker = yaml(p, "{storage_driver: overlay}") }, &c);
	assert_string_equal(doc_str(c.daemon, "storage-driver", ""), "overlay2");
	assert_int_equal(n_messages(p), 1);
	userdocker_config_merge(p, &(struct userdocker_input){
		.docker = yaml(p, "{storage_driver: zfs}") }, &c);
	assert_string_equal(doc_str(c.daemon, "storage-driver", ""), "zfs");
}

static void nothing_is_named_twice(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = new_pool();
	struct userdocker_config c;

	(void)state;
	userdocker_config_merge(p, &(struct userdocker_input){
		.own = yaml(p, "{default-ulimits: {nofile: {Name: nofile, Hard: 1, Soft: 1}}}"),
		.docker = yaml(p, "{extra_args: [--default-ulimit, 'nofile=2:2']}") }, &c);
	assert_int_equal(c.extra.n, 1);
	assert_null(doc_key(c.daemon, "default-ulimits"));
}

static void mistakes_are_told_with_their_place(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = new_pool();
	struct userdocker_config c;
	const struct doc_message *m;
	size_t n;

	(void)state;
	userdocker_config_merge(p, &(struct userdocker_input){
		.docker = yaml(p, "nonsense: 1\nbip: [a]\n") }, &c);
	m = doc_messages(p, &n);
	assert_int_equal(n, 2);
	assert_int_equal(m[0].origin.line, 1);
	assert_false(m[0].is_error);
	assert_int_equal(m[1].origin.line, 2);
	assert_true(m[1].is_error);
}

static void write_file(int root, const char *path, const char *text)
{
	const struct file_attr attr = { .mode = 0644, .uid = geteuid(), .gid = getegid() };
	struct error err = { 0 };

	assert_ok(file_publish(root, path, text, strlen(text), &attr, NULL, &err), &err);
}

static void files_of_the_machine(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_CLOSE int root = open(s.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO(doc_pool_free) struct doc_pool *p = new_pool();
	struct userdocker_config c;
	struct error err = { 0 };

	(void)state;
	write_file(root, CONFIG_OS,
		   "rancher: {docker: {host: [built-in], log_opts: {max-file: 3, max-size: 1m}}}");
	write_file(root, CONFIG_OWN,
		   "rancher: {docker: {data_root: /d, tls: true, server_cert: C, server_key: K, "
		   "ca_cert: A,"
		   " tls_args: [-H=tcp://:1], log_opts: {max-size: 2m}}}");
	write_file(root, "/etc/docker/daemon.json", "{\"mtu\": 1400,}");
	write_file(root, "/d/swarm/docker-state.json", "{}");
	assert_ok(userdocker_config_load(root, p, &c, &err), &err);
	/* The file that does not parse is left out and told. */
	assert_null(doc_at(c.daemon, "mtu"));
	assert_int_equal(n_messages(p), 1);
	/* A swarm's node runs without live-restore. */
	assert_false(doc_bool(c.daemon, "live-restore", true));
	assert_int_equal(doc_at(c.daemon, "hosts")->len, 2);
	assert_true(file_exists(root, USERDOCKER_TLS_DIR "/server-key.pem"));
	/* The owner's file wins over what is built in, and loses against the owner's
	 * other words. */
	write_file(root, "/etc/docker/daemon.json",
		   "{\"hosts\":[\"own\"],\"log-opts\":{\"max-file\":\"9\",\"max-size\":\"9m\"}}");
	assert_ok(userdocker_config_load(root, p, &c, &err), &err);
	assert_string_equal(doc_at(c.daemon, "hosts")->items[0]->text, "own");
	assert_string_equal(doc_str(c.daemon, "log-opts.max-file", ""), "9");
	assert_string_equal(doc_str(c.daemon, "log-opts.max-size", ""), "2m");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_name_what_matters),
		cmocka_unit_test(later_sources_win),
		cmocka_unit_test(tls_port_opens_only_with_certificates),
		cmocka_unit_test(drivers_that_are_gone_are_replaced),
		cmocka_unit_test(nothing_is_named_twice),
		cmocka_unit_test(mistakes_are_told_with_their_place),
		cmocka_unit_test(files_of_the_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
