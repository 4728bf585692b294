/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One metadata service while it is asked: where it is, what each request says, until when. The
 * rules of §1.2 of the datasource reference are kept here: no redirects, no proxy, a deadline for
 * the whole, another try where one may help, both address families, every network card.
 */
#pragma once

#include "datasource/datasource.h"
#include "lib/http/http.h"

#define WEB_HEADERS 4
#define WEB_HEADER 2048
#define WEB_BASES 4
#define WEB_WHERES HTTP_PARALLEL
#define WEB_URL 512

struct web_service {
	/* "http://169.254.169.254", in order; "%25IF" in one stands for each network card. */
	const char *base[WEB_BASES];
	int attempt_ms;	  /* the longest one request may take; 0: 10 s */
	const long *also; /* further statuses to try again after, ended by 0, or NULL */
	const char *reply_header; /* each reply must have it, "Name: value", or NULL */
	bool from_low_port;
};

/* A place where the service may be. */
struct web_where {
	char base[WEB_URL];
	char interface[16]; /* "" for the routing table's choice */
};

struct web {
	const struct web_service *service;
	struct http *http;
	struct web_where where[WEB_WHERES];
	size_t n_wheres;
	bool is_found; /* where[0] is the one */
	int64_t deadline;
	const long *also; /* the service's, until the caller takes it away */
	int wake; /* told of new addresses and routes; -1 */
	char header[WEB_HEADERS][WEB_HEADER]; /* of each request; "" is left out */
};

struct web_request {
	const char *method; /* NULL: GET */
	const char *path;   /* with its slash in front */
	const char *const *headers; /* beside those of the service, or NULL */
	const char *body;   /* or NULL */
	size_t body_len;
	size_t max_bytes;   /* 0: DATASOURCE_FILE_MAX */
	struct buf *reply_headers; /* gets the reply's headers, or NULL */
};

/* A GET among several. */
struct web_part {
	const char *path;
	const char *const *headers; /* as those of a web_request */
	struct buf *ret;
	int result; /* as web_get() */
	struct error err;
};

int web_open(const struct datasource_ctx *c, const struct web_service *s, struct web *ret,
	     struct error *err) MUST_CHECK;
void web_close(struct web *w);
#define AUTO_WEB CLEANUP(web_close)
/* The n-th header of every request from now on; "" takes it away. */
void web_set_header(struct web *w, size_t n, const char *fmt, ...) PRINTF_LIKE(3, 4);
/* Ask, at all places at once until one has answered, and again until the deadline. *ret_status is
 * what it said at last. */
int web_do(struct web *w, const struct web_request *req, long *ret_status, struct buf *ret,
	   struct error *err) MUST_CHECK;
/* What a status other than 200 means, as web_get() returns it; 0 for 200. Sets the message. */
int web_judge(const struct web *w, const char *method, const char *path, long status,
	      struct error *err) MUST_CHECK;
/* -ENOENT: there is no such thing (204, 404, 410); -EINVAL: 400; -EACCES: 401; -EPERM: 403;
 * -EAGAIN: 429, 5xx or nothing at all, until the deadline; -EPROTO: anything else. */
int web_get(struct web *w, const char *path, struct buf *ret, struct error *err) MUST_CHECK;
/* The same, with headers as those of a web_request. */
int web_get_with(struct web *w, const char *path, const char *const *headers, struct buf *ret,
		 struct error *err) MUST_CHECK;
/* Side by side. Those that another try may help are asked again by themselves. */
void web_get_all(struct web *w, struct web_part *parts, size_t n);
/* "http://169.254.169.254", for messages. */
const char *web_base(const struct web *w);
