/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros boot to-ram`: the last step of the boot, which nobody waits for: it takes only what others
 * leave of the processors and of the medium.
 */
#include <linux/ioprio.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "agent/command.h"
#include "agent/state/toram.h"

#define NICE_LAST 19

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	char why[200] = "";

	(void)env, (void)argc, (void)argv;
	(void)setpriority(PRIO_PROCESS, 0, NICE_LAST);
	(void)syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, 0,
		      IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, 0));
	if (toram_run(why, sizeof(why), err) < 0)
		return COMMAND_FAILED;
	(void)puts(why);
	return COMMAND_OK;
}

const struct command command_boot_to_ram = {
	.name = "boot to-ram",
	.run = run,
};
