/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds this boot's payload.
 */
#include "agent/apply/source.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/apply/signed.h"
#include "agent/config/config.h"
#include "datasource/cache.h"
#include "datasource/registry.h"
#include "datasource/removable.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/journal.h"
#include "lib/scope.h"

#define KEY "rancher.cloud_init."
/* How long a source may take: one that is surely here, one that is and whose last data are at hand,
 * one that the list only names. A way to it may take as long as itself, or what dhcp_timeout says.
 */
#define SURE_S 60
#define CACHED_MS 15000
#define GUESS_MS 5000
#define NETWORK_MS 30000
#define NETWORK_CACHED_MS 10000

struct finder {
	struct source *s;
	const struct doc_node *config;
	struct registry_choice rows[REGISTRY_MAX];
	size_t n, chosen;
	bool has_cache;
	char cached[32]; /* whose data these are */
};

static void say(const struct finder *f, bool is_error, const char *text)
{
	doc_say(f->s->pool, is_error, (struct doc_origin){ 0 }, "%s", text);
}

/* --- the cache --- */

/* The last good data of this machine, in place of a source that is broken or gone. */
static bool use_cache(struct finder *f, struct datasource_payload *ret)
{
	struct error err = { 0 };
	int r;

	/* Nobody can tell whose they were. */
	if (signed_is_wanted(f->config))
		return false;
	datasource_payload_done(ret);
	*ret = (struct datasource_payload){ 0 };
	r = cache_load(f->s->machine, ret, &err);
	if (r < 0 && r != -ENODATA)
		say(f, true, err.msg);
	f->s->is_cached = r == 0;
	return r == 0;
}

static void look_at_cache(struct finder *f)
{
	AUTO_PAYLOAD struct datasource_payload p = { 0 };

	f->has_cache = cache_load(f->s->machine, &p, NULL) == 0;
	if (f->has_cache)
		(void)snprintf(f->cached, sizeof(f->cached), "%s", p.source);
}

/* The last good data are this one's, and no namesake's (another file or URL of the list). */
static bool is_cached(const struct finder *f, const struct registry_choice *c)
{
	if (!f->has_cache || strcmp(f->cached, c->source->name) || signed_is_wanted(f->config))
		return false;
	for (size_t i = 0; i < f->n; i++)
		if (&f->rows[i] != c && f->rows[i].source == c->source)
			return false;
	return true;
}

/* --- the choice --- */

/* What each datasource said, for those who wonder why theirs was not taken. */
static void journal_choices(const struct finder *f)
{
	static const char *const words[] = {
		[DATASOURCE_NO] = "no",
		[DATASOURCE_MAYBE] = "maybe",
		[DATASOURCE_YES] = "yes",
	};

	for (size_t i = 0; i < f->n; i++) {
		const struct registry_choice *c = &f->rows[i];

		if (c->clue.match != DATASOURCE_NO || c->is_listed)
			journal_say(JOURNAL_CONFIG, "datasource", "%s: %s: %s", c->source->name,
				    words[c->clue.match], c->clue.reason);
	}
}

/* What somebody put into a real machine counts if its owner says so. */
static void judge_media(struct finder *f)
{
	AUTO_BUF struct buf said = { 0 };

	if (registry_is_told(f->s->machine, doc_at(f->config, KEY "datasources")) ||
	    doc_bool(f->config, KEY "allow_removable", false))
		return;
	removable_drop(f->s->machine, &said);
	if (said.len)
		say(f, false, buf_text(&said));
}

/* The configuration as it is before the payload: what it says of datasources. */
static void look_around(struct finder *f, struct doc_pool *own)
{
	const struct doc_node *config = NULL;
	char name[REGISTRY_NAME];

	/* Mistakes in it are told when it is loaded to be applied. */
	if (own && config_load(f->s->machine->root, own, &config, NULL) == 0)
		f->config = config;
	judge_media(f);
	f->n = registry_choose(f->s->machine, doc_at(f->config, KEY "datasources"), f->rows,
			       &f->chosen);
	if (registry_stranger(doc_at(f->config, KEY "datasources"), name))
		doc_say(f->s->pool, false, (struct doc_origin){ 0 },
			KEY "datasources: no datasource is called %s (ros datasource list)", name);
	look_at_cache(f);
	journal_choices(f);
}

/* --- asking --- */

int source_network(void *arg, struct error *err)
{
	return earlynet_up(arg, err);
}

static int64_t budget_ms(const struct finder *f, bool is_sure)
{
	int64_t sure = doc_int(f->config, KEY "timeout", SURE_S);

	if (!is_sure)
		return GUESS_MS;
	if (f->has_cache)
		return CACHED_MS;
	return (sure > 0 && sure < 3600 ? sure : SURE_S) * 1000;
}

/* A file that is signed, where such a one alone may configure this machine. */
static bool is_refused(const struct finder *f, const struct registry_choice *c)
{
	AUTO_BUF struct buf text = { 0 };

	if (!signed_is_wanted(f->config) || !strcmp(c->source->name, "file"))
		return false;
	buf_fmt(&text,
		"datasource %s is not asked: rancher.cloud_init.signers takes a signed file alone "
		"(say file:PATH in rancher.cloud_init.datasources)",
		c->source->name);
	say(f, false, buf_text(&text));
	return true;
}

static int network_ms(const struct finder *f, bool is_sure)
{
	int64_t told = doc_int(f->config, "rancher.network.dhcp_timeout", 0);

	if (told > 0 && told <= 3600)
		return (int)told * 1000;
	if (f->has_cache)
		return NETWORK_CACHED_MS;
	return is_sure ? (int)budget_ms(f, is_sure) : NETWORK_MS;
}

/* True when the source gave something. Its failure is a message: of one that was only guessed at, a
 * warning. */
static bool ask(struct finder *f, const struct registry_choice *c, bool is_sure,
		struct datasource_payload *ret)
{
	struct earlynet *net = f->s->net;
	struct datasource_ctx ctx = { .machine = f->s->machine,
				      .arg = c->arg[0] ? c->arg : NULL,
				      .require_tls = doc_bool(f->config, KEY "require_tls", false),
				      .allow_http_seed =
					      doc_bool(f->config, KEY "allow_http_seed", false),
				      .budget_ms = budget_ms(f, is_sure),
				      .network = source_network,
				      .network_arg = net };
	int64_t began = clock_ms();
	struct error err = { 0 };
	int r;

	if (is_refused(f, c))
		return false;
	net->wait_ms = network_ms(f, is_sure);
	net->link_local = c->source->link_local;
	(void)snprintf(ret->source, sizeof(ret->source), "%s", c->source->name);
	r = c->source->fetch(&ctx, ret, &err);
	if (r == 0 && signed_is_wanted(f->config))
		r = signed_check(f->s->machine->root, f->config, ctx.arg, ret, &err);
	journal_say(JOURNAL_CONFIG, "datasource", "%s: %s after %lld ms%s%s", c->source->name,
		    r == 0 ? "answered" : "failed", (long long)(clock_ms() - began),
		    r == 0 ? "" : ": ", r == 0 ? "" : err.msg);
	if (r == 0)
		return true;
	(void)error_wrap(&err, r, "datasource %s", c->source->name);
	say(f, is_sure, err.msg);
	datasource_payload_done(ret);
	*ret = (struct datasource_payload){ 0 };
	return false;
}

/* Those of the list that have not been asked yet, one after another. */
static bool ask_listed(struct finder *f, enum datasource_match match,
		       struct datasource_payload *ret)
{
	for (size_t i = 0; i < f->n; i++)
		if (i != f->chosen && f->rows[i].is_listed && f->rows[i].clue.match == match &&
		    ask(f, &f->rows[i], false, ret))
			return true;
	return false;
}

/* The machine shows which one is its own: nobody need guess. */
static bool is_proved(const struct finder *f)
{
	for (size_t i = 0; i < f->n; i++)
		if (f->rows[i].clue.match == DATASOURCE_YES &&
		    f->rows[i].clue.stage != DATASOURCE_BY_LIST)
			return true;
	return false;
}

/* The chosen one. When it fails, or none is sure, whatever else the list names; what was found
 * without being named, or stands on the kernel line, has no substitute, and what has answered
 * before none but its own last good data. */
static bool ask_all(struct finder *f, struct datasource_payload *ret)
{
	if (f->chosen < f->n) {
		const struct registry_choice *c = &f->rows[f->chosen];

		if (ask(f, c, true, ret))
			return true;
		if (!c->is_listed || c->clue.stage == DATASOURCE_BY_CMDLINE || is_cached(f, c))
			return false;
	}
	return ask_listed(f, DATASOURCE_YES, ret) ||
	       (!is_proved(f) && ask_listed(f, DATASOURCE_MAYBE, ret));
}

/* `fetch: instance`: what was good enough once is, as long as this is the same machine. */
static bool may_skip(const struct finder *f)
{
	const char *fetch = doc_str(f->config, KEY "fetch", "boot");

	return f->has_cache && !strcmp(fetch, "instance") &&
	       (f->chosen == f->n || f->rows[f->chosen].source->needs_network);
}

bool source_find(struct source *s, struct datasource_payload *ret)
{
	AUTO(doc_pool_free) struct doc_pool *own = NULL;
	AUTO_FREE struct finder *f = calloc(1, sizeof(*f));
	bool found;

	if (!f)
		return false;
	f->s = s;
	if (doc_pool_new(&own, NULL) < 0)
		own = NULL;
	look_around(f, own);
	s->is_fetched = !may_skip(f) && ask_all(f, ret);
	found = s->is_fetched || use_cache(f, ret);
	if (!found && f->chosen == f->n && config_is_bare(s->machine->root))
		say(f, false, "no datasource is here, and no configuration (ros datasource list "
			      "says where it looked)");
	return found;
}
