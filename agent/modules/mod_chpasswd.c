/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chpasswd and password: passwords of users that are there. One that is made up here is told on the
 * console, and nowhere else. Each is set once for the instance, whatever becomes of the others: by
 * then its user may have another.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "agent/modules/mark.h"
#include "agent/modules/passwords.h"
#include "agent/modules/rows.h"
#include "lib/file.h"
#include "lib/hash.h"
#include "lib/scope.h"

#define ENTRIES_MAX 256
#define RANDOM_LEN  20
#define CONSOLE	    "/dev/console"

enum kind { KIND_TEXT, KIND_HASH, KIND_RANDOM };

struct entry {
	const char *user, *password; /* none for KIND_RANDOM */
	enum kind kind;
	struct doc_origin at;
	bool set; /* just now */
};

struct work {
	const struct module_ctx *c;
	struct accountdb db;
	struct buf told; /* passwords that were made up */
	bool expire;
	struct entry entries[ENTRIES_MAX];
	size_t n;
	bool full;
};

/* --- what is asked for --- */

static enum module_result add(struct work *w, const char *user, const char *password,
			      enum kind kind, struct doc_origin at)
{
	if (w->n == ENTRIES_MAX && w->full)
		return MODULE_FAILED;
	if (w->n == ENTRIES_MAX) {
		w->full = true;
		return module_fail(w->c, at, "these are too many passwords (256 at most)");
	}
	w->entries[w->n++] =
		(struct entry){ .user = user, .password = password, .kind = kind, .at = at };
	return MODULE_UNCHANGED;
}

/* A password without a type. */
static enum module_result add_any(struct work *w, const char *user, const char *password,
				  struct doc_origin at)
{
	if (!strcmp(password, "R") || !strcmp(password, "RANDOM"))
		return add(w, user, "", KIND_RANDOM, at);
	return add(w, user, password, passwords_is_hash(password) ? KIND_HASH : KIND_TEXT, at);
}

/* "user:password" */
static enum module_result add_line(struct work *w, const char *line, size_t len,
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
	return add_any(w, user, password, at);
}

static enum module_result add_list(struct work *w, const struct doc_node *list)
{
	enum module_result result = MODULE_UNCHANGED;
	const struct doc_node *one;
	const struct doc_node *const *items;
	size_t n;

	items = module_items(list, &one, &n);
	for (size_t i = 0; i < n && !w->full; i++) {
		const char *s = module_text(items[i]);

		if (!s)
			result = module_fail(w->c, items[i]->origin,
					     "an item of chpasswd.list is USER:PASSWORD");
		while (s && *s && !w->full) {
			size_t len = strcspn(s, "\r\n");

			if (len)
				result =
					module_worse(result, add_line(w, s, len, items[i]->origin));
			s += len + strspn(s + len, "\r\n");
		}
	}
	return result;
}

static enum module_result add_user(struct work *w, const struct doc_node *n)
{
	const char *name = module_text(doc_key(n, "name")),
		   *password = module_text(doc_key(n, "password")),
		   *type = doc_str(n, "type", "hash");

	if (!name || (!password && strcmp(type, "RANDOM")))
		return module_fail(w->c, n->origin,
				   "an item of chpasswd.users has a name and a "
				   "password");
	if (!strcmp(type, "RANDOM"))
		return add(w, name, "", KIND_RANDOM, n->origin);
	if (!strcmp(type, "text"))
		return add(w, name, password, KIND_TEXT, n->origin);
	if (strcmp(type, "hash"))
		return module_fail(w->c, n->origin, "type is hash, text or RANDOM");
	if (!passwords_is_hash(password) && !passwords_is_locked(password))
		return module_fail(w->c, n->origin,
				   "this is no hash ($6$…, $y$…): for what is typed "
				   "say type: text");
	return add(w, name, password, KIND_HASH, n->origin);
}

/* `password` is the default user's. */
static enum module_result add_default(struct work *w)
{
	const struct doc_node *n = doc_key(w->c->config, "password");
	const char *password = module_text(n);
	const char *name = passwords_default_user(w->c->config);

	if (!n || n->kind == DOC_NULL)
		return MODULE_UNCHANGED;
	if (!password || !*password)
		return module_fail(w->c, n->origin, "password is a single text");
	return add_any(w, name, password, n->origin);
}

static enum module_result add_all(struct work *w)
{
	const struct doc_node *chpasswd = doc_key(w->c->config, "chpasswd");
	const struct doc_node *users = doc_key(chpasswd, "users");
	enum module_result result = add_default(w);

	for (size_t i = 0; users && users->kind == DOC_SEQ && i < users->len; i++)
		result = module_worse(result, add_user(w, users->items[i]));
	return module_worse(result, add_list(w, doc_key(chpasswd, "list")));
}

/* --- setting it --- */

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

static uint64_t print_of(const struct entry *e)
{
	/* The kind, and the password behind it. */
	return (hash_text(e->password, strlen(e->password)) << 2) + e->kind;
}

/* It was set for this instance, or a later entry says what the same user's is. */
static bool is_done(const struct work *w, const struct entry *e)
{
	uint64_t print;

	for (const struct entry *later = e + 1; later < w->entries + w->n; later++)
		if (!strcmp(later->user, e->user))
			return true;
	return mark_is_set(w->c, &module_chpasswd, e->user, &print) && print == print_of(e);
}

static int set(struct work *w, const struct entry *e, struct error *err)
{
	char made[RANDOM_LEN + 1];
	int r;

	if (e->kind != KIND_RANDOM)
		return passwords_set(&w->db, e->user, e->password, e->kind == KIND_HASH, w->expire,
				     err);
	r = make_random(made, err);
	if (r == 0)
		r = passwords_set(&w->db, e->user, made, false, w->expire, err);
	if (r == 0)
		buf_fmt(&w->told, "The password of %s is %s\n", e->user, made);
	explicit_bzero(made, sizeof(made));
	return r;
}

static enum module_result set_all(struct work *w)
{
	enum module_result result = MODULE_UNCHANGED;

	for (struct entry *e = w->entries; e < w->entries + w->n; e++) {
		struct error err = { 0 };

		if (is_done(w, e))
			continue;
		e->set = set(w, e, &err) == 0;
		if (!e->set)
			result = module_fail(w->c, e->at, "password of %.40s: %s", e->user,
					     err.msg);
	}
	return result;
}

static enum module_result edit(struct work *w)
{
	enum module_result result;
	struct error err = { 0 };
	bool changed = false;
	int r = accountdb_load(w->c->root, w->c->privileged, &w->db, &err);

	result = r < 0 ? MODULE_FAILED : set_all(w);
	if (r == 0)
		r = accountdb_save(&w->db, &changed, &err);
	if (r == 0)
		return changed ? module_worse(result, MODULE_CHANGED) : result;
	/* Nothing was set. */
	buf_reset(&w->told);
	for (size_t i = 0; i < w->n; i++)
		w->entries[i].set = false;
	return module_fail(w->c, (struct doc_origin){ 0 }, "chpasswd: %s", err.msg);
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

/* After they were told: nobody would know a password that was marked and not shown. */
static void mark(const struct work *w)
{
	for (const struct entry *e = w->entries; e < w->entries + w->n; e++) {
		char what[96];

		(void)snprintf(what, sizeof(what), "the password of %.40s is set", e->user);
		if (e->set)
			mark_set(w->c, &module_chpasswd, e->user, print_of(e),
				 e->kind == KIND_RANDOM, e->at, what);
	}
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	struct work w = { .c = c,
			  .told = BUF_WITH_LIMIT(64u << 10),
			  .expire = doc_bool(c->config, "chpasswd.expire", true) };
	enum module_result result = add_all(&w);

	passwords_lock(c);
	result = module_worse(result, edit(&w));
	passwords_unlock(c);
	tell(&w);
	mark(&w);
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
