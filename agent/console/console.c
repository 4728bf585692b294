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

#include "agent/account/hostkeys.h"
#include "agent/account/shadow.h"
#include "agent/await.h"
#include "agent/console/console_banner.h"
#include "agent/console/console_scripts.h"
#include "agent/daemonlog.h"
#include "agent/message.h"
#include "agent/state/state_layout.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/scope.h"

#define CONFIG_JSON "/run/ros/config.json"
#define DATASOURCE_JSON "/run/ros/datasource.json"
#define NOTIFY "/run/ros/console.notify"
#define BACKOFF_MAX_MS 10000
#define STOP_MS 3000
/* From user Docker's answer to the making of the RSA host key. */
#define RSA_DELAY_MS 10000
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
	const char *password = cmdline_get(&c->line, "rancher.password");
	struct error err = { 0 };

	if (!password || !*password || console_disabled(c->config, "password"))
		return;
	if (shadow_set_password("rancher", password, &err) < 0)
		message_say(JOURNAL_FAIL, CONSOLE, "rancher.password: %s", err.msg);
}

static void add(struct console *c, const struct supervise_spec *spec)
{
	struct error err = { 0 };

	if (supervise_add(c->sup, spec, &err) < 0)
		message_say(JOURNAL_FAIL, CONSOLE, "%s: %s", spec->name, err.msg);
}

static void start_gettys(struct console *c)
{
	const struct getty_rules rules = {
		.live = doc_bool(c->config, "rancher.live", false),
		.seeded = doc_str(c->datasource, "datasource", NULL) != NULL,
		.disabled = console_disabled(c->config, "autologin"),
		.exists = getty_exists,
	};

	c->n_gettys = getty_list(&c->line, &rules, c->gettys);
	console_banner_refresh(c, false);
	for (size_t i = 0; i < c->n_gettys; i++) {
		const struct supervise_spec spec = {
			.name = c->gettys[i].name,
			.proc = { .argv = c->gettys[i].argv, .in = -1, .out = -1, .err = -1,
				  .new_session = true },
			.backoff_max_ms = BACKOFF_MAX_MS,
		};

		add(c, &spec);
	}
}

static void start_sshd(struct console *c)
{
	static const char *const argv[] = { "/usr/sbin/sshd", "-D", NULL };
	const struct supervise_spec spec = {
		.name = "sshd",
		.proc = { .argv = argv, .in = -1, .out = -1, .err = -1 },
		.notify = true,
		.backoff_max_ms = BACKOFF_MAX_MS,
	};

	if (doc_bool(c->config, "rancher.ssh.daemon", true))
		add(c, &spec);
}

static void keys_printed(void *arg, const struct job *job, int status)
{
	(void)job, (void)status;
	console_banner_refresh(arg, true);
}

/* The fingerprint goes to a file that the banner reads. */
static void print_key(struct console *c, enum hostkeys_type type)
{
	const struct proc_spec spec = { .argv = hostkeys_print_argv(type), .in = -1,
					.out = c->hostkey_log, .err = -1 };
	struct error err = { 0 };

	if (job_start(&c->jobs, &spec, keys_printed, c, &err) < 0)
		message_say(JOURNAL_WARNING, CONSOLE, "host key: %s", err.msg);
}

static void rsa_made(void *arg, const struct job *job, int status)
{
	struct console *c = arg;
	const struct supervise_child *sshd = supervise_find(c->sup, "sshd");
	struct journal_event ev = { .kind = JOURNAL_STEP_END,
				    .unit = "host-key-rsa",
				    .code = status,
				    .ms = clock_ms() - job->started_ms };

	(void)journal_append(&ev, NULL);
	if (status)
		return;
	print_key(c, HOSTKEYS_RSA);
	if (sshd && sshd->pid > 0)
		(void)kill(sshd->pid, SIGHUP);
}

static void make_rsa(void *arg)
{
	struct console *c = arg;
	const struct proc_spec spec = { .argv = hostkeys_make_argv(HOSTKEYS_RSA), .in = -1,
					.out = -1, .err = -1 };
	struct error err = { 0 };

	if (hostkeys_have(HOSTKEYS_RSA, c->config)) {
		print_key(c, HOSTKEYS_RSA);
		return;
	}
	if (!hostkeys_wanted(HOSTKEYS_RSA, c->config))
		return;
	journal_say(JOURNAL_STEP_BEGIN, "host-key-rsa", "ssh-keygen");
	if (job_start(&c->jobs, &spec, rsa_made, c, &err) < 0)
		message_say(JOURNAL_WARNING, CONSOLE, "host key: %s", err.msg);
}

static void make_ed25519(struct console *c)
{
	struct error err = { 0 };

	/* Made whatever ssh_genkeytypes says: it costs nothing, and without it sshd would have to
	 * wait for another one. */
	if (!hostkeys_have(HOSTKEYS_ED25519, c->config) &&
	    hostkeys_make(HOSTKEYS_ED25519, &err) < 0)
		message_say(JOURNAL_FAIL, CONSOLE, "host key: %s", err.msg);
	c->hostkey_log = open(CONSOLE_BANNER_KEYS,
			      O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
	print_key(c, HOSTKEYS_ED25519);
}

static void docker_done(void *arg, int fd)
{
	struct console *c = arg;

	if (!await_done(fd, AWAIT_DOCKER_DONE))
		return;
	supervise_unwatch(c->sup, fd);
	(void)close(fd);
	c->docker_fd = -1;
	/* It takes a second of the processor, more in an emulator, which belongs to whoever waited
	 * for user Docker. While scripts still run, the timer is theirs. */
	if (c->said_done)
		supervise_timer(c->sup, clock_ms() + RSA_DELAY_MS, make_rsa, c);
	else
		make_rsa(c);
	console_banner_refresh(c, true);
}

static void follow_docker(struct console *c)
{
	struct error err = { 0 };
	int r = await_open(AWAIT_DOCKER_DONE, &c->docker_fd, &err);

	if (r == 0)
		r = supervise_watch(c->sup, c->docker_fd, docker_done, c, &err);
	if (r < 0)
		message_say(JOURNAL_WARNING, CONSOLE, "%s", err.msg);
	else
		docker_done(c, c->docker_fd);
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
	make_ed25519(c);
	start_sshd(c);
	start_gettys(c);
	if (console_banner_follow(c, &err) < 0)
		message_say(JOURNAL_WARNING, CONSOLE, "%s", err.msg);
	follow_docker(c);
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
