/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PID 1: the order of the boot, and who is told about what. Everything else is in the files beside
 * it. It links nothing but libc, and reads nothing that comes from a network.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init/boot.h"
#include "init/button.h"
#include "init/console.h"
#include "init/crash.h"
#include "init/early.h"
#include "init/heal.h"
#include "init/log.h"
#include "init/recovery.h"
#include "init/rescue.h"
#include "init/server.h"
#include "init/shutdown.h"
#include "init/switchroot.h"
#include "lib/clock.h"
#include "lib/cmdline.h"
#include "lib/control.h"
#include "lib/file.h"
#include "lib/journal.h"
#include "lib/scope.h"

#define NOTIFY_PATH "/run/ros/notify"
#define OOM_SCORE "-999"
/* How often logs and the journal are looked at for their size. */
#define TRIM_MS (10 * 60 * 1000)

static struct {
	struct cmdline line;
	struct supervise *sup;
	struct boot boot;
	struct heal heal;
	struct shutdown_request down;
	bool down_asked;
	bool crashed;  /* started again after a crash: what had run before is not known */
	bool complete; /* the plan came to its end and the consoles are the users' */
	bool prompts;  /* the console has said that its own are there */
	int64_t trim_ms;
} m;

static void fatal(void *arg, const char *unit, const char *why)
{
	(void)arg;
	m.boot.halted = true;
	recovery_enter(m.sup, &m.line, unit, why);
}

static int then(void *arg, enum plan_then what, struct error *err)
{
	(void)arg;
	if (what == PLAN_SWITCH_ROOT) {
		int r = switchroot_go(err);

		if (r == 0)
			early_image();
		return r;
	}
	if (what == PLAN_FREE_INITRD)
		switchroot_free();
	if (what == PLAN_STATE_THERE && cmdline_flag(&m.line, "rancher.recovery"))
		fatal(NULL, "rancher.recovery", "asked for on the kernel line");
	return 0;
}

static void spare_from_oom(pid_t pid)
{
	char path[64];
	struct error err = { 0 };

	(void)snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", (int)pid);
	if (file_rewrite(FILE_ROOT, path, OOM_SCORE, strlen(OOM_SCORE), NULL, &err) < 0)
		journal_say(JOURNAL_WARNING, "init", "%s", err.msg);
}

static void changed(void *arg, const struct supervise_child *c, enum supervise_state from)
{
	enum heal_verdict verdict;

	(void)arg;
	boot_daemon_changed(&m.boot, c, from);
	if (plan_find(m.boot.units, m.boot.n, c->spec.name) == m.boot.n)
		return;
	if (c->state == SUPERVISE_STARTING)
		spare_from_oom(c->pid);
	verdict = heal_judge(&m.heal, c, from);
	if (verdict == HEAL_BEGUN)
		heal_begin(&m.heal, m.sup);
	else if (verdict == HEAL_GIVE_UP && !recovery_is_on())
		fatal(NULL, c->spec.name,
		      m.heal.done ? "does not come up, not even with an empty data root" :
				    "cannot be started");
}

static void reaped(void *arg, pid_t pid, int status)
{
	(void)arg;
	/* All others are orphans: that they are gone is all there is to do about them. */
	(void)boot_reaped(&m.boot, pid, status);
}

static void ask_down(enum shutdown_kind kind, const char *who)
{
	if (m.down_asked)
		return;
	m.down_asked = true;
	m.down = (struct shutdown_request){ .kind = kind, .timeout_s = SHUTDOWN_TIMEOUT_S };
	(void)snprintf(m.down.who, sizeof(m.down.who), "%s", who);
}

static bool signalled(void *arg, int signo)
{
	(void)arg;
	if (signo == SIGINT)
		ask_down(SHUTDOWN_REBOOT, "Ctrl-Alt-Del");
	else if (signo == SIGTERM)
		ask_down(SHUTDOWN_REBOOT, "SIGTERM to PID 1");
	else if (signo == SIGUSR1)
		ask_down(SHUTDOWN_HALT, "SIGUSR1 to PID 1");
	else
		ask_down(SHUTDOWN_POWEROFF, signo == SIGPWR ? "power failure" : "SIGUSR2 to PID 1");
	return false;
}

static void power_pressed(void *arg)
{
	(void)arg;
	ask_down(SHUTDOWN_POWEROFF, "power button");
}

static void status(struct buf *reply)
{
	for (size_t i = 0; i < m.boot.n; i++) {
		const struct plan_unit *u = &m.boot.units[i];
		const struct supervise_child *c = supervise_find(m.sup, u->name);

		buf_fmt(reply, "%s%s=%s", i ? " " : "", u->name,
			u->kind == PLAN_DAEMON && c ? supervise_state_name(c->state) :
						      plan_state_name(m.boot.states[i]));
	}
	if (recovery_is_on())
		buf_str(reply, " recovery=on");
}

static int request(void *arg, const char *text, struct buf *reply, struct error *err)
{
	struct shutdown_request req;
	int r;

	(void)arg;
	if (!strcmp(text, "status")) {
		status(reply);
		return 0;
	}
	/* The console's log-in prompts are about to be there. */
	if (!strcmp(text, "prompts")) {
		m.prompts = true;
		console_prompts();
		return 0;
	}
	if (!strncmp(text, "recovery ", 9)) {
		recovery_enter(m.sup, &m.line, "console", text + 9);
		return 0;
	}
	if (!strcmp(text, "resume")) {
		if (m.crashed)
			return error_set(err, ENOTRECOVERABLE,
					 "PID 1 crashed and has no plan to go on with: reboot");
		recovery_leave(m.sup);
		console_show(!m.complete);
		if (m.prompts)
			console_prompts();
		boot_resume(&m.boot);
		return 0;
	}
	if (!strncmp(text, "restart ", 8)) {
		if (!supervise_find(m.sup, text + 8))
			return error_set(err, ENOENT, "no daemon is named %s", text + 8);
		supervise_restart(m.sup, text + 8);
		return 0;
	}
	r = shutdown_parse(&req, text, err);
	if (r < 0)
		return r;
	if (m.down_asked)
		return error_set(err, EALREADY, "going down already");
	m.down = req;
	m.down_asked = true;
	return 0;
}

static const struct supervise_ops supervise_ops = {
	.changed = changed, .reaped = reaped, .signalled = signalled
};
static const struct boot_ops boot_ops = { .then = then, .fatal = fatal };
static const struct server_ops server_ops = { .request = request };

static void tick(void *arg)
{
	struct error err = { 0 };

	(void)arg;
	boot_expire(&m.boot);
	if (clock_left_ms(m.trim_ms) == 0) {
		log_trim();
		if (journal_trim(FILE_ROOT, &err) < 0)
			journal_say(JOURNAL_WARNING, "journal", "%s", err.msg);
		m.trim_ms = clock_ms() + TRIM_MS;
	}
}

static void arm_timer(void)
{
	int64_t due = boot_due_ms(&m.boot);

	supervise_timer(m.sup, due && due < m.trim_ms ? due : m.trim_ms, tick, NULL);
}

static void note_complete(void)
{
	if (m.complete || !boot_is_complete(&m.boot))
		return;
	m.complete = true;
	journal_say(JOURNAL_READY, "init", "boot-plan");
	if (!recovery_is_on())
		console_show(false);
}

static NORETURN void loop(void)
{
	m.trim_ms = clock_ms() + TRIM_MS;
	while (!m.down_asked) {
		heal_turn(&m.heal, m.sup);
		boot_advance(&m.boot);
		note_complete();
		arm_timer();
		(void)supervise_turn(m.sup, -1);
	}
	/* What still starts things must not go on while they are stopped. */
	boot_stop(&m.boot);
	shutdown_run(m.sup, &m.down);
}

/* Whether the kernel was told "quiet" or not, the first lines say what is starting. */
static void announce(void)
{
	AUTO_BUF struct buf id = BUF_WITH_LIMIT(128);
	AUTO_BUF struct buf version = BUF_WITH_LIMIT(128);
	struct utsname un = { 0 };
	const char *v = "unknown", *boot_id = "";

	(void)uname(&un);
	if (file_read(FILE_ROOT, "/version", &version, NULL) == 0)
		v = buf_text(&version);
	if (file_read(FILE_ROOT, "/proc/sys/kernel/random/boot_id", &id, NULL) == 0)
		boot_id = buf_text(&id);
	journal_say(JOURNAL_BOOT, "init", "%.*s %.*s", (int)strcspn(v, "\n"), v,
		    (int)strcspn(boot_id, "\n"), boot_id);
	console_say("OcicatOS %.*s, Linux %s", (int)strcspn(v, "\n"), v, un.release);
}

/* What everything after it stands on. Its failure leaves only the rescue program. */
static int start(struct error *err)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGPWR };
	int r = m.crashed ? 0 : early_mount(err);

	console_open();
	if (!m.crashed)
		announce();
	early_process();
	if (r < 0)
		return r;
	if (cmdline_load(&m.line, FILE_ROOT, err) < 0)
		console_say("kernel line: %s", err->msg);
	r = supervise_new(&supervise_ops, signals, ARRAY_LEN(signals), NOTIFY_PATH, &m.sup, err);
	if (r < 0)
		return r;
	boot_init(&m.boot, plan_all, plan_n, m.sup, &boot_ops);
	if (server_open(m.sup, &server_ops, err) < 0)
		console_say("%s", err->msg);
	if (button_open(m.sup, power_pressed, NULL, err) < 0)
		console_say("power button: %s", err->msg);
	return 0;
}

/* No supervisor could be had: one program on the console, again and again. */
static NORETURN void last_resort(const char *why)
{
	/* Nobody here reads the signal that the keys would be. */
	(void)reboot(RB_ENABLE_CAD);
	for (;;) {
		pid_t pid = fork();

		console_say("recovery console: %s", why);
		if (pid == 0) {
			(void)setsid();
			(void)close(0);
			(void)open("/dev/console", O_RDWR);
			(void)dup2(0, 1);
			(void)dup2(0, 2);
			_exit(rescue_main("console"));
		}
		while (waitpid(-1, NULL, 0) > 0)
			;
		(void)sleep(1);
	}
}

/* init's other uses, as a child of PID 1 in recovery. */
static int helper(int argc, char **argv)
{
	AUTO_BUF struct buf reply = BUF_WITH_LIMIT(CONTROL_MAX);
	struct error err = { 0 };

	if (argc == 3 && !strcmp(argv[1], "--rescue"))
		return rescue_main(argv[2]);
	if (argc == 2 && !strcmp(argv[1], "--rescue-net"))
		return rescue_net();
	if (argc != 3 || strcmp(argv[1], "--ask") != 0) {
		fprintf(stderr, "init: this program is PID 1\n");
		return 2;
	}
	if (control_ask(argv[2], 5000, &reply, &err) < 0) {
		fprintf(stderr, "init: %s\n", err.msg);
		return 1;
	}
	printf("%s\n", buf_text(&reply));
	return 0;
}

int main(int argc, char **argv)
{
	struct error err = { 0 };
	char text[128];

	if (getpid() != 1)
		return helper(argc, argv);
	m.crashed = argc == 3 && !strcmp(argv[1], CRASH_WORD);
	crash_install();
	if (start(&err) < 0)
		last_resort(err.msg);
	if (m.crashed) {
		crash_text(argv[2], text, sizeof(text));
		fatal(NULL, "init", text);
	} else if (switchroot_prepare(&err) < 0) {
		fatal(NULL, "init", err.msg);
	}
	loop();
}
