/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `halt`, `poweroff`, `reboot`, `shutdown`: they ask init, which does the work in its order. A
 * broken configuration is told and keeps nobody from going down.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "agent/cmd/power.h"
#include "agent/command.h"
#include "agent/config/config.h"
#include "lib/control.h"
#include "lib/doc/doc.h"
#include "lib/file.h"

#define ASK_MS 10000
#define TIMEOUT_S 60
#define TIMEOUT_MIN_S 5

/* Tell about mistakes in the configuration, which would be found at the next boot only. Returns
 * rancher.shutdown_timeout. */
static int look_at_config(void)
{
	AUTO(doc_pool_free) struct doc_pool *pool = NULL;
	const struct doc_node *config = NULL;
	const struct doc_message *m;
	struct error err = { 0 };
	int64_t timeout;
	size_t n;

	if (doc_pool_new(&pool, &err) < 0 || config_load(FILE_ROOT, pool, &config, &err) < 0) {
		fprintf(stderr, "ros: configuration: %s\n", err.msg);
		return TIMEOUT_S;
	}
	m = doc_messages(pool, &n);
	for (size_t i = 0; i < n; i++)
		if (m[i].is_error)
			fprintf(stderr, "ros: the next boot will meet: %s:%u:%u: %s\n",
				m[i].origin.source, m[i].origin.line, m[i].origin.column,
				m[i].text);
	timeout = doc_int(config, "rancher.shutdown_timeout", TIMEOUT_S);
	if (timeout < TIMEOUT_MIN_S)
		return TIMEOUT_MIN_S;
	return timeout > 86400 ? 86400 : (int)timeout;
}

/* Who asks, for the journal: the user behind sudo, and the terminal. */
static void who(char *ret, size_t size)
{
	const char *user = getenv("SUDO_USER");
	const char *tty = ttyname(STDIN_FILENO);

	snprintf(ret, size, "%s%s%s", user && *user ? user : "root", tty ? " on " : "",
		 tty && !strncmp(tty, "/dev/", 5) ? tty + 5 : "");
	for (char *c = ret; *c; c++)
		if ((unsigned char)*c < ' ')
			*c = '?';
}

/* init does not answer: -f goes down all the same. */
static int force_down(const struct power_request *req, struct error *err)
{
	int how = req->kind == POWER_HALT ? RB_HALT_SYSTEM :
		  req->kind == POWER_POWEROFF ? RB_POWER_OFF : RB_AUTOBOOT;

	fprintf(stderr, "ros: %s: init does not answer (%s): going down at once\n",
		power_kind_name(req->kind), err->msg);
	sync();
	if (reboot(how) < 0)
		return error_sys(err, errno, "reboot(2)");
	return 0;
}

static int ask(const struct power_request *req, struct error *err)
{
	AUTO_BUF struct buf reply = BUF_WITH_LIMIT(CONTROL_MAX);
	char request[512], by[128];
	int r;

	who(by, sizeof(by));
	snprintf(request, sizeof(request), "%s%s timeout=%d by %s", power_kind_name(req->kind),
		 req->force ? " force" : "", req->force ? TIMEOUT_S : look_at_config(), by);
	r = control_ask(request, ASK_MS, &reply, err);
	if (r < 0 && req->force)
		r = force_down(req, err);
	return r;
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	struct power_request req;

	(void)env;
	if (power_parse(&req, argc, argv, err) < 0)
		return COMMAND_USAGE;
	if (geteuid() != 0) {
		error_set(err, EPERM, "only root may do this (run: sudo %s)", argv[0]);
		return COMMAND_FAILED;
	}
	if (ask(&req, err) < 0)
		return COMMAND_FAILED;
	printf("%s: the machine is going down\n", power_kind_name(req.kind));
	return COMMAND_OK;
}

/* argv[0] may be a path. */
static int run_as(const struct env *env, int argc, char **argv, struct error *err, const char *name)
{
	char own[16], *args[64];

	if (argc >= (int)ARRAY_LEN(args)) {
		error_set(err, E2BIG, "too many arguments");
		return COMMAND_USAGE;
	}
	snprintf(own, sizeof(own), "%s", name);
	memcpy(args, argv, (size_t)argc * sizeof(*argv));
	args[0] = own;
	args[argc] = NULL;
	return run(env, argc, args, err);
}

#define POWER(kind, options, sentence)                                                         \
	static int run_##kind(const struct env *env, int argc, char **argv, struct error *err) \
	{                                                                                      \
		return run_as(env, argc, argv, err, #kind);                                    \
	}                                                                                      \
	const struct command command_##kind = { .name = #kind,                                 \
						.alias = #kind,                                \
						.args = options,                               \
						.help = sentence,                              \
						.run = run_##kind }

POWER(poweroff, "[-f]", "Stop everything in its order and power off; -f: skip the containers.");
POWER(reboot, "[-f]", "Stop everything in its order and start again.");
POWER(halt, "[-f]", "Stop everything in its order and halt the processor.");
POWER(shutdown, "[-f] [-h|-H|-P|-r] [now|+0]", "Power off, or what the option says.");
