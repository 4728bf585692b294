/* SPDX-License-Identifier: Apache-2.0 */
/*
 * containerd-shim-runc-v2, as System containerd finds it in its PATH: Debian's, with the start of
 * the system's own containers done by init/shim/group.h.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "init/shim/group.h"

#define SHIM "/usr/bin/containerd-shim-runc-v2"
#define DIR "/run/system-containerd/"

int main(int argc, char **argv)
{
	static const struct group system = {
		.shim = SHIM, .lock = DIR "shim.lock", .reply = DIR "shim.reply"
	};
	static char name[] = SHIM;
	struct error err = { 0 };

	/* The shim runs itself once more, by the name of the file that it is. */
	argv[0] = name;
	if (strcmp(argv[argc - 1], "start") != 0 || !group_has("config.json")) {
		(void)execv(SHIM, argv);
		perror(SHIM);
		return 1;
	}
	if (group_start(&system, argv, STDOUT_FILENO, &err) < 0) {
		fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	return 0;
}
