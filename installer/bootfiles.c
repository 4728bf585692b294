/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the places of syslinux' and systemd-boot's files, which Debian's packages put there.
 */
#include "installer/bootfiles.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "installer/loader.h"
#include "lib/file.h"
#include "lib/proc.h"
#include "lib/scope.h"

#define MODULES             "/usr/lib/syslinux/modules/bios/"
#define CODE_GPT            "/usr/lib/syslinux/mbr/gptmbr.bin"
#define CODE_MSDOS          "/usr/lib/syslinux/mbr/mbr.bin"
#define SYSLINUX            "/usr/bin/syslinux"
#define SYSTEMD_BOOT        "/usr/lib/systemd/boot/efi/systemd-bootx64.efi"
#define SYSLINUX_TIMEOUT_MS 60000

#define PREVIOUS_BIOS       "linux-previous.cfg"
#define PREVIOUS_UEFI       "ocicat-previous.conf"

static const char *const modules[] = { "menu.c32", "libutil.c32", "libcom32.c32" };

static int need(const char *path, struct error *err)
{
	if (access(path, R_OK) == 0)
		return 0;
	return error_set(err, ENODATA,
			 "%s is missing, which the boot loader is made of (install the "
			 "packages syslinux, syslinux-common, systemd-boot-efi)",
			 path);
}

int bootfiles_check(bool bios, bool uefi, struct error *err)
{
	char path[128];
	int r = 0;

	if (bios) {
		r = need(SYSLINUX, err);
		if (r == 0)
			r = need(CODE_GPT, err);
		for (size_t i = 0; r == 0 && i < ARRAY_LEN(modules); i++) {
			(void)snprintf(path, sizeof(path), MODULES "%s", modules[i]);
			r = need(path, err);
		}
	}
	return r == 0 && uefi ? need(SYSTEMD_BOOT, err) : r;
}

static int put_file(const struct bootfiles *b, const char *from, const char *to, struct error *err)
{
	AUTO_CLOSE int fd = open(from, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return error_sys(err, errno, "%s", from);
	return mtools_put(&b->boot, to, fd, (uint64_t)st.st_size, err);
}

static int put_rendered(const struct bootfiles *b, const char *dir, const char *name,
			const struct buf *text, struct error *err)
{
	const struct mtools_text texts[] = { { name, buf_text(text) }, { NULL, NULL } };
	int r = buf_check(text, err);

	return r < 0 ? r : mtools_put_texts(&b->boot, dir, texts, err);
}

/* Of systemd-boot, one for each row of loader_entries. */
#define ENTRIES_MAX 8

struct entries {
	struct buf text[ENTRIES_MAX];
	char name[ENTRIES_MAX][64];
};

static void entries_done(struct entries *e)
{
	for (size_t i = 0; i < ENTRIES_MAX; i++)
		buf_done(&e->text[i]);
}

static int systemd_entries(const struct bootfiles *b, struct error *err)
{
	static const char *const dirs[] = { "/loader", "/loader/entries", NULL };
	CLEANUP(entries_done) struct entries all = { 0 };
	struct mtools_text texts[ENTRIES_MAX + 1] = { 0 };
	int r = mtools_mkdirs(&b->boot, dirs, err);

	for (size_t i = 0; r == 0 && i < ENTRIES_MAX && loader_entries[i].suffix; i++) {
		const struct loader_entry *e = &loader_entries[i];

		(void)snprintf(all.name[i], sizeof(all.name[i]), "ocicat-%.32s.conf",
			       *e->suffix ? e->suffix + 1 : "current");
		loader_systemd_slot(e, b->line, b->version, b->slot, &all.text[i]);
		r = buf_check(&all.text[i], err);
		texts[i] = (struct mtools_text){ all.name[i], buf_text(&all.text[i]) };
	}
	return r < 0 ? r : mtools_put_texts(&b->boot, "/loader/entries", texts, err);
}

int bootfiles_entries(const struct bootfiles *b, bool bios, bool uefi, struct error *err)
{
	AUTO_BUF struct buf global = { 0 }, slot = { 0 }, systemd = { 0 };
	struct mtools_text texts[4] = { { "global.cfg", NULL } };
	size_t n = 1;
	int r;

	loader_global(b->line, &global);
	loader_syslinux_slot(b->line, b->version, b->slot, &slot);
	r = buf_check(&global, err);
	if (r == 0)
		r = buf_check(&slot, err);
	texts[0].text = buf_text(&global);
	if (b->append)
		texts[n++] = (struct mtools_text){ "append", b->append };
	if (bios)
		texts[n++] = (struct mtools_text){ "linux-current.cfg", buf_text(&slot) };
	if (r == 0)
		r = mtools_put_texts(&b->boot, "", texts, err);
	if (r < 0 || !uefi)
		return r;
	r = systemd_entries(b, err);
	loader_systemd(&systemd);
	return r < 0 ? r : put_rendered(b, "/loader", "loader.conf", &systemd, err);
}

int bootfiles_previous(const struct bootfiles *b, bool bios, bool uefi, struct error *err)
{
	static const char *const dirs[] = { "/loader", "/loader/entries", NULL };
	AUTO_BUF struct buf slot = { 0 }, systemd = { 0 };
	int r = 0;

	loader_syslinux_previous(b->line, b->version, b->slot, &slot);
	loader_systemd_slot(&loader_previous, b->line, b->version, b->slot, &systemd);
	if (bios)
		r = put_rendered(b, "", PREVIOUS_BIOS, &slot, err);
	if (r == 0 && uefi)
		r = mtools_mkdirs(&b->boot, dirs, err);
	if (r == 0 && uefi)
		r = put_rendered(b, "/loader/entries", PREVIOUS_UEFI, &systemd, err);
	return r;
}

int bootfiles_syslinux(const struct bootfiles *b, struct error *err)
{
	static const char *const dirs[] = { "/syslinux", NULL };
	AUTO_BUF struct buf menu = { 0 };
	const char *files[ARRAY_LEN(modules) + 1] = { NULL };
	char offset[32], from[ARRAY_LEN(modules)][128];
	const char *argv[] = { SYSLINUX,      "--install", "--offset",   offset,
			       "--directory", "/syslinux", b->boot.path, NULL };
	int r = mtools_mkdirs(&b->boot, dirs, err);

	(void)snprintf(offset, sizeof(offset), "%llu", (unsigned long long)b->boot.start);
	for (size_t i = 0; i < ARRAY_LEN(modules); i++) {
		(void)snprintf(from[i], sizeof(from[i]), MODULES "%s", modules[i]);
		files[i] = from[i];
	}
	if (r == 0)
		r = mtools_put_files(&b->boot, "/syslinux", files, err);
	loader_syslinux(b->previous, &menu);
	if (r == 0)
		r = put_rendered(b, "/syslinux", "syslinux.cfg", &menu, err);
	if (r == 0)
		r = proc_run(argv, NULL, SYSLINUX_TIMEOUT_MS, NULL, err);
	return r;
}

int bootfiles_systemd(const struct bootfiles *b, struct error *err)
{
	static const char *const dirs[] = { "/EFI", "/EFI/BOOT", "/EFI/systemd", NULL };
	int r = mtools_mkdirs(&b->boot, dirs, err);

	if (r == 0)
		r = put_file(b, SYSTEMD_BOOT, "/EFI/BOOT/BOOTX64.EFI", err);
	return r < 0 ? r : put_file(b, SYSTEMD_BOOT, "/EFI/systemd/systemd-bootx64.efi", err);
}

int bootfiles_code(enum table_kind table, char code[BOOTFILES_CODE], size_t *ret_len,
		   struct error *err)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(BOOTFILES_CODE);
	int r = file_read(FILE_ROOT, table == TABLE_GPT ? CODE_GPT : CODE_MSDOS, &b, err);

	if (r < 0)
		return r;
	memcpy(code, b.data, b.len);
	*ret_len = b.len;
	return 0;
}
