/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running the user's scripts.
 */
#include "agent/console/console_scripts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/await.h"
#include "agent/daemonlog.h"
#include "agent/message.h"
#include "agent/modules/script.h"
#include "agent/userdata/scripts.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/scope.h"

#define RAN_DIR "/run/ros/ran"

static void next(struct console *c);

/* Once a boot: true for the first that asks. */
static bool first_time(const char *name)
{
	const struct file_attr attr = { .mode = 0644 };
	char path[256];

	snprintf(path, sizeof(path), RAN_DIR "/%s", name);
	if (access(path, F_OK) == 0)
		return false;
	return file_publish(FILE_ROOT, path, "", 0, &attr, NULL, NULL) == 0;
}

static void say_end(const struct console *c, const struct job *job, int status)
{
	const struct script *s = &script_all[c->script];
	const char *name = c->script_name;
	char how[64], line[256];
	struct journal_event ev = {
		.kind = JOURNAL_STEP_END,
		.unit = name,
		.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
		.ms = clock_ms() - job->started_ms,
	};

	(void)journal_append(&ev, NULL);
	if (!status)
		return;
	daemonlog_last_line(s->log, line, sizeof(line));
	message_say(JOURNAL_FAIL, name, "%s %s%s%s (see %s)", name,
		    proc_status_text(status, how, sizeof(how)), *line ? ": " : "", line, s->log);
}

static void ended(void *arg, const struct job *job, int status)
{
	struct console *c = arg;

	say_end(c, job, status);
	c->in_dir++;
	next(c);
}

static int start(struct console *c, const struct script *s, struct error *err)
{
	static const char *const before[] = {
		"PATH=" PROC_PATH, "HOME=/root",	  "USER=root", "LOGNAME=root",
		"SHELL=/bin/sh",   "ROS_BEFORE_DOCKER=1", NULL
	};
	static const char *const after[] = { "PATH=" PROC_PATH, "HOME=/root", "USER=root",
					     "LOGNAME=root", "SHELL=/bin/sh", NULL };
	struct script_line line;
	AUTO_CLOSE int log = -1;
	struct proc_spec spec = { .argv = line.argv, .env = s->before_docker ? before : after,
				  .dir = "/", .in = -1 };
	int r;

	r = script_load(&line, c->script_path, err);
	if (r == 0)
		r = daemonlog_open(s->log, &log, err);
	if (r < 0)
		return r;
	spec.out = spec.err = log;
	r = job_start(&c->jobs, &spec, ended, c, err);
	if (r == 0)
		journal_say(JOURNAL_STEP_BEGIN, c->script_name, "%s", c->script_path);
	return r;
}

static void say_done(struct console *c)
{
	struct error err = { 0 };

	if (c->said_done)
		return;
	c->said_done = true;
	supervise_timer(c->sup, 0, NULL, NULL);
	journal_say(JOURNAL_READY, CONSOLE, "console-done");
	if (await_fulfil(AWAIT_CONSOLE_DONE, "default", &err) < 0)
		message_say(JOURNAL_FAIL, CONSOLE, "%s", err.msg);
}

static const char *instance_of(const struct console *c)
{
	return doc_str(c->datasource, "instance_id", NULL);
}

/* Name and path of the file that is next in a row; false when the row has no more. */
static bool choose(struct console *c, const struct script *s)
{
	AUTO_FREE struct scripts_names *names = NULL;

	if (!s->is_dir) {
		snprintf(c->script_name, sizeof(c->script_name), "%s", s->name);
		snprintf(c->script_path, sizeof(c->script_path), "%s", s->path);
		return c->in_dir == 0;
	}
	names = malloc(sizeof(*names));
	if (!names)
		return false;
	scripts_list(FILE_ROOT, s->path, names);
	if (c->in_dir >= names->n)
		return false;
	snprintf(c->script_name, sizeof(c->script_name), "%s-%s", s->name,
		 names->name[c->in_dir]);
	snprintf(c->script_path, sizeof(c->script_path), "%s/%s", s->path,
		 names->name[c->in_dir]);
	return true;
}

/* The chosen one is there, and its turn has come in this boot. */
static bool is_due(const struct console *c)
{
	return access(c->script_path, F_OK) == 0 &&
	       scripts_is_due(FILE_ROOT, c->script_name, instance_of(c)) &&
	       first_time(c->script_name);
}

static int start_marked(struct console *c, const struct script *s, struct error *err)
{
	int r = start(c, s, err);
	struct error why = { 0 };

	if (r == 0 && scripts_mark(FILE_ROOT, c->script_name, instance_of(c), &why) < 0)
		message_say(JOURNAL_WARNING, c->script_name, "%s will run again: %s",
			    c->script_name, why.msg);
	return r;
}

/* Start the next script that is there; those that are not are passed over. */
static void next(struct console *c)
{
	while (c->script < script_n && !c->stopping) {
		const struct script *s = &script_all[c->script];
		struct error err = { 0 };

		if (!s->before_docker)
			say_done(c);
		if (!choose(c, s)) {
			c->script++;
			c->in_dir = 0;
			continue;
		}
		if (is_due(c)) {
			if (start_marked(c, s, &err) == 0)
				return;
			message_say(JOURNAL_FAIL, c->script_name, "%s: %s", c->script_name,
				    err.msg);
		}
		c->in_dir++;
	}
	if (!c->stopping)
		say_done(c);
}

static void late(void *arg)
{
	struct console *c = arg;

	message_say(JOURNAL_WARNING, CONSOLE,
		    "%s is not done after %d minutes: user Docker starts all the same",
		    c->script < script_n ? c->script_name : "a script",
		    CONSOLE_SCRIPTS_MS / 60000);
	say_done(c);
}

void console_scripts_start(struct console *c)
{
	supervise_timer(c->sup, clock_ms() + CONSOLE_SCRIPTS_MS, late, c);
	next(c);
}
