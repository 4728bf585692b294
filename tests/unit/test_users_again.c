/* SPDX-License-Identifier: Apache-2.0 */
/* Users at later boots: what was set up for this instance stays, whatever becomes of the others. */
#include "tests/unit/agentusers.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		agentroot_test(test_sibling_is_added),
		agentroot_test(test_sibling_fails),
		agentroot_test(test_password_is_changed),
		agentroot_test(test_user_is_named_twice),
		agentroot_test(test_chpasswd_fails),
		agentroot_test(test_no_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
