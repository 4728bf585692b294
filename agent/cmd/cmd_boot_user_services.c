/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros boot user-services`: starts the services of user Docker (those without the label scope:
 * system) once user Docker is up, pulling images that are not on the machine. The network is up
 * here, so that optional services are fetched that are not on the machine yet.
 */
#include <errno.h>
#include <string.h>

#include "agent/apply/publish.h"
#include "agent/command.h"
#include "agent/engine/engine.h"
#include "agent/message.h"
#include "agent/network/gateway.h"
#include "agent/service/optional.h"
#include "agent/service/preload.h"
#include "agent/service/project.h"
#include "agent/service/runner.h"
#include "lib/file.h"

#define DOCKER_DONE "/run/docker-done"
/* runcmd and scripts run before user Docker and may take their time. */
#define DOCKER_DONE_MS 900000
#define ENGINE_MS 60000
#define PULL_MS 600000
/* For definitions of optional services, which nobody but they wait for. */
#define NETWORK_MS 60000

/* Definitions of optional services that this boot fetched. */
struct fetched {
	struct doc_pool *pool;
	const char *sources[SERVICE_MAX];
	size_t n;
};

static void fetched_done(struct fetched *f)
{
	doc_pool_free(f->pool);
}

static void fetch(const struct module_ctx *c, const struct doc_pair *pair, struct fetched *ret)
{
	struct error err = { 0 };
	const char *source;

	if (ret->n == SERVICE_MAX)
		return;
	if (optional_fetch(c, pair->key, pair->origin, &source, &err) == 0)
		ret->sources[ret->n++] = doc_strdup(c->pool, source, strlen(source));
	else
		doc_say(c->pool, true, pair->origin, "services_include: %s", err.msg);
}

/* Those that no earlier boot fetched. */
static void fetch_missing(int root, const struct doc_node *config, struct fetched *ret)
{
	const struct doc_node *includes = doc_at(config, "rancher.services_include");
	struct module_ctx c = { .root = root, .config = config };
	bool waited = false;

	if (!includes || doc_pool_new(&ret->pool, NULL) < 0)
		return;
	c.pool = ret->pool;
	for (size_t i = 0; includes->kind == DOC_MAP && i < includes->len; i++) {
		const struct doc_pair *pair = &includes->pairs[i];

		if (!doc_bool(pair->val, "", false) ||
		    !optional_is_missing(root, c.config, pair->key))
			continue;
		if (!waited)
			(void)!gateway_wait(NETWORK_MS, NULL);
		waited = true;
		fetch(&c, pair, ret);
	}
	message_keep("services", ret->pool);
}

static bool is_from(const struct service *s, const struct fetched *f)
{
	for (size_t i = 0; i < f->n && s->origin.source; i++)
		if (f->sources[i] && !strcmp(s->origin.source, f->sources[i]))
			return true;
	return false;
}

static int run_chosen(const struct project *project, const bool *chosen, const char *socket,
		      struct engine *engine, struct error *err)
{
	enum runner_end ended[SERVICE_MAX];
	struct runner runner = { .engine = engine, .socket = socket, .set = &project->set,
				 .chosen = chosen, .pull_ms = PULL_MS,
				 .auths = doc_at(project->config, "rancher.registry_auths"),
				 .say = doc_bool(project->config, "rancher.log", false) };
	size_t failed = 0;
	int r = runner_run(&runner, ended, err);

	for (size_t i = 0; r == 0 && i < project->set.n; i++)
		failed += ended[i] == RUNNER_FAILED;
	if (r == 0 && failed)
		return error_set(err, EIO, "%zu services are not up (see ros status)", failed);
	return r;
}

/* The services of one Docker that were fetched just now. */
static int run_fetched(const struct project *project, const struct fetched *f, bool system,
		       struct error *err)
{
	const char *socket = system ? ENGINE_SYSTEM : ENGINE_USER;
	struct engine *AUTO(engine_free) engine = NULL;
	bool chosen[SERVICE_MAX];
	size_t n = 0;
	int r;

	for (size_t i = 0; i < project->set.n; i++) {
		const struct service *s = &project->set.all[i];

		chosen[i] = s->system == system && is_from(s, f);
		n += chosen[i];
	}
	if (n == 0)
		return 0;
	r = system ? 0 : file_wait(DOCKER_DONE, DOCKER_DONE_MS, err);
	if (r == 0)
		r = engine_open(socket, ENGINE_MS, &engine, err);
	return r < 0 ? r : run_chosen(project, chosen, socket, engine, err);
}

/* Optional services come last: nobody else waits for their server. */
static int run_missing(int root, const struct project *before, struct error *err)
{
	CLEANUP(fetched_done) struct fetched fetched = { 0 };
	struct project AUTO_PROJECT project = { 0 };
	int r, r2;

	fetch_missing(root, before->config, &fetched);
	if (fetched.n == 0) {
		project_report_files(root, before);
		return 0;
	}
	r = project_load(root, &project, err);
	if (r < 0)
		return r;
	project_report_files(root, &project);
	r = run_fetched(&project, &fetched, true, err);
	r2 = run_fetched(&project, &fetched, false, err);
	return r < 0 ? r : r2;
}

static int run_user(int root, const struct project *project, struct error *err)
{
	const bool pending = preload_is_pending(root, PRELOAD_USER);
	const bool wait = doc_bool(project->config, "rancher.preload_wait", true);
	struct engine *AUTO(engine_free) engine = NULL;
	bool chosen[SERVICE_MAX];
	const size_t n = project_choose(project, false, chosen);
	int r;

	if (n == 0 && !pending)
		return 0;
	r = file_wait(DOCKER_DONE, DOCKER_DONE_MS, err);
	if (r < 0)
		return error_wrap(err, r, "user Docker is not up");
	r = engine_open(ENGINE_USER, ENGINE_MS, &engine, err);
	if (r < 0)
		return r;
	if (pending && wait)
		preload_load(root, PRELOAD_USER, engine);
	if (n)
		r = run_chosen(project, chosen, ENGINE_USER, engine, err);
	if (pending && !wait)
		preload_load(root, PRELOAD_USER, engine);
	return r;
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	struct project AUTO_PROJECT project = { 0 };
	struct error missing = { 0 };
	int r, r2;

	(void)argc, (void)argv;
	/* The system's services are up here, the network among them. */
	publish_machine(env->root);
	if (project_load(env->root, &project, err) < 0)
		return COMMAND_FAILED;
	r = run_user(env->root, &project, err);
	r2 = run_missing(env->root, &project, &missing);
	if (r2 < 0 && r < 0)
		message_say(JOURNAL_FAIL, "services", "%s", missing.msg);
	else if (r2 < 0)
		*err = missing;
	return r < 0 || r2 < 0 ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_boot_user_services = {
	.name = "boot user-services",
	.run = run,
};
