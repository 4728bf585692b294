/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From changed metadata to authorized_keys.
 */
#include "agent/console/keywatch.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "agent/config/config.h"
#include "agent/message.h"
#include "agent/modules/rows.h"
#include "datasource/cache.h"
#include "lib/clock.h"
#include "lib/file.h"

/* The service answers after so long, changed or not: what lies between may forget connections. */
#define WAIT_S 60
/* Between a failure and the next try, which tries for a while itself. */
#define FAILED_S 30
/* After an answer that told nothing new and was not held back. */
#define EARLY_S 10
/* Between two changes. */
#define CHANGED_S 1

void keywatch_arm(int root, const struct doc_node *config, const struct instance *in)
{
	const struct file_attr attr = { .mode = 0644, .uid = geteuid(), .gid = getegid(),
					.relaxed = true };
	struct error err = { 0 };

	if (!doc_bool(config, "rancher.cloud_init.watch", false) || !in->datasource ||
	    strcmp(in->datasource, "gce") != 0)
		return;
	if (file_publish(root, KEYWATCH_MARK, "", 0, &attr, NULL, &err) < 0)
		message_say(JOURNAL_FAIL, "metadata", "SSH keys are not followed: %s", err.msg);
}

int keywatch_open(struct keywatch *k, int root, const char *base_url, struct error *err)
{
	struct datasource_ctx ctx = { .machine = &k->machine, .base_url = base_url };

	*k = (struct keywatch){ .root = root };
	machine_load(&k->machine, root);
	return gce_watch_open(&ctx, &k->watch, err);
}

void keywatch_close(struct keywatch *k)
{
	gce_watch_close(&k->watch);
}

/* --- what is remembered --- */

/* The meta-data with other keys. */
static void replace_keys(const struct doc_node *meta, const struct doc_node *keys, struct buf *out)
{
	buf_char(out, '{');
	for (size_t i = 0; meta && meta->kind == DOC_MAP && i < meta->len; i++) {
		if (!strcmp(meta->pairs[i].key, "public-keys"))
			continue;
		buf_char(out, '"');
		buf_json(out, meta->pairs[i].key);
		buf_str(out, "\":");
		doc_json_write(meta->pairs[i].val, out);
		buf_char(out, ',');
	}
	buf_str(out, "\"public-keys\":");
	doc_json_write(keys, out);
	buf_str(out, "}\n");
}

/* What a boot without the service falls back to must not bring a key back. */
static int update_cache(const struct keywatch *k, struct doc_pool *p, const struct instance *in,
			struct error *err)
{
	AUTO_PAYLOAD struct datasource_payload last = { 0 };
	struct buf *b = &last.part[DATASOURCE_META_DATA];
	const struct doc_node *meta = NULL;
	struct buf next = { 0 };

	if (!in->id || cache_load(&k->machine, &last, NULL) < 0 ||
	    strcmp(last.source, "gce") != 0 ||
	    doc_json_parse(p, "meta-data", buf_text(b), b->len, &meta, NULL) < 0)
		return 0;
	replace_keys(meta, in->keys, &next);
	buf_done(b);
	*b = next;
	return cache_save(&k->machine, in->id, &last, err);
}

/* --- what is done --- */

static bool is_same(const struct doc_node *a, const struct doc_node *b)
{
	AUTO_BUF struct buf x = { 0 }, y = { 0 };

	doc_json_write(a, &x);
	doc_json_write(b, &y);
	return !strcmp(buf_text(&x), buf_text(&y));
}

static int apply(const struct keywatch *k, struct doc_pool *loaded, struct instance *in,
		 struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *said = NULL;
	AUTO_BUF struct buf message = BUF_WITH_LIMIT(4096);
	struct module_ctx c = { .root = k->root, .live = k->root == FILE_ROOT,
				.privileged = geteuid() == 0, .instance = in };
	enum module_result result;
	int r = doc_pool_new(&said, err);

	if (r == 0)
		r = config_load(k->root, loaded, &c.config, err);
	if (r < 0)
		return r;
	/* The agent told about the configuration's mistakes at boot. */
	c.pool = said;
	result = module_run(&c, &module_ssh_authorized_keys, &message);
	journal_say(JOURNAL_CONFIG, "metadata", "SSH keys %s: %s", module_result_name(result),
		    buf_text(&message));
	message_keep("metadata", said);
	r = instance_save(k->root, in, err);
	return r == 0 ? update_cache(k, loaded, in, err) : r;
}

static int bring_up_to_date(struct keywatch *k, bool *ret_changed, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf text = { 0 };
	AUTO_META struct meta meta = { 0 };
	const struct doc_node *now = NULL;
	struct instance in;
	int r = doc_pool_new(&p, err);

	k->expires = gce_watch_keys(&k->watch, time(NULL), &meta);
	meta_finish(&meta, &text);
	if (r == 0)
		r = doc_json_parse(p, "metadata", buf_text(&text), text.len, &now, err);
	if (r < 0)
		return r;
	instance_load(k->root, p, &in);
	if (in.keys && is_same(in.keys, doc_key(now, "public-keys")))
		return 0;
	*ret_changed = true;
	in.keys = doc_key(now, "public-keys");
	return apply(k, p, &in, err);
}

int keywatch_turn(struct keywatch *k, int seconds, bool *ret_changed, struct error *err)
{
	int r;

	*ret_changed = false;
	r = gce_watch_next(&k->watch, seconds, err);
	return r == 0 ? bring_up_to_date(k, ret_changed, err) : r;
}

/* The next key to expire ends the wait. */
static int wait_seconds(const struct keywatch *k)
{
	time_t left = k->expires - time(NULL);

	if (!k->expires || left >= WAIT_S)
		return WAIT_S;
	return left < 0 ? 1 : (int)left + 1;
}

void keywatch_run(struct keywatch *k)
{
	bool is_down = false;

	for (;;) {
		int seconds = wait_seconds(k);
		int64_t early = clock_ms() + 500LL * seconds;
		struct error err = { 0 };
		bool changed;
		int r = keywatch_turn(k, seconds, &changed, &err);

		/* An outage is told once, and its end. */
		if (r < 0 && !is_down)
			journal_say(JOURNAL_WARNING, "metadata", "%s", err.msg);
		else if (r == 0 && is_down)
			journal_say(JOURNAL_WARNING, "metadata", "it answers again");
		is_down = r < 0;
		if (r < 0)
			gce_watch_pause(&k->watch, FAILED_S);
		else if (changed)
			gce_watch_pause(&k->watch, CHANGED_S);
		else if (clock_ms() < early)
			gce_watch_pause(&k->watch, EARLY_S);
	}
}
