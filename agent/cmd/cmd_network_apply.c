/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros network apply` and `confirm`: tell the network service what the configuration says now, and
 * wait for its answer. `apply --direct` does without the service, for a machine where it is not
 * running.
 */
#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#include "agent/command.h"
#include "agent/config/config.h"
#include "agent/network/check.h"
#include "agent/network/forms.h"
#include "agent/network/spec.h"
#include "agent/network/undo.h"
#include "agent/network/update.h"
#include "lib/clock.h"
#include "lib/file.h"
#include "lib/file_remove.h"

#define CONFIRM_MAX_S 86400
/* Commands of the owner's may take their time. */
#define ANSWER_MS 120000

struct options {
	int64_t confirm_ms;
	const char *input;
	bool direct;
};

static const struct option long_options[] = {
	{ "confirm", required_argument, NULL, 'c' },
	{ "direct", no_argument, NULL, 'd' },
	{ "input", required_argument, NULL, 'i' },
	{ NULL, 0, NULL, 0 },
};

static bool take_option(int c, struct options *o)
{
	char *end;
	long seconds;

	switch (c) {
	case 'c':
		seconds = strtol(optarg, &end, 10);
		o->confirm_ms = seconds * 1000;
		return *optarg && !*end && seconds > 0 && seconds <= CONFIRM_MAX_S;
	case 'd':
		o->direct = true;
		return true;
	case 'i':
		o->input = optarg;
		return true;
	default:
		return false;
	}
}

static bool parse(int argc, char **argv, struct options *ret, struct error *err)
{
	int c;

	*ret = (struct options){ 0 };
	optind = 1;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "i:", long_options, NULL)) != -1)
		if (!take_option(c, ret))
			break;
	if (c == -1 && optind == argc && !(ret->direct && ret->confirm_ms) &&
	    (ret->direct || !ret->input))
		return true;
	(void)error_set(err, EINVAL,
			"usage: ros network apply [--confirm SECONDS | --direct [-i FILE]]");
	return false;
}

static void print_messages(const struct doc_pool *p)
{
	size_t n;
	const struct doc_message *m = doc_messages(p, &n);

	for (size_t i = 0; i < n; i++) {
		AUTO_BUF struct buf line = { 0 };

		doc_message_text(&m[i], &line);
		(void)fprintf(stderr, "ros: network: %s%s\n",
			      m[i].is_error ? "" : "warning: ", buf_text(&line));
	}
}

/* --- without the service --- */

static int read_model(const struct env *env, struct doc_pool *p, const char *input,
		      struct network **ret, struct error *err)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(DOC_SIZE);
	const struct doc_node *config = NULL;
	AUTO_FCLOSE FILE *f = input ? fopen(input, "re") : NULL;
	int r;

	if (input && !f)
		return error_sys(err, errno, "%s", input);
	r = input ? file_read_fd(fileno(f), input, &text, err)
		  : config_load(env->root, p, &config, err);
	if (r < 0)
		return r;
	if (input)
		return network_read(p, input, buf_text(&text), text.len, ret, err);
	*ret = network_read_rancher(p, config);
	return *ret ? 0 : error_set(err, ENOMEM, "no memory");
}

static int apply_direct(const struct env *env, struct doc_pool *p, const char *input,
			struct error *err)
{
	AUTO_FREE struct update *u = calloc(1, sizeof(*u));
	int r = u ? read_model(env, p, input, &u->net, err) : error_set(err, ENOMEM, "no memory");

	if (r == 0)
		r = update_run(u, err);
	if (r < 0)
		return COMMAND_FAILED;
	print_messages(p);
	printf("%zu changes\n", u->steps);
	return doc_has_errors(p) ? COMMAND_FAILED : COMMAND_OK;
}

/* --- by the service --- */

/* Its answer to `id`, if it is there: 1 good, 0 none yet, -EIO when something failed. */
static int read_answer(int root, int64_t id, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(DOC_SIZE);
	const struct doc_node *doc = NULL, *list;

	if (doc_pool_new(&p, NULL) < 0 || file_read(root, SPEC_STATUS, &b, NULL) < 0 ||
	    doc_json_parse(p, SPEC_STATUS, buf_text(&b), b.len, &doc, NULL) < 0 ||
	    doc_int(doc, "id", -1) != id)
		return 0;
	list = doc_key(doc, "messages");
	for (size_t i = 0; list && list->kind == DOC_SEQ && i < list->len; i++)
		(void)fprintf(stderr, "ros: network: %s: %s\n",
			      doc_str(list->items[i], "level", ""),
			      doc_str(list->items[i], "text", ""));
	return doc_bool(doc, "ok", false) ? 1 : error_set(err, EIO, "not everything was done");
}

static int wait_for_answer(int root, int watch, int64_t id, struct error *err)
{
	char events[4096] __attribute__((aligned(__alignof__(struct inotify_event))));
	const int64_t deadline = clock_ms() + ANSWER_MS;
	struct pollfd p = { .fd = watch, .events = POLLIN };

	for (;;) {
		int r = read_answer(root, id, err);

		if (r != 0)
			return r < 0 ? r : 0;
		if (poll(&p, 1, clock_left_ms(deadline)) == 0)
			return error_set(err, ETIMEDOUT,
					 "the network service does not answer (ros service up "
					 "network starts it, --direct does without)");
		while (read(watch, events, sizeof(events)) > 0)
			;
	}
}

static int publish(int root, struct doc_pool *p, const struct doc_node *doc, int64_t confirm_ms,
		   struct error *err)
{
	AUTO_CLOSE int watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	int64_t id;
	int r;

	if (watch < 0 || inotify_add_watch(watch, "/run/ros", IN_MOVED_TO) < 0)
		return error_sys(err, errno, "watch /run/ros");
	r = spec_publish(root, p, doc, confirm_ms, NULL, &id, err);
	/* Before the change can cut the session that this runs in. */
	if (r == 0 && confirm_ms > 0)
		r = undo_leave(root, confirm_ms, err);
	return r < 0 ? r : wait_for_answer(root, watch, id, err);
}

static int apply_by_service(const struct env *env, struct doc_pool *p, int64_t confirm_ms,
			    struct error *err)
{
	const struct doc_node *config = NULL, *doc;
	struct network *net;

	if (config_load(env->root, p, &config, err) < 0)
		return COMMAND_FAILED;
	net = network_read_rancher(p, config);
	if (net)
		network_check(net);
	print_messages(p);
	doc = spec_make(p, config, spec_is_named(env->root, p, config));
	if (!net || !doc) {
		(void)error_set(err, ENOMEM, "no memory");
		return COMMAND_FAILED;
	}
	if (publish(env->root, p, doc, confirm_ms, err) < 0)
		return COMMAND_FAILED;
	if (confirm_ms)
		printf("The network goes back in %lld s, and with it what \"ros config set\" "
		       "stored of it, unless \"ros network confirm\" keeps both.\n",
		       (long long)confirm_ms / 1000);
	return COMMAND_OK;
}

static int run_apply(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct options o;

	if (!parse(argc, argv, &o, err))
		return COMMAND_USAGE;
	if (doc_pool_new(&p, err) < 0)
		return COMMAND_FAILED;
	return o.direct ? apply_direct(env, p, o.input, err)
			: apply_by_service(env, p, o.confirm_ms, err);
}

static int run_confirm(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct spec s;

	(void)argc, (void)argv;
	if (doc_pool_new(&p, err) < 0)
		return COMMAND_FAILED;
	if (!file_exists(env->root, SPEC_BEFORE)) {
		(void)error_set(err, ENOENT, "no change waits to be confirmed");
		return COMMAND_FAILED;
	}
	if (spec_load(env->root, p, SPEC_PATH, &s, err) < 0 ||
	    file_remove(env->root, SPEC_BEFORE, NULL, err) < 0 ||
	    publish(env->root, p, s.doc, 0, err) < 0)
		return COMMAND_FAILED;
	return COMMAND_OK;
}

const struct command command_network_apply = {
	.name = "network apply",
	.args = "[--confirm SECONDS | --direct [-i FILE]]",
	.help = "Make the network what the configuration says; --confirm: go back by itself unless "
		"confirmed.",
	.run = run_apply,
};

const struct command command_network_confirm = {
	.name = "network confirm",
	.help = "Keep what ros network apply --confirm changed.",
	.run = run_confirm,
};
