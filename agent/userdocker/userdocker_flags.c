/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of dockerd's flags (28.5) and what they are called in daemon.json.
 */
#include "agent/userdocker/userdocker_flags.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/buf.h"

enum flag_kind {
	FLAG_STR,
	FLAG_BOOL,
	FLAG_INT,
	FLAG_LIST,
	FLAG_MAP,  /* key=value */
	FLAG_STAY, /* takes a value and stays a flag */
	FLAG_DROP, /* takes no value, or has no meaning for a daemon that is supervised */
	FLAG_DROP_VALUE,
};

struct userdocker_flag {
	const char *name;
	char letter; /* short form, or 0 */
	enum flag_kind kind;
	const char *key; /* in daemon.json; NULL: as the flag */
};

static const struct userdocker_flag flags[] = {
	{ "add-runtime", 0, FLAG_STAY, NULL },
	{ "allow-direct-routing", 0, FLAG_BOOL, NULL },
	{ "authorization-plugin", 0, FLAG_LIST, "authorization-plugins" },
	{ "bip", 0, FLAG_STR, NULL },
	{ "bip6", 0, FLAG_STR, NULL },
	{ "bridge", 'b', FLAG_STR, NULL },
	{ "cdi-spec-dir", 0, FLAG_LIST, "cdi-spec-dirs" },
	{ "cgroup-parent", 0, FLAG_STR, NULL },
	{ "config-file", 0, FLAG_DROP_VALUE, NULL },
	{ "containerd", 0, FLAG_STR, NULL },
	{ "containerd-namespace", 0, FLAG_STR, NULL },
	{ "containerd-plugins-namespace", 0, FLAG_STR, NULL },
	{ "cri-containerd", 0, FLAG_BOOL, NULL },
	{ "data-root", 0, FLAG_STR, NULL },
	{ "debug", 'D', FLAG_BOOL, NULL },
	{ "default-address-pool", 0, FLAG_STAY, NULL },
	{ "default-cgroupns-mode", 0, FLAG_STR, NULL },
	{ "default-gateway", 0, FLAG_STR, NULL },
	{ "default-gateway-v6", 0, FLAG_STR, NULL },
	{ "default-ipc-mode", 0, FLAG_STR, NULL },
	{ "default-network-opt", 0, FLAG_STAY, NULL },
	{ "default-runtime", 0, FLAG_STR, NULL },
	{ "default-shm-size", 0, FLAG_STR, NULL },
	{ "default-ulimit", 0, FLAG_STAY, NULL },
	{ "dns", 0, FLAG_LIST, NULL },
	{ "dns-opt", 0, FLAG_LIST, "dns-opts" },
	{ "dns-search", 0, FLAG_LIST, NULL },
	{ "exec-opt", 0, FLAG_LIST, "exec-opts" },
	{ "exec-root", 0, FLAG_STR, NULL },
	{ "experimental", 0, FLAG_BOOL, NULL },
	{ "feature", 0, FLAG_STAY, NULL },
	{ "fixed-cidr", 0, FLAG_STR, NULL },
	{ "fixed-cidr-v6", 0, FLAG_STR, NULL },
	{ "graph", 'g', FLAG_STR, "data-root" },
	{ "group", 'G', FLAG_STR, NULL },
	{ "help", 0, FLAG_DROP, NULL },
	{ "host", 'H', FLAG_LIST, "hosts" },
	{ "host-gateway-ip", 0, FLAG_STAY, NULL },
	{ "http-proxy", 0, FLAG_STR, "proxies.http-proxy" },
	{ "https-proxy", 0, FLAG_STR, "proxies.https-proxy" },
	{ "icc", 0, FLAG_BOOL, NULL },
	{ "init", 0, FLAG_BOOL, NULL },
	{ "init-path", 0, FLAG_STR, NULL },
	{ "insecure-registry", 0, FLAG_LIST, "insecure-registries" },
	{ "ip", 0, FLAG_STR, NULL },
	{ "ip-forward", 0, FLAG_BOOL, NULL },
	{ "ip-forward-no-drop", 0, FLAG_BOOL, NULL },
	{ "ip-masq", 0, FLAG_BOOL, NULL },
	{ "ip6tables", 0, FLAG_BOOL, NULL },
	{ "iptables", 0, FLAG_BOOL, NULL },
	{ "ipv6", 0, FLAG_BOOL, NULL },
	{ "label", 0, FLAG_LIST, "labels" },
	{ "live-restore", 0, FLAG_BOOL, NULL },
	{ "log-driver", 0, FLAG_STR, NULL },
	{ "log-format", 0, FLAG_STR, NULL },
	{ "log-level", 'l', FLAG_STR, NULL },
	{ "log-opt", 0, FLAG_MAP, "log-opts" },
	{ "max-concurrent-downloads", 0, FLAG_INT, NULL },
	{ "max-concurrent-uploads", 0, FLAG_INT, NULL },
	{ "max-download-attempts", 0, FLAG_INT, NULL },
	{ "metrics-addr", 0, FLAG_STR, NULL },
	{ "mtu", 0, FLAG_INT, NULL },
	{ "network-control-plane-mtu", 0, FLAG_INT, NULL },
	{ "no-new-privileges", 0, FLAG_BOOL, NULL },
	{ "no-proxy", 0, FLAG_STR, "proxies.no-proxy" },
	{ "node-generic-resource", 0, FLAG_LIST, "node-generic-resources" },
	{ "oom-score-adjust", 0, FLAG_DROP_VALUE, NULL },
	{ "pidfile", 'p', FLAG_STR, NULL },
	{ "raw-logs", 0, FLAG_BOOL, NULL },
	{ "registry-mirror", 0, FLAG_LIST, "registry-mirrors" },
	{ "restart", 0, FLAG_DROP, NULL },
	{ "seccomp-profile", 0, FLAG_STR, NULL },
	{ "selinux-enabled", 0, FLAG_BOOL, NULL },
	{ "shutdown-timeout", 0, FLAG_INT, NULL },
	{ "storage-driver", 's', FLAG_STR, NULL },
	{ "storage-opt", 0, FLAG_LIST, "storage-opts" },
	{ "swarm-default-advertise-addr", 0, FLAG_STR, NULL },
	{ "tls", 0, FLAG_BOOL, NULL },
	{ "tlscacert", 0, FLAG_STR, NULL },
	{ "tlscert", 0, FLAG_STR, NULL },
	{ "tlskey", 0, FLAG_STR, NULL },
	{ "tlsverify", 0, FLAG_BOOL, NULL },
	{ "userland-proxy", 0, FLAG_BOOL, NULL },
	{ "userland-proxy-path", 0, FLAG_STR, NULL },
	{ "userns-remap", 0, FLAG_STR, NULL },
	{ "validate", 0, FLAG_DROP, NULL },
	{ "version", 'v', FLAG_DROP, NULL },
};

#define SOURCE "rancher.docker"

static const struct doc_origin nowhere = { .source = SOURCE };

static const char *key_of(const struct userdocker_flag *flag)
{
	return flag->key ? flag->key : flag->name;
}

static bool takes_value(const struct userdocker_flag *flag)
{
	return flag->kind != FLAG_BOOL && flag->kind != FLAG_DROP;
}

const struct userdocker_flag *userdocker_flags_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (!strcmp(flags[i].name, name))
			return &flags[i];
	return NULL;
}

static const struct userdocker_flag *find_letter(char letter)
{
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		if (flags[i].letter == letter)
			return &flags[i];
	return NULL;
}

static bool is_true(const char *text)
{
	return !strcmp(text, "true") || !strcmp(text, "1") || !strcmp(text, "yes") ||
	       !strcmp(text, "t") || !strcmp(text, "True") || !strcmp(text, "TRUE");
}

static const struct doc_node *append(struct doc_pool *p, const struct doc_node *list,
				     const char *text)
{
	size_t n = list && list->kind == DOC_SEQ ? list->len : 0;
	const struct doc_node **items = doc_alloc(p, (n + 1) * sizeof(*items));

	if (!items)
		return list;
	for (size_t i = 0; i < n; i++)
		items[i] = list->items[i];
	items[n] = doc_new_str(p, SOURCE, text);
	return doc_new_seq(p, SOURCE, items, n + 1);
}

static void set_map(struct doc_pool *p, const struct doc_node **config, const char *key,
		    const char *text)
{
	const char *eq = strchr(text, '=');
	size_t len = eq ? (size_t)(eq - text) : strlen(text);
	AUTO_BUF struct buf path = BUF_WITH_LIMIT(512);

	buf_fmt(&path, "%s.\"%.*s\"", key, (int)len, text);
	if (buf_check(&path, NULL) == 0)
		*config = doc_with(p, *config, buf_text(&path),
				   doc_new_str(p, SOURCE, eq ? eq + 1 : ""));
}

/* A flag that has no place in the file. */
static void keep(struct doc_pool *p, const struct userdocker_flag *flag, const char *text,
		 struct userdocker_extra *extra)
{
	AUTO_BUF struct buf word = BUF_WITH_LIMIT(4096);
	const char *kept;

	buf_fmt(&word, "--%s=%s", flag->name, text);
	kept = buf_check(&word, NULL) == 0 ? doc_strdup(p, word.data, word.len) : NULL;
	if (!kept || extra->n == USERDOCKER_EXTRA_MAX)
		doc_say(p, true, nowhere, "--%s: too long, or too many flags", flag->name);
	else
		extra->argv[extra->n++] = kept;
}

/* One flag with its value as a command line has it. */
static void set_text(struct doc_pool *p, const struct doc_node **config,
		     const struct userdocker_flag *flag, const char *text,
		     struct userdocker_extra *extra)
{
	const char *key = key_of(flag);
	char *end;
	long number;

	switch (flag->kind) {
	case FLAG_STR:
		*config = doc_with(p, *config, key, doc_new_str(p, SOURCE, text));
		break;
	case FLAG_BOOL:
		*config = doc_with(p, *config, key, doc_new_bool(p, SOURCE, is_true(text)));
		break;
	case FLAG_INT:
		number = strtol(text, &end, 10);
		if (end == text || *end)
			doc_say(p, true, nowhere, "--%s: %s is no number", flag->name, text);
		else
			*config = doc_with(p, *config, key, doc_new_int(p, SOURCE, number));
		break;
	case FLAG_LIST:
		*config = doc_with(p, *config, key, append(p, doc_at(*config, key), text));
		break;
	case FLAG_MAP:
		set_map(p, config, key, text);
		break;
	case FLAG_STAY:
		keep(p, flag, text, extra);
		break;
	case FLAG_DROP:
	case FLAG_DROP_VALUE:
		doc_say(p, false, nowhere, "--%s has no effect here", flag->name);
		break;
	}
}

static bool set_seq(struct doc_pool *p, const struct doc_node **config, const char *key,
		    const struct doc_node *value)
{
	const struct doc_node *list = doc_new_seq(p, SOURCE, NULL, 0);

	if (value->kind != DOC_SEQ) {
		if (!doc_is_scalar(value))
			return false;
		if (value->len)
			list = append(p, list, value->text);
	}
	for (size_t i = 0; value->kind == DOC_SEQ && i < value->len; i++) {
		if (!doc_is_scalar(value->items[i]))
			return false;
		list = append(p, list, value->items[i]->text);
	}
	*config = doc_with(p, *config, key, list);
	return true;
}

bool userdocker_flags_set(struct doc_pool *p, const struct doc_node **config,
			  const struct userdocker_flag *flag, const struct doc_node *value)
{
	struct userdocker_extra none = { .n = USERDOCKER_EXTRA_MAX };

	if (flag->kind == FLAG_LIST)
		return set_seq(p, config, key_of(flag), value);
	if (flag->kind == FLAG_MAP) {
		if (value->kind != DOC_MAP)
			return false;
		for (size_t i = 0; i < value->len; i++) {
			AUTO_BUF struct buf word = BUF_WITH_LIMIT(4096);

			if (!doc_is_scalar(value->pairs[i].val))
				return false;
			buf_fmt(&word, "%s=%s", value->pairs[i].key, value->pairs[i].val->text);
			set_map(p, config, key_of(flag), buf_text(&word));
		}
		return true;
	}
	if (!doc_is_scalar(value))
		return false;
	if (value->kind == DOC_BOOL)
		set_text(p, config, flag, value->boolean ? "true" : "false", &none);
	else if (value->len)
		set_text(p, config, flag, value->text, &none);
	return true;
}

/* "--name", "--name=value", "-H", "-H=value", "-Hvalue"; *ret_value is NULL when none
 * is attached. */
static const struct userdocker_flag *parse_word(struct doc_pool *p, const char *word,
						const char **ret_value)
{
	const char *eq = strchr(word, '=');
	const char *name;

	*ret_value = NULL;
	if (!strncmp(word, "--", 2)) {
		name = eq ? doc_strdup(p, word + 2, (size_t)(eq - word - 2)) : word + 2;
		*ret_value = eq ? eq + 1 : NULL;
		return name ? userdocker_flags_find(name) : NULL;
	}
	if (word[0] != '-' || !word[1])
		return NULL;
	if (word[2])
		*ret_value = word[2] == '=' ? word + 3 : word + 2;
	return find_letter(word[1]);
}

void userdocker_flags_add(struct doc_pool *p, const struct doc_node **config,
			  const char *const *words, size_t n, struct userdocker_extra *extra)
{
	for (size_t i = 0; i < n; i++) {
		const char *value;
		const struct userdocker_flag *flag = parse_word(p, words[i], &value);

		if (!flag) {
			doc_say(p, true, nowhere, "%s is no option of dockerd", words[i]);
			continue;
		}
		if (!value && takes_value(flag)) {
			if (i + 1 == n) {
				doc_say(p, true, nowhere, "%s wants a value", words[i]);
				return;
			}
			value = words[++i];
		}
		set_text(p, config, flag, value ? value : "true", extra);
	}
}

static const char *back_over_blanks(const char *text, const char *at)
{
	while (at > text && (at[-1] == ' ' || at[-1] == '\t'))
		at--;
	return at;
}

/* The value that a shell would give to DOCKER_OPTS, up to its closing quote or its line's end. */
static const char *find_opts(const char *text, size_t *ret_len)
{
	static const char name[] = "DOCKER_OPTS=";
	const char *found = NULL;

	for (const char *at = text; (at = strstr(at, name)); at++) {
		const char *line = back_over_blanks(text, at);

		if (line - text >= 6 && !memcmp(line - 6, "export", 6))
			line = back_over_blanks(text, line - 6);
		if (line == text || line[-1] == '\n')
			found = at + sizeof(name) - 1;
	}
	if (!found)
		return NULL;
	if (*found == '"' || *found == '\'') {
		const char *end = strchr(found + 1, *found);

		*ret_len = end ? (size_t)(end - found - 1) : strlen(found + 1);
		return found + 1;
	}
	*ret_len = strcspn(found, " \t\n");
	return found;
}

/* One word from *at on, without its quotes; NULL at the end. */
static const char *next_word(struct doc_pool *p, const char **at, const char *end)
{
	AUTO_BUF struct buf word = BUF_WITH_LIMIT(4096);
	char quote = 0;
	bool any = false;

	while (*at < end && isspace((unsigned char)**at))
		(*at)++;
	for (; *at < end && (quote || !isspace((unsigned char)**at)); (*at)++, any = true) {
		if (quote ? **at == quote : **at == '"' || **at == '\'')
			quote = quote ? 0 : **at;
		else if (**at == '\\' && *at + 1 < end && !quote && (*at)[1] == '\n')
			(*at)++;
		else
			buf_char(&word, **at);
	}
	if (!any || buf_check(&word, NULL) < 0)
		return NULL;
	return doc_strdup(p, buf_text(&word), word.len);
}

size_t userdocker_flags_from_file(struct doc_pool *p, const char *text, const char **words,
				  size_t max)
{
	size_t len, n = 0;
	const char *at = find_opts(text, &len);
	const char *end = at ? at + len : NULL;

	while (at && n < max && (words[n] = next_word(p, &at, end)))
		if (*words[n])
			n++;
	return n;
}
