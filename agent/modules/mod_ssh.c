/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ssh_authorized_keys, and the metadata's keys, for users rancher and docker.
 *
 * The home belongs to its user, who may put links anywhere in it: no link is followed from the home
 * on.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/account.h"
#include "agent/authkeys.h"
#include "agent/modules/rows.h"
#include "lib/file.h"
#include "lib/scope.h"

#define KEYS_MAX (1u << 20)

static const char *const users[] = { "rancher", "docker" };

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

/* Put one list of keys into the text of a file. */
static void put_keys(const struct doc_node *keys, struct buf *text)
{
	for (size_t i = 0; keys && keys->kind == DOC_SEQ && i < keys->len; i++) {
		const char *s =
			doc_is_scalar(keys->items[i]) ? next_line(keys->items[i]->text) : NULL;

		for (; s; s = next_line(line_end(s))) {
			struct buf next = BUF_WITH_LIMIT(KEYS_MAX);

			authkeys_put(buf_text(text), s, &next);
			buf_done(text);
			*text = next;
		}
	}
}

static int write_keys(const struct module_ctx *c, const struct account *a, bool *changed,
		      struct error *err)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(KEYS_MAX);
	struct file_attr attr = module_attr(c, 0600, a->uid, a->gid);
	AUTO_CLOSE int dir = -1;
	int r = open_ssh_dir(c, a, &dir, err);

	if (r == 0)
		r = file_read(dir, "authorized_keys", &text, err);
	if (r < 0 && r != -ENOENT)
		return r;
	error_reset(err);
	put_keys(doc_key(c->config, "ssh_authorized_keys"), &text);
	put_keys(c->instance->keys, &text);
	r = buf_check(&text, err);
	if (r < 0)
		return r;
	return file_publish(dir, "authorized_keys", buf_text(&text), text.len, &attr, changed, err);
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

/* Say what is no key, once; returns how many are. */
static size_t check_keys(const struct module_ctx *c, const struct doc_node *keys)
{
	size_t good = 0;

	for (size_t i = 0; keys && keys->kind == DOC_SEQ && i < keys->len; i++) {
		const struct doc_node *n = keys->items[i];
		const char *s = doc_is_scalar(n) ? next_line(n->text) : NULL;

		/* Lists and maps were found by the check of the keys; nothing is no key. */
		if (!s && doc_is_scalar(n))
			good += check_key(c, n, "");
		for (; s; s = next_line(line_end(s)))
			good += *s == '#' ? 0 : check_key(c, n, s);
	}
	return good;
}

static enum module_result write_for(const struct module_ctx *c, const char *name)
{
	struct account a;
	struct error err = { 0 };
	bool changed = false;
	int r = account_user(c->root, name, &a, &err);

	if (r == 0)
		r = write_keys(c, &a, &changed, &err);
	if (r < 0) {
		doc_say(c->pool, true, (struct doc_origin){ 0 }, "SSH keys of %s: %s", name,
			err.msg);
		return MODULE_FAILED;
	}
	return changed ? MODULE_CHANGED : MODULE_UNCHANGED;
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	enum module_result result = MODULE_SKIPPED;
	size_t n = check_keys(c, doc_key(c->config, "ssh_authorized_keys"));

	n += check_keys(c, c->instance->keys);
	if (n == 0)
		return MODULE_SKIPPED;
	for (size_t i = 0; i < ARRAY_LEN(users); i++)
		result = module_worse(result, write_for(c, users[i]));
	buf_fmt(message, "%zu %s", n, n == 1 ? "key" : "keys");
	if (!c->privileged)
		buf_str(message, "; owners skipped: not root");
	return result;
}

const struct module module_ssh_authorized_keys = {
	.name = "ssh_authorized_keys",
	.apply = apply,
};
