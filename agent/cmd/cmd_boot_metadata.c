/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros boot metadata`: a daemon of init's that follows the cloud's metadata
 * (agent/console/keywatch.h).
 */
#include <stdlib.h>

#include "agent/command.h"
#include "agent/console/keywatch.h"
#include "lib/scope.h"
#include "lib/supervise_notify.h"

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO_FREE struct keywatch *k = calloc(1, sizeof(*k));
	int r;

	(void)argc, (void)argv;
	if (!k)
		return COMMAND_FAILED;
	/* Nobody waits for a cloud's answer. */
	supervise_notify_ready();
	r = keywatch_open(k, env->root, NULL, err);
	if (r == 0)
		keywatch_run(k);
	return COMMAND_FAILED;
}

const struct command command_boot_metadata = {
	.name = "boot metadata",
	.run = run,
};
