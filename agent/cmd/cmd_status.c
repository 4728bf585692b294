/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros status`: gathers what can be read (without root some of it cannot) and prints the verdict.
 * Exit 0: healthy, 1: not.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/command.h"
#include "agent/engine/engine.h"
#include "agent/message.h"
#include "agent/status/history.h"
#include "agent/status/status_print.h"
#include "lib/control.h"
#include "lib/file.h"
#include "lib/journal.h"

#define SMALL (256u << 10)
#define CONTROL_MS 1000
#define ENGINE_MS 1000

/* What was read; every buffer may be empty. */
struct sources {
	struct buf journal, previous, panic, shutdown, control, containers;
	struct buf messages, version, state, image, datasource;
	char hostname[256];
};

static void done(struct sources *s)
{
	struct buf *all[] = { &s->journal,  &s->previous,   &s->panic,	  &s->shutdown,
			      &s->control,  &s->containers, &s->messages, &s->version,
			      &s->state,    &s->image,	    &s->datasource };

	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		buf_done(all[i]);
}

static void read_small(int root, const char *path, struct buf *b)
{
	b->limit = SMALL;
	/* What is not there, or not for us to read, is not shown. */
	(void)!file_read(root, path, b, NULL);
}

static int list_containers(struct doc_pool *p, struct buf *out)
{
	const struct engine_call call = { .method = "GET", .path = "/containers/json?all=1",
					  .timeout_ms = ENGINE_MS };
	AUTO(engine_free) struct engine *engine = NULL;
	const struct doc_node *list = NULL;
	int r;

	r = engine_open(ENGINE_SYSTEM, ENGINE_MS, &engine, NULL);
	if (r == 0)
		r = engine_do(engine, &call, p, &list, NULL);
	for (size_t i = 0; r == 0 && list && list->kind == DOC_SEQ && i < list->len; i++) {
		const struct doc_node *names = doc_key(list->items[i], "Names");
		const char *name = names && names->kind == DOC_SEQ && names->len
					   ? names->items[0]->text
					   : "";

		buf_fmt(out, "%s %s\n", *name == '/' ? name + 1 : name,
			doc_str(list->items[i], "State", "?"));
	}
	return r;
}

/* What only a running machine has, and only root may ask. */
static void ask_machine(struct doc_pool *p, struct sources *s, struct status_input *in)
{
	if (geteuid() != 0)
		return;
	s->control.limit = CONTROL_MAX;
	if (control_ask("status", CONTROL_MS, &s->control, NULL) == 0)
		in->control = buf_text(&s->control);
	if (access(ENGINE_SYSTEM, F_OK) == 0 && list_containers(p, &s->containers) == 0)
		in->containers = buf_text(&s->containers);
}

static void first_line(struct buf *b)
{
	char *nl = b->data ? strchr(b->data, '\n') : NULL;

	if (nl)
		*nl = '\0';
}

static int gather(int root, struct doc_pool *p, struct sources *s, struct status_input *in,
		  struct error *err)
{
	const struct doc_node *ds = NULL;
	struct timespec up;
	int r;

	s->journal.limit = s->previous.limit = JOURNAL_MAX;
	r = file_read(root, JOURNAL_PATH, &s->journal, err);
	if (r == 0)
		r = events_parse(p, buf_text(&s->journal), s->journal.len, &in->events, err);
	if (r == 0 && history_previous(root, &s->previous, &s->panic, NULL) == 0)
		r = events_parse(p, buf_text(&s->previous), s->previous.len, &in->previous, err);
	if (r < 0)
		return r;
	read_small(root, HISTORY_LAST_STOP, &s->shutdown);
	read_small(root, MESSAGE_PATH, &s->messages);
	read_small(root, "/usr/share/ros/version", &s->version);
	read_small(root, "/run/ros/state", &s->state);
	read_small(root, "/run/ros/image", &s->image);
	read_small(root, "/run/ros/datasource.json", &s->datasource);
	first_line(&s->version);
	if (s->datasource.len)
		(void)!doc_json_parse(p, "datasource", buf_text(&s->datasource), s->datasource.len,
				      &ds, NULL);
	in->datasource = doc_str(ds, "datasource", NULL);
	in->instance = doc_str(ds, "instance_id", "");
	if (clock_gettime(CLOCK_BOOTTIME, &up) == 0)
		in->uptime_s = (unsigned long)up.tv_sec;
	(void)!gethostname(s->hostname, sizeof(s->hostname) - 1);
	if (root == FILE_ROOT)
		ask_machine(p, s, in);
	in->panic = buf_text(&s->panic);
	in->last_shutdown = buf_text(&s->shutdown);
	in->messages = buf_text(&s->messages);
	in->version = buf_text(&s->version);
	in->state = buf_text(&s->state);
	in->image = buf_text(&s->image);
	in->hostname = s->hostname;
	return 0;
}

static int show(const struct env *env, struct sources *s, bool json, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *pool = NULL;
	AUTO_BUF struct buf out = { 0 };
	struct status_input in = { 0 };
	struct status status;
	int r;

	r = doc_pool_new(&pool, err);
	if (r == 0)
		r = gather(env->root, pool, s, &in, err);
	if (r == 0)
		r = status_make(pool, &in, &status, err);
	if (r < 0)
		return COMMAND_FAILED;
	if (json)
		status_print_json(&status, &out);
	else
		status_print_text(&status, &out);
	if (buf_check(&out, err) < 0)
		return COMMAND_FAILED;
	fputs(buf_text(&out), stdout);
	return status.health == STATUS_HEALTHY ? COMMAND_OK : COMMAND_FAILED;
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	struct sources sources = { 0 };
	bool json = argc == 2 && !strcmp(argv[1], "--json");
	int r;

	if (argc > 1 && !json) {
		error_set(err, EINVAL, "unknown option %s", argv[1]);
		return COMMAND_USAGE;
	}
	r = show(env, &sources, json, err);
	done(&sources);
	return r;
}

const struct command command_status = {
	.name = "status",
	.args = "[--json]",
	.help = "Show what is up, what failed and why, and why the machine last stopped.",
	.run = run,
};
