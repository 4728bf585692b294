/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often a module runs, and what modules share.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/modules/module.h"
#include "agent/userdata/semaphore.h"
#include "lib/file_remove.h"
#include "lib/hash.h"

static const char *const result_names[MODULE_N_RESULTS] = {
	[MODULE_UNCHANGED] = "unchanged",
	[MODULE_CHANGED] = "changed",
	[MODULE_SKIPPED] = "skipped",
	[MODULE_FAILED] = "failed",
};

const char *module_result_name(enum module_result r)
{
	return result_names[r];
}

enum module_result module_worse(enum module_result a, enum module_result b)
{
	static const int gravity[MODULE_N_RESULTS] = {
		[MODULE_SKIPPED] = 0,
		[MODULE_UNCHANGED] = 1,
		[MODULE_CHANGED] = 2,
		[MODULE_FAILED] = 3,
	};

	return gravity[a] >= gravity[b] ? a : b;
}

enum module_result module_changed(bool changed)
{
	return changed ? MODULE_CHANGED : MODULE_UNCHANGED;
}

enum module_result module_fail(const struct module_ctx *c, struct doc_origin at, const char *fmt,
			       ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	doc_say(c->pool, true, at, "%s", text);
	return MODULE_FAILED;
}

/* --- how often --- */

static const char *const frequency_names[] = {
	[MODULE_BOOT] = "boot",
	[MODULE_INSTANCE] = "instance",
	[MODULE_ONCE] = "once",
};

static const struct doc_node *wanted_frequency(const struct module_ctx *c, const struct module *m)
{
	const struct doc_node *map = doc_at(c->config, "rancher.cloud_init.frequency");
	const struct doc_node *n = doc_key(map, m->name);

	for (size_t i = 0; !n && map && i < MODULE_KEYS && m->keys[i]; i++)
		n = doc_key(map, m->keys[i]);
	return n;
}

/* Its place in frequency_names; -1 for none that there is. */
static int find_frequency(const struct doc_node *n)
{
	for (size_t i = 0; doc_is_scalar(n) && i < ARRAY_LEN(frequency_names); i++)
		if (!strcmp(n->text, frequency_names[i]))
			return (int)i;
	return -1;
}

enum module_frequency module_frequency(const struct module_ctx *c, const struct module *m)
{
	int i = find_frequency(wanted_frequency(c, m));

	return i < 0 ? m->frequency : (enum module_frequency)i;
}

/* Also says whether somebody asked for it. */
static enum module_frequency frequency_of(const struct module_ctx *c, const struct module *m,
					  bool *ret_asked)
{
	const struct doc_node *n = wanted_frequency(c, m);

	*ret_asked = find_frequency(n) >= 0;
	if (n && n->kind != DOC_NULL && !*ret_asked)
		doc_say(c->pool, true, n->origin,
			"a frequency is boot, instance or once: %s runs as if none were given",
			m->name);
	return module_frequency(c, m);
}

static void put_key(const struct module_ctx *c, const char *key, struct buf *out)
{
	const struct doc_node *n = doc_at(c->config, key);

	if (n)
		doc_json_write(n, out);
	buf_char(out, '\n');
}

/* What its keys say, as a number. */
static uint64_t fingerprint(const struct module_ctx *c, const struct module *m)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(DOC_SIZE * 4);

	for (size_t i = 0; i < MODULE_KEYS && m->keys[i]; i++)
		put_key(c, m->keys[i], &text);
	if (m->also)
		put_key(c, m->also, &text);
	return hash_text(buf_text(&text), text.len);
}

static bool is_asked(const struct module_ctx *c, const struct module *m)
{
	for (size_t i = 0; i < MODULE_KEYS && m->keys[i]; i++) {
		const struct doc_node *n = doc_at(c->config, m->keys[i]);

		if (n && n->kind != DOC_NULL)
			return true;
	}
	return !m->keys[0];
}

bool module_is_wanted(const struct module_ctx *c, const struct module *m)
{
	return is_asked(c, m) && (!m->wanted || m->wanted(c));
}

enum module_result module_run(const struct module_ctx *c, const struct module *m,
			      struct buf *message)
{
	const char *instance = c->instance->id;
	enum module_frequency frequency;
	enum module_result result;
	uint64_t print = 0, marked;
	struct error err = { 0 };
	bool asked;

	if (!module_is_wanted(c, m))
		return MODULE_SKIPPED;
	if (m->at_end != c->at_end) {
		if (m->at_end)
			buf_str(message,
				c->boot ? "at the end of the boot" : "needs a running system");
		return MODULE_SKIPPED;
	}
	frequency = frequency_of(c, m, &asked);
	if (frequency == MODULE_BOOT)
		return m->apply(c, message);
	if (frequency == MODULE_ONCE)
		instance = SEMAPHORE_ONCE;
	print = fingerprint(c, m);
	if (semaphore_is_set(c->root, instance, m->name, &marked) &&
	    (asked || frequency == MODULE_ONCE || marked == print)) {
		buf_str(message, frequency == MODULE_ONCE ? "done once and for all"
							  : "done for this instance");
		return MODULE_UNCHANGED;
	}
	result = m->apply(c, message);
	if ((result == MODULE_CHANGED || result == MODULE_UNCHANGED) &&
	    semaphore_set(c->root, instance, m->name, print, false, &err) < 0)
		doc_say(c->pool, false, (struct doc_origin){ 0 },
			"%s will be done again at the next boot: %s", m->name, err.msg);
	return result;
}

/* --- files --- */

struct file_attr module_attr(const struct module_ctx *c, mode_t mode, uid_t uid, gid_t gid)
{
	return (struct file_attr){ .mode = mode,
				   .uid = c->privileged ? uid : geteuid(),
				   .gid = c->privileged ? gid : getegid(),
				   .relaxed = true };
}

enum module_result module_write(const struct module_ctx *c, const char *path,
				const struct buf *text, mode_t mode)
{
	const struct file_attr attr = module_attr(c, mode, 0, 0);
	struct error err = { 0 };
	bool changed = false;

	if (buf_check(text, &err) < 0 ||
	    file_publish(c->root, path, buf_text(text), text->len, &attr, &changed, &err) < 0)
		return module_fail(c, (struct doc_origin){ 0 }, "%s: %s", path, err.msg);
	return module_changed(changed);
}

enum module_result module_remove(const struct module_ctx *c, const char *path)
{
	struct error err = { 0 };
	bool removed = false;

	if (file_remove(c->root, path, &removed, &err) < 0)
		return module_fail(c, (struct doc_origin){ 0 }, "%s: %s", path, err.msg);
	return removed ? MODULE_CHANGED : MODULE_SKIPPED;
}

/* --- values --- */

const struct doc_node *const *module_items(const struct doc_node *n, const struct doc_node **one,
					   size_t *ret_n)
{
	*one = n;
	*ret_n = n && n->kind == DOC_SEQ ? n->len : n && n->kind != DOC_NULL;
	return n && n->kind == DOC_SEQ ? n->items : one;
}

const char *module_text(const struct doc_node *n)
{
	if (!doc_is_scalar(n) || n->kind == DOC_NULL || strlen(n->text) != n->len)
		return NULL;
	return n->text;
}

bool module_is_line(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return false;
	return true;
}
