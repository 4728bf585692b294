/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros boot cron`: what the container `cron` runs. Containers of System Docker with the label
 * cron.schedule are started at their times (cron.action: restart or stop does that instead, as
 * RancherOS' container-crontab did).
 *
 * The list of jobs is read again whenever the daemon announces that a container was made or
 * removed; that stream has a thread of its own. The timer runs on the clock of the wall and is
 * told when somebody sets it. When the daemon goes away we end, and are started again by it.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "agent/command.h"
#include "agent/engine/container.h"
#include "agent/service/cron.h"
#include "agent/service/service.h"
#include "lib/buf.h"
#include "lib/journal.h"
#include "lib/scope.h"

#define OPEN_MS 60000
#define STOP_SECONDS 10
#define JOBS_MAX 256
/* The stream of events is opened again after this long, as every request ends some time. */
#define EVENTS_MS (24 * 3600 * 1000)
#define EVENTS_FILTER "{\"type\":[\"container\"],\"event\":[\"create\",\"destroy\",\"rename\"]}"

struct job {
	char id[80];
	char name[80];
	char action[16]; /* "start", "restart", "stop" */
	struct cron when;
	time_t due; /* 0: never */
};

struct scheduler {
	struct engine *engine;
	struct engine *events; /* the thread's connection */
	time_t began;
	int timer, changed;    /* timerfd; eventfd: 1 for each change */
	struct job jobs[JOBS_MAX];
	size_t n;
};

static void wake(const struct scheduler *s)
{
	const uint64_t one = 1;

	(void)!write(s->changed, &one, sizeof(one));
}

static bool take_event(void *arg, const char *data, size_t len)
{
	(void)data, (void)len;
	wake(arg);
	return true;
}

/* The daemon keeps the request open and sends a line for each event since we were started. */
static void *watch(void *arg)
{
	struct scheduler *s = arg;
	struct buf AUTO_BUF path = BUF_WITH_LIMIT(1024);
	struct engine_stream stream = { .method = "GET", .timeout_ms = EVENTS_MS,
					.fn = take_event, .arg = s };
	struct error err = { 0 };

	buf_fmt(&path, "/events?since=%lld&filters=", (long long)s->began);
	engine_escape(&path, EVENTS_FILTER, "");
	stream.path = buf_text(&path);
	while (engine_stream(s->events, &stream, &err) == -ETIMEDOUT)
		wake(s);
	fprintf(stderr, "ros: cron: the daemon went away: %s\n", err.msg);
	_exit(COMMAND_FAILED);
}

static const char *label(const struct doc_node *container, const char *name, const char *fallback)
{
	return doc_str(doc_key(doc_key(container, "Labels"), name), "", fallback);
}

static void add_job(struct scheduler *s, const struct doc_node *container)
{
	const char *schedule = label(container, SERVICE_LABEL_CRON, NULL);
	const char *name = doc_str(container, "Names.0", "/?");
	struct job *job = &s->jobs[s->n];
	struct error err = { 0 };

	if (!schedule || s->n == JOBS_MAX)
		return;
	*job = (struct job){ 0 };
	(void)snprintf(job->id, sizeof(job->id), "%s", doc_str(container, "Id", ""));
	(void)snprintf(job->name, sizeof(job->name), "%s", name + 1);
	(void)snprintf(job->action, sizeof(job->action), "%s",
		       label(container, "cron.action", "start"));
	if (cron_parse(schedule, &job->when, &err) < 0) {
		fprintf(stderr, "ros: cron: %s: %s\n", job->name, err.msg);
		return;
	}
	job->due = cron_next(&job->when, time(NULL));
	s->n++;
}

static int read_jobs(struct scheduler *s, struct error *err)
{
	struct doc_pool *AUTO(doc_pool_free) p = NULL;
	const struct doc_node *list = NULL;
	int r;

	r = doc_pool_new(&p, err);
	if (r == 0)
		r = container_list(s->engine, p, &list, err);
	s->n = 0;
	for (size_t i = 0; r == 0 && i < list->len; i++)
		add_job(s, list->items[i]);
	return r;
}

static void run_job(struct scheduler *s, const struct job *job)
{
	struct error err = { 0 };
	int r;

	if (!strcmp(job->action, "stop"))
		r = container_stop(s->engine, job->id, STOP_SECONDS, &err);
	else if (!strcmp(job->action, "restart"))
		r = container_restart(s->engine, job->id, STOP_SECONDS, &err);
	else
		r = container_start(s->engine, job->id, &err);
	printf("%s %s%s%s\n", job->action, job->name, r < 0 ? ": " : "", err.msg);
	(void)fflush(stdout);
	if (r < 0)
		journal_say(JOURNAL_WARNING, "cron", "%s %s: %s", job->action, job->name, err.msg);
}

static void run_due(struct scheduler *s)
{
	const time_t now = time(NULL);

	for (size_t i = 0; i < s->n; i++) {
		struct job *job = &s->jobs[i];

		if (!job->due || job->due > now)
			continue;
		run_job(s, job);
		job->due = cron_next(&job->when, now);
	}
}

/* After the clock was set, what was calculated with the old time is worth nothing. */
static void plan_again(struct scheduler *s)
{
	for (size_t i = 0; i < s->n; i++)
		s->jobs[i].due = cron_next(&s->jobs[i].when, time(NULL));
}

static int set_timer(const struct scheduler *s, struct error *err)
{
	struct itimerspec when = { 0 };
	time_t first = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (s->jobs[i].due && (!first || s->jobs[i].due < first))
			first = s->jobs[i].due;
	}
	/* Without a job the timer is set for far away, so that it still tells of a new time. */
	when.it_value.tv_sec = first ? first : time(NULL) + EVENTS_MS / 1000;
	if (timerfd_settime(s->timer, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, NULL) < 0)
		return error_sys(err, errno, "set the timer");
	return 0;
}

static int wait_for_work(struct scheduler *s, struct error *err)
{
	struct pollfd fds[] = { { .fd = s->timer, .events = POLLIN },
				{ .fd = s->changed, .events = POLLIN } };
	uint64_t count;

	if (poll(fds, ARRAY_LEN(fds), -1) < 0)
		return errno == EINTR ? 0 : error_sys(err, errno, "wait");
	if (fds[0].revents && read(s->timer, &count, sizeof(count)) < 0 && errno == ECANCELED)
		plan_again(s);
	else if (fds[0].revents)
		run_due(s);
	if (!fds[1].revents || read(s->changed, &count, sizeof(count)) < 0)
		return 0;
	return read_jobs(s, err);
}

static int schedule(struct scheduler *s, struct error *err)
{
	pthread_t thread;
	int r;

	s->began = time(NULL);
	r = engine_open(ENGINE_SYSTEM, OPEN_MS, &s->engine, err);
	if (r == 0)
		r = engine_clone(s->engine, &s->events, err);
	if (r < 0)
		return r;
	s->timer = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
	s->changed = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->timer < 0 || s->changed < 0)
		return error_sys(err, errno, "timer");
	r = -pthread_create(&thread, NULL, watch, s);
	if (r < 0)
		return error_sys(err, -r, "start a thread");
	/* The first change is that we are here. */
	wake(s);
	while (r == 0) {
		r = set_timer(s, err);
		if (r == 0)
			r = wait_for_work(s, err);
	}
	return r;
}

/* Without a handler the first process of a PID namespace cannot be told to end. */
static void end(int signo)
{
	(void)signo;
	_exit(COMMAND_OK);
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	static struct scheduler s = { .timer = -1, .changed = -1 };

	(void)env, (void)argc, (void)argv;
	(void)signal(SIGTERM, end);
	(void)signal(SIGINT, end);
	/* Only a failure ends it; the container is started again then. */
	return schedule(&s, err) < 0 ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_boot_cron = {
	.name = "boot cron",
	.run = run,
};
