/* SPDX-License-Identifier: Apache-2.0 */
/* Several entries of write_files for one file, and files that others change or write as well. */
#include "tests/unit/agentroot.h"

#include "lib/file_path.h"

static void test_paths(void **state)
{
	static const struct {
		const char *a, *b;
		bool same;
	} rows[] = {
		{ "/etc/hosts", "/etc/hosts", true },     { "//etc/./hosts", "/etc/hosts", true },
		{ "/etc/x/../hosts", "/etc/hosts", true }, { "/../etc/hosts", "/etc/hosts", true },
		{ "/etc/hosts/", "/etc/hosts", false },   { "etc/hosts", "/etc/hosts", false },
		{ "", "", false },			   { "/etc/..hosts", "/etc/hosts", false },
	};
	char longest[PATH_MAX + 1] = "/", normal[PATH_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (file_path_same(rows[i].a, rows[i].b) != rows[i].same)
			fail_msg("%s and %s", rows[i].a, rows[i].b);
	memset(longest + 1, 'a', PATH_MAX - 2);
	assert_true(file_path_normal(longest, normal));
	assert_string_equal(normal, longest);
	longest[PATH_MAX - 1] = 'a';
	assert_false(file_path_normal(longest, normal));
}

/* However its path is written, an entry is one for the file that the machine renders. */
static void test_paths_of_rendered_files(void **state)
{
	struct agentroot *f = *state;

	agentroot_apply(f, "write_files:\n"
			   "- {path: //etc/hosts, content: \"10.0.0.5 a\\n\", append: true}\n"
			   "- {path: /etc/./chrony/chrony.conf, content: \"mine\\n\"}\n"
			   "- {path: /etc/resolv.conf, content: \"options a\\n\", append: true}\n"
			   "- {path: /opt/a, content: \"a\\n\"}\n"
			   "- {path: /opt/./a, content: \"b\\n\", append: true}\n");
	agentroot_silent(f);
	agentroot_has(f, "/etc/hosts", "localhost");
	agentroot_has(f, "/etc/hosts", "\n10.0.0.5 a\n");
	agentroot_text(f, "/etc/chrony/chrony.conf", "mine\n");
	agentroot_text(f, "/opt/a", "a\nb\n");
	agentroot_idempotent(f);
}

/* What an addition says of mode and owner counts as if it were written for itself. */
static void test_attributes(void **state)
{
	struct agentroot *f = *state;

	agentroot_put(f, "/etc/passwd", "root:x:0:0::/root:\nwww-data:x:33:33::/:\n");
	agentroot_put(f, "/etc/group", "root:x:0:\nwww-data:x:33:\n");
	agentroot_apply(f, "write_files:\n"
			   "- {path: /etc/app.env, content: \"A=1\\n\"}\n"
			   "- {path: /etc/app.env, append: true, permissions: '0600', "
			   "owner: \"www-data:www-data\", content: \"PASSWORD=secret\\n\"}\n"
			   "- {path: /etc/app.env, append: true, content: \"B=2\\n\"}\n");
	agentroot_silent(f);
	agentroot_text(f, "/etc/app.env", "A=1\nPASSWORD=secret\nB=2\n");
	agentroot_mode(f, "/etc/app.env", 0600);
	if (geteuid() == 0) {
		assert_int_equal(agentroot_stat(f, "/etc/app.env").st_uid, 33);
		assert_int_equal(agentroot_stat(f, "/etc/app.env").st_gid, 33);
	}
	agentroot_idempotent(f);
}

/* An addition with an owner that is not there costs itself. */
static void test_owner_of_nobody(void **state)
{
	struct agentroot *f = *state;

	agentroot_put(f, "/etc/passwd", "root:x:0:0::/root:\n");
	agentroot_put(f, "/etc/group", "root:x:0:\n");
	agentroot_apply(f, "write_files:\n- {path: /etc/app, content: \"a\\n\"}\n"
			   "- {path: /etc/app, append: true, owner: nosuch, content: b}\n"
			   "- {path: /etc/app, append: true, content: \"c\\n\"}\n");
	agentroot_said(f, "/etc/app: there is no user nosuch");
	for (int boot = 1; boot <= 2; boot++) {
		agentroot_text(f, "/etc/app", "a\nc\n");
		agentroot_again(f);
	}
}

static void test_content_that_is_no_text(void **state)
{
	struct agentroot *f = *state;

	agentroot_put(f, "/etc/daemon.json", "{}\n");
	agentroot_apply(f, "write_files:\n"
			   "- {path: /etc/daemon.json, content: {log-driver: json-file}}\n"
			   "- {path: /etc/hosts, content: [a, b]}\n"
			   "- {path: /opt/secret, content: a, permissions: ['0600']}\n");
	agentroot_text(f, "/etc/daemon.json", "{}\n");
	agentroot_has(f, "/etc/hosts", "localhost");
	assert_false(file_exists(f->root, "/opt/secret"));
	assert_string_equal(agentroot_result(f, "write_files"), "failed");
}

static void test_equal_additions(void **state)
{
	static const char yaml[] = "write_files:\n"
				   "- {path: /etc/log, append: true, content: one}\n"
				   "- {path: /etc/log, append: true, content: \"\\n\"}\n"
				   "- {path: /etc/log, append: true, content: two}\n"
				   "- {path: /etc/log, append: true, content: \"\\n\"}\n"
				   "- {path: /etc/abc, append: true, content: \"a\\n\"}\n"
				   "- {path: /etc/abc, append: true, content: \"b\\n\"}\n"
				   "- {path: /etc/abc, append: true, content: \"a\\n\"}\n";
	struct agentroot *f = *state;

	agentroot_apply(f, yaml);
	agentroot_text(f, "/etc/log", "one\ntwo\n");
	agentroot_text(f, "/etc/abc", "a\nb\na\n");
	agentroot_idempotent(f);
	/* The power fails before the last one's file is on the disk. */
	agentroot_put(f, "/etc/abc", "a\nb\n");
	agentroot_again(f);
	agentroot_text(f, "/etc/abc", "a\nb\na\n");
}

/* Somebody changes a line of what was added: the rest says that it was. */
static void test_changed_since(void **state)
{
	static const char yaml[] =
		"write_files: [{path: /etc/profile, append: true, "
		"content: \"A=1\\nif x; then\\n\\tB=2\\nfi\\n\"}]\n";
	struct agentroot *f = *state;

	agentroot_put(f, "/etc/profile", "if a; then\n\tb\nfi\n");
	agentroot_apply(f, yaml);
	agentroot_put(f, "/etc/profile", "if a; then\n\tb\nfi\nA=1\nif x; then\n\tB=3\nfi\n");
	agentroot_again(f);
	agentroot_text(f, "/etc/profile", "if a; then\n\tb\nfi\nA=1\nif x; then\n\tB=3\nfi\n");
	/* Made anew by a newer system, with a line that any such file has. */
	agentroot_put(f, "/etc/profile", "if c; then\n\td\nfi\n");
	agentroot_again(f);
	agentroot_text(f, "/etc/profile",
		       "if c; then\n\td\nfi\nA=1\nif x; then\n\tB=2\nfi\n");
	agentroot_idempotent(f);
}

/* Other modules change lines of it at every boot. */
static void test_changed_by_modules(void **state)
{
	struct agentroot *f = *state;
	AUTO_BUF struct buf keys = { 0 }, hosts = { 0 }, now = { 0 };

	agentroot_put(f, "/etc/hosts", "127.0.0.1 localhost\n");
	agentroot_apply(f, "hostname: box\nmanage_etc_hosts: localhost\n"
			   "ssh_authorized_keys: [ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA me]\n"
			   "write_files:\n"
			   "- path: /home/rancher/.ssh/authorized_keys\n"
			   "  append: true\n"
			   "  content: |\n"
			   "    ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA laptop\n"
			   "    ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB second\n"
			   "- {path: /etc/hosts, append: true, "
			   "content: \"127.0.1.1 extra.name\\n10.0.0.1 db\\n\"}\n");
	agentroot_read(f, "/home/rancher/.ssh/authorized_keys", &keys);
	agentroot_read(f, "/etc/hosts", &hosts);
	for (int boot = 2; boot <= 4; boot++) {
		agentroot_again(f);
		agentroot_text(f, "/home/rancher/.ssh/authorized_keys", buf_text(&keys));
		agentroot_text(f, "/etc/hosts", buf_text(&hosts));
	}
}

/* What waits for its user keeps the entries behind it waiting, too. */
static void test_order_of_deferred(void **state)
{
	struct agentroot *f = *state;

	agentroot_apply(f, "users: [default, {name: app}]\nwrite_files:\n"
			   "- {path: /srv/conf.yml, owner: \"app:app\", content: \"a: 1\\n\"}\n"
			   "- {path: /srv//conf.yml, append: true, content: \"b: 2\\n\"}\n"
			   "- {path: /srv/two, owner: app, content: first}\n"
			   "- {path: /srv/two, content: second}\n"
			   "- {path: /srv/three, content: third}\n");
	agentroot_silent(f);
	for (int boot = 1; boot <= 2; boot++) {
		agentroot_text(f, "/srv/conf.yml", "a: 1\nb: 2\n");
		agentroot_text(f, "/srv/two", "second");
		agentroot_text(f, "/srv/three", "third");
		agentroot_again(f);
	}
}

/* Users and groups of the system's image are there before all else, whoever names them. */
static void test_users_of_the_image(void **state)
{
	struct agentroot *f = *state;

	agentroot_put(f, "/usr/etc/passwd", "root:x:0:0::/root:\nwww-data:x:33:33::/:\n");
	agentroot_put(f, "/usr/etc/group", "root:x:0:\nwww-data:x:33:\n");
	agentroot_put(f, "/usr/etc/shadow", "root:*:::::::\nwww-data:*:::::::\n");
	agentroot_put(f, "/usr/etc/gshadow", "root:*::\nwww-data:*::\n");
	agentroot_put(f, "/etc/passwd", "root:x:0:0::/root:\nwww-data:x:33:33::/:\n");
	agentroot_put(f, "/etc/group", "root:x:0:\nwww-data:x:33:\n");
	agentroot_apply(f, "users: [{name: root}, {name: www-data}]\ngroups: [www-data]\n"
			   "write_files:\n- {path: /etc/a, content: a}\n"
			   "- {path: /etc/b, content: b, owner: \"www-data:www-data\"}\n");
	agentroot_text(f, "/etc/b", "b");
	assert_string_equal(agentroot_result(f, "write_files"), "changed");
	assert_string_equal(agentroot_result(f, "write_files_deferred"), "skipped");
}

#define BUNDLE "/etc/ssl/certs/ca-certificates.crt"
#define MODULES                                                              \
	"ca_certs: {remove_defaults: true}\nlocale: de_DE.UTF-8\n"           \
	"timezone: Europe/Berlin\nwrite_files:\n"

/* What is added to a file that a module makes stands behind that, at every boot. */
static void test_additions_to_files_of_modules(void **state)
{
	struct agentroot *f = *state;

	agentroot_put(f, "/usr/etc/ssl/certs/ca-certificates.crt", "the image's\n");
	agentroot_put(f, BUNDLE, "the image's\n");
	agentroot_apply(f, MODULES
			"- {path: " BUNDLE ", append: true, content: \"a CA\\n\"}\n"
			"- {path: /etc/default/locale, append: true, content: \"LC_X=C\\n\"}\n");
	agentroot_silent(f);
	for (int boot = 1; boot <= 3; boot++) {
		agentroot_text(f, BUNDLE, "# ca_certs of the cloud-config:\na CA\n");
		agentroot_text(f, "/etc/default/locale", "LANG=de_DE.UTF-8\nLC_X=C\n");
		agentroot_idempotent(f);
	}
	/* The module's part goes, the addition stays. */
	agentroot_apply(f, "write_files:\n"
			   "- {path: " BUNDLE ", append: true, content: \"a CA\\n\"}\n");
	agentroot_text(f, BUNDLE, "the image's\na CA\n");
	agentroot_idempotent(f);
}

/* A whole file is the user's, at the first boot as at any other. */
static void test_files_of_modules(void **state)
{
	static const char *const paths[] = { BUNDLE, "/etc/default/locale", "/etc/timezone",
					     "/etc/localtime" };
	struct agentroot *f = *state;
	AUTO_BUF struct buf yaml = { 0 };

	buf_str(&yaml, MODULES);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		buf_fmt(&yaml, "- {path: /.%s, content: mine}\n", paths[i]);
	agentroot_put(f, "/usr/etc/ssl/certs/ca-certificates.crt", "the image's\n");
	agentroot_apply(f, buf_text(&yaml));
	agentroot_silent(f);
	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		agentroot_text(f, paths[i], "mine");
	assert_true(S_ISREG(agentroot_stat(f, "/etc/localtime").st_mode));
	assert_string_equal(agentroot_result(f, "locale"), "skipped");
	agentroot_idempotent(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		agentroot_test(test_paths),
		agentroot_test(test_paths_of_rendered_files),
		agentroot_test(test_attributes),
		agentroot_test(test_owner_of_nobody),
		agentroot_test(test_content_that_is_no_text),
		agentroot_test(test_equal_additions),
		agentroot_test(test_changed_since),
		agentroot_test(test_changed_by_modules),
		agentroot_test(test_order_of_deferred),
		agentroot_test(test_users_of_the_image),
		agentroot_test(test_additions_to_files_of_modules),
		agentroot_test(test_files_of_modules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
