/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Works out the templates' view of the configuration.
 */
#include <stdlib.h>
#include <string.h>

#include "agent/apply/ntp_conf.h"
#include "agent/apply/view.h"
#include "agent/apply/view_network.h"
#include "agent/modules/userspec.h"
#include "agent/userdata/hostname.h"
#include "lib/doc/tree.h"
#include "lib/file.h"
#include "lib/scope.h"

#define SOURCE "agent"

/* Names in a list that is worked out here: every user's group has room, and root's. */
#define VIEW_LIST_MAX (USERSPEC_MAX + 1)

struct view {
	struct doc_pool *p;
	const struct doc_node *doc;
	bool has_hosts; /* there is an /etc/hosts */
};

static void put(struct view *v, const char *path, const struct doc_node *val)
{
	const struct doc_node *with = val ? doc_with(v->p, v->doc, path, val) : NULL;

	if (with)
		v->doc = with;
}

static bool has_item(const struct doc_node *list, const char *text)
{
	for (size_t i = 0; list && list->kind == DOC_SEQ && i < list->len; i++)
		if (doc_is_scalar(list->items[i]) && !strcmp(list->items[i]->text, text))
			return true;
	return false;
}

static bool has_items(const struct doc_node *list)
{
	return list && list->kind == DOC_SEQ && list->len > 0;
}

static const struct doc_node *add(struct doc_pool *p, const struct doc_node *list, const char *text)
{
	const struct doc_node *items[VIEW_LIST_MAX];
	size_t n = list ? list->len : 0;

	if (!text || has_item(list, text) || n >= VIEW_LIST_MAX)
		return list;
	for (size_t i = 0; i < n; i++)
		items[i] = list->items[i];
	items[n] = doc_new_str(p, SOURCE, text);
	return doc_new_seq(p, SOURCE, items, n + 1);
}

static void put_true(struct view *v, const char *path, bool value)
{
	if (value)
		put(v, path, doc_new_bool(v->p, SOURCE, true));
}

/* The names behind 127.0.1.1: the whole one, the machine's, its first label. */
static void put_hostname(struct view *v, int root, const struct doc_node *config,
			 const struct instance *in)
{
	const struct hostname h = hostname_get(root, v->p, config, in);
	const struct doc_node *names = add(v->p, NULL, h.full);
	const char *manage = doc_str(config, "manage_etc_hosts", "true");

	put(v, "agent.hostname", doc_new_str(v->p, SOURCE, h.name));
	names = add(v->p, names, h.name);
	names = add(v->p, names, doc_strdup(v->p, h.name, strcspn(h.name, ".")));
	put(v, "agent.host_names", names);
	put_true(v, "agent.set_hostname",
		 !doc_bool(config, "preserve_hostname", false) &&
			 doc_bool(config, "create_hostname_file", true));
	put_true(v, "agent.render_hosts",
		 !v->has_hosts || (strcmp(manage, "localhost") != 0 &&
				   doc_bool(config, "manage_etc_hosts", true)));
}

static void put_list(struct view *v, const char *path, const struct doc_node *list)
{
	if (has_items(list))
		put(v, path, list);
}

/* {rotate: true, timeout: 1} → "rotate", "timeout:1" */
static const struct doc_node *resolver_options(struct doc_pool *p, const struct doc_node *map)
{
	const struct doc_node *list = NULL;

	for (size_t i = 0; map && map->kind == DOC_MAP && i < map->len; i++) {
		const struct doc_pair *pair = &map->pairs[i];
		AUTO_BUF struct buf text = BUF_WITH_LIMIT(256);

		if (!doc_is_scalar(pair->val))
			continue;
		if (pair->val->kind == DOC_BOOL && !pair->val->boolean)
			continue;
		buf_str(&text, pair->key);
		if (pair->val->kind != DOC_BOOL && pair->val->kind != DOC_NULL)
			buf_fmt(&text, ":%s", pair->val->text);
		list = add(p, list, doc_strdup(p, buf_text(&text), text.len));
	}
	return list;
}

/* rancher.network.dns, else cloud-init's resolv_conf. */
static void put_dns(struct view *v, const struct doc_node *config)
{
	const struct doc_node *own = view_network_dns(v->p, config);
	const struct doc_node *other = doc_key(config, "resolv_conf");

	put(v, "agent.dns", own);
	if (own || !other || other->kind != DOC_MAP ||
	    !doc_bool(config, "manage_resolv_conf", true))
		return;
	put_list(v, "agent.dns.nameservers", doc_key(other, "nameservers"));
	put_list(v, "agent.dns.search", doc_key(other, "searchdomains"));
	if (!has_items(doc_key(other, "searchdomains")))
		put(v, "agent.dns.domain", doc_key(other, "domain"));
	put_list(v, "agent.dns.sortlist", doc_key(other, "sortlist"));
	put(v, "agent.dns.options", resolver_options(v->p, doc_key(other, "options")));
}

/* Servers of the configuration, else of an ntp.conf in it, else Debian's pool. */
static void put_ntp(struct view *v, const struct doc_node *config)
{
	const struct doc_node *ntp = doc_key(config, "ntp");
	const struct doc_node *servers = doc_key(ntp, "servers"), *pools = doc_key(ntp, "pools");
	bool on = doc_bool(ntp, "enabled", true);

	put_true(v, "agent.ntp.on", on);
	if (!on)
		return;
	if (!has_items(servers) && !has_items(pools)) {
		servers = ntp_conf_names(v->p, config, "server");
		pools = ntp_conf_names(v->p, config, "pool");
	}
	put_list(v, "agent.ntp.servers", servers);
	put_list(v, "agent.ntp.pools", pools);
	put_list(v, "agent.ntp.peers", doc_key(ntp, "peers"));
	put_list(v, "agent.ntp.allow", doc_key(ntp, "allow"));
	put_true(v, "agent.ntp.default_pool", !has_items(servers) && !has_items(pools));
}

static bool password_login(const struct doc_node *config)
{
	const struct doc_node *n = doc_key(config, "ssh_pwauth");
	bool given = n && n->kind != DOC_NULL && strcmp(doc_str(n, "", ""), "unchanged") != 0;

	if (given)
		return doc_bool(n, "", false);
	return doc_str(config, "rancher.password", "")[0] &&
	       !has_item(doc_at(config, "rancher.disable"), "password");
}

/* Root gets to sshd, and no further than the command in front of his keys. */
static bool root_is_told(const struct doc_node *config)
{
	return doc_bool(config, "disable_root", true) &&
	       *doc_str(config, "disable_root_opts", "") != '\0';
}

/* sshd lets in members of the group docker; the users that are asked for are to get in, too, by
 * their own groups. */
static const struct doc_node *ssh_groups(struct doc_pool *p, const struct doc_node *config)
{
	AUTO_FREE struct userspec *all = calloc(USERSPEC_MAX, sizeof(*all));
	size_t n = all ? userspec_list(p, config, true, all) : 0;
	const struct doc_node *groups = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct doc_node *primary = userspec_get(&all[i], "primary_group");

		if (doc_is_scalar(primary))
			groups = add(p, groups, primary->text);
		else if (userspec_flag(&all[i], "no_user_group", false))
			groups = add(p, groups, "users");
		else
			groups = add(p, groups, all[i].name);
	}
	if (!doc_bool(config, "disable_root", true) || root_is_told(config))
		groups = add(p, groups, "root");
	return groups;
}

static void put_ssh(struct view *v, const struct doc_node *config)
{
	const struct doc_node *keys = doc_key(config, "ssh_keys");
	const struct doc_node *types = doc_key(config, "ssh_genkeytypes");
	const struct doc_node *certificates = NULL;

	put_true(v, "agent.password_login", password_login(config));
	put_true(v, "agent.root_login", !doc_bool(config, "disable_root", true));
	put_true(v, "agent.root_told", root_is_told(config));
	put_true(v, "agent.ecdsa", doc_key(keys, "ecdsa_private") || has_item(types, "ecdsa"));
	put(v, "agent.ssh_groups", ssh_groups(v->p, config));
	for (size_t i = 0; keys && keys->kind == DOC_MAP && i < keys->len; i++) {
		const char *key = keys->pairs[i].key, *end = strstr(key, "_certificate");

		if (end && !end[strlen("_certificate")])
			certificates = add(v->p, certificates,
					   doc_strdup(v->p, key, (size_t)(end - key)));
	}
	put(v, "agent.ssh_certificates", certificates);
}

const struct doc_node *view_make(int root, struct doc_pool *p, const struct doc_node *config,
				 const struct instance *in)
{
	struct view v = { p, config, file_exists(root, "/etc/hosts") };

	put_hostname(&v, root, config, in);
	put_dns(&v, config);
	put_ntp(&v, config);
	put_ssh(&v, config);
	return v.doc;
}
