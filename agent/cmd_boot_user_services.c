/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros boot user-services`: starts the services of user Docker (those without the label scope:
 * system) once user Docker is up, pulling images that are not on the machine.
 */
#include <errno.h>

#include "agent/command.h"
#include "agent/engine.h"
#include "agent/project.h"
#include "agent/publish.h"
#include "agent/runner.h"
#include "lib/file.h"

#define DOCKER_DONE "/run/docker-done"
/* runcmd and scripts run before user Docker and may take their time. */
#define DOCKER_DONE_MS 900000
#define ENGINE_MS 60000
#define PULL_MS 600000

static int run_services(const struct project *project, const bool *chosen, struct error *err)
{
	struct engine *AUTO(engine_free) engine = NULL;
	enum runner_end ended[SERVICE_MAX];
	struct runner runner = { .socket = ENGINE_USER, .set = &project->set, .chosen = chosen,
				 .auths = doc_at(project->config, "rancher.registry_auths"),
				 .pull_ms = PULL_MS };
	size_t failed = 0;
	int r;

	r = file_wait(DOCKER_DONE, DOCKER_DONE_MS, err);
	if (r < 0)
		return error_wrap(err, r, "user Docker is not up");
	r = engine_open(ENGINE_USER, ENGINE_MS, &engine, err);
	if (r < 0)
		return r;
	runner.engine = engine;
	r = runner_run(&runner, ended, err);
	for (size_t i = 0; r == 0 && i < project->set.n; i++)
		failed += ended[i] == RUNNER_FAILED;
	if (r == 0 && failed)
		return error_set(err, EIO, "%zu services are not up (see ros status)", failed);
	return r;
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	struct project AUTO_PROJECT project = { 0 };
	bool chosen[SERVICE_MAX];

	(void)argc, (void)argv;
	/* The system's services are up here, the network among them. */
	publish_machine(env->root);
	if (project_load(env->root, &project, err) < 0)
		return COMMAND_FAILED;
	if (project_choose(&project, false, chosen) == 0)
		return COMMAND_OK;
	return run_services(&project, chosen, err) < 0 ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_boot_user_services = {
	.name = "boot user-services",
	.run = run,
};
