/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One entry of write_files: what is to be written, checked and decoded. Pure.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/doc/doc.h"

#define FILESPEC_MAX (64u << 20) /* of a file's content */

struct filespec {
	const char *path;      /* absolute, without "." and ".." elements and doubled slashes */
	const char *container; /* "console" unless named */
	const char *owner;     /* "user:group" */
	mode_t mode;
	bool has_mode;         /* permissions were given */
	bool has_owner;
	bool append;
	unsigned nth;          /* of additions with this text, from 0: for who knows the others */
	bool defer;            /* when users are there */
	const struct doc_node *source; /* {"uri", "headers"}, or NULL */
	bool has_content;      /* also without: what to write when the source does not answer */
	struct buf content;
};

/* Fill *ret; false, with messages in the pool, when the entry cannot be used. filespec_done() in
 * any case. */
bool filespec_read(struct doc_pool *p, const struct doc_node *entry, struct filespec *ret);
void filespec_done(struct filespec *f);
/* Octal by the text as it stands: "0644", "644" and 0644 without quotes mean the same. */
bool filespec_mode(const char *text, mode_t *ret);
