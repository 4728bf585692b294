/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The texts of both boot loaders, rendered from one source: global.cfg (its APPEND line is the
 * kernel line) and the slot. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "installer/install.h"
#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

/* What an installed system's kernel line is made of. */
struct loader_line {
	const char *state;    /* what it is found by: "LABEL=…" */
	bool array;           /* the state is on an array */
	bool luks;            /* the state is encrypted, */
	const char *key_file; /* with this key; or NULL */
	const char *statedir; /* or NULL, or "" */
	const char *own;      /* words of the installation type, or NULL */
	const char *kept;     /* of the line that was there, or NULL */
	const char *append;   /* the user's, or NULL */
	bool serial;          /* the console is the serial line */
};

/* Put the line together; -E2BIG when the kernel would cut it, with room for the slot's name;
 * -EINVAL when a quote is not closed, which would swallow that name. */
int loader_line(const struct loader_line *from, char *line, size_t size,
		struct error *err) MUST_CHECK;
/* The kernel line from the text of global.cfg; -EBADMSG when it has no APPEND line. */
int loader_read_global(const char *text, char *line, size_t size, struct error *err) MUST_CHECK;

/* The first entry that names a slot in the text of a file of either boot loader; none is an empty
 * one. */
int loader_read_entry(const char *text, struct install_entry *ret, struct error *err) MUST_CHECK;

/* One boot entry of a slot: suffix "" is the one that starts by itself. */
struct loader_entry {
	const char *suffix; /* of its label and file: "", "-debug", … */
	const char *title;  /* appended to "OcicatOS VERSION" */
	const char *words;  /* appended to the kernel line */
};

extern const struct loader_entry loader_entries[]; /* ended by a NULL suffix */
extern const struct loader_entry loader_previous;  /* of the version before */

void loader_global(const char *line, struct buf *out);
/* syslinux: the menu, and the entries of one slot ("linux-current.cfg"), and of the one before
 * ("linux-previous.cfg"), if there is one. */
void loader_syslinux(bool previous, struct buf *out);
void loader_syslinux_previous(const char *line, const char *version, const char *slot,
			      struct buf *out);
void loader_syslinux_slot(const char *line, const char *version, const char *slot, struct buf *out);
/* systemd-boot: loader.conf, and one entry's file. */
void loader_systemd(struct buf *out);
void loader_systemd_slot(const struct loader_entry *e, const char *line, const char *version,
			 const char *slot, struct buf *out);

/* The text of a file of entries, of either boot loader, with another kernel line: what stands
 * before the slot's name is replaced; what stands behind (an entry's own words) stays, and so does
 * any line without a slot. */
void loader_set_line(const char *text, const char *line, struct buf *out);
