/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the states of the plan's units: it is their only writer.
 */
#include "init/boot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init/console.h"
#include "init/log.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/journal.h"
#include "lib/scope.h"

/* Spreads out the restarts of a daemon that does not come up. */
#define DAEMON_BACKOFF_MAX_MS 5000
#define FIRST_BACKOFF_MS 100

void boot_init(struct boot *b, const struct plan_unit *units, size_t n, struct supervise *sup,
	       const struct boot_ops *ops)
{
	*b = (struct boot){ .units = units, .n = n, .sup = sup, .ops = *ops };
}

static void journal(enum journal_kind kind, const char *unit, const char *text, int code,
		    int64_t ms)
{
	struct journal_event ev = {
		.kind = kind, .unit = unit, .text = text, .code = code, .ms = ms
	};

	/* A full /run is no reason to stop booting. */
	(void)journal_append(&ev, NULL);
}

static void end_unit(struct boot *b, size_t i, int code, const char *text)
{
	const struct plan_unit *u = &b->units[i];
	int64_t ms = clock_ms() - b->runs[i].started_ms;
	struct error err = { 0 };

	journal(JOURNAL_STEP_END, u->name, text, code, ms);
	if (code == 0 && u->then != PLAN_GO_ON && b->ops.then(b->ops.arg, u->then, &err) < 0) {
		code = err.code;
		text = err.msg;
		journal(JOURNAL_FAIL, u->name, text, code, -1);
	}
	b->states[i] = code == 0 ? PLAN_DONE : PLAN_FAILED;
	if (code == 0)
		console_progress("%s%s%s (%d.%02d s)", u->name, text[0] ? ": " : "", text,
				 (int)(ms / 1000), (int)(ms % 1000 / 10));
	else
		console_say("%s failed: %s", u->name, text);
	if (code != 0 && u->fatal)
		b->ops.fatal(b->ops.arg, u->name, text);
	if (b->runs[i].again) {
		b->runs[i].again = false;
		b->states[i] = PLAN_WAITING;
	}
}

static void reach_point(struct boot *b, size_t i)
{
	const struct plan_unit *u = &b->units[i];
	struct error err = { 0 };

	b->states[i] = PLAN_DONE;
	if (b->ops.then(b->ops.arg, u->then, &err) < 0) {
		b->states[i] = PLAN_FAILED;
		journal(JOURNAL_FAIL, u->name, err.msg, err.code, -1);
	}
}

static void start_step(struct boot *b, size_t i)
{
	const struct plan_unit *u = &b->units[i];
	AUTO_CLOSE int log = log_open(u->name);
	struct proc_spec spec = {
		.argv = u->argv, .env = u->env, .in = -1, .out = log, .err = log,
		.cgroup = u->cgroup
	};
	struct error err = { 0 };

	b->runs[i] = (struct boot_run){ .started_ms = clock_ms(), .log_from = log_size(u->name) };
	b->states[i] = PLAN_RUNNING;
	journal(JOURNAL_STEP_BEGIN, u->name, NULL, 0, -1);
	if (proc_spawn(&spec, &b->runs[i].pid, NULL, &err) < 0) {
		b->runs[i].pid = 0;
		end_unit(b, i, err.code, err.msg);
	}
}

static void start_daemon(struct boot *b, size_t i)
{
	const struct plan_unit *u = &b->units[i];
	/* Stays open for every restart, as long as PID 1 lives. */
	int log = log_open(u->name);
	struct supervise_spec spec = {
		.name = u->name,
		.proc = { .argv = u->argv, .env = u->env, .in = -1, .out = log, .err = log,
			  .cgroup = u->cgroup, .new_session = true },
		.notify = true,
		.ready_timeout_ms = u->deadline_ms,
		.backoff_max_ms = DAEMON_BACKOFF_MAX_MS,
	};
	struct error err = { 0 };

	b->runs[i].started_ms = clock_ms();
	b->states[i] = PLAN_RUNNING;
	if (supervise_add(b->sup, &spec, &err) < 0)
		end_unit(b, i, err.code, err.msg);
}

static void start_unit(struct boot *b, size_t i)
{
	const struct plan_unit *u = &b->units[i];

	if (u->only_if && access(u->only_if, F_OK) < 0)
		b->states[i] = PLAN_DONE;
	else if (u->kind == PLAN_DAEMON)
		start_daemon(b, i);
	else if (u->kind == PLAN_STEP)
		start_step(b, i);
	else
		reach_point(b, i);
}

void boot_advance(struct boot *b)
{
	for (bool moved = true; moved;) {
		moved = false;
		for (size_t i = 0; i < b->n && !b->halted; i++) {
			if (!plan_may_start(b->units, b->n, b->states, i))
				continue;
			start_unit(b, i);
			moved = true;
		}
	}
}

/* What a step that went well has to say. */
static void describe(const struct plan_unit *u, const char *line, char *text, size_t size)
{
	AUTO_BUF struct buf said = BUF_WITH_LIMIT(1024);

	if (u->says && file_read(FILE_ROOT, u->says, &said, NULL) == 0)
		line = buf_text(&said);
	(void)snprintf(text, size, "%.*s", (int)strcspn(line, "\n"), line);
}

static int code_of(int status)
{
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool boot_reaped(struct boot *b, pid_t pid, int status)
{
	char line[256], how[64], text[384];
	size_t i = 0;
	int code = code_of(status);

	while (i < b->n && b->runs[i].pid != pid)
		i++;
	if (i == b->n)
		return false;
	b->runs[i].pid = 0;
	log_last_line(b->units[i].name, b->runs[i].log_from, line, sizeof(line));
	if (b->runs[i].expired) {
		code = ETIMEDOUT;
		(void)snprintf(text, sizeof(text), "not done within %d s%s%s",
			       b->units[i].deadline_ms / 1000, line[0] ? ": " : "", line);
	} else if (code != 0) {
		/* 1 is what a program exits with that said why. */
		bool said = code == 1 && line[0];

		(void)snprintf(text, sizeof(text), "%s%s%s", line, line[0] && !said ? "; " : "",
			       said ? "" : proc_status_text(status, how, sizeof(how)));
	} else {
		describe(&b->units[i], line, text, sizeof(text));
	}
	end_unit(b, i, code, text);
	return true;
}

/* Units that are to run whenever this daemon is ready: one that ended waits again; one that runs is
 * using the daemon that went away, unless the daemon was never ready before. */
static void run_again(struct boot *b, const char *daemon, bool first)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct plan_unit *u = &b->units[i];

		if (!u->again || strcmp(u->again, daemon) != 0)
			continue;
		if (b->states[i] == PLAN_RUNNING)
			b->runs[i].again = !first;
		else if (b->states[i] != PLAN_WAITING)
			b->states[i] = PLAN_WAITING;
	}
}

static void daemon_ready(struct boot *b, size_t i, const struct supervise_child *c)
{
	int64_t ms = clock_ms() - c->started_ms;

	journal(JOURNAL_DAEMON_READY, c->spec.name, NULL, 0, ms);
	console_progress("%s is ready (%d.%02d s)", c->spec.name, (int)(ms / 1000),
			 (int)(ms % 1000 / 10));
	run_again(b, c->spec.name, b->states[i] != PLAN_DONE);
	b->states[i] = PLAN_DONE;
}

static void daemon_ended(const struct supervise_child *c)
{
	char how[64], line[256], text[384];

	log_last_line(c->spec.name, 0, line, sizeof(line));
	(void)proc_status_text(c->last_status, how, sizeof(how));
	if (c->state == SUPERVISE_BACKOFF)
		(void)snprintf(text, sizeof(text), "%s; starts again in %d ms: %s", how,
			       c->backoff_ms, line);
	else
		(void)snprintf(text, sizeof(text), "%s", how);
	journal(JOURNAL_DAEMON_EXIT, c->spec.name, text, code_of(c->last_status),
		clock_ms() - c->started_ms);
	/* Once is enough for people; the journal has each. */
	if (c->state == SUPERVISE_BACKOFF && c->backoff_ms <= FIRST_BACKOFF_MS)
		console_say("%s %s, starts again", c->spec.name, how);
}

void boot_daemon_changed(struct boot *b, const struct supervise_child *c, enum supervise_state from)
{
	size_t i = plan_find(b->units, b->n, c->spec.name);

	if (i == b->n)
		return;
	if (c->state == SUPERVISE_STARTING)
		journal(JOURNAL_DAEMON_START, c->spec.name, NULL, 0, -1);
	else if (c->state == SUPERVISE_UP)
		daemon_ready(b, i, c);
	else if (c->state == SUPERVISE_BACKOFF ||
		 (c->state == SUPERVISE_DOWN && from != SUPERVISE_BACKOFF))
		daemon_ended(c);
}

int64_t boot_due_ms(const struct boot *b)
{
	int64_t due = 0;

	for (size_t i = 0; i < b->n; i++) {
		int64_t at = b->runs[i].started_ms + b->units[i].deadline_ms;

		if (b->runs[i].pid > 0 && !b->runs[i].expired && (due == 0 || at < due))
			due = at;
	}
	return due;
}

void boot_expire(struct boot *b)
{
	int64_t now = clock_ms();

	for (size_t i = 0; i < b->n; i++) {
		struct boot_run *run = &b->runs[i];

		if (run->pid > 0 && !run->expired &&
		    run->started_ms + b->units[i].deadline_ms <= now) {
			run->expired = true;
			(void)kill(run->pid, SIGKILL);
		}
	}
}

void boot_resume(struct boot *b)
{
	b->halted = false;
	for (size_t i = 0; i < b->n; i++) {
		if (b->states[i] == PLAN_FAILED)
			b->states[i] = PLAN_WAITING;
	}
}

void boot_stop(struct boot *b)
{
	b->halted = true;
	for (size_t i = 0; i < b->n; i++) {
		if (b->runs[i].pid > 0)
			(void)kill(b->runs[i].pid, SIGTERM);
	}
}

bool boot_is_complete(const struct boot *b)
{
	for (size_t i = 0; i < b->n; i++) {
		if (b->states[i] != PLAN_DONE && b->states[i] != PLAN_FAILED)
			return false;
	}
	return true;
}
