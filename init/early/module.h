/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kernel modules from /lib/modules/RELEASE: by name or by a device's modalias, with what they
 * depend on. The index files are read once.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

struct module_index {
	char dir[128];        /* "/lib/modules/6.12.1-amd64" */
	struct buf dep;       /* text of modules.dep */
	struct buf alias;     /* text of modules.alias */
	struct buf loaded;    /* names that were loaded or tried, each as " name " */
};

/* Read the index of the running kernel below `base` ("" or a root to test with). */
int module_open(struct module_index *ix, const char *base, struct error *err) MUST_CHECK;
void module_close(struct module_index *ix);
/* Load a module by name (either of - and _) with its dependencies. One that is built in, loaded or
 * not there is no failure: what needs it will say so. */
void module_load(struct module_index *ix, const char *name);
/* Load every module whose alias pattern matches. Returns how many matched. */
unsigned module_load_alias(struct module_index *ix, const char *modalias);
/* Pure: call fn with the name of each module in the text of a modules.alias whose pattern matches.
 */
unsigned module_match(const char *text, const char *modalias,
		      void (*fn)(void *arg, const char *name), void *arg);
/* Pure: the line of modules.dep of that module, "kernel/a.ko: kernel/b.ko"; NULL when absent. */
const char *module_dep_line(const char *text, const char *name);
