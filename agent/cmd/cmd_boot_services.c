/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros boot services`: starts all services of System Docker in their order. Run again (after
 * System Docker was restarted) it starts what is down and leaves alone what runs.
 *
 * `ros boot services late` starts those that nobody waits for, once user Docker is ready: until
 * then the machine's processors belong to what its owner waits for.
 *
 * A service with the label reloadconfig may change the configuration. So those that come after it
 * are held back; when it has ended the configuration is read again, and they start as it says
 * then.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "agent/await.h"
#include "agent/command.h"
#include "agent/console/console_rebuild.h"
#include "agent/service/order.h"
#include "agent/service/preload.h"
#include "agent/service/project.h"
#include "agent/service/runner.h"
#include "agent/service/sandbox.h"
#include "agent/service/systemdocker.h"
#include "lib/control.h"
#include "lib/file.h"
#include "lib/journal.h"

/* From the start of System Docker on a slow machine with a cold disk. */
#define ENGINE_MS 120000
/* For services whose image is not on this machine. */
#define PULL_MS 300000
/* User Docker is ready by then, or something is wrong with it; late services start all the same. */
#define LATE_MS 60000
/* Whoever waited for user Docker has the processors to himself first. */
#define CALM_MS 5000
/* Reading the configuration again more often than this is a circle. */
#define ROUNDS 4
#define ASK_MS 5000

/* One reading of the configuration and what came of its services. */
struct round {
	struct project project;
	bool chosen[SERVICE_MAX];
	bool rebuild_console;
	enum runner_end ended[SERVICE_MAX];
};

static bool was_run(const struct round *rounds, int n, const char *name)
{
	for (int k = 0; k < n; k++) {
		const struct service_set *set = &rounds[k].project.set;

		for (size_t i = 0; i < set->n; i++) {
			if (rounds[k].ended[i] != RUNNER_NOT && !strcmp(set->all[i].name, name))
				return true;
		}
	}
	return false;
}

/* All of System Docker's services, without or with only the late ones. A service that others come
 * after is not late, whatever its label says. */
static int choose(struct round *round, bool late, struct error *err)
{
	const struct service_set *set = &round->project.set;
	struct order *AUTO(order_free) order = NULL;
	bool is_late[SERVICE_MAX];
	int r;

	project_choose(&round->project, true, round->chosen);
	r = order_new(set, round->chosen, NULL, &order, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < set->n; i++) {
		is_late[i] = set->all[i].late;
		for (size_t k = 0; k < set->n; k++) {
			if (round->chosen[k] && !set->all[k].late && order_follows(order, k, i))
				is_late[i] = false;
		}
	}
	for (size_t i = 0; i < set->n; i++)
		round->chosen[i] = round->chosen[i] && is_late[i] == late;
	return 0;
}

/* Take back what follows a service after which the configuration is read again. */
static int hold_back(struct round *round, bool *ret_reload, struct error *err)
{
	const struct service_set *set = &round->project.set;
	struct order *AUTO(order_free) order = NULL;
	int r;

	*ret_reload = false;
	r = order_new(set, round->chosen, NULL, &order, err);
	if (r < 0)
		return r;
	for (size_t k = 0; k < set->n; k++) {
		if (!round->chosen[k] || !set->all[k].reload)
			continue;
		*ret_reload = true;
		for (size_t i = 0; i < set->n; i++) {
			if (round->chosen[i] && order_follows(order, i, k))
				round->chosen[i] = false;
		}
	}
	return 0;
}

static int run_round(struct round *rounds, int n, bool late, struct engine *engine,
		     bool *ret_reload, struct error *err)
{
	struct round *round = &rounds[n];
	struct project *project = &round->project;
	struct runner runner = { .engine = engine, .socket = ENGINE_SYSTEM, .set = &project->set,
				 .chosen = round->chosen, .pull_ms = PULL_MS,
				 .auths = doc_at(project->config, "rancher.registry_auths"),
				 .say = doc_bool(project->config, "rancher.log", false) };
	int r;

	r = choose(round, late, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < project->set.n; i++) {
		if (was_run(rounds, n, project->set.all[i].name))
			round->chosen[i] = false;
	}
	/* In the last round nothing is held back any more. */
	*ret_reload = false;
	r = n + 1 < ROUNDS ? hold_back(round, ret_reload, err) : 0;
	return r < 0 ? r : runner_run(&runner, round->ended, err);
}

static size_t count_failed(const struct round *round)
{
	size_t n = 0;

	for (size_t i = 0; i < round->project.set.n; i++)
		n += round->ended[i] == RUNNER_FAILED;
	return n;
}

/* Whether a console that was wanted is not up, so that nobody can log in. */
static bool is_stranded(const struct round *rounds)
{
	bool wanted = false;

	for (int n = 0; n < ROUNDS; n++) {
		const struct service_set *set = &rounds[n].project.set;

		for (size_t i = 0; i < set->n; i++) {
			if (!set->all[i].console || rounds[n].ended[i] == RUNNER_NOT)
				continue;
			if (rounds[n].ended[i] == RUNNER_UP)
				return false;
			wanted = true;
		}
	}
	return wanted;
}

/* A console that came up did so anew where that was asked for. */
static void note_rebuilt(int root, const struct round *rounds)
{
	bool asked = false;
	struct error err = { 0 };

	for (int n = 0; n < ROUNDS; n++)
		asked = asked || rounds[n].rebuild_console;
	if (asked && !is_stranded(rounds) && console_rebuild_done(root, &err) < 0)
		journal_say(JOURNAL_WARNING, "console", "%s", err.msg);
}

/* What the machine has instead: init's recovery consoles, and sshd beside them. User Docker does
 * not wait for the user's scripts, which nobody runs. */
static void offer_recovery(void)
{
	AUTO_BUF struct buf reply = BUF_WITH_LIMIT(CONTROL_MAX);
	struct error err = { 0 };

	if (control_ask("recovery the console container does not start", ASK_MS, &reply, &err) < 0)
		journal_say(JOURNAL_FAIL, "console", "recovery console: %s", err.msg);
	if (await_fulfil(AWAIT_CONSOLE_DONE, "none", &err) < 0)
		journal_say(JOURNAL_WARNING, "console", "%s", err.msg);
}

static int run_all(int root, struct round *rounds, bool late, struct error *err)
{
	struct engine *AUTO(engine_free) engine = NULL;
	size_t failed = 0;
	bool reload = true;
	int r = 0;

	for (int n = 0; r == 0 && reload && n < ROUNDS; n++) {
		r = project_load(root, &rounds[n].project, err);
		if (r < 0)
			break;
		project_report(&rounds[n].project);
		rounds[n].rebuild_console = console_rebuild_want(rounds[n].project.config,
								 &rounds[n].project.set);
		if (!engine)
			r = engine_open(ENGINE_SYSTEM, ENGINE_MS, &engine, err);
		if (r == 0 && n == 0 && !late)
			preload_load(root, PRELOAD_SYSTEM, engine);
		if (r == 0)
			systemdocker_reload();
		if (r == 0)
			r = run_round(rounds, n, late, engine, &reload, err);
		failed += count_failed(&rounds[n]);
	}
	if (r == 0 && failed)
		return error_set(err, EIO, "%zu services are not up (see ros status)", failed);
	return r;
}

static void give_way(void)
{
	struct error why = { 0 };

	if (file_wait(AWAIT_DOCKER_DONE, LATE_MS, &why) < 0)
		journal_say(JOURNAL_WARNING, "services", "%s; late services start without",
			    why.msg);
	else
		(void)poll(NULL, 0, CALM_MS);
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	const bool late = argc == 2 && !strcmp(argv[1], "late");
	struct round *rounds = calloc(ROUNDS, sizeof(*rounds));
	int r;

	if (!rounds)
		return error_set(err, ENOMEM, "no memory for the services");
	if (late)
		give_way();
	else
		sandbox_prepare();
	r = run_all(env->root, rounds, late, err);
	if (is_stranded(rounds))
		offer_recovery();
	if (!late)
		note_rebuilt(env->root, rounds);
	for (int n = 0; n < ROUNDS; n++)
		project_done(&rounds[n].project);
	free(rounds);
	return r < 0 ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_boot_services = {
	.name = "boot services",
	.run = run,
};
