/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros datasource serve DIR`: shows a plain folder as the metadata service of every cloud that it
 * knows, for trying user-data before a cloud is paid.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <sys/signalfd.h>

#include "agent/command.h"
#include "datasource/serve/server.h"
#include "lib/file.h"
#include "lib/scope.h"

#define DEFAULT_LISTEN "127.0.0.1:8000"

struct options {
	const char *dir, *listen;
	bool require_token, verbose;
};

static const struct option long_options[] = {
	{ "listen", required_argument, NULL, 'l' },
	{ "require-token", no_argument, NULL, 't' },
	{ "verbose", no_argument, NULL, 'v' },
	{ NULL, 0, NULL, 0 },
};

static bool parse(int argc, char **argv, struct options *ret, struct error *err)
{
	int c;

	optind = 1;
	opterr = 0;
	ret->listen = DEFAULT_LISTEN;
	while ((c = getopt_long(argc, argv, "v", long_options, NULL)) != -1) {
		if (c == 'l')
			ret->listen = optarg;
		else if (c == 't')
			ret->require_token = true;
		else if (c == 'v')
			ret->verbose = true;
		else
			break;
	}
	if (c != -1) {
		(void)error_set(err, EINVAL, "%s is no option, or lacks its argument",
				argv[optind - 1]);
		return false;
	}
	if (optind + 1 == argc) {
		ret->dir = argv[optind];
		return true;
	}
	(void)error_set(err, EINVAL, "one folder is wanted");
	return false;
}

static void print_line(void *arg, const char *line)
{
	(void)arg;
	(void)fprintf(stderr, "%s\n", line);
}

/* Readable when someone wants us to end. */
static int open_stop(int *ret, struct error *err)
{
	sigset_t set;

	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigaddset(&set, SIGINT);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	*ret = signalfd(-1, &set, SFD_CLOEXEC);
	return *ret < 0 ? error_sys(err, errno, "signalfd") : 0;
}

/* Like every file that a caller names, it is his own, unless he stands below a --root. */
static int open_dir(const struct env *env, const char *dir, int *ret, struct error *err)
{
	if (env->root != FILE_ROOT)
		return file_open(env->root, dir, O_RDONLY | O_DIRECTORY, 0, ret, err);
	*ret = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *ret < 0 ? error_sys(err, errno, "%s", dir) : 0;
}

static int serve(const struct env *env, const struct options *o, struct error *err)
{
	AUTO_CLOSE int dir = -1;
	AUTO_CLOSE int stop = -1;
	AUTO_CLOSE int fd = -1;
	char address[SERVE_ADDRESS];
	struct server s = { .log = o->verbose ? print_line : NULL };
	int r = open_dir(env, o->dir, &dir, err);

	if (r == 0)
		r = open_stop(&stop, err);
	if (r == 0)
		r = serve_listen(o->listen, &fd, address, err);
	if (r < 0)
		return COMMAND_FAILED;
	s.listen = fd;
	s.stop = stop;
	s.options.dir = dir;
	s.options.require_token = o->require_token;
	(void)printf("%s\n", address);
	(void)fflush(stdout);
	return serve_run(&s, err) < 0 ? COMMAND_FAILED : COMMAND_OK;
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	struct options o = { 0 };

	return parse(argc, argv, &o, err) ? serve(env, &o, err) : COMMAND_USAGE;
}

const struct command command_datasource_serve = {
	.name = "datasource serve",
	.args = "DIR [--listen ADDRESS] [--require-token] [--verbose]",
	.help = "Show a folder as the metadata service of every cloud, to try user-data.",
	.run = run,
};
