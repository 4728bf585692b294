/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros boot final`: what comes when everything is up: files from servers, phone_home,
 * final_message, power_state.
 */
#include <stdio.h>
#include <unistd.h>

#include "agent/command.h"
#include "agent/modules/final.h"
#include "agent/modules/late.h"
#include "lib/control.h"
#include "lib/file.h"
#include "lib/file_remove.h"
#include "lib/proc.h"

#define ASK_MS 10000
#define TIMEOUT_S 60

/* Later than now by a shell that outlives this process. */
static int power_later(const char *mode, int minutes, struct error *err)
{
	char script[64];
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };
	const struct proc_spec spec = {
		.argv = argv, .in = -1, .out = -1, .err = -1, .new_session = true
	};
	pid_t pid;

	(void)snprintf(script, sizeof(script), "sleep %d; exec %s", minutes * 60, mode);
	return proc_spawn(&spec, &pid, NULL, err);
}

static int power_state(struct error *err)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(64), reply = BUF_WITH_LIMIT(CONTROL_MAX);
	char mode[16], request[64];
	int minutes, r;

	if (file_read(FILE_ROOT, FINAL_POWER, &text, NULL) < 0 ||
	    sscanf(buf_text(&text), "%15s %d", mode, &minutes) != 2)
		return 0;
	r = file_remove(FILE_ROOT, FINAL_POWER, NULL, err);
	if (r < 0)
		return r;
	/* That it was done must be on the disk before the machine goes down. */
	sync();
	if (minutes > 0)
		return power_later(mode, minutes, err);
	(void)snprintf(request, sizeof(request), "%s timeout=%d by power_state", mode, TIMEOUT_S);
	return control_ask(request, ASK_MS, &reply, err);
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	struct error why = { 0 };
	int r = late_run(NULL, err), power = power_state(&why);

	(void)env, (void)argc, (void)argv;
	/* What failed does not keep the machine from going down when it is to. */
	if (r == 0 && power < 0)
		r = error_set(err, -power, "%s", why.msg);
	return r < 0 ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_boot_final = {
	.name = "boot final",
	.run = run,
};
