/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HTTP requests through libcurl. The only file that knows libcurl, which it opens on first use.
 */
#include <dlfcn.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

/* We call through pointers; the header's checking macros would stand in the way. */
#define CURL_DISABLE_TYPECHECK 1
#include <curl/curl.h>

#include "lib/http/http.h"

#define HTTP_LIBRARY "libcurl.so.4"
#define HTTP_AGENT "OcicatOS"
/* A reply's body when the request names no limit. */
#define HTTP_MAX_BYTES (4u << 20)

/* The functions that we use: member and symbol. */
#define CURL_FUNCTIONS(X)                      \
	X(global_init, curl_global_init)       \
	X(init, curl_easy_init)                \
	X(cleanup, curl_easy_cleanup)          \
	X(reset, curl_easy_reset)              \
	X(setopt, curl_easy_setopt)            \
	X(perform, curl_easy_perform)          \
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
	CURL *handle; /* keeps its connections between requests */
	char why[CURL_ERROR_SIZE];
};

/* One request under way: what the write callback needs, and what it found. */
struct transfer {
	const struct http_request *req;
	struct buf body;
	size_t seen, max;
	bool too_big, stopped;
	bool headers_ended; /* the empty line came */
};

static int load_library(struct error *err)
{
#define X(member, symbol) { #symbol, &curl.member },
	const struct {
		const char *symbol;
		void *member;
	} rows[] = { CURL_FUNCTIONS(X) };
#undef X
	void *library, *symbol;

	if (curl.ready)
		return 0;
	library = dlopen(HTTP_LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return error_set(err, ELIBACC, "%s", dlerror());
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		symbol = dlsym(library, rows[i].symbol);
		if (!symbol)
			return error_set(err, ELIBACC, "%s", dlerror());
		memcpy(rows[i].member, &symbol, sizeof(symbol));
	}
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
	h->handle = curl.init();
	if (!h->handle)
		return error_sys(err, ENOMEM, "http");
	*ret = TAKE_PTR(h);
	return 0;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	curl.cleanup(h->handle);
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

	if (len >= 5 && memcmp(line, "HTTP/", 5) == 0)
		t->headers_ended = false;
	else if (len > 0 && (line[0] == '\r' || line[0] == '\n'))
		t->headers_ended = true;
	return len;
}

static bool is_method(const struct http_request *req, const char *name)
{
	return strcmp(req->method ? req->method : "GET", name) == 0;
}

/* The list grows only when all went well so far. */
static bool add_header(struct curl_slist **list, const char *header)
{
	struct curl_slist *longer = curl.append(*list, header);

	if (longer)
		*list = longer;
	return longer != NULL;
}

static void free_headers(struct curl_slist **list)
{
	curl.free_all(*list);
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
	bad |= curl.setopt(c, CURLOPT_CONNECTTIMEOUT_MS, (long)req->timeout_ms);
	bad |= curl.setopt(c, CURLOPT_NOSIGNAL, 1L);
	/* Past the deadline, do not wait for a resolver that still waits for its server. */
	bad |= curl.setopt(c, CURLOPT_QUICK_EXIT, 1L);
	if (req->unix_socket)
		bad |= curl.setopt(c, CURLOPT_UNIX_SOCKET_PATH, req->unix_socket);
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

static bool set_request(struct http *h, struct transfer *t, struct curl_slist *headers)
{
	CURLcode bad = CURLE_OK;
	CURL *c = h->handle;

	curl.reset(c);
	h->why[0] = '\0';
	bad |= curl.setopt(c, CURLOPT_ERRORBUFFER, h->why);
	bad |= curl.setopt(c, CURLOPT_URL, t->req->url);
	bad |= curl.setopt(c, CURLOPT_HTTPHEADER, headers);
	bad |= curl.setopt(c, CURLOPT_WRITEFUNCTION, take);
	bad |= curl.setopt(c, CURLOPT_WRITEDATA, t);
	bad |= curl.setopt(c, CURLOPT_HEADERFUNCTION, see_header);
	bad |= curl.setopt(c, CURLOPT_HEADERDATA, t);
	return bad == CURLE_OK && set_limits(c, t->req) && set_method(c, t->req);
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

static int finish(struct http *h, struct transfer *t, CURLcode result, struct error *err)
{
	if (t->too_big)
		return error_set(err, E2BIG, "the reply has more than %zu bytes", t->max);
	if (t->stopped)
		return 0;
	if (result != CURLE_OK)
		return error_set(err, code_of(result), "%s",
				 h->why[0] ? h->why : curl.strerror(result));
	if (!t->headers_ended)
		return error_set(err, EAGAIN, "the reply ended within its headers");
	return buf_check(&t->body, err);
}

static int check_request(const struct http_request *req, struct error *err)
{
	if (strncasecmp(req->url, "http://", 7) != 0 && strncasecmp(req->url, "https://", 8) != 0)
		return error_set(err, EINVAL, "neither http:// nor https://");
	if (req->timeout_ms <= 0)
		return error_set(err, EINVAL, "a request needs a timeout");
	for (size_t i = 0; req->headers && req->headers[i]; i++)
		if (strpbrk(req->headers[i], "\r\n"))
			return error_set(err, EINVAL, "a header with a line break");
	return 0;
}

/* The request for a message: without user and password, query and fragment. */
static int wrap(struct error *err, int r, const struct http_request *req)
{
	const char *scheme = strstr(req->url, "://");
	const char *host = scheme ? scheme + 3 : req->url;
	size_t len = strcspn(host, "/?#");

	for (size_t i = len; i > 0; i--) {
		if (host[i - 1] == '@') {
			host += i;
			len -= i;
			break;
		}
	}
	len += host[len] == '/' ? strcspn(host + len, "?#") : 0;
	return error_wrap(err, r, "%s %.*s%.*s%s%s", req->method ? req->method : "GET",
			  scheme ? (int)(scheme + 3 - req->url) : 0, req->url,
			  len < 200 ? (int)len : 200, host, req->unix_socket ? " at " : "",
			  req->unix_socket ? req->unix_socket : "");
}

static int perform(struct http *h, struct transfer *t, long *ret_status, struct error *err)
{
	CLEANUP(free_headers) struct curl_slist *headers = NULL;
	long status = 0;
	int r;

	r = check_request(t->req, err);
	if (r < 0)
		return r;
	if (!add_headers(&headers, t->req) || !set_request(h, t, headers))
		return error_set(err, EINVAL, "libcurl does not take the request");
	r = finish(h, t, curl.perform(h->handle), err);
	if (r < 0)
		return r;
	if (curl.getinfo(h->handle, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK)
		return error_set(err, EPROTO, "no status");
	*ret_status = status;
	return 0;
}

int http_do(struct http *h, const struct http_request *req, long *ret_status, struct buf *ret_body,
	    struct error *err)
{
	struct transfer t = { .req = req, .max = req->max_bytes };
	int r;

	if (t.max == 0)
		t.max = req->chunk ? SIZE_MAX : HTTP_MAX_BYTES;
	t.body.limit = t.max;
	r = perform(h, &t, ret_status, err);
	if (r == 0 && ret_body) {
		buf_add(ret_body, buf_text(&t.body), t.body.len);
		r = buf_check(ret_body, err);
	}
	buf_done(&t.body);
	return r < 0 ? wrap(err, r, req) : 0;
}
