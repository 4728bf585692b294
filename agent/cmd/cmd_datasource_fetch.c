/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros datasource fetch NAME[:ARG]`: asks one datasource by hand, whatever this machine is, and
 * prints what it said in the one form that all are brought into.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "agent/command.h"
#include "agent/userdata/instance.h"
#include "datasource/registry.h"
#include "lib/doc/decode.h"

#define SECONDS_MAX 3600

struct options {
	bool json, allow_loopback;
	const char *url, *name;
	int seconds; /* 0: as the datasource has it */
};

static const struct option long_options[] = {
	{ "json", no_argument, NULL, 'j' },
	{ "url", required_argument, NULL, 'u' },
	{ "allow-loopback", no_argument, NULL, 'l' },
	{ "timeout", required_argument, NULL, 't' },
	{ NULL, 0, NULL, 0 },
};

static bool read_seconds(const char *text, int *ret)
{
	char *end;
	long n = strtol(text, &end, 10);

	*ret = n > 0 && n <= SECONDS_MAX ? (int)n : 0;
	return *ret && end != text && !*end;
}

static bool parse(int argc, char **argv, struct options *ret, struct error *err)
{
	int c;

	optind = 1;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (c == 'j')
			ret->json = true;
		else if (c == 'l')
			ret->allow_loopback = true;
		else if (c == 'u')
			ret->url = optarg;
		else if (c == 't' && read_seconds(optarg, &ret->seconds))
			continue;
		else
			break;
	}
	if (c != -1) {
		(void)error_set(err, EINVAL, "%s is no option, or lacks its argument",
				argv[optind - 1]);
		return false;
	}
	if (optind + 1 == argc) {
		ret->name = argv[optind];
		return true;
	}
	(void)error_set(err, EINVAL, "one NAME or NAME:ARG is wanted (try: ros datasource list)");
	return false;
}

static void part_json(const struct datasource_payload *p, enum datasource_part part,
		      const char *name, struct buf *out)
{
	if (!p->has[part]) {
		buf_fmt(out, ",\"%s\":null", name);
		return;
	}
	buf_fmt(out, ",\"%s\":\"", name);
	decode_to_base64(buf_text(&p->part[part]), p->part[part].len, out);
	buf_char(out, '"');
}

static void line(struct buf *out, const char *name, const char *value)
{
	if (value)
		buf_fmt(out, "%-14s %s\n", name, value);
}

static void print_text(const struct instance *in, const struct datasource_payload *p,
		       struct buf *out)
{
	line(out, "datasource", in->datasource);
	line(out, "where", in->where);
	line(out, "instance id", in->id);
	line(out, "host name", in->hostname);
	line(out, "region", in->region);
	line(out, "zone", in->zone);
	line(out, "instance type", in->type);
	line(out, "public IPv4", in->public_ipv4);
	line(out, "private IPv4", in->private_ipv4);
	for (size_t i = 0; i < in->keys->len; i++)
		line(out, "SSH key", in->keys->items[i]->text);
	for (int i = 0; i < DATASOURCE_N_PARTS; i++)
		if (p->has[i])
			buf_fmt(out, "%-14s %zu bytes\n", datasource_part_name(i), p->part[i].len);
}

static void print_messages(const struct doc_pool *p)
{
	size_t n;
	const struct doc_message *m = doc_messages(p, &n);

	for (size_t i = 0; i < n; i++) {
		AUTO_BUF struct buf text = { 0 };

		doc_message_text(&m[i], &text);
		(void)fprintf(stderr, "ros: datasource fetch: %s%s\n",
			      m[i].is_error ? "" : "warning: ", buf_text(&text));
	}
}

/* What was fetched; of a source that failed, its name and nothing else. */
static int print(const struct options *o, const struct datasource_payload *p, bool failed,
		 struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *pool = NULL;
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(64u << 20);
	struct instance in;
	int r = doc_pool_new(&pool, err);

	if (r == 0)
		r = instance_read(pool, p, &in, err);
	if (r < 0)
		return r;
	if (o->json) {
		instance_json(&in, &out);
		part_json(p, DATASOURCE_USER_DATA, "user_data", &out);
		part_json(p, DATASOURCE_VENDOR_DATA, "vendor_data", &out);
		buf_str(&out, "}\n");
	} else if (!failed) {
		print_text(&in, p, &out);
	}
	r = buf_check(&out, err);
	(void)fputs(buf_text(&out), stdout);
	print_messages(pool);
	return r < 0 || doc_has_errors(pool) ? -EIO : 0;
}

static int fetch(const struct env *env, const struct options *o, struct error *err)
{
	AUTO_FREE struct machine *m = calloc(1, sizeof(*m));
	AUTO_PAYLOAD struct datasource_payload payload = { 0 };
	size_t len = strcspn(o->name, ":");
	const struct datasource *s = registry_find(o->name, len);
	struct datasource_ctx ctx = { .machine = m, .base_url = o->url,
				      .arg = o->name[len] ? o->name + len + 1 : NULL,
				      .allow_loopback = o->allow_loopback,
				      /* It is looked at, and nothing is done with it. */
				      .allow_http_seed = true };
	int r;

	ctx.budget_ms = o->seconds * 1000LL;
	if (!s) {
		(void)error_set(err, EINVAL, "there is no datasource %s (try: ros datasource list)",
				o->name);
		return COMMAND_USAGE;
	}
	if (!m) {
		(void)error_sys(err, ENOMEM, "fetch");
		return COMMAND_FAILED;
	}
	machine_load(m, env->root);
	(void)snprintf(payload.source, sizeof(payload.source), "%s", s->name);
	r = s->fetch(&ctx, &payload, err);
	if (r < 0) {
		struct error ignored = { 0 };

		(void)error_wrap(err, r, "%s", s->name);
		datasource_payload_done(&payload);
		memset(payload.has, 0, sizeof(payload.has));
		(void)!print(o, &payload, true, &ignored);
		return COMMAND_FAILED;
	}
	return print(o, &payload, false, err) < 0 ? COMMAND_FAILED : COMMAND_OK;
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	struct options o = { 0 };

	return parse(argc, argv, &o, err) ? fetch(env, &o, err) : COMMAND_USAGE;
}

const struct command command_datasource_fetch = {
	.name = "datasource fetch",
	.args = "NAME[:ARG] [--url BASE] [--timeout SECONDS] [--allow-loopback] [--json]",
	.help = "Ask one datasource by hand and show what it says.",
	.run = run,
};
