/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boothooks: programs of user-data that run in the machine at every boot, before all else, with
 * INSTANCE_ID in their environment. One that fails does not stop the others, nor the boot.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/modules/rows.h"
#include "agent/modules/script.h"
#include "agent/userdata/scripts.h"
#include "lib/file.h"
#include "lib/proc.h"
#include "lib/scope.h"

#define LOG "/var/log/boothook.log"
/* What hangs must not keep the machine from coming up. */
#define RUN_MS (2 * 60 * 1000)

static int run(const struct module_ctx *c, const char *path, struct error *err)
{
	char id[300], text[64];
	const char *const env[] = { "PATH=" PROC_PATH, "HOME=/root", id, NULL };
	struct script_line line;
	struct proc_spec spec = { .argv = line.argv, .env = env, .in = -1, .new_session = true };
	AUTO_CLOSE int log = -1, pidfd = -1;
	int status = 0, r = script_load(&line, path, err);
	pid_t pid;

	if (r < 0)
		return r;
	(void)snprintf(id, sizeof(id), "INSTANCE_ID=%.256s",
		       c->instance->id ? c->instance->id : "");
	if (file_open(c->root, LOG, O_WRONLY | O_CREAT | O_APPEND, 0640, &log, NULL) < 0)
		log = -1;
	spec.out = spec.err = log;
	r = proc_spawn(&spec, &pid, &pidfd, err);
	if (r == 0)
		r = proc_wait(pid, pidfd, RUN_MS, &status, err);
	if (r < 0)
		return r;
	return status ? error_set(err, EIO, "%s (see " LOG ")",
				  proc_status_text(status, text, sizeof(text)))
		      : 0;
}

static enum module_result run_all(const struct module_ctx *c, const struct scripts_names *names)
{
	enum module_result result = MODULE_CHANGED;

	for (size_t i = 0; i < names->n; i++) {
		struct error err = { 0 };
		char path[256];

		(void)snprintf(path, sizeof(path), SCRIPTS_HOOK_DIR "/%s", names->name[i]);
		if (run(c, path, &err) < 0)
			result = module_fail(c, (struct doc_origin){ 0 }, "boothook %s: %s",
					     names->name[i], err.msg);
	}
	return result;
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	AUTO_FREE struct scripts_names *names = malloc(sizeof(*names));

	if (!names)
		return module_fail(c, (struct doc_origin){ 0 }, "no memory for boothooks");
	scripts_list(c->root, SCRIPTS_HOOK_DIR, names);
	if (names->n == 0)
		return MODULE_SKIPPED;
	buf_fmt(message, "%zu programs", names->n);
	/* Only the machine's own boot runs them. */
	if (c->live && c->boot)
		return run_all(c, names);
	buf_str(message, "; they need a running system");
	return MODULE_SKIPPED;
}

const struct module module_boothook = {
	.name = "boothook",
	.apply = apply,
};
