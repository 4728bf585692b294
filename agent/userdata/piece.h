/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pieces of user-data that are not yet understood, and the containers that they come out of. For
 * unpack.c, which looks at every piece; others use unpack.h.
 */
#pragma once

#include "agent/userdata/mime.h"
#include "agent/userdata/part.h"

/* Containers in one another. */
#define UNPACK_DEPTH_MAX 8
/* Everything that is decoded, inflated, rendered and fetched, together. */
#define UNPACK_BYTES_MAX (16u << 20)

struct piece {
	const char *data;
	size_t len;
	const char *source; /* for messages */
	const char *base;   /* what ":part-NNN" is added to */
	struct doc_place place;
	const char *type;	  /* MIME type that it was given, "" for none */
	const char *charset;	  /* or NULL */
	const char *name;	  /* file name, or NULL */
	const char *merge;	  /* Merge-Type, or NULL */
	const char *launch_index; /* or NULL */
	int depth;
	bool is_part; /* of several: what is not known is no great mistake */
};

struct unpack {
	const struct unpack_input *in;
	struct unpack_parts *parts;
	void (*take)(struct unpack *u, const struct piece *pc);
	size_t bytes; /* so far */
};

/* Look at a piece; its bytes count. */
void piece_take(struct unpack *u, const struct piece *pc);
/* How many bytes there may still be. */
size_t piece_room(const struct unpack *u);
/* There is no place for more parts, which is said. */
bool piece_is_full(struct unpack *u, const struct piece *pc);
/* A message at the piece's first line. */
void piece_say(struct unpack *u, const struct piece *pc, bool is_error, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

void piece_gzip(struct unpack *u, const struct piece *pc);
void piece_message(struct unpack *u, const struct piece *pc);
void piece_archive(struct unpack *u, const struct piece *pc, const char *text);
void piece_include(struct unpack *u, const struct piece *pc, const char *text);
