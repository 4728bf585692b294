/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros boot stop-user-docker`: the first part of going down. dockerd itself stops the containers,
 * so that those with a restart policy run again after the next boot and those that the user stopped
 * do not. For that live-restore is turned off by a reload, then dockerd gets SIGTERM. Meanwhile
 * cron is stopped.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "agent/command.h"
#include "agent/config/config.h"
#include "agent/engine/engine.h"
#include "agent/userdocker/userdocker.h"
#include "agent/userdocker/userdocker_config.h"
#include "agent/userdocker/userdocker_left.h"
#include "lib/clock.h"
#include "lib/doc/doc.h"
#include "lib/file.h"
#include "lib/journal.h"
#include "lib/proc.h"
#include "lib/scope.h"

#define UNIT "stop-user-docker"
#define CRON_STOP "/containers/cron/stop?t=1"
/* Of user Docker's time. */
#define CRON_MS 3000
#define SHUTDOWN_S 60
#define SHUTDOWN_MIN_S 5
/* What init keeps for itself of the whole time. */
#define RESERVE_S 9
#define ENGINE_MS 2000
#define RELOAD_MS 4000
#define KILLED_MS 2000

static int send_signal(int pidfd, int signo, struct error *err)
{
	if (syscall(SYS_pidfd_send_signal, pidfd, signo, NULL, 0) < 0)
		return error_sys(err, errno, "signal dockerd");
	return 0;
}

/* dockerd's pidfd; -ENODATA when it does not run. */
static int find_dockerd(const struct doc_node *daemon, int *ret, struct error *err)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(64);
	AUTO_CLOSE int pidfd = -1;
	char link[64], exe[256];
	ssize_t n;
	long pid;

	if (file_read(FILE_ROOT, doc_str(daemon, "pidfile", "/run/docker.pid"), &text, NULL) < 0)
		return error_set(err, ENODATA, "user Docker does not run");
	pid = strtol(buf_text(&text), NULL, 10);
	pidfd = pid > 1 ? (int)syscall(SYS_pidfd_open, (pid_t)pid, 0) : -1;
	snprintf(link, sizeof(link), "/proc/%ld/exe", pid);
	n = pidfd >= 0 ? readlink(link, exe, sizeof(exe) - 1) : -1;
	exe[n > 0 ? n : 0] = '\0';
	if (!userdocker_left_is_daemon(exe))
		return error_set(err, ENODATA, "user Docker does not run");
	*ret = TAKE_FD(pidfd);
	return 0;
}

static int write_config(struct doc_pool *p, const struct doc_node *daemon, int seconds,
			struct error *err)
{
	const struct file_attr attr = { .mode = 0600 };
	AUTO_BUF struct buf text = { 0 };
	int r;

	daemon = doc_with(p, daemon, "live-restore", doc_new_bool(p, UNIT, false));
	daemon = doc_with(p, daemon, "shutdown-timeout", doc_new_int(p, UNIT, seconds));
	doc_json_write(daemon, &text);
	r = buf_check(&text, err);
	return r < 0 ? r
		     : file_publish(FILE_ROOT, USERDOCKER_DAEMON_JSON, text.data, text.len, &attr,
				    NULL, err);
}

/* Any event will do: only that of a reload is asked for. */
static bool stop_at_event(void *arg, const char *data, size_t len)
{
	bool *seen = arg;

	*seen = *seen || memmem(data, len, "reload", 6);
	return !*seen;
}

/* dockerd reads SIGHUP and SIGTERM in two threads: the reload must be over before the second. It
 * tells by an event, also to those who ask a moment later. */
static int reload(int pidfd, struct error *err)
{
	AUTO(engine_free) struct engine *engine = NULL;
	char path[256];
	bool seen = false;
	struct engine_stream events = { .method = "GET", .path = path, .timeout_ms = RELOAD_MS,
					.fn = stop_at_event, .arg = &seen };
	int r;

	snprintf(path, sizeof(path),
		 "/events?since=%lld&filters=%%7B%%22type%%22%%3A%%5B%%22daemon%%22%%5D%%2C"
		 "%%22event%%22%%3A%%5B%%22reload%%22%%5D%%7D", (long long)time(NULL) - 1);
	/* A daemon that does not answer yet would take SIGHUP for its end. */
	r = engine_open(ENGINE_USER, ENGINE_MS, &engine, err);
	if (r == 0)
		r = send_signal(pidfd, SIGHUP, err);
	if (r < 0)
		return r;
	r = engine_stream(engine, &events, err);
	return seen ? 0 : r < 0 ? r : error_set(err, EIO, "dockerd did not say that it reloaded");
}

/* It would start containers on the way down; and System Docker, before it ends, waits five seconds
 * for whoever still follows its events. */
static void stop_cron(void)
{
	const struct engine_call call = { .method = "POST", .path = CRON_STOP,
					  .timeout_ms = CRON_MS };
	AUTO(engine_free) struct engine *engine = NULL;
	struct error err = { 0 };
	int r;

	/* Before System Docker was up there is no cron. */
	if (access(ENGINE_SYSTEM, F_OK) < 0)
		return;
	r = engine_open(ENGINE_SYSTEM, ENGINE_MS, &engine, &err);
	if (r == 0)
		r = engine_do(engine, &call, NULL, NULL, &err);
	if (r < 0 && r != -ENOENT)
		journal_say(JOURNAL_WARNING, UNIT, "%s", err.msg);
}

static int stop(struct doc_pool *p, const struct doc_node *daemon, int pidfd, int seconds,
		struct error *err)
{
	int64_t deadline = clock_ms() + seconds * 1000;
	struct error why = { 0 };
	int r;

	/* Without this the containers are killed, not stopped: worth a line, no reason to
	 * stay up. */
	if (write_config(p, daemon, seconds > 2 ? seconds - 1 : 1, &why) < 0 ||
	    reload(pidfd, &why) < 0)
		journal_say(JOURNAL_WARNING, UNIT, "live-restore is not off: %s", why.msg);
	r = send_signal(pidfd, SIGTERM, err);
	if (r < 0)
		return r;
	stop_cron();
	if (proc_gone(pidfd, clock_left_ms(deadline)))
		return 0;
	(void)send_signal(pidfd, SIGKILL, NULL);
	(void)proc_gone(pidfd, KILLED_MS);
	return error_set(err, ETIMEDOUT, "user containers did not stop within %d s", seconds);
}

static int seconds_for(struct doc_pool *p)
{
	const struct doc_node *config = NULL;
	int64_t n = SHUTDOWN_S;

	if (config_load(FILE_ROOT, p, &config, NULL) == 0)
		n = doc_int(config, "rancher.shutdown_timeout", SHUTDOWN_S);
	n = n < SHUTDOWN_MIN_S ? SHUTDOWN_MIN_S : n > 86400 ? 86400 : n;
	return n > 2 * RESERVE_S ? (int)n - RESERVE_S : (int)n / 2;
}

static int run_stop(struct error *err)
{
	const struct file_attr attr = { .mode = 0644 };
	AUTO(doc_pool_free) struct doc_pool *pool = NULL;
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(DOC_SIZE);
	const struct doc_node *daemon = NULL;
	AUTO_CLOSE int pidfd = -1;
	int r;

	/* From now on the supervisor lets an ended dockerd be. */
	r = file_publish(FILE_ROOT, USERDOCKER_STOPPING, "", 0, &attr, NULL, err);
	if (r == 0)
		r = doc_pool_new(&pool, err);
	if (r < 0)
		return r;
	if (file_read(FILE_ROOT, USERDOCKER_DAEMON_JSON, &text, NULL) == 0 &&
	    doc_json_parse(pool, USERDOCKER_DAEMON_JSON, buf_text(&text), text.len, &daemon, err) <
		    0)
		journal_say(JOURNAL_WARNING, UNIT, "%s", err->msg);
	error_reset(err);
	r = find_dockerd(daemon, &pidfd, err);
	if (r == -ENODATA) {
		stop_cron();
		return 0;
	}
	return r < 0 ? r : stop(pool, daemon, pidfd, seconds_for(pool), err);
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	(void)env, (void)argc, (void)argv;
	return run_stop(err) < 0 ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_boot_stop_user_docker = {
	.name = "boot stop-user-docker",
	.run = run,
};
