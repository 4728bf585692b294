/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys are the same when their blobs are: comments and options differ between sources.
 */
#include <string.h>

#include "agent/account/authkeys.h"
#include "lib/doc/decode.h"

#define BLOB_MAX 65536

static const char *const type_starts[] = { "ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-",
					   "rsa-sha2-" };

static bool is_type(const char *s, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(type_starts); i++)
		if (len > strlen(type_starts[i]) &&
		    !strncmp(s, type_starts[i], strlen(type_starts[i])))
			return true;
	return false;
}

static size_t line_length(const char *s)
{
	return strcspn(s, "\r\n");
}

/* A word ends at a blank outside of double quotes; options hold quoted blanks. */
static size_t word_length(const char *s, const char *end)
{
	const char *from = s;
	bool quoted = false;

	for (; s < end && (quoted || (*s != ' ' && *s != '\t')); s++) {
		if (*s == '\\' && s + 1 < end)
			s++;
		else if (*s == '"')
			quoted = !quoted;
	}
	return (size_t)(s - from);
}

static const char *skip_blanks(const char *s, const char *end)
{
	while (s < end && (*s == ' ' || *s == '\t'))
		s++;
	return s;
}

static bool is_base64(const char *s, size_t len)
{
	static const char accept[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";

	return len > 0 && strspn(s, accept) >= len;
}

bool authkeys_parse(const char *line, struct authkeys_key *ret)
{
	const char *end = line + line_length(line);
	const char *s = skip_blanks(line, end);

	if (s == end || *s == '#')
		return false;
	/* The type is the first word, or the second when options stand in front. */
	for (int i = 0; i < 2 && s < end; i++) {
		size_t len = word_length(s, end);
		const char *after = skip_blanks(s + len, end);

		if (is_type(s, len)) {
			*ret = (struct authkeys_key){ s, after, len, word_length(after, end) };
			return is_base64(ret->blob, ret->blob_len);
		}
		s = after;
	}
	return false;
}

bool authkeys_is_whole(const struct authkeys_key *k)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(BLOB_MAX);
	const unsigned char *s;
	size_t len;

	if (decode_base64(k->blob, k->blob_len, &b) < 0 || b.len < 4)
		return false;
	s = (const unsigned char *)b.data;
	len = (size_t)s[0] << 24 | (size_t)s[1] << 16 | (size_t)s[2] << 8 | s[3];
	return len == k->type_len && b.len > 4 + len && !memcmp(b.data + 4, k->type, len);
}

static bool same_blob(const char *line, const struct authkeys_key *k)
{
	struct authkeys_key other;

	return authkeys_parse(line, &other) && other.blob_len == k->blob_len &&
	       !memcmp(other.blob, k->blob, k->blob_len);
}

void authkeys_put(const char *text, const char *key, struct buf *out)
{
	struct authkeys_key k;
	bool placed = false;

	if (!authkeys_parse(key, &k)) {
		buf_str(out, text);
		return;
	}
	while (*text) {
		size_t len = line_length(text), all = len + strspn(text + len, "\r\n");

		if (!same_blob(text, &k)) {
			buf_add(out, text, all);
		} else if (!placed) {
			buf_add(out, key, line_length(key));
			buf_char(out, '\n');
			placed = true;
		}
		text += all;
	}
	if (placed)
		return;
	if (out->len && out->data[out->len - 1] != '\n')
		buf_char(out, '\n');
	buf_add(out, key, line_length(key));
	buf_char(out, '\n');
}

void authkeys_drop(const char *text, const char *key, struct buf *out)
{
	struct authkeys_key k;
	bool is_key = authkeys_parse(key, &k);

	while (*text) {
		size_t len = line_length(text), all = len + strspn(text + len, "\r\n");

		if (!is_key || !same_blob(text, &k))
			buf_add(out, text, all);
		text += all;
	}
}
