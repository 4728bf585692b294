/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads requests.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "datasource/serve/request.h"

static int parse_line(char *line, struct serve_request *ret)
{
	char *path = strchr(line, ' '), *version, *query;

	if (!path)
		return -EBADMSG;
	*path++ = '\0';
	version = strchr(path, ' ');
	if (!version || strncmp(version + 1, "HTTP/1.", 7) != 0)
		return -EBADMSG;
	*version++ = '\0';
	/* A proxy's form, http://host/path, is taken as well. */
	if (!strncasecmp(path, "http://", 7))
		path = strchr(path + 7, '/');
	if (!path || *path != '/')
		return -EBADMSG;
	query = strchr(path, '?');
	if (query)
		*query++ = '\0';
	ret->method = line;
	ret->path = path;
	ret->query = query ? query : "";
	ret->keep_alive = strcmp(version, "HTTP/1.0") != 0;
	return 0;
}

static int parse_header(char *line, struct serve_request *ret)
{
	char *value = strchr(line, ':'), *end;

	if (!value || value == line)
		return -EBADMSG;
	if (ret->n_headers == SERVE_HEADERS_MAX)
		return -E2BIG;
	*value++ = '\0';
	value += strspn(value, " \t");
	end = value + strlen(value);
	while (end > value && (end[-1] == ' ' || end[-1] == '\t'))
		*--end = '\0';
	ret->headers[ret->n_headers++] = (struct serve_header){ line, value };
	return 0;
}

/* The head is whole: cut it into lines. */
static int parse_head(char *data, struct serve_request *ret)
{
	char *line = data;
	int r = 0;

	for (bool first = true; r == 0; first = false) {
		char *end = strchr(line, '\n');

		if (!end)
			return -EBADMSG;
		*end = '\0';
		if (end > line && end[-1] == '\r')
			end[-1] = '\0';
		if (!*line)
			return first ? -EBADMSG : 0;
		r = first ? parse_line(line, ret) : parse_header(line, ret);
		line = end + 1;
	}
	return r;
}

static int find_body(struct serve_request *ret)
{
	const char *length = serve_request_header(ret, "Content-Length");
	const char *connection = serve_request_header(ret, "Connection");

	if (serve_request_header(ret, "Transfer-Encoding"))
		return -EBADMSG;
	if (connection && !strcasecmp(connection, "close"))
		ret->keep_alive = false;
	if (!length)
		return 0;
	if (!*length || strspn(length, "0123456789") != strlen(length) || strlen(length) > 9)
		return -EBADMSG;
	ret->body_len = strtoul(length, NULL, 10);
	return ret->body_len > SERVE_BODY_MAX ? -E2BIG : 0;
}

int serve_request_parse(char *data, size_t len, struct serve_request *ret)
{
	static const char *const ends[] = { "\r\n\r\n", "\n\n" };
	size_t body_len = 0;
	char *end = NULL;
	int r;

	*ret = (struct serve_request){ 0 };
	for (size_t i = 0; !end && i < ARRAY_LEN(ends); i++) {
		end = memmem(data, len, ends[i], strlen(ends[i]));
		if (end)
			ret->head_len = (size_t)(end - data) + strlen(ends[i]);
	}
	if (!end)
		return len >= SERVE_HEAD_MAX ? -E2BIG : 0;
	if (ret->head_len > SERVE_HEAD_MAX)
		return -E2BIG;
	if (memchr(data, '\0', ret->head_len))
		return -EBADMSG;
	/* The head is only cut up when the body is there: look for its length in a copy. */
	{
		char copy[SERVE_HEAD_MAX + 1];
		struct serve_request head = { 0 };

		memcpy(copy, data, ret->head_len);
		copy[ret->head_len] = '\0';
		r = parse_head(copy, &head);
		if (r == 0)
			r = find_body(&head);
		if (r < 0)
			return r;
		body_len = head.body_len;
	}
	if (len - ret->head_len < body_len)
		return 0;
	r = parse_head(data, ret);
	if (r == 0)
		r = find_body(ret);
	return r < 0 ? r : 1;
}

const char *serve_request_header(const struct serve_request *r, const char *name)
{
	for (size_t i = 0; i < r->n_headers; i++)
		if (!strcasecmp(r->headers[i].name, name))
			return r->headers[i].value;
	return NULL;
}

bool serve_request_value(const struct serve_request *r, const char *name, char *to, size_t size)
{
	size_t len = strlen(name);

	for (const char *s = r->query; *s; s += *s == '&') {
		size_t n = strcspn(s, "&");

		if (n > len && s[len] == '=' && !strncmp(s, name, len) && n - len - 1 < size) {
			memcpy(to, s + len + 1, n - len - 1);
			to[n - len - 1] = '\0';
			return true;
		}
		s += n;
	}
	return false;
}

bool serve_request_asks(const struct serve_request *r, const char *word)
{
	size_t len = strlen(word);

	for (const char *s = r->query; *s; s += *s == '&') {
		size_t n = strcspn(s, "&");

		if (n == len && !strncasecmp(s, word, len))
			return true;
		s += n;
	}
	return false;
}
