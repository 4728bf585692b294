/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Small files are read where their bytes are: that tells one that is not there from a broken disk,
 * which mtools does not.
 */
#include "installer/found.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "installer/existing.h"
#include "installer/loader.h"
#include "lib/disk/fat.h"
#include "lib/disk/fatrun.h"
#include "lib/disk/image.h"
#include "lib/disk/mtools.h"

#define TEXT_MAX (64u << 10)
/* All entries of the boot loaders together. */
#define ENTRIES_MAX (1u << 20)
#define SLOTS_DIR   "/ocicat/slots"
#define ENTRIES_DIR "/loader/entries"
#define NAME_CHARS                                                          \
	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.+_-"

struct source {
	int fd;
	struct mtools boot;
};

struct copy {
	int fd;
	struct buf *to;
};

static int copy_run(void *arg, uint64_t at, uint64_t len, struct error *err)
{
	const struct copy *c = arg;

	if (len > TEXT_MAX)
		return error_set(err, E2BIG, "a text of more than %u bytes", TEXT_MAX);
	return image_copy(c->fd, at, (size_t)len, c->to, err);
}

/* The text of a small file is appended; one that is not there has none. */
static int read_text(const struct source *s, const char *path, struct buf *to, struct error *err)
{
	struct copy copy = { s->fd, to };
	uint64_t size;
	int r = fat_map(s->fd, s->boot.start, path, &size, copy_run, &copy, err);

	if (r == -ENOENT) {
		error_reset(err);
		return 0;
	}
	return error_wrap(err, r, "%s on %s", path, s->boot.path);
}

static int pass_run(void *arg, uint64_t at, uint64_t len, struct error *err)
{
	(void)arg;
	(void)at;
	(void)len;
	(void)err;
	return 0;
}

/* 0 for one that is not there, or that makes no sense: a cut may have left it. */
static uint64_t size_of(const struct source *s, const char *path, bool *ret_there)
{
	uint64_t size = 0;
	int r = fat_map(s->fd, s->boot.start, path, &size, pass_run, NULL, NULL);

	*ret_there = r == 0;
	return r == 0 ? size : 0;
}

/* --- the kernel line --- */

static int read_line(const struct source *s, struct install_found *f, struct error *err)
{
	AUTO_BUF struct buf global = BUF_WITH_LIMIT(TEXT_MAX), append = BUF_WITH_LIMIT(TEXT_MAX);
	int r = read_text(s, "/global.cfg", &global, err);

	if (r == 0 && global.len)
		r = loader_read_global(buf_text(&global), f->line, sizeof(f->line), err);
	if (r == 0)
		r = read_text(s, "/append", &append, err);
	if (r < 0)
		return r;
	if (append.len >= sizeof(f->append))
		return error_set(err, E2BIG, "/append on %s: is too long", s->boot.path);
	(void)snprintf(f->append, sizeof(f->append), "%s", buf_text(&append));
	f->append[strcspn(f->append, "\r\n")] = '\0';
	return 0;
}

/* --- entries --- */

static int read_entry(const struct source *s, const char *path, struct install_entry *e,
		      struct buf *all, struct error *err)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(TEXT_MAX);
	int r = read_text(s, path, &text, err);

	/* Either boot loader may be the one that is used. */
	if (r == 0 && !*e->slot)
		r = error_wrap(err, loader_read_entry(buf_text(&text), e, err), "%s on %s", path,
			       s->boot.path);
	if (all)
		buf_str(all, buf_text(&text));
	return r;
}

/* `all`: the text of every entry but the previous version's. */
static int read_entries(const struct source *s, struct install_found *f, struct buf *all,
			struct error *err)
{
	AUTO_BUF struct buf names = BUF_WITH_LIMIT(TEXT_MAX);
	struct install_entry *now = &f->current, *before = &f->previous;
	char *name, *rest;
	int r = read_entry(s, "/linux-current.cfg", now, all, err);

	if (r == 0)
		r = read_entry(s, ENTRIES_DIR "/ocicat-current.conf", now, all, err);
	if (r == 0)
		r = read_entry(s, "/linux-previous.cfg", before, NULL, err);
	if (r == 0)
		r = read_entry(s, ENTRIES_DIR "/ocicat-previous.conf", before, NULL, err);
	if (r == 0)
		r = read_text(s, "/syslinux/syslinux.cfg", all, err);
	if (r == 0)
		r = mtools_list(&s->boot, ENTRIES_DIR, &names, err);
	rest = names.data;
	while (r == 0 && rest && (name = strsep(&rest, "\n"))) {
		char path[300];

		if (!*name || !strcmp(name, "ocicat-previous.conf"))
			continue;
		(void)snprintf(path, sizeof(path), ENTRIES_DIR "/%.255s", name);
		r = read_text(s, path, all, err);
	}
	return r < 0 ? r : buf_check(all, err);
}

/* --- slots --- */

static void add_slot(const struct source *s, const char *name, const char *entries,
		     struct install_found *f)
{
	static const char *const files[] = { "kernel", "initrd", "system.img", "manifest.json" };
	char path[200];
	bool there;
	size_t i = f->n_slots++;

	(void)snprintf(f->slots[i].name, sizeof(f->slots[i].name), "%s", name);
	for (size_t k = 0; k < ARRAY_LEN(files); k++) {
		(void)snprintf(path, sizeof(path), SLOTS_DIR "/%s/%s", name, files[k]);
		f->slots[i].size += size_of(s, path, &there);
	}
	(void)snprintf(path, sizeof(path), SLOTS_DIR "/%s/sealed", name);
	(void)size_of(s, path, &f->slots[i].sealed);
	f->slots[i].named = strcasestr(entries, name);
}

/* A name that we do not give is not ours. */
static int read_slots(const struct source *s, const char *entries, struct install_found *f,
		      struct error *err)
{
	AUTO_BUF struct buf names = BUF_WITH_LIMIT(TEXT_MAX);
	int r = mtools_list(&s->boot, SLOTS_DIR, &names, err);
	char *name, *rest = names.data;

	while (r == 0 && rest && (name = strsep(&rest, "\n"))) {
		size_t len = strspn(name, NAME_CHARS);

		if (len && len < INSTALL_SLOT_NAME && !strcmp(name + len, "/") &&
		    f->n_slots < INSTALL_SLOTS) {
			name[len] = '\0';
			add_slot(s, name, entries, f);
		}
	}
	return r;
}

int found_read(const struct install_disk *d, struct install_found *f, struct error *err)
{
	AUTO_BUF struct buf entries = BUF_WITH_LIMIT(ENTRIES_MAX);
	const struct probe_part *boot = existing_boot(d);
	struct source s = { .fd = d->fd, .boot.path = d->path };
	int r;

	*f = (struct install_found){ .room = UINT64_MAX };
	if (!boot)
		return 0;
	s.boot.start = boot->start;
	r = read_line(&s, f, err);
	if (r == 0)
		r = read_entries(&s, f, &entries, err);
	if (r == 0)
		r = read_slots(&s, buf_text(&entries), f, err);
	if (r < 0)
		return r;
	r = fatrun_room(d->fd, boot->start, &f->room, err);
	/* Of a FAT16, which somebody made by hand, it is not known. */
	if (r != -EBADMSG)
		return r;
	error_reset(err);
	return 0;
}
