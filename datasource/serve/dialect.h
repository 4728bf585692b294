/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a cloud's metadata service is, as data: the documents with their paths, and the rules that
 * its requests must follow. A dialect is one file with one row of dialect.c's table.
 */
#pragma once

#include <stdbool.h>

/* A document. In `path` "*" is any one version ("latest", "2021-03-23"), "#" the number of an SSH
 * key, and ${…} is filled as in the text. A path that ends in "?recursive" is the answer to
 * recursive=true. */
struct serve_document {
	const char *path;
	const char *text; /* filled by fill.h */
	bool json;
};

/* A header that requests below `prefix` must have. */
struct serve_rule {
	const char *prefix;
	const char *name, *value; /* value NULL: any */
	int status;               /* when it is missing */
	bool is_forbidden;        /* it must not be there instead */
};

struct serve_dialect {
	const char *name;
	const struct serve_document *documents; /* ended by a path of NULL */
	const struct serve_rule *rules;         /* ended by a prefix of NULL; or NULL */
	const char *reply_prefix,
		*reply_header;       /* "Name: value" of replies below the prefix; or NULL */
	const char *versions_at;     /* "/": where the versions are listed, or NULL */
	const char *const *versions; /* NULL-terminated, or NULL */
};

extern const struct serve_dialect *const serve_dialects[]; /* NULL-terminated */
extern const struct serve_dialect serve_ec2, serve_gce, serve_openstack, serve_azure,
	serve_digitalocean, serve_nocloud;
