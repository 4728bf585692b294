/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only file that knows libparted, which writes fresh tables, and grows msdos ones.
 */
#include "lib/disk/table.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/blkpg.h>
#include <linux/fs.h>
#include <parted/parted.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/disk/gpt.h"
#include "lib/load/load.h"
#include "lib/scope.h"

#define TABLE_LIBRARY "libparted.so.2"
/* A partition that ends this close to the disk's end has nothing to grow into. */
#define TABLE_SLACK (2u << 20)
/* A kernel that is just looking at the disk for somebody else is asked again. */
#define TELL_TRIES    20
#define TELL_PAUSE_US 100000

#define PARTED_FUNCTIONS(X)                                 \
	X(exception_set_handler, ped_exception_set_handler) \
	X(device_get, ped_device_get)                       \
	X(device_destroy, ped_device_destroy)               \
	X(type_get, ped_disk_type_get)                      \
	X(disk_new, ped_disk_new)                           \
	X(disk_fresh, ped_disk_new_fresh)                   \
	X(disk_destroy, ped_disk_destroy)                   \
	X(add, ped_disk_add_partition)                      \
	X(commit, ped_disk_commit_to_dev)                   \
	X(get, ped_disk_get_partition)                      \
	X(next, ped_disk_next_partition)                    \
	X(set_geom, ped_disk_set_partition_geom)            \
	X(part_new, ped_partition_new)                      \
	X(part_destroy, ped_partition_destroy)              \
	X(set_name, ped_partition_set_name)                 \
	X(set_flag, ped_partition_set_flag)                 \
	X(flag_ok, ped_partition_is_flag_available)         \
	X(fs_get, ped_file_system_type_get)                 \
	X(constraint_any, ped_constraint_any)               \
	X(constraint_exact, ped_constraint_exact)           \
	X(constraint_destroy, ped_constraint_destroy)

#ifdef __SANITIZE_ADDRESS__
/* libparted 3.5 reads behind a string while it sets itself up. */
const char *__asan_default_suppressions(void);
const char *__asan_default_suppressions(void)
{
	return "interceptor_via_lib:libparted";
}
#endif

static struct {
#define X(member, symbol) __typeof__(&symbol) member;
	PARTED_FUNCTIONS(X)
#undef X
	bool ready;
	char why[200]; /* what libparted said last */
} parted;

/* libparted asks; the only repair that is wanted is that a table takes up a disk that has grown. */
static PedExceptionOption answer(PedException *e)
{
	(void)snprintf(parted.why, sizeof(parted.why), "%s", e->message ? e->message : "");
	if (e->options & PED_EXCEPTION_FIX)
		return PED_EXCEPTION_FIX;
	if (e->type <= PED_EXCEPTION_WARNING && (e->options & PED_EXCEPTION_IGNORE))
		return PED_EXCEPTION_IGNORE;
	return PED_EXCEPTION_UNHANDLED;
}

static int load_library(struct error *err)
{
#define X(member, symbol) { #symbol, &parted.member },
	const struct load_row rows[] = { PARTED_FUNCTIONS(X) };
#undef X
	int r;

	parted.why[0] = '\0';
	if (parted.ready)
		return 0;
	r = load_functions(TABLE_LIBRARY, rows, ARRAY_LEN(rows), err);
	if (r < 0)
		return r;
	parted.exception_set_handler(answer);
	parted.ready = true;
	return 0;
}

/* Its messages are a sentence each, over several lines at times. */
static int failed(const char *what, const char *path, struct error *err)
{
	for (char *p = parted.why; *p; p++) {
		if (*p == '\n')
			*p = ' ';
	}
	return error_set(err, EIO, "%s %s: %s", what, path, *parted.why ? parted.why : "failed");
}

static void scope_device(PedDevice **d)
{
	if (*d)
		parted.device_destroy(*d);
}

static void scope_disk(PedDisk **d)
{
	if (*d)
		parted.disk_destroy(*d);
}

static int open_device(const char *path, PedDevice **ret, struct error *err)
{
	int r = load_library(err);

	if (r < 0)
		return r;
	*ret = parted.device_get(path);
	return *ret ? 0 : failed("open", path, err);
}

static void mark(PedPartition *p, PedPartitionFlag flag)
{
	if (parted.flag_ok(p, flag))
		(void)parted.set_flag(p, flag, 1);
}

static bool add_part(PedDisk *disk, const struct table_part *part)
{
	const PedDevice *dev = disk->dev;
	PedSector start = (PedSector)(part->start / (uint64_t)dev->sector_size);
	PedSector end = start + (PedSector)(part->size / (uint64_t)dev->sector_size) - 1;
	const PedFileSystemType *fs = parted.fs_get(part->use == TABLE_BOOT ? "fat32" : "ext4");
	PedPartition *p = parted.part_new(disk, PED_PARTITION_NORMAL, fs, start, end);
	PedConstraint *exact;
	bool ok;

	if (!p)
		return false;
	exact = parted.constraint_exact(&p->geom);
	ok = exact && parted.add(disk, p, exact);
	if (exact)
		parted.constraint_destroy(exact);
	if (!ok) {
		parted.part_destroy(p);
		return false;
	}
	if (disk->type->features & PED_DISK_TYPE_PARTITION_NAME)
		(void)parted.set_name(p, part->name);
	if (part->use == TABLE_BOOT)
		mark(p, PED_PARTITION_LBA);
	if (part->esp)
		mark(p, PED_PARTITION_ESP);
	if (part->legacy && (disk->type->features & PED_DISK_TYPE_PARTITION_NAME))
		mark(p, PED_PARTITION_LEGACY_BOOT);
	else if (part->legacy)
		mark(p, PED_PARTITION_BOOT);
	return true;
}

static int sync_path(const char *path, struct error *err)
{
	AUTO_CLOSE int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0 || fsync(fd) < 0)
		return error_sys(err, errno, "sync %s", path);
	return 0;
}

int table_write(const char *path, enum table_kind kind, const struct table_part *parts, size_t n,
		struct error *err)
{
	CLEANUP(scope_device) PedDevice *dev = NULL;
	CLEANUP(scope_disk) PedDisk *disk = NULL;
	int r = open_device(path, &dev, err);

	if (r < 0)
		return r;
	disk = parted.disk_fresh(dev, parted.type_get(kind == TABLE_GPT ? "gpt" : "msdos"));
	if (!disk)
		return failed("table of", path, err);
	for (size_t i = 0; i < n; i++) {
		if (!add_part(disk, &parts[i]))
			return failed("partition in the table of", path, err);
	}
	if (!parted.commit(disk))
		return failed("write the table of", path, err);
	return sync_path(path, err);
}

static bool is_last(const PedDisk *disk, const PedPartition *part)
{
	for (const PedPartition *p = parted.next(disk, NULL); p; p = parted.next(disk, p)) {
		if (p->num > 0 && p->geom.start > part->geom.start)
			return false;
	}
	return true;
}

/* The kernel takes a new size of a partition also while its neighbours are in use. */
static int tell_size(const char *path, unsigned number, uint64_t start, uint64_t size,
		     struct error *err)
{
	AUTO_CLOSE int fd = open(path, O_RDWR | O_CLOEXEC);
	struct blkpg_partition arg = { .start = (long long)start,
				       .length = (long long)size,
				       .pno = (int)number };
	struct blkpg_ioctl_arg ioctl_arg = { .op = BLKPG_RESIZE_PARTITION,
					     .datalen = sizeof(arg),
					     .data = &arg };
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return error_sys(err, errno, "%s", path);
	if (S_ISBLK(st.st_mode) && ioctl(fd, BLKPG, &ioctl_arg) < 0)
		return error_sys(err, errno, "the kernel's view of partition %u of %s", number,
				 path);
	return 0;
}

static int grow(PedDisk *disk, PedPartition *part, struct error *err)
{
	const PedDevice *dev = disk->dev;
	/* Partitions end at whole MiB, before the last one. */
	PedSector mib = (1 << 20) / dev->sector_size;
	PedSector end = (dev->length - 34) / mib * mib - 1;
	PedGeometry geom = part->geom;
	PedConstraint *exact;
	bool ok;

	geom.end = end;
	geom.length = end - geom.start + 1;
	exact = parted.constraint_exact(&geom);
	ok = exact && parted.set_geom(disk, part, exact, geom.start, end);
	if (exact)
		parted.constraint_destroy(exact);
	if (!ok || !parted.commit(disk))
		return failed("grow the last partition of", dev->path, err);
	return tell_size(dev->path, (unsigned)part->num,
			 (uint64_t)(geom.start * dev->sector_size),
			 (uint64_t)(geom.length * dev->sector_size), err);
}

/* An msdos table: its one sector is written as a whole, or not. */
static int grow_msdos(const char *path, unsigned number, bool *ret_grown, struct error *err)
{
	CLEANUP(scope_device) PedDevice *dev = NULL;
	CLEANUP(scope_disk) PedDisk *disk = NULL;
	PedPartition *part;
	int r = open_device(path, &dev, err);

	if (r < 0)
		return r;
	disk = parted.disk_new(dev);
	if (!disk)
		return failed("read the table of", path, err);
	part = parted.get(disk, (int)number);
	if (!part)
		return error_set(err, ENODATA, "%s has no partition %u", path, number);
	if (!is_last(disk, part) ||
	    dev->length - part->geom.end < (PedSector)(TABLE_SLACK / dev->sector_size))
		return 0;
	r = grow(disk, part, err);
	if (r == 0)
		r = sync_path(path, err);
	*ret_grown = r == 0;
	return r;
}

/* libparted would write a GPT's two parts one after the other over the old ones. */
static int grow_gpt(int fd, const char *path, unsigned sector, unsigned number, bool *ret_grown,
		    struct error *err)
{
	CLEANUP(gpt_plan_done) struct gpt_plan plan = { 0 };
	uint64_t size = (uint64_t)lseek(fd, 0, SEEK_END);
	int r = gpt_plan_grow(fd, sector, size, number, TABLE_SLACK, &plan, err);

	if (r == 0 && plan.n) {
		r = gpt_apply(fd, &plan, err);
		if (r == 0)
			r = tell_size(path, number, plan.start, plan.size, err);
		*ret_grown = r == 0;
	}
	return error_wrap(err, r, "%s", path);
}

int table_grow(const char *path, unsigned number, bool *ret_grown, struct error *err)
{
	AUTO_CLOSE int fd = open(path, O_RDWR | O_CLOEXEC);
	int sector = 512;
	struct stat st;

	*ret_grown = false;
	if (fd < 0 || fstat(fd, &st) < 0 ||
	    (S_ISBLK(st.st_mode) && ioctl(fd, BLKSSZGET, &sector) < 0))
		return error_sys(err, errno, "%s", path);
	if (gpt_is_there(fd, (unsigned)sector))
		return grow_gpt(fd, path, (unsigned)sector, number, ret_grown, err);
	return grow_msdos(path, number, ret_grown, err);
}

int table_tell_kernel(const char *path, struct error *err)
{
	AUTO_CLOSE int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return error_sys(err, errno, "%s", path);
	if (!S_ISBLK(st.st_mode))
		return 0;
	/* udev opens a disk for a moment whenever somebody has written to it: there is no event to
	 * wait for. */
	for (int i = 0; i < TELL_TRIES; i++) {
		/* EINVAL: a device that has no partitions, whatever is written on it. */
		if (ioctl(fd, BLKRRPART) == 0 || errno == EINVAL)
			return 0;
		if (errno != EBUSY)
			break;
		(void)usleep(TELL_PAUSE_US);
	}
	return error_sys(err, errno, "have the kernel read the table of %s", path);
}
