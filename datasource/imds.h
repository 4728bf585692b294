/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree of metadata that EC2 invented and others copied: listings of names, one a line, where a
 * name that ends in a slash is a directory; leaves are texts.
 */
#pragma once

#include "datasource/web.h"

#define IMDS_NAMES_MAX 64
#define IMDS_NAME 128

struct imds_names {
	char name[IMDS_NAMES_MAX][IMDS_NAME]; /* without the slash */
	size_t n;
};

/* Read a listing. Names that are no single, harmless path element are left out. Pure. */
void imds_parse_names(const char *text, struct imds_names *ret);
/* The same for a listing of keys: of "0=my-key" the 0 alone, whatever the key is called. Pure. */
void imds_parse_keys(const char *text, struct imds_names *ret);
bool imds_has_name(const struct imds_names *names, const char *name);
