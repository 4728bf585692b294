/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the children that must keep running: their starts, readiness, back-off and stops. Knows
 * nothing of what they are. The table of children is fixed in size, so that PID 1 allocates once.
 */
#include "lib/supervise.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/clock.h"
#include "lib/scope.h"
#include "lib/supervise_notify.h"

#define WATCH_MAX 32
#define ENV_MAX 62 /* variables of a child's environment */
#define BACKOFF_FIRST_MS 100
#define BACKOFF_DEFAULT_MAX_MS 5000
/* Whoever ran for this long was healthy: the next back-off begins anew. */
#define HEALTHY_MS 10000
/* A child that is restarted gets this long to end. */
#define RESTART_STOP_MS 10000

struct slot {
	struct supervise_child c;
	bool wanted;   /* restart it when it ends */
	bool again_now; /* its end was asked for to start it again: no back-off */
};

struct watch {
	int fd;
	void (*fn)(void *arg, int fd);
	void *arg;
};

struct supervise {
	struct supervise_ops ops;
	struct slot slots[SUPERVISE_MAX];
	size_t n_slots;
	struct watch watches[WATCH_MAX];
	size_t n_watches;
	int signal_fd;
	int notify_fd;
	char notify_env[128];
	int64_t timer_ms;
	void (*timer_fn)(void *arg);
	void *timer_arg;
};

const char *supervise_state_name(enum supervise_state state)
{
	static const char *const names[SUPERVISE_N_STATES] = {
		[SUPERVISE_DOWN] = "down",         [SUPERVISE_STARTING] = "starting",
		[SUPERVISE_UP] = "up",             [SUPERVISE_BACKOFF] = "backoff",
		[SUPERVISE_STOPPING] = "stopping",
	};

	return state < SUPERVISE_N_STATES ? names[state] : "unknown";
}

static int open_signals(struct supervise *s, const int *signals, size_t n, struct error *err)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	for (size_t i = 0; i < n; i++)
		sigaddset(&set, signals[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return error_sys(err, errno, "block signals");
	s->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->signal_fd < 0)
		return error_sys(err, errno, "signalfd");
	return 0;
}

int supervise_new(const struct supervise_ops *ops, const int *signals, size_t n_signals,
		  const char *notify_path, struct supervise **ret, struct error *err)
{
	struct supervise *s = calloc(1, sizeof(*s));
	int r;

	if (!s)
		return error_set(err, ENOMEM, "no memory");
	s->ops = *ops;
	s->signal_fd = s->notify_fd = -1;
	r = open_signals(s, signals, n_signals, err);
	if (r == 0 && notify_path) {
		r = supervise_notify_open(notify_path, &s->notify_fd, err);
		(void)snprintf(s->notify_env, sizeof(s->notify_env), "NOTIFY_SOCKET=%s",
			       notify_path);
	}
	if (r < 0) {
		supervise_free(s);
		return r;
	}
	*ret = s;
	return 0;
}

void supervise_free(struct supervise *s)
{
	if (!s)
		return;
	if (s->signal_fd >= 0)
		(void)close(s->signal_fd);
	if (s->notify_fd >= 0)
		(void)close(s->notify_fd);
	free(s);
}

static void set_state(struct supervise *s, struct slot *sl, enum supervise_state to)
{
	enum supervise_state from = sl->c.state;

	sl->c.state = to;
	if (from != to && s->ops.changed)
		s->ops.changed(s->ops.arg, &sl->c, from);
}

static struct slot *find(struct supervise *s, const char *name)
{
	for (size_t i = 0; i < s->n_slots; i++) {
		if (!strcmp(s->slots[i].c.spec.name, name))
			return &s->slots[i];
	}
	return NULL;
}

static void back_off(struct supervise *s, struct slot *sl)
{
	int max =
		sl->c.spec.backoff_max_ms > 0 ? sl->c.spec.backoff_max_ms : BACKOFF_DEFAULT_MAX_MS;
	int64_t now = clock_ms();

	if (!sl->wanted) {
		sl->c.due_ms = 0;
		set_state(s, sl, SUPERVISE_DOWN);
		return;
	}
	if (sl->again_now) {
		sl->again_now = false;
		sl->c.due_ms = 0;
		set_state(s, sl, SUPERVISE_DOWN);
		return;
	}
	if (sl->c.backoff_ms == 0 || now - sl->c.started_ms >= HEALTHY_MS)
		sl->c.backoff_ms = BACKOFF_FIRST_MS;
	else
		sl->c.backoff_ms = sl->c.backoff_ms > max / 2 ? max : sl->c.backoff_ms * 2;
	sl->c.due_ms = now + sl->c.backoff_ms;
	set_state(s, sl, SUPERVISE_BACKOFF);
}

static size_t env_len(const char *const *env)
{
	size_t n = 0;

	while (env && env[n])
		n++;
	return n;
}

/* The child's environment: its own or the default one, and where to say that it is ready. */
static void make_env(const struct supervise *s, const struct supervise_spec *spec,
		     const char *env[ENV_MAX + 2])
{
	static const char *const usual[] = { "PATH=" PROC_PATH, "HOME=/root", NULL };
	const char *const *own = spec->proc.env ? spec->proc.env : usual;
	size_t n = env_len(own);

	memcpy(env, own, n * sizeof(*own));
	if (spec->notify && s->notify_fd >= 0)
		env[n++] = s->notify_env;
	env[n] = NULL;
}

static void start(struct supervise *s, struct slot *sl)
{
	const char *env[ENV_MAX + 2];
	struct proc_spec proc = sl->c.spec.proc;

	make_env(s, &sl->c.spec, env);
	proc.env = env;
	sl->c.started_ms = clock_ms();
	sl->c.due_ms = 0;
	sl->c.starts++;
	if (proc_spawn(&proc, &sl->c.pid, NULL, NULL) < 0) {
		sl->c.pid = 0;
		sl->c.last_status = 127 << 8;
		back_off(s, sl);
		return;
	}
	if (sl->c.spec.notify && sl->c.spec.ready_timeout_ms > 0)
		sl->c.due_ms = sl->c.started_ms + sl->c.spec.ready_timeout_ms;
	set_state(s, sl, SUPERVISE_STARTING);
	if (!sl->c.spec.notify)
		set_state(s, sl, SUPERVISE_UP);
}

static bool may_start(const struct supervise *s, const struct slot *sl)
{
	const struct supervise_child *other;

	if (!sl->wanted || sl->c.state != SUPERVISE_DOWN)
		return false;
	if (!sl->c.spec.after)
		return true;
	other = supervise_find(s, sl->c.spec.after);
	return other && other->state == SUPERVISE_UP;
}

/* One child's start may allow another's: go round until nothing moves. */
static void start_all(struct supervise *s)
{
	for (bool moved = true; moved;) {
		moved = false;
		for (size_t i = 0; i < s->n_slots; i++) {
			if (!may_start(s, &s->slots[i]))
				continue;
			start(s, &s->slots[i]);
			moved = true;
		}
	}
}

int supervise_add(struct supervise *s, const struct supervise_spec *spec, struct error *err)
{
	struct slot *sl = find(s, spec->name);

	if (env_len(spec->proc.env) > ENV_MAX)
		return error_set(err, E2BIG, "%s: more than %d environment variables", spec->name,
				 ENV_MAX);
	if (sl && sl->c.state == SUPERVISE_STOPPING && !sl->wanted) {
		sl->c.spec = *spec;
		sl->wanted = sl->again_now = true;
		return 0;
	}
	if (sl && (sl->c.state != SUPERVISE_DOWN || sl->wanted))
		return error_set(err, EEXIST, "%s is supervised already", spec->name);
	if (!sl && s->n_slots == SUPERVISE_MAX)
		return error_set(err, E2BIG, "more than %d children", SUPERVISE_MAX);
	if (!sl)
		sl = &s->slots[s->n_slots++];
	*sl = (struct slot){ .c.spec = *spec, .wanted = true };
	start_all(s);
	return 0;
}

int supervise_watch(struct supervise *s, int fd, void (*fn)(void *arg, int fd), void *arg,
		    struct error *err)
{
	if (s->n_watches == WATCH_MAX)
		return error_set(err, E2BIG, "more than %d watched descriptors", WATCH_MAX);
	s->watches[s->n_watches++] = (struct watch){ .fd = fd, .fn = fn, .arg = arg };
	return 0;
}

void supervise_unwatch(struct supervise *s, int fd)
{
	for (size_t i = 0; i < s->n_watches; i++) {
		if (s->watches[i].fd == fd) {
			s->watches[i] = s->watches[--s->n_watches];
			return;
		}
	}
}

void supervise_timer(struct supervise *s, int64_t due_ms, void (*fn)(void *arg), void *arg)
{
	s->timer_ms = due_ms;
	s->timer_fn = fn;
	s->timer_arg = arg;
}

static void stop_one(struct supervise *s, struct slot *sl, int timeout_ms)
{
	sl->wanted = sl->again_now = false;
	if (sl->c.pid > 0) {
		(void)kill(sl->c.pid, SIGTERM);
		sl->c.due_ms = clock_ms() + timeout_ms;
		set_state(s, sl, SUPERVISE_STOPPING);
	} else {
		sl->c.due_ms = 0;
		set_state(s, sl, SUPERVISE_DOWN);
	}
}

void supervise_stop(struct supervise *s, const char *name, int timeout_ms)
{
	for (size_t i = 0; i < s->n_slots; i++) {
		if (!name || !strcmp(s->slots[i].c.spec.name, name))
			stop_one(s, &s->slots[i], timeout_ms);
	}
}

void supervise_restart(struct supervise *s, const char *name)
{
	struct slot *sl = find(s, name);

	if (!sl)
		return;
	if (sl->c.pid > 0) {
		stop_one(s, sl, RESTART_STOP_MS);
		sl->again_now = true;
	} else {
		sl->c.due_ms = 0;
		set_state(s, sl, SUPERVISE_DOWN);
	}
	sl->wanted = true;
	start_all(s);
}

const struct supervise_child *supervise_find(const struct supervise *s, const char *name)
{
	for (size_t i = 0; i < s->n_slots; i++) {
		if (!strcmp(s->slots[i].c.spec.name, name))
			return &s->slots[i].c;
	}
	return NULL;
}

size_t supervise_list(const struct supervise *s, const struct supervise_child **ret, size_t max)
{
	size_t n = 0;

	for (; n < s->n_slots && n < max; n++)
		ret[n] = &s->slots[n].c;
	return n;
}

static void ended(struct supervise *s, pid_t pid, int status)
{
	for (size_t i = 0; i < s->n_slots; i++) {
		struct slot *sl = &s->slots[i];

		if (sl->c.pid != pid)
			continue;
		sl->c.pid = 0;
		sl->c.last_status = status;
		back_off(s, sl);
		return;
	}
	if (s->ops.reaped)
		s->ops.reaped(s->ops.arg, pid, status);
}

static void reap(struct supervise *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		ended(s, pid, status);
}

static void ready(struct supervise *s, pid_t pid)
{
	for (size_t i = 0; i < s->n_slots; i++) {
		struct slot *sl = &s->slots[i];

		if (sl->c.pid == pid && sl->c.state == SUPERVISE_STARTING) {
			sl->c.due_ms = 0;
			set_state(s, sl, SUPERVISE_UP);
		}
	}
}

static void read_notify(struct supervise *s)
{
	pid_t pid;

	while (supervise_notify_read(s->notify_fd, &pid)) {
		if (pid > 0)
			ready(s, pid);
	}
}

static bool read_signals(struct supervise *s)
{
	struct signalfd_siginfo si;
	bool go_on = true;

	while (read(s->signal_fd, &si, sizeof(si)) == (ssize_t)sizeof(si)) {
		if (si.ssi_signo == SIGCHLD)
			continue;
		if (s->ops.signalled && !s->ops.signalled(s->ops.arg, (int)si.ssi_signo))
			go_on = false;
	}
	return go_on;
}

static void child_due(struct supervise *s, struct slot *sl)
{
	sl->c.due_ms = 0;
	if (sl->c.state == SUPERVISE_BACKOFF)
		set_state(s, sl, SUPERVISE_DOWN);
	else if (sl->c.pid > 0)
		(void)kill(sl->c.pid, SIGKILL);
}

static void run_timers(struct supervise *s)
{
	int64_t now = clock_ms();

	for (size_t i = 0; i < s->n_slots; i++) {
		if (s->slots[i].c.due_ms && s->slots[i].c.due_ms <= now)
			child_due(s, &s->slots[i]);
	}
	if (s->timer_ms && s->timer_ms <= now) {
		s->timer_ms = 0;
		s->timer_fn(s->timer_arg);
	}
}

static int poll_timeout(const struct supervise *s, int timeout_ms)
{
	int64_t due = timeout_ms < 0 ? INT64_MAX : clock_ms() + timeout_ms;

	for (size_t i = 0; i < s->n_slots; i++) {
		if (s->slots[i].c.due_ms && s->slots[i].c.due_ms < due)
			due = s->slots[i].c.due_ms;
	}
	if (s->timer_ms && s->timer_ms < due)
		due = s->timer_ms;
	return due == INT64_MAX ? -1 : clock_left_ms(due);
}

/* Watches may come and go while their functions run: call from a copy, and only those still there.
 */
static void run_watches(struct supervise *s, const struct pollfd *fds, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!fds[i].revents)
			continue;
		for (size_t k = 0; k < s->n_watches; k++) {
			if (s->watches[k].fd == fds[i].fd) {
				s->watches[k].fn(s->watches[k].arg, fds[i].fd);
				break;
			}
		}
	}
}

bool supervise_turn(struct supervise *s, int timeout_ms)
{
	struct pollfd fds[WATCH_MAX + 2];
	size_t n = 0;
	bool go_on = true;

	start_all(s);
	fds[n++] = (struct pollfd){ .fd = s->signal_fd, .events = POLLIN };
	fds[n++] = (struct pollfd){ .fd = s->notify_fd, .events = POLLIN };
	for (size_t i = 0; i < s->n_watches; i++)
		fds[n++] = (struct pollfd){ .fd = s->watches[i].fd, .events = POLLIN };
	if (poll(fds, n, poll_timeout(s, timeout_ms)) > 0) {
		/* Readiness first: a child that says so and ends at once was ready. */
		if (fds[1].revents)
			read_notify(s);
		if (fds[0].revents)
			go_on = read_signals(s);
		run_watches(s, fds + 2, n - 2);
	}
	reap(s);
	run_timers(s);
	start_all(s);
	return go_on;
}
