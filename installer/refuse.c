/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules, in the order in which they are told.
 */
#include "installer/refuse.h"

#include <errno.h>
#include <string.h>

#include "installer/disk.h"
#include "installer/steps.h"

/* msdos tables count sectors in 32 bits. */
#define MSDOS_MAX_SECTORS 0xffffffffull

int refuse_request(const struct install_request *q, struct error *err)
{
	const struct install_type *t = q->type;

	if (t->refuse)
		return error_set(err, EINVAL, "--install-type %s: %s", t->name, t->refuse);
	if (!q->device)
		return error_set(err, EINVAL, "which disk? (--device /dev/…)");
	if (t->mirrors != (q->mirror || q->second))
		return error_set(err, EINVAL,
				 t->mirrors ? "--install-type %s: needs a second disk (--mirror)" :
					      "--install-type %s: --mirror goes with raid only",
				 t->name);
	if (q->partition && t->formats)
		return error_set(err, EINVAL, "--partition goes with --install-type noformat only");
	if (q->statedir && t->formats)
		return error_set(err, EINVAL, "--statedir goes with --install-type noformat only");
	if (q->key && !t->formats)
		return error_set(err, EINVAL, "--install-type %s: the state is there already, and "
					      "is not encrypted by this",
				 t->name);
	if (q->key_file && strpbrk(q->key_file, " \t\r\n\"'"))
		return error_set(err, EINVAL, "--key-file %s: has no place on a kernel line",
				 q->key_file);
	return 0;
}

static bool has_data(const struct install_disk *d)
{
	if (d->unfinished)
		return false;
	/* A table without partitions holds nothing. */
	if (*d->probe.table)
		return d->probe.n > 0;
	return *d->probe.whole.type || d->unknown_data;
}

static int refuse_size(const struct install_request *q, const struct install_disk *d, uint64_t slot,
		       struct error *err)
{
	uint64_t need = steps_disk_size(slot, d->probe.sector);

	if (d->probe.whole.size < need)
		return error_set(err, ECANCELED,
				 "%s is too small: it has %llu MiB, %llu are needed", d->name,
				 (unsigned long long)(d->probe.whole.size / INSTALL_MIB),
				 (unsigned long long)((need + INSTALL_MIB - 1) / INSTALL_MIB));
	if (q->type->table == TABLE_MSDOS &&
	    d->probe.whole.size / d->probe.sector > MSDOS_MAX_SECTORS)
		return error_set(err, ECANCELED,
				 "%s is too large for an msdos table (use --install-type generic)",
				 d->name);
	return 0;
}

int refuse_disk(const struct install_request *q, const struct install_disk *d, uint64_t slot,
		struct error *err)
{
	int r;

	if (d->is_partition)
		return error_set(err, ECANCELED, "%s is a partition (name the whole disk)",
				 d->name);
	if (*d->usage)
		return error_set(err, ECANCELED, "%s is in use: %s", d->name, d->usage);
	if (d->probe.read_only)
		return error_set(err, ECANCELED, "%s is read-only", d->name);
	if (!q->type->formats)
		return 0;
	r = refuse_size(q, d, slot, err);
	if (r < 0)
		return r;
	if (d->probe.sector != 512 && !q->type->uefi)
		return error_set(err, ECANCELED,
				 "%s has sectors of %u bytes, from which BIOS cannot boot (use "
				 "--install-type generic, and UEFI)",
				 d->name, d->probe.sector);
	if (!q->force && has_data(d)) {
		AUTO_BUF struct buf what = BUF_WITH_LIMIT(300);

		disk_describe(d, &what);
		return error_set(err, ECANCELED, "%s holds %s (--force overwrites it)", d->name,
				 buf_text(&what));
	}
	return 0;
}

int refuse_plan(const struct install_request *q, const struct install_plan *plan, struct error *err)
{
	uint64_t state = plan->parts[1].size;
	/* The archives, and what Docker makes of them. */
	uint64_t need = q->images ? 2 * q->images->bytes : 0;

	if (need < state)
		return 0;
	return error_set(err, ECANCELED,
			 "--save: the images need %llu MiB, the state partition has %llu",
			 (unsigned long long)(need / INSTALL_MIB),
			 (unsigned long long)(state / INSTALL_MIB));
}
