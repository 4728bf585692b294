/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros service VERB`: understands the words; servicectl.c does the work.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/command.h"
#include "agent/convert.h"
#include "agent/service/servicectl.h"

#define TIMEOUT 10
#define LINES 100

enum { OPT_FORCE_RECREATE = 256, OPT_NO_RECREATE, OPT_IGNORE_PULL, OPT_LINES, OPT_IGNORED };

static const struct option options[] = {
	{ "all", no_argument, NULL, 'a' },
	{ "json", no_argument, NULL, 'j' },
	{ "update", no_argument, NULL, 'u' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "follow", no_argument, NULL, 'f' },
	{ "force", no_argument, NULL, 'f' },
	{ "lines", required_argument, NULL, OPT_LINES },
	{ "timeout", required_argument, NULL, 't' },
	{ "signal", required_argument, NULL, 's' },
	{ "force-recreate", no_argument, NULL, OPT_FORCE_RECREATE },
	{ "no-recreate", no_argument, NULL, OPT_NO_RECREATE },
	{ "no-build", no_argument, NULL, OPT_IGNORED }, /* nothing is built here */
	{ "ignore-pull-failures", no_argument, NULL, OPT_IGNORE_PULL },
	{ 0 },
};

static int number(const char *text, int *ret, struct error *err)
{
	int64_t v;
	int r = convert_integer(text, &v, err);

	if (r == 0 && (v < -1 || v > 1000000))
		return error_set(err, EINVAL, "%s is out of range", text);
	if (r == 0)
		*ret = (int)v;
	return r;
}

static int take_option(struct servicectl_options *o, int c, struct error *err)
{
	switch (c) {
	case 'a':
		o->all = true;
		break;
	case 'j':
		o->json = true;
		break;
	case 'q':
		o->quiet = true;
		break;
	case 'f':
		o->follow = o->force = true;
		break;
	case 'u':
		o->update = true;
		break;
	case 'v':
		o->volumes = true;
		break;
	case 's':
		o->signal = optarg;
		break;
	case 't':
		return number(optarg, &o->timeout, err);
	case OPT_LINES:
		return number(optarg, &o->lines, err);
	case OPT_FORCE_RECREATE:
		o->force_recreate = true;
		break;
	case OPT_NO_RECREATE:
		o->no_recreate = true;
		break;
	case OPT_IGNORE_PULL:
		o->ignore_pull_failures = true;
		break;
	case OPT_IGNORED:
		break;
	default:
		return error_set(err, EINVAL, "unknown option (try --help)");
	}
	return 0;
}

static int parse(struct servicectl_options *o, int argc, char **argv, struct error *err)
{
	int c, r = 0;

	*o = (struct servicectl_options){ .timeout = TIMEOUT, .lines = LINES, .signal = "SIGKILL" };
	opterr = 0;
	optind = 0;
	while (r == 0 && (c = getopt_long(argc, argv, "aujqfvs:t:", options, NULL)) != -1)
		r = take_option(o, c, err);
	o->names = argv + optind;
	o->n_names = argc - optind;
	return r;
}

/* "Remove …? [y/N]": without an answer nothing is removed. */
static bool confirmed(const struct servicectl_options *o)
{
	char answer[16];

	if (o->force)
		return true;
	fprintf(stderr, "Remove the containers of %d services? [y/N] ", o->n_names);
	return fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

static int serve(const struct env *env, int argc, char **argv, bool needs_names,
		 int (*verb)(struct servicectl *c, struct error *err), struct error *err)
{
	struct servicectl AUTO_SERVICECTL c = { 0 };
	struct servicectl_options o;

	if (parse(&o, argc, argv, err) < 0)
		return COMMAND_USAGE;
	if (needs_names && o.n_names == 0) {
		error_set(err, EINVAL, "name at least one service");
		return COMMAND_USAGE;
	}
	if (verb == servicectl_rm && !confirmed(&o)) {
		error_set(err, ECANCELED, "nothing was removed");
		return COMMAND_FAILED;
	}
	if (servicectl_open(env->root, &o, &c, err) < 0)
		return COMMAND_FAILED;
	return verb(&c, err) < 0 ? COMMAND_FAILED : COMMAND_OK;
}

#define VERB(verb, names_needed, words, sentence)                                          \
	static int run_##verb(const struct env *env, int argc, char **argv, struct error *err) \
	{                                                                                  \
		return serve(env, argc, argv, names_needed, servicectl_##verb, err);       \
	}                                                                                  \
	const struct command command_service_##verb = {                                    \
		.name = "service " #verb,                                                  \
		.args = words,                                                             \
		.help = sentence,                                                          \
		.run = run_##verb,                                                         \
	}

VERB(list, false, "[-a] [-u] [--json]",
     "List enabled and disabled services; -a: the built-in ones too; -u: ask the repositories.");
VERB(ps, false, "[-q] [NAME…]", "Show the containers of services.");
VERB(up, false, "[--force-recreate|--no-recreate] [NAME…]",
     "Make and start the containers of services, as their definitions say now.");
VERB(create, true, "[--force-recreate|--no-recreate] NAME…",
     "Make containers without starting them.");
VERB(start, true, "NAME…", "Start the containers of services.");
VERB(stop, true, "[-t SECONDS] NAME…", "Stop the containers of services.");
VERB(restart, true, "[-t SECONDS] NAME…", "Restart the containers of services.");
VERB(kill, true, "[-s SIGNAL] NAME…", "Send a signal to the containers of services.");
VERB(rm, true, "[-f] [-v] NAME…", "Remove the containers of services; -v: their volumes too.");
VERB(logs, true, "[--lines N] [-f] NAME…",
     "Print what services said; -f: and what the only one named says later.");
VERB(pull, false, "[--ignore-pull-failures] [NAME…]", "Pull the images of services.");
