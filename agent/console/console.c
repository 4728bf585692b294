/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console: what is started, in which order, and the loop.
 */
#include "agent/console/console.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/console/console_banner.h"
#include "agent/console/console_gettys.h"
#include "agent/console/console_hostkeys.h"
#include "agent/console/console_password.h"
#include "agent/console/console_scripts.h"
#include "agent/daemonlog.h"
#include "agent/message.h"
#include "agent/state/state_layout.h"
#include "lib/file.h"
#include "lib/scope.h"

#define CONFIG_JSON "/run/ros/config.json"
#define DATASOURCE_JSON "/run/ros/datasource.json"
#define NOTIFY "/run/ros/console.notify"
#define STOP_MS 3000
#define UTMP_GID 43

static const struct doc_node *load_json(struct console *c, const char *path)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(DOC_SIZE);
	const struct doc_node *n = NULL;
	struct error err = { 0 };
	int r = file_read(FILE_ROOT, path, &text, &err);

	if (r == 0 && text.len)
		r = doc_json_parse(c->pool, path, text.data, text.len, &n, &err);
	if (r < 0 && r != -ENOENT)
		message_say(JOURNAL_WARNING, CONSOLE, "%s", err.msg);
	return r == 0 ? n : NULL;
}

static void make_files(void)
{
	struct error err = { 0 };
	AUTO_CLOSE int utmp = -1;

	if (state_layout_homes(&err) < 0 || file_mkdir(FILE_ROOT, "/run/lock", 0755, &err) < 0 ||
	    file_mkdir(FILE_ROOT, "/run/sshd", 0755, &err) < 0)
		message_say(JOURNAL_WARNING, CONSOLE, "%s", err.msg);
	if (chmod("/run/lock", 01777) < 0)
		message_say(JOURNAL_WARNING, CONSOLE, "/run/lock: %s", strerror(errno));
	utmp = open("/run/utmp", O_WRONLY | O_CREAT | O_CLOEXEC, 0664);
	if (utmp >= 0 && (fchown(utmp, 0, UTMP_GID) < 0 || fchmod(utmp, 0664) < 0))
		message_say(JOURNAL_WARNING, CONSOLE, "/run/utmp: %s", strerror(errno));
}

/* rancher.password= of the kernel line, unless rancher.disable says no. */
static void set_password(const struct console *c)
{
	const char *word = cmdline_get(&c->line, "rancher.password");
	bool wanted = word && *word && !console_disabled(c->config, "password");
	struct error err = { 0 };

	if (console_password(FILE_ROOT, wanted ? word : NULL, &err) < 0)
		message_say(JOURNAL_FAIL, CONSOLE, "rancher.password: %s", err.msg);
}

static void start_sshd(struct console *c)
{
	static const char *const argv[] = { "/usr/sbin/sshd", "-D", NULL };
	const struct supervise_spec spec = {
		.name = "sshd",
		.proc = { .argv = argv, .in = -1, .out = -1, .err = -1 },
		.notify = true,
		.backoff_max_ms = CONSOLE_BACKOFF_MAX_MS,
	};
	struct error err = { 0 };

	if (doc_bool(c->config, "rancher.ssh.daemon", true) &&
	    supervise_add(c->sup, &spec, &err) < 0)
		message_say(JOURNAL_FAIL, CONSOLE, "sshd: %s", err.msg);
}

static void changed(void *arg, const struct supervise_child *child, enum supervise_state from)
{
	(void)arg;
	daemonlog_changed(child, from);
}

static void reaped(void *arg, pid_t pid, int status)
{
	struct console *c = arg;

	(void)job_reaped(&c->jobs, pid, status);
}

static bool signalled(void *arg, int signo)
{
	struct console *c = arg;

	(void)signo;
	if (!c->stopping) {
		c->stopping = true;
		job_kill(&c->jobs, SIGTERM);
		supervise_stop(c->sup, NULL, STOP_MS);
	}
	return true;
}

static bool all_down(const struct console *c)
{
	const struct supervise_child *all[SUPERVISE_MAX];
	size_t n = supervise_list(c->sup, all, SUPERVISE_MAX);

	for (size_t i = 0; i < n; i++)
		if (all[i]->state != SUPERVISE_DOWN)
			return false;
	return true;
}

static int begin(struct console *c, struct error *err)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
	const struct supervise_ops ops = { .changed = changed, .reaped = reaped,
					   .signalled = signalled, .arg = c };
	int r;

	r = doc_pool_new(&c->pool, err);
	if (r == 0)
		r = cmdline_load(&c->line, FILE_ROOT, err);
	(void)unlink(NOTIFY);
	if (r == 0)
		r = supervise_new(&ops, signals, ARRAY_LEN(signals), NOTIFY, &c->sup, err);
	if (r < 0)
		return r;
	c->config = load_json(c, CONFIG_JSON);
	c->datasource = load_json(c, DATASOURCE_JSON);
	return 0;
}

static void start_all(struct console *c)
{
	struct error err = { 0 };

	make_files();
	set_password(c);
	/* First of all: user Docker waits for these. */
	console_scripts_start(c);
	console_banner_check_cards();
	console_hostkeys_ed25519(c);
	start_sshd(c);
	console_gettys_start(c);
	if (console_banner_follow(c, &err) < 0)
		message_say(JOURNAL_WARNING, CONSOLE, "%s", err.msg);
	console_hostkeys_follow_docker(c);
}

int console_run(struct error *err)
{
	struct console *c = calloc(1, sizeof(*c));
	int r;

	if (!c)
		return error_set(err, ENOMEM, "console");
	c->docker_fd = c->address_fd = c->hostkey_log = -1;
	r = begin(c, err);
	if (r == 0) {
		start_all(c);
		while (supervise_turn(c->sup, -1) && !(c->stopping && all_down(c)))
			;
	}
	supervise_free(c->sup);
	doc_pool_free(c->pool);
	free(c);
	return r;
}
