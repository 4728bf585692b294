/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing authorized_keys.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/account/account.h"
#include "agent/account/authkeys.h"
#include "agent/modules/sshkeys.h"
#include "lib/file.h"
#include "lib/scope.h"

#define KEYS_MAX (1u << 20)

/* Owner and mode of an open directory; without the privilege the owner stays. */
static int set_attr(const struct module_ctx *c, int fd, const struct account *a, mode_t mode,
		    struct error *err)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return error_sys(err, errno, "stat");
	if (c->privileged && (st.st_uid != a->uid || st.st_gid != a->gid) &&
	    fchown(fd, a->uid, a->gid) < 0)
		return error_sys(err, errno, "set the owner");
	if ((st.st_mode & 07777) != mode && fchmod(fd, mode) < 0)
		return error_sys(err, errno, "set the mode");
	return 0;
}

static int open_home(const struct module_ctx *c, const struct account *a, int *ret,
		     struct error *err)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
	int r = file_open(c->root, a->home, flags, 0, ret, err);

	if (r != -ENOENT)
		return r;
	r = file_mkdir(c->root, a->home, 0755, err);
	if (r == 0)
		r = file_open(c->root, a->home, flags, 0, ret, err);
	if (r < 0)
		return r;
	r = set_attr(c, *ret, a, 0755, err);
	if (r < 0)
		(void)close(*ret);
	return r;
}

static int open_ssh_dir(const struct module_ctx *c, const struct account *a, int *ret,
			struct error *err)
{
	AUTO_CLOSE int home = -1, dir = -1;
	int r = open_home(c, a, &home, err);

	if (r < 0)
		return r;
	if (mkdirat(home, ".ssh", 0700) < 0 && errno != EEXIST)
		return error_sys(err, errno, "make %s/.ssh", a->home);
	dir = openat(home, ".ssh", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		return error_sys(err, errno, "%s/.ssh", a->home);
	r = set_attr(c, dir, a, 0700, err);
	if (r < 0)
		return error_wrap(err, r, "%s/.ssh", a->home);
	*ret = TAKE_FD(dir);
	return 0;
}

/* The next line that is not empty; NULL at the end. One item of a list may hold several keys. */
static const char *next_line(const char *s)
{
	s += strspn(s, "\r\n \t");
	return *s ? s : NULL;
}

static const char *line_end(const char *s)
{
	return s + strcspn(s, "\r\n");
}

/* One key, with the options that go before it. */
static void put_key(const char *options, const char *line, struct buf *text)
{
	AUTO_BUF struct buf key = BUF_WITH_LIMIT(KEYS_MAX);
	struct buf next = BUF_WITH_LIMIT(KEYS_MAX);

	buf_str(&key, options);
	buf_add(&key, line, (size_t)(line_end(line) - line));
	authkeys_put(buf_text(text), buf_text(&key), &next);
	buf_done(text);
	*text = next;
}

/* Put one list of keys, or a single value, into the text of a file. */
static void put_keys(const struct doc_node *keys, const char *options, struct buf *text)
{
	const struct doc_node *one;
	const struct doc_node *const *items;
	size_t n;

	items = module_items(keys, &one, &n);
	for (size_t i = 0; i < n && i < SSHKEYS_LIST_MAX; i++) {
		const char *s = doc_is_scalar(items[i]) ? next_line(items[i]->text) : NULL;

		for (; s; s = next_line(line_end(s)))
			put_key(options, s, text);
	}
}

static void drop_keys(const struct doc_node *keys, struct buf *text)
{
	for (size_t i = 0; keys && i < keys->len; i++) {
		struct buf next = BUF_WITH_LIMIT(KEYS_MAX);

		authkeys_drop(buf_text(text), doc_str(keys->items[i], "", ""), &next);
		buf_done(text);
		*text = next;
	}
}

/* 1: the file changed. */
static int write_keys(const struct module_ctx *c, const char *user, const struct doc_node *gone,
		      const struct doc_node *const *lists, size_t n, const char *options,
		      struct error *err)
{
	bool changed = false;
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(KEYS_MAX);
	AUTO_CLOSE int dir = -1;
	struct file_attr attr;
	struct account a;
	int r = account_user(c->root, user, &a, err);

	if (r == 0)
		r = open_ssh_dir(c, &a, &dir, err);
	if (r == 0)
		r = file_read(dir, "authorized_keys", &text, err);
	if (r < 0 && (r != -ENOENT || dir < 0))
		return r;
	error_reset(err);
	drop_keys(gone, &text);
	for (size_t i = 0; i < n; i++)
		put_keys(lists[i], options, &text);
	r = buf_check(&text, err);
	if (r < 0)
		return r;
	attr = module_attr(c, 0600, a.uid, a.gid);
	r = file_publish(dir, "authorized_keys", buf_text(&text), text.len, &attr, &changed, err);
	return r < 0 ? r : changed;
}

static enum module_result tell(const struct module_ctx *c, const char *user, int r,
			       const struct error *err)
{
	if (r < 0)
		return module_fail(c, (struct doc_origin){ 0 }, "SSH keys of %s: %s", user,
				   err->msg);
	return module_changed(r > 0);
}

enum module_result sshkeys_write(const struct module_ctx *c, const char *user,
				 const struct doc_node *const *lists, size_t n,
				 const char *options)
{
	struct error err = { 0 };
	int r = write_keys(c, user, NULL, lists, n, options, &err);

	return tell(c, user, r, &err);
}

enum module_result sshkeys_drop(const struct module_ctx *c, const char *user,
				const struct doc_node *gone)
{
	struct error err = { 0 };
	struct account a;
	char path[ACCOUNT_HOME + 32];
	int r = account_user(c->root, user, &a, &err);

	if (r == -ENOENT)
		return MODULE_SKIPPED;
	if (r == 0) {
		(void)snprintf(path, sizeof(path), "%s/.ssh/authorized_keys", a.home);
		if (!file_exists(c->root, path))
			return MODULE_SKIPPED;
		r = write_keys(c, user, gone, NULL, 0, "", &err);
	}
	return tell(c, user, r, &err);
}

static bool check_key(const struct module_ctx *c, const struct doc_node *n, const char *line)
{
	struct authkeys_key k;

	if (!authkeys_parse(line, &k)) {
		doc_say(c->pool, true, n->origin,
			"this is no SSH public key (\"ssh-ed25519 AAAA… comment\"): ignored");
		return false;
	}
	if (!authkeys_is_whole(&k))
		doc_say(c->pool, false, n->origin, "this SSH public key looks damaged or cut off");
	return true;
}

size_t sshkeys_check(const struct module_ctx *c, const struct doc_node *keys)
{
	const struct doc_node *const *items;
	const struct doc_node *one;
	size_t good = 0, len;

	items = module_items(keys, &one, &len);
	if (len > SSHKEYS_LIST_MAX)
		doc_say(c->pool, true, keys->origin,
			"these are too many SSH keys (%d at most): the others are left out",
			SSHKEYS_LIST_MAX);
	for (size_t i = 0; i < len && i < SSHKEYS_LIST_MAX; i++) {
		const struct doc_node *n = items[i];
		const char *s = doc_is_scalar(n) ? next_line(n->text) : NULL;

		/* Lists and maps were found by the check of the keys; nothing is no key. */
		if (!s && doc_is_scalar(n))
			good += check_key(c, n, "");
		for (; s; s = next_line(line_end(s)))
			good += *s == '#' ? 0 : check_key(c, n, s);
	}
	return good;
}
