/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys and the kinds of their values. A name "*" stands for every key of a map, "[]" for every item
 * of a list.
 */
#include <string.h>

#include "agent/keys.h"
#include "lib/doc/scalar.h"

enum keys_kind { KEYS_TEXT, KEYS_FLAG, KEYS_NUMBER, KEYS_LIST, KEYS_MAP, KEYS_LIST_OR_TEXT };

struct keys_row {
	const char *path;
	enum keys_kind kind;
};

static const struct keys_row rows[] = {
	{ "hostname", KEYS_TEXT },
	{ "ssh_authorized_keys", KEYS_LIST },
	{ "ssh_authorized_keys.[]", KEYS_TEXT },
	{ "write_files", KEYS_LIST },
	{ "write_files.[]", KEYS_MAP },
	{ "write_files.[].path", KEYS_TEXT },
	{ "write_files.[].content", KEYS_TEXT },
	{ "write_files.[].owner", KEYS_TEXT },
	{ "write_files.[].permissions", KEYS_TEXT },
	{ "write_files.[].encoding", KEYS_TEXT },
	{ "write_files.[].container", KEYS_TEXT },
	{ "write_files.[].append", KEYS_FLAG },
	{ "runcmd", KEYS_LIST },
	{ "bootcmd", KEYS_LIST },
	{ "mounts", KEYS_LIST },
	{ "ntp", KEYS_MAP },
	{ "ntp.servers", KEYS_LIST },
	{ "ntp.pools", KEYS_LIST },
	{ "rancher", KEYS_MAP },
	{ "rancher.console", KEYS_TEXT },
	{ "rancher.environment", KEYS_MAP },
	{ "rancher.services", KEYS_MAP },
	{ "rancher.services.*", KEYS_MAP },
	{ "rancher.services_include", KEYS_MAP },
	{ "rancher.docker", KEYS_MAP },
	{ "rancher.system_docker", KEYS_MAP },
	{ "rancher.cloud_init", KEYS_MAP },
	{ "rancher.cloud_init.datasources", KEYS_LIST_OR_TEXT },
	{ "rancher.debug", KEYS_FLAG },
	{ "rancher.modules", KEYS_LIST },
	{ "rancher.modules.[]", KEYS_TEXT },
	{ "rancher.network", KEYS_MAP },
	{ "rancher.network.interfaces", KEYS_MAP },
	{ "rancher.network.interfaces.*", KEYS_MAP },
	{ "rancher.network.interfaces.*.dhcp", KEYS_FLAG },
	{ "rancher.network.interfaces.*.address", KEYS_TEXT },
	{ "rancher.network.interfaces.*.addresses", KEYS_LIST },
	{ "rancher.network.interfaces.*.gateway", KEYS_TEXT },
	{ "rancher.network.interfaces.*.mtu", KEYS_NUMBER },
	{ "rancher.network.dhcp_timeout", KEYS_NUMBER },
	{ "rancher.network.dns", KEYS_MAP },
	{ "rancher.network.dns.nameservers", KEYS_LIST },
	{ "rancher.network.dns.search", KEYS_LIST },
	{ "rancher.ssh", KEYS_MAP },
	{ "rancher.ssh.daemon", KEYS_FLAG },
	{ "rancher.ssh.port", KEYS_NUMBER },
	{ "rancher.ssh.listen_address", KEYS_TEXT },
	{ "rancher.state", KEYS_MAP },
	{ "rancher.state.dev", KEYS_TEXT },
	{ "rancher.state.required", KEYS_FLAG },
	{ "rancher.sysctl", KEYS_MAP },
	{ "rancher.sysctl.*", KEYS_TEXT },
	{ "rancher.shutdown_timeout", KEYS_NUMBER },
	{ "rancher.registry_auths", KEYS_MAP },
	{ "rancher.defaults", KEYS_MAP },
	{ "rancher.defaults.hostname", KEYS_TEXT },
};

static const char *const expected[] = {
	[KEYS_TEXT] = "a single value",
	[KEYS_FLAG] = "true or false",
	[KEYS_NUMBER] = "a number",
	[KEYS_LIST] = "a list",
	[KEYS_MAP] = "a map (lines of \"key: value\")",
	[KEYS_LIST_OR_TEXT] = "a list or a single value",
};

static enum doc_kind scalar_kind(const struct doc_node *n)
{
	union scalar_value v;

	return n->kind == DOC_STR ? scalar_resolve(n->text, n->len, &v) : n->kind;
}

static bool fits(const struct doc_node *n, enum keys_kind kind)
{
	switch (kind) {
	case KEYS_LIST:
		return n->kind == DOC_SEQ;
	case KEYS_MAP:
		return n->kind == DOC_MAP;
	case KEYS_FLAG:
		return n->kind == DOC_INT || scalar_kind(n) == DOC_BOOL;
	case KEYS_NUMBER:
		return scalar_kind(n) == DOC_INT;
	case KEYS_LIST_OR_TEXT:
		return n->kind != DOC_MAP;
	default:
		return doc_is_scalar(n);
	}
}

static void check_path(struct doc_pool *p, const struct keys_row *row, const char *rest,
		       const struct doc_node *n)
{
	size_t len = strcspn(rest, ".");
	const char *next = rest[len] ? rest + len + 1 : rest + len;

	if (n->kind == DOC_NULL)
		return;
	if (!*rest) {
		if (!fits(n, row->kind))
			doc_say(p, true, n->origin, "%s must be %s", row->path,
				expected[row->kind]);
		return;
	}
	if (!strncmp(rest, "[]", len) && n->kind == DOC_SEQ)
		for (size_t i = 0; i < n->len; i++)
			check_path(p, row, next, n->items[i]);
	for (size_t i = 0; n->kind == DOC_MAP && i < n->len; i++) {
		const struct doc_pair *pair = &n->pairs[i];

		if (*rest == '*' || (strlen(pair->key) == len && !strncmp(pair->key, rest, len)))
			check_path(p, row, next, pair->val);
	}
}

void keys_check(struct doc_pool *p, const struct doc_node *doc)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		check_path(p, &rows[i], rows[i].path, doc);
}
