/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel line's password goes to /etc/shadow, which is on the state disk. Owns the note beside
 * it that says which hash is the line's and what was there before: without the word, that is put
 * back. The note is there before the hash is, so that a power cut leaves no hash that nobody takes
 * back.
 */
#include "agent/console/console_password.h"

#include <errno.h>
#include <shadow.h>
#include <string.h>
#include <unistd.h>

#include "agent/account/shadow.h"
#include "agent/modules/accountdb.h"
#include "agent/modules/passwords.h"
#include "lib/file.h"
#include "lib/file_remove.h"
#include "lib/scope.h"

#define USER	 "rancher"
#define NOTE	 "/etc/shadow.rancher.password"
#define NOTE_MAX 2048

/* One line of the note: HASH:BEFORE:LAST_CHANGE, as in shadow(5). */
struct note {
	struct buf text;
	const char *hash;                 /* the line's; NULL when there is no note */
	const char *before, *last_change; /* what it took the place of */
};

static void note_done(struct note *n)
{
	buf_done(&n->text);
}

/* A note that nobody of us wrote is none. */
static int read_note(int root, struct note *n, struct error *err)
{
	char *at, *before, *last_change;
	int r;

	n->text = BUF_WITH_LIMIT(NOTE_MAX);
	r = file_read(root, NOTE, &n->text, err);
	if (r == -ENOENT)
		error_reset(err);
	if (r < 0 || !n->text.len)
		return r == -ENOENT ? 0 : r;
	at = n->text.data;
	at[strcspn(at, "\n")] = '\0';
	before = strchr(at, ':');
	last_change = before ? strchr(before + 1, ':') : NULL;
	if (!last_change || before == at)
		return 0;
	*before = *last_change = '\0';
	n->hash = at;
	n->before = before + 1;
	n->last_change = last_change + 1;
	return 0;
}

static int write_note(int root, const char *hash, const char *before, const char *last_change,
		      struct error *err)
{
	const struct file_attr attr = { .mode = 0600, .uid = geteuid(), .gid = getegid() };
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(NOTE_MAX);
	int r;

	buf_fmt(&text, "%s:%s:%s\n", hash, before, last_change);
	r = buf_check(&text, err);
	return r < 0 ? r : file_publish(root, NOTE, text.data, text.len, &attr, NULL, err);
}

static bool is_password(const char *word, const char *hash)
{
	return passwords_is_hash(word) ? !strcmp(word, hash) : shadow_matches(word, hash);
}

/* Put back what was there before an earlier line's password. */
static int take_back(struct accountdb *db, const struct note *n, struct error *err)
{
	bool changed;
	int r = accountdb_set(db, ACCOUNTDB_SHADOW, USER, ACCOUNTDB_HASH, n->before, err);

	if (r == 0)
		r = accountdb_set(db, ACCOUNTDB_SHADOW, USER, ACCOUNTDB_LAST_CHANGE, n->last_change,
				  err);
	return r < 0 ? r : accountdb_save(db, &changed, err);
}

static int set(struct accountdb *db, const char *word, struct error *err)
{
	AUTO_BUF struct buf before = BUF_WITH_LIMIT(NOTE_MAX), last_change = BUF_WITH_LIMIT(64);
	AUTO_BUF struct buf hash = BUF_WITH_LIMIT(NOTE_MAX);
	bool changed;
	int r;

	if (!accountdb_get(db, ACCOUNTDB_SHADOW, USER, ACCOUNTDB_HASH, &before) ||
	    !accountdb_get(db, ACCOUNTDB_SHADOW, USER, ACCOUNTDB_LAST_CHANGE, &last_change))
		return error_set(err, ENOENT, "there is no user " USER);
	/* What did not fit would come back as no password at all. */
	r = buf_check(&before, err);
	if (r == 0)
		r = buf_check(&last_change, err);
	if (r == 0)
		r = passwords_set(db, USER, word, passwords_is_hash(word), false, err);
	if (r == 0)
		(void)accountdb_get(db, ACCOUNTDB_SHADOW, USER, ACCOUNTDB_HASH, &hash);
	if (r == 0)
		r = write_note(db->root, buf_text(&hash), buf_text(&before),
			       buf_text(&last_change), err);
	return r < 0 ? r : accountdb_save(db, &changed, err);
}

static int change(struct accountdb *db, const struct note *n, const char *word, struct error *err)
{
	AUTO_BUF struct buf now = BUF_WITH_LIMIT(NOTE_MAX);
	int r = 0;

	(void)accountdb_get(db, ACCOUNTDB_SHADOW, USER, ACCOUNTDB_HASH, &now);
	if (word && is_password(word, buf_text(&now)))
		return 0;
	/* Another one than the note's was set by the user or the configuration, and is theirs. */
	if (n->hash && !strcmp(n->hash, buf_text(&now)))
		r = take_back(db, n, err);
	if (r == 0 && word)
		return set(db, word, err);
	return r < 0 ? r : file_remove(db->root, NOTE, NULL, err);
}

int console_password(int root, const char *word, struct error *err)
{
	CLEANUP(accountdb_done) struct accountdb db = { 0 };
	CLEANUP(note_done) struct note n = { 0 };
	bool live = root == FILE_ROOT;
	int r = read_note(root, &n, err);

	if (r < 0 || (!word && !n.text.len))
		return r;
	if (live && lckpwdf() < 0)
		return error_set(err, EBUSY, "the files of users are locked by somebody");
	r = accountdb_load(root, live, &db, err);
	if (r == 0)
		r = change(&db, &n, word, err);
	if (live)
		(void)ulckpwdf();
	return r;
}
