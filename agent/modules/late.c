/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running modules later in the boot.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "agent/config/config.h"
#include "agent/message.h"
#include "agent/modules/late.h"
#include "agent/modules/rows.h"
#include "lib/clock.h"
#include "lib/file.h"

#define DOCKER_DONE "/run/docker-done"
/* runcmd and scripts run before user Docker and may take their time. */
#define DOCKER_DONE_MS 900000

/* What the agent found out about this instance. */
static void load_instance(struct doc_pool *p, struct instance *ret)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(DOC_SIZE);
	const struct doc_node *n = NULL;

	if (file_read(FILE_ROOT, INSTANCE_PATH, &text, NULL) == 0)
		(void)!doc_json_parse(p, INSTANCE_PATH, buf_text(&text), text.len, &n, NULL);
	*ret = (struct instance){ .datasource = doc_str(n, "datasource", NULL),
				  .where = doc_str(n, "where", NULL),
				  .id = doc_str(n, "instance_id", NULL),
				  .hostname = doc_str(n, "hostname", NULL),
				  .keys = doc_key(n, "ssh_authorized_keys") };
}

static void run_one(const struct module_ctx *c, const struct module *m)
{
	AUTO_BUF struct buf message = BUF_WITH_LIMIT(4096);
	int64_t start = clock_ms();
	enum module_result result = module_run(c, m, &message);
	char unit[64], text[300];
	struct journal_event ev = { .kind = JOURNAL_STEP_END, .unit = unit, .text = text };

	if (result == MODULE_SKIPPED)
		return;
	(void)snprintf(unit, sizeof(unit), "agent/%s", m->name);
	(void)snprintf(text, sizeof(text), "%s%s%.200s", module_result_name(result),
		       message.len ? ": " : "", buf_text(&message));
	ev.ms = clock_ms() - start;
	ev.code = result == MODULE_FAILED ? EIO : 0;
	(void)!journal_append(&ev, NULL);
}

static void keep_messages(const struct doc_pool *p)
{
	size_t n;
	const struct doc_message *m = doc_messages(p, &n);

	for (size_t i = 0; i < n; i++) {
		AUTO_BUF struct buf line = { 0 };

		doc_message_text(&m[i], &line);
		message_say(m[i].is_error ? JOURNAL_FAIL : JOURNAL_WARNING, "agent", "%s",
			    buf_text(&line));
	}
}

static bool is_for_the_end(const struct module *m)
{
	return m->at_end && !m->alone;
}

/* "Everything is up" means user Docker, too; but only who wants something waits for it. */
static void await_docker(const struct module_ctx *c)
{
	struct error err = { 0 };
	bool wanted = false;

	for (const struct module *const *m = rows_all; *m; m++)
		wanted = wanted || (is_for_the_end(*m) && module_is_wanted(c, *m));
	if (wanted && file_wait(DOCKER_DONE, DOCKER_DONE_MS, &err) < 0)
		doc_say(c->pool, false, (struct doc_origin){ 0 },
			"user Docker is not up, the end of the boot goes on: %s", err.msg);
}

int late_run(const struct module *only, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *loaded = NULL, *pool = NULL;
	struct instance in;
	struct module_ctx c = { .root = FILE_ROOT,
				.live = true,
				.at_end = true,
				.privileged = geteuid() == 0,
				.instance = &in };
	int r = doc_pool_new(&loaded, err);

	if (r == 0)
		r = doc_pool_new(&pool, err);
	if (r == 0)
		r = config_load(FILE_ROOT, loaded, &c.config, err);
	if (r < 0)
		return r;
	/* The agent told about the configuration's mistakes; these messages are the modules'. */
	c.pool = pool;
	load_instance(loaded, &in);
	if (!only)
		await_docker(&c);
	for (const struct module *const *m = rows_all; *m; m++)
		if (only ? *m == only : is_for_the_end(*m))
			run_one(&c, *m);
	keep_messages(pool);
	return 0;
}
