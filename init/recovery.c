/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the list of consoles that a rescue program runs on. The program is init's own binary, which
 * can be started from memory when no disk is left.
 */
#include "init/recovery.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init/console.h"
#include "init/log.h"
#include "init/switchroot.h"
#include "lib/file.h"
#include "lib/journal.h"
#include "lib/scope.h"

#define TTYS_MAX 6
#define NETWORK_LOG "recovery-net"
#define ROS "/usr/bin/ros"

struct tty {
	char name[CONSOLE_NAME];
	char child[CONSOLE_NAME + 16]; /* its name for the supervisor */
	char path[CONSOLE_NAME + 8];
	const char *argv[4];
};

static struct {
	bool on;
	bool network_tried;
	struct tty ttys[TTYS_MAX];
	size_t n_ttys;
} recovery;

bool recovery_is_on(void)
{
	return recovery.on;
}

static void add_tty(const char *name)
{
	struct tty *t = &recovery.ttys[recovery.n_ttys];

	/* tty0 stands for whichever is in front: a program lives on the first. */
	if (!strcmp(name, "tty0"))
		name = "tty1";
	if (!strncmp(name, "/dev/", 5))
		name += 5;
	if (!name[0] || strlen(name) >= CONSOLE_NAME || recovery.n_ttys == TTYS_MAX)
		return;
	for (size_t i = 0; i < recovery.n_ttys; i++) {
		if (!strcmp(recovery.ttys[i].name, name))
			return;
	}
	(void)snprintf(t->name, sizeof(t->name), "%s", name);
	(void)snprintf(t->child, sizeof(t->child), "recovery-%s", name);
	(void)snprintf(t->path, sizeof(t->path), "/dev/%s", name);
	if (access(t->path, R_OK | W_OK) < 0)
		return;
	t->argv[0] = "/proc/self/exe";
	t->argv[1] = "--rescue";
	t->argv[2] = t->name;
	t->argv[3] = NULL;
	recovery.n_ttys++;
}

static void find_ttys(const struct cmdline *line)
{
	struct console_names names;

	recovery.n_ttys = 0;
	for (size_t i = 0; i < line->n_words; i++) {
		if (!strcmp(line->words[i].key, "rancher.autologin") && line->words[i].value)
			add_tty(line->words[i].value);
	}
	console_names(&names);
	for (size_t i = 0; i < names.n; i++)
		add_tty(names.name[i]);
}

static void start_consoles(struct supervise *sup)
{
	for (size_t i = 0; i < recovery.n_ttys; i++) {
		const struct tty *t = &recovery.ttys[i];
		struct supervise_spec spec = {
			.name = t->child,
			.proc = { .argv = t->argv, .in = -1, .out = -1, .err = -1,
				  .new_session = true, .tty = t->path },
			.backoff_max_ms = 5000,
		};
		struct error err = { 0 };

		if (supervise_add(sup, &spec, &err) < 0)
			console_say("recovery: %s", err.msg);
	}
}

static const char *busybox(void)
{
	return access(SWITCHROOT_BUSYBOX, X_OK) == 0 ? SWITCHROOT_BUSYBOX : "/bin/busybox";
}

/* Names of busybox' tools, for when the image's are out of reach. */
static void install_busybox(void)
{
	const char *const argv[] = { busybox(), "--install", "-s", RECOVERY_DIR "/bin", NULL };
	struct error err = { 0 };

	(void)mkdir(RECOVERY_DIR "/bin", 0755);
	if (proc_run(argv, NULL, 5000, NULL, &err) < 0)
		journal_say(JOURNAL_WARNING, "recovery", "%s", err.msg);
}

/* Best effort, beside the consoles: drivers (there is no udev), addresses, and sshd with the keys
 * that are known. */
static void start_network(void)
{
	static const char script[] =
		"PATH=$PATH:" RECOVERY_DIR "/bin\n"
		"find /sys/devices -name modalias -exec cat {} + | sort -u |"
		" xargs modprobe -abq\n"
		"[ ! -x " ROS " ] || exec " ROS " boot recovery-net\n"
		"exec /proc/1/exe --rescue-net\n";
	const char *const argv[] = { busybox(), "sh", "-c", script, NULL };
	AUTO_CLOSE int log = log_open(NETWORK_LOG);
	struct proc_spec spec = {
		.argv = argv, .in = -1, .out = log, .err = log, .new_session = true
	};
	struct error err = { 0 };
	pid_t pid;

	if (recovery.network_tried)
		return;
	recovery.network_tried = true;
	if (proc_spawn(&spec, &pid, NULL, &err) < 0)
		journal_say(JOURNAL_WARNING, "recovery", "network: %s", err.msg);
}

void recovery_enter(struct supervise *sup, const struct cmdline *line, const char *unit,
		    const char *why)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(1024);
	struct file_attr attr = { .mode = 0600 };
	struct error err = { 0 };

	journal_say(JOURNAL_FAIL, "recovery", "%s: %s", unit, why);
	console_show(true);
	console_say("recovery console: %s: %s", unit, why);
	buf_fmt(&b, "%s\n%s\n", unit, why);
	(void)mkdir(RECOVERY_DIR, 0700);
	if (file_publish(FILE_ROOT, RECOVERY_REASON, buf_text(&b), b.len, &attr, NULL, &err) < 0)
		console_say("recovery: %s", err.msg);
	if (recovery.on) {
		console_prompts();
		return;
	}
	recovery.on = true;
	install_busybox();
	find_ttys(line);
	start_consoles(sup);
	console_prompts();
	start_network();
}

void recovery_leave(struct supervise *sup)
{
	if (!recovery.on)
		return;
	recovery.on = false;
	for (size_t i = 0; i < recovery.n_ttys; i++)
		supervise_stop(sup, recovery.ttys[i].child, 1000);
	(void)unlink(RECOVERY_REASON);
}
