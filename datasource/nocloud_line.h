/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ds=nocloud;s=http://…/;h=NAME;i=ID` as it stands on the kernel line or in the DMI serial
 * number. Pure but for nocloud_line_url(), which reads DMI strings.
 */
#pragma once

#include <stdbool.h>

#include "datasource/machine.h"
#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

#define NOCLOUD_LINE_VALUE 512

struct nocloud_line {
	const char *where;                 /* "the kernel line"; NULL: nothing was given */
	char seedfrom[NOCLOUD_LINE_VALUE]; /* "" when not given, as the others */
	char hostname[NOCLOUD_LINE_VALUE];
	char id[NOCLOUD_LINE_VALUE];
};

/* Take fields from one `ds=` value ("nocloud-net;s=…"); false, and nothing taken, when it is not
 * NoCloud's ("nocloudx"). Fields that are too long or unknown are left out. */
bool nocloud_line_take(struct nocloud_line *l, const char *value, const char *where);
/* Both places; what the kernel line says wins. */
void nocloud_line_read(const struct machine *m, struct nocloud_line *ret);
/* The address of one file below `seedfrom`: `%s` stands for the file's name, which is appended
 * (after a "/" unless there is a query) when there is none; __dmi.system-uuid__ and its like are
 * filled in. -ENODATA when the machine has no such string; -E2BIG. */
int nocloud_line_url(int root, const char *seedfrom, const char *file, struct buf *ret,
		     struct error *err) MUST_CHECK;
