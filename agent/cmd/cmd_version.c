/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros version`, `ros -v`: which version runs, in the words that RancherOS used.
 */
#include <stdio.h>
#include <string.h>

#include "agent/command.h"
#include "lib/buf.h"
#include "lib/file.h"

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(256);
	char version[256];

	(void)argc, (void)argv;
	if (file_read(env->root, "/usr/share/ros/version", &text, err) < 0)
		return COMMAND_FAILED;
	snprintf(version, sizeof(version), "%s", buf_text(&text));
	version[strcspn(version, "\r\n")] = '\0';
	printf("version %s from os image ocicatos/os:%s\n", version, version);
	return COMMAND_OK;
}

const struct command command_version = {
	.name = "version",
	.help = "Print the version of the system.",
	.run = run,
};
