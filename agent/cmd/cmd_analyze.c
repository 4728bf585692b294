/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros analyze`: where the time of a boot went, from its journal.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/command.h"
#include "agent/status/analyze.h"
#include "agent/status/history.h"
#include "lib/file.h"
#include "lib/journal.h"

struct options {
	bool json;
	const char *svg;
	const char *journal;
};

static int parse(struct options *o, int argc, char **argv, struct error *err)
{
	*o = (struct options){ .journal = JOURNAL_PATH };
	for (int i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "--json"))
			o->json = true;
		else if (!strcmp(argv[i], "--svg") && i + 1 < argc)
			o->svg = argv[++i];
		else if (!strcmp(argv[i], "--journal") && i + 1 < argc)
			o->journal = argv[++i];
		else
			return error_set(err, EINVAL, "unknown option, or one without its file: %s",
					 argv[i]);
	}
	return 0;
}

static int write_svg(const struct analyze *a, const char *path, struct error *err)
{
	AUTO_BUF struct buf out = { 0 };
	FILE *f;
	int r;

	analyze_svg(a, &out);
	r = buf_check(&out, err);
	if (r < 0)
		return r;
	f = fopen(path, "we");
	if (!f)
		return error_sys(err, errno, "%s", path);
	(void)fwrite(out.data, 1, out.len, f);
	if (fclose(f) != 0)
		return error_sys(err, errno, "write %s", path);
	return 0;
}

static int analyze(int root, const struct options *o, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *pool = NULL;
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(JOURNAL_MAX);
	AUTO_BUF struct buf out = { 0 };
	struct event_list events;
	struct analyze a;
	int r;

	r = doc_pool_new(&pool, err);
	if (r == 0)
		r = file_read(root, o->journal, &text, err);
	if (r == 0)
		r = events_parse(pool, buf_text(&text), text.len, &events, err);
	if (r == 0)
		r = analyze_make(pool, &events, &a, err);
	if (r == 0 && o->svg)
		r = write_svg(&a, o->svg, err);
	if (r < 0)
		return r;
	if (o->json)
		analyze_json(&a, &out);
	else if (!o->svg)
		analyze_text(&a, &out);
	r = buf_check(&out, err);
	if (r == 0)
		fputs(buf_text(&out), stdout);
	return r;
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	struct options o;

	if (parse(&o, argc, argv, err) < 0)
		return COMMAND_USAGE;
	return analyze(env->root, &o, err) < 0 ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_analyze = {
	.name = "analyze",
	.args = "[--svg FILE] [--json] [--journal FILE]",
	.help = "Show where the time of the boot went: time line, slowest, critical chain.",
	.run = run,
};
