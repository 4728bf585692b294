/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the search: the second initrd (PXE), then every block device that is there, then those that
 * appear, until a deadline. `rancher.image=` (LABEL=, UUID=, PARTLABEL=, PARTUUID= or /dev/…)
 * leaves only that one; `rancher.slot=` names the directory of an installed system on its boot
 * partition, and leaves only that; `rancher.toram` copies the image and lets go of its medium.
 */
#include "init/early/image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "init/early/hotplug.h"
#include "init/early/keep.h"
#include "init/early/medium.h"
#include "init/early/verify.h"
#include "lib/clock.h"
#include "lib/cmdline.h"
#include "lib/file.h"
#include "lib/scope.h"

#define RAM_IMAGE "/system.img"
#define RAM_HASH "/system.sha256"
#define WHERE "/run/ros/image"
#define LABEL_ISO "OCICATOS"
#define LABEL_BOOT "RANCHER_BOOT"
#define WAIT_MS 30000
/* A word about what is being waited for, when it is not there by then. */
#define PATIENCE_MS 5000
#define MEDIA_POLL "/sys/module/block/parameters/events_dfl_poll_msecs"
#define FOUND_MAX 32
#define SLOT_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+_-"

struct search {
	struct cmdline line;
	struct module_index ix;
	const char *wanted;
	char slot[192]; /* path of the image in its slot, or "" */
	bool to_ram;
	struct probe found[FOUND_MAX];
	size_t n_found;
	struct buf looked; /* every device looked at, and what became of it */
};

static bool is_wanted(const struct probe *p, const char *wanted)
{
	const struct {
		const char *tag, *value;
	} tags[] = {
		{ "LABEL=", p->label },
		{ "UUID=", p->uuid },
		{ "PARTLABEL=", p->partlabel },
		{ "PARTUUID=", p->partuuid },
	};

	for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
		size_t len = strlen(tags[i].tag);

		if (!strncmp(wanted, tags[i].tag, len))
			return !strcasecmp(wanted + len, tags[i].value);
	}
	return !strcmp(wanted, p->path);
}

enum image_rank image_rank(const struct probe *p, const char *wanted)
{
	bool named = wanted && is_wanted(p, wanted);

	if (wanted && !named)
		return IMAGE_NO;
	if (!strcmp(p->type, "squashfs") || !strcmp(p->type, "erofs"))
		return IMAGE_RAW;
	if (!strcmp(p->type, "iso9660") && (named || !strcmp(p->label, LABEL_ISO)))
		return IMAGE_ISO;
	if ((!strcmp(p->type, "vfat") || !strcmp(p->type, "ext4")) &&
	    (named || !strcmp(p->label, LABEL_BOOT)))
		return IMAGE_BOOT;
	return IMAGE_NO;
}

static int note_where(const char *kind, const char *path, bool copied, struct error *err)
{
	struct file_attr attr = { .mode = 0644 };
	char text[128];

	(void)snprintf(text, sizeof(text), "%s%s%s%s\n", kind, path[0] ? " " : "", path,
		       copied ? " (copied to memory)" : "");
	fputs(text, stdout);
	return file_publish(FILE_ROOT, WHERE, text, strlen(text), &attr, NULL, err);
}

bool image_slot_path(const char *slot, char *path, size_t size)
{
	path[0] = '\0';
	if (!slot)
		return true;
	if (!*slot || *slot == '.' || strspn(slot, SLOT_CHARACTERS) != strlen(slot))
		return false;
	return snprintf(path, size, MEDIUM_BOOT "/ocicat/slots/%s/system.img", slot) < (int)size;
}

static int use(struct search *s, const struct probe *p, enum image_rank rank, struct error *err)
{
	const char *path = rank == IMAGE_BOOT && *s->slot ? s->slot : MEDIUM_IMAGE;
	int r;

	if (rank == IMAGE_RAW) {
		r = s->to_ram ? medium_use_file(&s->ix, p->path, true, err) :
				medium_use_device(&s->ix, p, err);
		return r < 0 ? r : medium_check(!s->wanted, err);
	}
	r = medium_mount(&s->ix, p, err);
	if (r < 0)
		return r;
	r = medium_use_file(&s->ix, path, s->to_ram, err);
	if (r == 0)
		r = medium_check(!s->wanted, err);
	if (r == 0 && s->to_ram)
		keep_boot_files(MEDIUM_BOOT);
	if (r < 0 || s->to_ram)
		medium_unmount();
	return r;
}

static const char *kind_of(enum image_rank rank)
{
	if (rank == IMAGE_RAW)
		return "image";
	return rank == IMAGE_ISO ? "iso9660" : "partition";
}

/* An installed system is on its disk, whatever else is there. */
static enum image_rank rank_of(const struct search *s, const struct probe *p)
{
	enum image_rank rank = image_rank(p, s->wanted);

	return *s->slot && rank != IMAGE_BOOT ? IMAGE_NO : rank;
}

/* True once the system is mounted. */
static bool try_one(struct search *s, const struct probe *p)
{
	enum image_rank rank = rank_of(s, p);
	struct error err = { 0 };

	if (rank == IMAGE_NO)
		return false;
	if (use(s, p, rank, &err) < 0) {
		fprintf(stderr, "%s: %s\n", p->path, err.msg);
		buf_fmt(&s->looked, ", %s: %s", p->path, err.msg);
		return false;
	}
	if (note_where(kind_of(rank), p->path, s->to_ram, &err) < 0)
		fprintf(stderr, "%s\n", err.msg);
	return true;
}

static bool collect(void *arg, const struct probe *p)
{
	struct search *s = arg;
	size_t i = s->n_found;

	if (rank_of(s, p) == IMAGE_NO) {
		buf_fmt(&s->looked, ", %s (%s%s%s)", p->path,
			p->type[0] ? p->type : "nothing known", p->label[0] ? " " : "", p->label);
		return true;
	}
	if (s->n_found == FOUND_MAX)
		return false;
	/* Insert behind those that are as good. */
	while (i > 0 && image_rank(&s->found[i - 1], s->wanted) > image_rank(p, s->wanted)) {
		s->found[i] = s->found[i - 1];
		i--;
	}
	s->found[i] = *p;
	s->n_found++;
	return true;
}

static bool scan(struct search *s)
{
	struct error err = { 0 };

	s->n_found = 0;
	buf_reset(&s->looked);
	if (probe_each(FILE_ROOT, collect, s, &err) < 0)
		fprintf(stderr, "%s\n", err.msg);
	for (size_t i = 0; i < s->n_found; i++) {
		if (try_one(s, &s->found[i]))
			return true;
	}
	return false;
}

/* The kernel asks CD drives about a new medium only when told to. */
static void poll_media(void)
{
	AUTO_CLOSE int fd = open(MEDIA_POLL, O_WRONLY | O_CLOEXEC);

	if (fd >= 0)
		(void)!write(fd, "1000", 4);
}

/* Through the kernel's log, at a level that reaches every console also when it is quiet. */
static void tell_people(const char *wanted)
{
	AUTO_CLOSE int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	char text[256];

	(void)snprintf(text, sizeof(text),
		       "<3>ocicat: waiting for a device with the system image%s%s\n",
		       wanted ? ": " : "", wanted ? wanted : "");
	fputs(text + 3, stderr);
	if (fd >= 0)
		(void)!write(fd, text, strlen(text));
}

static bool handle(struct search *s, const struct hotplug_event *ev)
{
	char path[sizeof(ev->devname) + 8];
	struct probe p;

	if (ev->modalias[0] && !strcmp(ev->action, "add"))
		(void)module_load_alias(&s->ix, ev->modalias);
	if (strcmp(ev->subsystem, "block") != 0 || !ev->devname[0] || !strcmp(ev->action, "remove"))
		return false;
	(void)snprintf(path, sizeof(path), "/dev/%s", ev->devname);
	if (!strncmp(ev->devname, "loop", 4) || probe_device(FILE_ROOT, path, &p, NULL) < 0)
		return false;
	return try_one(s, &p);
}

static int wait_for_devices(struct search *s, int fd, struct error *err)
{
	int64_t end = clock_ms() + WAIT_MS, impatient = clock_ms() + PATIENCE_MS;
	struct hotplug_event ev;
	bool told = false;

	for (;;) {
		int r = hotplug_next(fd, told ? end : impatient, &ev, err);

		if (r == 0 && handle(s, &ev))
			return 0;
		if (r == -EAGAIN && scan(s))
			return 0;
		if (r == 0 || r == -EAGAIN)
			continue;
		if (r != -ETIMEDOUT || told)
			return r;
		told = true;
		poll_media();
		tell_people(s->wanted);
	}
}

static int search(struct search *s, struct error *err)
{
	AUTO_CLOSE int fd = -1;
	int r = hotplug_open(&fd, err);

	if (r < 0)
		return r;
	/* Coldplug runs beside us; what it brings forth is told by the kernel. */
	if (scan(s))
		return 0;
	r = wait_for_devices(s, fd, err);
	if (r != -ETIMEDOUT)
		return r;
	(void)scan(s);
	return error_set(err, ENODATA, "no system image%s%s within %d s; looked at: %s",
			 s->wanted ? " at "
				   : " (an ISO labelled " LABEL_ISO
				     ", a partition labelled " LABEL_BOOT ", a disk that is one)",
			 s->wanted ? s->wanted : "", WAIT_MS / 1000,
			 s->looked.len > 2 ? buf_text(&s->looked) + 2 : "no block device at all");
}

static int from_ram(struct search *s, struct error *err)
{
	int r = verify_image(RAM_IMAGE, RAM_HASH, err);

	if (r < 0)
		return r;
	r = medium_use_file(&s->ix, RAM_IMAGE, false, err);
	if (r == 0)
		r = medium_check(!s->wanted, err);
	if (r < 0)
		return error_wrap(err, r, RAM_IMAGE);
	keep_boot_files("");
	return note_where("ram", "", false, err);
}

int image_run(struct error *err)
{
	struct search s = { .looked = BUF_WITH_LIMIT(4096) };
	int r = cmdline_load(&s.line, FILE_ROOT, err);

	if (r == 0)
		r = module_open(&s.ix, "", err);
	if (r < 0)
		return r;
	keep_state_key();
	s.wanted = cmdline_get(&s.line, "rancher.image");
	s.to_ram = cmdline_flag(&s.line, "rancher.toram");
	if (!image_slot_path(cmdline_get(&s.line, "rancher.slot"), s.slot, sizeof(s.slot)))
		fprintf(stderr, "rancher.slot: is no name of a slot\n");
	if (!s.wanted && !*s.slot && access(RAM_IMAGE, F_OK) == 0)
		r = from_ram(&s, err);
	else
		r = search(&s, err);
	module_close(&s.ix);
	buf_done(&s.looked);
	return r;
}
