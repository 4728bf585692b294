/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros boot save-journal`: keep this boot's journal on the state disk. init runs it last thing
 * before it unmounts, so that the next boot can tell why this one stopped.
 */
#include "agent/command.h"
#include "agent/status/history.h"

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	(void)argc, (void)argv;
	return history_save(env->root, err) < 0 ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_boot_save_journal = {
	.name = "boot save-journal",
	.run = run,
};
