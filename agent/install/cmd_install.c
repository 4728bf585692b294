/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros install`: the command line of the installer. Gathers and checks all before anything is
 * written, asks, and shows what is being done.
 */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "agent/command.h"
#include "agent/install/after.h"
#include "agent/install/key.h"
#include "agent/install/userconfig.h"
#include "installer/kind.h"
#include "installer/mirror.h"
#include "installer/payload.h"
#include "installer/prepare.h"
#include "installer/steps.h"
#include "lib/doc/doc.h"
#include "lib/file.h"

struct options {
	struct install_request request;
	const char *config, *image, *kind, *key_file;
	struct luks_key key;
	bool encrypt;
	char device[PATH_MAX];
	bool dry_run, json, debug, save;
};

enum {
	DRY_RUN = 256,
	JSON,
	NO_REBOOT,
	STATEDIR,
	DEBUG,
	POWEROFF,
	ISO,
	ENCRYPT,
	KEY_FILE,
	MIRROR,
	SAVE = 's'
};

static const struct option long_options[] = {
	{ "install-type", required_argument, NULL, 't' },
	{ "cloud-config", required_argument, NULL, 'c' },
	{ "device", required_argument, NULL, 'd' },
	{ "partition", required_argument, NULL, 'p' },
	{ "image", required_argument, NULL, 'i' },
	{ "append", required_argument, NULL, 'a' },
	{ "statedir", required_argument, NULL, STATEDIR },
	{ "force", no_argument, NULL, 'f' },
	{ "encrypt", no_argument, NULL, ENCRYPT },
	{ "key-file", required_argument, NULL, KEY_FILE },
	{ "mirror", required_argument, NULL, MIRROR },
	{ "kexec", no_argument, NULL, 'k' },
	{ "save", no_argument, NULL, SAVE },
	{ "no-reboot", no_argument, NULL, NO_REBOOT },
	{ "poweroff", no_argument, NULL, POWEROFF },
	{ "dry-run", no_argument, NULL, DRY_RUN },
	{ "json", no_argument, NULL, JSON },
	{ "debug", no_argument, NULL, DEBUG },
	{ "isoinstallerloaded", optional_argument, NULL, ISO }, /* RancherOS' own scripts */
	{ NULL, 0, NULL, 0 },
};

static bool set_option(int c, struct options *o)
{
	struct install_request *q = &o->request;

	switch (c) {
	case 't':
		o->kind = optarg;
		return true;
	case 'c':
		o->config = optarg;
		return true;
	case 'd':
		q->device = optarg;
		return true;
	case 'p':
		q->partition = optarg;
		return true;
	case 'i':
		o->image = optarg;
		return true;
	case 'a':
		q->append = optarg;
		return true;
	case STATEDIR:
		q->statedir = optarg;
		return true;
	case 'f':
		q->force = true;
		return true;
	case ENCRYPT:
		o->encrypt = true;
		return true;
	case KEY_FILE:
		o->key_file = optarg;
		return true;
	case MIRROR:
		q->mirror = optarg;
		return true;
	case 'k':
		q->after = INSTALL_KEXEC;
		return true;
	case NO_REBOOT:
		q->after = INSTALL_STAY;
		return true;
	case POWEROFF:
		q->after = INSTALL_POWEROFF;
		return true;
	case DRY_RUN:
		o->dry_run = true;
		return true;
	case JSON:
		o->json = true;
		return true;
	case SAVE:
		o->save = true;
		return true;
	case DEBUG:
		o->debug = true;
		return true;
	case ISO:
		return true;
	default:
		return false;
	}
}

static int parse(const struct env *env, int argc, char **argv, struct options *o, struct error *err)
{
	AUTO_BUF struct buf kinds = { 0 };
	int c;

	optind = 0; /* getopt forgets where it was in an earlier argv */
	opterr = 0;
	while ((c = getopt_long(argc, argv, "t:c:d:p:i:a:fks", long_options, NULL)) != -1) {
		if (!set_option(c, o))
			return error_set(err, EINVAL, "%s is no option, or lacks its argument",
					 argv[optind - 1]);
	}
	if (optind < argc)
		return error_set(err, EINVAL, "%s: no argument is wanted", argv[optind]);
	if (o->save)
		return error_set(err, ENOTSUP,
				 "--save: images are not put on the disk yet (leave it out: they "
				 "are pulled at the first boot)");
	if (!o->kind)
		o->kind = KIND_DEFAULT;
	o->request.type = kind_find(o->kind);
	kind_names(&kinds);
	if (!o->request.type)
		return error_set(err, EINVAL, "--install-type %s: there is %s", o->kind,
				 buf_text(&kinds));
	if (o->config && !o->request.type->seeds && !o->request.type->refuse)
		return error_set(err, EINVAL, "--cloud-config: type %s takes none", o->kind);
	/* A file's name is the caller's, from where he stands. */
	if (o->request.device && env->root == FILE_ROOT && o->request.device[0] != '/') {
		if (!realpath(o->request.device, o->device))
			return error_set(err, ENODATA, "there is no disk %s", o->request.device);
		o->request.device = o->device;
	}
	return refuse_request(&o->request, err);
}

static void print_messages(const struct doc_pool *p)
{
	size_t n;
	const struct doc_message *m = doc_messages(p, &n);

	for (size_t i = 0; i < n; i++) {
		AUTO_BUF struct buf line = { 0 };

		doc_message_text(&m[i], &line);
		(void)fprintf(stderr, "ros: install: %s%s\n",
			      m[i].is_error ? "" : "warning: ", buf_text(&line));
	}
}

/* Its text in `text`, checked. */
static int take_config(struct options *o, struct buf *text, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *pool = NULL;
	int r;

	if (!o->config) {
		if (o->request.type->seeds && !o->json)
			(void)fputs("ros: install: warning: no --cloud-config: nobody can log in "
				    "unless a datasource brings a key\n",
				    stderr);
		return 0;
	}
	r = doc_pool_new(&pool, err);
	if (r == 0)
		r = userconfig_read(o->config, text, err);
	if (r == 0)
		r = userconfig_check(pool, o->config, text, err);
	if (pool)
		print_messages(pool);
	if (r < 0)
		return error_wrap(err, r, "--cloud-config");
	o->request.seeds[o->request.n_seeds++] = (struct install_seed){ .path = INSTALL_USER_CONFIG,
									.data = text->data,
									.len = text->len };
	return 0;
}

/* The state's key in `text`, if it is to be encrypted. A dry run needs none. */
static int take_key(struct options *o, struct buf *text, struct error *err)
{
	int r = 0;

	if (!o->encrypt && !o->key_file)
		return 0;
	if (o->key_file)
		r = install_key_read(o->key_file, text, err);
	else if (!o->dry_run)
		r = install_key_ask(text, err);
	if (r < 0)
		return error_wrap(err, r, "%s", o->key_file ? "--key-file" : "--encrypt");
	o->key = (struct luks_key){ .data = text->data, .len = text->len };
	o->request.key = &o->key;
	if (o->key_file && install_key_is_portable(o->key_file))
		o->request.key_file = o->key_file;
	return refuse_request(&o->request, err);
}

static bool ask(const struct install_disk *d, const char *question)
{
	char answer[16] = "";

	(void)printf("%s %s [yN]: ", question, d->name);
	(void)fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

static void show(const struct options *o, const struct install_plan *plan)
{
	AUTO_BUF struct buf out = { 0 };

	if (o->json)
		steps_json(plan, &out);
	else
		steps_print(plan, &out);
	(void)fputs(buf_text(&out), stdout);
	(void)fflush(stdout);
}

static int finish(const struct options *o, const struct install_disk *d,
		  const struct install_plan *plan, const struct install_payload *p,
		  struct error *err)
{
	enum install_after after = o->request.after;
	int r = 0;

	if (after == INSTALL_STAY || d->probe.is_file) {
		if (!o->json)
			(void)printf("%s is installed\n", d->name);
		return 0;
	}
	if (!o->request.force && !ask(d, "Start from the installed disk now?"))
		return 0;
	if (after == INSTALL_KEXEC)
		r = after_load_kexec(p, plan->line, err);
	return r < 0 ? r : after_go(after, err);
}

static int act(struct options *o, struct perform *perform, struct mirror *mirror,
	       struct error *err)
{
	const struct install_plan *plan = perform->plan;
	int r;

	if (o->dry_run || !o->json)
		show(o, plan);
	if (!o->json && mirror->wanted)
		show(o, &mirror->plan);
	if (o->dry_run)
		return 0;
	if (!o->request.force && !ask(perform->disk, "Install to"))
		return error_set(err, ECANCELED, "nothing was written (--force asks nothing)");
	perform->progress.out = o->json ? NULL : stdout;
	perform->progress.tty = isatty(STDOUT_FILENO);
	r = payload_seal(perform->payload, err);
	if (r == 0)
		r = mirror_run(perform, mirror, err);
	if (r == 0 && o->json)
		show(o, plan);
	return r < 0 ? r : finish(o, perform->disk, plan, perform->payload, err);
}

static int install(struct options *o, int root, struct install_disk *d, struct install_payload *p,
		   struct error *err)
{
	struct install_plan plan;
	struct perform perform = { .request = &o->request, .disk = d, .plan = &plan, .payload = p };
	struct mirror mirror = { .disk.fd = -1 };
	int r = prepare_plan(&o->request, d, p, &plan, err);

	if (r == 0)
		r = mirror_prepare(root, &o->request, p, &mirror, err);
	if (r == 0)
		r = act(o, &perform, &mirror, err);
	mirror_done(&mirror);
	return r;
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	AUTO_BUF struct buf config = BUF_WITH_LIMIT(DOC_SIZE), key = BUF_WITH_LIMIT(LUKS_KEY_MAX);
	struct options *o = calloc(1, sizeof(*o));
	struct install_disk d;
	struct install_payload p;
	int r;

	if (!o)
		return error_sys(err, ENOMEM, "install");
	r = parse(env, argc, argv, o, err);
	if (r < 0) {
		free(o);
		return COMMAND_USAGE;
	}
	r = take_config(o, &config, err);
	if (r == 0)
		r = take_key(o, &key, err);
	if (r == 0) {
		r = prepare_look(env->root, &o->request, o->image, &d, &p, err);
		if (r == 0)
			r = install(o, env->root, &d, &p, err);
		prepare_close(&d, &p);
	}
	if (key.data)
		explicit_bzero(key.data, key.len);
	free(o);
	return r < 0 ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_install = {
	.name = "install",
	.args = "-d DISK [-t TYPE] [-c FILE|URL] [-a WORDS] [-i DIR] [-f] [-k] [--no-reboot] "
		"[--dry-run] [--json] [--encrypt | --key-file FILE] [--mirror DISK]",
	.help = "Install the system on a disk, or on an image file.",
	.run = run,
};
