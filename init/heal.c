/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the decision about, and the move of, System Docker's data root.
 */
#include "init/heal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init/console.h"
#include "init/unmount.h"
#include "lib/file.h"
#include "lib/journal.h"
#include "lib/scope.h"

#define DATA_ROOT "/var/lib/system-docker"
#define CGROUP "/sys/fs/cgroup/"
#define MESSAGES "/run/ros/messages"
#define FAILURES_MAX 2
#define NOT_MADE_MAX 10
#define STOP_MS 5000
/* Names that are tried for the one that is moved aside. */
#define BROKEN_MAX 1000

static const char *const daemons[HEAL_DAEMONS] = { "system-docker", "system-containerd" };

enum heal_verdict heal_judge(struct heal *h, const struct supervise_child *c,
			     enum supervise_state from)
{
	size_t i = 0;

	while (i < HEAL_DAEMONS && strcmp(c->spec.name, daemons[i]) != 0)
		i++;
	if (i == HEAL_DAEMONS || h->stopping)
		return HEAL_NOTHING;
	if (c->state == SUPERVISE_UP)
		h->failures[i] = h->not_made[i] = 0;
	if (c->state != SUPERVISE_BACKOFF || from == SUPERVISE_UP)
		return HEAL_NOTHING;
	/* There was no process that could have failed on the data: they stay where they are. */
	if (from != SUPERVISE_STARTING)
		return ++h->not_made[i] == NOT_MADE_MAX ? HEAL_GIVE_UP : HEAL_NOTHING;
	if (++h->failures[i] < FAILURES_MAX)
		return HEAL_NOTHING;
	memset(h->failures, 0, sizeof(h->failures));
	return h->done ? HEAL_GIVE_UP : HEAL_BEGUN;
}

static void kill_cgroup(const char *name)
{
	AUTO_CLOSE int fd = -1;
	char path[128];

	(void)snprintf(path, sizeof(path), CGROUP "%s/cgroup.kill", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "1", 1) < 0)
		journal_say(JOURNAL_WARNING, "heal", "%s: %s", path, strerror(errno));
}

void heal_begin(struct heal *h, struct supervise *sup)
{
	h->stopping = true;
	journal_say(JOURNAL_FAIL, "system-docker",
		    "failed %d times before it was ready: its data root is moved aside",
		    FAILURES_MAX);
	console_say("System Docker keeps failing: starting it with an empty data root");
	for (size_t i = 0; i < ARRAY_LEN(daemons); i++)
		supervise_stop(sup, daemons[i], STOP_MS);
	kill_cgroup("system");
}

static int move_aside(char *to, size_t size, struct error *err)
{
	unmount_below(DATA_ROOT);
	for (int n = 1; n < BROKEN_MAX; n++) {
		(void)snprintf(to, size, DATA_ROOT ".broken-%d", n);
		if (access(to, F_OK) == 0)
			continue;
		if (rename(DATA_ROOT, to) < 0)
			return error_sys(err, errno, "move " DATA_ROOT " to %s", to);
		return mkdir(DATA_ROOT, 0710) < 0 ? error_sys(err, errno, "make " DATA_ROOT) : 0;
	}
	return error_set(err, E2BIG, "more than %d broken data roots", BROKEN_MAX);
}

/* In the journal, and where people see it when they log in. */
static void tell(const char *to)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(512);
	struct error err = { 0 };

	journal_say(JOURNAL_WARNING, "system-docker", "its data root was moved to %s", to);
	buf_fmt(&b,
		"System Docker did not start with its data: they are in %s now, and the system's "
		"containers were made anew\n",
		to);
	if (file_append(FILE_ROOT, MESSAGES, buf_text(&b), b.len, 0644, &err) < 0)
		journal_say(JOURNAL_WARNING, "system-docker", "%s", err.msg);
}

void heal_turn(struct heal *h, struct supervise *sup)
{
	struct error err = { 0 };
	char to[64];

	if (!h->stopping)
		return;
	for (size_t i = 0; i < ARRAY_LEN(daemons); i++) {
		const struct supervise_child *c = supervise_find(sup, daemons[i]);

		if (c && c->state != SUPERVISE_DOWN)
			return;
	}
	/* Shims of the old daemon would keep its files busy. */
	kill_cgroup("system-docker");
	h->stopping = false;
	h->done = true;
	if (move_aside(to, sizeof(to), &err) < 0)
		journal_say(JOURNAL_FAIL, "system-docker", "%s", err.msg);
	else
		tell(to);
	for (size_t i = ARRAY_LEN(daemons); i-- > 0;)
		supervise_restart(sup, daemons[i]);
}
