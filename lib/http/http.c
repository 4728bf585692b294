/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP requests through libcurl. The only file that knows libcurl, which it opens on first use.
 */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

/* We call through pointers; the header's checking macros would stand in the way. */
#define CURL_DISABLE_TYPECHECK 1
#include <curl/curl.h>

#include "lib/clock.h"
#include "lib/http/guard.h"
#include "lib/http/http.h"
#include "lib/http/url.h"
#include "lib/load/load.h"

#define HTTP_LIBRARY "libcurl.so.4"
#define HTTP_AGENT "OcicatOS"
/* Beyond its timeout, until a request that libcurl forgot is given up. */
#define HTTP_FORGOTTEN_MS 2000
/* Of how many we know that they are open; more are no harm. */
#define HTTP_SOCKETS 16

/* The functions that we use: member and symbol. */
#define CURL_FUNCTIONS(X)                      \
	X(global_init, curl_global_init)       \
	X(init, curl_easy_init)                \
	X(cleanup, curl_easy_cleanup)          \
	X(reset, curl_easy_reset)              \
	X(setopt, curl_easy_setopt)            \
	X(multi_init, curl_multi_init)         \
	X(multi_cleanup, curl_multi_cleanup)   \
	X(multi_add, curl_multi_add_handle)    \
	X(multi_remove, curl_multi_remove_handle) \
	X(multi_perform, curl_multi_perform)   \
	X(multi_poll, curl_multi_poll)         \
	X(multi_info, curl_multi_info_read)    \
	X(getinfo, curl_easy_getinfo)          \
	X(strerror, curl_easy_strerror)        \
	X(append, curl_slist_append)           \
	X(free_all, curl_slist_free_all)

static struct {
#define X(member, symbol) __typeof__(&symbol) member;
	CURL_FUNCTIONS(X)
#undef X
	bool ready;
} curl;

struct http {
	CURLM *multi; /* keeps its connections between requests */
	CURL *handle[HTTP_PARALLEL];
	int socket[HTTP_SOCKETS]; /* open ones, -1 where there is none */
};

/* One request under way: what the callbacks need, and what they found. */
struct transfer {
	struct http *http;
	struct http_call *call;
	const struct http_request *req;
	CURL *handle;
	struct curl_slist *headers;
	struct buf body;
	size_t seen, max;
	bool too_big, stopped;
	bool headers_ended; /* the empty line came */
	CURLcode result;
	char refused[INET6_ADDRSTRLEN]; /* the address that public_only forbids */
	char why[CURL_ERROR_SIZE];
};

static int load_library(struct error *err)
{
#define X(member, symbol) { #symbol, &curl.member },
	const struct load_row rows[] = { CURL_FUNCTIONS(X) };
#undef X
	int r;

	if (curl.ready)
		return 0;
	r = load_functions(HTTP_LIBRARY, rows, ARRAY_LEN(rows), err);
	if (r < 0)
		return r;
	if (curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return error_set(err, ELIBACC, "%s cannot be initialised", HTTP_LIBRARY);
	curl.ready = true;
	return 0;
}

int http_new(struct http **ret, struct error *err)
{
	AUTO_FREE struct http *h = NULL;
	int r;

	r = load_library(err);
	if (r < 0)
		return r;
	h = calloc(1, sizeof(*h));
	if (!h)
		return error_sys(err, ENOMEM, "http");
	for (size_t i = 0; i < HTTP_SOCKETS; i++)
		h->socket[i] = -1;
	/* CURLMOPT_MAX_HOST_CONNECTIONS is not for us: libcurl 8.14 was seen to let requests wait
	 * for kept connections that the server had closed, and to spin, beyond every timeout. */
	h->multi = curl.multi_init();
	if (!h->multi)
		return error_sys(err, ENOMEM, "http");
	*ret = TAKE_PTR(h);
	return 0;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	for (size_t i = 0; i < HTTP_PARALLEL; i++)
		if (h->handle[i])
			curl.cleanup(h->handle[i]);
	(void)curl.multi_cleanup(h->multi);
	free(h);
}

/* libcurl's write callback: anything but n ends the transfer. */
static size_t take(char *data, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;
	size_t len = size * n;

	if (len == 0)
		return 0;
	if (len > t->max - t->seen) {
		t->too_big = true;
		return 0;
	}
	t->seen += len;
	if (!t->req->chunk) {
		buf_add(&t->body, data, len);
		return len;
	}
	t->stopped = !t->req->chunk(t->req->arg, data, len);
	return t->stopped ? 0 : len;
}

/* libcurl's header callback, a line at a time. A reply that ends within its headers is to libcurl a
 * good one with an empty body. */
static size_t see_header(char *line, size_t size, size_t n, void *arg)
{
	struct transfer *t = arg;
	size_t len = size * n;

	if (len >= 5 && memcmp(line, "HTTP/", 5) == 0) {
		t->headers_ended = false;
		if (t->req->reply_headers)
			buf_reset(t->req->reply_headers);
	} else if (len > 0 && (line[0] == '\r' || line[0] == '\n')) {
		t->headers_ended = true;
	}
	if (t->req->reply_headers)
		buf_add(t->req->reply_headers, line, len);
	return len;
}

static void note_socket(struct http *h, int from, int to)
{
	for (size_t i = 0; i < HTTP_SOCKETS; i++)
		if (h->socket[i] == from) {
			h->socket[i] = to;
			return;
		}
}

/* libcurl is about to connect: the address is known now, whatever name or redirect led here. */
static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *to)
{
	struct transfer *t = arg;
	int fd;

	(void)purpose;
	if (t->req->public_only && !guard_is_public(&to->addr)) {
		guard_text(&to->addr, t->refused, sizeof(t->refused));
		return CURL_SOCKET_BAD;
	}
	fd = socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
	note_socket(t->http, -1, fd);
	return fd;
}

static int close_socket(void *arg, curl_socket_t fd)
{
	note_socket(arg, fd, -1);
	return close(fd);
}

/* A server that writes headers and body in two pieces sends the second when it knows that the first
 * has arrived, which the kernel would tell it 40 ms later. */
static void acknowledge(const struct http *h)
{
	const int on = 1;

	for (size_t i = 0; i < HTTP_SOCKETS; i++)
		if (h->socket[i] >= 0)
			(void)setsockopt(h->socket[i], IPPROTO_TCP, TCP_QUICKACK, &on, sizeof(on));
}

static bool is_method(const struct http_request *req, const char *name)
{
	return strcmp(req->method ? req->method : "GET", name) == 0;
}

static bool add_header(struct curl_slist **list, const char *header)
{
	struct curl_slist *longer = curl.append(*list, header);

	if (longer)
		*list = longer;
	return longer != NULL;
}

/* libcurl's own idea of some headers is taken away: an empty one means "do not send". */
static bool add_headers(struct curl_slist **list, const struct http_request *req)
{
	bool typed = false, ok = true;

	for (size_t i = 0; req->headers && req->headers[i]; i++) {
		typed = typed || strncasecmp(req->headers[i], "Content-Type:", 13) == 0;
		ok = ok && add_header(list, req->headers[i]);
	}
	return ok && add_header(list, "Expect:") && (typed || add_header(list, "Content-Type:"));
}

/* Where it may go, and how long: the same for every request. */
static bool set_limits(CURL *c, const struct http_request *req)
{
	CURLcode bad = CURLE_OK;

	bad |= curl.setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	bad |= curl.setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	bad |= curl.setopt(c, CURLOPT_PROXY, ""); /* also not the one that the environment names */
	bad |= curl.setopt(c, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	bad |= curl.setopt(c, CURLOPT_USERAGENT, HTTP_AGENT);
	bad |= curl.setopt(c, CURLOPT_TIMEOUT_MS, (long)req->timeout_ms);
	bad |= curl.setopt(c, CURLOPT_CONNECTTIMEOUT_MS,
			   (long)(req->connect_ms ? req->connect_ms : req->timeout_ms));
	bad |= curl.setopt(c, CURLOPT_NOSIGNAL, 1L);
	/* Past the deadline, do not wait for a resolver that still waits for its server. */
	bad |= curl.setopt(c, CURLOPT_QUICK_EXIT, 1L);
	bad |= curl.setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	return bad == CURLE_OK;
}

/* By which way it goes. A connection that is kept was checked for somebody else. */
static bool set_way(CURL *c, struct transfer *t)
{
	const struct http_request *req = t->req;
	CURLcode bad = CURLE_OK;

	bad |= curl.setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	bad |= curl.setopt(c, CURLOPT_OPENSOCKETDATA, t);
	bad |= curl.setopt(c, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
	bad |= curl.setopt(c, CURLOPT_CLOSESOCKETDATA, t->http);
	if (req->public_only)
		bad |= curl.setopt(c, CURLOPT_FRESH_CONNECT, 1L);
	if (req->interface)
		bad |= curl.setopt(c, CURLOPT_INTERFACE, req->interface);
	if (req->from_low_port) {
		bad |= curl.setopt(c, CURLOPT_LOCALPORT, 1L);
		bad |= curl.setopt(c, CURLOPT_LOCALPORTRANGE, 1023L);
		bad |= curl.setopt(c, CURLOPT_FRESH_CONNECT, 1L);
	}
	return bad == CURLE_OK;
}

static bool set_method(CURL *c, const struct http_request *req)
{
	CURLcode bad = CURLE_OK;

	if (is_method(req, "HEAD"))
		return curl.setopt(c, CURLOPT_NOBODY, 1L) == CURLE_OK;
	/* Others than GET always say how long their body is, also when there is none. */
	if (req->body || !is_method(req, "GET")) {
		bad |= curl.setopt(c, CURLOPT_POST, 1L);
		bad |= curl.setopt(c, CURLOPT_POSTFIELDS, req->body ? req->body : "");
		bad |= curl.setopt(c, CURLOPT_POSTFIELDSIZE_LARGE,
				   (curl_off_t)(req->body ? req->body_len : 0));
	}
	bad |= curl.setopt(c, CURLOPT_CUSTOMREQUEST, req->method ? req->method : "GET");
	return bad == CURLE_OK;
}

static bool set_request(struct transfer *t)
{
	CURLcode bad = CURLE_OK;
	CURL *c = t->handle;

	curl.reset(c);
	bad |= curl.setopt(c, CURLOPT_ERRORBUFFER, t->why);
	bad |= curl.setopt(c, CURLOPT_URL, t->req->url);
	bad |= curl.setopt(c, CURLOPT_HTTPHEADER, t->headers);
	bad |= curl.setopt(c, CURLOPT_WRITEFUNCTION, take);
	bad |= curl.setopt(c, CURLOPT_WRITEDATA, t);
	bad |= curl.setopt(c, CURLOPT_HEADERFUNCTION, see_header);
	bad |= curl.setopt(c, CURLOPT_HEADERDATA, t);
	bad |= curl.setopt(c, CURLOPT_PRIVATE, t);
	return bad == CURLE_OK && set_limits(c, t->req) && set_way(c, t) && set_method(c, t->req);
}

/* The code for a failed transfer, as the header promises. */
static int code_of(CURLcode result)
{
	switch (result) {
	case CURLE_OPERATION_TIMEDOUT:
		return ETIMEDOUT;
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_CONNECT:
	case CURLE_GOT_NOTHING:
	case CURLE_PARTIAL_FILE:
	case CURLE_SEND_ERROR:
	case CURLE_RECV_ERROR:
	case CURLE_SSL_CONNECT_ERROR: /* the other end hung up before it was known */
		return EAGAIN;
	case CURLE_URL_MALFORMAT:
		return EINVAL;
	case CURLE_OUT_OF_MEMORY:
		return ENOMEM;
	default:
		return EPROTO;
	}
}

static int judge(struct transfer *t, struct error *err)
{
	if (t->too_big)
		return error_set(err, E2BIG, "the reply has more than %zu bytes", t->max);
	if (t->stopped)
		return 0;
	if (t->refused[0] && t->result == CURLE_COULDNT_CONNECT)
		return error_set(err, ECANCELED,
				 "it leads to %s, an address of this machine or its platform, "
				 "where no URL may go", t->refused);
	if (t->result != CURLE_OK)
		return error_set(err, code_of(t->result), "%s",
				 t->why[0] ? t->why : curl.strerror(t->result));
	if (!t->headers_ended)
		return error_set(err, EAGAIN, "the reply ended within its headers");
	return buf_check(&t->body, err);
}

static int check_request(const struct http_request *req, struct error *err)
{
	if (strncasecmp(req->url, "http://", 7) != 0 && strncasecmp(req->url, "https://", 8) != 0)
		return error_set(err, EINVAL, "neither http:// nor https://");
	return http_request_check(req, err);
}

/* Make it ready to go; what fails here is the call's result. */
static bool start(struct http *h, struct transfer *t, struct http_call *call, CURL **handle)
{
	int r;

	*t = (struct transfer){ .http = h, .call = call, .req = call->req };
	t->max = http_request_max(t->req);
	t->body.limit = t->max;
	if (!*handle)
		*handle = curl.init();
	t->handle = *handle;
	r = check_request(t->req, &call->err);
	if (r == 0 && (!t->handle || !add_headers(&t->headers, t->req) || !set_request(t) ||
		       curl.multi_add(h->multi, t->handle) != CURLM_OK))
		r = error_set(&call->err, EINVAL, "libcurl does not take the request");
	call->result = r;
	return r == 0;
}

/* What came of it. */
static void finish(struct http *h, struct transfer *t)
{
	struct http_call *call = t->call;
	const char *to = NULL;
	int r = judge(t, &call->err);

	if (r == 0 &&
	    curl.getinfo(t->handle, CURLINFO_RESPONSE_CODE, &call->status) != CURLE_OK)
		r = error_set(&call->err, EPROTO, "no status");
	if (r == 0 && call->body) {
		buf_add(call->body, buf_text(&t->body), t->body.len);
		r = buf_check(call->body, &call->err);
	}
	if (curl.getinfo(t->handle, CURLINFO_REDIRECT_URL, &to) == CURLE_OK && to)
		(void)snprintf(call->redirect, sizeof(call->redirect), "%s", to);
	(void)curl.multi_remove(h->multi, t->handle);
	call->result = r;
}

/* Until none is under way, or the first has arrived. Each has its own deadline, which libcurl
 * keeps; ours is for the case that it does not. */
static void run(struct http *h, bool is_race, int64_t deadline)
{
	int running = 0, left;
	bool arrived = false;
	CURLMsg *m;

	do {
		if (curl.multi_perform(h->multi, &running) != CURLM_OK)
			return;
		acknowledge(h);
		while ((m = curl.multi_info(h->multi, &left))) {
			struct transfer *t = NULL;

			if (m->msg == CURLMSG_DONE &&
			    curl.getinfo(m->easy_handle, CURLINFO_PRIVATE, &t) == CURLE_OK)
				t->result = m->data.result;
			arrived = arrived || m->data.result == CURLE_OK;
		}
	} while (running > 0 && !(is_race && arrived) && clock_left_ms(deadline) > 0 &&
		 curl.multi_poll(h->multi, NULL, 0, 1000, NULL) == CURLM_OK);
}

static void do_some(struct http *h, struct http_call *calls, size_t n, bool is_race)
{
	AUTO_FREE struct transfer *t = calloc(n, sizeof(*t));
	int longest = 0;

	for (size_t i = 0; i < n; i++) {
		calls[i].status = 0;
		if (longest < calls[i].req->timeout_ms)
			longest = calls[i].req->timeout_ms;
		if (!t)
			calls[i].result = error_sys(&calls[i].err, ENOMEM, "http");
		else if (start(h, &t[i], &calls[i], &h->handle[i]))
			t[i].result = CURLE_OPERATION_TIMEDOUT; /* until its end is told */
	}
	if (t)
		run(h, is_race, clock_ms() + longest + HTTP_FORGOTTEN_MS);
	for (size_t i = 0; i < n; i++) {
		if (t && calls[i].result == 0)
			finish(h, &t[i]);
		if (t) {
			buf_done(&t[i].body);
			curl.free_all(t[i].headers);
		}
		if (calls[i].result < 0)
			(void)url_wrap(&calls[i].err, calls[i].result, calls[i].req->method,
				       calls[i].req->url, NULL);
	}
}

void http_do_all(struct http *h, struct http_call *calls, size_t n)
{
	for (size_t i = 0; i < n; i += HTTP_TOGETHER)
		do_some(h, calls + i, n - i < HTTP_TOGETHER ? n - i : HTTP_TOGETHER, false);
}

size_t http_race(struct http *h, struct http_call *calls, size_t n)
{
	size_t i = 0;

	if (n > HTTP_PARALLEL)
		n = HTTP_PARALLEL;
	do_some(h, calls, n, true);
	while (i < n && calls[i].result < 0)
		i++;
	return i;
}
