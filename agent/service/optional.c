/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns OPTIONAL_KEPT: definitions by the hash of their URL, each with its URL in its first line.
 */
#include "agent/service/optional.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/modules/ask.h"
#include "lib/crypto/sha256.h"
#include "lib/doc/tree.h"
#include "lib/hash.h"
#include "lib/http/url.h"

#define PAUSE_MS 2000
#define NAME_LEN 64
#define PIN "#sha256="

static bool is_url(const char *name)
{
	return !strncmp(name, "http://", 7) || !strncmp(name, "https://", 8);
}

/* The name of a service in a repository: it becomes a part of URLs and paths. */
static bool is_name(const char *name)
{
	for (const char *s = name; *s; s++)
		if (!isalnum((unsigned char)*s) && (s == name || !strchr("._-", *s)))
			return false;
	return *name && strlen(name) <= NAME_LEN;
}

/* What messages call it: a URL without what may be secret in it. */
static const char *shown(struct doc_pool *p, const char *where)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(4096);
	const char *text;

	if (*where == '/')
		return where;
	url_public(where, &b);
	text = buf_check(&b, NULL) == 0 ? doc_strdup(p, b.data, b.len) : NULL;
	return text ? text : "a URL";
}

/* --- what is kept --- */

static void kept_path(const char *url, char path[PATH_MAX])
{
	(void)snprintf(path, PATH_MAX, OPTIONAL_KEPT "/%016" PRIx64 ".yml",
		       hash_text(url, strlen(url)));
}

static int read_kept(int root, const char *url, struct buf *ret, struct error *err)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(OPTIONAL_MAX + 8192);
	const size_t len = strlen(url);
	char path[PATH_MAX];
	const char *s;
	int r;

	kept_path(url, path);
	r = file_read(root, path, &text, err);
	if (r < 0)
		return r;
	s = buf_text(&text);
	/* Another URL may have the same hash. */
	if (strncmp(s, "# ", 2) || strncmp(s + 2, url, len) || s[2 + len] != '\n')
		return error_set(err, ENOENT, "it was not fetched yet");
	buf_add(ret, s + len + 3, text.len - len - 3);
	return buf_check(ret, err);
}

static int keep(int root, const char *url, const struct buf *text, struct error *err)
{
	const struct file_attr attr = { .mode = 0600, .uid = geteuid(), .gid = getegid() };
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(OPTIONAL_MAX + 8192);
	char path[PATH_MAX];

	buf_fmt(&out, "# %s\n", url);
	buf_add(&out, buf_text(text), text->len);
	kept_path(url, path);
	if (buf_check(&out, err) < 0)
		return -err->code;
	return file_publish(root, path, out.data, out.len, &attr, NULL, err);
}

/* --- where it is --- */

/* The address of a file of a repository; NULL when the repository has none. */
static const char *in_repository(struct doc_pool *p, const struct doc_pair *repo, const char *file)
{
	const char *url = doc_str(repo->val, "url", NULL);
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(4096);
	size_t len = url ? strlen(url) : 0;

	if (!url || (*url != '/' && !is_url(url)))
		return NULL;
	while (len && url[len - 1] == '/')
		len--;
	buf_fmt(&b, "%.*s/%s", (int)len, url, file);
	return buf_check(&b, NULL) < 0 ? NULL : doc_strdup(p, b.data, b.len);
}

static int read_from(int root, const char *where, struct buf *ret, struct error *err)
{
	return *where == '/' ? file_read(root, where, ret, err) : read_kept(root, where, ret, err);
}

static void file_of(const char *name, char file[NAME_LEN + 8])
{
	(void)snprintf(file, NAME_LEN + 8, "%c/%.64s.yml", *name, name);
}

int optional_read(int root, struct doc_pool *p, const struct doc_node *config, const char *name,
		 struct buf *ret, const char **ret_source, struct error *err)
{
	const struct doc_node *repos = doc_at(config, "rancher.repositories");
	char file[NAME_LEN + 8];

	*ret_source = is_url(name) ? shown(p, name) : name;
	if (*name == '/')
		return file_read(root, name, ret, err);
	if (is_url(name))
		return error_wrap(err, read_kept(root, name, ret, err), "%s", *ret_source);
	if (!is_name(name))
		return error_set(err, EINVAL, "%.64s is no name, no path and no URL", name);
	file_of(name, file);
	for (size_t i = 0; repos && repos->kind == DOC_MAP && i < repos->len; i++) {
		const char *where = in_repository(p, &repos->pairs[i], file);

		if (!where || read_from(root, where, ret, NULL) < 0)
			continue;
		*ret_source = shown(p, where);
		return 0;
	}
	return error_set(err, ENOENT, "%s was not fetched from a repository yet", name);
}

const char *optional_kept(int root, struct doc_pool *p, const struct doc_node *config,
			  const char *name)
{
	const struct doc_node *repos = doc_at(config, "rancher.repositories");
	const char *where = is_url(name) ? name : NULL;
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(OPTIONAL_MAX);
	char file[NAME_LEN + 8], path[PATH_MAX];

	if (!where && is_name(name)) {
		file_of(name, file);
		for (size_t i = 0;
		     !where && repos && repos->kind == DOC_MAP && i < repos->len; i++) {
			where = in_repository(p, &repos->pairs[i], file);
			if (where && (*where == '/' || read_kept(root, where, &text, NULL) < 0))
				where = NULL;
		}
	}
	if (!where || *where == '/')
		return NULL;
	kept_path(where, path);
	return file_exists(root, path) ? doc_strdup(p, path, strlen(path)) : NULL;
}

bool optional_is_missing(int root, const struct doc_node *config, const char *name)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(OPTIONAL_MAX);
	const char *source;

	return *name != '/' && doc_pool_new(&p, NULL) == 0 &&
	       optional_read(root, p, config, name, &text, &source, NULL) == -ENOENT;
}

/* --- fetching --- */

/* "…#sha256=HEX" must hold; whoever names no hash trusts the server. */
static int check_pin(const char *url, const struct buf *text, struct error *err)
{
	const char *pin = strchr(url, '#');
	char have[SHA256_TEXT];
	int r;

	if (!pin)
		return 0;
	if (strncmp(pin, PIN, strlen(PIN)))
		return error_set(err, EINVAL, "behind # only sha256=HEX is known");
	r = sha256_data(buf_text(text), text->len, have, err);
	if (r == 0 && strcasecmp(have, pin + strlen(PIN)))
		r = error_set(err, EBADMSG, "its SHA-256 is %s, not what services_include says",
			      have);
	return r;
}

/* A map of maps, as compose has it. */
static int check_services(struct doc_pool *p, const char *where, const struct buf *text,
			  struct error *err)
{
	const struct doc_node *n = NULL;
	int r = doc_yaml(p, shown(p, where), buf_text(text), text->len, &n, err);

	if (r == 0 && (n->kind != DOC_MAP || n->len == 0))
		r = error_set(err, EINVAL, "%s: this is no file of services", shown(p, where));
	return r;
}

static int get(const struct module_ctx *c, const char *url, struct doc_origin at, struct buf *text,
	       struct error *err)
{
	const char *address = doc_strdup(c->pool, url, strcspn(url, "#"));
	const int64_t retries = doc_int(c->config, "rancher.http_load_retries", 6);
	const struct ask_request req = { .url = address, .at = at, .tries = (int)retries + 1,
					 .pause_ms = PAUSE_MS, .max_bytes = OPTIONAL_MAX,
					 .reply = text };
	int r;

	if (!address)
		return error_set(err, ENOMEM, "address");
	r = ask_do(c, &req, err);
	return r < 0 ? r : error_wrap(err, check_pin(url, text, err), "%s", shown(c->pool, url));
}

static int fetch_one(const struct module_ctx *c, const char *where, struct doc_origin at,
		     struct error *err)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(OPTIONAL_MAX);
	int r = *where == '/' ? file_read(c->root, where, &text, err) :
				get(c, where, at, &text, err);

	if (r == 0)
		r = check_services(c->pool, where, &text, err);
	return r < 0 || *where == '/' ? r : keep(c->root, where, &text, err);
}

int optional_fetch(const struct module_ctx *c, const char *name, struct doc_origin at,
		  const char **ret_source, struct error *err)
{
	const struct doc_node *repos = doc_at(c->config, "rancher.repositories");
	char file[NAME_LEN + 8];
	int r = -ENOENT;

	*ret_source = is_url(name) ? shown(c->pool, name) : name;
	if (*name == '/' || is_url(name))
		return fetch_one(c, name, at, err);
	if (!is_name(name))
		return error_set(err, EINVAL, "%.64s is no name, no path and no URL", name);
	file_of(name, file);
	for (size_t i = 0; repos && repos->kind == DOC_MAP && i < repos->len; i++) {
		const char *where = in_repository(c->pool, &repos->pairs[i], file);

		error_reset(err);
		r = where ? fetch_one(c, where, repos->pairs[i].origin, err) : -ENOENT;
		if (r == 0) {
			*ret_source = shown(c->pool, where);
			return 0;
		}
	}
	if (!err->code)
		r = error_set(err, ENOENT, "%s: no repository is known (rancher.repositories)",
			      name);
	return r;
}

/* --- what there is --- */

static void add_names(struct tree_items *names, const struct doc_node *list)
{
	for (size_t i = 0; list && list->kind == DOC_SEQ && i < list->len; i++)
		if (doc_is_scalar(list->items[i]) && is_name(list->items[i]->text) &&
		    tree_items_add(names, list->items[i]) < 0)
			return;
}

const struct doc_node *optional_index(const struct module_ctx *c, bool fetch)
{
	const struct doc_node *repos = doc_at(c->config, "rancher.repositories");
	AUTO_ITEMS struct tree_items names = { 0 };

	for (size_t i = 0; repos && repos->kind == DOC_MAP && i < repos->len; i++) {
		const struct doc_pair *repo = &repos->pairs[i];
		const char *where = in_repository(c->pool, repo, "index.yml");
		AUTO_BUF struct buf text = BUF_WITH_LIMIT(OPTIONAL_MAX);
		const struct doc_node *n = NULL;
		struct error err = { 0 };
		int r = where ? 0 : error_set(&err, EINVAL, "its url is no URL and no path");

		if (r == 0 && fetch)
			r = fetch_one(c, where, repo->origin, &err);
		if (r == 0)
			r = read_from(c->root, where, &text, &err);
		if (r == 0)
			r = doc_yaml(c->pool, shown(c->pool, where), buf_text(&text), text.len, &n,
				     &err);
		if (r == 0)
			add_names(&names, doc_key(n, "services"));
		else if (fetch || r != -ENOENT)
			doc_say(c->pool, true, repo->origin, "repository %s: %s", repo->key,
				err.msg);
	}
	return tree_seq(c->pool, (struct doc_origin){ 0 }, names.data, names.n);
}
