/* SPDX-License-Identifier: Apache-2.0 */
/* users, groups, chpasswd, sudo and the users' SSH keys, as they end up in a root. */
#include "tests/unit/agentusers.h"

#define OTHER "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIHVWaoROzkEO7Y/wb0S+7lqnmm5EQ2pmdX0p8L9aBcE b"

#include "lib/file_remove.h"

static void test_users(void **state)
{
	struct agentroot *f = *state;

	agentroot_apply(
		f, "groups: [staff2, {team: [bob, rancher]}]\n"
		   "users:\n- default\n"
		   "- {name: bob, gecos: Bob B, uid: 2000, groups: [docker, team], passwd: '" HASH
		   "', lock_passwd: false, sudo: 'ALL=(ALL) NOPASSWD:ALL', shell: /bin/sh, "
		   "ssh_authorized_keys: ['" KEY "']}\n"
		   "- {name: sys, system: true, homedir: /srv/sys}\n"
		   "- {name: eve, primary_group: team, groups: 'adm, video', expiredate: "
		   "'2030-01-02', inactive: '5', no_create_home: true}\n");
	agentroot_silent(f);
	assert_string_equal(agentroot_result(f, "users"), "changed");
	agentroot_has(f, "/etc/passwd", "\nbob:x:2000:2000:Bob B:/home/bob:/bin/sh\n");
	agentroot_has(f, "/etc/passwd", "\nsys:x:999:999::/srv/sys:/bin/bash\n");
	agentroot_has(f, "/etc/passwd", "\neve:x:1002:1001::/home/eve:/bin/bash\n");
	agentroot_has(f, "/etc/group", "\nstaff2:x:1000:\n");
	agentroot_has(f, "/etc/group", "\nteam:x:1001:bob,rancher\n");
	agentroot_has(f, "/etc/group", "\ndocker:x:1101:rancher,docker,bob\n");
	agentroot_has(f, "/etc/group", "\nbob:x:2000:\n");
	agentroot_has(f, "/etc/gshadow", "\ndocker:*::rancher,docker,bob\n");
	agentroot_has(f, "/etc/shadow", "\neve:*::0:99999:7:5:21916:\n");
	agentroot_mode(f, "/etc/shadow", 0640);
	assert_hash(f, "bob", HASH);
	agentroot_mode(f, "/home/bob", 0755);
	assert_false(file_exists(f->root, "/srv/sys"));
	assert_false(file_exists(f->root, "/home/eve"));
	agentroot_has(f, "/etc/sudoers.d/90-cloud-init-users", "\nbob ALL=(ALL) NOPASSWD:ALL\n");
	agentroot_mode(f, "/etc/sudoers.d/90-cloud-init-users", 0440);
	agentroot_text(f, "/home/bob/.ssh/authorized_keys", KEY "\n");
	agentroot_has(f, "/etc/ssh/sshd_config.d/10-rancher.conf",
		      "\nAllowGroups rancher bob sys team\n");
	agentroot_idempotent(f);
}

/* What the user's own file says stays; the new user is added all the same. */
static void test_changed_user_data(void **state)
{
	struct agentroot *f = *state;

	agentroot_apply(f, "users: [{name: bob}]\n");
	agentroot_apply(f, "users: [{name: bob, shell: /bin/zsh}, {name: alice}]\n");
	agentroot_has(f, "/etc/passwd", "\nbob:x:1000:1000::/home/bob:/bin/bash\n");
	agentroot_has(f, "/etc/passwd", "\nalice:x:1001:1001::/home/alice:/bin/bash\n");
	agentroot_idempotent(f);
}

static void test_frequency(void **state)
{
	struct agentroot *f = *state;

	agentroot_apply(f,
			"rancher: {cloud_init: {frequency: {groups: instance}}}\ngroups: [one]\n");
	assert_string_equal(agentroot_result(f, "groups"), "changed");
	agentroot_apply(f,
			"rancher: {cloud_init: {frequency: {groups: instance}}}\ngroups: [two]\n");
	assert_string_equal(agentroot_result(f, "groups"), "unchanged");
	agentroot_give(f, DATASOURCE_META_DATA, "instance-id: other\n");
	agentroot_again(f);
	assert_string_equal(agentroot_result(f, "groups"), "changed");
	agentroot_has(f, "/etc/group", "\ntwo:x:");
	agentroot_apply(f, "rancher: {cloud_init: {frequency: {groups: once}}}\ngroups: [three]\n");
	assert_string_equal(agentroot_result(f, "groups"), "changed");
	agentroot_give(f, DATASOURCE_META_DATA, "instance-id: third\n");
	agentroot_apply(f, "rancher: {cloud_init: {frequency: {groups: once}}}\ngroups: [four]\n");
	assert_string_equal(agentroot_result(f, "groups"), "unchanged");
	agentroot_apply(f, "rancher: {cloud_init: {frequency: {groups: daily}}}\ngroups: [five]\n");
	agentroot_said(f, "boot, instance or once");
}

static void test_passwords(void **state)
{
	struct agentroot *f = *state;

	agentroot_apply(f, "password: secret\nssh_pwauth: true\nusers:\n- default\n"
			   "- {name: bob, plain_text_passwd: hello, lock_passwd: false}\n"
			   "- {name: eve, plain_text_passwd: hello}\n"
			   "chpasswd:\n  expire: false\n  users:\n"
			   "  - {name: docker, password: 'a:b', type: text}\n"
			   "  list: |\n    root:" HASH "\n    root2:x\n");
	assert_password(f, "rancher", "secret");
	assert_password(f, "bob", "hello");
	assert_password(f, "docker", "a:b");
	assert_hash(f, "root", HASH);
	agentroot_said(f, "password of root2: there is no user root2");
	agentroot_said(f, "user eve has a password, but cannot log in with it");
	agentroot_has(f, "/etc/shadow", "\neve:*$y$");
	agentroot_has(f, "/etc/ssh/sshd_config.d/10-rancher.conf",
		      "\nPasswordAuthentication yes\n");
}

static void test_passwords_again(void **state)
{
	struct agentroot *f = *state;

	agentroot_apply(f, "password: secret\n"
			   "users: [default, {name: bob, plain_text_passwd: hello}]\n"
			   "rancher: {cloud_init: {frequency: {users: boot, chpasswd: boot}}}\n");
	agentroot_has(f, "/etc/shadow", "rancher:$y$");
	agentroot_idempotent(f);
}

/* A password that was made up is long, and in no message. */
static void test_random_password(void **state)
{
	struct agentroot *f = *state;
	AUTO_BUF struct buf hash = { 0 }, messages = { 0 };

	agentroot_apply(f,
			"chpasswd: {list: ['rancher:R'], users: [{name: docker, type: RANDOM}]}\n");
	field(f, ACCOUNTDB_SHADOW, "rancher", ACCOUNTDB_HASH, &hash);
	assert_true(hash.len > 40);
	assert_false(shadow_matches("R", buf_text(&hash)));
	agentroot_silent(f);
	/* It must be changed at once. */
	agentroot_has(f, "/etc/shadow", ":0:0:99999:7:::");
	agentroot_idempotent(f);
}

static void test_default_user_has_another_name(void **state)
{
	struct agentroot *f = *state;

	agentroot_apply(f,
			"user: {name: admin, gecos: Boss}\npassword: x\nchpasswd: {expire: false}\n"
			"ssh_authorized_keys: ['" KEY "']\n");
	agentroot_has(f, "/etc/passwd", "\nadmin:x:1000:1000:Boss:/home/admin:/bin/bash\n");
	agentroot_has(f, "/etc/group", "\nsudo:x:27:rancher,docker,admin\n");
	agentroot_text(f, "/home/admin/.ssh/authorized_keys", KEY "\n");
	assert_password(f, "admin", "x");
}

static void test_default_user_without_a_name(void **state)
{
	struct agentroot *f = *state;

	agentroot_apply(f, "user: {plain_text_passwd: x, lock_passwd: false, shell: /bin/sh, "
			   "gecos: Me, ssh_authorized_keys: ['" KEY "']}\nusers: [default]\n");
	agentroot_silent(f);
	assert_password(f, "rancher", "x");
	agentroot_has(f, "/etc/passwd", "\nrancher:x:1100:1100:Me:/home/rancher:/bin/sh\n");
	agentroot_text(f, "/home/rancher/.ssh/authorized_keys", KEY "\n");
	agentroot_idempotent(f);
	/* An account that is there keeps its number and home, and a shell that was chosen since. */
	agentroot_put(f, "/etc/passwd", "rancher:x:1100:1100:Me:/home/rancher:/bin/zsh\n");
	agentroot_apply(f, "user: {plain_text_passwd: x, lock_passwd: false, shell: /bin/sh, "
			   "gecos: Me, uid: 1234, homedir: /x, primary_group: docker}\n");
	agentroot_has(f, "/etc/passwd", "rancher:x:1100:1100:Me:/home/rancher:/bin/zsh\n");
	agentroot_said(f, "user rancher is there already: of its entry uid, primary_group, "
			  "homedir, shell is not done");
	agentroot_apply(f, "user: {shell: sh}\n");
	agentroot_said(f, "user rancher: a shell is an absolute path");
}

/* What its entry says of an account that is there is not passed over in silence. */
static void test_account_that_is_there(void **state)
{
	static const char bob[] = "{name: bob, uid: 2000, gecos: B, shell: /bin/sh, "
				  "homedir: /srv/bob, primary_group: docker}";
	AUTO_BUF struct buf yaml = { 0 };
	struct agentroot *f = *state;

	buf_fmt(&yaml, "users: [%s]\n", bob);
	agentroot_apply(f, buf_text(&yaml));
	buf_reset(&yaml);
	buf_fmt(&yaml, "users: [%s, eve]\n", bob);
	agentroot_apply(f, buf_text(&yaml));
	agentroot_silent(f);
	agentroot_apply(f, "users: [{name: bob, shell: /bin/zsh}]\n");
	agentroot_said(f, "user bob is there already: of its entry shell is not done");
}

static void test_forms_of_old(void **state)
{
	struct agentroot *f = *state;

	agentroot_apply(f, "users: 'bob, alice'\ngroups: 'a, b'\n");
	agentroot_has(f, "/etc/passwd", "\nalice:x:");
	agentroot_has(f, "/etc/group", "\nb:x:");
	agentroot_apply(f,
			"users: {carol: {ssh-authorized-keys: ['" KEY "'], lock-passwd: false}}\n");
	agentroot_text(f, "/home/carol/.ssh/authorized_keys", KEY "\n");
	agentroot_silent(f);
}

static void test_root_and_redirect(void **state)
{
	struct agentroot *f = *state;

	agentroot_apply(f, "disable_root: false\nssh_authorized_keys: ['" KEY "']\n"
			   "users: [default, {name: old, ssh_redirect_user: true}]\n");
	agentroot_text(f, "/root/.ssh/authorized_keys", KEY "\n");
	agentroot_has(f, "/home/old/.ssh/authorized_keys",
		      "Please login as the user \\\"rancher\\\"");
	agentroot_has(f, "/etc/ssh/sshd_config.d/10-rancher.conf",
		      "\nPermitRootLogin prohibit-password\n");
	agentroot_has(f, "/etc/ssh/sshd_config.d/10-rancher.conf", " root\n");
	agentroot_idempotent(f);
}

static void test_root_is_told(void **state)
{
	struct agentroot *f = *state;

	agentroot_apply(f, "ssh_authorized_keys: ['" KEY "']\n"
			   "disable_root_opts: "
			   "'no-pty,command=\"echo be $USER, not $DISABLE_USER\"'\n");
	agentroot_text(f, "/root/.ssh/authorized_keys",
		       "no-pty,command=\"echo be rancher, not root\" " KEY "\n");
	agentroot_has(f, "/etc/ssh/sshd_config.d/10-rancher.conf",
		      "\nPermitRootLogin forced-commands-only\n");
	agentroot_has(f, "/etc/ssh/sshd_config.d/10-rancher.conf", " root\n");
	agentroot_idempotent(f);
	/* Without a command he would get in. */
	agentroot_apply(f, "ssh_authorized_keys: ['" KEY "']\ndisable_root_opts: no-pty\n");
	agentroot_said(f, "disable_root_opts: options with a command=");
}

static void test_keys_of_the_platform(void **state)
{
	struct agentroot *f = *state;

	agentroot_give(f, DATASOURCE_META_DATA, "public-keys: ['" KEY "']\n");
	agentroot_apply(f, "allow_public_ssh_keys: false\n");
	assert_false(file_exists(f->root, "/home/rancher/.ssh/authorized_keys"));
	agentroot_apply(f, "hostname: a\n");
	agentroot_text(f, "/home/rancher/.ssh/authorized_keys", KEY "\n");
}

/* A key that is gone is not forgotten while it stands in a file that could not be written. */
static void test_platform_key_that_stays(void **state)
{
	static const char rancher[] = "/home/rancher/.ssh/authorized_keys";
	static const char docker[] = "/home/docker/.ssh/authorized_keys";
	struct agentroot *f = *state;

	agentroot_give(f, DATASOURCE_META_DATA, "public-keys: ['" KEY "']\n");
	agentroot_apply(f, "hostname: a\n");
	assert_int_equal(file_remove(f->root, docker, NULL, NULL), 0);
	assert_int_equal(file_mkdir(f->root, docker, 0700, NULL), 0);
	agentroot_give(f, DATASOURCE_META_DATA, "instance-id: a\n");
	agentroot_apply(f, "hostname: a\n");
	assert_string_equal(agentroot_result(f, "ssh_authorized_keys"), "failed");
	agentroot_text(f, rancher, "");
	assert_int_equal(unlinkat(f->root, docker + 1, AT_REMOVEDIR), 0);
	agentroot_put(f, docker, KEY "\n");
	agentroot_apply(f, "hostname: a\n");
	agentroot_text(f, docker, "");
}

/* A key that is gone is taken from those, too, who are no default users any more, and stays where
 * its user has it from elsewhere. */
static void test_platform_key_of_former_users(void **state)
{
	static const char ubuntu[] = "/home/ubuntu/.ssh/authorized_keys";
	struct agentroot *f = *state;

	agentroot_give(f, DATASOURCE_META_DATA, "public-keys: ['" KEY "', '" OTHER "']\n");
	agentroot_apply(f, "user: ubuntu\ndisable_root: false\n"
			   "users: [{name: bob, ssh_authorized_keys: ['" KEY "']}]\n");
	agentroot_text(f, ubuntu, KEY "\n" OTHER "\n");
	agentroot_put(f, "/home/eve/.ssh/authorized_keys", KEY "\n");
	agentroot_apply(f, "users: [{name: bob, ssh_authorized_keys: ['" KEY "']}, eve]\n");
	agentroot_text(f, ubuntu, KEY "\n" OTHER "\n");
	/* A record that somebody left unfinished is read all the same. */
	agentroot_put(f, "/var/lib/rancher/agent/platform-key-users",
		      "nosuch\nrancher\ndocker\nroot\nubuntu");
	agentroot_give(f, DATASOURCE_META_DATA, "public-keys: ['" OTHER "']\n");
	agentroot_again(f);
	assert_string_equal(agentroot_result(f, "ssh_authorized_keys"), "changed");
	agentroot_text(f, ubuntu, OTHER "\n");
	agentroot_text(f, "/root/.ssh/authorized_keys", OTHER "\n");
	agentroot_text(f, "/home/rancher/.ssh/authorized_keys", OTHER "\n");
	agentroot_text(f, "/home/bob/.ssh/authorized_keys", KEY "\n");
	agentroot_text(f, "/home/eve/.ssh/authorized_keys", KEY "\n");
	agentroot_silent(f);
	agentroot_idempotent(f);
}

/* The platform's password: hashed, for the default user, below what user-data says. */
static void test_password_of_the_platform(void **state)
{
	struct agentroot *f = *state;
	AUTO_BUF struct buf said = { 0 };

	(void)snprintf(f->payload.password.text, sizeof(f->payload.password.text), "pa55w0rd");
	agentroot_give(f, DATASOURCE_META_DATA, "instance-id: a\n");
	agentroot_apply(f, "hostname: a\n");
	assert_string_equal(agentroot_result(f, "platform_password"), "changed");
	assert_password(f, "rancher", "pa55w0rd");
	agentroot_again(f);
	assert_string_equal(agentroot_result(f, "platform_password"), "unchanged");
	agentroot_messages(f, &said);
	apply_json(&f->a, &said);
	assert_null(strstr(buf_text(&said), "pa55w0rd"));
	agentroot_apply(f, "password: mine\n");
	assert_password(f, "rancher", "mine");
	agentroot_apply(f, "user: boss\nusers: [default]\n");
	assert_password(f, "boss", "pa55w0rd");
}

/* Values that would make other lines, other users or other rules. */
static void test_hostile(void **state)
{
	static const char *const bad[] = {
		"users: [{name: \"a:0:0\"}]",
		"users: [{name: \"a\\nroot2:x:0:0\"}]",
		"users: [{name: ../../x}]",
		"users: [{name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa}]",
		"users: [{name: b1, gecos: \"x\\ny:x:0:0::/:/bin/sh\"}]",
		"users: [{name: b2, uid: 0}]",
		"users: [{name: b3, uid: -1}]",
		"users: [{name: b4, homedir: ../x}]",
		"users: [{name: b5, homedir: /home/../../x}]",
		"users: [{name: b6, shell: sh}]",
		"users: [{name: b7, passwd: hello}]",
		"users: [{name: b8, passwd: \"$6$a$b\\nx\"}]",
		"users: [{name: b9, passwd: \"$6$a$b:0:0\"}]",
		"users: [{name: b10, expiredate: tomorrow}]",
		"users: [{name: b11, groups: [\"a:b\"]}]",
		"users: [{name: b12, groups: [[x]]}]",
		"users: [{name: b13, sudo: \"ALL\\nx ALL=(ALL) ALL\"}]",
		"users: [{name: b14, sudo: \"ALL\\\\\"}]",
		"users: [{uid: 5}]",
		"groups: [{\"a\\nb\": []}]",
		"groups: [{a: [\"x,y:z\"]}]",
		"chpasswd: {list: [\"nosuch:x\"]}",
		"chpasswd: {list: [x]}",
		"chpasswd: {users: [{name: root, password: x}]}",
		"password: [x]",
	};
	struct agentroot *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		AUTO_BUF struct buf text = { 0 };
		const char *line;

		agentroot_apply(f, bad[i]);
		if (!doc_has_errors(f->p))
			fail_msg("no error: %s", bad[i]);
		if (!file_exists(f->root, "/etc/passwd"))
			continue;
		/* Every line is still one user, and root is the only one with number 0. */
		agentroot_read(f, "/etc/passwd", &text);
		for (line = buf_text(&text); *line; line += strcspn(line, "\n") + 1) {
			size_t colons = 0;

			for (size_t k = 0; line[k] != '\n'; k++)
				colons += line[k] == ':';
			assert_int_equal(colons, 6);
			if (strncmp(line, "root:", 5) && strstr(line, ":x:0:") &&
			    strstr(line, ":x:0:") < strchr(line, '\n'))
				fail_msg("%s: %s", bad[i], line);
		}
	}
	agentroot_again(f);
	assert_false(file_exists(f->root, "/etc/sudoers.d/90-cloud-init-users"));
}

static void test_huge_list(void **state)
{
	struct agentroot *f = *state;
	AUTO_BUF struct buf yaml = { 0 };

	buf_str(&yaml, "users:\n");
	for (int i = 0; i < 5000; i++)
		buf_fmt(&yaml, "- u%d\n", i);
	agentroot_apply(f, buf_text(&yaml));
	agentroot_has(f, "/etc/passwd", "\nu255:x:1257:");
	agentroot_said(f, "too many users");
}

/* A home is not made where a link leads out of the root. */
static void test_home_behind_a_link(void **state)
{
	struct agentroot *f = *state;
	AUTO_SCRATCH struct scratch outside = scratch_make();
	char path[128];

	agentroot_link(f, outside.path, "/home");
	agentroot_apply(f, "users: [{name: bob, ssh_authorized_keys: ['" KEY "']}]\n");
	(void)snprintf(path, sizeof(path), "%s/bob", outside.path);
	assert_int_equal(access(path, F_OK), -1);
}

/* The state disk's files hide the image's: a newer image's users are added. */
static void test_users_of_a_new_image(void **state)
{
	struct agentroot *f = *state;

	agentroot_put(f, "/etc/passwd", "root:x:0:0:mine:/root:/bin/zsh\n");
	agentroot_put(f, "/etc/group", "root:x:0:\n");
	agentroot_put(f, "/etc/shadow", "root:*:1:0:99999:7:::\n");
	agentroot_put(f, "/etc/gshadow", "root:*::\n");
	agentroot_put(f, "/usr/etc/passwd",
		      "root:x:0:0::/root:/bin/sh\n_new:x:300:300::/:/bin/false\n");
	agentroot_put(f, "/usr/etc/group", "root:x:0:\n_new:x:300:\n");
	agentroot_put(f, "/usr/etc/shadow", "root:*:1:0:99999:7:::\n_new:*:1:0:99999:7:::\n");
	agentroot_put(f, "/usr/etc/gshadow", "root:*::\n_new:*::\n");
	agentroot_apply(f, "hostname: a\n");
	agentroot_text(f, "/etc/passwd",
		       "root:x:0:0:mine:/root:/bin/zsh\n_new:x:300:300::/:/bin/false\n");
	agentroot_has(f, "/etc/shadow", "\n_new:*:");
	agentroot_idempotent(f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		agentroot_test(test_users),
		agentroot_test(test_changed_user_data),
		agentroot_test(test_frequency),
		agentroot_test(test_passwords),
		agentroot_test(test_passwords_again),
		agentroot_test(test_random_password),
		agentroot_test(test_default_user_has_another_name),
		agentroot_test(test_default_user_without_a_name),
		agentroot_test(test_account_that_is_there),
		agentroot_test(test_forms_of_old),
		agentroot_test(test_root_and_redirect),
		agentroot_test(test_root_is_told),
		agentroot_test(test_hostile),
		agentroot_test(test_keys_of_the_platform),
		agentroot_test(test_platform_key_that_stays),
		agentroot_test(test_platform_key_of_former_users),
		agentroot_test(test_password_of_the_platform),
		agentroot_test(test_huge_list),
		agentroot_test(test_home_behind_a_link),
		agentroot_test(test_users_of_a_new_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
