/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sshd's host keys: ssh_keys writes given ones, ssh_deletekeys takes away those of another instance
 * (a copied disk must not share its keys with the original; those that write_files gives stay),
 * ssh_genkeytypes says which are made. The console has Ed25519 and RSA made
 * (agent/account/hostkeys.c), ECDSA is made here if it is asked for.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/account/hostkeys.h"
#include "agent/modules/rows.h"
#include "agent/modules/written.h"
#include "agent/userdata/semaphore.h"
#include "lib/hash.h"
#include "lib/proc.h"

#define DIR	      "/etc/ssh/"
#define LAST_INSTANCE SEMAPHORE_DIR "/last-instance"
#define KEYGEN_MS     60000

static const char *const types[] = { "rsa", "ecdsa", "ed25519" };

static const struct {
	const char *key, *suffix;
	mode_t mode;
} files[] = {
	{ "private", "", 0600 },
	{ "public", ".pub", 0644 },
	{ "certificate", "-cert.pub", 0644 },
};

static bool is_plausible(const char *kind, const char *text)
{
	return strcmp(kind, "private") ? module_is_line(text) || strchr(text, '\n')
				       : !strncmp(text, "-----BEGIN ", 11);
}

static enum module_result write_one(const struct module_ctx *c, const char *type, size_t i,
				    const struct doc_node *n)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(64u << 10);
	const char *value = module_text(n);
	char path[128];

	if (!value || !is_plausible(files[i].key, value))
		return module_fail(c, n->origin, "ssh_keys: this is no %s key", files[i].key);
	buf_str(&text, value);
	if (text.len && text.data[text.len - 1] != '\n')
		buf_char(&text, '\n');
	(void)snprintf(path, sizeof(path), DIR "ssh_host_%s_key%s", type, files[i].suffix);
	return module_write(c, path, &text, files[i].mode);
}

/* The public half of a private key that came alone. */
static enum module_result derive_public(const struct module_ctx *c, const char *type)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(64u << 10);
	char path[128], public[140];
	const char *argv[] = { "ssh-keygen", "-y", "-f", path, NULL };
	struct error err = { 0 };

	(void)snprintf(path, sizeof(path), DIR "ssh_host_%s_key", type);
	(void)snprintf(public, sizeof(public), "%s.pub", path);
	if (!c->live)
		return MODULE_UNCHANGED;
	if (proc_run(argv, NULL, KEYGEN_MS, &text, &err) < 0)
		return module_fail(c, (struct doc_origin){ 0 }, "ssh_keys.%s_private: %s", type,
				   err.msg);
	return module_write(c, public, &text, 0644);
}

static enum module_result write_keys(const struct module_ctx *c, const struct doc_node *keys)
{
	enum module_result result = MODULE_SKIPPED;

	for (size_t t = 0; t < ARRAY_LEN(types); t++) {
		bool given[ARRAY_LEN(files)] = { false };

		for (size_t i = 0; i < ARRAY_LEN(files); i++) {
			char key[32];
			const struct doc_node *n;

			(void)snprintf(key, sizeof(key), "%s_%s", types[t], files[i].key);
			n = doc_key(keys, key);
			given[i] = n && n->kind != DOC_NULL;
			if (given[i])
				result = module_worse(result, write_one(c, types[t], i, n));
		}
		if (given[0] && !given[1])
			result = module_worse(result, derive_public(c, types[t]));
	}
	if (doc_key(keys, "dsa_private"))
		doc_say(c->pool, false, keys->origin, "ssh_keys: sshd no longer knows DSA keys");
	return result;
}

/* Whether this disk was another instance's before. */
static bool was_another(const struct module_ctx *c, uint64_t now)
{
	AUTO_BUF struct buf last = BUF_WITH_LIMIT(64);

	return c->instance->id && file_read(c->root, LAST_INSTANCE, &last, NULL) == 0 &&
	       strtoull(buf_text(&last), NULL, 16) != now;
}

static enum module_result remember(const struct module_ctx *c, uint64_t now)
{
	AUTO_BUF struct buf text = { 0 };

	if (!c->instance->id)
		return MODULE_SKIPPED;
	buf_fmt(&text, "%016" PRIx64 "\n", now);
	return module_write(c, LAST_INSTANCE, &text, 0600) == MODULE_FAILED ? MODULE_FAILED
									    : MODULE_SKIPPED;
}

static enum module_result delete_keys(const struct module_ctx *c)
{
	enum module_result result = MODULE_SKIPPED;
	char path[128];

	for (size_t t = 0; t < ARRAY_LEN(types); t++)
		for (size_t i = 0; i < ARRAY_LEN(files); i++) {
			(void)snprintf(path, sizeof(path), DIR "ssh_host_%s_key%s", types[t],
				       files[i].suffix);
			/* Just now, of this instance. */
			if (!c->unwritten || !written_is_users(c->config, c->unwritten, path))
				result = module_worse(result, module_remove(c, path));
		}
	return result;
}

static enum module_result make_ecdsa(const struct module_ctx *c)
{
	const struct doc_node *list = doc_key(c->config, "ssh_genkeytypes"), *one;
	const struct doc_node *const *items;
	struct error err = { 0 };
	bool wanted = false;
	size_t n;

	items = module_items(list, &one, &n);
	for (size_t i = 0; i < n; i++)
		wanted = wanted || !strcmp(doc_str(items[i], "", ""), "ecdsa");
	if (wanted && hostkeys_have(c->root, HOSTKEYS_ECDSA, c->config))
		return MODULE_UNCHANGED;
	if (!wanted || !c->live)
		return MODULE_SKIPPED;
	if (hostkeys_make(HOSTKEYS_ECDSA, &err) < 0)
		return module_fail(c, list->origin, "host key ecdsa: %s", err.msg);
	return MODULE_CHANGED;
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	const char *id = c->instance->id ? c->instance->id : "";
	uint64_t now = hash_text(id, strlen(id));
	enum module_result result = MODULE_SKIPPED;

	if (was_another(c, now) && doc_bool(c->config, "ssh_deletekeys", true)) {
		result = delete_keys(c);
		if (result == MODULE_CHANGED)
			buf_str(message, "the keys of another instance were deleted");
	}
	result = module_worse(result, remember(c, now));
	result = module_worse(result, write_keys(c, doc_key(c->config, "ssh_keys")));
	return module_worse(result, make_ecdsa(c));
}

const struct module module_ssh_keys = {
	.name = "ssh_keys",
	.apply = apply,
};
