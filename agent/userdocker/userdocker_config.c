/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merging user Docker's configuration.
 */
#include "agent/userdocker/userdocker_config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/config/config.h"
#include "lib/buf.h"
#include "lib/file.h"

#define WORDS_MAX 128
#define FILE_LIMIT (256u << 10)

/* Named even where dockerd's default is the same today: defaults change with Docker's versions. */
static const char defaults[] =
	"{\"hosts\":[\"unix:///var/run/docker.sock\"],\"group\":\"docker\","
	"\"data-root\":\"/var/lib/docker\",\"exec-root\":\"/run/docker\","
	"\"pidfile\":\"/run/docker.pid\",\"containerd\":\"/run/containerd/containerd.sock\","
	"\"storage-driver\":\"overlay2\",\"live-restore\":true,\"cgroup-parent\":\"/user\","
	"\"exec-opts\":[\"native.cgroupdriver=cgroupfs\"],"
	"\"default-runtime\":\"crun\",\"runtimes\":{\"crun\":{\"path\":\"/usr/bin/crun\"}},"
	"\"log-driver\":\"json-file\",\"log-opts\":{\"max-size\":\"25m\",\"max-file\":\"2\"}}";

/* Keys of rancher.docker that are no options of dockerd. */
static const char *const not_options[] = {
	"engine",	"tls",	       "tls_args",  "extra_args",      "server_cert", "server_key",
	"ca_cert",	"ca_key",      "environment", "storage_context", "exec",      "args",
	"config_file",	"restart",     "userns_enabled",
};

/* Keys that are not the flag's name with dashes. */
static const struct {
	const char *key, *flag;
} renamed[] = {
	{ "log_opts", "log-opt" },
	{ "pid_file", "pidfile" },
};

static const struct doc_origin nowhere = { .source = "rancher.docker" };

const struct doc_node *userdocker_config_without(struct doc_pool *p, const struct doc_node *map,
						 const char *key)
{
	struct doc_pair *pairs;
	struct doc_node *n;
	size_t kept = 0;

	if (!doc_key(map, key))
		return map;
	n = doc_alloc(p, sizeof(*n));
	pairs = doc_alloc(p, map->len * sizeof(*pairs));
	if (!n || !pairs)
		return map;
	for (size_t i = 0; i < map->len; i++)
		if (strcmp(map->pairs[i].key, key))
			pairs[kept++] = map->pairs[i];
	*n = *map;
	n->pairs = pairs;
	n->len = kept;
	return n;
}

/* What one side says of rancher.docker: the system's built-in configuration, or everybody else. */
static const struct doc_node *only(struct doc_pool *p, const struct doc_node *n, bool builtin)
{
	struct doc_node *copy = doc_alloc(p, sizeof(*copy));
	struct doc_pair *pairs = n ? doc_alloc(p, (n->len + 1) * sizeof(*pairs)) : NULL;
	size_t kept = 0;

	if (!n || n->kind != DOC_MAP || !copy || !pairs)
		return NULL;
	for (size_t i = 0; i < n->len; i++) {
		struct doc_pair pair = n->pairs[i];
		const char *source = pair.val->origin.source;

		if (pair.val->kind == DOC_MAP)
			pair.val = only(p, pair.val, builtin);
		else if ((source && !strcmp(source, CONFIG_OS)) != builtin)
			continue;
		if (pair.val)
			pairs[kept++] = pair;
	}
	*copy = *n;
	copy->pairs = pairs;
	copy->len = kept;
	return kept ? copy : NULL;
}

static bool is_option(const char *key)
{
	for (size_t i = 0; i < ARRAY_LEN(not_options); i++)
		if (!strcmp(not_options[i], key))
			return false;
	return true;
}

static const struct userdocker_flag *flag_of_key(const char *key)
{
	char name[64];

	for (size_t i = 0; i < ARRAY_LEN(renamed); i++)
		if (!strcmp(renamed[i].key, key))
			return userdocker_flags_find(renamed[i].flag);
	if (snprintf(name, sizeof(name), "%s", key) >= (int)sizeof(name))
		return NULL;
	for (char *c = name; *c; c++)
		if (*c == '_')
			*c = '-';
	return userdocker_flags_find(name);
}

/* rancher.docker's own keys, each in place of what the file says. */
static void apply_keys(struct doc_pool *p, const struct doc_node **daemon,
		       const struct doc_node *docker)
{
	for (size_t i = 0; docker && docker->kind == DOC_MAP && i < docker->len; i++) {
		const struct doc_pair *pair = &docker->pairs[i];
		const struct userdocker_flag *flag;

		if (!is_option(pair->key) || pair->val->kind == DOC_NULL)
			continue;
		flag = flag_of_key(pair->key);
		if (!flag)
			doc_say(p, false, pair->origin, "rancher.docker.%s is no option of dockerd",
				pair->key);
		else if (!userdocker_flags_set(p, daemon, flag, pair->val))
			doc_say(p, true, pair->val->origin,
				"rancher.docker.%s has the wrong kind of value", pair->key);
	}
	if (doc_bool(docker, "userns_enabled", false))
		*daemon = doc_with(p, *daemon, "userns-remap",
				   doc_new_str(p, nowhere.source, "user-docker:user-docker"));
}

/* A list of words, some of which hold several ("--dns 8.8.8.8" in one item, as people write it). */
static void apply_list(struct doc_pool *p, const struct doc_node *list,
		       struct userdocker_config *ret)
{
	const char *words[WORDS_MAX];
	size_t n = 0;

	for (size_t i = 0; list && list->kind == DOC_SEQ && i < list->len; i++) {
		const struct doc_node *item = list->items[i];
		const char *space;

		if (!doc_is_scalar(item) || n + 2 > WORDS_MAX)
			continue;
		space = item->text[0] == '-' ? strchr(item->text, ' ') : NULL;
		if (space && !memchr(item->text, '=', (size_t)(space - item->text))) {
			words[n++] = doc_strdup(p, item->text, (size_t)(space - item->text));
			words[n++] = space + 1 + strspn(space + 1, " ");
		} else {
			words[n++] = item->text;
		}
	}
	userdocker_flags_add(p, &ret->daemon, words, n, &ret->extra);
}

static void apply_opts(struct doc_pool *p, const char *text, struct userdocker_config *ret)
{
	const char *words[WORDS_MAX];
	size_t n = text ? userdocker_flags_from_file(p, text, words, WORDS_MAX) : 0;

	userdocker_flags_add(p, &ret->daemon, words, n, &ret->extra);
}

/* An open port without certificates would give the machine away: then TLS' port stays closed. */
static void apply_tls(struct doc_pool *p, const struct userdocker_input *in,
		      struct userdocker_config *ret)
{
	if (!doc_bool(in->docker, "tls", false))
		return;
	if (in->tls_ready)
		apply_list(p, doc_key(in->docker, "tls_args"), ret);
	else
		doc_say(p, true, nowhere,
			"rancher.docker.tls: no server certificate, the TLS port stays closed "
			"(set rancher.docker.ca_cert, server_cert and server_key)");
}

/* Drivers that Docker no longer has would keep it from starting. */
static void modernise(struct doc_pool *p, struct userdocker_config *ret)
{
	static const char *const gone[] = { "overlay", "aufs", "devicemapper" };
	const char *driver = doc_str(ret->daemon, "storage-driver", "");

	for (size_t i = 0; i < ARRAY_LEN(gone); i++) {
		if (strcmp(driver, gone[i]))
			continue;
		doc_say(p, false, nowhere,
			"storage driver %s is gone from Docker: overlay2 is used", driver);
		ret->daemon = doc_with(p, ret->daemon, "storage-driver",
				       doc_new_str(p, nowhere.source, "overlay2"));
	}
}

/* What stays a flag must not be in the file as well. */
static void drop_doubles(struct doc_pool *p, struct userdocker_config *ret)
{
	static const struct {
		const char *flag, *key;
	} pairs[] = {
		{ "--default-ulimit=", "default-ulimits" },
		{ "--default-address-pool=", "default-address-pools" },
		{ "--default-network-opt=", "default-network-opts" },
		{ "--host-gateway-ip=", "host-gateway-ips" },
		{ "--feature=", "features" },
	};

	for (size_t i = 0; i < ret->extra.n; i++)
		for (size_t k = 0; k < ARRAY_LEN(pairs); k++)
			if (!strncmp(ret->extra.argv[i], pairs[k].flag, strlen(pairs[k].flag)))
				ret->daemon = userdocker_config_without(p, ret->daemon,
									pairs[k].key);
}

void userdocker_config_merge(struct doc_pool *p, const struct userdocker_input *in,
			     struct userdocker_config *ret)
{
	const struct doc_node *base = in->base;

	*ret = (struct userdocker_config){ 0 };
	if (!base && doc_json_parse(p, "defaults", defaults, sizeof(defaults) - 1, &base, NULL) < 0)
		doc_say(p, true, nowhere, "the built-in defaults do not parse");
	/* The owner's file stands above what the system has built in, and below the owner's other
	 * words. */
	ret->daemon = base;
	apply_keys(p, &ret->daemon, only(p, in->docker, true));
	ret->daemon = doc_merge(p, ret->daemon, in->own);
	apply_keys(p, &ret->daemon, only(p, in->docker, false));
	apply_list(p, doc_key(in->docker, "extra_args"), ret);
	apply_tls(p, in, ret);
	apply_opts(p, in->opts, ret);
	modernise(p, ret);
	drop_doubles(p, ret);
	ret->environment = doc_key(in->docker, "environment");
}

/* -ENOENT is fine; anything else that is wrong with the file is a message. */
static const struct doc_node *load_json(int root, struct doc_pool *p, const char *path)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(DOC_SIZE);
	const struct doc_node *n = NULL;
	struct error err = { 0 };
	int r;

	r = file_read(root, path, &text, &err);
	if (r == 0 && text.len)
		r = doc_json_parse(p, path, text.data, text.len, &n, &err);
	if (r == 0 && n && n->kind != DOC_MAP) {
		r = error_set(&err, EBADMSG, "%s: no JSON object", path);
		n = NULL;
	}
	if (r < 0 && r != -ENOENT)
		doc_say(p, true, nowhere, "%s (the file is left out)", err.msg);
	return n;
}

/* Certificates and keys from the configuration become files; *ret: all three are there. */
static bool write_tls(int root, struct doc_pool *p, const struct doc_node *docker)
{
	static const struct {
		const char *key, *path;
	} files[] = {
		{ "ca_cert", USERDOCKER_TLS_DIR "/ca.pem" },
		{ "server_cert", USERDOCKER_TLS_DIR "/server-cert.pem" },
		{ "server_key", USERDOCKER_TLS_DIR "/server-key.pem" },
	};
	const struct file_attr attr = { .mode = 0600, .uid = geteuid(), .gid = getegid() };
	struct error err = { 0 };
	bool all = true;

	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		const char *text = doc_str(docker, files[i].key, "");

		if (*text &&
		    file_publish(root, files[i].path, text, strlen(text), &attr, NULL, &err) < 0)
			doc_say(p, true, nowhere, "%s", err.msg);
		all = all && file_exists(root, files[i].path);
	}
	return all;
}

/* A node of a swarm cannot have live-restore: dockerd refuses to start with both. */
static void look_for_swarm(int root, struct doc_pool *p, struct userdocker_config *c)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/swarm/docker-state.json",
		 doc_str(c->daemon, "data-root", "/var/lib/docker"));
	if (file_exists(root, path))
		c->daemon = doc_with(p, c->daemon, "live-restore",
				     doc_new_bool(p, "swarm", false));
}

int userdocker_config_load(int root, struct doc_pool *p, struct userdocker_config *ret,
			   struct error *err)
{
	AUTO_BUF struct buf opts = BUF_WITH_LIMIT(FILE_LIMIT);
	const struct doc_node *config = NULL, *docker;
	struct userdocker_input in = { 0 };
	size_t told;
	int r;

	/* Read anew, so that a change needs no more than a restart of the container. */
	r = config_load(root, p, &config, err);
	if (r < 0)
		return r;
	(void)doc_messages(p, &told);
	docker = doc_at(config, "rancher.docker");
	in.docker = docker;
	in.base = load_json(root, p, USERDOCKER_BASE_JSON);
	in.own = load_json(root, p, doc_str(docker, "config_file", USERDOCKER_OWN_JSON));
	if (doc_bool(docker, "tls", false))
		in.tls_ready = write_tls(root, p, docker);
	if (file_read(root, USERDOCKER_OPTS, &opts, NULL) == 0)
		in.opts = buf_text(&opts);
	userdocker_config_merge(p, &in, ret);
	ret->told = told;
	look_for_swarm(root, p, ret);
	if (!ret->daemon)
		return error_set(err, ENOMEM, "user Docker's configuration");
	return 0;
}
