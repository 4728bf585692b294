/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the keys of a service definition: one table says for each where in the Engine's create
 * request it goes and how its value is read.
 */
#include "agent/service/compose_key.h"

#include <string.h>

#include "agent/convert.h"
#include "agent/service/compose_env.h"
#include "agent/service/compose_fs.h"
#include "agent/service/compose_net.h"
#include "agent/service/compose_volume.h"

/* The one condition of depends_on that is kept. */
#define STARTED "service_started"

static void read_text(struct body *b, const char *path, const struct doc_node *n)
{
	const char *text = body_text(b, n);

	if (text)
		body_put(b, path, body_str(b, text));
}

static void read_bool(struct body *b, const char *path, const struct doc_node *n)
{
	const char *text = body_text(b, n);

	if (!text)
		return;
	if (n->kind != DOC_BOOL && strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
		body_say(b, true, n, "\"%s\" is neither true nor false", text);
	else
		body_put(b, path, body_bool(b, n->kind == DOC_BOOL ? n->boolean :
								     !strcmp(text, "true")));
}

static void put_number(struct body *b, const char *path, const struct doc_node *n,
		       int (*convert)(const char *, int64_t *, struct error *), int64_t divisor)
{
	const char *text = body_text(b, n);
	struct error err = { 0 };
	int64_t v;

	if (!text)
		return;
	if (convert(text, &v, &err) < 0)
		body_say(b, true, n, "%s", err.msg);
	else
		body_put(b, path, body_int(b, v / divisor));
}

static void read_int(struct body *b, const char *path, const struct doc_node *n)
{
	put_number(b, path, n, convert_integer, 1);
}

static void read_size(struct body *b, const char *path, const struct doc_node *n)
{
	put_number(b, path, n, convert_size, 1);
}

static void read_seconds(struct body *b, const char *path, const struct doc_node *n)
{
	put_number(b, path, n, convert_duration, 1000);
}

static void read_cpus(struct body *b, const char *path, const struct doc_node *n)
{
	const char *text = body_text(b, n);
	struct error err = { 0 };
	int64_t ms;

	/* "1.5" processors read as seconds give 1500 ms; the Engine wants 1500000000. */
	if (text && convert_duration(text, &ms, &err) < 0)
		body_say(b, true, n, "\"%s\" is not a number of processors", text);
	else if (text)
		body_put(b, path, body_int(b, ms * 1000000));
}

static void add_str(struct body *b, const struct doc_node *at, const char *text, void *arg)
{
	(void)at;
	body_add(b, arg, body_str(b, text));
}

static void read_list(struct body *b, const char *path, const struct doc_node *n)
{
	struct body_items list = { 0 };

	body_each(b, n, add_str, &list);
	body_put(b, path, body_seq(b, &list));
}

/* A command: a list as it is, a text split as a shell would. */
static void read_words(struct body *b, const char *path, const struct doc_node *n)
{
	struct buf AUTO_BUF word = BUF_WITH_LIMIT(1u << 20);
	const char *text;
	struct body_items list = { 0 };
	struct error err = { 0 };
	int r;

	if (n->kind == DOC_SEQ) {
		read_list(b, path, n);
		return;
	}
	text = body_text(b, n);
	if (!text)
		return;
	while ((r = convert_word(&text, &word, &err)) > 0) {
		const char *kept = doc_strdup(b->pool, buf_text(&word), word.len);

		if (kept)
			body_add(b, &list, body_str(b, kept));
		else
			b->no_memory = true;
	}
	if (r < 0)
		body_say(b, true, n, "%s", err.msg);
	else if (list.n)
		body_put(b, path, body_seq(b, &list));
}

static void read_texts(struct body *b, const char *path, const struct doc_node *n)
{
	body_put(b, path, body_texts(b, n, '='));
}

static void read_restart(struct body *b, const char *path, const struct doc_node *n)
{
	static const char *const names[] = { "no", "always", "unless-stopped", "on-failure" };
	const char *text = body_text(b, n);
	struct body_pairs map = { 0 };
	int64_t count = 0;
	size_t len;

	if (!text)
		return;
	len = strcspn(text, ":");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (strlen(names[i]) != len || strncmp(names[i], text, len) != 0)
			continue;
		if (text[len] && convert_integer(text + len + 1, &count, NULL) < 0)
			break;
		body_set(b, &map, "Name", body_str(b, names[i]));
		body_set(b, &map, "MaximumRetryCount", body_int(b, count));
		body_put(b, path, body_map(b, &map));
		return;
	}
	body_say(b, true, n, "\"%s\" is none of no, always, unless-stopped, on-failure[:COUNT]",
		 text);
}

static void read_logging(struct body *b, const char *path, const struct doc_node *n)
{
	if (doc_key(n, "driver"))
		read_text(b, body_format(b, "%s.Type", path), doc_key(n, "driver"));
	if (doc_key(n, "options"))
		read_texts(b, body_format(b, "%s.Config", path), doc_key(n, "options"));
}

/* A duration of a health check: the Engine wants nanoseconds. */
static void put_nanoseconds(struct body *b, const char *path, const struct doc_node *n)
{
	const char *text = body_text(b, n);
	struct error err = { 0 };
	int64_t ms;

	if (text && convert_duration(text, &ms, &err) < 0)
		body_say(b, true, n, "%s", err.msg);
	else if (text)
		body_put(b, path, body_int(b, ms * 1000000));
}

static void read_health(struct body *b, const char *path, const struct doc_node *n)
{
	static const char *const durations[][2] = { { "interval", "Interval" },
						    { "timeout", "Timeout" },
						    { "start_interval", "StartInterval" },
						    { "start_period", "StartPeriod" } };
	const struct doc_node *test = doc_key(n, "test");
	struct body_items list = { 0 };

	if (doc_bool(n, "disable", false)) {
		body_add(b, &list, body_str(b, "NONE"));
	} else if (test && test->kind != DOC_SEQ) {
		body_add(b, &list, body_str(b, "CMD-SHELL"));
		body_each(b, test, add_str, &list);
	} else {
		body_each(b, test, add_str, &list);
	}
	if (list.n)
		body_put(b, body_format(b, "%s.Test", path), body_seq(b, &list));
	for (size_t i = 0; i < ARRAY_LEN(durations); i++) {
		if (doc_key(n, durations[i][0]))
			put_nanoseconds(b, body_format(b, "%s.%s", path, durations[i][1]),
					doc_key(n, durations[i][0]));
	}
	if (doc_key(n, "retries"))
		read_int(b, body_format(b, "%s.Retries", path), doc_key(n, "retries"));
}

static void add_needed(struct body *b, const struct doc_node *at, const char *text, void *arg)
{
	(void)arg;
	if (!service_find(b->set, text) && !b->env->partial)
		body_say(b, true, at, "depends_on: no service is called %s", text);
	service_add_dep(b->pool, b->svc, text, SERVICE_HARD);
}

static void read_depends(struct body *b, const char *path, const struct doc_node *n)
{
	(void)path;
	if (n->kind != DOC_MAP) {
		body_each(b, n, add_needed, NULL);
		return;
	}
	for (size_t i = 0; i < n->len; i++) {
		const char *until = doc_str(n->pairs[i].val, "condition", STARTED);

		add_needed(b, n, n->pairs[i].key, NULL);
		if (strcmp(until, STARTED) != 0)
			body_say(b, false, n->pairs[i].val,
				 "depends_on: %s is waited for until it is started, not for %s",
				 n->pairs[i].key, until);
	}
}

/* compose.c reads it before all others. */
static void read_nothing(struct body *b, const char *path, const struct doc_node *n)
{
	(void)b, (void)path, (void)n;
}

static void refuse(struct body *b, const char *path, const struct doc_node *n)
{
	(void)n;
	/* Of a layer that is looked at alone the schema says so. */
	if (!b->env->partial)
		body_say(b, true, NULL, "%s", path);
}

static const struct compose_key {
	const char *key;
	const char *path; /* in the create request; for refuse(): what to say */
	void (*read)(struct body *b, const char *path, const struct doc_node *n);
} key_all[] = {
	{ "build", "images are not built here; name one that can be pulled as `image`", refuse },
	{ "cap_add", "HostConfig.CapAdd", read_list },
	{ "cap_drop", "HostConfig.CapDrop", read_list },
	{ "cgroup", "HostConfig.CgroupnsMode", read_text },
	{ "cgroup_parent", "HostConfig.CgroupParent", read_text },
	{ "command", "Cmd", read_words },
	{ "container_name", NULL, read_nothing },
	{ "cpu_period", "HostConfig.CpuPeriod", read_int },
	{ "cpu_quota", "HostConfig.CpuQuota", read_int },
	{ "cpu_shares", "HostConfig.CpuShares", read_int },
	{ "cpus", "HostConfig.NanoCpus", read_cpus },
	{ "cpuset", "HostConfig.CpusetCpus", read_text },
	{ "depends_on", NULL, read_depends },
	{ "deploy", "`deploy` is a swarm's; use mem_limit, cpus, restart", refuse },
	{ "device_cgroup_rules", "HostConfig.DeviceCgroupRules", read_list },
	{ "devices", "HostConfig.Devices", compose_fs_devices },
	{ "dns", "HostConfig.Dns", read_list },
	{ "dns_opt", "HostConfig.DnsOptions", read_list },
	{ "dns_search", "HostConfig.DnsSearch", read_list },
	{ "domainname", "Domainname", read_text },
	{ "entrypoint", "Entrypoint", read_words },
	{ "env_file", "Env", compose_env_file },
	{ "environment", "Env", compose_env },
	{ "expose", "ExposedPorts", compose_net_expose },
	{ "extends", "`extends` is not supported; write the service out", refuse },
	{ "external_links", "HostConfig.Links", compose_net_external },
	{ "extra_hosts", "HostConfig.ExtraHosts", compose_net_hosts },
	{ "group_add", "HostConfig.GroupAdd", read_list },
	{ "healthcheck", "Healthcheck", read_health },
	{ "hostname", "Hostname", read_text },
	{ "image", NULL, read_nothing },
	{ "init", "HostConfig.Init", read_bool },
	{ "ipc", "HostConfig.IpcMode", compose_net_mode },
	{ "labels", "Labels", read_texts },
	{ "links", "HostConfig.Links", compose_net_links },
	{ "log_driver", "HostConfig.LogConfig.Type", read_text },
	{ "log_opt", "HostConfig.LogConfig.Config", read_texts },
	{ "logging", "HostConfig.LogConfig", read_logging },
	{ "mac_address", "MacAddress", read_text },
	{ "mem_limit", "HostConfig.Memory", read_size },
	{ "mem_reservation", "HostConfig.MemoryReservation", read_size },
	{ "mem_swappiness", "HostConfig.MemorySwappiness", read_int },
	{ "memswap_limit", "HostConfig.MemorySwap", read_size },
	{ "net", "HostConfig.NetworkMode", compose_net_mode },
	{ "network_mode", "HostConfig.NetworkMode", compose_net_mode },
	{ "networks", "`networks` is not supported; use network_mode", refuse },
	{ "oom_kill_disable", "HostConfig.OomKillDisable", read_bool },
	{ "oom_score_adj", "HostConfig.OomScoreAdj", read_int },
	{ "pid", "HostConfig.PidMode", compose_net_mode },
	{ "pids_limit", "HostConfig.PidsLimit", read_int },
	{ "platform", "`platform` has no effect: images are the machine's own kind", refuse },
	{ "ports", "HostConfig.PortBindings", compose_net_ports },
	{ "privileged", "HostConfig.Privileged", read_bool },
	{ "pull_policy", "`pull_policy` has no effect: an image is pulled when it is missing",
	  refuse },
	{ "read_only", "HostConfig.ReadonlyRootfs", read_bool },
	{ "restart", "HostConfig.RestartPolicy", read_restart },
	{ "runtime", "HostConfig.Runtime", read_text },
	{ "security_opt", "HostConfig.SecurityOpt", compose_fs_security },
	{ "shm_size", "HostConfig.ShmSize", read_size },
	{ "stdin_open", "OpenStdin", read_bool },
	{ "stop_grace_period", "StopTimeout", read_seconds },
	{ "stop_signal", "StopSignal", read_text },
	{ "sysctls", "HostConfig.Sysctls", read_texts },
	{ "tmpfs", "HostConfig.Tmpfs", compose_fs_tmpfs },
	{ "tty", "Tty", read_bool },
	{ "ulimits", "HostConfig.Ulimits", compose_fs_ulimits },
	{ "user", "User", read_text },
	{ "userns_mode", "HostConfig.UsernsMode", read_text },
	{ "uts", "HostConfig.UTSMode", read_text },
	{ "volume_driver", "HostConfig.VolumeDriver", read_text },
	{ "volumes", "HostConfig.Binds", compose_volume_list },
	{ "volumes_from", "HostConfig.VolumesFrom", compose_volume_from },
	{ "working_dir", "WorkingDir", read_text },
};

const char *compose_key_name(size_t i)
{
	return i < ARRAY_LEN(key_all) ? key_all[i].key : NULL;
}

static const struct compose_key *find_key(const char *key)
{
	for (size_t i = 0; i < ARRAY_LEN(key_all); i++) {
		if (!strcmp(key_all[i].key, key))
			return &key_all[i];
	}
	return NULL;
}

void compose_key_read(struct body *b, const struct doc_pair *pair)
{
	const struct compose_key *k = find_key(pair->key);

	b->at = pair->origin;
	if (k && pair->val->kind != DOC_NULL)
		k->read(b, k->path, pair->val);
	else if (!k && strncmp(pair->key, "x-", 2) != 0 && !b->env->partial)
		body_say(b, true, NULL, "unknown key `%s`; it is ignored", pair->key);
}
