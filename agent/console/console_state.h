/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the parts of the console share: the loop, the programs beside it, the configuration.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/console/getty.h"
#include "agent/job.h"
#include "lib/cmdline.h"
#include "lib/doc/doc.h"
#include "lib/supervise.h"

#define CONSOLE "console"
#define CONSOLE_BACKOFF_MAX_MS 10000

struct console {
	struct supervise *sup;
	struct job_set jobs;
	struct doc_pool *pool;
	const struct doc_node *config;     /* merged; NULL when there is none */
	const struct doc_node *datasource; /* result of the datasource, or NULL */
	struct cmdline line;
	struct getty gettys[GETTY_MAX];
	size_t n_gettys;
	size_t script; /* index of the one that runs, or runs next … */
	size_t in_dir; /* … and which file of it, when it is a directory */
	char script_name[160], script_path[256];
	bool said_done; /* /run/console-done is written */
	bool stopping;
	int docker_fd;  /* inotify for user Docker, until it is ready */
	int address_fd; /* netlink */
	int hostkey_log;
};

/* rancher.disable names it, as a list or as a word. */
static inline bool console_disabled(const struct doc_node *config, const char *what)
{
	const struct doc_node *list = doc_at(config, "rancher.disable");
	const char *word = doc_str(config, "rancher.disable", "");

	for (size_t i = 0; list && list->kind == DOC_SEQ && i < list->len; i++)
		if (doc_is_scalar(list->items[i]) && !__builtin_strcmp(list->items[i]->text, what))
			return true;
	return !__builtin_strcmp(word, what);
}
