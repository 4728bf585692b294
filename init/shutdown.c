/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the order of the stop: user Docker, System Docker, every other process, file systems, and
 * reboot(2). Each part has its share of the time; the dead-man watches over all of it.
 */
#include "init/shutdown.h"

#include <errno.h>
#include <linux/reboot.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "init/console.h"
#include "init/deadman.h"
#include "init/killall.h"
#include "init/log.h"
#include "init/unmount.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/journal.h"
#include "lib/scope.h"

#define LAST_SHUTDOWN "/var/lib/rancher/last-shutdown"
#define ROS "/usr/bin/ros"
#define DOCKER "system-docker"
#define CONTAINERD "system-containerd"
#define SAVE_JOURNAL_MS 3000
/* For the system's containers all together; RancherOS gave each 2 s. */
#define STOP_DAEMON_MS 5000
#define TERM_MS 2000
#define KILL_MS 2000
/* What the last parts need of the whole time. */
#define RESERVE_MS 4000
#define LEAST_MS 1000
/* The supervisor's own deadlines wake it earlier. */
#define TURN_MS 1000

static const struct {
	const char *name;
	int how; /* argument of reboot(2) */
} kinds[SHUTDOWN_N_KINDS] = {
	[SHUTDOWN_POWEROFF] = { "poweroff", RB_POWER_OFF },
	[SHUTDOWN_REBOOT] = { "reboot", RB_AUTOBOOT },
	[SHUTDOWN_HALT] = { "halt", RB_HALT_SYSTEM },
	[SHUTDOWN_KEXEC] = { "kexec", LINUX_REBOOT_CMD_KEXEC },
};

const char *shutdown_kind_name(enum shutdown_kind kind)
{
	return kind < SHUTDOWN_N_KINDS ? kinds[kind].name : "unknown";
}

static int parse_timeout(struct shutdown_request *req, const char *word, struct error *err)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(word, &end, 10);
	if (end == word || (*end && *end != ' ') || errno)
		return error_set(err, EINVAL, "timeout=%s is no number", word);
	if (value < SHUTDOWN_TIMEOUT_MIN_S)
		value = SHUTDOWN_TIMEOUT_MIN_S;
	if (value > SHUTDOWN_TIMEOUT_MAX_S)
		value = SHUTDOWN_TIMEOUT_MAX_S;
	req->timeout_s = (int)value;
	return 0;
}

static bool starts_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	return !strncmp(text, word, len) && (text[len] == '\0' || text[len] == ' ');
}

int shutdown_parse(struct shutdown_request *req, const char *text, struct error *err)
{
	const char *p = text;
	size_t k = 0;

	*req = (struct shutdown_request){ .timeout_s = SHUTDOWN_TIMEOUT_S };
	while (k < SHUTDOWN_N_KINDS && !starts_word(text, kinds[k].name))
		k++;
	if (k == SHUTDOWN_N_KINDS)
		return error_set(err, EINVAL, "unknown request: %s", text);
	req->kind = (enum shutdown_kind)k;
	for (p += strcspn(p, " "); *(p += strspn(p, " ")); p += strcspn(p, " ")) {
		int r = 0;

		if (starts_word(p, "by")) {
			(void)snprintf(req->who, sizeof(req->who), "%s",
				       p + 2 + strspn(p + 2, " "));
			return 0;
		}
		if (starts_word(p, "force"))
			req->force = true;
		else if (!strncmp(p, "timeout=", 8))
			r = parse_timeout(req, p + 8, err);
		else
			r = error_set(err, EINVAL, "unknown word in: %s", text);
		if (r < 0)
			return r;
	}
	return 0;
}

/* What the next boot's `ros status` says about the end of this one. */
static void persist_reason(const struct shutdown_request *req)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(512);
	struct file_attr attr = { .mode = 0644 };
	struct error err = { 0 };

	buf_fmt(&b, "%s by %s\n", kinds[req->kind].name,
		req->who[0] ? req->who : "an unnamed request");
	journal_say(JOURNAL_SHUTDOWN, "init", "%s by %s%s", kinds[req->kind].name,
		    req->who[0] ? req->who : "an unnamed request", req->force ? " (forced)" : "");
	if (access("/var/lib/rancher", W_OK) < 0)
		return;
	if (file_publish(FILE_ROOT, LAST_SHUTDOWN, buf_text(&b), b.len, &attr, NULL, &err) < 0)
		journal_say(JOURNAL_WARNING, "shutdown", "%s", err.msg);
}

static void journal_step(const char *name, int64_t begin_ms, int code, const char *text)
{
	struct journal_event ev = { .kind = JOURNAL_STEP_END,
				    .unit = name,
				    .text = text,
				    .code = code,
				    .ms = clock_ms() - begin_ms };

	(void)journal_append(&ev, NULL);
	if (code != 0)
		console_say("%s: %s", name, text);
}

/* Run one of ros' parts of the shutdown; what follows does not wait longer than timeout_ms for it.
 */
static void run_step(const char *name, int timeout_ms)
{
	const char *const argv[] = { ROS, "boot", name, NULL };
	AUTO_CLOSE int log = log_open(name);
	AUTO_CLOSE int pidfd = -1;
	struct proc_spec spec = { .argv = argv, .in = -1, .out = log, .err = log };
	struct error err = { 0 };
	int64_t begin = clock_ms();
	char line[256], how[64], text[384];
	int status = 0;
	pid_t pid;

	if (access(ROS, X_OK) < 0)
		return;
	if (proc_spawn(&spec, &pid, &pidfd, &err) < 0) {
		journal_step(name, begin, err.code, err.msg);
		return;
	}
	if (proc_wait(pid, pidfd, timeout_ms, &status, &err) < 0) {
		(void)kill(pid, SIGKILL);
		(void)snprintf(text, sizeof(text), "not done within %d ms, going on", timeout_ms);
		journal_step(name, begin, ETIMEDOUT, text);
		return;
	}
	log_last_line(name, 0, line, sizeof(line));
	(void)snprintf(text, sizeof(text), "%s%s%s", line, status ? "; " : "",
		       status ? proc_status_text(status, how, sizeof(how)) : "");
	journal_step(name, begin, status == 0 ? 0 : 1, text);
}

static void stop_daemon(struct supervise *sup, const char *name, int timeout_ms)
{
	const struct supervise_child *c = supervise_find(sup, name);
	int64_t begin = clock_ms();

	if (!c)
		return;
	supervise_stop(sup, name, timeout_ms);
	while (c->state != SUPERVISE_DOWN)
		(void)supervise_turn(sup, TURN_MS);
	console_say("%s stopped (%d ms)", name, (int)(clock_ms() - begin));
}

static int at_least(int64_t ms)
{
	return ms < LEAST_MS ? LEAST_MS : (int)ms;
}

/* Whatever would start again what is being stopped, and the recovery consoles. */
static void stop_others(struct supervise *sup)
{
	const struct supervise_child *list[SUPERVISE_MAX];
	size_t n = supervise_list(sup, list, SUPERVISE_MAX);

	for (size_t i = 0; i < n; i++) {
		const char *name = list[i]->spec.name;

		if (strcmp(name, DOCKER) != 0 && strcmp(name, CONTAINERD) != 0)
			supervise_stop(sup, name, KILL_MS);
	}
}

static void stop_dockers(struct supervise *sup, int64_t end_ms)
{
	int left;

	stop_others(sup);
	console_say("stopping user containers");
	run_step("stop-user-docker", at_least(clock_left_ms(end_ms) - 2 * RESERVE_MS));
	run_step("save-journal", SAVE_JOURNAL_MS);
	left = at_least(clock_left_ms(end_ms) - RESERVE_MS);
	stop_daemon(sup, DOCKER, left < STOP_DAEMON_MS ? left : STOP_DAEMON_MS);
	stop_daemon(sup, CONTAINERD, KILL_MS);
}

static NORETURN void end_machine(enum shutdown_kind kind)
{
	console_say("%s", kinds[kind].name);
	(void)reboot(kinds[kind].how);
	/* No kernel was loaded for kexec, or no way to power off: starting again is the safe end.
	 */
	console_say("%s failed: %s, rebooting", kinds[kind].name, strerror(errno));
	(void)reboot(RB_AUTOBOOT);
	for (;;)
		(void)pause();
}

void shutdown_run(struct supervise *sup, const struct shutdown_request *req)
{
	int64_t end_ms = clock_ms() + req->timeout_s * 1000;
	pid_t deadman;

	console_show(true);
	console_say("%s asked for by %s", kinds[req->kind].name, req->who[0] ? req->who : "?");
	deadman = deadman_start(req->timeout_s * 1000, kinds[req->kind].how);
	persist_reason(req);
	if (!req->force)
		stop_dockers(sup, end_ms);
	supervise_stop(sup, NULL, 0);
	killall_run(deadman, TERM_MS, KILL_MS);
	unmount_all();
	sync();
	end_machine(req->kind);
}
