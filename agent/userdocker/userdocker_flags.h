/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dockerd's command line and its configuration file name the same things differently, and dockerd
 * refuses what is named in both. So flags that come from rancher.docker.extra_args, tls_args and
 * DOCKER_OPTS are turned into the file's terms; those that have no such term stay flags. Pure.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

#define USERDOCKER_EXTRA_MAX 32

struct userdocker_extra {
	const char *argv[USERDOCKER_EXTRA_MAX]; /* flags that stay flags, in the pool's memory */
	size_t n;
};

struct userdocker_flag;

/* By the flag's name without dashes ("insecure-registry"); NULL when dockerd has none of
 * that name. */
const struct userdocker_flag *userdocker_flags_find(const char *name);
/* *config with the value of a rancher.docker key in place of what was there; false when the value
 * is of the wrong kind. */
bool userdocker_flags_set(struct doc_pool *p, const struct doc_node **config,
			  const struct userdocker_flag *flag, const struct doc_node *value);
/* Add words as a command line has them ("--dns", "8.8.8.8", "-H=…"); lists grow, other values are
 * replaced. Words that are no flags of dockerd are messages of the pool. */
void userdocker_flags_add(struct doc_pool *p, const struct doc_node **config,
			  const char *const *words, size_t n, struct userdocker_extra *extra);
/* The words of DOCKER_OPTS in the text of a file that a shell would source; at most `max`, in the
 * pool's memory. Quotes are honoured, nothing is expanded. */
size_t userdocker_flags_from_file(struct doc_pool *p, const char *text, const char **words,
				  size_t max);
