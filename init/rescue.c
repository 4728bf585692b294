/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns what the recovery console says. It changes nothing by itself.
 */
#include "init/rescue.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "init/log.h"
#include "init/recovery.h"
#include "init/switchroot.h"
#include "lib/file.h"
#include "lib/journal.h"
#include "lib/proc.h"
#include "lib/scope.h"

#define TAIL 1500
#define PASSWORD_MAX 256
#define WRONG_MS 2000
#define RC RECOVERY_DIR "/rc"
#define UDHCPC RECOVERY_DIR "/udhcpc"

/* PID 1 listens: commands of the image may be out of reach. */
static const char rc_text[] = "ask() { /proc/1/exe --ask \"$*\"; }\n"
			      "resume() { ask resume; }\n"
			      "reboot() { ask reboot by recovery console; }\n"
			      "poweroff() { ask poweroff by recovery console; }\n"
			      "PS1='recovery# '\n";

static const char udhcpc_text[] =
	"#!" RECOVERY_DIR "/bin/sh\n"
	"[ \"$1\" = bound ] || [ \"$1\" = renew ] || exit 0\n"
	"ip addr replace \"$ip/$mask\" dev \"$interface\"\n"
	"[ -z \"$router\" ] || ip route replace default via ${router%% *}\n"
	"for d in $dns; do echo nameserver $d; done >/etc/resolv.conf\n"
	"echo \"$interface $ip/$mask\"\n";

enum rescue_way rescue_way(const struct cmdline *line, const char *tty)
{
	const char *password = cmdline_get(line, "rancher.password");

	for (size_t i = 0; i < line->n_words; i++) {
		const char *value = line->words[i].value;

		if (strcmp(line->words[i].key, "rancher.autologin") != 0 || !value)
			continue;
		if (!strncmp(value, "/dev/", 5))
			value += 5;
		if (!strcmp(value, tty))
			return RESCUE_SHELL;
	}
	return password && password[0] ? RESCUE_PASSWORD : RESCUE_NONE;
}

bool rescue_same(const char *typed, const char *password)
{
	size_t n_typed = strlen(typed), n = strlen(password);
	unsigned char diff = n_typed != n;

	for (size_t i = 0; i < n; i++)
		diff |= (unsigned char)(password[i] ^ (i < n_typed ? typed[i] : 0));
	return diff == 0;
}

static void show_reason(void)
{
	AUTO_BUF struct buf reason = BUF_WITH_LIMIT(2048);
	AUTO_BUF struct buf log = BUF_WITH_LIMIT(8192);
	char unit[64], path[128];
	const char *text, *why;
	size_t len;

	if (file_read(FILE_ROOT, RECOVERY_REASON, &reason, NULL) < 0)
		buf_str(&reason, "init\nunknown\n");
	text = buf_text(&reason);
	len = strcspn(text, "\n");
	why = text[len] ? text + len + 1 : "";
	(void)snprintf(unit, sizeof(unit), "%.*s", (int)len, text);
	(void)snprintf(path, sizeof(path), LOG_DIR "/%s.log", unit);
	log_tail(path, TAIL, &log);
	if (log.len == 0)
		log_tail(JOURNAL_PATH, TAIL, &log);
	printf("\n--- OcicatOS recovery console ---------------------------------------------\n"
	       "Why:  %s: %s", unit, why);
	printf("Log:  %s, " JOURNAL_PATH ", dmesg; the last lines:\n%s\n", path, buf_text(&log));
	(void)fflush(stdout);
}

static void explain(const char *tty)
{
	printf("To log in here, start again with one of these at the end of the kernel line\n"
	       "(press Tab or e in the boot menu):\n"
	       "  rancher.autologin=%s    a root shell on this terminal\n"
	       "  rancher.password=WORD     a root shell for whoever types WORD\n"
	       "Where the network and keys are known, ssh as rancher works too.\n"
	       "Ctrl-Alt-Del or the power button end this machine in order.\n", tty);
	(void)fflush(stdout);
}

static bool read_line(char *line, size_t size)
{
	if (!fgets(line, (int)size, stdin))
		return false;
	line[strcspn(line, "\r\n")] = '\0';
	return true;
}

static bool ask_password(const char *password)
{
	char line[PASSWORD_MAX] = "";
	struct termios saved, quiet;
	bool is_tty = tcgetattr(0, &saved) == 0, got;

	/* Before the question, and without a flush: who knows it may type ahead. */
	if (is_tty) {
		quiet = saved;
		quiet.c_lflag &= ~(tcflag_t)ECHO;
		(void)tcsetattr(0, TCSANOW, &quiet);
	}
	printf("Password (rancher.password=): ");
	(void)fflush(stdout);
	got = read_line(line, sizeof(line));
	if (is_tty)
		(void)tcsetattr(0, TCSADRAIN, &saved);
	printf("\n");
	if (got && rescue_same(line, password))
		return true;
	/* Slow down guessing. */
	(void)poll(NULL, 0, WRONG_MS);
	return false;
}

static int shell(void)
{
	static const char *const boxes[] = { SWITCHROOT_BUSYBOX, "/bin/busybox",
					     "/usr/bin/busybox" };
	char *const argv[] = { (char[]){ "sh" }, NULL };
	char *const envp[] = {
		(char[]){ "PATH=" PROC_PATH ":" RECOVERY_DIR "/bin" }, (char[]){ "HOME=/root" },
		(char[]){ "TERM=linux" }, (char[]){ "ENV=" RC }, NULL
	};
	struct file_attr attr = { .mode = 0600 };

	/* Without it the shell only lacks its four functions. */
	if (file_publish(FILE_ROOT, RC, rc_text, strlen(rc_text), &attr, NULL, NULL) == 0)
		printf("Commands: resume (go on with the boot), reboot, poweroff; exit shows this "
		       "again.\n");
	(void)fflush(stdout);
	for (size_t i = 0; i < ARRAY_LEN(boxes); i++)
		(void)execve(boxes[i], argv, envp);
	printf("no shell: %s\n", strerror(errno));
	return 1;
}

int rescue_main(const char *tty)
{
	struct cmdline line;
	const char *password;

	if (cmdline_load(&line, FILE_ROOT, NULL) < 0)
		(void)cmdline_parse(&line, "");
	password = cmdline_get(&line, "rancher.password");
	for (;;) {
		char ignored[PASSWORD_MAX];
		enum rescue_way way = rescue_way(&line, tty);

		show_reason();
		if (way == RESCUE_SHELL || (way == RESCUE_PASSWORD && ask_password(password)))
			return shell();
		if (way == RESCUE_NONE) {
			explain(tty);
			/* Enter shows it again; a closed line is waited for by the supervisor. */
			if (!read_line(ignored, sizeof(ignored)))
				return 1;
		} else if (feof(stdin)) {
			return 1;
		}
	}
}

static void lease(const char *name)
{
	const char *const up[] = { RECOVERY_DIR "/bin/ip", "link", "set", name, "up", NULL };
	const char *const dhcp[] = { RECOVERY_DIR "/bin/udhcpc",
				     "-i",
				     name,
				     "-s",
				     UDHCPC,
				     "-n",
				     "-q",
				     "-t",
				     "4",
				     "-T",
				     "2",
				     NULL };
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(4096);
	struct error err = { 0 };

	if (proc_run(up, NULL, 5000, NULL, &err) < 0 || proc_run(dhcp, NULL, 20000, &out, &err) < 0)
		printf("%s: %s\n", name, err.msg);
	else
		printf("%s\n", buf_text(&out));
}

int rescue_net(void)
{
	AUTO_CLOSEDIR DIR *dir = opendir("/sys/class/net");
	struct file_attr attr = { .mode = 0700 };
	const struct dirent *e;
	struct error err = { 0 };

	(void)mkdir("/etc", 0755);
	if (file_publish(FILE_ROOT, UDHCPC, udhcpc_text, strlen(udhcpc_text), &attr, NULL, &err) <
	    0) {
		printf("%s\n", err.msg);
		return 1;
	}
	while (dir && (e = readdir(dir))) {
		if (e->d_name[0] != '.' && strcmp(e->d_name, "lo") != 0)
			lease(e->d_name);
	}
	return 0;
}
