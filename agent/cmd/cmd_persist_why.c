/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros persist why PATH`: whether what is at a path lives on after power off, and why.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/command.h"
#include "lib/buf.h"
#include "lib/file.h"
#include "lib/layout.h"

#define STATE_FILE "/run/ros/state"

static bool is_kept(const struct layout_row *row, bool ram)
{
	return row->kind == LAYOUT_IMAGE ||
	       (!ram && (row->kind == LAYOUT_STATE || row->kind == LAYOUT_OVERLAY));
}

static void where(const struct layout_row *row, const char *path, char *ret, size_t size)
{
	const char *below = path + (row->path[1] ? strlen(row->path) : 0);

	if (row->kind == LAYOUT_STATE || row->kind == LAYOUT_OVERLAY)
		snprintf(ret, size, "/state/%s%s", row->source, below);
	else if (row->kind == LAYOUT_LINK)
		snprintf(ret, size, "%s%s", row->source, below);
	else
		snprintf(ret, size, "%s", path);
}

/* A link is decided where it points to. */
static const struct layout_row *decide(const char *path, char *real, size_t size)
{
	const struct layout_row *row = layout_find(path);

	snprintf(real, size, "%s", path);
	if (row->kind != LAYOUT_LINK)
		return row;
	snprintf(real, size, "%s%s%s", row->source[0] == '/' ? "" : "/", row->source,
		 path + strlen(row->path));
	return layout_find(real);
}

static void print_json(const char *path, const struct layout_row *row, const char *at, bool kept)
{
	AUTO_BUF struct buf out = { 0 };

	buf_str(&out, "{\"path\":\"");
	buf_json(&out, path);
	buf_fmt(&out, "\",\"rule\":\"%s\",\"kept\":%s,\"where\":\"", row->path,
		kept ? "true" : "false");
	buf_json(&out, at);
	buf_str(&out, "\",\"why\":\"");
	buf_json(&out, row->why);
	buf_str(&out, "\"}\n");
	fputs(buf_text(&out), stdout);
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO_BUF struct buf state = BUF_WITH_LIMIT(1024);
	const char *path = NULL;
	bool json = false, ram, kept;
	char real[1024], at[1280];
	const struct layout_row *row;

	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--json"))
			json = true;
		else if (argv[i][0] == '/' && !path)
			path = argv[i];
		else {
			error_set(err, EINVAL, "%s: an absolute path is wanted", argv[i]);
			return COMMAND_USAGE;
		}
	}
	if (!path) {
		error_set(err, EINVAL, "which path?");
		return COMMAND_USAGE;
	}
	(void)!file_read(env->root, STATE_FILE, &state, NULL);
	ram = !strncmp(buf_text(&state), "ram:", 4);
	row = decide(path, real, sizeof(real));
	kept = is_kept(row, ram);
	where(row, real, at, sizeof(at));
	if (json) {
		print_json(path, row, at, kept);
		return COMMAND_OK;
	}
	printf("%s: %s\n  %s: %s\n", path, kept ? "kept" : "gone at power off", row->path,
	       row->why);
	if (strcmp(at, path))
		printf("  it is at %s\n", at);
	if (ram && (row->kind == LAYOUT_STATE || row->kind == LAYOUT_OVERLAY))
		printf("  there is no state disk (%.*s)\n", (int)strcspn(buf_text(&state), "\n"),
		       buf_text(&state));
	return COMMAND_OK;
}

const struct command command_persist_why = {
	.name = "persist why",
	.args = "PATH [--json]",
	.help = "Say whether what is at PATH lives on after power off, and why.",
	.run = run,
};
