/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was fetched for this boot goes to the disk with the system, so that the machine comes up
 * configured also when the medium that brought it is gone.
 */
#include "agent/install/unattended.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/install/after.h"
#include "agent/install/choose.h"
#include "agent/install/key.h"
#include "agent/message.h"
#include "installer/installed.h"
#include "installer/kind.h"
#include "installer/mirror.h"
#include "installer/payload.h"
#include "installer/prepare.h"
#include "lib/cmdline.h"
#include "lib/file.h"

#define UNIT "install"
/* How long the disk may take to appear. */
#define DISK_WAIT_MS 30000

struct unattended {
	struct install_request request;
	struct install_disk disk;
	struct install_payload payload;
	struct buf seeds[INSTALL_SEEDS], secret;
	struct luks_key key;
	struct choose_disk disks[CHOOSE_DISKS];
	bool once;
};

/* --- what is asked for --- */

static int read_after(const struct doc_node *install, enum install_after *ret, struct error *err)
{
	static const struct {
		const char *word;
		enum install_after after;
	} words[] = {
		{ "reboot", INSTALL_REBOOT },
		{ "kexec", INSTALL_KEXEC },
		{ "poweroff", INSTALL_POWEROFF },
		{ "nothing", INSTALL_STAY },
	};
	const char *word = doc_is_scalar(install) ? "reboot" : doc_str(install, "then", "reboot");

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!strcmp(words[i].word, word)) {
			*ret = words[i].after;
			return 0;
		}
	}
	return error_set(err, EINVAL,
			 "rancher.install.then: %s is none of reboot, kexec, poweroff, nothing",
			 word);
}

/* The state's key, which the machine is to find at the same place afterwards. */
static int read_key(const char *where, struct unattended *u, struct error *err)
{
	int r;

	if (!install_key_is_portable(where))
		return error_set(err, EINVAL, "rancher.install.key_file: %s is no DEVICE:/PATH",
				 where);
	buf_reset(&u->secret);
	u->secret.limit = LUKS_KEY_MAX;
	r = install_key_read(where, &u->secret, err);
	u->key = (struct luks_key){ .data = u->secret.data, .len = u->secret.len };
	u->request.key = &u->key;
	u->request.key_file = where;
	return r;
}

static int read_request(const struct doc_node *install, struct unattended *u, struct error *err)
{
	bool scalar = doc_is_scalar(install);
	const char *type = scalar ? KIND_DEFAULT : doc_str(install, "type", KIND_DEFAULT);
	const struct choose_disk *disk = NULL;
	struct choose_rule rule;
	int r;

	u->request.type = kind_find(type);
	if (!u->request.type || !u->request.type->formats)
		return error_set(err, EINVAL, "rancher.install.type: %s cannot be had here", type);
	u->request.mirror = scalar ? NULL : doc_str(install, "mirror", NULL);
	u->request.append = scalar ? NULL : doc_str(install, "append", NULL);
	u->request.force = !scalar && doc_bool(install, "force", false);
	u->once = scalar || doc_bool(install, "once", true);
	r = read_after(install, &u->request.after, err);
	if (r == 0)
		r = choose_rule_read(install, &rule, err);
	if (r == 0)
		r = choose_await(&rule, DISK_WAIT_MS, u->disks, &disk, err);
	if (r == 0)
		u->request.device = disk->path;
	if (r == 0 && !scalar && doc_str(install, "key_file", NULL))
		r = read_key(doc_str(install, "key_file", NULL), u, err);
	return r < 0 ? r : refuse_request(&u->request, err);
}

const struct unattended_seed unattended_seeds[UNATTENDED_SEEDS] = {
	{ CONFIG_VENDOR, CONFIG_VENDOR },
	{ CONFIG_BOOT, CONFIG_BOOT },
	{ CONFIG_NETWORK, CONFIG_NETWORK },
	{ CONFIG_OWN, INSTALL_USER_CONFIG },
};

static void gather_seeds(struct unattended *u)
{
	for (size_t i = 0; i < UNATTENDED_SEEDS; i++) {
		const struct unattended_seed *s = &unattended_seeds[i];
		struct buf *b = &u->seeds[u->request.n_seeds];

		buf_reset(b);
		if (file_read(FILE_ROOT, s->from, b, NULL) < 0 || !b->len)
			continue;
		u->request.seeds[u->request.n_seeds++] =
			(struct install_seed){ .path = s->to, .data = b->data, .len = b->len };
	}
}

/* --- never twice --- */

static bool runs_from_disk(void)
{
	AUTO_FREE struct cmdline *line = calloc(1, sizeof(*line));

	return line && cmdline_load(line, FILE_ROOT, NULL) == 0 &&
	       cmdline_get(line, "rancher.slot") != NULL;
}

/* --- doing it --- */

static int install(struct unattended *u, struct error *err)
{
	AUTO_FREE struct install_plan *plan = calloc(1, sizeof(*plan));
	struct perform perform = { .request = &u->request,
				   .disk = &u->disk,
				   .plan = plan,
				   .payload = &u->payload,
				   .progress.out = stdout };
	struct mirror mirror = { .disk.fd = -1 };
	int r;

	if (!plan)
		return error_sys(err, ENOMEM, "install");
	r = prepare_plan(&u->request, &u->disk, &u->payload, plan, err);
	if (r == 0)
		r = mirror_prepare(FILE_ROOT, &u->request, &u->payload, &mirror, err);
	if (r == 0)
		r = mirror_run(&perform, &mirror, err);
	mirror_done(&mirror);
	if (r == 0 && u->request.after == INSTALL_KEXEC)
		r = after_load_kexec(&u->payload, plan->line, err);
	return r;
}

static int consider(struct unattended *u, bool *ret_going, struct error *err)
{
	int r = prepare_look(FILE_ROOT, &u->request, NULL, &u->disk, &u->payload, err);

	if (r == 0)
		r = payload_seal(&u->payload, err);
	if (r < 0)
		return r;
	if (installed_on(&u->disk, u->once ? NULL : u->payload.slot)) {
		message_say(JOURNAL_WARNING, UNIT,
			    "%s is installed already, and not installed again (start from it)",
			    u->disk.name);
		return 0;
	}
	gather_seeds(u);
	journal_say(JOURNAL_STEP_BEGIN, UNIT, "to %s", u->disk.name);
	r = install(u, err);
	journal_say(JOURNAL_STEP_END, UNIT, "%s", r < 0 ? err->msg : "done");
	if (r < 0 || u->request.after == INSTALL_STAY)
		return r;
	*ret_going = true;
	return after_go(u->request.after, err);
}

int unattended_run(const struct doc_node *config, bool *ret_going, struct error *err)
{
	const struct doc_node *install = doc_at(config, "rancher.install");
	struct unattended *u;
	int r;

	*ret_going = false;
	if (!install || install->kind == DOC_NULL || runs_from_disk() ||
	    (install->kind == DOC_BOOL && !install->boolean))
		return 0;
	u = calloc(1, sizeof(*u));
	if (!u)
		return error_sys(err, ENOMEM, "install");
	r = read_request(install, u, err);
	if (r == 0) {
		r = consider(u, ret_going, err);
		prepare_close(&u->disk, &u->payload);
	}
	for (size_t i = 0; i < INSTALL_SEEDS; i++)
		buf_done(&u->seeds[i]);
	if (u->secret.data)
		explicit_bzero(u->secret.data, u->secret.len);
	buf_done(&u->secret);
	free(u);
	return r;
}
