/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the conversation with a Docker daemon: connecting, the version, errors. What is sent and
 * what the answers mean is for the callers.
 */
#include "agent/engine/engine.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/http/local.h"
#include "lib/scope.h"

/* Lists of a host with many containers. */
#define REPLY_MAX (16u << 20)
/* Should an event be missed, look again after this long. */
#define RETRY_MS 500

struct engine {
	struct http_local *http;
	char socket[108];
	int api; /* minor number of the version, major is 1 */
};

void engine_free(struct engine *e)
{
	if (!e)
		return;
	http_local_free(e->http);
	free(e);
}

void engine_escape(struct buf *path, const char *text, const char *keep)
{
	for (const char *s = text; *s; s++) {
		if (isalnum((unsigned char)*s) || strchr("-._~", *s) || strchr(keep, *s))
			buf_char(path, *s);
		else
			buf_fmt(path, "%%%02X", (unsigned char)*s);
	}
}

static int code_of(long status)
{
	switch (status) {
	case 400:
		return EINVAL;
	case 404:
		return ENOENT;
	case 409:
		return EEXIST;
	default:
		return EIO;
	}
}

/* The daemon's {"message": …} as our error. */
static int refusal(long status, const char *text, size_t len, struct error *err)
{
	struct doc_pool *AUTO(doc_pool_free) p = NULL;
	const struct doc_node *reply = NULL;
	const char *said;

	if (doc_pool_new(&p, NULL) < 0 ||
	    doc_json_parse(p, "reply", text, len, &reply, NULL) < 0)
		reply = NULL;
	said = doc_str(reply, "message", NULL);
	if (said)
		return error_set(err, code_of(status), "%s", said);
	return error_set(err, code_of(status), "the daemon answered with status %ld", status);
}

static int start_request(const struct engine *e, const char *path, struct buf *url,
			 struct error *err)
{
	buf_fmt(url, "/v1.%d%s", e->api, path);
	return buf_check(url, err);
}

/* Headers of the caller and, with a body, its type. */
#define HEADERS_MAX 8
static void join_headers(const char **all, const char *const *more, const char *type)
{
	size_t n = 0;

	if (type)
		all[n++] = type;
	for (size_t i = 0; more && more[i] && n + 1 < HEADERS_MAX; i++)
		all[n++] = more[i];
	all[n] = NULL;
}

int engine_do(struct engine *e, const struct engine_call *call, struct doc_pool *p,
	      const struct doc_node **ret, struct error *err)
{
	struct buf AUTO_BUF url = BUF_WITH_LIMIT(8192);
	struct buf AUTO_BUF body = BUF_WITH_LIMIT(REPLY_MAX);
	struct buf AUTO_BUF reply = BUF_WITH_LIMIT(REPLY_MAX);
	const char *headers[HEADERS_MAX];
	struct http_request req = { .method = call->method, .headers = headers,
				    .timeout_ms = call->timeout_ms, .max_bytes = REPLY_MAX };
	long status = 0;
	int r;

	r = start_request(e, call->path, &url, err);
	if (r < 0)
		return r;
	if (call->body)
		doc_json_write(call->body, &body);
	r = buf_check(&body, err);
	if (r < 0)
		return r;
	join_headers(headers, call->headers, call->body ? "Content-Type: application/json" : NULL);
	req.url = buf_text(&url);
	req.body = call->body ? buf_text(&body) : NULL;
	req.body_len = body.len;
	r = http_local_do(e->http, &req, &status, &reply, err);
	if (r < 0)
		return r;
	if (status == 304)
		return 0;
	if (status < 200 || status > 299)
		return refusal(status, buf_text(&reply), reply.len, err);
	if (!ret)
		return 0;
	return doc_json_parse(p, "docker", buf_text(&reply), reply.len, ret, err);
}

/* What a stream's answer began with: all of it when it is an error. */
struct stream_state {
	const struct engine_stream *s;
	struct buf head;
};

static bool take_chunk(void *arg, const char *data, size_t len)
{
	struct stream_state *st = arg;
	const size_t room = st->head.limit - st->head.len;

	buf_add(&st->head, data, len < room ? len : room);
	return !st->s->fn || st->s->fn(st->s->arg, data, len);
}

int engine_stream(struct engine *e, const struct engine_stream *s, struct error *err)
{
	struct buf AUTO_BUF url = BUF_WITH_LIMIT(8192);
	struct stream_state st = { .s = s, .head = BUF_WITH_LIMIT(4096) };
	const char *headers[HEADERS_MAX];
	struct http_request req = { .method = s->method, .headers = headers,
				    .timeout_ms = s->timeout_ms, .body = s->data,
				    .body_len = s->len, .chunk = take_chunk, .arg = &st };
	long status = 0;
	int r;

	r = start_request(e, s->path, &url, err);
	if (r < 0)
		return r;
	join_headers(headers, s->headers, s->data ? "Content-Type: application/x-tar" : NULL);
	req.url = buf_text(&url);
	r = http_local_do(e->http, &req, &status, NULL, err);
	if (r == 0 && (status < 200 || status > 299))
		r = refusal(status, buf_text(&st.head), st.head.len, err);
	buf_done(&st.head);
	return r;
}

/* The minor number of the first "1.N" behind `words` in text; -1 when there is none. */
static int minor_after(const char *text, const char *words)
{
	const char *at = strstr(text, words);

	if (!at || strncmp(at + strlen(words), "1.", 2) != 0)
		return -1;
	return (int)strtol(at + strlen(words) + 2, NULL, 10);
}

/* Ask in our newest version. Who is older refuses, and says which one it speaks; that is cheaper
 * than /version, for which the daemon runs other programs. */
static int negotiate(struct engine *e, int timeout_ms, struct error *err)
{
	const struct engine_call call = { .method = "GET", .path = "/_ping",
					  .timeout_ms = timeout_ms };
	struct error why = { 0 };
	int newest, r;

	e->api = ENGINE_API_MAX;
	r = engine_do(e, &call, NULL, NULL, &why);
	if (r != -EINVAL) {
		if (r < 0 && err)
			*err = why;
		return r;
	}
	newest = minor_after(why.msg, "Maximum supported API version is ");
	if (newest < ENGINE_API_MIN || newest >= ENGINE_API_MAX)
		return error_set(err, EPROTO, "we speak API 1.%d to 1.%d, but: %s", ENGINE_API_MIN,
				 ENGINE_API_MAX, why.msg);
	e->api = newest;
	return engine_do(e, &call, NULL, NULL, err);
}

/* Watch the socket's directory; -1 when that does not work (then there is the retry alone). */
static int watch_directory(const char *socket)
{
	AUTO_CLOSE int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char dir[108];
	char *slash;

	(void)snprintf(dir, sizeof(dir), "%s", socket);
	slash = strrchr(dir, '/');
	if (!slash || slash == dir || fd < 0)
		return -1;
	*slash = '\0';
	/* dockerd sets the mode of its socket once it listens: IN_ATTRIB. */
	if (inotify_add_watch(fd, dir, IN_CREATE | IN_MOVED_TO | IN_ATTRIB) < 0)
		return -1;
	return TAKE_FD(fd);
}

static void await_change(int fd, int timeout_ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	char events[4096];

	(void)poll(&pfd, 1, timeout_ms < RETRY_MS ? timeout_ms : RETRY_MS);
	while (fd >= 0 && read(fd, events, sizeof(events)) > 0)
		;
}

static int await_answer(struct engine *e, int64_t deadline, struct error *err)
{
	AUTO_CLOSE int fd = watch_directory(e->socket);
	int r;

	for (;;) {
		const int left = clock_left_ms(deadline);

		/* The daemon listens long before it answers: the request just waits. */
		r = negotiate(e, left + 1, err);
		if (r != -EAGAIN)
			return r;
		if (clock_left_ms(deadline) == 0)
			return error_wrap(err, r, "no answer in time");
		await_change(fd, clock_left_ms(deadline));
	}
}

static int engine_new(const char *socket, struct engine **ret, struct error *err)
{
	struct engine *AUTO(engine_free) e = calloc(1, sizeof(*e));
	int r;

	if (!e)
		return error_set(err, ENOMEM, "no memory for a connection");
	/* It refuses what is too long for a socket. */
	r = http_local_new(socket, &e->http, err);
	if (r < 0)
		return r;
	(void)snprintf(e->socket, sizeof(e->socket), "%s", socket);
	*ret = TAKE_PTR(e);
	return 0;
}

int engine_open(const char *socket, int timeout_ms, struct engine **ret, struct error *err)
{
	const int64_t deadline = clock_ms() + timeout_ms;
	struct engine *AUTO(engine_free) e = NULL;
	int r;

	r = engine_new(socket, &e, err);
	if (r == 0)
		r = await_answer(e, deadline, err);
	if (r < 0)
		return error_wrap(err, r, "%s", socket);
	*ret = TAKE_PTR(e);
	return 0;
}

int engine_clone(const struct engine *e, struct engine **ret, struct error *err)
{
	int r = engine_new(e->socket, ret, err);

	if (r == 0)
		(*ret)->api = e->api;
	return r;
}
