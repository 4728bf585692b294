/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `wait-for-docker`: returns once user Docker answers. Scripts that run before user Docker would
 * wait for ever, so there it fails at once and says so.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/await.h"
#include "agent/command.h"
#include "agent/engine/engine.h"
#include "lib/clock.h"
#include "lib/file.h"

#define WAIT_S 600
#define WAIT_MAX_S 86400

static int parse(int argc, char **argv, int *ret_s, struct error *err)
{
	char *end;
	long n;

	*ret_s = WAIT_S;
	if (argc == 1)
		return 0;
	if (argc != 3 || (strcmp(argv[1], "-t") && strcmp(argv[1], "--timeout")))
		return error_set(err, EINVAL, "usage: wait-for-docker [-t SECONDS]");
	n = strtol(argv[2], &end, 10);
	if (end == argv[2] || *end || n < 0 || n > WAIT_MAX_S)
		return error_set(err, EINVAL, "%s: seconds from 0 to %d are wanted", argv[2],
				 WAIT_MAX_S);
	*ret_s = (int)n;
	return 0;
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO(engine_free) struct engine *engine = NULL;
	int64_t deadline;
	int seconds;

	(void)env;
	if (parse(argc, argv, &seconds, err) < 0)
		return COMMAND_USAGE;
	if (getenv("ROS_BEFORE_DOCKER") && access(AWAIT_CONSOLE_DONE, F_OK) < 0) {
		error_set(err, EDEADLK,
			  "this script runs before user Docker, which waits for its end "
			  "(put what needs Docker into /etc/rc.local or rancher.services)");
		return COMMAND_FAILED;
	}
	deadline = clock_ms() + seconds * 1000;
	if (file_wait(AWAIT_DOCKER_DONE, clock_left_ms(deadline), err) < 0 ||
	    engine_open(ENGINE_USER, clock_left_ms(deadline), &engine, err) < 0)
		return COMMAND_FAILED;
	return COMMAND_OK;
}

const struct command command_wait_for_docker = {
	.name = "wait-for-docker",
	.alias = "wait-for-docker",
	.args = "[-t SECONDS]",
	.help = "Wait until user Docker answers (10 minutes at most, or SECONDS).",
	.run = run,
};
