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

static bool run_one(const struct module_ctx *c, const struct module *m)
{
	AUTO_BUF struct buf message = BUF_WITH_LIMIT(4096);
	int64_t start = clock_ms();
	enum module_result result = module_run(c, m, &message);
	char unit[64], text[300];
	struct journal_event ev = { .kind = JOURNAL_STEP_END, .unit = unit, .text = text };

	if (result == MODULE_SKIPPED)
		return true;
	(void)snprintf(unit, sizeof(unit), "agent/%s", m->name);
	(void)snprintf(text, sizeof(text), "%s%s%.200s", module_result_name(result),
		       message.len ? ": " : "", buf_text(&message));
	ev.ms = clock_ms() - start;
	ev.code = result == MODULE_FAILED ? EIO : 0;
	(void)!journal_append(&ev, NULL);
	return result != MODULE_FAILED;
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
	instance_load(FILE_ROOT, loaded, &in);
	if (!only)
		await_docker(&c);
	for (const struct module *const *m = rows_all; *m; m++)
		if ((only ? *m == only : is_for_the_end(*m)) && !run_one(&c, *m))
			r = error_set(err, EIO, "%s failed, see above", (*m)->name);
	message_keep("agent", pool);
	return r;
}
