/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros boot state`: the step of the boot that finds the state disk (or does without), mounts it and
 * lays out `/`. It runs in PID 1's mount namespace, before System Docker. Only what leaves no
 * usable
 * `/` fails the step.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "agent/apply/identity.h"
#include "agent/command.h"
#include "agent/config/config.h"
#include "agent/message.h"
#include "agent/service/systemdocker.h"
#include "agent/state/autoformat.h"
#include "agent/state/state_disk.h"
#include "agent/state/state_layout.h"
#include "agent/state/state_prepare.h"
#include "agent/state/state_tend.h"
#include "agent/status/history.h"
#include "lib/file.h"

#define STATE_FILE "/run/ros/state"
#define OEM_DIR "/usr/share/ros/oem"

/* Mount a device by label where it is there; its absence is fine. */
static void mount_optional(const struct inventory *inv, const char *spec, const char *where,
			   unsigned long flags)
{
	const struct probe *p = inventory_find(inv, spec);
	struct stat st;

	if (!p || !*p->type)
		return;
	if (stat(where, &st) < 0 && mkdir(where, 0755) < 0)
		message_say(JOURNAL_WARNING, "state", "%s: %s", where, strerror(errno));
	else if (mount(p->path, where, p->type, flags, NULL) < 0 && errno != EBUSY)
		message_say(JOURNAL_WARNING, "state", "mount %s (%s) on %s: %s", spec, p->path,
			    where, strerror(errno));
}

static bool is_mounted(const char *path)
{
	struct statx st;

	return statx(AT_FDCWD, path, AT_NO_AUTOMOUNT, STATX_BASIC_STATS, &st) == 0 &&
	       (st.stx_attributes & STATX_ATTR_MOUNT_ROOT);
}

static int note(const char *text, struct error *err)
{
	const struct file_attr attr = { .mode = 0644 };
	char line[256];

	snprintf(line, sizeof(line), "%s\n", text);
	journal_say(JOURNAL_READY, "state", "%s", text);
	return file_publish(FILE_ROOT, STATE_FILE, line, strlen(line), &attr, NULL, err);
}

/* Mount the state disk, or memory when there is none and it is not required. */
static int mount_state(const struct state_want *want, struct inventory *inv, struct buf *keys,
		       struct error *err)
{
	struct error why = { 0 };
	struct probe disk = { 0 };
	char text[256];
	int r;

	r = state_disk_find(want, inv, keys, &disk, &why);
	if (r == 0)
		r = state_disk_mount(want, &disk, &why);
	if (r == 0) {
		snprintf(text, sizeof(text), "%s %s %s", want->dev ? want->dev : disk.label,
			 disk.path, disk.type);
		return note(text, err);
	}
	if (want->required)
		return error_set(err, why.code, "%s (and rancher.state.required is set)", why.msg);
	/* Somebody asked for it, or it is there and broken: that must be seen. */
	if (want->named || want->autoformat || r != -ENODATA)
		message_say(JOURNAL_WARNING, "state", "the state is kept in memory only: %s",
			    why.msg);
	r = state_disk_mount_ram(err);
	if (r < 0)
		return r;
	snprintf(text, sizeof(text), "ram: %.200s", why.msg);
	return note(text, err);
}

static int write_machine_config(const struct buf *keys, struct error *err)
{
	const struct file_attr attr = { .mode = 0600 };
	AUTO_BUF struct buf text = { 0 };
	int r;

	autoformat_machine_config(buf_text(keys), &text);
	r = buf_check(&text, err);
	if (r < 0)
		return r;
	return file_publish(FILE_ROOT, CONFIG_MACHINE, text.data, text.len, &attr, NULL, err);
}

static int take_last_stop(struct error *err)
{
	return history_take_last_stop(FILE_ROOT, err);
}

static int save_journal(struct error *err)
{
	return history_save(FILE_ROOT, err);
}

/* What is better done than not, and keeps no machine from booting. */
static void settle_in(const struct buf *keys)
{
	static const struct {
		const char *what;
		int (*run)(struct error *err);
	} steps[] = {
		{ "last stop", take_last_stop },
		{ "journal", save_journal },
		{ "home directories", state_layout_homes },
		{ "machine-id", identity_machine_id },
		{ "random seed", identity_seed },
	};
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		if (steps[i].run(&err) < 0)
			message_say(JOURNAL_WARNING, "state", "%s: %s", steps[i].what, err.msg);
	if (keys->len && write_machine_config(keys, &err) < 0)
		message_say(JOURNAL_WARNING, "state", "%s: %s", CONFIG_MACHINE, err.msg);
}

static void say_messages(const struct doc_pool *pool)
{
	size_t n;
	const struct doc_message *m = doc_messages(pool, &n);

	for (size_t i = 0; i < n; i++)
		fprintf(stderr, "ros: %s:%u:%u: %s\n", m[i].origin.source, m[i].origin.line,
			m[i].origin.column, m[i].text);
}

/* First of all: its configuration may name the state disk. Where the kernel line does not, that is
 * worth waiting for a disk that is still to come. */
static int mount_oem(struct inventory *inv, struct doc_pool *pool, struct error *err)
{
	const struct doc_node *line = config_cmdline(FILE_ROOT, pool);
	const char *spec = doc_str(line, "rancher.state.oem_dev", "LABEL=RANCHER_OEM");
	int r = inventory_scan(inv, FILE_ROOT, err);

	if (r == 0 && !inventory_find(inv, spec) && !doc_at(line, "rancher.state.dev")) {
		state_prepare_await_drivers();
		r = inventory_scan(inv, FILE_ROOT, err);
	}
	if (r == 0)
		mount_optional(inv, spec, OEM_DIR, MS_RDONLY | MS_NODEV);
	return r;
}

static int run_state(struct inventory *inv, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *pool = NULL;
	AUTO_BUF struct buf keys = BUF_WITH_LIMIT(AUTOFORMAT_TAR);
	const struct doc_node *config = NULL;
	struct state_want want;
	int r;

	r = doc_pool_new(&pool, err);
	if (r < 0)
		return r;
	r = mount_oem(inv, pool, err);
	if (r < 0)
		return r;
	r = config_load(FILE_ROOT, pool, &config, err);
	if (r < 0)
		return r;
	say_messages(pool);
	if (state_prepare(config, inv))
		r = inventory_scan(inv, FILE_ROOT, err);
	if (r < 0)
		return r;
	state_disk_want(config, CONFIG_OS, &want);
	r = mount_state(&want, inv, &keys, err);
	if (r == 0)
		state_tend();
	if (r == 0)
		r = state_layout_apply(err);
	if (r < 0)
		return r;
	/* The medium that this system came from is there already, and a live one has no business
	 * with a disk's. */
	if (!doc_bool(config, "rancher.live", false) && !is_mounted("/boot"))
		mount_optional(inv,
			       doc_str(config, "rancher.state.boot_dev", "LABEL=RANCHER_BOOT"),
			       "/boot", MS_NOATIME | MS_NODEV | MS_NOSUID);
	settle_in(&keys);
	return systemdocker_write(FILE_ROOT, pool, config, NULL, err);
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	struct inventory *inv;
	int r;

	(void)env, (void)argv;
	if (argc > 1) {
		error_set(err, EINVAL, "takes no arguments");
		return COMMAND_USAGE;
	}
	inv = calloc(1, sizeof(*inv));
	if (!inv)
		return error_set(err, ENOMEM, "list of block devices");
	r = run_state(inv, err);
	free(inv);
	return r < 0 ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_boot_state = {
	.name = "boot state",
	.run = run,
};
