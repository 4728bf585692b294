/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the reading of a reply (RFC 9112): its head, and its body by its length, in chunks, or until
 * the end.
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "lib/http/local_talk.h"
#include "lib/scope.h"

/* A line that says how large a chunk is. */
#define CHUNK_LINE_MAX 256
/* More of "100 Continue" and its like than this are nobody's honest reply. */
#define INTERIM_MAX 8

/* More into the empty buffer: 1, or 0 at the end of what the daemon says. */
static int receive(struct talk *t, struct error *err)
{
	struct http_local *l = t->l;
	ssize_t n;
	int r;

	do {
		r = local_await(t, POLLIN, err);
		if (r < 0)
			return r;
		n = recv(l->fd, l->data, sizeof(l->data), 0);
	} while (n < 0 && (errno == EAGAIN || errno == EINTR));
	if (n < 0) {
		/* It hung up with bytes of ours unread. */
		t->unheard = t->unheard || errno == ECONNRESET;
		return error_set(err, EAGAIN, "receive: %s", strerror(errno));
	}
	l->at = 0;
	l->len = (size_t)n;
	t->heard = t->heard || n > 0;
	return n > 0;
}

static int ended_early(struct error *err)
{
	return error_set(err, EAGAIN, "the reply ended early");
}

/* A line without its end, in `line`, which limits it. */
static int read_line(struct talk *t, struct buf *line, struct error *err)
{
	struct http_local *l = t->l;
	int r;

	buf_reset(line);
	for (;;) {
		const char *from = l->data + l->at;
		const char *end = memchr(from, '\n', l->len - l->at);
		const size_t n = end ? (size_t)(end - from) : l->len - l->at;

		buf_add(line, from, n);
		l->at += n + (end != NULL);
		if (line->failed)
			return error_set(err, EPROTO, "a line of the reply is too long");
		if (end)
			break;
		r = receive(t, err);
		if (r <= 0)
			return r < 0 ? r : ended_early(err);
	}
	if (line->len && line->data[line->len - 1] == '\r')
		line->data[--line->len] = '\0';
	return strlen(buf_text(line)) == line->len ? 0 : error_set(err, EPROTO, "a NUL in a reply");
}

/* Digits to a number; what is no number, or too large for one, is refused. */
static int read_size(const char *text, int base, size_t *ret, struct error *err)
{
	const size_t n = strspn(text, base == 10 ? "0123456789" : "0123456789abcdefABCDEF");
	const char *end = text + n + strspn(text + n, " \t");

	errno = 0;
	*ret = strtoul(text, NULL, base);
	/* Behind a chunk's size there may be words for nobody. */
	if (n == 0 || errno || *ret == SIZE_MAX || (*end && (base == 10 || *end != ';')))
		return error_set(err, EPROTO, "a length in the reply is no number");
	return 0;
}

static int read_header(const char *line, struct framing *f, struct error *err)
{
	const char *value = strchr(line, ':');
	const size_t n = value ? (size_t)(value - line) : 0;
	const size_t before = f->size;
	int r;

	if (!value)
		return error_set(err, EPROTO, "a header of the reply has no colon");
	value += 1 + strspn(value + 1, " \t");
	if (n == 10 && !strncasecmp(line, "Connection", n)) {
		f->keep = f->keep && strcasecmp(value, "close") != 0;
	} else if (n == 17 && !strncasecmp(line, "Transfer-Encoding", n)) {
		f->chunked = !strcasecmp(value, "chunked");
		if (!f->chunked)
			return error_set(err, EPROTO, "the reply is encoded in an unknown way");
	} else if (n == 14 && !strncasecmp(line, "Content-Length", n)) {
		r = read_size(value, 10, &f->size, err);
		if (r < 0)
			return r;
		if (f->sized && f->size != before)
			return error_set(err, EPROTO, "the reply has two lengths");
		f->sized = true;
	}
	return 0;
}

static int read_status(const char *line, struct framing *f, struct error *err)
{
	const char *s = line;

	if (strncmp(s, "HTTP/1.", 7) != 0 || !strchr("01", s[7]) || s[7] == '\0' || s[8] != ' ' ||
	    strspn(s + 9, "0123456789") != 3 || (s[12] != ' ' && s[12] != '\0'))
		return error_set(err, EPROTO, "the reply is not HTTP");
	*f = (struct framing){ .status = strtol(s + 9, NULL, 10), .keep = s[7] == '1' };
	return 0;
}

static bool has_body(const struct talk *t, const struct framing *f)
{
	return strcmp(t->req->method, "HEAD") != 0 && f->status != 204 && f->status != 304;
}

/* Status line and headers of the reply that counts. */
int local_reply_head(struct talk *t, struct framing *f, struct error *err)
{
	AUTO_BUF struct buf line = BUF_WITH_LIMIT(LOCAL_HEAD_MAX);
	size_t left = LOCAL_HEAD_MAX;
	int r;

	for (unsigned i = 0; i < INTERIM_MAX; i++) {
		r = read_line(t, &line, err);
		if (r == 0)
			r = read_status(buf_text(&line), f, err);
		while (r == 0 && (r = read_line(t, &line, err)) == 0 && line.len) {
			if (line.len + 2 > left)
				return error_set(err, EPROTO, "the reply's headers have no end");
			left -= line.len + 2;
			r = read_header(buf_text(&line), f, err);
		}
		if (r < 0)
			return r;
		if (f->status >= 200) {
			f->keep = f->keep && (f->sized || f->chunked || !has_body(t, f));
			return 0;
		}
	}
	return error_set(err, EPROTO, "the reply does not come to its point");
}

static int deliver(struct talk *t, const char *data, size_t n, struct error *err)
{
	if (n > t->left)
		return error_set(err, E2BIG, "the reply has more bytes than it may");
	t->left -= n;
	if (t->req->chunk)
		t->stopped = !t->req->chunk(t->req->arg, data, n);
	else if (t->body)
		buf_add(t->body, data, n);
	return 0;
}

/* `n` bytes of the body; SIZE_MAX: all until the end. */
static int read_bytes(struct talk *t, size_t n, struct error *err)
{
	struct http_local *l = t->l;
	int r;

	while (n && !t->stopped) {
		size_t have = l->len - l->at;

		if (have == 0) {
			r = receive(t, err);
			if (r < 0)
				return r;
			if (r == 0)
				return n == SIZE_MAX ? 0 : ended_early(err);
			continue;
		}
		have = have < n ? have : n;
		l->at += have;
		if (n != SIZE_MAX)
			n -= have;
		r = deliver(t, l->data + l->at - have, have, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_chunks(struct talk *t, struct error *err)
{
	AUTO_BUF struct buf line = BUF_WITH_LIMIT(CHUNK_LINE_MAX);
	size_t n;
	int r;

	do {
		r = read_line(t, &line, err);
		if (r == 0)
			r = read_size(buf_text(&line), 16, &n, err);
		if (r == 0)
			r = read_bytes(t, n, err);
		if (r < 0 || t->stopped)
			return r;
		/* Behind the data, or behind the last size (there are no trailers we asked for). */
		r = read_line(t, &line, err);
		if (r == 0 && line.len)
			r = error_set(err, EPROTO, "a chunk of the reply has no end");
	} while (r == 0 && n);
	return r;
}

int local_reply_body(struct talk *t, const struct framing *f, struct error *err)
{
	if (!has_body(t, f))
		return 0;
	if (f->chunked)
		return read_chunks(t, err);
	if (f->sized && f->size > t->left)
		return error_set(err, E2BIG, "the reply has more bytes than it may");
	return read_bytes(t, f->sized ? f->size : SIZE_MAX, err);
}
