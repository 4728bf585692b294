/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Amazon EC2, and the clouds that copied its metadata service. Session tokens (IMDSv2) always;
 * plain requests only where the firmware names a cloud that has no tokens, or somebody gave the
 * address of one (`ec2:URL`).
 *
 * An answer with one network card and one key takes twelve requests: the token, the id, seven side
 * by side, three side by side.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "datasource/ec2_network.h"
#include "datasource/imds_keys.h"
#include "datasource/meta.h"
#include "datasource/platform.h"
#include "datasource/web.h"
#include "lib/clock.h"
#include "lib/http/retry.h"
#include "lib/scope.h"

#define TOKEN_PATH "/latest/api/token"
#define TOKEN_SECONDS "21600"
#define TOKEN_HEADER 0
#define TOKEN_MAX 1024
/* A token that is refused as soon as it was given: a service that still starts. */
#define TOKENS_MAX 5
#define TOKEN_PAUSE_MS 500

/* Newest first; what answers 404 is not known there. */
static const char *const versions[] = { "2021-03-23", "2018-09-24", "2016-09-02", "2009-04-04" };

static const struct web_service service = {
	.base = { "http://169.254.169.254", "http://[fd00:ec2::254]" },
	.attempt_ms = 5000,
};

struct ec2 {
	struct web web;
	const char *version;
	bool is_v1_allowed;
};

static bool is_token(const struct buf *b)
{
	if (b->len == 0 || b->len > TOKEN_MAX)
		return false;
	for (size_t i = 0; i < b->len; i++)
		if (b->data[i] < 0x21 || b->data[i] > 0x7e)
			return false;
	return true;
}

static int judge_token(struct ec2 *e, long status, struct buf *token, struct error *err)
{
	switch (status) {
	case 200:
		while (token->len && strchr("\r\n", token->data[token->len - 1]))
			token->data[--token->len] = '\0';
		if (!is_token(token))
			return error_set(err, EPROTO, "%s: no token in the reply: this is not EC2",
					 web_base(&e->web));
		web_set_header(&e->web, TOKEN_HEADER, "X-aws-ec2-metadata-token: %s",
			       buf_text(token));
		return 0;
	case 403:
		return error_set(err, EPERM,
				 "%s: the metadata service is switched off for this instance "
				 "(turn HttpEndpoint on in its metadata options)",
				 web_base(&e->web));
	case 404:
	case 405:
		if (e->is_v1_allowed)
			return 0;
		return error_set(err, EPROTO,
				 "%s: it gives no session token (IMDSv2), and this machine is not "
				 "known to be on a cloud without (say ec2:URL if it is)",
				 web_base(&e->web));
	default:
		return web_judge(&e->web, "PUT", TOKEN_PATH, status, err);
	}
}

static int get_token(struct ec2 *e, struct error *err)
{
	static const char *const headers[] = {
		"X-aws-ec2-metadata-token-ttl-seconds: " TOKEN_SECONDS, NULL
	};
	const struct web_request req = { .method = "PUT", .path = TOKEN_PATH, .headers = headers };
	AUTO_BUF struct buf token = { 0 };
	long status = 0;
	int r;

	web_set_header(&e->web, TOKEN_HEADER, "%s", "");
	r = web_do(&e->web, &req, &status, &token, err);
	if (r == 0)
		r = judge_token(e, status, &token, err);
	if (token.data)
		explicit_bzero(token.data, token.size);
	return r;
}

/* A GET; a token that is not taken is replaced. */
static int get(struct ec2 *e, const char *path, struct buf *ret, struct error *err)
{
	int r = web_get(&e->web, path, ret, err);

	for (unsigned n = 1; r == -EACCES && n <= TOKENS_MAX; n++) {
		const struct http_retry pause = { .wake_fd = -1 };

		if (n > 1)
			http_retry_pause(&pause, clock_ms() + TOKEN_PAUSE_MS);
		r = get_token(e, err);
		if (r == 0) {
			error_reset(err);
			r = web_get(&e->web, path, ret, err);
		}
	}
	return r;
}

/* Several at once; those that the service refuses for their token, again. */
static void get_all(void *arg, struct web_part *parts, size_t n)
{
	struct ec2 *e = arg;

	web_get_all(&e->web, parts, n);
	for (size_t i = 0; i < n; i++) {
		if (parts[i].result != -EACCES)
			continue;
		error_reset(&parts[i].err);
		parts[i].result = get(e, parts[i].path, parts[i].ret, &parts[i].err);
	}
}

/* What is absent, or in a category that is switched off, is empty; else the first failure. */
static int check_all(const struct web_part *parts, size_t n, struct error *err)
{
	for (size_t i = 0; i < n; i++)
		if (parts[i].result < 0 && parts[i].result != -ENOENT && parts[i].result != -EPERM)
			return error_set(err, -parts[i].result, "%s", parts[i].err.msg);
	return 0;
}

static int get_id(struct ec2 *e, struct buf *ret, struct error *err)
{
	int r = -ENOENT;

	for (size_t i = 0; r == -ENOENT && i < ARRAY_LEN(versions); i++) {
		char path[64];

		error_reset(err);
		e->version = versions[i];
		(void)snprintf(path, sizeof(path), "/%s/meta-data/instance-id", versions[i]);
		r = get(e, path, ret, err);
	}
	return r;
}

enum leaf { HOSTNAME, PUBLIC_IPV4, TYPE, ZONE, KEYS, MACS, USER_DATA, N_LEAVES };

static const char *const leaves[N_LEAVES] = {
	[HOSTNAME] = "meta-data/local-hostname",
	[PUBLIC_IPV4] = "meta-data/public-ipv4",
	[TYPE] = "meta-data/instance-type",
	[ZONE] = "meta-data/placement/availability-zone",
	[KEYS] = "meta-data/public-keys/",
	[MACS] = "meta-data/network/interfaces/macs/",
	[USER_DATA] = "user-data",
};

static void leaves_done(struct buf (*b)[N_LEAVES])
{
	for (int i = 0; i < N_LEAVES; i++)
		buf_done(&(*b)[i]);
}

/* eu-central-1a is in eu-central-1, us-west-2-lax-1a in us-west-2: two words and a number. */
static void region_of(const char *zone, char *to, size_t size)
{
	size_t len = strcspn(zone, "0123456789");

	len += strspn(zone + len, "0123456789");
	(void)snprintf(to, size, "%.*s", (int)len, zone);
}

/* The address, when the network cards' part of the tree does not have it. */
static void get_address(struct ec2 *e, struct meta *m)
{
	AUTO_BUF struct buf b = { 0 };
	char path[64];

	(void)snprintf(path, sizeof(path), "/%s/meta-data/local-ipv4", e->version);
	if (get(e, path, &b, NULL) == 0)
		meta_set(m, "local-ipv4", buf_text(&b));
}

static void set_leaves(const struct buf *b, struct meta *m)
{
	char region[64], hostname[256];
	const char *name = buf_text(&b[HOSTNAME]);

	(void)snprintf(hostname, sizeof(hostname), "%.*s", (int)strcspn(name, " \t\r\n"), name);
	region_of(buf_text(&b[ZONE]), region, sizeof(region));
	meta_set(m, "local-hostname", hostname);
	meta_set(m, "region", region);
	meta_set(m, "availability-zone", buf_text(&b[ZONE]));
	meta_set(m, "instance-type", buf_text(&b[TYPE]));
	meta_set(m, "public-ipv4", buf_text(&b[PUBLIC_IPV4]));
}

static int crawl(struct ec2 *e, struct meta *m, struct datasource_payload *ret, struct error *err)
{
	CLEANUP(leaves_done) struct buf b[N_LEAVES] = { 0 };
	struct web_part parts[N_LEAVES];
	char path[N_LEAVES][96], address[64] = "";
	int r;

	for (int i = 0; i < N_LEAVES; i++) {
		(void)snprintf(path[i], sizeof(path[i]), "/%s/%s", e->version, leaves[i]);
		parts[i] = (struct web_part){ .path = path[i], .ret = &b[i] };
	}
	parts[USER_DATA].ret = &ret->part[DATASOURCE_USER_DATA];
	get_all(e, parts, N_LEAVES);
	r = check_all(parts, N_LEAVES, err);
	if (r < 0)
		return r;
	ret->has[DATASOURCE_USER_DATA] = parts[USER_DATA].result == 0;
	set_leaves(b, m);
	r = imds_keys_get(path[KEYS], buf_text(&b[KEYS]), get_all, e, m, err);
	if (r < 0)
		return r;
	r = ec2_network_get(&(struct ec2_network){ .version = e->version,
						   .get = get_all,
						   .arg = e,
						   .address = address,
						   .address_size = sizeof(address) },
			    buf_text(&b[MACS]), ret, err);
	meta_set(m, "local-ipv4", address);
	if (!address[0])
		get_address(e, m);
	return r;
}

static int ask(struct ec2 *e, struct datasource_payload *ret, struct error *err)
{
	AUTO_META struct meta m = { 0 };
	AUTO_BUF struct buf id = { 0 };
	struct buf *meta = &ret->part[DATASOURCE_META_DATA];
	int r = get_token(e, err);

	if (r == 0)
		r = get_id(e, &id, err);
	if (r < 0)
		return r;
	if (!meta_is_id(buf_text(&id)))
		return error_set(err, EBADMSG, "%s: what it gives is no instance id",
				 web_base(&e->web));
	meta_set(&m, "instance-id", buf_text(&id));
	r = crawl(e, &m, ret, err);
	(void)snprintf(ret->where, sizeof(ret->where), "%.100s (version %s)", web_base(&e->web),
		       e->version);
	meta_finish(&m, meta);
	ret->has[DATASOURCE_META_DATA] = true;
	return r < 0 ? r : buf_check(meta, err);
}

static int fetch(const struct datasource_ctx *c, struct datasource_payload *ret, struct error *err)
{
	AUTO_FREE struct ec2 *e = calloc(1, sizeof(*e));
	struct datasource_ctx ctx = *c;
	int r;

	if (!e)
		return error_sys(err, ENOMEM, "ec2");
	if (!ctx.base_url && ctx.arg && ctx.arg[0])
		ctx.base_url = ctx.arg;
	e->is_v1_allowed = (ctx.arg && ctx.arg[0]) || platform_is_ec2_clone(c->machine);
	r = web_open(&ctx, &service, &e->web, err);
	if (r == 0)
		r = ask(e, ret, err);
	web_close(&e->web);
	return r;
}

extern const struct datasource datasource_ec2;
const struct datasource datasource_ec2 = { .name = "ec2", .needs_network = true, .fetch = fetch };
