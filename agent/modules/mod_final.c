/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What comes last, when user Docker is up and the scripts ran: phone_home, final_message,
 * power_state.
 */
#include <ctype.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "agent/modules/ask.h"
#include "agent/modules/command.h"
#include "agent/modules/final.h"
#include "agent/modules/rows.h"
#include "agent/network/gateway.h"
#include "agent/userdata/hostname.h"
#include "lib/clock.h"
#include "lib/scope.h"

#define VERSION		"/usr/share/ros/version"
#define FINISHED	"/run/ros/boot-finished"
#define MESSAGE_MAX	8192
#define NETWORK_MS	60000
#define PHONE_PAUSE_MS	3000
#define PHONE_TRIES	10
#define PHONE_TRIES_MAX 100
#define CONDITION_MS	60000
#define DELAY_MAX_MIN	(24 * 60)
#define LETTERS		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* --- phone_home --- */

static void escape(const char *text, struct buf *out)
{
	for (; *text; text++) {
		if (isalnum((unsigned char)*text) || strchr("-._~", *text))
			buf_char(out, *text);
		else
			buf_fmt(out, "%%%02X", (unsigned char)*text);
	}
}

static void put_field(const struct module_ctx *c, const char *name, struct buf *out)
{
	AUTO_BUF struct buf file = BUF_WITH_LIMIT(16u << 10);
	const char *value = "N/A";
	char path[64];

	if (!strcmp(name, "instance_id")) {
		value = c->instance->id ? c->instance->id : value;
	} else if (!strcmp(name, "hostname")) {
		value = hostname_get(c->root, c->pool, c->config, c->instance).name;
	} else if (!strcmp(name, "fqdn")) {
		value = hostname_get(c->root, c->pool, c->config, c->instance).full;
	} else if (!strncmp(name, "pub_key_", 8) && strlen(name) < 20 && !strchr(name, '/')) {
		(void)snprintf(path, sizeof(path), "/etc/ssh/ssh_host_%s_key.pub", name + 8);
		if (file_read(c->root, path, &file, NULL) == 0)
			value = buf_text(&file);
	}
	buf_str(out, out->len ? "&" : "");
	escape(name, out);
	buf_char(out, '=');
	escape(value, out);
}

static void put_fields(const struct module_ctx *c, const struct doc_node *post, struct buf *out)
{
	static const char *const all[] = { "pub_key_rsa", "pub_key_ecdsa", "pub_key_ed25519",
					   "instance_id", "hostname",	   "fqdn" };

	if (!post || post->kind != DOC_SEQ)
		for (size_t i = 0; i < ARRAY_LEN(all); i++)
			put_field(c, all[i], out);
	for (size_t i = 0; post && post->kind == DOC_SEQ && i < post->len; i++)
		if (module_text(post->items[i]))
			put_field(c, post->items[i]->text, out);
}

/* $INSTANCE_ID and {{ v1.instance_id }}, which userdata forms have replaced already. */
static void put_url(const struct module_ctx *c, const char *url, struct buf *out)
{
	static const char name[] = "$INSTANCE_ID";
	const char *at;

	while ((at = strstr(url, name))) {
		buf_add(out, url, (size_t)(at - url));
		escape(c->instance->id ? c->instance->id : "", out);
		url = at + strlen(name);
	}
	buf_str(out, url);
}

static enum module_result phone_home(const struct module_ctx *c, struct buf *message)
{
	const struct doc_node *map = doc_key(c->config, "phone_home"), *url = doc_key(map, "url");
	AUTO_BUF struct buf form = BUF_WITH_LIMIT(64u << 10), address = BUF_WITH_LIMIT(4096);
	int64_t tries = doc_int(map, "tries", PHONE_TRIES);
	struct ask_request req = { .pause_ms = PHONE_PAUSE_MS, .max_bytes = 64u << 10 };
	struct error err = { 0 };

	if (!module_text(url))
		return module_fail(c, map->origin, "phone_home has no url");
	put_fields(c, doc_key(map, "post"), &form);
	put_url(c, url->text, &address);
	req.url = buf_text(&address);
	req.at = url->origin;
	req.post = buf_text(&form);
	req.tries = tries < 1 || tries > PHONE_TRIES_MAX ? PHONE_TRIES : (int)tries;
	if (c->live && gateway_wait(NETWORK_MS, &err) < 0)
		error_reset(&err);
	if (ask_do(c, &req, &err) < 0)
		return module_fail(c, url->origin, "phone_home: %s", err.msg);
	buf_str(message, "told");
	return MODULE_CHANGED;
}

const struct module module_phone_home = {
	.name = "phone_home",
	.apply = phone_home,
	.frequency = MODULE_INSTANCE,
	.at_end = true,
	.keys = { "phone_home" },
};

/* --- final_message --- */

/* False when there is none of that name; cloud-init has them in capitals, too. */
static bool put_variable(const struct module_ctx *c, const char *name, size_t len, struct buf *out)
{
	AUTO_BUF struct buf version = BUF_WITH_LIMIT(256);
	time_t now = time(NULL);
	struct tm tm;
	char stamp[64];

	if (len == 7 && !strncasecmp(name, "version", len)) {
		if (file_read(c->root, VERSION, &version, NULL) == 0)
			buf_add(out, version.data, strcspn(buf_text(&version), "\n"));
	} else if (len == 9 && !strncasecmp(name, "timestamp", len)) {
		(void)strftime(stamp, sizeof(stamp), "%a, %d %b %Y %H:%M:%S %z",
			       localtime_r(&now, &tm));
		buf_str(out, stamp);
	} else if (len == 10 && !strncasecmp(name, "datasource", len)) {
		buf_str(out, c->instance->datasource ? c->instance->datasource : "none");
	} else if (len == 6 && !strncasecmp(name, "uptime", len)) {
		buf_fmt(out, "%" PRId64 ".%02d", clock_ms() / 1000, (int)(clock_ms() / 10 % 100));
	} else {
		return false;
	}
	return true;
}

/* $name, ${name} and what is left of {{ name }}; other names stay as they are. */
static void expand(const struct module_ctx *c, const char *text, struct buf *out)
{
	while (*text) {
		bool braces = text[0] == '$' && text[1] == '{';
		const char *name = text + 1 + braces;
		size_t len = *text == '$' ? strspn(name, LETTERS) : 0;

		if (len && (!braces || name[len] == '}') && put_variable(c, name, len, out)) {
			text = name + len + braces;
			continue;
		}
		buf_char(out, (unsigned char)*text < ' ' && *text != '\n' ? ' ' : *text);
		text++;
	}
}

static enum module_result final_message(const struct module_ctx *c, struct buf *message)
{
	const struct doc_node *n = doc_key(c->config, "final_message");
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(MESSAGE_MAX);
	AUTO_CLOSE int fd = -1;

	if (!module_text(n))
		return module_fail(c, n->origin, "final_message is a text");
	expand(c, n->text, &text);
	if (!text.len || text.data[text.len - 1] != '\n')
		buf_char(&text, '\n');
	if (module_write(c, FINISHED, &text, 0644) == MODULE_FAILED)
		return MODULE_FAILED;
	if (file_open(c->root, "/dev/console", O_WRONLY, 0, &fd, NULL) == 0)
		(void)!write(fd, buf_text(&text), text.len);
	buf_add(message, text.data, strcspn(buf_text(&text), "\n"));
	return MODULE_CHANGED;
}

const struct module module_final_message = {
	.name = "final_message",
	.apply = final_message,
	.at_end = true,
	.keys = { "final_message" },
};

/* --- power_state --- */

/* now, N, +N: minutes; negative for what is neither. */
static int delay_of(const struct doc_node *n)
{
	const char *text = n ? module_text(n) : "now";
	char *end;
	long minutes;

	if (!text)
		return -1;
	if (!strcmp(text, "now"))
		return 0;
	text += *text == '+';
	if (!isdigit((unsigned char)*text))
		return -1;
	minutes = strtol(text, &end, 10);
	return *end || minutes > DELAY_MAX_MIN ? -1 : (int)minutes;
}

/* Nothing, true or false, or a command that exits with 0 (do it) or not. */
static bool is_met(const struct module_ctx *c, const struct doc_node *n)
{
	struct error err = { 0 };

	if (!n || n->kind == DOC_NULL)
		return true;
	if (n->kind == DOC_BOOL)
		return n->boolean;
	if (!strcmp(doc_str(n, "", ""), "true") || !strcmp(doc_str(n, "", ""), "false"))
		return !strcmp(n->text, "true");
	if (!c->live)
		return false;
	return command_run(n, CONDITION_MS, &err) == 0;
}

static enum module_result power_state(const struct module_ctx *c, struct buf *message)
{
	const struct doc_node *map = doc_key(c->config, "power_state");
	const char *mode = doc_str(map, "mode", ""), *text = doc_str(map, "message", NULL);
	int delay = delay_of(doc_key(map, "delay"));
	AUTO_BUF struct buf request = { 0 };

	if (strcmp(mode, "poweroff") && strcmp(mode, "reboot") && strcmp(mode, "halt"))
		return module_fail(c, map->origin, "power_state.mode is poweroff, reboot or halt");
	if (delay < 0)
		return module_fail(c, map->origin, "power_state.delay is now or +MINUTES");
	if (!is_met(c, doc_key(map, "condition"))) {
		buf_str(message, "its condition is not met");
		return MODULE_UNCHANGED;
	}
	buf_str(message, mode);
	if (delay)
		buf_fmt(message, " in %d min", delay);
	if (!c->live)
		return MODULE_SKIPPED;
	if (text && module_is_line(text))
		doc_say(c->pool, false, map->origin, "%s: %.200s", buf_text(message), text);
	/* Done by `ros boot final`, when it is on record that it was done for this instance. */
	buf_fmt(&request, "%s %d\n", mode, delay);
	return module_write(c, FINAL_POWER, &request, 0600) == MODULE_FAILED ? MODULE_FAILED
									     : MODULE_CHANGED;
}

const struct module module_power_state = {
	.name = "power_state",
	.apply = power_state,
	.frequency = MODULE_INSTANCE,
	.at_end = true,
	.keys = { "power_state" },
};
