/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the document of a path.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "datasource/serve/dialect.h"
#include "datasource/serve/fill.h"
#include "datasource/serve/route.h"

#define RECURSIVE         "?recursive"
#define TOKEN_PATH        "/latest/api/token"
#define GUEST_ATTRIBUTES  "/computeMetadata/v1/instance/guest-attributes/"
#define TOKEN_SECONDS_MAX 21600
#define PATH_MAX_BYTES    512

struct look {
	const struct serve_options *options;
	const struct serve_request *req;
	const struct serve_folder *folder;
	struct serve_reply *reply;
};

static void fail(struct serve_reply *r, int status, const char *text)
{
	buf_reset(&r->body);
	r->status = status;
	r->type = "text/plain";
	buf_fmt(&r->body, "%s\n", text);
}

/* --- patterns --- */

/* What the segments of a pattern stood for. */
struct match {
	unsigned long number; /* of the key */
};

static bool is_version(const char *s, size_t len)
{
	if (len == 6 && !strncmp(s, "latest", 6))
		return true;
	if ((len != 10 && len != 3) || !isdigit((unsigned char)*s))
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isdigit((unsigned char)s[i]) && s[i] != '-' && s[i] != '.')
			return false;
	return true;
}

static bool match_segment(const char *pattern, size_t pattern_len, const char *s, size_t len,
			  struct match *m)
{
	char *end;

	if (pattern_len == 1 && *pattern == '*')
		return is_version(s, len);
	if (pattern_len == 1 && *pattern == '#') {
		m->number = strtoul(s, &end, 10);
		return len > 0 && end == s + len && isdigit((unsigned char)*s);
	}
	return pattern_len == len && !strncmp(pattern, s, len);
}

/* Both begin with "/". How far the path follows the pattern: *rest is what the pattern has left
 * ("" for a whole match); false when they part. */
static bool match_path(const char *pattern, const char *path, struct match *m, const char **rest)
{
	while (*path == '/' && *pattern == '/') {
		size_t n = strcspn(pattern + 1, "/"), k = strcspn(path + 1, "/");

		/* A slash at the path's end asks for the directory. */
		if (k == 0 && path[1] == '\0' && n > 0)
			break;
		if (!match_segment(pattern + 1, n, path + 1, k, m))
			return false;
		pattern += n + 1;
		path += k + 1;
	}
	*rest = pattern;
	return *path == '\0' || !strcmp(path, "/");
}

/* The pattern with its ${…} filled; false when something in it is not there. */
static bool fill_path(const struct look *l, const struct serve_document *d, struct buf *ret)
{
	*ret = BUF_WITH_LIMIT(PATH_MAX_BYTES);
	return serve_fill(l->folder, d->path, false, ret) && ret->failed == 0;
}

/* --- documents --- */

/* Members that are null are left out: a cloud does not show what is not there. */
static void write_clean(const struct doc_node *n, struct buf *out)
{
	bool any = false;

	if (n->kind != DOC_MAP && n->kind != DOC_SEQ) {
		doc_json_write(n, out);
		return;
	}
	buf_char(out, n->kind == DOC_MAP ? '{' : '[');
	for (size_t i = 0; i < n->len; i++) {
		const struct doc_node *v = n->kind == DOC_MAP ? n->pairs[i].val : n->items[i];

		if (v->kind == DOC_NULL)
			continue;
		buf_str(out, any ? "," : "");
		any = true;
		if (n->kind == DOC_MAP) {
			buf_char(out, '"');
			buf_json(out, n->pairs[i].key);
			buf_str(out, "\":");
		}
		write_clean(v, out);
	}
	buf_char(out, n->kind == DOC_MAP ? '}' : ']');
}

static bool fill_json(const struct look *l, const struct serve_document *d, struct buf *out)
{
	AUTO_BUF struct buf raw = BUF_WITH_LIMIT(4 * SERVE_FILE_MAX);
	const struct doc_node *n = NULL;

	(void)serve_fill(l->folder, d->text, true, &raw);
	if (doc_json_parse(l->folder->pool, d->path, buf_text(&raw), raw.len, &n, NULL) < 0)
		return false;
	write_clean(n, out);
	return true;
}

/* ${key:#} gets the number that the path had. */
static bool fill_document(const struct look *l, const struct serve_document *d,
			  const struct match *m, struct buf *out)
{
	AUTO_BUF struct buf text = { 0 };
	const char *at = strstr(d->text, ":#}");

	if (d->json)
		return fill_json(l, d, out);
	if (!at)
		return serve_fill(l->folder, d->text, false, out);
	buf_fmt(&text, "%.*s:%lu%s", (int)(at - d->text), d->text, m->number, at + 2);
	return serve_fill(l->folder, buf_text(&text), false, out);
}

static bool is_recursive(const char *pattern)
{
	const char *q = strchr(pattern, '?');

	return q && !strcmp(q, RECURSIVE);
}

static bool try_document(const struct look *l, const struct serve_document *d, bool recursive)
{
	AUTO_BUF struct buf pattern = { 0 };
	struct match m = { 0 };
	const char *rest;
	char *q;

	if (is_recursive(d->path) != recursive || !fill_path(l, d, &pattern))
		return false;
	q = recursive ? strchr(pattern.data, '?') : NULL;
	if (q) {
		*q = '\0';
		if (q > pattern.data && q[-1] == '/')
			q[-1] = '\0';
	}
	if (!match_path(buf_text(&pattern), l->req->path, &m, &rest) || *rest)
		return false;
	buf_reset(&l->reply->body);
	if (!fill_document(l, d, &m, &l->reply->body))
		return false;
	l->reply->status = 200;
	l->reply->type = d->json ? "application/json" : "text/plain";
	return true;
}

static bool find_document(const struct look *l, const struct serve_dialect *d)
{
	bool recursive = serve_request_asks(l->req, "recursive=true");

	for (const struct serve_document *doc = d->documents; doc->path; doc++)
		if (try_document(l, doc, recursive))
			return true;
	return false;
}

/* --- directories --- */

static void add_entry(const struct look *l, const char *name, size_t len, bool is_dir)
{
	struct buf *b = &l->reply->body;
	char line[PATH_MAX_BYTES];
	size_t n;

	if (snprintf(line, sizeof(line), "%.*s%s", (int)len, name, is_dir ? "/" : "") >=
	    (int)sizeof(line))
		return;
	n = strlen(line);
	/* Directories come once for each document in them, one after another. */
	if (b->len >= n && !strcmp(b->data + b->len - n, line) &&
	    (b->len == n || b->data[b->len - n - 1] == '\n'))
		return;
	buf_fmt(b, "%s%s", b->len ? "\n" : "", line);
}

static void add_keys(const struct look *l)
{
	for (size_t i = 0; i < l->folder->keys->len; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "%zu=key%zu", i, i);
		add_entry(l, name, strlen(name), false);
	}
}

/* A document below the path adds its next segment, when it is there at all. */
static void list_document(const struct look *l, const struct serve_document *d)
{
	AUTO_BUF struct buf pattern = { 0 };
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(4 * SERVE_FILE_MAX);
	struct match m = { 0 };
	const char *rest;
	size_t len;

	if (is_recursive(d->path) || !fill_path(l, d, &pattern) ||
	    !match_path(buf_text(&pattern), l->req->path, &m, &rest) || *rest != '/')
		return;
	if (!fill_document(l, d, &m, &text))
		return;
	len = strcspn(rest + 1, "/");
	if (rest[1] == '#')
		add_keys(l);
	else if (rest[1] != '*')
		add_entry(l, rest + 1, len, rest[1 + len] == '/');
}

static bool is_same_dir(const char *a, const char *b)
{
	size_t n = strlen(a), k = strlen(b);

	n -= n > 1 && a[n - 1] == '/';
	k -= k > 1 && b[k - 1] == '/';
	return n == k && !strncmp(a, b, n);
}

static bool list_versions(const struct look *l, const struct serve_dialect *d)
{
	if (!d->versions || !is_same_dir(d->versions_at, l->req->path))
		return false;
	for (const char *const *v = d->versions; *v; v++)
		add_entry(l, *v, strlen(*v), false);
	return true;
}

static bool list_dir(const struct look *l, const struct serve_dialect *d)
{
	buf_reset(&l->reply->body);
	for (const struct serve_document *doc = d->documents; doc->path; doc++)
		list_document(l, doc);
	l->reply->status = 200;
	l->reply->type = "text/plain";
	return l->reply->body.len > 0;
}

/* --- rules --- */

static bool is_below(const char *path, const char *prefix)
{
	return !strncmp(path, prefix, strlen(prefix));
}

static bool keeps_rules(const struct look *l, const struct serve_dialect *d)
{
	for (const struct serve_rule *r = d->rules; r && r->prefix; r++) {
		const char *have = serve_request_header(l->req, r->name);
		bool right = have && (!r->value || !strcasecmp(have, r->value));
		char text[128];

		if (!is_below(l->req->path, r->prefix) || right != r->is_forbidden)
			continue;
		(void)snprintf(text, sizeof(text), "%s: header %s %s", d->name, r->name,
			       r->is_forbidden ? "is refused" : "is missing");
		fail(l->reply, r->status, text);
		return false;
	}
	if (d->reply_prefix && is_below(l->req->path, d->reply_prefix))
		l->reply->header = d->reply_header;
	return true;
}

/* --- EC2's tokens --- */

static void give_token(const struct look *l)
{
	const char *ttl = serve_request_header(l->req, "X-aws-ec2-metadata-token-ttl-seconds");
	long seconds = ttl ? strtol(ttl, NULL, 10) : 0;

	if (strcmp(l->req->method, "PUT") != 0) {
		fail(l->reply, 405, "ec2: a token is asked for by PUT");
	} else if (seconds < 1 || seconds > TOKEN_SECONDS_MAX) {
		fail(l->reply, 400, "ec2: X-aws-ec2-metadata-token-ttl-seconds is 1 to 21600");
	} else {
		buf_str(&l->reply->body, l->options->token);
		l->reply->status = 200;
		l->reply->header = "X-aws-ec2-metadata-token-ttl-seconds: 21600";
	}
}

static bool has_right_token(const struct look *l, const struct serve_dialect *d)
{
	const char *token = serve_request_header(l->req, "X-aws-ec2-metadata-token");

	if (d != &serve_ec2 || (!token && !l->options->require_token) ||
	    (token && !strcmp(token, l->options->token)))
		return true;
	fail(l->reply, 401, token ? "ec2: the token is not valid" : "ec2: a token is wanted");
	return false;
}

/* --- waiting for changes --- */

/* GCE's wait_for_change: held back as long as the answer is the one that the client knows. */
static void tell_changes(const struct look *l)
{
	uint64_t h = 14695981039346656037u;
	const struct buf *b = &l->reply->body;
	char last[sizeof(l->reply->etag)], seconds[8];
	unsigned long hold = SERVE_HOLD_S;

	for (size_t i = 0; i < b->len; i++)
		h = (h ^ (unsigned char)b->data[i]) * 1099511628211u;
	(void)snprintf(l->reply->etag, sizeof(l->reply->etag), "%016llx", (unsigned long long)h);
	if (!serve_request_asks(l->req, "wait_for_change=true"))
		return;
	if (serve_request_value(l->req, "last_etag", last, sizeof(last)) &&
	    strcmp(last, l->reply->etag) != 0)
		return;
	if (serve_request_value(l->req, "timeout_sec", seconds, sizeof(seconds)))
		hold = strtoul(seconds, NULL, 10);
	l->reply->hold_ms = (int)(hold < SERVE_HOLD_S ? hold : SERVE_HOLD_S) * 1000;
}

/* GCE's attributes that the machine writes itself: taken where that is switched on, not kept. */
static void take_guest_attribute(const struct look *l)
{
	static const char key[] = "enable-guest-attributes";
	const char *v = serve_folder_value(l->folder, key, strlen(key));

	if (!v || strcasecmp(v, "true") != 0)
		fail(l->reply, 403, "gce: meta-data has no enable-guest-attributes: true");
}

/* --- all of it --- */

static bool find_overlay(const struct look *l)
{
	struct error err = { 0 };
	int r = serve_folder_overlay(l->options->dir, l->req->path + 1, &l->reply->body, &err);

	if (r == -ENOENT)
		return false;
	l->reply->status = 200;
	if (r < 0)
		fail(l->reply, 500, err.msg);
	return true;
}

static void look_up(const struct look *l)
{
	for (const struct serve_dialect *const *d = serve_dialects; *d; d++)
		if (!keeps_rules(l, *d))
			return;
	if (!strcmp(l->req->path, TOKEN_PATH)) {
		give_token(l);
		return;
	}
	if (!strcmp(l->req->method, "PUT") && is_below(l->req->path, GUEST_ATTRIBUTES)) {
		take_guest_attribute(l);
		return;
	}
	if (find_overlay(l))
		return;
	for (const struct serve_dialect *const *d = serve_dialects; *d; d++)
		if (find_document(l, *d) || list_versions(l, *d)) {
			(void)has_right_token(l, *d);
			if (*d == &serve_gce)
				tell_changes(l);
			return;
		}
	for (const struct serve_dialect *const *d = serve_dialects; *d; d++)
		if (list_dir(l, *d)) {
			(void)has_right_token(l, *d);
			return;
		}
	fail(l->reply, 404, "not found");
}

void serve_route(const struct serve_options *o, const struct serve_request *req,
		 struct serve_reply *ret)
{
	static const char *const methods[] = { "GET", "HEAD", "PUT", "POST" };
	AUTO_SERVE_FOLDER struct serve_folder folder = { 0 };
	const struct look l = { .options = o, .req = req, .folder = &folder, .reply = ret };
	struct error err = { 0 };
	bool known = false;

	*ret = (struct serve_reply){ .status = 200, .type = "text/plain" };
	ret->body = BUF_WITH_LIMIT(4 * SERVE_FILE_MAX);
	for (size_t i = 0; i < ARRAY_LEN(methods); i++)
		known = known || !strcmp(req->method, methods[i]);
	if (!known)
		fail(ret, 405, "the method is not known");
	else if (serve_folder_load(o->dir, &folder, &err) < 0)
		fail(ret, 500, err.msg);
	else
		look_up(&l);
	/* What is posted (Azure's reports) is taken without a word. */
	if (!strcmp(req->method, "POST") && ret->status == 200)
		buf_reset(&ret->body);
	if (ret->body.failed) {
		buf_done(&ret->body);
		fail(ret, 500, "more than can be sent");
	}
}
