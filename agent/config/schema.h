/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of every configuration key: what it takes, what it is when nobody sets it, how often it
 * is applied, what it is for. Validation, `ros config explain`, the reference page, the JSON Schema
 * and shell completion are made from it, so that none of them can say something else.
 */
#pragma once

#include <stdbool.h>

#include "agent/config/schema_row.h"
#include "lib/scope.h"

/* A row in its place. */
struct schema_entry {
	const char *path; /* the whole of it */
	const struct schema_row *row;
};

/* All rows, by path, for look-ups. */
struct schema;
struct schema *schema_new(void); /* NULL when there is no memory */
void schema_free(struct schema *s);
DEFINE_AUTO(struct schema, schema_free);
/* The tables in the order of the reference page; NULL behind the last one. */
const struct schema_table *schema_table_at(size_t i);
/* The rows, sorted by path. */
const struct schema_entry *schema_entries(const struct schema *s, size_t *ret_n);
/* Those below a path ("users.[]"), at every depth; "" for all. Paths as in the table. */
const struct schema_entry *schema_below(const struct schema *s, const char *path, size_t *ret_n);
/* By the table's own spelling: "users.[].name". NULL when there is none. */
const struct schema_entry *schema_get(const struct schema *s, const char *path);
/* One step down from `path`: its row for that key, or the one for any key. An item: key is "[]". */
const struct schema_entry *schema_step(const struct schema *s, const char *path, const char *key);
/* By a path as users write it: "users.0.name", `rancher.network.interfaces."eth1.100".mtu`. */
const struct schema_entry *schema_find(const struct schema *s, const char *path);

/* How often a key is applied (its own row's, or an ancestor's); SCHEMA_BOOT when nobody says. */
enum schema_when schema_when_of(const struct schema *s, const char *path);
/* The same for a key of the document's root, without an index: for modules. */
enum schema_when schema_when_root(const char *key);
const char *schema_when_name(enum schema_when when); /* "boot" */
const char *schema_kind_name(enum schema_bit kind);  /* "PORT" */
/* One of `words` ("a|b*") is the text, or a pattern that it matches. */
bool schema_has_word(const char *words, const char *text);
