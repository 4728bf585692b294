/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros agent --boot`: the step of the boot plan. `ros agent --user-data FILE`: the same work with
 * files in place of a datasource, below a --root by whoever wants to try them.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/apply/apply.h"
#include "agent/apply/source.h"
#include "agent/command.h"
#include "agent/config/config.h"
#include "agent/console/keywatch.h"
#include "agent/install/unattended.h"
#include "agent/message.h"
#include "datasource/cache.h"
#include "datasource/registry.h"
#include "lib/file.h"

/* Only a machine of ours is set up in place; anything else needs --root. */
#define OUR_MARK "/usr/share/ros/version"
/* init ends this step long before. */
#define GOING_DOWN_S 120

struct options {
	bool boot, json, allow_loopback;
	const char *file[DATASOURCE_N_PARTS];
};

static const struct option long_options[] = {
	{ "meta-data", required_argument, NULL, DATASOURCE_META_DATA },
	{ "user-data", required_argument, NULL, DATASOURCE_USER_DATA },
	{ "vendor-data", required_argument, NULL, DATASOURCE_VENDOR_DATA },
	{ "network-config", required_argument, NULL, DATASOURCE_NETWORK_CONFIG },
	{ "boot", no_argument, NULL, 'b' },
	{ "json", no_argument, NULL, 'j' },
	{ "allow-loopback", no_argument, NULL, 'l' },
	{ NULL, 0, NULL, 0 },
};

static bool parse(int argc, char **argv, struct options *ret, struct error *err)
{
	int c;

	optind = 1;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (c == 'b')
			ret->boot = true;
		else if (c == 'j')
			ret->json = true;
		else if (c == 'l')
			ret->allow_loopback = true;
		else if (c >= 0 && c < DATASOURCE_N_PARTS)
			ret->file[c] = optarg;
		else
			break;
	}
	if (c != -1) {
		(void)error_set(err, EINVAL, "%s is no option, or lacks its argument",
				argv[optind - 1]);
		return false;
	}
	if (optind == argc && ret->boot == !ret->file[DATASOURCE_USER_DATA])
		return true;
	(void)error_set(err, EINVAL, "either --boot or --user-data FILE is wanted");
	return false;
}

/* --- where the payload comes from --- */

/* Files that the caller names are his, not the other machine's: they are not taken below --root. */
static int read_files(const struct options *o, struct datasource_payload *ret, struct error *err)
{
	(void)snprintf(ret->source, sizeof(ret->source), "file");
	(void)snprintf(ret->where, sizeof(ret->where), "%s", o->file[DATASOURCE_USER_DATA]);
	for (int i = 0; i < DATASOURCE_N_PARTS; i++) {
		AUTO_FCLOSE FILE *f = NULL;
		int r;

		ret->part[i] = BUF_WITH_LIMIT(DATASOURCE_FILE_MAX);
		if (!o->file[i])
			continue;
		f = fopen(o->file[i], "re");
		if (!f)
			return error_sys(err, errno, "%s", o->file[i]);
		r = file_read_fd(fileno(f), o->file[i], &ret->part[i], err);
		if (r < 0)
			return r;
		ret->has[i] = true;
	}
	return 0;
}

static void say(struct doc_pool *p, bool is_error, const char *text)
{
	doc_say(p, is_error, (struct doc_origin){ 0 }, "%s", text);
}

/* --- the two ways to run --- */

static void print_messages(const struct doc_pool *p)
{
	size_t n;
	const struct doc_message *m = doc_messages(p, &n);

	for (size_t i = 0; i < n; i++) {
		AUTO_BUF struct buf line = { 0 };

		doc_message_text(&m[i], &line);
		(void)fprintf(stderr, "ros: agent: %s%s\n", m[i].is_error ? "" : "warning: ",
			      buf_text(&line));
	}
}

static bool has_failed(const struct apply *a, const char *module)
{
	for (size_t i = 0; i < a->n_rows; i++)
		if (!strcmp(a->rows[i].name, module))
			return a->rows[i].result == MODULE_FAILED;
	return false;
}

/* Its secrets may go now. */
static int tell_source(const struct machine *m, const struct apply *a, struct error *err)
{
	const struct datasource_ctx ctx = {
		.machine = m,
		.clear_guestinfo = doc_bool(a->config, "rancher.cloud_init.clear_guestinfo", false),
	};
	const char *name = a->payload->source;
	const struct datasource *s = registry_find(name, strlen(name));

	/* A password that could not be set is asked for again at the next boot. */
	if (!s || !s->used || has_failed(a, "platform_password"))
		return 0;
	return s->used(&ctx, a->payload, err);
}

/* After a good boot: what was fetched and what parses is remembered. */
static void remember(const struct machine *m, const struct apply *a, bool fetched)
{
	struct error err = { 0 };

	if (config_keep_good(m->root, &err) < 0)
		say(a->pool, false, err.msg);
	if (file_exists(m->root, CONFIG_BAD))
		say(a->pool, false,
		    CONFIG_BAD " did not parse, and its last good copy took its place (put it "
			       "right and move it back, or remove it)");
	if (!fetched || !a->user_data_good)
		return;
	/* The data of an instance before are not this one's last good ones. */
	if ((a->instance.id ? cache_save(m, a->instance.id, a->payload, &err) :
			      cache_forget(m, &err)) < 0 ||
	    (a->instance.id && tell_source(m, a, &err) < 0))
		say(a->pool, false, err.msg);
}

/* Being ended while the machine goes down is how this step is meant to end. */
static void leave(int number)
{
	(void)number;
	_exit(COMMAND_OK);
}

/* A machine that installs itself starts nothing else: it is about to restart. */
static void install(const struct doc_node *config)
{
	struct error err = { 0 };
	bool going = false;

	if (unattended_run(config, &going, &err) < 0)
		message_say(JOURNAL_FAIL, "install", "%s", err.msg);
	if (!going)
		return;
	(void)signal(SIGTERM, leave);
	(void)sleep(GOING_DOWN_S);
	message_say(JOURNAL_FAIL, "install",
		    "the machine did not go down for %d s: the boot goes on without it",
		    GOING_DOWN_S);
}

static int run_boot(const struct env *env, struct doc_pool *pool, struct apply *a,
		    struct error *err)
{
	AUTO_FREE struct machine *m = calloc(1, sizeof(*m));
	AUTO_PAYLOAD struct datasource_payload payload = { 0 };
	AUTO_EARLYNET struct earlynet net = EARLYNET(a->live);
	struct source source = { .machine = m, .pool = pool, .net = &net };
	bool found;
	int r;

	if (!m)
		return COMMAND_FAILED;
	a->network = source_network;
	a->network_arg = &net;
	machine_load(m, env->root);
	found = source_find(&source, &payload);
	if (found)
		a->payload = &payload;
	journal_say(JOURNAL_CONFIG, "datasource", "%s%s%s",
		    !found ? "none is here" : source.is_cached ? "cache" : payload.source,
		    found ? ": read from " : "", payload.where);
	r = apply_all(a, err);
	if (r == 0)
		remember(m, a, source.is_fetched);
	if (r == 0)
		keywatch_arm(m->root, a->config, &a->instance);
	message_keep("agent", pool);
	a->payload = NULL;
	if (r == 0)
		install(a->config);
	return r < 0 ? COMMAND_FAILED : COMMAND_OK;
}

static void print_rows(const struct apply *a, bool as_json)
{
	AUTO_BUF struct buf out = { 0 };

	if (as_json)
		apply_json(a, &out);
	for (size_t i = 0; !as_json && i < a->n_rows; i++)
		buf_fmt(&out, "%-20s %-10s %s\n", a->rows[i].name,
			module_result_name(a->rows[i].result), a->rows[i].message);
	(void)fputs(buf_text(&out), stdout);
}

/* What was done is printed also when something failed. */
static int run_files(const struct options *o, struct doc_pool *pool, struct apply *a,
		     struct error *err)
{
	AUTO_PAYLOAD struct datasource_payload payload = { 0 };
	int r = read_files(o, &payload, err);

	if (r < 0)
		return COMMAND_FAILED;
	a->payload = &payload;
	r = apply_all(a, err);
	a->payload = NULL;
	print_messages(pool);
	print_rows(a, o->json);
	return r < 0 || doc_has_errors(pool) ? COMMAND_FAILED : COMMAND_OK;
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *pool = NULL;
	struct options o = { 0 };
	struct apply a = { .root = env->root, .live = env->root == FILE_ROOT };

	if (!parse(argc, argv, &o, err))
		return COMMAND_USAGE;
	if (a.live && !file_exists(FILE_ROOT, OUR_MARK)) {
		(void)error_set(err, ECANCELED,
				"this machine does not run OcicatOS: give --root DIR");
		return COMMAND_FAILED;
	}
	if (doc_pool_new(&pool, err) < 0)
		return COMMAND_FAILED;
	a.pool = pool;
	a.boot = o.boot;
	a.allow_loopback = o.allow_loopback;
	return o.boot ? run_boot(env, pool, &a, err) : run_files(&o, pool, &a, err);
}

const struct command command_agent = {
	.name = "agent",
	.args = "--boot | --user-data FILE [--meta-data FILE] [--vendor-data FILE] "
		"[--network-config FILE] [--allow-loopback] [--json]",
	.help = "Apply metadata and user-data.",
	.run = run,
};
