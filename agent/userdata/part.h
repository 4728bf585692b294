/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What goes into the unpacking of user-data, and the parts that come out.
 */
#pragma once

#include <stddef.h>

#include "agent/userdata/include.h"
#include "agent/userdata/vars.h"
#include "lib/doc/doc.h"

/* More parts than this are left out, and a message says so. */
#define UNPACK_PARTS_MAX 256

enum unpack_type {
	UNPACK_CONFIG,
	UNPACK_PATCH, /* a JSON patch of the configuration so far */
	UNPACK_COMPOSE,
	UNPACK_SCRIPT,
	UNPACK_BOOTHOOK,
	UNPACK_IGNORED,
	UNPACK_N_TYPES
};

/* How often a script runs. */
enum unpack_when { UNPACK_EACH_BOOT, UNPACK_EACH_INSTANCE, UNPACK_ONCE };

struct unpack_part {
	enum unpack_type type;
	enum unpack_when when;
	char name[72]; /* "part-001", or the file name that the part was given, made harmless */
	const char *source;	/* for messages … */
	struct doc_place place; /* … and the lines in it */
	const char *text;	/* terminated, UTF-8 (a script: any bytes but NUL) */
	size_t len;
	const char *merge;	    /* the header Merge-Type, or NULL */
	const struct doc_node *doc; /* filled in by assemble.h: of a document that was taken */
};

struct unpack_parts {
	struct unpack_part *list; /* in the pool */
	size_t n;
};

struct unpack_input {
	struct doc_pool *pool;
	const char *source; /* "user-data" */
	const void *data;
	size_t len;
	const struct vars *vars; /* or NULL: looked at for no machine (validation) */
	struct include *include; /* or NULL: URLs are not fetched, which is a message */
};
