/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting the log-in prompts.
 */
#include "agent/console/console_gettys.h"
#include "agent/console/console_banner.h"
#include "agent/message.h"
#include "lib/control.h"
#include "lib/scope.h"

#define PROMPTS_MS 1000

static void tell_init(void)
{
	AUTO_BUF struct buf reply = BUF_WITH_LIMIT(CONTROL_MAX);
	struct error err = { 0 };

	if (control_ask("prompts", PROMPTS_MS, &reply, &err) < 0)
		message_say(JOURNAL_WARNING, CONSOLE, "%s", err.msg);
}

void console_gettys_start(struct console *c)
{
	const struct getty_rules rules = {
		.live = doc_bool(c->config, "rancher.live", false),
		.seeded = doc_str(c->datasource, "datasource", NULL) != NULL,
		.disabled = console_disabled(c->config, "autologin"),
		.exists = getty_exists,
	};
	struct error err = { 0 };

	c->n_gettys = getty_list(&c->line, &rules, c->gettys);
	console_banner_refresh(c, false);
	tell_init();
	for (size_t i = 0; i < c->n_gettys; i++) {
		const struct supervise_spec spec = {
			.name = c->gettys[i].name,
			.proc = { .argv = c->gettys[i].argv, .in = -1, .out = -1, .err = -1,
				  .new_session = true },
			.backoff_max_ms = CONSOLE_BACKOFF_MAX_MS,
		};

		if (supervise_add(c->sup, &spec, &err) < 0)
			message_say(JOURNAL_FAIL, CONSOLE, "%s: %s", spec.name, err.msg);
	}
}
