/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clouds whose metadata is one JSON or YAML document, or a flat tree of texts, over HTTP: what
 * differs between them is data. The rows are in cloud_rows.c, this is their form.
 */
#pragma once

#include "datasource/meta.h"
#include "datasource/web.h"

#define CLOUD_PATHS 4
#define CLOUD_DOCS 3

/* What is taken out of the documents. */
enum cloud_field {
	CLOUD_ID,
	CLOUD_HOSTNAME,
	CLOUD_REGION,
	CLOUD_ZONE,
	CLOUD_TYPE,
	CLOUD_PUBLIC,
	CLOUD_PRIVATE,
	CLOUD_KEYS,
	CLOUD_USER,
	CLOUD_VENDOR,
	CLOUD_NETWORK, /* a network configuration; with network_is_document: something without
			* which the document that it is in describes none */
	CLOUD_N_FIELDS
};

enum cloud_format {
	CLOUD_JSON,
	CLOUD_YAML,
	/* A text for each field: `path[0]` and the field's names behind it. */
	CLOUD_TREE,
};

enum cloud_encoding {
	CLOUD_PLAIN,
	CLOUD_BASE64,
	CLOUD_MAYBE_BASE64, /* decoded where it is no known form, and base64 to the last byte */
};

/* A session token; `path` NULL: none. A service that knows no tokens (404) is asked without. */
struct cloud_token {
	const char *path;
	const char *ttl;   /* header of the PUT */
	const char *reply; /* name of the header that carries it from then on */
};

struct cloud_answer;

struct cloud {
	const char *name;
	struct web_service service;
	const char *headers[2]; /* of each request */
	const char *document_headers[2]; /* of the documents' alone, ended by NULL */
	struct cloud_token token;
	enum cloud_format format;
	const char *path[CLOUD_PATHS];	/* of the document; a later one where one is not found */
	const char *also[CLOUD_DOCS - 1]; /* further documents, which may be absent */
	/* Dotted paths, alternatives split by |, "1:" and "2:" in front for further documents; in
	 * a tree, names. */
	const char *field[CLOUD_N_FIELDS];
	const char *user_path, *vendor_path; /* asked where the document has none, or NULL */
	enum cloud_encoding encoding;	     /* of user-data */
	bool network_is_document;	     /* the whole document is the network configuration */
	/* What only this cloud needs, at the end; or NULL. */
	int (*finish)(struct cloud_answer *a, struct error *err);
};

/* All that is at hand while one cloud is asked. */
struct cloud_answer {
	const struct cloud *cloud;
	const struct datasource_ctx *ctx;
	struct web web;
	struct doc_pool *pool;
	struct buf text[CLOUD_DOCS];
	const struct doc_node *doc[CLOUD_DOCS];
	const char *value[CLOUD_N_FIELDS]; /* texts of fields; NULL where there is none */
	struct meta meta;
	struct datasource_payload *payload;
};

/* The node of a field, or NULL. */
const struct doc_node *cloud_node(const struct cloud_answer *a, enum cloud_field field);
/* The same, and in which document it is. */
const struct doc_node *cloud_node_of(const struct cloud_answer *a, enum cloud_field field,
				     size_t *ret_document);
