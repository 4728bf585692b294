/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bootcmd: commands in the machine at every boot, before anything else is set up. One that fails
 * does not stop the others, nor the boot.
 */
#include <fcntl.h>
#include <stdio.h>

#include "agent/modules/rows.h"
#include "agent/modules/runcmd.h"
#include "lib/file.h"
#include "lib/proc.h"
#include "lib/scope.h"

#define SCRIPT "/run/ros/bootcmd"
#define LOG    "/var/log/bootcmd.log"
/* What hangs must not keep the machine from coming up. */
#define RUN_MS (5 * 60 * 1000)

/* Only the machine's own boot runs them: who tries his user-data does not want that. */
static enum module_result run(const struct module_ctx *c, struct doc_origin at)
{
	const char *const argv[] = { "/bin/sh", SCRIPT, NULL };
	char id[300];
	const char *const env[] = { "PATH=" PROC_PATH, "HOME=/root", id, NULL };
	struct proc_spec spec = { .argv = argv, .env = env, .in = -1, .new_session = true };
	AUTO_CLOSE int log = -1, pidfd = -1;
	struct error err = { 0 };
	int status = 0, r;
	char text[64];
	pid_t pid;

	(void)snprintf(id, sizeof(id), "INSTANCE_ID=%.256s",
		       c->instance->id ? c->instance->id : "");
	r = file_open(c->root, LOG, O_WRONLY | O_CREAT | O_APPEND, 0640, &log, NULL);
	spec.out = spec.err = r < 0 ? -1 : log;
	r = proc_spawn(&spec, &pid, &pidfd, &err);
	if (r == 0)
		r = proc_wait(pid, pidfd, RUN_MS, &status, &err);
	if (r < 0)
		return module_fail(c, at, "bootcmd: %s", err.msg);
	if (status)
		return module_fail(c, at, "bootcmd: %s (see " LOG ")",
				   proc_status_text(status, text, sizeof(text)));
	return MODULE_CHANGED;
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	const struct doc_node *list = doc_key(c->config, "bootcmd");
	AUTO_BUF struct buf script = { 0 };
	enum module_result result;
	size_t n;

	if (list->kind != DOC_SEQ || list->len == 0)
		return MODULE_SKIPPED;
	n = runcmd_script(c->pool, "bootcmd", list, &script);
	for (size_t i = 0; i < list->len; i++)
		n += list->items[i]->kind == DOC_NULL;
	buf_fmt(message, "%zu of %zu commands", n, list->len);
	if (!c->live) {
		buf_str(message, "; they need a running system");
		return n < list->len ? MODULE_FAILED : MODULE_SKIPPED;
	}
	result = module_write(c, SCRIPT, &script, 0700);
	if (result != MODULE_FAILED)
		result = module_worse(run(c, list->origin),
				      n < list->len ? MODULE_FAILED : MODULE_UNCHANGED);
	return result;
}

const struct module module_bootcmd = {
	.name = "bootcmd",
	.apply = apply,
	.keys = { "bootcmd" },
};
