/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One function a verb. Everything is written at its place of the whole disk, whose partitions come
 * into being at the very end.
 */
#include "installer/perform.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "installer/bootfiles.h"
#include "installer/disk.h"
#include "installer/payload.h"
#include "installer/slotfile.h"
#include "installer/steps.h"
#include "installer/visit.h"
#include "lib/disk/fsck.h"
#include "lib/disk/mkfs.h"
#include "lib/disk/mtools.h"
#include "lib/scope.h"

static const char *const names[INSTALL_N_FILES] = {
	[INSTALL_KERNEL] = "kernel",
	[INSTALL_INITRD] = "initrd",
	[INSTALL_SYSTEM] = "system.img",
};

static struct mkfs_place place_of(const struct perform *p, unsigned i)
{
	return (struct mkfs_place){ .path = p->disk->path,
				    .start = p->plan->parts[i].start,
				    .size = p->plan->parts[i].size,
				    .sector = p->disk->probe.sector };
}

/* Where the state's file system is: in the container, or on the array, if it has one. */
static struct mkfs_place state_of(const struct perform *p)
{
	struct mkfs_place at = { .sector = p->disk->probe.sector };

	if (!*p->vault.path && !*p->array.path)
		return place_of(p, 1);
	at.path = *p->vault.path ? p->vault.path : p->array.path;
	at.size = *p->vault.path ? p->vault.size : p->array.size;
	return at;
}

static struct mtools boot_of(const struct perform *p)
{
	return (struct mtools){ .path = p->disk->path, .start = p->plan->parts[0].start };
}

static int write_at(int fd, const char *what, const void *data, size_t len, uint64_t at,
		    struct error *err)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = pwrite(fd, (const char *)data + done, len - done, (off_t)(at + done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_sys(err, errno, "write %s", what);
		done += (size_t)n;
	}
	return 0;
}

static int flush(const struct perform *p, struct error *err)
{
	if (fsync(p->fd) < 0)
		return error_sys(err, errno, "flush %s", p->disk->name);
	return 0;
}

/* --- the steps --- */

/* The disk's own cache must not keep what the partition's device had replayed. */
static int recover(struct perform *p, struct error *err)
{
	int r = fsck_ext(p->plan->recover, -1, err);

	if (r == 0 && ioctl(p->fd, BLKFLSBUF, 0) < 0)
		r = error_sys(err, errno, "%s", p->disk->name);
	if (r == 0 && disk_is_pending(p->fd, p->plan->parts[1].start))
		r = error_set(err, EUCLEAN, "%s: its journal is still to be replayed",
			      p->plan->recover);
	return r;
}

/* The first and the last MiB: tables, and signatures that stand at either end. */
static int wipe(struct perform *p, struct error *err)
{
	AUTO_FREE char *zero = calloc(1, INSTALL_MIB);
	uint64_t size = p->disk->probe.whole.size;
	int r;

	if (!zero)
		return error_sys(err, ENOMEM, "wipe");
	r = write_at(p->fd, p->disk->name, zero, INSTALL_MIB, size - INSTALL_MIB, err);
	memcpy(zero + INSTALL_MARK_AT, INSTALL_MARK, strlen(INSTALL_MARK));
	if (r == 0)
		r = write_at(p->fd, p->disk->name, zero, INSTALL_MIB, 0, err);
	if (r == 0)
		r = flush(p, err);
	/* Its old partitions are gone: nothing may write to them any more. */
	if (r == 0)
		r = table_tell_kernel(p->disk->path, err);
	return r;
}

static int make_fat(struct perform *p, struct error *err)
{
	struct mkfs_place at = place_of(p, 0);

	return mkfs_fat(&at, PROBE_FAT_BOOT, err);
}

static int make_array(struct perform *p, struct error *err)
{
	const struct mkfs_place at[ARRAY_MEMBERS] = { place_of(p, 1), place_of(p->mate, 1) };

	return array_make(at, &p->array, err);
}

static int make_luks(struct perform *p, struct error *err)
{
	struct mkfs_place at = state_of(p);

	return vault_make(&at, p->request->key, &p->vault, err);
}

static int make_ext4(struct perform *p, struct error *err)
{
	struct mkfs_place at = state_of(p);

	return mkfs_ext4(&at, INSTALL_LABEL_STATE, err);
}

static struct slotfile slotfile_of(struct perform *p)
{
	return (struct slotfile){ .boot = boot_of(p),
				  .fd = p->fd,
				  .fresh = p->plan->formats,
				  .payload = p->payload,
				  .progress = &p->progress };
}

/* In this order: an entry names its slot until the slot goes, whenever the power does. */
static int tidy(struct perform *p, struct error *err)
{
	const struct install_entry *e = &p->plan->previous;
	char version[INSTALL_SLOT_NAME], dir[160];
	struct bootfiles b = { .boot = boot_of(p),
			       .line = e->line,
			       .version = version,
			       .slot = e->slot };
	int r = 0;

	steps_version(e->slot, version);
	if (*e->slot)
		r = bootfiles_previous(&b, p->plan->bios, p->plan->uefi, err);
	if (r == 0)
		r = flush(p, err);
	for (size_t i = 0; r == 0 && i < p->plan->n_removed; i++) {
		(void)snprintf(dir, sizeof(dir), "/ocicat/slots/%s", p->plan->removed[i]);
		r = mtools_remove(&b.boot, dir, err);
	}
	return r;
}

static int copy(struct perform *p, struct error *err)
{
	struct slotfile f = slotfile_of(p);
	struct mtools boot = boot_of(p);
	const struct mtools_text texts[] = { { "manifest.json", p->payload->manifest },
					     { "sealed", "complete\n" },
					     { NULL, NULL } };
	char dir[160], path[200];
	const char *dirs[] = { "/ocicat", "/ocicat/slots", dir, NULL };
	int r;

	(void)snprintf(dir, sizeof(dir), "/ocicat/slots/%s", p->payload->slot);
	r = mtools_mkdirs(&boot, dirs, err);
	for (int i = 0; r == 0 && i < INSTALL_N_FILES; i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		r = slotfile_copy(&f, path, i, err);
	}
	memcpy(p->crc, f.crc, sizeof(p->crc));
	return r < 0 ? r : mtools_put_texts(&boot, dir, texts, err);
}

static int verify(struct perform *p, struct error *err)
{
	struct slotfile f = slotfile_of(p);
	char path[200];
	int r = 0;

	memcpy(f.crc, p->crc, sizeof(f.crc));
	for (int i = 0; r == 0 && i < INSTALL_N_FILES; i++) {
		(void)snprintf(path, sizeof(path), "/ocicat/slots/%s/%s", p->payload->slot,
			       names[i]);
		r = slotfile_check(&f, path, i, err);
	}
	return r;
}

static int loaders(struct perform *p, struct error *err)
{
	struct bootfiles b = { .boot = boot_of(p),
			       .line = p->plan->line,
			       .append = p->request->append,
			       .version = p->payload->version,
			       .slot = p->payload->slot,
			       .previous = *p->plan->previous.slot };
	int r = bootfiles_entries(&b, p->plan->bios, p->plan->uefi, err);

	if (r == 0 && p->plan->bios)
		r = bootfiles_syslinux(&b, err);
	if (r == 0 && p->plan->uefi)
		r = bootfiles_systemd(&b, err);
	return r;
}

/* They may hold secrets. */
static int seed(struct perform *p, struct error *err)
{
	const struct install_request *q = p->request;
	struct mkfs_place at = state_of(p);
	int r = 0;

	for (size_t i = 0; r == 0 && i < q->n_seeds; i++) {
		char path[400];

		(void)snprintf(path, sizeof(path), "%s%s%s", *p->plan->statedir ? "/" : "",
			       p->plan->statedir, q->seeds[i].path);
		r = mkfs_ext4_put(&at, path, q->seeds[i].data, q->seeds[i].len, 0600, err);
	}
	return r;
}

static int write_images(void *arg, const char *dir, struct error *err)
{
	const struct perform *p = arg;
	const struct install_images *images = p->request->images;
	char path[400];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, p->plan->statedir);
	return images->write(images->arg, path, err);
}

static int images(struct perform *p, struct error *err)
{
	struct mkfs_place at = state_of(p);
	int r = visit_state(&at, write_images, p, err);

	return r < 0 || !p->plan->formats ? r : mkfs_ext4_unused(&at, err);
}

static int close_state(struct perform *p, struct error *err)
{
	int r = vault_close(&p->vault, err);

	return r < 0 ? r : array_stop(&p->array, err);
}

/* What is read back afterwards must come from the disk, and not from memory. */
static int sync_disk(struct perform *p, struct error *err)
{
	int r = close_state(p, err);

	if (r == 0)
		r = flush(p, err);
	if (r == 0) {
		(void)ioctl(p->fd, BLKFLSBUF, 0);
		(void)posix_fadvise(p->fd, 0, 0, POSIX_FADV_DONTNEED);
	}
	return r;
}

static int boot_code(struct perform *p, struct error *err)
{
	char code[BOOTFILES_CODE];
	size_t len = 0;
	int r = bootfiles_code(p->plan->table, code, &len, err);

	return r < 0 ? r : write_at(p->fd, p->disk->name, code, len, 0, err);
}

static int write_table(struct perform *p, struct error *err)
{
	return table_write(p->disk->path, p->plan->table, p->plan->parts, p->plan->n_parts, err);
}

/* From here on nothing is unfinished: all of it is on the disk, or a second run starts anew. */
static int clear_mark(struct perform *p, struct error *err)
{
	char zero[512] = { 0 };
	int r = flush(p, err);

	if (r == 0)
		r = write_at(p->fd, p->disk->name, zero, sizeof(zero), INSTALL_MARK_AT, err);
	if (r == 0)
		r = flush(p, err);
	if (r == 0)
		r = table_tell_kernel(p->disk->path, err);
	return r;
}

static int (*const actions[INSTALL_N_VERBS])(struct perform *p, struct error *err) = {
	[INSTALL_WIPE] = wipe,         [INSTALL_FAT] = make_fat,   [INSTALL_COPY] = copy,
	[INSTALL_LOADERS] = loaders,   [INSTALL_EXT4] = make_ext4, [INSTALL_SEED] = seed,
	[INSTALL_SYNC] = sync_disk,    [INSTALL_VERIFY] = verify,  [INSTALL_CODE] = boot_code,
	[INSTALL_TABLE] = write_table, [INSTALL_LUKS] = make_luks, [INSTALL_ARRAY] = make_array,
	[INSTALL_IMAGES] = images,     [INSTALL_RECOVER] = recover, [INSTALL_TIDY] = tidy,
};

int perform_check(const struct install_plan *plan, struct error *err)
{
	return bootfiles_check(plan->bios, plan->uefi, err);
}

static int run_step(struct perform *p, const struct install_step *step, struct error *err)
{
	bool large = step->verb == INSTALL_COPY || step->verb == INSTALL_VERIFY;
	int r;

	progress_begin(&p->progress, step->what, large ? payload_size(p->payload) : 0);
	r = actions[step->verb](p, err);
	if (r < 0)
		return error_wrap(err, r, "%s", steps_verb(step->verb));
	progress_end(&p->progress);
	return 0;
}

static bool is_in(enum perform_part part, enum install_verb verb)
{
	bool table = verb == INSTALL_TABLE || verb == INSTALL_CODE;

	return part == PERFORM_ALL || table == (part == PERFORM_TABLE);
}

int perform_part(struct perform *p, enum perform_part part, struct error *err)
{
	AUTO_CLOSE int fd = open(p->disk->path, O_RDWR | O_CLOEXEC);
	int r = 0;

	if (fd < 0)
		return error_sys(err, errno, "%s", p->disk->name);
	p->fd = fd;
	for (size_t i = 0; r == 0 && i < p->plan->n_steps; i++) {
		if (is_in(part, p->plan->steps[i].verb))
			r = run_step(p, &p->plan->steps[i], err);
	}
	if (r < 0) {
		(void)!close_state(p, NULL);
		return r;
	}
	return p->plan->formats && part != PERFORM_CONTENT ? clear_mark(p, err) : flush(p, err);
}

int perform_run(struct perform *p, struct error *err)
{
	return perform_part(p, PERFORM_ALL, err);
}
