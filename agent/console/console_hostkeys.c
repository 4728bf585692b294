/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the host keys are made, and their fingerprints for the banner.
 */
#include "agent/console/console_hostkeys.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "agent/account/hostkeys.h"
#include "agent/await.h"
#include "agent/console/console_banner.h"
#include "agent/message.h"
#include "lib/clock.h"
#include "lib/file.h"

/* From user Docker's answer to the making of the RSA host key. */
#define RSA_DELAY_MS 10000

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
	struct error err = { 0 };

	(void)journal_append(&ev, NULL);
	if (status)
		return;
	if (hostkeys_sync(HOSTKEYS_RSA, &err) < 0)
		message_say(JOURNAL_WARNING, CONSOLE, "host key: %s", err.msg);
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

	if (hostkeys_have(FILE_ROOT, HOSTKEYS_RSA, c->config)) {
		print_key(c, HOSTKEYS_RSA);
		return;
	}
	if (!hostkeys_wanted(HOSTKEYS_RSA, c->config))
		return;
	journal_say(JOURNAL_STEP_BEGIN, "host-key-rsa", "ssh-keygen");
	if (job_start(&c->jobs, &spec, rsa_made, c, &err) < 0)
		message_say(JOURNAL_WARNING, CONSOLE, "host key: %s", err.msg);
}

void console_hostkeys_ed25519(struct console *c)
{
	struct error err = { 0 };

	/* Made whatever ssh_genkeytypes says: it costs nothing, and without it sshd would have to
	 * wait for another one. */
	if (!hostkeys_have(FILE_ROOT, HOSTKEYS_ED25519, c->config) &&
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

void console_hostkeys_follow_docker(struct console *c)
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
