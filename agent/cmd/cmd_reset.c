/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros reset`: shows what a factory reset takes away, asks, and restarts; the boot does it.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/command.h"
#include "agent/config/config.h"
#include "agent/state/reset.h"
#include "datasource/azure_kept.h"
#include "installer/install.h"
#include "lib/control.h"
#include "lib/file.h"

#define STATE      "/state"
#define STATE_FILE "/run/ros/state"
#define ASK_MS     15000

/* What the installer, a datasource or boot2docker's disk put there: the medium that brought it may
 * be gone, and without it nobody could log in. */
static const char *const kept[] = { INSTALL_USER_CONFIG, CONFIG_VENDOR, CONFIG_BOOT, CONFIG_NETWORK,
				    CONFIG_MACHINE, AZURE_KEPT_DIR };

struct options {
	struct reset reset;
	bool all, force, dry_run, json, no_reboot;
};

static const struct option long_options[] = {
	{ "keep", required_argument, NULL, 'k' },
	{ "all", no_argument, NULL, 'a' },
	{ "force", no_argument, NULL, 'f' },
	{ "dry-run", no_argument, NULL, 'n' },
	{ "json", no_argument, NULL, 'j' },
	{ "no-reboot", no_argument, NULL, 'r' },
	{ NULL, 0, NULL, 0 },
};

static int parse(int argc, char **argv, struct options *o, struct error *err)
{
	int c, r = 0;

	optind = 0; /* getopt forgets where it was in an earlier argv */
	opterr = 0;
	while (r == 0 && (c = getopt_long(argc, argv, "k:f", long_options, NULL)) != -1) {
		if (c == 'k')
			r = reset_keep(&o->reset, optarg, err);
		else if (c == '?')
			r = error_set(err, EINVAL, "%s is no option, or lacks its argument",
				      argv[optind - 1]);
		o->all |= c == 'a';
		o->force |= c == 'f';
		o->dry_run |= c == 'n';
		o->json |= c == 'j';
		o->no_reboot |= c == 'r';
	}
	if (r == 0 && optind < argc)
		r = error_set(err, EINVAL, "%s: no argument is wanted", argv[optind]);
	for (size_t i = 0; r == 0 && !o->all && i < ARRAY_LEN(kept); i++)
		r = reset_keep(&o->reset, kept[i], err);
	return r;
}

static void json_lines(const struct buf *lines, struct buf *out)
{
	const char *gap = "";

	for (const char *p = buf_text(lines); *p; p += strcspn(p, "\n") + 1) {
		AUTO_FREE char *line = strndup(p, strcspn(p, "\n"));

		buf_fmt(out, "%s\"", gap);
		buf_json(out, line ? line : "");
		buf_char(out, '"');
		gap = ",";
	}
}

static int show(const struct options *o, int state, struct error *err)
{
	AUTO_BUF struct buf goes = { 0 }, stays = { 0 }, out = { 0 };
	int r = reset_preview(state, &o->reset, &goes, &stays, err);

	if (r < 0)
		return r;
	if (o->json) {
		buf_str(&out, "{\"removed\":[");
		json_lines(&goes, &out);
		buf_str(&out, "],\"kept\":[");
		json_lines(&stays, &out);
		buf_str(&out, "]}\n");
	} else {
		buf_fmt(&out, "removed from the state disk:\n%sand kept:\n%s", buf_text(&goes),
			stays.len ? buf_text(&stays) : "(nothing)\n");
	}
	(void)fputs(buf_text(&out), stdout);
	(void)fflush(stdout);
	return 0;
}

static bool agreed(void)
{
	char answer[16] = "";

	(void)printf("All of it is lost. Restart and reset now? [yN]: ");
	(void)fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

static int reset(const struct env *env, const struct options *o, struct error *err)
{
	AUTO_BUF struct buf where = BUF_WITH_LIMIT(1024), reply = BUF_WITH_LIMIT(CONTROL_MAX);
	AUTO_CLOSE int state = -1;
	int r;

	if (file_read(env->root, STATE_FILE, &where, NULL) == 0 &&
	    !strncmp(buf_text(&where), "ram:", 4))
		return error_set(err, ENODATA,
				 "there is no state disk: a restart is a reset (run: reboot)");
	r = file_open(env->root, STATE, O_RDONLY | O_DIRECTORY, 0, &state, err);
	if (r == 0)
		r = show(o, state, err);
	if (r < 0 || o->dry_run)
		return r;
	if (!o->force && !agreed())
		return error_set(err, ECANCELED, "nothing was changed (--force asks nothing)");
	r = reset_request(state, &o->reset, err);
	if (r < 0 || o->no_reboot || env->root != FILE_ROOT)
		return r;
	return control_ask("reboot by ros reset", ASK_MS, &reply, err);
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO_FREE struct options *o = calloc(1, sizeof(*o));

	if (!o)
		return error_sys(err, ENOMEM, "reset");
	if (parse(argc, argv, o, err) < 0)
		return COMMAND_USAGE;
	return reset(env, o, err) < 0 ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_reset = {
	.name = "reset",
	.args = "[--keep PATH]… [--all] [-f] [--no-reboot] [--dry-run] [--json]",
	.help = "Empty the state disk at the next start (factory reset), and restart.",
	.run = run,
};
