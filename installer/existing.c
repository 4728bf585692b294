/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds them by label, or by the name that the kernel gives to a partition.
 */
#include "installer/existing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/disk/usage.h"

static const struct probe_part *find_part(const struct install_disk *d, const char *label,
					  const char *type)
{
	for (size_t i = 0; i < d->probe.n; i++) {
		const struct probe *fs = &d->probe.parts[i].fs;

		if (!strcmp(fs->label, label) && !strcmp(fs->type, type))
			return &d->probe.parts[i];
	}
	return NULL;
}

const struct probe_part *existing_boot(const struct install_disk *d)
{
	return find_part(d, INSTALL_LABEL_BOOT, "vfat");
}

/* "/dev/vda3" is partition 3 of /dev/vda, and of no other disk. */
static const struct probe_part *find_named(const struct install_request *q,
					   const struct install_disk *d)
{
	const char *disk = usage_is_part(d->name, q->partition) ? d->name : q->device;
	const char *rest = q->partition + strlen(disk);

	if (!usage_is_part(disk, q->partition))
		return NULL;
	for (size_t i = 0; i < d->probe.n; i++) {
		if (d->probe.parts[i].number == strtoul(rest + (*rest == 'p'), NULL, 10))
			return &d->probe.parts[i];
	}
	return NULL;
}

/* The label is not enough when another file system has it, or when the state's is another. */
static void tell_state(const struct install_disk *d, const struct probe_part *state,
		       struct install_plan *plan)
{
	if (find_part(d, INSTALL_LABEL_STATE, "ext4") == state)
		return;
	(void)snprintf(plan->state, sizeof(plan->state), "UUID=%s", state->fs.uuid);
}

/* What is written beside a pending journal, the journal undoes: it is replayed first, on the
 * partition's own device, which an image file does not have. Without a seed nothing is written. */
static int tell_recovery(const struct install_request *q, const struct install_disk *d,
			 const struct probe_part *state, struct install_plan *plan,
			 struct error *err)
{
	bool digit = strchr("0123456789", d->path[strlen(d->path) - 1]);

	if (!d->pending[state - d->probe.parts] || !q->n_seeds)
		return 0;
	if (d->probe.is_file)
		return error_set(err, ECANCELED,
				 "%s: partition %u was not unmounted, and its journal would undo "
				 "what is written (mount it once, and unmount it)",
				 d->name, state->number);
	if (snprintf(plan->recover, sizeof(plan->recover), "%s%s%u", d->path, digit ? "p" : "",
		     state->number) >= (int)sizeof(plan->recover))
		return error_set(err, ENAMETOOLONG, "%s", d->path);
	return 0;
}

int existing_find(const struct install_request *q, const struct install_disk *d,
		  struct install_plan *plan, struct error *err)
{
	const struct probe_part *boot = existing_boot(d);
	const struct probe_part *state = q->partition ? find_named(q, d)
						      : find_part(d, INSTALL_LABEL_STATE, "ext4");

	if (!boot)
		return error_set(err, ECANCELED,
				 "%s has no FAT partition " INSTALL_LABEL_BOOT
				 " (mkfs.vfat -F 32 -n " PROBE_FAT_BOOT ")",
				 d->name);
	if (!state || strcmp(state->fs.type, "ext4") != 0)
		return error_set(err, ECANCELED, "%s has no ext4 partition %s", d->name,
				 q->partition ? q->partition : INSTALL_LABEL_STATE);
	plan->table = !strcmp(d->probe.table, "gpt") ? TABLE_GPT : TABLE_MSDOS;
	plan->n_parts = 2;
	plan->parts[0] = (struct table_part){ .name = INSTALL_LABEL_BOOT,
					      .use = TABLE_BOOT,
					      .start = boot->start,
					      .size = boot->fs.size };
	plan->parts[1] = (struct table_part){ .name = INSTALL_LABEL_STATE,
					      .use = TABLE_LINUX,
					      .start = state->start,
					      .size = state->fs.size };
	tell_state(d, state, plan);
	return tell_recovery(q, d, state, plan, err);
}
