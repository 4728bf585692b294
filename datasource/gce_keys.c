/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Google's SSH keys.
 */
#include "datasource/gce_keys.h"

#include <ctype.h>
#include <string.h>

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

bool gce_keys_is_good(const char *key, time_t now)
{
	AUTO(doc_pool_free) struct doc_pool *pool = NULL;
	const char *json = google_comment(key);
	const struct doc_node *doc = NULL;
	time_t until;

	if (!json)
		return true;
	if (doc_pool_new(&pool, NULL) < 0 ||
	    doc_json_parse(pool, "google-ssh", json, strlen(json), &doc, NULL) < 0)
		return false;
	return read_date(doc_str(doc, "expireOn", ""), &until) && until > now;
}
