/* SPDX-License-Identifier: Apache-2.0 */
/* authorized_keys: which line holds which key, and what is left alone. */
#include "tests/unit/check.h"

#include "agent/account/authkeys.h"

#define BLOB "AAAAC3NzaC1lZDI1NTE5AAAAIIHVWaoROzkEO7Y/wb0S+7lqnmm5EQ2pmdX0p8L9aBcD"
#define OTHER "AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

struct parse_case {
	const char *line, *type, *blob;
};

static const struct parse_case lines[] = {
	{ "ssh-ed25519 " BLOB " me", "ssh-ed25519", BLOB },
	{ "  ssh-ed25519\t" BLOB, "ssh-ed25519", BLOB },
	{ "ssh-ed25519 " BLOB "\nmore", "ssh-ed25519", BLOB },
	{ "command=\"a b\\\" ssh-rsa AAAA\",no-pty ssh-ed25519 " BLOB " c", "ssh-ed25519", BLOB },
	{ "ecdsa-sha2-nistp256 AAAA= x", "ecdsa-sha2-nistp256", "AAAA=" },
	{ "sk-ssh-ed25519@openssh.com AAAA", "sk-ssh-ed25519@openssh.com", "AAAA" },
	{ "", NULL, NULL },
	{ "# ssh-ed25519 " BLOB, NULL, NULL },
	{ "ssh-ed25519", NULL, NULL },
	{ "ssh-ed25519 *", NULL, NULL },
	{ "a b ssh-ed25519 " BLOB, NULL, NULL },
	{ "-----BEGIN OPENSSH PRIVATE KEY-----", NULL, NULL },
};

static void test_parse(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		const struct parse_case *c = &lines[i];
		struct authkeys_key k = { 0 };

		if (authkeys_parse(c->line, &k) != (c->type != NULL))
			fail_msg("\"%s\"", c->line);
		if (!c->type)
			continue;
		assert_int_equal(k.type_len, strlen(c->type));
		assert_memory_equal(k.type, c->type, k.type_len);
		assert_int_equal(k.blob_len, strlen(c->blob));
		assert_memory_equal(k.blob, c->blob, k.blob_len);
	}
}

static void test_whole(void **state)
{
	struct authkeys_key k;

	(void)state;
	assert_true(authkeys_parse("ssh-ed25519 " BLOB, &k));
	assert_true(authkeys_is_whole(&k));
	assert_true(authkeys_parse("ssh-rsa " BLOB, &k));
	assert_false(authkeys_is_whole(&k));
	assert_true(authkeys_parse("ssh-ed25519 AAAA", &k));
	assert_false(authkeys_is_whole(&k));
}

struct put_case {
	const char *text, *key, *want;
};

static const struct put_case puts_[] = {
	{ "", "ssh-ed25519 " BLOB " a", "ssh-ed25519 " BLOB " a\n" },
	{ "# mine\n", "ssh-ed25519 " BLOB, "# mine\nssh-ed25519 " BLOB "\n" },
	{ "no newline", "ssh-ed25519 " BLOB, "no newline\nssh-ed25519 " BLOB "\n" },
	/* The same blob: replaced where it stands, once. */
	{ "ssh-ed25519 " BLOB " old\n# c\nno-pty ssh-ed25519 " BLOB "\nssh-ed25519 " OTHER "\n",
	  "ssh-ed25519 " BLOB " new", "ssh-ed25519 " BLOB " new\n# c\nssh-ed25519 " OTHER "\n" },
	/* A blob that only begins the same is another key. */
	{ "ssh-ed25519 " BLOB "AAAA x\n", "ssh-ed25519 " BLOB,
	  "ssh-ed25519 " BLOB "AAAA x\nssh-ed25519 " BLOB "\n" },
	/* Only one line of what is put comes in. */
	{ "", "ssh-ed25519 " BLOB " a\nssh-rsa evil", "ssh-ed25519 " BLOB " a\n" },
	{ "keep\n", "garbage", "keep\n" },
};

static void test_put(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(puts_); i++) {
		AUTO_BUF struct buf out = { 0 };

		authkeys_put(puts_[i].text, puts_[i].key, &out);
		assert_string_equal(buf_text(&out), puts_[i].want);
	}
}

static void test_drop(void **state)
{
	static const struct put_case drops[] = {
		{ "", "ssh-ed25519 " BLOB, "" },
		{ "# mine\nno-pty ssh-ed25519 " BLOB " a\n\nssh-ed25519 " OTHER "\nssh-rsa " BLOB,
		  "ssh-ed25519 " BLOB " b", "# mine\nssh-ed25519 " OTHER "\n" },
		{ "ssh-ed25519 " BLOB "AAAA x\n", "ssh-ed25519 " BLOB,
		  "ssh-ed25519 " BLOB "AAAA x\n" },
		{ "keep\nssh-ed25519 " BLOB "\n", "garbage",
		  "keep\nssh-ed25519 " BLOB "\n" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(drops); i++) {
		AUTO_BUF struct buf out = { 0 };

		authkeys_drop(drops[i].text, drops[i].key, &out);
		assert_string_equal(buf_text(&out), drops[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_put),
		cmocka_unit_test(test_drop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
