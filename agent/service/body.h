/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Engine's create request while a service definition is being turned into it: reads values of
 * the definition (variables replaced, mistakes noted with their place) and builds the nodes of the
 * request.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "agent/service/service.h"
#include "lib/attr.h"
#include "lib/doc/doc.h"

/* Where ${VARIABLES} come from. */
struct body_env {
	const struct doc_node *vars; /* rancher.environment */
	const char *version;         /* VERSION when vars has none */
	const char *kernel;          /* KERNEL_VERSION, the same way */
	bool partial;                /* only one layer is known: no word of what others may have */
	const int *root;             /* where env_file is; NULL: such files are not read */
};

struct body {
	struct doc_pool *pool;
	const struct body_env *env;
	const struct service_set *set; /* all services, for references to others */
	struct service *svc;
	struct doc_origin at;          /* the key that is being read */
	const struct doc_node *create; /* the request so far */
	bool no_memory;
};

/* Lists under construction; at most BODY_LIST_MAX, the rest is dropped with a message. */
#define BODY_LIST_MAX 1024
struct body_items {
	const struct doc_node **v;
	size_t n, size;
};
struct body_pairs {
	struct doc_pair *v;
	size_t n, size;
};

/* A mistake, or with `is_error` false a remark, at the key or value `at`. */
void body_say(struct body *b, bool is_error, const struct doc_node *at, const char *fmt, ...)
	PRINTF_LIKE(4, 5);
/* The variable for this service ("service/NAME" goes before "NAME"), NULL when it is not set. */
const char *body_variable(const struct body *b, const char *name);
/* A scalar's text with its variables replaced, "" for null; NULL, with a message, for a list or
 * map, and for variables of which only one layer is known. */
const char *body_text(struct body *b, const struct doc_node *n);
/* printf into the pool; never NULL. */
const char *body_format(struct body *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

const struct doc_node *body_str(struct body *b, const char *text);
const struct doc_node *body_int(struct body *b, int64_t value);
const struct doc_node *body_bool(struct body *b, bool value);
void body_add(struct body *b, struct body_items *l, const struct doc_node *item);
const struct doc_node *body_seq(struct body *b, const struct body_items *l);
/* A key that is there already is replaced. */
void body_set(struct body *b, struct body_pairs *m, const char *key, const struct doc_node *val);
const struct doc_node *body_map(struct body *b, const struct body_pairs *m);
/* Put a value into the request; `path` is dotted ("HostConfig.CapAdd"). */
void body_put(struct body *b, const char *path, const struct doc_node *val);
/* What body_put() put there, or NULL. */
const struct doc_node *body_get(const struct body *b, const char *path);

/* Call fn for each text of a list, or for the one text that stands in a list's place. */
void body_each(struct body *b, const struct doc_node *n,
	       void (*fn)(struct body *b, const struct doc_node *at, const char *text, void *arg),
	       void *arg);
/* A map of texts, written as a map or as a list of KEY=VALUE (`separator` '=' or ':'). */
const struct doc_node *body_texts(struct body *b, const struct doc_node *n, char separator);
