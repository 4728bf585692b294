/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the requests about containers and their deadlines.
 */
#include "agent/engine/container.h"

#include <errno.h>
#include <stdio.h>

#include "lib/buf.h"

/* Creating and removing touch the disk; starting waits for the runtime. */
#define CALL_MS 60000
/* A stop waits for the container's own grace period, which is not known here. */
#define STOP_MARGIN_MS 30000
#define STOP_UNKNOWN_MS 120000

int container_list(struct engine *e, struct doc_pool *p, const struct doc_node **ret,
		   struct error *err)
{
	const struct engine_call call = { .method = "GET", .path = "/containers/json?all=1",
					  .timeout_ms = CALL_MS };

	return engine_do(e, &call, p, ret, err);
}

/* A request about one container: PREFIX NAME SUFFIX. */
static int about(struct engine *e, struct engine_call *call, const char *const path[3],
		 struct doc_pool *p, const struct doc_node **ret, struct error *err)
{
	struct buf AUTO_BUF text = BUF_WITH_LIMIT(4096);
	int r;

	buf_str(&text, path[0]);
	engine_escape(&text, path[1], "");
	buf_str(&text, path[2]);
	r = buf_check(&text, err);
	if (r < 0)
		return r;
	call->path = buf_text(&text);
	if (!call->timeout_ms)
		call->timeout_ms = CALL_MS;
	return engine_do(e, call, p, ret, err);
}

int container_inspect(struct engine *e, struct doc_pool *p, const char *name,
		   const struct doc_node **ret, struct error *err)
{
	struct engine_call call = { .method = "GET" };
	const char *const path[] = { "/containers/", name, "/json" };

	return about(e, &call, path, p, ret, err);
}

int container_create(struct engine *e, struct doc_pool *p, const char *name,
		  const struct doc_node *body, const char **ret_id, struct error *err)
{
	struct engine_call call = { .method = "POST", .body = body };
	const char *const path[] = { "/containers/create?name=", name, "" };
	const struct doc_node *reply = NULL;
	int r = about(e, &call, path, p, &reply, err);

	if (r < 0)
		return r;
	*ret_id = doc_str(reply, "Id", NULL);
	if (!*ret_id)
		return error_set(err, EIO, "the daemon gave the new container no Id");
	return 0;
}

int container_start(struct engine *e, const char *id, struct error *err)
{
	struct engine_call call = { .method = "POST" };
	const char *const path[] = { "/containers/", id, "/start" };

	return about(e, &call, path, NULL, NULL, err);
}

static int stop_or_restart(struct engine *e, const char *id, const char *verb, int seconds,
			   struct error *err)
{
	struct engine_call call = { .method = "POST", .timeout_ms = STOP_UNKNOWN_MS };
	char suffix[48];
	const char *const path[] = { "/containers/", id, suffix };

	(void)snprintf(suffix, sizeof(suffix), "/%s", verb);
	if (seconds >= 0) {
		(void)snprintf(suffix, sizeof(suffix), "/%s?t=%d", verb, seconds);
		call.timeout_ms = seconds * 1000 + STOP_MARGIN_MS;
	}
	return about(e, &call, path, NULL, NULL, err);
}

int container_stop(struct engine *e, const char *id, int seconds, struct error *err)
{
	return stop_or_restart(e, id, "stop", seconds, err);
}

int container_restart(struct engine *e, const char *id, int seconds, struct error *err)
{
	return stop_or_restart(e, id, "restart", seconds, err);
}

int container_kill(struct engine *e, const char *id, const char *signal, struct error *err)
{
	struct engine_call call = { .method = "POST" };
	struct buf AUTO_BUF suffix = BUF_WITH_LIMIT(128);

	buf_str(&suffix, "/kill?signal=");
	engine_escape(&suffix, signal, "");
	return about(e, &call, (const char *const[]){ "/containers/", id, buf_text(&suffix) },
		     NULL, NULL, err);
}

int container_rename(struct engine *e, const char *id, const char *name, struct error *err)
{
	struct engine_call call = { .method = "POST" };
	struct buf AUTO_BUF suffix = BUF_WITH_LIMIT(1024);

	buf_str(&suffix, "/rename?name=");
	engine_escape(&suffix, name, "");
	return about(e, &call, (const char *const[]){ "/containers/", id, buf_text(&suffix) },
		     NULL, NULL, err);
}

int container_wait(struct engine *e, const char *id, int timeout_ms, int *ret_code,
		struct error *err)
{
	struct engine_call call = { .method = "POST", .timeout_ms = timeout_ms };
	const char *const path[] = { "/containers/", id, "/wait?condition=not-running" };
	struct doc_pool *AUTO(doc_pool_free) p = NULL;
	const struct doc_node *reply = NULL;
	int r;

	r = doc_pool_new(&p, err);
	if (r == 0)
		r = about(e, &call, path, p, &reply, err);
	if (r < 0)
		return r;
	*ret_code = (int)doc_int(reply, "StatusCode", -1);
	return 0;
}

int container_remove(struct engine *e, const char *id, bool volumes, struct error *err)
{
	struct engine_call call = { .method = "DELETE" };
	const char *const path[] = { "/containers/", id,
				     volumes ? "?force=1&v=1" : "?force=1" };

	return about(e, &call, path, NULL, NULL, err);
}

/* The stream of a container without a terminal: frames of one byte of kind, three of nothing,
 * four of length (big-endian), then so many bytes of text. */
struct demux {
	const struct container_logs *l;
	unsigned char head[8];
	size_t n_head;
	size_t left; /* bytes of the frame that are still to come */
};

static bool demux_frames(void *arg, const char *data, size_t len)
{
	struct demux *d = arg;

	while (len) {
		size_t n;

		if (d->left == 0) {
			d->head[d->n_head++] = (unsigned char)*data++;
			len--;
			if (d->n_head < sizeof(d->head))
				continue;
			d->n_head = 0;
			d->left = (size_t)d->head[4] << 24 | (size_t)d->head[5] << 16 |
				  (size_t)d->head[6] << 8 | d->head[7];
			continue;
		}
		n = len < d->left ? len : d->left;
		if (!d->l->fn(d->l->arg, d->head[0] == 2, data, n))
			return false;
		d->left -= n;
		data += n;
		len -= n;
	}
	return true;
}

static bool plain_text(void *arg, const char *data, size_t len)
{
	const struct demux *d = arg;

	return d->l->fn(d->l->arg, false, data, len);
}

static int has_terminal(struct engine *e, const char *id, bool *ret, struct error *err)
{
	struct doc_pool *AUTO(doc_pool_free) p = NULL;
	const struct doc_node *c = NULL;
	int r = doc_pool_new(&p, err);

	if (r == 0)
		r = container_inspect(e, p, id, &c, err);
	if (r == 0)
		*ret = doc_bool(c, "Config.Tty", false);
	return r;
}

int container_logs(struct engine *e, const char *id, const struct container_logs *l,
		   struct error *err)
{
	struct buf AUTO_BUF path = BUF_WITH_LIMIT(4096);
	struct demux d = { .l = l };
	struct engine_stream s = { .method = "GET", .timeout_ms = l->timeout_ms, .arg = &d };
	bool tty = false;
	int r = has_terminal(e, id, &tty, err);

	if (r < 0)
		return r;
	buf_str(&path, "/containers/");
	engine_escape(&path, id, "");
	buf_fmt(&path, "/logs?stdout=1&stderr=1&follow=%d&tail=", l->follow);
	if (l->tail < 0)
		buf_str(&path, "all");
	else
		buf_fmt(&path, "%d", l->tail);
	r = buf_check(&path, err);
	if (r < 0)
		return r;
	s.path = buf_text(&path);
	s.fn = tty ? plain_text : demux_frames;
	return engine_stream(e, &s, err);
}
