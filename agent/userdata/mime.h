/* SPDX-License-Identifier: Apache-2.0 */
/*
 * MIME messages (RFC 2045, 2046) as far as user-data needs them: headers, the parts of a multipart
 * body, transfer encodings. Works on the bytes as they are, whatever ends their lines. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"
#include "lib/buf.h"

/* A piece of a file, and the line in which it begins. */
struct mime_text {
	const char *at;
	size_t len;
	unsigned line;
};

/* What the headers of a message or part say; "" where they say nothing. */
struct mime_head {
	char type[80];	   /* "text/cloud-config", in lower case */
	char encoding[32]; /* in lower case */
	char charset[32];  /* in lower case */
	char boundary[200];
	char name[200];	 /* the file name, as it stands there */
	char merge[256]; /* Merge-Type or X-Merge-Type */
	char launch_index[64];
};

/* The text begins with headers, among them MIME-Version or Content-Type. */
bool mime_is_message(const char *text, size_t len);
/* Split a message into headers and body. */
void mime_read(struct mime_text message, struct mime_head *ret, struct mime_text *ret_body);
/* Take the next part of a multipart body off *rest; false when there is none. *ret_closed says
 * whether the line that ends the part was there. */
bool mime_next(const char *boundary, struct mime_text *rest, struct mime_text *ret,
	       bool *ret_closed);
/* The encoding changes nothing: places in the part are those of the file. */
bool mime_is_identity(const char *encoding);
/* Undo a transfer encoding. -ENOTSUP for one that is not known, -EBADMSG for damaged text. */
int mime_decode(const char *encoding, const char *text, size_t len, struct buf *out) MUST_CHECK;
