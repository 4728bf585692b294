/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros install`: the command line of the installer. Gathers and checks all before anything is
 * written, asks, and shows what is being done.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/command.h"
#include "agent/install/after.h"
#include "agent/install/append.h"
#include "agent/install/key.h"
#include "agent/install/options.h"
#include "agent/install/saveimages.h"
#include "agent/install/userconfig.h"
#include "installer/mirror.h"
#include "installer/payload.h"
#include "installer/prepare.h"
#include "installer/steps.h"
#include "lib/doc/doc.h"

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
static int take_config(struct install_options *o, struct buf *text, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *pool = NULL;
	int r;

	if (!o->config) {
		/* What is on a state that stays may have keys. */
		if (o->request.type->seeds && o->request.type->formats && !o->json)
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

/* The names of its services' images. */
static int take_images(int root, struct install_options *o, const struct buf *config,
		       struct error *err)
{
	int r;

	if (!o->save)
		return 0;
	r = saveimages_list(root, o->config, config, &o->saved, err);
	o->images = (struct install_images){ .n = o->saved.system.n + o->saved.user.n,
					     .write = saveimages_write,
					     .arg = &o->saved };
	if (r == 0 && o->images.n)
		o->request.images = &o->images;
	return r;
}

/* The state's key in `text`, if it is to be encrypted. A dry run needs none. */
static int take_key(struct install_options *o, struct buf *text, struct error *err)
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

static void show(const struct install_options *o, const struct install_plan *plan)
{
	AUTO_BUF struct buf out = { 0 };

	if (o->json)
		steps_json(plan, &out);
	else
		steps_print(plan, &out);
	(void)fputs(buf_text(&out), stdout);
	(void)fflush(stdout);
}

static int finish(const struct install_options *o, const struct install_disk *d,
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

static int act(struct install_options *o, struct perform *perform, struct mirror *mirror,
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
	if (r == 0 && o->request.images)
		r = saveimages_pull(&o->saved, perform->progress.out, err);
	o->images.bytes = o->saved.bytes;
	if (r == 0)
		r = mirror_run(perform, mirror, err);
	if (r == 0 && o->json)
		show(o, plan);
	return r < 0 ? r : finish(o, perform->disk, plan, perform->payload, err);
}

static int install(struct install_options *o, int root, struct install_disk *d,
		   struct install_payload *p, struct error *err)
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
	struct install_options *o = calloc(1, sizeof(*o));
	struct install_disk d;
	struct install_payload p;
	int r;

	if (!o)
		return error_sys(err, ENOMEM, "install");
	r = install_options_parse(env, argc, argv, o, err);
	if (r < 0) {
		free(o);
		return COMMAND_USAGE;
	}
	r = append_check(o->request.append, err);
	if (r == 0)
		r = take_config(o, &config, err);
	if (r == 0)
		r = take_key(o, &key, err);
	if (r == 0)
		r = take_images(env->root, o, &config, err);
	if (r == 0) {
		r = prepare_look(env->root, &o->request, o->image, &d, &p, err);
		if (r == 0)
			r = install(o, env->root, &d, &p, err);
		prepare_close(&d, &p);
	}
	if (key.data)
		explicit_bzero(key.data, key.len);
	saveimages_done(&o->saved);
	free(o);
	return r < 0 ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_install = {
	.name = "install",
	.args = "-d DISK [-t TYPE] [-c FILE|URL] [-a WORDS] [-i DIR] [-f] [-k] [--no-reboot] "
		"[--save] [--dry-run] [--json] [--encrypt | --key-file FILE] [--mirror DISK]",
	.help = "Install the system on a disk, or on an image file.",
	.run = run,
};
