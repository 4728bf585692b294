/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros boot watch`: a daemon of init's that follows System Docker's events (agent/service/watch.h).
 * It ends with System Docker and is started again.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/command.h"
#include "agent/engine/container.h"
#include "agent/engine/engine.h"
#include "agent/service/watch.h"
#include "agent/userdocker/userdocker.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/journal.h"
#include "lib/proc.h"
#include "lib/scope.h"
#include "lib/supervise_notify.h"

#define OPEN_MS 60000
/* What a container leaves is cleared away after its end was told: a start may come too early. */
#define START_MS 5000
/* A containerd that was killed before may never clear it away: then the container is made anew. */
#define RECREATE_MS 60000
#define START_FIRST_MS 100
#define START_MOST_MS 2000
/* The stream is opened again after this long: every request ends some time. */
#define EVENTS_MS (24 * 3600 * 1000)
#define SECOND_NS INT64_C(1000000000)
#define FILTER \
	"{\"type\":[\"container\"],\"event\":[\"kill\",\"die\",\"stop\",\"start\",\"destroy\"]}"

struct watcher {
	struct engine *events, *engine;
	struct watch watch;
	struct buf line;  /* an event whose end has not come yet */
	int64_t since_ns; /* of the daemon's clock: events before it are known */
	bool look;        /* one died: the stream ends, and goes on until it has to be looked at */
};

static bool is_final(int r)
{
	return r == 0 || r == -ENOENT || r == -EEXIST;
}

static int start_until(struct watcher *w, const char *name, struct error *err)
{
	int64_t deadline = clock_ms() + START_MS;
	int wait = START_FIRST_MS, r;

	for (;;) {
		r = container_start(w->engine, name, err);
		if (is_final(r) || clock_ms() + wait > deadline)
			return r;
		(void)poll(NULL, 0, wait);
		wait = wait * 2 < START_MOST_MS ? wait * 2 : START_MOST_MS;
	}
}

static int bring_back(struct watcher *w, const char *name, struct error *err)
{
	const char *const anew[] = { "/usr/bin/ros",	 "service", "up",
				     "--force-recreate", name,	    NULL };
	int r = start_until(w, name, err);

	if (is_final(r))
		return r;
	journal_say(JOURNAL_WARNING, name, "made anew, it does not start: %s", err->msg);
	return proc_run(anew, NULL, RECREATE_MS, NULL, err);
}

/* Returns < 0 when it should run and does not. */
static int start_again(struct watcher *w, const char *name)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct doc_node *c = NULL;
	struct error err = { 0 };
	int r;

	r = doc_pool_new(&p, &err);
	if (r == 0)
		r = container_inspect(w->engine, p, name, &c, &err);
	if (r == 0 && strcmp(doc_str(c, "HostConfig.RestartPolicy.Name", ""), "always"))
		return 0;
	if (r == 0)
		r = bring_back(w, name, &err);
	if (is_final(r))
		return 0;
	journal_say(JOURNAL_FAIL, name, "start again: %s", err.msg);
	return r;
}

/* Who was to be started by its policy and was not. */
static void look_at_the_dead(struct watcher *w)
{
	for (;;) {
		const char *name = watch_overdue(&w->watch, clock_ms());

		if (!*name)
			return;
		if (start_again(w, name) < 0)
			watch_again(&w->watch, name, clock_ms());
	}
}

static void journal(enum journal_kind kind, const struct watch_result *res, const char *text)
{
	const struct journal_event ev = { .kind = kind, .unit = res->name, .text = text,
					  .code = res->code, .ms = -1 };

	(void)journal_append(&ev, NULL);
}

static void act(struct watcher *w, const struct watch_result *res)
{
	char text[64];

	switch (res->verb) {
	case WATCH_DIED:
		/* A container that ran to a good end had nothing more to do. */
		snprintf(text, sizeof(text), res->code ? JOURNAL_ENDED "%d" : "ended", res->code);
		journal(res->code ? JOURNAL_SERVICE_FAIL : JOURNAL_CONFIG, res, text);
		w->look = true;
		if (res->start_it)
			(void)start_again(w, res->name);
		break;
	case WATCH_STARTED:
		journal(JOURNAL_SERVICE_READY, res, "runs again");
		break;
	case WATCH_STOPPED:
		journal(JOURNAL_SERVICE_FAIL, res, JOURNAL_STOPPED);
		break;
	case WATCH_GONE:
		journal(JOURNAL_SERVICE_GONE, res, "was removed");
		break;
	case WATCH_NOTHING:
		break;
	}
}

static void take_line(struct watcher *w, const char *text, size_t len)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct doc_node *event = NULL;
	struct watch_result res;

	/* While the machine goes down everything ends. */
	if (access(USERDOCKER_STOPPING, F_OK) == 0)
		return;
	if (doc_pool_new(&p, NULL) < 0 || doc_json_parse(p, "event", text, len, &event, NULL) < 0)
		return;
	w->since_ns = doc_int(doc_key(event, "timeNano"), "", w->since_ns) + 1;
	watch_event(&w->watch, event, clock_ms(), &res);
	act(w, &res);
}

/* Events come one a line, in pieces of any size. */
static bool take(void *arg, const char *data, size_t len)
{
	struct watcher *w = arg;
	const char *nl;

	while ((nl = memchr(data, '\n', len))) {
		buf_add(&w->line, data, (size_t)(nl - data));
		if (w->line.len && buf_check(&w->line, NULL) == 0)
			take_line(w, buf_text(&w->line), w->line.len);
		buf_reset(&w->line);
		len -= (size_t)(nl + 1 - data);
		data = nl + 1;
	}
	buf_add(&w->line, data, len);
	return !w->look;
}

/* Until somebody has to be looked at. */
static int follow_once(struct watcher *w, struct error *err)
{
	AUTO_BUF struct buf path = BUF_WITH_LIMIT(1024);
	const int64_t due = watch_due(&w->watch);
	struct engine_stream stream = {
		.method = "GET", .timeout_ms = EVENTS_MS, .fn = take, .arg = w
	};

	if (due >= 0)
		stream.timeout_ms = clock_left_ms(due) + 1;
	buf_fmt(&path, "/events?since=%" PRId64 ".%09" PRId64 "&filters=", w->since_ns / SECOND_NS,
		w->since_ns % SECOND_NS);
	engine_escape(&path, FILTER, "");
	stream.path = buf_text(&path);
	/* What of an event came before the last stream ended comes once more. */
	buf_reset(&w->line);
	w->look = false;
	return engine_stream(w->events, &stream, err);
}

static int follow(struct watcher *w, struct error *err)
{
	struct timespec now;
	int r;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	w->since_ns = now.tv_sec * SECOND_NS + now.tv_nsec;
	do {
		r = follow_once(w, err);
		look_at_the_dead(w);
	} while (r == -ETIMEDOUT || (r == 0 && w->look));
	return r < 0 ? r : error_set(err, EPIPE, "System Docker ended its stream of events");
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	struct watcher w = { .line = BUF_WITH_LIMIT(64u << 10) };
	int r;

	(void)env, (void)argc, (void)argv;
	r = engine_open(ENGINE_SYSTEM, OPEN_MS, &w.events, err);
	if (r == 0)
		r = engine_clone(w.events, &w.engine, err);
	if (r == 0) {
		supervise_notify_ready();
		r = follow(&w, err);
	}
	engine_free(w.engine);
	engine_free(w.events);
	buf_done(&w.line);
	return r < 0 ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_boot_watch = {
	.name = "boot watch",
	.run = run,
};
