/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Marks are semaphores, named by the module and a hash of the part (a part's name is somebody
 * else's text).
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/modules/mark.h"
#include "agent/userdata/semaphore.h"
#include "lib/hash.h"

#define NAME_SIZE 64

static void name_of(const struct module *m, const char *part, char ret[NAME_SIZE])
{
	(void)snprintf(ret, NAME_SIZE, "%.40s-%016" PRIx64, m->name,
		       hash_text(part, strlen(part)));
}

static const char *instance_of(const struct module_ctx *c, const struct module *m)
{
	return module_frequency(c, m) == MODULE_ONCE ? SEMAPHORE_ONCE : c->instance->id;
}

uint64_t mark_print(const struct doc_node *entry)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(DOC_SIZE * 4);

	doc_json_write(entry, &text);
	return hash_text(buf_text(&text), text.len);
}

bool mark_is_set(const struct module_ctx *c, const struct module *m, const char *part,
		 uint64_t *ret_print)
{
	char name[NAME_SIZE];

	if (module_frequency(c, m) == MODULE_BOOT)
		return false;
	name_of(m, part, name);
	return semaphore_is_set(c->root, instance_of(c, m), name, ret_print);
}

void mark_set(const struct module_ctx *c, const struct module *m, const char *part, uint64_t print,
	      bool durable, struct doc_origin at, const char *what)
{
	struct error err = { 0 };
	char name[NAME_SIZE];
	uint64_t old;

	if (mark_is_set(c, m, part, &old) && old == print)
		return;
	name_of(m, part, name);
	if (semaphore_set(c->root, instance_of(c, m), name, print, durable, &err) < 0)
		doc_say(c->pool, false, at,
			"%s: that %s could not be noted, it may be done again: %s", m->name, what,
			err.msg);
}
