/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads entries of write_files.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "agent/userdata/filespec.h"
#include "lib/doc/decode.h"
#include "lib/file_path.h"
#include "lib/pack/pack.h"

struct encoding {
	const char *name;
	bool base64, gzip;
};

static const struct encoding encodings[] = {
	{ "", false, false },          { "text/plain", false, false }, { "b64", true, false },
	{ "base64", true, false },     { "gz", false, true },          { "gzip", false, true },
	{ "gz+b64", true, true },      { "gz+base64", true, true },    { "gzip+b64", true, true },
	{ "gzip+base64", true, true },
};

void filespec_done(struct filespec *f)
{
	buf_done(&f->content);
}

bool filespec_mode(const char *text, mode_t *ret)
{
	mode_t mode = 0;

	if (!strncmp(text, "0o", 2))
		text += 2;
	if (strlen(text) < 3 || strlen(text) > 5 || (strlen(text) == 5 && text[0] != '0'))
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '7')
			return false;
		mode = mode * 8 + (mode_t)(*text - '0');
	}
	*ret = mode;
	return true;
}

static bool say(struct doc_pool *p, const struct doc_node *at, const char *what)
{
	doc_say(p, true, at->origin, "%s: the file is not written", what);
	return false;
}

/* Text of a key, NULL when it is not given. */
static const struct doc_node *text_of(const struct doc_node *entry, const char *key)
{
	const struct doc_node *n = doc_key(entry, key);

	return doc_is_scalar(n) && n->kind != DOC_NULL ? n : NULL;
}

/* What the agent itself keeps there must not be overwritten by what it reads. */
static bool is_own_place(const char *path)
{
	static const char *const own[] = { "/run/ros/", "/var/lib/rancher/cache/",
					   "/var/lib/rancher/agent/", "/proc/", "/sys/" };

	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		if (!strncmp(path, own[i], strlen(own[i])))
			return true;
	return false;
}

static bool read_path(struct doc_pool *p, const struct doc_node *entry, struct filespec *ret)
{
	const struct doc_node *n = text_of(entry, "path");
	char normal[PATH_MAX];

	if (!n || n->len == 0)
		return say(p, entry, "an entry of write_files without a path");
	if (n->text[0] != '/')
		return say(p, n, "the path must begin with /");
	if (strlen(n->text) != n->len || strpbrk(n->text, "\n\r") || n->len > 4000)
		return say(p, n, "this is no path");
	if (file_path_normal(n->text, normal))
		ret->path = doc_strdup(p, normal, strlen(normal));
	if (!ret->path || !*ret->path || n->text[n->len - 1] == '/')
		return say(p, n, "the path must name a file, no directory");
	if (is_own_place(ret->path))
		return say(p, n, "this place is not for files of users");
	return true;
}

static bool read_attributes(struct doc_pool *p, const struct doc_node *entry, struct filespec *ret)
{
	const struct doc_node *mode = text_of(entry, "permissions"),
			      *owner = text_of(entry, "owner");

	ret->mode = 0644;
	ret->owner = owner ? owner->text : "root:root";
	ret->has_mode = mode != NULL;
	ret->has_owner = owner != NULL;
	ret->append = doc_bool(entry, "append", false);
	ret->defer = doc_bool(entry, "defer", false);
	ret->container = doc_str(entry, "container", "console");
	if (!*ret->container)
		ret->container = "console";
	if (strchr(ret->container, '/') || ret->container[0] == '.')
		return say(p, entry, "this is no container's name");
	if (mode && !filespec_mode(mode->text, &ret->mode))
		return say(p, mode, "permissions are three or four octal digits (\"0644\")");
	return true;
}

static const struct encoding *find_encoding(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(encodings); i++)
		if (!strcasecmp(encodings[i].name, name))
			return &encodings[i];
	return NULL;
}

static bool decode(struct doc_pool *p, const struct doc_node *n, const struct encoding *e,
		   struct buf *out)
{
	AUTO_BUF struct buf raw = BUF_WITH_LIMIT(FILESPEC_MAX);
	const char *data = n->text;
	size_t len = n->len;
	int r;

	if (e->base64) {
		if (decode_base64(data, len, &raw) < 0)
			return say(p, n, "the content is no valid base64");
		data = buf_text(&raw);
		len = raw.len;
	}
	if (!e->gzip) {
		buf_add(out, data, len);
		return !out->failed || say(p, n, "the content is too large");
	}
	r = pack_gunzip(data, len, out);
	if (r == -E2BIG)
		return say(p, n, "the content is larger than 64 MiB when decompressed");
	return r == 0 || say(p, n, "the content is no gzip data, or damaged");
}

static bool read_source(struct doc_pool *p, const struct doc_node *entry, struct filespec *ret)
{
	const struct doc_node *source = doc_key(entry, "source");

	if (!source || source->kind == DOC_NULL)
		return true;
	if (!text_of(source, "uri"))
		return say(p, source, "a source has a uri");
	ret->source = source;
	return true;
}

static bool read_content(struct doc_pool *p, const struct doc_node *entry, struct filespec *ret)
{
	const struct doc_node *content = text_of(entry, "content"),
			      *name = text_of(entry, "encoding");
	const struct encoding *e = find_encoding(name ? name->text : "");

	ret->content = BUF_WITH_LIMIT(FILESPEC_MAX);
	if (!e)
		return say(p, name ? name : entry,
			   "this encoding is unknown (b64, gzip or gz+b64)");
	ret->has_content = content != NULL;
	return !content || decode(p, content, e, &ret->content);
}

/* A list or a map there must not empty a file, or open it to all. */
static bool are_texts(struct doc_pool *p, const struct doc_node *entry)
{
	static const char *const keys[] = { "content", "encoding", "owner", "permissions" };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const struct doc_node *n = doc_key(entry, keys[i]);

		if (n && !doc_is_scalar(n))
			return say(p, n,
				   "this must be a text (quote it, or write it below a \"|\")");
	}
	return true;
}

bool filespec_read(struct doc_pool *p, const struct doc_node *entry, struct filespec *ret)
{
	*ret = (struct filespec){ 0 };
	if (entry->kind != DOC_MAP)
		return false;
	return are_texts(p, entry) && read_path(p, entry, ret) && read_attributes(p, entry, ret) &&
	       read_source(p, entry, ret) && read_content(p, entry, ret);
}
