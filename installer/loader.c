/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RancherOS' names of files and of entries; paths of slots as init/early/image.c looks for them.
 */
#include "installer/loader.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "installer/install.h"
#include "lib/cmdline.h"
#include "lib/scope.h"

#define SLOT " rancher.slot="
/* Room for that and a name. */
#define SLOT_ROOM 128

#define LINE_COMMON "printk.devkmsg=on rancher.state.dev=%s rancher.state.wait panic=10"
/* The last console named is /dev/console; the kernel speaks on both. */
#define LINE_SCREEN "console=ttyS0,115200 console=tty0"
#define LINE_SERIAL "console=tty0 console=ttyS0,115200"
/* As on the live ISO (os/boot/cmdline). */
#define LINE_QUIET                                                               \
	"quiet loglevel=4 cryptomgr.notests initcall_blacklist=crypto_kdf108_init" \
	" no5lvl reserve_mem=1M:4096:oops ramoops.mem_name=oops"

const struct loader_entry loader_entries[] = {
	{ "", "", "" },
	{ "-autologin", " (autologin)", " rancher.autologin=tty1 rancher.autologin=ttyS0" },
	{ "-debug", " (with every message)", " rancher.debug=true loglevel=7" },
	{ "-recovery", " (recovery console)", " rancher.recovery=true" },
	{ NULL, NULL, NULL },
};

const struct loader_entry loader_previous = { "previous", " (previous)", "" };

static void add(struct buf *b, const char *words)
{
	if (words && *words)
		buf_fmt(b, "%s%s", b->len ? " " : "", words);
}

/* What the machine reads behind it, the slot's name, must stay what it is. */
static int check_words(const char *text, struct error *err)
{
	AUTO_FREE struct cmdline *line = calloc(1, sizeof(*line));

	if (!line)
		return error_sys(err, ENOMEM, "kernel line");
	if (!cmdline_parse(line, text))
		return error_set(err, E2BIG, "--append: more than %d words", CMDLINE_WORDS);
	if (line->open)
		return error_set(err, EINVAL,
				 "--append: a quotation mark or bracket is not closed (from "
				 "%.60s on)",
				 text + line->words[line->n_words - 1].column - 1);
	return 0;
}

int loader_line(const struct loader_line *from, char *line, size_t size, struct error *err)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(16384);
	int r;

	if (from->append && strpbrk(from->append, "\r\n"))
		return error_set(err, EINVAL, "--append: more than one line");
	buf_fmt(&b, LINE_COMMON, from->state);
	if (from->statedir && *from->statedir)
		buf_fmt(&b, " rancher.state.directory=%s", from->statedir);
	if (from->array)
		add(&b, "rancher.state.mdadm_scan");
	if (from->luks)
		add(&b, "rancher.state.cryptsetup");
	if (from->key_file)
		buf_fmt(&b, " rancher.state.key_file=%s", from->key_file);
	add(&b, from->serial ? LINE_SERIAL : LINE_SCREEN);
	add(&b, LINE_QUIET);
	add(&b, from->own);
	add(&b, from->kept);
	add(&b, from->append);
	r = buf_check(&b, err);
	if (r < 0)
		return r;
	if (b.len + SLOT_ROOM > INSTALL_LINE_MAX || b.len >= size)
		return error_set(err, E2BIG,
				 "--append: the kernel line would be %zu bytes long, "
				 "the kernel takes %d (make it shorter)",
				 b.len + SLOT_ROOM, INSTALL_LINE_MAX);
	memcpy(line, buf_text(&b), b.len + 1);
	return check_words(line, err);
}

int loader_read_global(const char *text, char *line, size_t size, struct error *err)
{
	for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n') {
		const char *word = p + strspn(p, " \t");
		size_t len;

		if (strncasecmp(word, "APPEND ", 7) != 0)
			continue;
		word += 7;
		len = strcspn(word, "\r\n");
		if (len >= size)
			return error_set(err, E2BIG, "global.cfg: the line is too long");
		memcpy(line, word, len);
		line[len] = '\0';
		return 0;
	}
	return error_set(err, EBADMSG, "global.cfg has no APPEND line");
}

/* Its words, when the line of a file is of an entry with a slot. */
static const char *entry_words(const char *text, size_t len, const char **ret_slot)
{
	static const char *const words[] = { "APPEND ", "options " };
	const char *word = text + strspn(text, " \t");

	*ret_slot = memmem(text, len, SLOT, strlen(SLOT));
	for (size_t i = 0; *ret_slot && i < ARRAY_LEN(words); i++) {
		if (!strncasecmp(word, words[i], strlen(words[i])))
			return word + strlen(words[i]);
	}
	return NULL;
}

int loader_read_entry(const char *text, struct install_entry *ret, struct error *err)
{
	for (const char *p = text; *p; p += strcspn(p, "\n"), p += *p == '\n') {
		const char *slot, *word = entry_words(p, strcspn(p, "\n"), &slot);
		size_t len, line;

		if (!word || word > slot)
			continue;
		line = (size_t)(slot - word);
		slot += strlen(SLOT);
		len = strcspn(slot, " \t\r\n");
		if (line >= sizeof(ret->line) || len >= sizeof(ret->slot))
			return error_set(err, E2BIG, "a boot entry is too long");
		memcpy(ret->line, word, line);
		ret->line[line] = '\0';
		memcpy(ret->slot, slot, len);
		ret->slot[len] = '\0';
		return 0;
	}
	*ret = (struct install_entry){ 0 };
	return 0;
}

void loader_global(const char *line, struct buf *out)
{
	buf_fmt(out, "APPEND %s\n", line);
}

void loader_syslinux(bool previous, struct buf *out)
{
	buf_str(out, "# Written by ros install. The kernel line is in /global.cfg.\n"
		     "SERIAL 0 115200\n"
		     "UI menu.c32\n"
		     "MENU TITLE OcicatOS\n"
		     "MENU HIDDEN\n"
		     "MENU AUTOBOOT Starting OcicatOS\n"
		     "TIMEOUT 10\n");
	/* The last one's DEFAULT counts. */
	if (previous)
		buf_str(out, "INCLUDE /linux-previous.cfg\n");
	buf_str(out, "INCLUDE /linux-current.cfg\n"
		     "LABEL next\n"
		     "  MENU LABEL Boot the next BIOS option\n"
		     "  LOCALBOOT -1\n");
}

static void syslinux_entry(const struct loader_entry *e, const char *label, const char *line,
			   const char *version, const char *slot, struct buf *out)
{
	buf_fmt(out,
		"LABEL rancheros-%s%s\n"
		"  MENU LABEL OcicatOS %s%s\n"
		"  LINUX /ocicat/slots/%s/kernel\n"
		"  INITRD /ocicat/slots/%s/initrd\n"
		"  APPEND %s" SLOT "%s%s\n",
		label, e->suffix, version, e->title, slot, slot, line, slot, e->words);
}

void loader_syslinux_slot(const char *line, const char *version, const char *slot, struct buf *out)
{
	buf_fmt(out, "DEFAULT rancheros-%s\n", version);
	for (const struct loader_entry *e = loader_entries; e->suffix; e++)
		syslinux_entry(e, version, line, version, slot, out);
}

void loader_syslinux_previous(const char *line, const char *version, const char *slot,
			      struct buf *out)
{
	/* Both may be of one version: the label is another all the same. */
	syslinux_entry(&loader_previous, "", line, version, slot, out);
}

void loader_systemd(struct buf *out)
{
	buf_str(out, "# Written by ros install. The kernel line is in /global.cfg.\n"
		     "default ocicat-current.conf\n"
		     "timeout 1\n"
		     "editor yes\n");
}

void loader_systemd_slot(const struct loader_entry *e, const char *line, const char *version,
			 const char *slot, struct buf *out)
{
	buf_fmt(out,
		"title OcicatOS %s%s\n"
		"version %s\n"
		"linux /ocicat/slots/%s/kernel\n"
		"initrd /ocicat/slots/%s/initrd\n"
		"options %s" SLOT "%s%s\n",
		version, e->title, version, slot, slot, line, slot, e->words);
}

void loader_set_line(const char *text, const char *line, struct buf *out)
{
	for (const char *p = text; *p;) {
		const size_t len = strcspn(p, "\n");
		const char *slot, *word = entry_words(p, len, &slot);

		if (word) {
			buf_add(out, p, (size_t)(word - p));
			buf_str(out, line);
			buf_add(out, slot, (size_t)(p + len - slot));
		} else {
			buf_add(out, p, len);
		}
		p += len;
		if (*p)
			buf_char(out, *p++);
	}
}
