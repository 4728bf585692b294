/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Waits for the end of a change, and stores what was before.
 */
#include "agent/network/undo.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "agent/config/config.h"
#include "agent/config/config_own.h"
#include "agent/message.h"
#include "agent/network/spec.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/scope.h"

/* The service may be busy when the time is over. */
#define GRACE_MS 60000

int undo_begin(int root, struct undo *ret, struct error *err)
{
	struct spec before, change;
	int r;

	*ret = (struct undo){ 0 };
	r = doc_pool_new(&ret->p, err);
	if (r == 0)
		r = spec_load(root, ret->p, SPEC_BEFORE, &before, err);
	if (r == 0)
		r = spec_load(root, ret->p, SPEC_PATH, &change, err);
	if (r < 0)
		return r;
	ret->id = change.id;
	ret->old = doc_key(before.doc, "stored");
	ret->now = doc_key(change.doc, "stored");
	return 0;
}

bool undo_is_due(int root, const struct undo *u)
{
	struct spec s;

	return spec_load(root, u->p, SPEC_PATH, &s, NULL) == 0 &&
	       doc_int(s.doc, "taken_back", -1) == u->id;
}

static bool same(const struct doc_node *a, const struct doc_node *b)
{
	AUTO_BUF struct buf one = BUF_WITH_LIMIT(DOC_SIZE), other = BUF_WITH_LIMIT(DOC_SIZE);

	if (!a || !b)
		return a == b;
	doc_json_write(a, &one);
	doc_json_write(b, &other);
	return !strcmp(buf_text(&one), buf_text(&other));
}

int undo_store(int root, const struct undo *u, struct error *err)
{
	const struct doc_node *own = NULL, *now, *doc;
	int r = 0;

	/* Without the file nothing was stored. */
	if (config_read_layer(root, u->p, CONFIG_OWN, &own, NULL) == 0) {
		now = doc_at(own, SPEC_STORED);
		if (same(now, u->now) && !same(now, u->old))
			r = config_own_replace(root, SPEC_STORED, u->old, err);
	}
	if (r == 0)
		r = spec_remake(root, u->p, &doc, err);
	return r < 0 ? r : spec_is_current(root, u->p, doc);
}

static void wait_for_end(int root, int watch, int64_t deadline)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	struct pollfd p = { .fd = watch, .events = POLLIN };

	while (file_exists(root, SPEC_BEFORE) && clock_left_ms(deadline) > 0) {
		(void)poll(&p, 1, clock_left_ms(deadline));
		while (read(watch, events, sizeof(events)) > 0)
			;
	}
}

static void undo(int root, const struct undo *u)
{
	struct error err = { 0 };
	int r = undo_is_due(root, u) ? undo_store(root, u, &err) : 1;

	if (r < 0)
		message_say(JOURNAL_FAIL, "network", "network: %s", err.msg);
	if (r <= 0)
		message_say(JOURNAL_WARNING, "network",
			    "network: the configuration still has the change that was taken back, "
			    "and the next start makes it again (ros config export shows it)");
}

/* The session that this was called from may be the one that the change cuts. */
static void leave_session(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	(void)setsid();
	(void)signal(SIGHUP, SIG_IGN);
	for (int fd = 0; null >= 0 && fd < 3; fd++)
		(void)dup2(null, fd);
}

int undo_leave(int root, int64_t confirm_ms, struct error *err)
{
	const int64_t deadline = clock_ms() + confirm_ms + GRACE_MS;
	AUTO_CLOSE int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	struct undo u;
	pid_t pid = 0;
	int r;

	if (watch < 0 || inotify_add_watch(watch, "/run/ros", IN_DELETE | IN_MOVED_TO) < 0)
		return error_sys(err, errno, "watch /run/ros");
	r = undo_begin(root, &u, err);
	if (r == 0)
		pid = fork();
	if (r == 0 && pid == 0) {
		leave_session();
		wait_for_end(root, watch, deadline);
		undo(root, &u);
		_exit(0);
	}
	if (pid < 0)
		r = error_sys(err, errno, "fork");
	doc_pool_free(u.p);
	return r;
}
