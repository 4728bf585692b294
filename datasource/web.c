/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking a metadata service.
 */
#include "datasource/web.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/rtnetlink.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/file.h"
#include "lib/http/retry.h"
#include "lib/http/url.h"
#include "lib/scope.h"

#define ATTEMPT_MS 10000
/* A neighbour on the link answers at once or not at all. */
#define CONNECT_MS 2000
/* Side by side; those that take longer are asked once more, alone: a service may have no more than
 * one caller at a time. */
#define TOGETHER_MS 2500
#define PAUSE_MS 200
#define PAUSE_MAX_MS 2000
#define ZONE "%25IF"

/* --- where it may be --- */

static void add_where(struct web *w, const char *base, const char *interface)
{
	const char *zone = strstr(base, ZONE);
	struct web_where *to;

	if (w->n_wheres == WEB_WHERES)
		return;
	to = &w->where[w->n_wheres++];
	(void)snprintf(to->interface, sizeof(to->interface), "%s", zone ? "" : interface);
	if (zone)
		(void)snprintf(to->base, sizeof(to->base), "%.*s%%25%s%s", (int)(zone - base),
			       base, interface, zone + strlen(ZONE));
	else
		(void)snprintf(to->base, sizeof(to->base), "%s", base);
}

/* Network cards: what has a device behind it. */
static size_t list_cards(char cards[WEB_WHERES][16])
{
	AUTO_CLOSEDIR DIR *dir = opendir("/sys/class/net");
	struct dirent *entry;
	size_t n = 0;

	while (dir && n < WEB_WHERES && (entry = readdir(dir))) {
		char path[300];

		if (entry->d_name[0] == '.' || strlen(entry->d_name) > 15)
			continue;
		(void)snprintf(path, sizeof(path), "/sys/class/net/%s/device", entry->d_name);
		if (access(path, F_OK) == 0)
			(void)snprintf(cards[n++], 16, "%.15s", entry->d_name);
	}
	return n;
}

/* The routing table's choice first; with several cards, each of them as well, since the service
 * may be behind any one. */
static void list_places(struct web *w, const struct datasource_ctx *c)
{
	char cards[WEB_WHERES][16];
	size_t n = c->machine->root == FILE_ROOT ? list_cards(cards) : 0;

	if (c->base_url) {
		add_where(w, c->base_url, "");
		return;
	}
	for (size_t i = 0; i < WEB_BASES && w->service->base[i]; i++)
		if (!strstr(w->service->base[i], ZONE))
			add_where(w, w->service->base[i], "");
	for (size_t i = 0; i < WEB_BASES && w->service->base[i]; i++)
		for (size_t k = 0; k < n; k++)
			if (n > 1 || strstr(w->service->base[i], ZONE))
				add_where(w, w->service->base[i], cards[k]);
}

/* Told of every address and route that comes: what could not be reached may be now. */
static int open_wake(void)
{
	const struct sockaddr_nl sa = { .nl_family = AF_NETLINK,
					.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR |
						     RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE };
	AUTO_CLOSE int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
				   NETLINK_ROUTE);

	if (fd < 0 || bind(fd, (const struct sockaddr *)&sa, sizeof(sa)) < 0)
		return -1;
	return TAKE_FD(fd);
}

int web_open(const struct datasource_ctx *c, const struct web_service *s, struct web *ret,
	     struct error *err)
{
	int r;

	*ret = (struct web){ .service = s, .also = s->also, .wake = -1 };
	r = datasource_online(c, &ret->deadline, err);
	if (r < 0)
		return r;
	list_places(ret, c);
	for (size_t i = 0; i < ret->n_wheres; i++) {
		size_t len = strlen(ret->where[i].base);

		/* A path begins with the slash. */
		if (len && ret->where[i].base[len - 1] == '/')
			ret->where[i].base[len - 1] = '\0';
	}
	if (ret->n_wheres == 0)
		return error_set(err, ENODATA, "there is no network card to ask by");
	r = http_new(&ret->http, err);
	if (r == 0 && c->machine->root == FILE_ROOT)
		ret->wake = open_wake();
	return r;
}

void web_close(struct web *w)
{
	http_free(w->http);
	w->http = NULL;
	if (w->wake >= 0)
		(void)close(w->wake);
	w->wake = -1;
	/* Tokens stand there. */
	explicit_bzero(w->header, sizeof(w->header));
}

const char *web_base(const struct web *w)
{
	return w->where[0].base;
}

void web_set_header(struct web *w, size_t n, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(w->header[n], WEB_HEADER, fmt, ap);
	va_end(ap);
}

/* --- one request --- */

struct prepared {
	char url[2 * WEB_URL];
	const char *headers[2 * WEB_HEADERS + 1];
	struct buf reply_headers;
	struct http_request req;
};

static void prepare(struct web *w, const struct web_where *at, const struct web_request *req,
		    struct prepared *p)
{
	size_t n = 0;

	*p = (struct prepared){ 0 };
	(void)snprintf(p->url, sizeof(p->url), "%s%s", at->base, req->path);
	for (size_t i = 0; i < WEB_HEADERS; i++)
		if (w->header[i][0])
			p->headers[n++] = w->header[i];
	for (size_t i = 0; req->headers && req->headers[i] && n < 2 * WEB_HEADERS; i++)
		p->headers[n++] = req->headers[i];
	p->req = (struct http_request){
		.method = req->method,
		.url = p->url,
		.headers = p->headers,
		.body = req->body,
		.body_len = req->body_len,
		.max_bytes = req->max_bytes ? req->max_bytes : DATASOURCE_FILE_MAX,
		.connect_ms = CONNECT_MS,
		.interface = at->interface[0] ? at->interface : NULL,
		.from_low_port = w->service->from_low_port && geteuid() == 0,
		.reply_headers = req->reply_headers ? req->reply_headers : &p->reply_headers,
	};
}

static void prepared_done(struct prepared *p)
{
	buf_done(&p->reply_headers);
}

static int attempt_ms(const struct web *w)
{
	int most = w->service->attempt_ms ? w->service->attempt_ms : ATTEMPT_MS;
	int left = clock_left_ms(w->deadline);

	return left < 1 ? 1 : left < most ? left : most;
}

/* The reply is the service's own, and not that of whoever happens to answer here. */
static int check_reply(const struct web *w, const struct prepared *p, struct error *err)
{
	const char *want = w->service->reply_header;
	size_t len = want ? strcspn(want, ":") : 0;
	char name[64], value[128];

	if (!want || len >= sizeof(name))
		return 0;
	(void)snprintf(name, sizeof(name), "%.*s", (int)len, want);
	if (http_header(p->req.reply_headers, name, value, sizeof(value)) &&
	    !strcmp(value, want + len + 2))
		return 0;
	(void)error_set(err, EPROTO, "the reply lacks \"%s\": somebody else answers there", want);
	return url_wrap(err, -EPROTO, p->req.method, p->url, NULL);
}

/* Ask all places at once, and keep the one that answered first. */
static bool find(struct web *w, const struct web_request *req)
{
	AUTO_FREE struct prepared *p = calloc(w->n_wheres, sizeof(*p));
	AUTO_FREE struct http_call *calls = calloc(w->n_wheres, sizeof(*calls));
	size_t first = w->n_wheres;

	if (!p || !calls)
		return false;
	for (size_t i = 0; i < w->n_wheres; i++) {
		prepare(w, &w->where[i], req, &p[i]);
		p[i].req.timeout_ms = attempt_ms(w);
		calls[i].req = &p[i].req;
	}
	first = http_race(w->http, calls, w->n_wheres);
	for (size_t i = 0; i < w->n_wheres; i++)
		prepared_done(&p[i]);
	if (first == w->n_wheres)
		return false;
	w->where[0] = w->where[first];
	return true;
}

static struct http_retry retry_rules(const struct web *w)
{
	return (struct http_retry){
		.deadline = w->deadline,
		.attempt_ms = w->service->attempt_ms ? w->service->attempt_ms : ATTEMPT_MS,
		.pause_ms = PAUSE_MS,
		.pause_max_ms = PAUSE_MAX_MS,
		.also = w->also,
		.wake_fd = w->wake,
	};
}

/* With several places, a round of all of them, again and again until one answers. */
static int search(struct web *w, const struct web_request *req, struct error *err)
{
	const struct http_retry rules = retry_rules(w);
	int64_t start = clock_ms(), pause = PAUSE_MS;
	unsigned n = 0;

	while (!w->is_found && w->n_wheres > 1) {
		w->is_found = find(w, req);
		n++;
		if (w->is_found)
			break;
		if (clock_ms() + pause >= w->deadline)
			return error_set(err, EAGAIN,
					 "%s: nothing answers (%u tries in %lld s at %zu places)",
					 web_base(w), n,
					 (long long)(clock_ms() - start + 500) / 1000,
					 w->n_wheres);
		http_retry_pause(&rules, clock_ms() + pause);
		pause = 2 * pause > PAUSE_MAX_MS ? PAUSE_MAX_MS : 2 * pause;
	}
	w->is_found = true;
	return 0;
}

int web_do(struct web *w, const struct web_request *req, long *ret_status, struct buf *ret,
	   struct error *err)
{
	const struct http_retry rules = retry_rules(w);
	struct prepared p;
	int r = search(w, req, err);

	if (r < 0)
		return r;
	prepare(w, &w->where[0], req, &p);
	r = http_retry(w->http, &p.req, &rules, ret_status, ret, err);
	if (r == 0)
		r = check_reply(w, &p, err);
	prepared_done(&p);
	return r;
}

int web_judge(const struct web *w, const char *method, const char *path, long status,
	      struct error *err)
{
	char url[2 * WEB_URL];
	int code = EPROTO;

	if (status == 200)
		return 0;
	if (status == 204 || status == 404 || status == 410)
		code = ENOENT;
	else if (status == 400)
		code = EINVAL;
	else if (status == 401)
		code = EACCES;
	else if (status == 403)
		code = EPERM;
	else if (status == 429 || (status >= 500 && status < 600))
		code = EAGAIN;
	(void)snprintf(url, sizeof(url), "%s%s", web_base(w), path);
	(void)error_set(err, code, "it answers with status %ld%s", status,
			status >= 300 && status < 400 ? " (a redirect, which is not followed)" :
							"");
	return url_wrap(err, -code, method, url, NULL);
}

int web_get_with(struct web *w, const char *path, const char *const *headers, struct buf *ret,
		 struct error *err)
{
	const struct web_request req = { .path = path, .headers = headers };
	size_t before = ret->len;
	long status = 0;
	int r = web_do(w, &req, &status, ret, err);

	if (r == 0)
		r = web_judge(w, NULL, path, status, err);
	/* What came with a failure is no answer. */
	if (r < 0 && ret->data) {
		ret->len = before;
		ret->data[before] = '\0';
	}
	return r;
}

int web_get(struct web *w, const char *path, struct buf *ret, struct error *err)
{
	return web_get_with(w, path, NULL, ret, err);
}

/* --- several --- */

static bool is_worth_another_try(const struct web *w, const struct http_call *c)
{
	if (c->result < 0)
		return c->result == -EAGAIN || c->result == -ETIMEDOUT;
	for (const long *s = w->also; s && *s; s++)
		if (*s == c->status)
			return true;
	return c->status == 408 || c->status == 429 || c->status >= 500;
}

static void take(struct web *w, struct web_part *part, struct http_call *c,
		 const struct prepared *p, struct buf *body)
{
	if (is_worth_another_try(w, c)) {
		part->result =
			web_get_with(w, part->path, part->headers, part->ret, &part->err);
		return;
	}
	part->result = c->result;
	part->err = c->err;
	if (part->result == 0)
		part->result = check_reply(w, p, &part->err);
	if (part->result == 0)
		part->result = web_judge(w, NULL, part->path, c->status, &part->err);
	if (part->result == 0) {
		buf_add(part->ret, buf_text(body), body->len);
		part->result = buf_check(part->ret, &part->err);
	}
}

void web_get_all(struct web *w, struct web_part *parts, size_t n)
{
	AUTO_FREE struct prepared *p = calloc(n + 1, sizeof(*p));
	AUTO_FREE struct http_call *calls = calloc(n + 1, sizeof(*calls));
	AUTO_FREE struct buf *bodies = calloc(n + 1, sizeof(*bodies));

	for (size_t i = 0; i < n; i++) {
		const struct web_request req = { .path = parts[i].path,
						 .headers = parts[i].headers };

		if (!p || !calls || !bodies) {
			parts[i].result = error_sys(&parts[i].err, ENOMEM, "metadata");
			continue;
		}
		prepare(w, &w->where[0], &req, &p[i]);
		p[i].req.timeout_ms = attempt_ms(w) < TOGETHER_MS ? attempt_ms(w) : TOGETHER_MS;
		calls[i] = (struct http_call){ .req = &p[i].req, .body = &bodies[i] };
	}
	if (!p || !calls || !bodies)
		return;
	http_do_all(w->http, calls, n);
	for (size_t i = 0; i < n; i++) {
		take(w, &parts[i], &calls[i], &p[i], &bodies[i]);
		prepared_done(&p[i]);
		buf_done(&bodies[i]);
	}
}
