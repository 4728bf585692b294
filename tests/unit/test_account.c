/* SPDX-License-Identifier: Apache-2.0 */
/* Users and groups from files below a root. */
#include "tests/unit/check.h"
#include "tests/unit/scratch.h"

#include <errno.h>

#include "agent/account/account.h"
#include "lib/file.h"
#include "lib/scope.h"

#define PASSWD                                              \
	"root:x:0:0:root:/root:/bin/bash\n"                 \
	"rancherx:x:1:1::/:\n"                              \
	"rancher:x:1100:1100:R,,:/home/rancher:/bin/bash\n" \
	"broken:x:y:1:::\n"                                 \
	"last:x:7:8::/l:"
#define GROUP "root:x:0:\nadm:x:4:syslog\ndocker:x:1101:rancher\n"

static void test_users(void **state)
{
	struct account a = { 0 };

	(void)state;
	assert_true(account_find_user(PASSWD, "rancher", &a));
	assert_int_equal(a.uid, 1100);
	assert_int_equal(a.gid, 1100);
	assert_string_equal(a.home, "/home/rancher");
	assert_true(account_find_user(PASSWD, "last", &a));
	assert_int_equal(a.gid, 8);
	/* No look-up by the beginning of a name, and no nonsense. */
	assert_false(account_find_user(PASSWD, "ranch", &a));
	assert_false(account_find_user(PASSWD, "", &a));
	assert_false(account_find_user(PASSWD, "broken", &a));
	assert_false(account_find_user("", "root", &a));
}

static void test_numbers(void **state)
{
	unsigned n = 7;

	(void)state;
	assert_true(account_number("0", &n));
	assert_int_equal(n, 0);
	assert_true(account_number("4294967294", &n));
	assert_false(account_number("4294967295", &n));
	assert_false(account_number("99999999999", &n));
	assert_false(account_number("-1", &n));
	assert_false(account_number(" 1", &n));
	assert_false(account_number("1x", &n));
	assert_false(account_number("", &n));
}

struct owner_case {
	const char *owner;
	int code;
	uid_t uid;
	gid_t gid;
};

static const struct owner_case owners[] = {
	{ "root:root", 0, 0, 0 },
	{ "rancher", 0, 1100, 0 },
	{ "rancher:", 0, 1100, 1100 },
	{ "rancher:docker", 0, 1100, 1101 },
	{ "rancher:rancher", -ENOENT, 0, 0 },
	{ "1100", 0, 1100, 0 },
	{ "1100:4", 0, 1100, 4 },
	{ "12345:54321", 0, 12345, 54321 },
	{ ":adm", 0, 0, 4 },
	{ "nobody", -ENOENT, 0, 0 },
	{ "root:nogroup", -ENOENT, 0, 0 },
};

static void test_owners(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	struct file_attr attr = { .mode = 0644, .uid = geteuid(), .gid = getegid() };
	struct error err = { 0 };
	AUTO_CLOSE int root = -1;

	(void)state;
	assert_ok(file_root_open(s.path, &root, &err), &err);
	assert_ok(file_publish(root, "/etc/passwd", PASSWD, strlen(PASSWD), &attr, NULL, &err),
		  &err);
	assert_ok(file_publish(root, "/etc/group", GROUP, strlen(GROUP), &attr, NULL, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(owners); i++) {
		const struct owner_case *c = &owners[i];
		uid_t uid = 99;
		gid_t gid = 99;

		if (account_owner(root, c->owner, &uid, &gid, &err) != c->code)
			fail_msg("%s: %s", c->owner, err.msg);
		if (c->code == 0 && (uid != c->uid || gid != c->gid))
			fail_msg("%s: %u:%u", c->owner, uid, gid);
	}
}

/* Below a root without a passwd file the system's own users are known, and numbers are numbers. */
static void test_no_passwd(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	struct error err = { 0 };
	AUTO_CLOSE int root = -1;
	uid_t uid;
	gid_t gid;

	(void)state;
	assert_ok(file_root_open(s.path, &root, &err), &err);
	assert_ok(account_owner(root, "root:root", &uid, &gid, &err), &err);
	assert_ok(account_owner(root, "5:6", &uid, &gid, &err), &err);
	assert_ok(account_owner(root, "rancher:docker", &uid, &gid, &err), &err);
	assert_int_equal(uid, 1100);
	assert_int_equal(gid, 1101);
	assert_int_equal(account_owner(root, "nobody", &uid, &gid, &err), -ENOENT);
	assert_string_equal(err.msg, "there is no user nobody");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_users),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_owners),
		cmocka_unit_test(test_no_passwd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
