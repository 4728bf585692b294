/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chpasswd and password: passwords of users that are there. One that is made up here is told on the
 * console, and nowhere else.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "agent/modules/passwords.h"
#include "agent/modules/rows.h"
#include "lib/file.h"
#include "lib/scope.h"

#define ENTRIES_MAX 256
#define RANDOM_LEN  20
#define CONSOLE	    "/dev/console"

struct work {
	const struct module_ctx *c;
	struct accountdb db;
	struct buf told; /* passwords that were made up */
	bool expire;
	size_t n;
};

/* 20 characters of 57: 116 bits. None that can be taken for another. */
static int make_random(char ret[RANDOM_LEN + 1], struct error *err)
{
	static const char letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
	const unsigned n = sizeof(letters) - 1;
	unsigned char byte;

	for (size_t i = 0; i < RANDOM_LEN;) {
		if (getrandom(&byte, 1, 0) != 1)
			return error_sys(err, errno, "random numbers");
		if (byte < 256 / n * n)
			ret[i++] = letters[byte % n];
	}
	ret[RANDOM_LEN] = '\0';
	return 0;
}

static enum module_result set(struct work *w, const char *user, const char *password, bool is_hash,
			      struct doc_origin at)
{
	struct error err = { 0 };

	if (++w->n > ENTRIES_MAX)
		return module_fail(w->c, at, "these are too many passwords (256 at most)");
	if (passwords_set(&w->db, user, password, is_hash, w->expire, &err) < 0)
		return module_fail(w->c, at, "password of %.40s: %s", user, err.msg);
	return MODULE_UNCHANGED;
}

static enum module_result set_random(struct work *w, const char *user, struct doc_origin at)
{
	char password[RANDOM_LEN + 1];
	struct error err = { 0 };
	enum module_result r;

	if (make_random(password, &err) < 0)
		return module_fail(w->c, at, "password of %.40s: %s", user, err.msg);
	r = set(w, user, password, false, at);
	if (r != MODULE_FAILED)
		buf_fmt(&w->told, "The password of %s is %s\n", user, password);
	explicit_bzero(password, sizeof(password));
	return r;
}

/* "user:password" */
static enum module_result set_line(struct work *w, const char *line, size_t len,
				   struct doc_origin at)
{
	const char *colon = memchr(line, ':', len);
	size_t name = colon ? (size_t)(colon - line) : 0;
	const char *user, *password;

	if (!colon || name == 0 || name > 32 || name + 1 == len)
		return module_fail(w->c, at, "a line of chpasswd.list is USER:PASSWORD");
	user = doc_strdup(w->c->pool, line, name);
	password = doc_strdup(w->c->pool, colon + 1, len - name - 1);
	if (!user || !password)
		return module_fail(w->c, at, "no memory");
	if (!strcmp(password, "R") || !strcmp(password, "RANDOM"))
		return set_random(w, user, at);
	return set(w, user, password, passwords_is_hash(password), at);
}

static enum module_result set_list(struct work *w, const struct doc_node *list)
{
	enum module_result result = MODULE_UNCHANGED;
	const struct doc_node *one;
	const struct doc_node *const *items;
	size_t n;

	items = module_items(list, &one, &n);
	for (size_t i = 0; i < n && w->n <= ENTRIES_MAX; i++) {
		const char *s = module_text(items[i]);

		if (!s)
			result = module_fail(w->c, items[i]->origin,
					     "an item of chpasswd.list is USER:PASSWORD");
		while (s && *s && w->n <= ENTRIES_MAX) {
			size_t len = strcspn(s, "\r\n");

			if (len)
				result =
					module_worse(result, set_line(w, s, len, items[i]->origin));
			s += len + strspn(s + len, "\r\n");
		}
	}
	return result;
}

static enum module_result set_user(struct work *w, const struct doc_node *n)
{
	const char *name = module_text(doc_key(n, "name")),
		   *password = module_text(doc_key(n, "password")),
		   *type = doc_str(n, "type", "hash");

	if (!name || (!password && strcmp(type, "RANDOM")))
		return module_fail(w->c, n->origin,
				   "an item of chpasswd.users has a name and a "
				   "password");
	if (!strcmp(type, "RANDOM"))
		return set_random(w, name, n->origin);
	if (!strcmp(type, "text"))
		return set(w, name, password, false, n->origin);
	if (strcmp(type, "hash"))
		return module_fail(w->c, n->origin, "type is hash, text or RANDOM");
	if (!passwords_is_hash(password))
		return module_fail(w->c, n->origin,
				   "this is no hash ($6$…, $y$…): for what is typed "
				   "say type: text");
	return set(w, name, password, true, n->origin);
}

/* `password` is the default user's. */
static enum module_result set_default(struct work *w)
{
	const struct doc_node *n = doc_key(w->c->config, "password");
	const char *password = module_text(n);
	const char *name = passwords_default_user(w->c->config);

	if (!n || n->kind == DOC_NULL)
		return MODULE_UNCHANGED;
	if (!password || !*password)
		return module_fail(w->c, n->origin, "password is a single text");
	if (!strcmp(password, "R") || !strcmp(password, "RANDOM"))
		return set_random(w, name, n->origin);
	return set(w, name, password, passwords_is_hash(password), n->origin);
}

static enum module_result edit(struct work *w)
{
	const struct doc_node *chpasswd = doc_key(w->c->config, "chpasswd");
	const struct doc_node *users = doc_key(chpasswd, "users");
	enum module_result result;
	struct error err = { 0 };
	bool changed = false;

	if (accountdb_load(w->c->root, w->c->privileged, &w->db, &err) < 0)
		return module_fail(w->c, (struct doc_origin){ 0 }, "chpasswd: %s", err.msg);
	result = set_default(w);
	for (size_t i = 0; users && users->kind == DOC_SEQ && i < users->len; i++)
		result = module_worse(result, set_user(w, users->items[i]));
	result = module_worse(result, set_list(w, doc_key(chpasswd, "list")));
	if (accountdb_save(&w->db, &changed, &err) < 0)
		return module_fail(w->c, (struct doc_origin){ 0 }, "chpasswd: %s", err.msg);
	return changed ? module_worse(result, MODULE_CHANGED) : result;
}

/* To whoever sits before the machine; below a --root, to whoever tries it. */
static void tell(const struct work *w)
{
	AUTO_CLOSE int console = -1;
	int fd = STDERR_FILENO;

	if (!w->told.len)
		return;
	if (w->c->live) {
		if (file_open(w->c->root, CONSOLE, O_WRONLY, 0, &console, NULL) < 0)
			return;
		fd = console;
	}
	if (write(fd, buf_text(&w->told), w->told.len) < 0)
		doc_say(w->c->pool, true, (struct doc_origin){ 0 },
			"a password that was made up could not be shown on the console");
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	struct work w = { .c = c,
			  .told = BUF_WITH_LIMIT(64u << 10),
			  .expire = doc_bool(c->config, "chpasswd.expire", true) };
	enum module_result result;

	passwords_lock(c);
	result = edit(&w);
	passwords_unlock(c);
	tell(&w);
	buf_done(&w.told);
	accountdb_done(&w.db);
	if (w.n == 0 && result == MODULE_UNCHANGED)
		return MODULE_SKIPPED;
	buf_fmt(message, "%zu %s", w.n, w.n == 1 ? "password" : "passwords");
	return result;
}

const struct module module_chpasswd = {
	.name = "chpasswd",
	.apply = apply,
	.frequency = MODULE_INSTANCE,
	.keys = { "chpasswd", "password" },
};
