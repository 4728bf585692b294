/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides; nothing is read or written here.
 */
#include "installer/steps.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "installer/disk.h"
#include "installer/existing.h"
#include "installer/keep.h"
#include "installer/loader.h"
#include "installer/payload.h"

#define BOOT_MAX (1024 * INSTALL_MIB)
#define SLOTS    3
/* Boot loaders, the file system's own tables. */
#define BOOT_EXTRA (16 * INSTALL_MIB)
/* What the loaders and entries of a boot partition that stays may grow by. */
#define ENTRIES_EXTRA (2 * INSTALL_MIB)
/* With some to spare for the tables. */
#define FAT32_CLUSTERS 68000ull

static const char *const verbs[INSTALL_N_VERBS] = {
	[INSTALL_WIPE] = "wipe",       [INSTALL_FAT] = "format",    [INSTALL_COPY] = "copy",
	[INSTALL_LOADERS] = "boot",    [INSTALL_EXT4] = "format",   [INSTALL_SEED] = "configure",
	[INSTALL_SYNC] = "sync",       [INSTALL_VERIFY] = "verify", [INSTALL_CODE] = "boot-code",
	[INSTALL_TABLE] = "partition", [INSTALL_LUKS] = "encrypt",  [INSTALL_ARRAY] = "mirror",
	[INSTALL_IMAGES] = "save",     [INSTALL_RECOVER] = "recover", [INSTALL_TIDY] = "tidy",
};

const char *steps_verb(enum install_verb verb)
{
	return verbs[verb];
}

static uint64_t boot_need(uint64_t slot, unsigned sector)
{
	uint64_t need = SLOTS * slot + BOOT_EXTRA;
	/* FAT32 has at least 65525 clusters, which are at least a sector each. */
	uint64_t least = FAT32_CLUSTERS * sector;

	return need > least ? need : least;
}

uint64_t steps_disk_size(uint64_t slot, unsigned sector)
{
	uint64_t need = boot_need(slot, sector);

	/* The boot partition is a quarter of a small disk. */
	return (need + INSTALL_MIB - 1) / INSTALL_MIB * 4 * INSTALL_MIB;
}

static void add(struct install_plan *plan, enum install_verb verb, bool destructive,
		const char *what)
{
	struct install_step *s = &plan->steps[plan->n_steps++];

	*s = (struct install_step){ .verb = verb, .destructive = destructive };
	(void)snprintf(s->what, sizeof(s->what), "%s", what);
}

static void place(const struct install_request *q, const struct install_disk *d,
		  struct install_plan *plan)
{
	uint64_t quarter = d->probe.whole.size / 4 / INSTALL_MIB * INSTALL_MIB;
	uint64_t boot = quarter < BOOT_MAX ? quarter : BOOT_MAX;
	/* The last MiB is the table's second copy's. */
	uint64_t end = (d->probe.whole.size / INSTALL_MIB - 1) * INSTALL_MIB;

	plan->table = q->type->table;
	plan->n_parts = 2;
	plan->parts[0] = (struct table_part){
		.name = INSTALL_LABEL_BOOT,
		.use = TABLE_BOOT,
		.start = INSTALL_MIB,
		.size = boot,
		.legacy = plan->bios,
		.esp = q->type->table == TABLE_GPT,
	};
	plan->parts[1] = (struct table_part){
		.name = INSTALL_LABEL_STATE,
		.use = TABLE_LINUX,
		.start = INSTALL_MIB + boot,
		.size = end - INSTALL_MIB - boot,
	};
}

static const char *table_name(enum table_kind kind)
{
	return kind == TABLE_GPT ? "gpt" : "msdos";
}

static unsigned long long mib(uint64_t bytes)
{
	return (unsigned long long)(bytes / INSTALL_MIB);
}

static void list_formatting(const struct install_request *q, const struct install_disk *d,
			    struct install_plan *plan)
{
	AUTO_BUF struct buf old = BUF_WITH_LIMIT(4096);
	char what[240];

	disk_describe(d, &old);
	(void)snprintf(what, sizeof(what), "table and signatures of %s (it holds %.120s)", d->name,
		       old.len ? buf_text(&old) : "nothing");
	add(plan, INSTALL_WIPE, true, what);
	(void)snprintf(what, sizeof(what), "FAT32 " PROBE_FAT_BOOT ", %llu MiB",
		       mib(plan->parts[0].size));
	add(plan, INSTALL_FAT, true, what);
	if (q->second)
		return;
	if (q->mirror) {
		(void)snprintf(what, sizeof(what), "RAID1 with %.100s", q->mirror);
		add(plan, INSTALL_ARRAY, true, what);
	}
	if (q->key)
		add(plan, INSTALL_LUKS, true,
		    q->key_file ? "LUKS2, opened with the key file" : "LUKS2");
	(void)snprintf(what, sizeof(what), "ext4 " INSTALL_LABEL_STATE ", %llu MiB",
		       mib(plan->parts[1].size));
	add(plan, INSTALL_EXT4, true, what);
}

static void list_copy(const struct install_payload *p, struct install_plan *plan)
{
	char what[240];

	(void)snprintf(what, sizeof(what), "kernel, initrd and system image of %s, %llu MiB",
		       p->version, mib(payload_size(p)));
	add(plan, INSTALL_COPY, false, what);
}

static void list_loaders(struct install_plan *plan)
{
	char what[240];

	(void)snprintf(what, sizeof(what), "entries%s%s", plan->bios ? ", syslinux (BIOS)" : "",
		       plan->uefi ? ", systemd-boot (UEFI)" : "");
	add(plan, INSTALL_LOADERS, false, what);
}

static void list_state(const struct install_request *q, struct install_plan *plan)
{
	char what[240];

	if (q->n_seeds) {
		(void)snprintf(what, sizeof(what), "configuration as %s%s%s%s", plan->statedir,
			       q->seeds[0].path, q->n_seeds > 1 ? ", " : "",
			       q->n_seeds > 1 ? "…" : "");
		add(plan, INSTALL_SEED, false, what);
	}
	if (q->images) {
		(void)snprintf(what, sizeof(what), "%zu images of services, for the first boot",
			       q->images->n);
		add(plan, INSTALL_IMAGES, false, what);
	}
}

static void list_check(struct install_plan *plan)
{
	add(plan, INSTALL_SYNC, false, "flush what was written to the disk");
	add(plan, INSTALL_VERIFY, false, "read it back and compare");
}

void steps_version(const char *slot, char ret[INSTALL_SLOT_NAME])
{
	char *dash;

	(void)snprintf(ret, INSTALL_SLOT_NAME, "%s", slot);
	dash = strrchr(ret, '-');
	if (dash && dash != ret)
		*dash = '\0';
}

static void list_tidy(struct install_plan *plan)
{
	AUTO_BUF struct buf what = BUF_WITH_LIMIT(INSTALL_SLOTS * INSTALL_SLOT_NAME * 2);

	if (*plan->previous.slot)
		buf_fmt(&what, "%s stays as the previous version", plan->previous.slot);
	for (size_t i = 0; i < plan->n_removed; i++)
		buf_fmt(&what, "%s%s", !i ? (what.len ? "; removed: " : "removed: ") : ", ",
			plan->removed[i]);
	if (what.len)
		add(plan, INSTALL_TIDY, false, buf_text(&what));
}

/* Until all of the new version is on the disk, and was read back, the old one starts. */
static void list_keeping(const struct install_request *q, const struct install_payload *p,
			 struct install_plan *plan)
{
	char what[240];

	if (*plan->recover) {
		(void)snprintf(what, sizeof(what), "%s, which was not unmounted", plan->recover);
		add(plan, INSTALL_RECOVER, false, what);
	}
	list_tidy(plan);
	list_copy(p, plan);
	list_check(plan);
	list_state(q, plan);
	list_loaders(plan);
	add(plan, INSTALL_SYNC, false, "flush what was written to the disk");
}

/* A table that comes last makes it start. */
static void list_making(const struct install_request *q, const struct install_disk *d,
			const struct install_payload *p, struct install_plan *plan)
{
	char what[240];

	place(q, d, plan);
	list_formatting(q, d, plan);
	list_copy(p, plan);
	list_loaders(plan);
	list_state(q, plan);
	list_check(plan);
	(void)snprintf(what, sizeof(what), "%s table with %u partitions", table_name(plan->table),
		       plan->n_parts);
	add(plan, INSTALL_TABLE, true, what);
}

int steps_plan(const struct install_request *q, const struct install_disk *d,
	       const struct install_payload *p, const struct install_found *found,
	       struct install_plan *plan, struct error *err)
{
	struct keep_line kept = { 0 };
	struct loader_line line = { .state = plan->state,
				    .array = q->mirror || q->second,
				    .luks = q->key,
				    .key_file = q->key_file,
				    .statedir = plan->statedir,
				    .own = q->type->append,
				    .kept = kept.words,
				    .append = q->append };
	int r = 0;

	*plan = (struct install_plan){ .uefi = q->type->uefi,
				       .state = "LABEL=" INSTALL_LABEL_STATE };
	/* No BIOS boots from sectors of another size. */
	plan->bios = q->type->bios && d->probe.sector == 512;
	plan->formats = q->type->formats;
	if (found) {
		r = existing_find(q, d, plan, err);
		if (r == 0)
			r = keep_line(q, found, plan, &kept, err);
		if (r == 0)
			r = keep_slots(found, p->slot, payload_size(p) + ENTRIES_EXTRA, plan, err);
	}
	line.serial = q->type->serial || kept.serial;
	if (r == 0)
		r = loader_line(&line, plan->line, sizeof(plan->line), err);
	if (r < 0)
		return r;
	if (found)
		list_keeping(q, p, plan);
	else
		list_making(q, d, p, plan);
	if (plan->bios)
		add(plan, INSTALL_CODE, false, "boot code for BIOS in the first sector");
	return 0;
}

static void part_json(const struct install_plan *plan, unsigned i, struct buf *out)
{
	const struct table_part *p = &plan->parts[i];
	bool boot = p->use == TABLE_BOOT;

	buf_fmt(out, "%s{\"number\":%u,\"name\":\"%s\",\"label\":\"%s\",\"type\":\"%s\"",
		i ? "," : "", i + 1, p->name, boot ? PROBE_FAT_BOOT : INSTALL_LABEL_STATE,
		boot ? "vfat" : "ext4");
	buf_fmt(out, ",\"start\":%llu,\"size\":%llu,\"flags\":[", (unsigned long long)p->start,
		(unsigned long long)p->size);
	if (p->esp)
		buf_str(out, "\"esp\"");
	if (p->legacy)
		buf_fmt(out, "%s\"%s\"", p->esp ? "," : "",
			plan->table == TABLE_GPT ? "legacy_boot" : "boot");
	buf_str(out, "]}");
}

void steps_json(const struct install_plan *plan, struct buf *out)
{
	buf_str(out, "{\"steps\":[");
	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct install_step *s = &plan->steps[i];

		buf_fmt(out, "%s{\"verb\":\"%s\",\"what\":\"", i ? "," : "", verbs[s->verb]);
		buf_json(out, s->what);
		buf_fmt(out, "\",\"destructive\":%s}", s->destructive ? "true" : "false");
	}
	buf_fmt(out, "],\"table_type\":\"%s\",\"table\":[", table_name(plan->table));
	for (unsigned i = 0; i < plan->n_parts; i++)
		part_json(plan, i, out);
	buf_str(out, "],\"kept\":\"");
	buf_json(out, plan->kept);
	buf_str(out, "\",\"kernel_line\":\"");
	buf_json(out, plan->line);
	buf_str(out, "\"}\n");
}

void steps_print(const struct install_plan *plan, struct buf *out)
{
	for (size_t i = 0; i < plan->n_steps; i++) {
		const struct install_step *s = &plan->steps[i];

		buf_fmt(out, "  %zu. %-10s %s%s\n", i + 1, verbs[s->verb], s->what,
			s->destructive ? " [overwrites]" : "");
	}
	if (*plan->kept)
		buf_fmt(out, "  kept of the kernel line: %s\n", plan->kept);
	for (unsigned i = 0; i < plan->n_parts; i++) {
		const struct table_part *p = &plan->parts[i];

		buf_fmt(out, "  partition %u: %-14s %-5s at %llu MiB, %llu MiB\n", i + 1, p->name,
			p->use == TABLE_BOOT ? "vfat" : "ext4", mib(p->start), mib(p->size));
	}
}
