/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Google's SSH keys.
 */
#include "datasource/gce_keys.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "lib/doc/doc.h"

const char *gce_keys_parse(const char *line, size_t len, size_t *ret_len)
{
	const char *colon;

	while (len && isspace((unsigned char)line[len - 1]))
		len--;
	while (len && isspace((unsigned char)*line)) {
		line++;
		len--;
	}
	colon = len < GCE_KEYS_LINE ? memchr(line, ':', len) : NULL;
	if (!colon || colon == line)
		return NULL;
	for (const char *s = line; s < line + len; s++)
		if (!isprint((unsigned char)*s) || (s < colon && isspace((unsigned char)*s)))
			return NULL;
	*ret_len = len - (size_t)(colon + 1 - line);
	return memchr(colon + 1, ' ', *ret_len) ? colon + 1 : NULL;
}

/* "2026-04-23T12:34:56+0000" */
static bool read_date(const char *text, time_t *ret)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%Y-%m-%dT%H:%M:%S%z", &tm);
	long offset = tm.tm_gmtoff;

	if (!end || *end)
		return false;
	*ret = timegm(&tm) - offset;
	return true;
}

/* The fourth word and what follows it, when the third is google-ssh; NULL when it is not, "" when
 * nothing follows. */
static const char *google_comment(const char *key)
{
	for (int i = 0; i < 2; i++) {
		key += strcspn(key, " ");
		key += strspn(key, " ");
	}
	if (strncmp(key, "google-ssh", 10) != 0 || (key[10] && key[10] != ' '))
		return NULL;
	return key + 10 + strspn(key + 10, " ");
}

/* *ret is when the key expires; 0: never. */
static bool is_good(const char *key, time_t now, time_t *ret)
{
	AUTO(doc_pool_free) struct doc_pool *pool = NULL;
	const char *json = google_comment(key);
	const struct doc_node *doc = NULL;

	*ret = 0;
	if (!json)
		return true;
	if (doc_pool_new(&pool, NULL) < 0 ||
	    doc_json_parse(pool, "google-ssh", json, strlen(json), &doc, NULL) < 0)
		return false;
	return read_date(doc_str(doc, "expireOn", ""), ret) && *ret > now;
}

bool gce_keys_is_good(const char *key, time_t now)
{
	time_t until;

	return is_good(key, now, &until);
}

bool gce_keys_wants_host_keys(const struct doc_node *instance, const struct doc_node *project)
{
	static const char key[] = "enable-guest-attributes";
	const struct doc_node *n = doc_key(instance, key);

	return !strcasecmp(doc_str(n ? n : doc_key(project, key), "", ""), "true");
}

static void add_keys(const char *lines, time_t now, struct meta *m, time_t *first)
{
	while (*lines) {
		size_t len = strcspn(lines, "\r\n"), n = 0;
		const char *key = gce_keys_parse(lines, len, &n);
		AUTO_BUF struct buf text = { 0 };
		time_t until;

		if (key) {
			buf_add(&text, key, n);
			if (is_good(buf_text(&text), now, &until)) {
				meta_add_keys(m, buf_text(&text));
				*first = until && (!*first || until < *first) ? until : *first;
			}
		}
		lines += len;
		lines += strspn(lines, "\r\n");
	}
}

time_t gce_keys_collect(const struct doc_node *instance, const struct doc_node *project, time_t now,
			struct meta *m)
{
	static const char *const names[] = { "ssh-keys", "sshKeys" };
	bool blocked = doc_key(instance, "sshKeys") ||
		       !strcasecmp(doc_str(doc_key(instance, "block-project-ssh-keys"), "", ""),
				   "true");
	time_t first = 0;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		add_keys(doc_str(doc_key(instance, names[i]), "", ""), now, m, &first);
	for (size_t i = 0; !blocked && i < ARRAY_LEN(names); i++)
		add_keys(doc_str(doc_key(project, names[i]), "", ""), now, m, &first);
	return first;
}
