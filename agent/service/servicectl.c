/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the verbs of `ros service`. Failures of single services are told as they happen, the others
 * are served all the same; the verb fails at its end.
 */
#include "agent/service/servicectl.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/engine/container.h"
#include "agent/engine/docker_image.h"
#include "agent/service/reconcile.h"
#include "agent/service/thin.h"

/* At the prompt nobody waits long for a daemon. */
#define OPEN_MS 10000
#define PULL_MS 1800000
#define LOGS_MS 60000
/* --follow ends with its container, or when the user has seen enough. */
#define FOLLOW_MS (1000 * 3600 * 24 * 7)

/* Services that another one cannot be without come along. */
static void choose_needs(struct servicectl *c, const struct service *s)
{
	for (size_t d = 0; d < s->n_deps; d++) {
		const struct service *other = service_find(&c->project.set, s->deps[d].name);

		if (s->deps[d].need != SERVICE_HARD || !other ||
		    c->chosen[other - c->project.set.all])
			continue;
		c->chosen[other - c->project.set.all] = true;
		choose_needs(c, other);
	}
}

int servicectl_open(int root, const struct servicectl_options *o, struct servicectl *ret,
		    struct error *err)
{
	int r;

	*ret = (struct servicectl){ .o = o, .root = root };
	r = project_load(root, &ret->project, err);
	if (r < 0)
		return r;
	for (size_t i = 0; o->n_names == 0 && i < ret->project.set.n; i++)
		ret->chosen[i] = true;
	for (int i = 0; i < o->n_names; i++) {
		const struct service *s = service_find(&ret->project.set, o->names[i]);

		if (!s) {
			/* One that was left out has its reason there. */
			project_print(&ret->project);
			return error_set(err, ENOENT, "no service is called %s "
					 "(ros service list -a shows them)", o->names[i]);
		}
		ret->chosen[s - ret->project.set.all] = true;
	}
	return 0;
}

void servicectl_close(struct servicectl *c)
{
	engine_free(c->engine[0]);
	engine_free(c->engine[1]);
	project_done(&c->project);
}

static const char *socket_of(bool system)
{
	return system ? ENGINE_SYSTEM : ENGINE_USER;
}

static int connect_to(struct servicectl *c, bool system, struct engine **ret, struct error *err)
{
	const char *path = socket_of(system);

	if (!c->engine[system]) {
		int r;

		if (access(path, W_OK) < 0)
			return error_sys(err, errno, "%s", path);
		r = engine_open(path, OPEN_MS, &c->engine[system], err);
		if (r < 0)
			return r;
	}
	*ret = c->engine[system];
	return 0;
}

/* The containers of one Docker, in a pool of their own. */
static int list_containers(struct servicectl *c, bool system, struct doc_pool **ret_pool,
			   const struct doc_node **ret, struct error *err)
{
	struct doc_pool *AUTO(doc_pool_free) p = NULL;
	struct engine *e;
	int r = connect_to(c, system, &e, err);

	if (r == 0)
		r = doc_pool_new(&p, err);
	if (r == 0)
		r = container_list(e, p, ret, err);
	if (r == 0)
		*ret_pool = TAKE_PTR(p);
	return r;
}

static size_t count(const struct servicectl *c, bool system)
{
	size_t n = 0;

	for (size_t i = 0; i < c->project.set.n; i++)
		n += c->chosen[i] && c->project.set.all[i].system == system;
	return n;
}

static int ps_scope(struct servicectl *c, bool system, struct error *err)
{
	struct doc_pool *AUTO(doc_pool_free) p = NULL;
	const struct doc_node *containers = NULL;
	int r;

	if (count(c, system) == 0)
		return 0;
	r = list_containers(c, system, &p, &containers, err);
	for (size_t i = 0; r == 0 && i < c->project.set.n; i++) {
		const struct service *s = &c->project.set.all[i];
		const struct doc_node *k = reconcile_find(containers, s->container);

		if (!c->chosen[i] || s->system != system || !k ||
		    reconcile_check_owner(s, doc_key(k, "Labels"), NULL) < 0)
			continue;
		if (c->o->quiet)
			printf("%.12s\n", doc_str(k, "Id", ""));
		else
			printf("%-20s %-6s %-30s %s\n", s->name, system ? "system" : "user",
			       doc_str(k, "Status", ""), s->image);
	}
	return r;
}

typedef int (*scope_fn)(struct servicectl *c, bool system, struct error *err);

/* Both Dockers are served, whatever came of the first; its failure is the verb's then. */
static int both(struct servicectl *c, scope_fn scope, struct error *err)
{
	struct error why = { 0 };
	int system = scope(c, true, err);
	int user = scope(c, false, system < 0 ? &why : err);

	if (system == 0)
		return user;
	if (user < 0)
		fprintf(stderr, "ros: service: %s\n", why.msg);
	return system;
}

int servicectl_ps(struct servicectl *c, struct error *err)
{
	return both(c, ps_scope, err);
}

static int bring_up(struct servicectl *c, bool system, struct error *err)
{
	enum runner_end ended[SERVICE_MAX];
	bool chosen[SERVICE_MAX];
	struct runner runner = { .socket = socket_of(system), .set = &c->project.set,
				 .chosen = chosen, .create_only = c->create_only,
				 .pull_ms = PULL_MS,
				 .flags = { .force = c->o->force_recreate,
					    .never = c->o->no_recreate },
				 .auths = doc_at(c->project.config, "rancher.registry_auths") };
	size_t failed = 0;
	int r;

	if (count(c, system) == 0)
		return 0;
	for (size_t i = 0; i < c->project.set.n; i++)
		chosen[i] = c->chosen[i] && c->project.set.all[i].system == system;
	r = connect_to(c, system, &runner.engine, err);
	if (r == 0)
		r = runner_run(&runner, ended, err);
	for (size_t i = 0; r == 0 && i < c->project.set.n; i++)
		failed += ended[i] == RUNNER_FAILED;
	return failed ? error_set(err, EIO, "%zu services are not up", failed) : r;
}

int servicectl_up(struct servicectl *c, struct error *err)
{
	project_print(&c->project);
	for (size_t i = 0; i < c->project.set.n; i++) {
		if (c->chosen[i])
			choose_needs(c, &c->project.set.all[i]);
	}
	return both(c, bring_up, err);
}

int servicectl_create(struct servicectl *c, struct error *err)
{
	c->create_only = true;
	return servicectl_up(c, err);
}

static int start_one(struct servicectl *c, struct engine *e, const struct service *s,
		     struct error *err)
{
	(void)c;
	return container_start(e, s->container, err);
}

static int stop_one(struct servicectl *c, struct engine *e, const struct service *s,
		    struct error *err)
{
	return container_stop(e, s->container, c->o->timeout, err);
}

static int restart_one(struct servicectl *c, struct engine *e, const struct service *s,
		       struct error *err)
{
	return container_restart(e, s->container, c->o->timeout, err);
}

static int kill_one(struct servicectl *c, struct engine *e, const struct service *s,
		    struct error *err)
{
	return container_kill(e, s->container, c->o->signal, err);
}

static int rm_one(struct servicectl *c, struct engine *e, const struct service *s,
		  struct error *err)
{
	return container_remove(e, s->container, c->o->volumes, err);
}

static void print_progress(void *arg, const char *status)
{
	printf("%s: %s\n", (const char *)arg, status);
	(void)fflush(stdout);
}

static int pull_one(struct servicectl *c, struct engine *e, const struct service *s,
		    struct error *err)
{
	char name[256];
	const struct docker_image_pull pull = {
		.name = s->image, .timeout_ms = PULL_MS, .progress = print_progress, .arg = name,
		.auths = doc_at(c->project.config, "rancher.registry_auths")
	};

	/* Whatever else the owner says of a built-in service, its image came with the system. */
	if (thin_is_name(s->image))
		return 0;
	(void)snprintf(name, sizeof(name), "%s", s->name);
	return docker_image_pull(e, &pull, err);
}

/* Whatever else has the name of a service's container is left alone. */
static int check_owner(struct engine *e, const struct service *s, struct error *err)
{
	struct doc_pool *AUTO(doc_pool_free) p = NULL;
	const struct doc_node *c = NULL;
	int r;

	if (s->builtin)
		return 0;
	r = doc_pool_new(&p, err);
	if (r == 0)
		r = container_inspect(e, p, s->container, &c, err);
	return r < 0 ? r : reconcile_check_owner(s, doc_at(c, "Config.Labels"), err);
}

typedef int (*verb_fn)(struct servicectl *c, struct engine *e, const struct service *s,
		       struct error *err);

static int each_one(struct servicectl *c, verb_fn fn, const struct service *s, struct error *err)
{
	struct engine *e = NULL;
	int r = connect_to(c, s->system, &e, err);

	if (r == 0 && fn != pull_one)
		r = check_owner(e, s, err);
	return r < 0 ? r : fn(c, e, s, err);
}

/* Do something with each chosen service; go on after a failure. */
static int each(struct servicectl *c, verb_fn fn, struct error *err)
{
	const size_t n = c->project.set.n;
	size_t failed = 0;

	for (size_t k = 0; k < n; k++) {
		/* What stands later may need what stands before: stopping goes backwards. */
		const size_t i = fn == stop_one || fn == rm_one ? n - 1 - k : k;
		const struct service *s = &c->project.set.all[i];
		struct error why = { 0 };

		if (!c->chosen[i] || each_one(c, fn, s, &why) == 0)
			continue;
		fprintf(stderr, "ros: service: %s: %s\n", s->name, why.msg);
		failed++;
	}
	return failed ? error_set(err, EIO, "failed for %zu services", failed) : 0;
}

int servicectl_start(struct servicectl *c, struct error *err)
{
	return each(c, start_one, err);
}

int servicectl_stop(struct servicectl *c, struct error *err)
{
	return each(c, stop_one, err);
}

int servicectl_restart(struct servicectl *c, struct error *err)
{
	return each(c, restart_one, err);
}

int servicectl_kill(struct servicectl *c, struct error *err)
{
	return each(c, kill_one, err);
}

int servicectl_rm(struct servicectl *c, struct error *err)
{
	return each(c, rm_one, err);
}

static bool print_log(void *arg, bool err_stream, const char *data, size_t len)
{
	FILE *out = err_stream ? stderr : stdout;

	(void)arg;
	return fwrite(data, 1, len, out) == len && fflush(out) == 0;
}

static int logs_one(struct servicectl *c, struct engine *e, const struct service *s,
		    struct error *err)
{
	const struct container_logs logs = { .tail = c->o->lines, .follow = c->o->follow,
					     .timeout_ms = c->o->follow ? FOLLOW_MS : LOGS_MS,
					     .fn = print_log };

	return container_logs(e, s->container, &logs, err);
}

int servicectl_logs(struct servicectl *c, struct error *err)
{
	/* The first would be followed until it ends, and the others never shown. */
	if (c->o->follow && c->o->n_names > 1)
		return error_set(err, EINVAL, "-f follows one service: name one, and run it once "
				 "more for each other");
	return each(c, logs_one, err);
}

int servicectl_pull(struct servicectl *c, struct error *err)
{
	int r = each(c, pull_one, err);

	if (r < 0 && c->o->ignore_pull_failures) {
		error_reset(err);
		return 0;
	}
	return r;
}
