/* SPDX-License-Identifier: Apache-2.0 */
/* The shipped templates: what the defaults give, what a configuration gives, and that programs
 * accept it. */
#include "tests/unit/check.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "agent/apply/view.h"
#include "agent/modules/userspec.h"
#include "agent/userdata/instance.h"
#include "lib/file.h"
#include "lib/proc.h"
#include "lib/scope.h"
#include "templates/target.h"
#include "templates/template.h"

static const struct target *find(const char *name)
{
	for (size_t i = 0; i < target_n; i++)
		if (!strcmp(target_all[i].name, name))
			return &target_all[i];
	fail_msg("no target %s", name);
	return NULL;
}

/* A target's text for a configuration; returns template_render's code. */
static int render(const struct target *t, const char *yaml, struct buf *out, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_CLOSE int root = -1;
	const struct doc_node *config = NULL;
	struct instance none = { 0 };

	assert_ok(file_root_open(s.path, &root, err), err);
	assert_ok(doc_pool_new(&p, err), err);
	assert_ok(doc_yaml(p, "config", yaml, strlen(yaml), &config, err), err);
	buf_reset(out);
	return template_render(t->source, t->text, view_make(root, p, config, &none), out, err);
}

static void test_defaults(void **state)
{
	(void)state;
	for (size_t i = 0; i < target_n; i++) {
		AUTO_BUF struct buf out = { 0 };
		struct error err = { 0 };

		if (target_all[i].only_if)
			continue;
		assert_ok(render(&target_all[i], "{}", &out, &err), &err);
		assert_true(out.len > 0);
		assert_int_equal(out.data[out.len - 1], '\n');
		assert_null(strstr(out.data, "{%"));
		assert_null(strstr(out.data, "{{"));
	}
}

struct expect {
	const char *target, *yaml, *has, *has_not;
};

static const struct expect expects[] = {
	{ "etc_hostname", "hostname: a.b", "a.b\n", NULL },
	{ "etc_hosts", "hostname: a", "\n127.0.1.1 a\n::1", NULL },
	{ "etc_hosts", "hostname: a.b", "\n127.0.1.1 a.b a\n", NULL },
	{ "resolv_conf",
	  "rancher: {network: {dns: {nameservers: [1.1.1.1, 9.9.9.9], search: [a.b, c]}}}",
	  "search a.b c\nnameserver 1.1.1.1\nnameserver 9.9.9.9\n", NULL },
	{ "sshd", "{}", "#", "Port" },
	{ "sshd", "rancher: {ssh: {port: 2222, listen_address: 10.0.0.2}}",
	  "\nPort 2222\nListenAddress 10.0.0.2\n", "Password" },
	{ "sshd", "rancher: {password: x}", "\nPasswordAuthentication yes\n", NULL },
	{ "sshd", "rancher: {password: x, disable: [password]}", "#", "PasswordAuthentication" },
	{ "chrony", "{}", "\npool 2.debian.pool.ntp.org iburst\n", NULL },
	{ "chrony", "ntp: {servers: [10.0.0.1], pools: [x.y]}",
	  "\nserver 10.0.0.1 iburst\npool x.y iburst\n", "debian" },
	{ "rsyslog", "{}", "/var/log/syslog", NULL },
	{ "docker", "{}", "\"live-restore\": true", NULL },
};

static void test_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(expects); i++) {
		const struct expect *e = &expects[i];
		AUTO_BUF struct buf out = { 0 };
		struct error err = { 0 };

		assert_ok(render(find(e->target), e->yaml, &out, &err), &err);
		if (!strstr(buf_text(&out), e->has) ||
		    (e->has_not && strstr(buf_text(&out), e->has_not)))
			fail_msg("%s: %s:\n%s", e->target, e->yaml, buf_text(&out));
	}
}

/* As many users as there can be, and root, are let in. */
static void test_many_users(void **state)
{
	AUTO_BUF struct buf yaml = { 0 }, line = { 0 }, out = { 0 };
	struct error err = { 0 };

	(void)state;
	buf_str(&yaml, "disable_root: false\nusers:\n");
	buf_str(&line, "\nAllowGroups");
	for (int i = 1; i <= USERSPEC_MAX; i++) {
		buf_fmt(&yaml, "- name: u%d\n", i);
		buf_fmt(&line, " u%d", i);
	}
	buf_str(&line, " root\n");
	assert_ok(render(find("sshd"), buf_text(&yaml), &out, &err), &err);
	assert_non_null(strstr(buf_text(&out), buf_text(&line)));
}

/* A value that tries to add a directive makes the rendering fail, nothing less. */
static void test_injection(void **state)
{
	static const struct expect bad[] = {
		{ "sshd", "rancher: {ssh: {port: \"22\\nPermitRootLogin yes\"}}", NULL, NULL },
		{ "sshd", "rancher: {ssh: {listen_address: '\"'}}", NULL, NULL },
		{ "chrony", "ntp: {servers: [\"x\\nallow\"]}", NULL, NULL },
		{ "chrony", "ntp: {pools: [{a: b}]}", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		AUTO_BUF struct buf out = { 0 };
		struct error err = { 0 };

		if (render(find(bad[i].target), bad[i].yaml, &out, &err) != -EBADMSG)
			fail_msg("%s:\n%s", bad[i].yaml, buf_text(&out));
	}
}

/* A bad name server or domain never comes as far as a file. */
static void test_bad_dns(void **state)
{
	AUTO_BUF struct buf out = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_ok(render(find("resolv_conf"),
			 "rancher: {network: {dns: {nameservers: "
			 "[\"1.1.1.1\\nnameserver 6.6.6.6\", 9.9.9.9], "
			 "search: [\"a\\nnameserver 6.6.6.6\", b]}}}",
			 &out, &err),
		  &err);
	assert_non_null(strstr(buf_text(&out), "nameserver 9.9.9.9\n"));
	assert_null(strstr(buf_text(&out), "\nnameserver 6.6.6.6"));
	assert_null(strstr(buf_text(&out), "1.1.1.1"));
}

/* A bad host name never comes as far as a file. */
static void test_bad_hostname(void **state)
{
	AUTO_BUF struct buf out = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_ok(render(find("etc_hosts"), "hostname: \"a\\n1.2.3.4 bank\"", &out, &err), &err);
	assert_null(strstr(buf_text(&out), "bank"));
}

static void test_docker_is_json(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf out = { 0 };
	const struct doc_node *n = NULL;
	struct error err = { 0 };

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	assert_ok(render(find("docker"), "{}", &out, &err), &err);
	assert_ok(doc_json_parse(p, "daemon.json", buf_text(&out), out.len, &n, &err), &err);
	assert_string_equal(doc_str(n, "cgroup-parent", ""), "/user");
}

#define IMAGE_USR "build/work-cloud/sysroot/usr"

/* The image's own programs, in a root of their own around its /usr. */
static int run_in_image(const char *root, const char *const *check, struct error *err)
{
	static const char script[] =
		"root=$1 usr=$2 etc=$3; shift 3; cp -r $etc $root/\n"
		"mkdir -p $root/usr $root/dev $root/run $root/var/lib/rsyslog $root/var/log\n"
		"mount --bind $usr $root/usr; ln -s usr/bin usr/sbin usr/lib usr/lib64 $root/\n"
		"for f in null urandom; do\n"
		"	: >$root/dev/$f; mount --bind /dev/$f $root/dev/$f\n"
		"done\n"
		"exec chroot $root \"$@\"\n";
	char usr[PATH_MAX], etc[PATH_MAX];
	const char *argv[20] = { "/usr/bin/unshare", "--mount", "--propagation", "private",
				 "sh",		     "-euc",	script,		 "check",
				 root,		     usr,	etc };
	size_t n = 11;

	assert_non_null(realpath(IMAGE_USR, usr));
	assert_non_null(realpath("os/etc", etc));
	for (size_t i = 0; check[i] && n < ARRAY_LEN(argv) - 1; i++)
		argv[n++] = strcmp(check[i], TARGET_CANDIDATE) ? check[i] : "/candidate";
	return proc_run(argv, NULL, 20000, NULL, err);
}

/* What the defaults give is not checked again on a machine: it is checked here. */
static void test_programs_accept(void **state)
{
	static const char *const configs[] = {
		"{}",
		"{ntp: {servers: [10.0.0.1]}, rancher: {password: x, ssh: {port: 22, "
		"listen_address: '::'}}}",
	};

	(void)state;
	if (geteuid() != 0 || access(IMAGE_USR "/sbin/sshd", X_OK) < 0)
		skip(); /* without root, or before the image is made */
	for (size_t i = 0; i < target_n; i++) {
		const struct target *t = &target_all[i];

		for (size_t c = 0; t->check && c < ARRAY_LEN(configs); c++) {
			struct file_attr attr = { .mode = 0600 };
			AUTO_SCRATCH struct scratch s = scratch_make();
			AUTO_BUF struct buf out = { 0 };
			struct error err = { 0 };
			char path[128];

			(void)snprintf(path, sizeof(path), "%s/candidate", s.path);
			assert_ok(render(t, configs[c], &out, &err), &err);
			assert_ok(
				file_publish(FILE_ROOT, path, out.data, out.len, &attr, NULL, &err),
				&err);
			assert_ok(run_in_image(s.path, t->check, &err), &err);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_many_users),
		cmocka_unit_test(test_injection),
		cmocka_unit_test(test_bad_dns),
		cmocka_unit_test(test_bad_hostname),
		cmocka_unit_test(test_docker_is_json),
		cmocka_unit_test(test_programs_accept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
