/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the threads that bring services up. One lock guards the order and the count of the busy;
 * the set of services and the world are only read while threads run. Each thread has a connection
 * and a pool of its own.
 *
 * A thread takes a service only while fewer than RUNNER_BUSY are at work with the daemon, so that
 * the order of the file decides who is served first. While it waits for something outside (a
 * route, a pull, the end of a container) it gives its place away.
 */
#include "agent/service/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/engine/container.h"
#include "agent/engine/container_files.h"
#include "agent/engine/docker_image.h"
#include "agent/message.h"
#include "agent/network/gateway.h"
#include "agent/service/order.h"
#include "agent/service/replace.h"
#include "agent/service/thin.h"
#include "lib/clock.h"

/* A service that dependants wait for (detach=false) must end within this. */
#define END_MS 300000
#define GATEWAY_MS 20000
#define PULL_TRIES 6
#define PULL_FIRST_PAUSE_MS 1000
/* The daemon is back after it was restarted. */
#define REOPEN_MS 60000
#define REOPEN_TRIES 3

struct state {
	const struct runner *r;
	struct reconcile_world world; /* as it was before anything was started */
	struct order *order;
	enum runner_end *ended;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int busy;
};

struct worker {
	struct state *st;
	struct engine *engine;
	pthread_t thread;
};

static void leave(struct state *st)
{
	pthread_mutex_lock(&st->lock);
	st->busy--;
	pthread_cond_broadcast(&st->changed);
	pthread_mutex_unlock(&st->lock);
}

static void enter(struct state *st)
{
	pthread_mutex_lock(&st->lock);
	while (st->busy >= RUNNER_BUSY)
		pthread_cond_wait(&st->changed, &st->lock);
	st->busy++;
	pthread_mutex_unlock(&st->lock);
}

/* The next service, with a place taken for it; false when there is no more. */
static bool take_service(struct state *st, size_t *ret)
{
	enum order_next next = ORDER_WAIT;

	pthread_mutex_lock(&st->lock);
	for (;;) {
		if (st->busy < RUNNER_BUSY)
			next = order_next(st->order, ret);
		if (next != ORDER_WAIT)
			break;
		pthread_cond_wait(&st->changed, &st->lock);
	}
	if (next == ORDER_READY)
		st->busy++;
	else
		pthread_cond_broadcast(&st->changed);
	pthread_mutex_unlock(&st->lock);
	return next == ORDER_READY;
}

static void service_ended(struct state *st, size_t i, bool ok)
{
	pthread_mutex_lock(&st->lock);
	st->busy--;
	st->ended[i] = ok ? RUNNER_UP : RUNNER_FAILED;
	order_done(st->order, i, ok);
	pthread_cond_broadcast(&st->changed);
	pthread_mutex_unlock(&st->lock);
}

/* Try to pull until it works, the time is over or trying again is of no use. */
static int pull(struct worker *w, const struct service *s, struct error *err)
{
	const struct runner *r = w->st->r;
	const int64_t deadline = clock_ms() + r->pull_ms;
	struct docker_image_pull pull = { .name = s->image, .auths = r->auths };
	int pause = PULL_FIRST_PAUSE_MS;
	int ret;

	for (int try = 1;; try++) {
		pull.timeout_ms = clock_left_ms(deadline) + 1;
		ret = docker_image_pull(w->engine, &pull, err);
		if (ret == 0 || ret == -ENOENT || ret == -EINVAL || try == PULL_TRIES)
			return ret;
		if (clock_left_ms(deadline) <= pause)
			return ret;
		journal_say(JOURNAL_WARNING, s->name, "%s; trying again in %d s",
			    err ? err->msg : "", pause / 1000);
		gateway_pause(pause);
		pause *= 2;
	}
}

static int list_world(struct worker *w, struct doc_pool *p, struct reconcile_world *world,
		      struct error *err)
{
	int r = container_list(w->engine, p, &world->containers, err);

	return r < 0 ? r : docker_image_list(w->engine, p, &world->images, err);
}

/* See to it that the image is there and, for services that ask for it, a way out of the machine. */
static int prepare(struct worker *w, const struct service *s, struct doc_pool *p,
		   struct reconcile_world *world, struct error *err)
{
	const struct doc_node *image = docker_image_find(world->images, s->image);
	const bool wants_route = service_has_dep(s, "network") && !thin_is(image);
	struct error why = { 0 };
	int r = 0;

	if (image && !wants_route)
		return 0;
	if (!image && thin_is_name(s->image))
		return error_set(err, ENOENT, "the image %s would come with the system, and this "
				 "one has none of that name", s->image);
	leave(w->st);
	/* Our own services live with a network that comes late; RancherOS let all others wait. */
	if (gateway_wait(GATEWAY_MS, &why) < 0)
		journal_say(JOURNAL_WARNING, s->name, "%s; going on without", why.msg);
	if (!image)
		r = pull(w, s, err);
	enter(w->st);
	if (r == 0 && !image)
		r = list_world(w, p, world, err);
	return r;
}

/* Wait for the end of a service that others wait for. */
static int await_end(struct worker *w, const char *id, struct error *err)
{
	int code = -1, r;

	leave(w->st);
	r = container_wait(w->engine, id, END_MS, &code, err);
	enter(w->st);
	if (r == 0 && code != 0)
		r = error_set(err, EIO, "exited with %d (see ros service logs)", code);
	return r;
}

/* The files that the configuration has for it; a service without them is better than none. */
static void put_files(struct worker *w, const struct service *s, const char *id)
{
	struct error why = { 0 };

	if (s->system && container_files_put(w->engine, s->name, id, &why) < 0)
		journal_say(JOURNAL_WARNING, s->name, "%s", why.msg);
}

static int start(struct worker *w, const struct service *s, const char *id, struct error *err)
{
	put_files(w, s, id);
	return container_start(w->engine, id, err);
}

static int apply(struct worker *w, const struct service *s, struct doc_pool *p,
		 const struct reconcile_plan *plan, struct error *err)
{
	const char *id = plan->id;
	int r = 0;

	replace_clear(w->engine, s, plan);
	if (plan->verb == RECONCILE_CREATE || plan->verb == RECONCILE_RECREATE)
		r = replace_container(w->engine, p, s, plan, &id, err);
	if (r < 0)
		return r;
	if (s->createonly || w->st->r->create_only) {
		/* Whoever starts it, cron or its owner, has no files to put. */
		put_files(w, s, id);
		return 0;
	}
	if (plan->verb != RECONCILE_KEEP)
		r = start(w, s, id, err);
	/* The container of last time may be damaged; a new one costs little. */
	if (r < 0 && r != -EAGAIN && plan->verb == RECONCILE_START &&
	    s->rebuild != SERVICE_REBUILD_NEVER) {
		journal_say(JOURNAL_WARNING, s->name, "made anew: %s", err ? err->msg : "");
		r = replace_container(w->engine, p, s, plan, &id, err);
		if (r == 0)
			r = start(w, s, id, err);
	}
	if (r < 0 || s->detach)
		return r;
	return await_end(w, id, err);
}

static int bring_up(struct worker *w, const struct service *s, bool look_again, const char **why,
		    struct error *err)
{
	struct reconcile_world world = w->st->world;
	struct doc_pool *AUTO(doc_pool_free) p = NULL;
	struct reconcile_plan plan;
	int r;

	r = doc_pool_new(&p, err);
	if (r == 0 && look_again)
		r = list_world(w, p, &world, err);
	if (r == 0)
		r = prepare(w, s, p, &world, err);
	if (r == 0)
		r = reconcile_decide(p, s, &world, &w->st->r->flags, &plan, err);
	if (r == 0) {
		*why = reconcile_verb_name(plan.verb);
		r = apply(w, s, p, &plan, err);
	}
	return r;
}

/* The daemon went away in the middle: wait for the next one. */
static int reopen(struct worker *w, struct error *err)
{
	struct engine *fresh = NULL;
	int r = engine_open(w->st->r->socket, REOPEN_MS, &fresh, err);

	if (r < 0)
		return r;
	engine_free(w->engine);
	w->engine = fresh;
	return 0;
}

/* A step's own output goes to its log. */
static void tell_console(const char *name, const char *what, int64_t ms)
{
	AUTO_CLOSE int fd = open("/dev/console", O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		(void)dprintf(fd, "service %s: %s (%" PRId64 " ms)\r\n", name, what, ms);
}

static bool run_service(struct worker *w, const struct service *s)
{
	const int64_t began = clock_ms();
	struct journal_event ev = { .kind = JOURNAL_SERVICE_START, .unit = s->name, .ms = -1 };
	struct error err = { 0 };
	const char *why = "start";
	int r;

	(void)!journal_append(&ev, NULL);
	r = bring_up(w, s, false, &why, &err);
	for (int try = 0; r == -EAGAIN && try < REOPEN_TRIES; try++) {
		error_reset(&err);
		r = reopen(w, &err);
		if (r == 0)
			r = bring_up(w, s, true, &why, &err);
	}
	ev.kind = JOURNAL_SERVICE_READY;
	ev.ms = clock_ms() - began;
	ev.text = why;
	if (r < 0)
		message_say(JOURNAL_SERVICE_FAIL, s->name, "service %s: %s", s->name, err.msg);
	else
		(void)!journal_append(&ev, NULL);
	if (r == 0 && w->st->r->say)
		tell_console(s->name, why, ev.ms);
	return r == 0;
}

static void *work(void *arg)
{
	struct worker *w = arg;
	size_t i;

	while (take_service(w->st, &i))
		service_ended(w->st, i, run_service(w, &w->st->r->set->all[i]));
	return NULL;
}

/* Services that were never started because of what they need. */
static void report_doomed(struct state *st)
{
	for (size_t i = 0; i < st->r->set->n; i++) {
		const char *name = st->r->set->all[i].name;

		if (st->ended[i] != RUNNER_NOT || order_state(st->order, i) != ORDER_FAILED)
			continue;
		st->ended[i] = RUNNER_FAILED;
		message_say(JOURNAL_SERVICE_FAIL, name, "service %s: %s", name,
			    order_reason(st->order, i));
	}
}

static int run_threads(struct state *st, size_t n, struct error *err)
{
	struct worker workers[RUNNER_THREADS] = { 0 };
	size_t started = 0;
	int r = 0;

	while (started < n && r == 0) {
		workers[started].st = st;
		r = engine_clone(st->r->engine, &workers[started].engine, err);
		if (r < 0)
			break;
		r = -pthread_create(&workers[started].thread, NULL, work, &workers[started]);
		if (r < 0)
			engine_free(workers[started].engine);
		else
			started++;
	}
	/* Fewer threads than wished for do the same work. */
	if (started == 0 && n > 0)
		return r < 0 && err && err->code ? r : error_sys(err, -r, "start a thread");
	for (size_t i = 0; i < started; i++) {
		pthread_join(workers[i].thread, NULL);
		engine_free(workers[i].engine);
	}
	return 0;
}

/* Which images are missing, and how many services there are to start. */
static size_t look_at_images(const struct state *st, bool *missing)
{
	const struct runner *r = st->r;
	size_t n = 0;

	for (size_t i = 0; i < r->set->n; i++) {
		if (r->chosen && !r->chosen[i])
			continue;
		missing[i] = !docker_image_find(st->world.images, r->set->all[i].image);
		n++;
	}
	return n;
}

int runner_run(const struct runner *r, enum runner_end *ended, struct error *err)
{
	struct state st = { .r = r, .ended = ended, .lock = PTHREAD_MUTEX_INITIALIZER,
			    .changed = PTHREAD_COND_INITIALIZER };
	struct doc_pool *AUTO(doc_pool_free) p = NULL;
	struct order *AUTO(order_free) order = NULL;
	struct worker self = { .engine = r->engine };
	bool missing[SERVICE_MAX] = { false };
	size_t n;
	int ret;

	for (size_t i = 0; i < r->set->n; i++)
		ended[i] = RUNNER_NOT;
	ret = doc_pool_new(&p, err);
	if (ret == 0)
		ret = list_world(&self, p, &st.world, err);
	if (ret == 0 && thin_is_missing(r->set, r->chosen, st.world.images)) {
		ret = thin_load(r->engine, err);
		if (ret == 0)
			ret = docker_image_list(r->engine, p, &st.world.images, err);
	}
	if (ret < 0)
		return ret;
	n = look_at_images(&st, missing);
	ret = order_new(r->set, r->chosen, missing, &order, err);
	if (ret < 0)
		return ret;
	st.order = order;
	ret = run_threads(&st, n < RUNNER_THREADS ? n : RUNNER_THREADS, err);
	if (ret == 0)
		report_doomed(&st);
	return ret;
}
