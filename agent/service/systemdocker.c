/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Renders System Docker's configuration.
 */
#include "agent/service/systemdocker.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/config/config.h"
#include "agent/network/proxy.h"
#include "agent/userdocker/userdocker_flags.h"
#include "lib/file.h"
#include "lib/file_remove.h"

#define FILE_LIMIT (256u << 10)
#define PID_FILE "/run/system-docker.pid"

/* What may be changed, and dockerd's flag for it. Where things are is the system's own business. */
static const struct {
	const char *key, *flag;
} keys[] = {
	{ "debug", "debug" },
	{ "insecure_registry", "insecure-registry" },
	{ "log_driver", "log-driver" },
	{ "log_level", "log-level" },
	{ "log_opts", "log-opt" },
	{ "max_concurrent_downloads", "max-concurrent-downloads" },
	{ "max_concurrent_uploads", "max-concurrent-uploads" },
	{ "max_download_attempts", "max-download-attempts" },
	{ "registry_mirror", "registry-mirror" },
	{ "http_proxy", "http-proxy" },
	{ "https_proxy", "https-proxy" },
	{ "no_proxy", "no-proxy" },
};

static const char *flag_of(const char *key)
{
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (!strcmp(keys[i].key, key))
			return keys[i].flag;
	return NULL;
}

static void set(struct doc_pool *p, const struct doc_node **daemon, const char *flag,
		const struct doc_node *value)
{
	if (!userdocker_flags_set(p, daemon, userdocker_flags_find(flag), value))
		doc_say(p, true, value->origin, "--%s of System Docker: the wrong kind of value",
			flag);
}

static bool is_builtin(const struct doc_node *n)
{
	return n->origin.source && !strcmp(n->origin.source, CONFIG_OS);
}

static void apply_keys(struct doc_pool *p, const struct doc_node **daemon,
		       const struct doc_node *map)
{
	for (size_t i = 0; map && map->kind == DOC_MAP && i < map->len; i++) {
		const struct doc_pair *pair = &map->pairs[i];
		const char *flag = flag_of(pair->key);

		if (pair->val->kind == DOC_NULL)
			continue;
		if (flag)
			set(p, daemon, flag, pair->val);
		else if (!is_builtin(pair->val))
			doc_say(p, false, pair->origin,
				"rancher.system_docker.%s has no effect: the system's own is used",
				pair->key);
	}
}

static int load_base(int root, struct doc_pool *p, const struct doc_node **ret, struct error *err)
{
	static const char *const paths[] = { SYSTEMDOCKER_BASE, SYSTEMDOCKER_IMAGE };
	int r = -ENOENT;

	for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
		AUTO_BUF struct buf text = BUF_WITH_LIMIT(FILE_LIMIT);

		error_reset(err);
		r = file_read(root, paths[i], &text, err);
		if (r == 0)
			r = doc_json_parse(p, paths[i], buf_text(&text), text.len, ret, err);
		if (r == 0 && (*ret)->kind == DOC_MAP)
			return 0;
		if (r == 0)
			r = error_set(err, EBADMSG, "%s: this is no map", paths[i]);
		if (r != -ENOENT)
			doc_say_error(p, paths[i], err);
	}
	return r;
}

int systemdocker_write(int root, struct doc_pool *p, const struct doc_node *config, bool *changed,
		       struct error *err)
{
	const struct file_attr attr = {
		.mode = 0600, .uid = geteuid(), .gid = getegid(), .relaxed = true
	};
	const struct doc_node *daemon = NULL;
	const struct doc_node *network = doc_at(config, "rancher.network");
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(FILE_LIMIT);
	int r = load_base(root, p, &daemon, err);

	if (r < 0)
		return r;
	for (size_t i = 0; i < proxy_n; i += 2) {
		const struct doc_node *value = doc_key(network, proxy_names[i].key);

		if (value && value->kind != DOC_NULL)
			set(p, &daemon, flag_of(proxy_names[i].key), value);
	}
	if (doc_bool(config, "rancher.debug", false))
		set(p, &daemon, "debug", doc_new_bool(p, "rancher.debug", true));
	apply_keys(p, &daemon, doc_at(config, "rancher.system_docker"));
	if (!daemon)
		return error_set(err, ENOMEM, "System Docker's configuration");
	doc_json_write(daemon, &text);
	buf_char(&text, '\n');
	r = buf_check(&text, err);
	return r < 0 ? r
		     : file_publish(root, SYSTEMDOCKER_JSON, text.data, text.len, &attr, changed,
				    err);
}

void systemdocker_reload(void)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(64);
	long pid;

	if (!file_exists(FILE_ROOT, SYSTEMDOCKER_RELOAD))
		return;
	(void)!file_remove(FILE_ROOT, SYSTEMDOCKER_RELOAD, NULL, NULL);
	if (file_read(FILE_ROOT, PID_FILE, &text, NULL) < 0)
		return;
	pid = strtol(buf_text(&text), NULL, 10);
	if (pid > 1)
		(void)kill((pid_t)pid, SIGHUP);
}
