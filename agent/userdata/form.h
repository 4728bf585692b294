/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a piece of user-data is, by its first line or by its MIME type: two tables. Pure.
 */
#pragma once

#include <stdbool.h>

enum form {
	FORM_NONE,
	FORM_CONFIG,
	FORM_PATCH,   /* #cloud-config-jsonp */
	FORM_ARCHIVE, /* #cloud-config-archive */
	FORM_COMPOSE,
	FORM_SCRIPT,
	FORM_BOOTHOOK,
	FORM_INCLUDE,
	FORM_JINJA, /* a template of any of these */
	FORM_GZIP,
	FORM_MESSAGE, /* MIME */
	FORM_REFUSED,
};

struct form_row {
	const char *name; /* first line, or type */
	enum form form;
	const char *refused; /* what it is, when it is not taken */
};

/* The row of the header that the text begins with (behind white space), or NULL. *ret_at, unless
 * NULL, is where it stands. */
const struct form_row *form_by_header(const char *text, const char **ret_at);
/* The row of a MIME type, or NULL. */
const struct form_row *form_by_type(const char *type);
/* A type of which nobody can tell what the part is: its header counts. */
bool form_is_vague(const char *type);
/* The line, from 1, of a #cloud-config further down that ought to be the first; 0: there is none.
 */
unsigned form_late_header(const char *text);
