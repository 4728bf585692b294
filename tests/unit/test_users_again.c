/* SPDX-License-Identifier: Apache-2.0 */
/* Users at later boots: what was set up for this instance stays, whatever becomes of the others. */
#include "tests/unit/agentusers.h"

#include "agent/modules/sudorules.h"

#define CHPASSWD "chpasswd: {expire: false, list: \"bob:pw1\\nal:pw2\\n\"}\n"
#define USERS                                                                     \
	"users:\n"                                                                \
	"- {name: bob, lock_passwd: true, plain_text_passwd: first}\n"            \
	"- {name: al, lock_passwd: false, hashed_passwd: '" HASH "'}\n"

/* What passwd(1) does. */
static void choose_password(struct agentroot *f, const char *name, const char *password)
{
	CLEANUP(accountdb_done) struct accountdb db = { 0 };
	AUTO_BUF struct buf hash = { 0 };
	struct error err = { 0 };
	bool changed;

	assert_ok(shadow_hash(password, &hash, &err), &err);
	assert_ok(accountdb_load(f->root, false, &db, &err), &err);
	assert_ok(accountdb_set(&db, ACCOUNTDB_SHADOW, name, ACCOUNTDB_HASH, buf_text(&hash), &err),
		  &err);
	assert_ok(accountdb_save(&db, &changed, &err), &err);
}

static void test_sibling_is_added(void **state)
{
	struct agentroot *f = *state;

	agentroot_apply(f, CHPASSWD USERS);
	assert_password(f, "bob", "pw1");
	assert_password(f, "al", "pw2");
	agentroot_apply(f, CHPASSWD USERS "- {name: new, plain_text_passwd: x, "
					  "lock_passwd: false}\n");
	assert_password(f, "new", "x");
	assert_password(f, "bob", "pw1");
	assert_password(f, "al", "pw2");
	agentroot_idempotent(f);
}

static void test_sibling_fails(void **state)
{
	struct agentroot *f = *state;

	agentroot_apply(f, CHPASSWD USERS "- {name: bad, uid: 0}\n");
	assert_string_equal(agentroot_result(f, "users"), "failed");
	choose_password(f, "al", "mine");
	agentroot_again(f);
	assert_string_equal(agentroot_result(f, "users"), "failed");
	assert_password(f, "bob", "pw1");
	assert_password(f, "al", "mine");
}

/* What is said of the password itself is done, and another instance begins anew. */
static void test_password_is_changed(void **state)
{
	static const char second[] =
		"users:\n- {name: bob, lock_passwd: false, plain_text_passwd: second}\n";
	AUTO_BUF struct buf more = { 0 };
	struct agentroot *f = *state;

	agentroot_apply(f, USERS);
	agentroot_apply(f, second);
	assert_password(f, "bob", "second");
	choose_password(f, "bob", "mine");
	agentroot_give(f, DATASOURCE_META_DATA, "instance-id: other\n");
	agentroot_again(f);
	assert_password(f, "bob", "second");
	agentroot_put(f, "/etc/passwd", "root:x:0:0::/root:/bin/sh\n");
	choose_password(f, "bob", "of an account that is gone");
	buf_fmt(&more, "%s- eve\n", second);
	agentroot_apply(f, buf_text(&more));
	assert_password(f, "bob", "second");
}

/* Two entries of one user are one. */
static void test_user_is_named_twice(void **state)
{
	static const char twice[] = "users:\n- {name: bob, plain_text_passwd: a}\n"
				    "- {name: bob, lock_passwd: false, hashed_passwd: '" HASH
				    "'}\n";
	AUTO_BUF struct buf more = { 0 };
	struct agentroot *f = *state;

	agentroot_apply(f, twice);
	assert_hash(f, "bob", HASH);
	choose_password(f, "bob", "mine");
	buf_fmt(&more, "%s- eve\n", twice);
	agentroot_apply(f, buf_text(&more));
	assert_password(f, "bob", "mine");
}

/* An entry of chpasswd that fails at each boot has the others set once. */
static void test_chpasswd_fails(void **state)
{
	struct agentroot *f = *state;
	AUTO_BUF struct buf before = { 0 };

	agentroot_apply(f, "chpasswd: {users: [{name: rancher, type: RANDOM}, "
			   "{name: docker, password: x, type: text}, "
			   "{name: nosuch, password: x, type: text}]}\n");
	assert_string_equal(agentroot_result(f, "chpasswd"), "failed");
	field(f, ACCOUNTDB_SHADOW, "rancher", ACCOUNTDB_HASH, &before);
	assert_password(f, "docker", "x");
	choose_password(f, "docker", "mine");
	agentroot_again(f);
	assert_string_equal(agentroot_result(f, "chpasswd"), "failed");
	assert_hash(f, "rancher", buf_text(&before));
	assert_password(f, "docker", "mine");
	agentroot_give(f, DATASOURCE_META_DATA, "instance-id: other\n");
	agentroot_again(f);
	assert_password(f, "docker", "x");
}

/* What stands for no password means a lock, which lets the user's keys in. */
static void test_no_password(void **state)
{
	static const char *const none[] = { "*", "!", "!!", "*LK*", "!" HASH };
	struct agentroot *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		char yaml[512];

		(void)snprintf(yaml, sizeof(yaml),
			       "users:\n- {name: a%zu, passwd: '%s', lock_passwd: false}\n"
			       "- {name: rancher, hashed_passwd: '%s'}\n"
			       "chpasswd: {users: [{name: docker, password: '%s'}]}\n",
			       i, none[i], none[i], none[i]);
		choose_password(f, "rancher", "x");
		choose_password(f, "docker", "x");
		agentroot_apply(f, yaml);
		agentroot_silent(f);
		(void)snprintf(yaml, sizeof(yaml), "a%zu", i);
		assert_hash(f, yaml, "*");
		assert_hash(f, "rancher", "*");
		assert_hash(f, "docker", "*");
	}
	agentroot_apply(f, "users: [{name: b, passwd: x}]\n");
	agentroot_said(f, "no hash");
}

#define SUDOERS "/etc/sudoers.d/90-cloud-init-users"
#define OTHERS	"/etc/sudoers.d/90-ros-users"
#define HEAD	"# Made by ros agent from users.\n"
#define BOB	"users: [{name: bob, sudo: 'ALL=(ALL) ALL'}]\n"

/* A file of write_files is the user's; the rules of users are beside it from the first boot on. */
static void test_sudoers_is_given(void **state)
{
	static const char given[] = "write_files: [{path: " SUDOERS
				    ", content: \"x ALL=ALL\\n\"}]\n";
	struct agentroot *f = *state;

	agentroot_apply(f, BOB);
	agentroot_text(f, SUDOERS, HEAD "bob ALL=(ALL) ALL\n");
	agentroot_apply(f, given);
	agentroot_text(f, SUDOERS, "x ALL=ALL\n");
	for (int i = 0; i < 3; i++) {
		AUTO_BUF struct buf yaml = { 0 };

		buf_fmt(&yaml, "%s%s", given, BOB);
		agentroot_apply(f, buf_text(&yaml));
		agentroot_text(f, SUDOERS, "x ALL=ALL\n");
		agentroot_text(f, OTHERS, HEAD "bob ALL=(ALL) ALL\n");
	}
	agentroot_idempotent(f);
	agentroot_apply(f, BOB);
	agentroot_text(f, SUDOERS, HEAD "bob ALL=(ALL) ALL\n");
	assert_false(file_exists(f->root, OTHERS));
}

static void test_sudoers_has_an_addition(void **state)
{
	static const char added[] = "write_files: [{path: " SUDOERS
				    ", append: true, content: \"x ALL=ALL\\n\"}]\n";
	AUTO_BUF struct buf yaml = { 0 };
	struct agentroot *f = *state;

	buf_fmt(&yaml, "%s%s", added, BOB);
	for (int i = 0; i < 3; i++) {
		agentroot_apply(f, buf_text(&yaml));
		agentroot_text(f, SUDOERS, HEAD "bob ALL=(ALL) ALL\nx ALL=ALL\n");
	}
	agentroot_idempotent(f);
	assert_false(file_exists(f->root, OTHERS));
	/* The user's rule is withdrawn, the addition is not. */
	buf_reset(&yaml);
	buf_fmt(&yaml, "%susers: [bob]\n", added);
	agentroot_apply(f, buf_text(&yaml));
	agentroot_text(f, SUDOERS, HEAD "x ALL=ALL\n");
	agentroot_idempotent(f);
}

/* An owner's change of the file is not undone by what has nothing to do with it. */
static void test_sudoers_of_the_owner(void **state)
{
	struct agentroot *f = *state;

	agentroot_apply(f, BOB);
	agentroot_put(f, SUDOERS, "bob ALL=(ALL) /bin/ls\n");
	agentroot_apply(f, BOB "write_files: [{path: /etc/x, content: x}]\n");
	agentroot_text(f, SUDOERS, "bob ALL=(ALL) /bin/ls\n");
	agentroot_apply(f, "users: [{name: bob, sudo: ['ALL=(ALL) ALL', 'ALL=(x) ALL']}]\n");
	agentroot_text(f, SUDOERS, HEAD "bob ALL=(ALL) ALL\nbob ALL=(x) ALL\n");
}

static void test_sudo_is_no_rule(void **state)
{
	struct agentroot *f = *state;

	agentroot_apply(f, "users: [{name: a, sudo: 'False'}, {name: b, sudo: false}, "
			   "{name: c, sudo: ['FALSE']}, {name: d, sudo: 'ALL=(ALL) ALL'}]\n");
	agentroot_silent(f);
	agentroot_text(f, SUDOERS, HEAD "d ALL=(ALL) ALL\n");
	agentroot_apply(f, "users: [{name: a, sudo: true}, {name: d, sudo: 'ALL=(ALL) ALL'}]\n");
	agentroot_said(f, "sudo of a: true says of no command that it is allowed");
	agentroot_text(f, SUDOERS, HEAD "d ALL=(ALL) ALL\n");
	agentroot_apply(f, "users: [{name: a, sudo: 'True'}]\n");
	agentroot_said(f, "sudo of a: True says");
}

static int refuse(void *arg, const struct buf *text, struct error *err)
{
	(*(int *)arg)++;
	if (strstr(buf_text(text), "hangs"))
		return error_set(err, ETIMEDOUT, "no answer");
	return strstr(buf_text(text), "bad") ? error_set(err, EIO, "line 1") : 0;
}

static void test_bad_rules_alone_are_left_out(void **state)
{
	struct sudorule rules[] = {
		{ .user = "a", .text = "ALL=ALL" }, { .user = "b", .text = "bad" },
		{ .user = "c", .text = "ALL=ALL" }, { .user = "d", .text = "ALL=ALL" },
		{ .user = "e", .text = "bad" },
	};
	AUTO_BUF struct buf text = { 0 };
	struct error err = { 0 };
	int asked = 0;
	const struct sudorules_checker checker = { refuse, &asked };

	(void)state;
	assert_ok(sudorules_sift(rules, ARRAY_LEN(rules), &checker, &err), &err);
	sudorules_put(rules, ARRAY_LEN(rules), &text);
	assert_string_equal(buf_text(&text), "a ALL=ALL\nc ALL=ALL\nd ALL=ALL\n");
	assert_string_equal(rules[4].why.msg, "line 1");
	asked = 0;
	rules[4] = (struct sudorule){ .user = "e", .text = "hangs" };
	assert_int_equal(sudorules_sift(rules, ARRAY_LEN(rules), &checker, &err), -ETIMEDOUT);
	assert_int_equal(asked, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		agentroot_test(test_sibling_is_added),
		agentroot_test(test_sibling_fails),
		agentroot_test(test_password_is_changed),
		agentroot_test(test_user_is_named_twice),
		agentroot_test(test_chpasswd_fails),
		agentroot_test(test_no_password),
		agentroot_test(test_sudoers_is_given),
		agentroot_test(test_sudoers_has_an_addition),
		agentroot_test(test_sudoers_of_the_owner),
		agentroot_test(test_sudo_is_no_rule),
		cmocka_unit_test(test_bad_rules_alone_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
