/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The configuration document: an immutable tree in which every value remembers the source, line and
 * column it came from and what it replaced. Nodes live in their arena (struct doc_pool) and die
 * together with it; merging shares them.
 *
 * Scalars are typed as YAML 1.1 is by PyYAML (datasource reference, "YAML 1.1 typing"); `text` of a
 * scalar is always its source text, so that "0644" and 0644 can be told apart from 644.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

/* Limits on hostile input; each is E2BIG with the place. */
#define DOC_DEPTH 64
#define DOC_NODES 100000
#define DOC_ALIASES 10000
#define DOC_ANCHORS 1000
#define DOC_SCALAR (8u << 20)
#define DOC_SIZE (16u << 20)

struct doc_pool;

enum doc_kind { DOC_NULL, DOC_BOOL, DOC_INT, DOC_FLOAT, DOC_STR, DOC_SEQ, DOC_MAP };

struct doc_origin {
	const char *source;    /* "user-data", "/var/lib/rancher/conf/cloud-config.yml" */
	unsigned line, column; /* 1-based; 0 when the format keeps no position */
};

struct doc_node;
struct doc_pair {
	const char *key;
	struct doc_origin origin; /* of the key */
	const struct doc_node *val;
};

struct doc_node {
	enum doc_kind kind;
	struct doc_origin origin;
	const struct doc_node *replaced; /* what a merge put this in place of, or NULL */
	const char *text; /* scalars: source text, terminated; text_len may hold NULs (!!binary) */
	size_t len;                      /* scalars: bytes of text; else number of items or pairs */
	union {
		bool boolean;
		int64_t integer;
		double number;
		const struct doc_node *const *items;
		const struct doc_pair *pairs; /* in input order, keys unique */
	};
};

/* Messages about the document, gathered so that all mistakes of a file are shown at once. */
struct doc_message {
	bool is_error; /* else a warning */
	struct doc_origin origin;
	const char *text;
};

int doc_pool_new(struct doc_pool **ret, struct error *err) MUST_CHECK;
void doc_pool_free(struct doc_pool *p);
DEFINE_AUTO(struct doc_pool, doc_pool_free);
/* Memory that lives as long as the pool; NULL when there is none left. */
void *doc_alloc(struct doc_pool *p, size_t size);
const char *doc_strdup(struct doc_pool *p, const char *s, size_t len);
/* Note a message; printed as "SOURCE:LINE:COLUMN: text", control characters as "?". An error
 * hides what is said about its place later. Never fails: what it cannot keep is counted. */
void doc_say(struct doc_pool *p, bool is_error, struct doc_origin at, const char *fmt, ...)
	PRINTF_LIKE(4, 5);
/* Note a failure; a "source:LINE:COLUMN:" in front of its text becomes the position. */
void doc_say_error(struct doc_pool *p, const char *source, const struct error *err);
const struct doc_message *doc_messages(const struct doc_pool *p, size_t *ret_n);
/* "SOURCE:LINE:COLUMN: text" */
void doc_message_text(const struct doc_message *m, struct buf *out);
/* All of them as a JSON list of {"level", "file", "line", "column", "text"}. */
void doc_messages_json(const struct doc_pool *p, struct buf *out);
bool doc_has_errors(const struct doc_pool *p);

/* YAML text → tree (lib/doc/yaml.c). An empty text is a DOC_NULL node. -EBADMSG with
 * "source:line:column: what" when it does not parse; duplicate keys are messages, the last wins. */
int doc_yaml(struct doc_pool *p, const char *source, const char *text, size_t len,
	     const struct doc_node **ret, struct error *err) MUST_CHECK;
/* The same for a text that is a piece of its source, or was made from it: its first line is line
 * `first` of the source (0: 1); with a map of n_lines, line i (from 0) is line lines[i]. */
struct doc_place {
	unsigned first;
	const unsigned *lines;
	size_t n_lines;
};
int doc_yaml_at(struct doc_pool *p, const char *source, struct doc_place place, const char *text,
		size_t len, const struct doc_node **ret, struct error *err) MUST_CHECK;
/* JSON text → tree, and tree → JSON text (lib/doc/json.c, cJSON). */
int doc_json_parse(struct doc_pool *p, const char *source, const char *text, size_t len,
		   const struct doc_node **ret, struct error *err) MUST_CHECK;
void doc_json_write(const struct doc_node *n, struct buf *out);
/* Tree → block YAML text that reads back the same (lib/doc/emit.c). */
void doc_yaml_write(const struct doc_node *n, struct buf *out);

/* Builders for values that come from code; origin is `source` without a position. */
const struct doc_node *doc_new_str(struct doc_pool *p, const char *source, const char *text);
const struct doc_node *doc_new_bool(struct doc_pool *p, const char *source, bool value);
const struct doc_node *doc_new_int(struct doc_pool *p, const char *source, int64_t value);
const struct doc_node *doc_new_seq(struct doc_pool *p, const char *source,
				   const struct doc_node *const *items, size_t n);
/* A copy of `map` (NULL: empty) in which dotted `path` is `val`; "quoted" path elements may hold
 * dots. NULL when the path is malformed or too deep, or the pool is full. */
const struct doc_node *doc_with(struct doc_pool *p, const struct doc_node *map, const char *path,
				const struct doc_node *val);

/* A copy of `map` without what is at dotted `path`; `map` itself when there is nothing. */
const struct doc_node *doc_without(struct doc_pool *p, const struct doc_node *map,
				   const char *path);

/* Precedence merge as RancherOS': maps merge by key, lists and scalars of `over` replace. Near
 * the root (three keys deep) what is no map does not replace a map, and null does not (two keys
 * deep): a message names both places. A stray line cannot wipe a layer; `services: {x: null}`
 * removes x. */
const struct doc_node *doc_merge(struct doc_pool *p, const struct doc_node *base,
				 const struct doc_node *over);

/* Look-ups accept NULL nodes, and return NULL or the default when nothing of that kind is there. */
const struct doc_node *doc_at(const struct doc_node *n, const char *path); /* dotted */
const struct doc_node *doc_key(const struct doc_node *map,
			       const char *key); /* one key, dots and all */
const char *doc_str(const struct doc_node *n, const char *path,
		    const char *fallback); /* scalar's text */
bool doc_bool(const struct doc_node *n, const char *path, bool fallback);
int64_t doc_int(const struct doc_node *n, const char *path, int64_t fallback);
bool doc_is_scalar(const struct doc_node *n);
