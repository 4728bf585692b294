/* SPDX-License-Identifier: Apache-2.0 */
/* rancher.password= over several boots: what it sets, what it leaves alone, what it takes back. */
#include "agent/console/console_password.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "agent/account/shadow.h"
#include "lib/file.h"
#include "lib/scope.h"
#include "tests/unit/check.h"
#include "tests/unit/put.h"
#include "tests/unit/scratch.h"

#define SHADOW "/etc/shadow"
#define NOTE   "/etc/shadow.rancher.password"
#define ROOT   "root:*:19700:0:99999:7:::\n"
#define OTHERS "docker:*:19700:0:99999:7:::\n"
#define AGES   ":0:99999:7:::\n"
#define BEFORE ROOT "rancher:*:0" AGES OTHERS
#define HASH   "$6$salt$0123456789"

struct fixture {
	struct scratch s;
	int root;
};

static int setup(void **state)
{
	static struct fixture f;

	f.s = scratch_make();
	*state = &f;
	if (file_root_open(f.s.path, &f.root, NULL) < 0)
		return -1;
	put_file(f.root, SHADOW, BEFORE, strlen(BEFORE), 0640);
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	(void)close(f->root);
	scratch_done(&f->s);
	return 0;
}

static void boot(struct fixture *f, const char *word)
{
	struct error err = { 0 };

	assert_ok(console_password(f->root, word, &err), &err);
}

static void shadow_is(struct fixture *f, const char *text)
{
	AUTO_BUF struct buf now = { 0 };
	struct error err = { 0 };

	assert_ok(file_read(f->root, SHADOW, &now, &err), &err);
	assert_string_equal(buf_text(&now), text);
}

/* The user's password is `word`, and its line the only one that changed. */
static void opens(struct fixture *f, const char *word, struct buf *ret_shadow)
{
	struct error err = { 0 };
	char hash[256];
	const char *at;
	size_t len;

	buf_reset(ret_shadow);
	assert_ok(file_read(f->root, SHADOW, ret_shadow, &err), &err);
	assert_int_equal(strncmp(buf_text(ret_shadow), ROOT "rancher:$y$", strlen(ROOT) + 11), 0);
	at = buf_text(ret_shadow) + strlen(ROOT "rancher:");
	len = strcspn(at, ":");
	assert_in_range(len, 1, sizeof(hash) - 1);
	memcpy(hash, at, len);
	hash[len] = '\0';
	assert_true(shadow_matches(word, hash));
	assert_string_equal(at + len, ":" AGES OTHERS);
}

static void no_word_no_note(void **state)
{
	struct fixture *f = *state;

	boot(f, NULL);
	shadow_is(f, BEFORE);
	assert_false(file_exists(f->root, NOTE));
}

static void it_goes_with_its_word(void **state)
{
	AUTO_BUF struct buf first = { 0 }, again = { 0 };
	struct fixture *f = *state;
	AUTO_CLOSE int fd = -1;
	struct stat st;

	boot(f, "one");
	opens(f, "one", &first);
	assert_int_equal(file_open(f->root, NOTE, O_RDONLY, 0, &fd, NULL), 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	boot(f, "one");
	shadow_is(f, buf_text(&first));
	boot(f, "two");
	opens(f, "two", &again);
	boot(f, NULL);
	shadow_is(f, BEFORE);
	assert_false(file_exists(f->root, NOTE));
}

/* A dollar makes no hash: it was stored as it is, and nobody could log in. */
static void text_that_begins_with_a_dollar(void **state)
{
	AUTO_BUF struct buf now = { 0 };
	struct fixture *f = *state;

	boot(f, "$wordfish");
	opens(f, "$wordfish", &now);
	boot(f, "$6$wordfish");
	opens(f, "$6$wordfish", &now);
}

static void a_hash_stays_as_it_is(void **state)
{
	struct fixture *f = *state;

	boot(f, HASH);
	shadow_is(f, ROOT "rancher:" HASH ":" AGES OTHERS);
	boot(f, HASH);
	shadow_is(f, ROOT "rancher:" HASH ":" AGES OTHERS);
	boot(f, NULL);
	shadow_is(f, BEFORE);
}

/* What passwd or the configuration set, before or since, is theirs. */
static void the_password_of_others_stays(void **state)
{
	static const char own[] = ROOT "rancher:$6$own$hash:20000" AGES OTHERS;
	static const char since[] = ROOT "rancher:$6$since$hash:20001" AGES OTHERS;
	struct fixture *f = *state;

	put_file(f->root, SHADOW, own, strlen(own), 0640);
	boot(f, "one");
	boot(f, NULL);
	shadow_is(f, own);
	boot(f, "$6$own$hash");
	boot(f, NULL);
	shadow_is(f, own);
	boot(f, "one");
	put_file(f->root, SHADOW, since, strlen(since), 0640);
	boot(f, "two");
	boot(f, NULL);
	shadow_is(f, since);
	boot(f, "one");
	put_file(f->root, SHADOW, since, strlen(since), 0640);
	boot(f, NULL);
	shadow_is(f, since);
	assert_false(file_exists(f->root, NOTE));
}

/* The power went between the note and the password, or the note is no note. */
static void broken_notes(void **state)
{
	static const char *const notes[] = {
		"$6$never$set:$6$x$y:1\n", "*\n", "*:$6$x$y\n", ":$6$x$y:1\n", "\n", "::",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(notes); i++) {
		put_file(f->root, NOTE, notes[i], strlen(notes[i]), 0600);
		boot(f, NULL);
		shadow_is(f, BEFORE);
		assert_false(file_exists(f->root, NOTE));
	}
}

static void without_that_user(void **state)
{
	struct fixture *f = *state;
	struct error err = { 0 };

	put_file(f->root, SHADOW, OTHERS, strlen(OTHERS), 0640);
	assert_true(console_password(f->root, "one", &err) < 0);
	assert_non_null(strstr(err.msg, "rancher"));
	shadow_is(f, OTHERS);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(no_word_no_note),
		T(it_goes_with_its_word),
		T(text_that_begins_with_a_dollar),
		T(a_hash_stays_as_it_is),
		T(the_password_of_others_stays),
		T(broken_notes),
		T(without_that_user),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
