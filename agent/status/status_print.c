/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A status on one screen, and as JSON.
 */
#include "agent/status/status_print.h"

#include <stdio.h>
#include <string.h>

#define WIDTH 79
#define COLUMN 17
#define MESSAGES 5
#define FAULTS 8

static const char *health_name(enum status_health health)
{
	return health == STATUS_HEALTHY ? "healthy" :
	       health == STATUS_STARTING ? "starting" : "degraded";
}

static const char *state_name(enum status_state state)
{
	static const char *const names[] = {
		[STATUS_UP] = "up",
		[STATUS_DONE] = "done",
		[STATUS_BEGUN] = "starting",
		[STATUS_DOWN] = "down",
		[STATUS_FAILED] = "failed",
	};

	return names[state];
}

static const char *stop_name(enum status_stop stop)
{
	static const char *const names[] = {
		[STATUS_STOP_UNKNOWN] = "unknown",
		[STATUS_STOP_COMMAND] = "command",
		[STATUS_STOP_PANIC] = "panic",
		[STATUS_STOP_POWER] = "power-cut",
	};

	return names[stop];
}

static void label(struct buf *out, const char *name)
{
	buf_fmt(out, "  %-*s", COLUMN - 2, name);
}

/* The first line of `text`, without control characters. */
static void add_line(struct buf *out, const char *text, size_t max)
{
	size_t n = strcspn(text, "\n");

	for (size_t i = 0; i < n && i < max; i++)
		buf_char(out, (unsigned char)text[i] < ' ' ? ' ' : text[i]);
	buf_str(out, n > max ? "…\n" : "\n");
}

static void add_field(struct buf *out, const char *name, const char *text)
{
	if (!*text)
		return;
	label(out, name);
	add_line(out, text, 200);
}

/* Names of the units in one state, wrapped. */
static void add_names(const struct status *s, enum status_state state, const char *name,
		      struct buf *out)
{
	size_t column = WIDTH + 1;
	bool any = false;

	for (size_t i = 0; i < s->n_units; i++) {
		size_t len = strlen(s->units[i].name) + 1;

		if (s->units[i].state != state)
			continue;
		if (column + len > WIDTH) {
			buf_str(out, any ? "\n" : "");
			label(out, any ? "" : name);
			column = COLUMN;
		}
		buf_fmt(out, "%s ", s->units[i].name);
		column += len;
		any = true;
	}
	buf_str(out, any ? "\n" : "");
}

static void add_faults(const struct status *s, struct buf *out)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n_units; i++) {
		const struct status_unit *u = &s->units[i];

		if ((u->state != STATUS_FAILED && u->state != STATUS_DOWN) || n++ >= FAULTS)
			continue;
		label(out, n == 1 ? "not up" : "");
		buf_fmt(out, "%s: %s%s", u->name, state_name(u->state), *u->why ? ": " : "");
		add_line(out, u->why, 160);
	}
	if (n > FAULTS)
		buf_fmt(out, "  %-*sand %zu more (ros status --json)\n", COLUMN - 2, "",
			n - FAULTS);
}

static void add_messages(const char *text, struct buf *out)
{
	size_t n = 0;

	while (*text) {
		if (n++ < MESSAGES) {
			label(out, n == 1 ? "messages" : "");
			add_line(out, text, 200);
		}
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	if (n > MESSAGES)
		buf_fmt(out, "  %-*sand %zu more in /run/ros/messages\n", COLUMN - 2, "",
			n - MESSAGES);
}

static void add_uptime(unsigned long s, struct buf *out)
{
	if (s >= 86400)
		buf_fmt(out, "%lu days %lu h", s / 86400, s / 3600 % 24);
	else if (s >= 3600)
		buf_fmt(out, "%lu h %lu min", s / 3600, s / 60 % 60);
	else if (s >= 60)
		buf_fmt(out, "%lu min", s / 60);
	else
		buf_fmt(out, "%lu s", s);
}

void status_print_text(const struct status *s, struct buf *out)
{
	const struct status_input *in = s->in;

	buf_fmt(out, "OcicatOS %s on %s: %s, up ", in->version, in->hostname,
		health_name(s->health));
	add_uptime(in->uptime_s, out);
	buf_char(out, '\n');
	add_field(out, "system image", in->image);
	add_field(out, "state", in->state);
	label(out, "configuration");
	buf_fmt(out, "%s%s%s\n", *s->source ? s->source : "no user-data was found",
		*in->instance ? ", instance " : "", in->instance);
	label(out, "user Docker");
	if (s->docker_usec)
		buf_fmt(out, "ready %.1f s after the kernel started\n",
			(double)s->docker_usec / 1e6);
	else
		buf_str(out, "not ready yet\n");
	add_names(s, STATUS_UP, "up", out);
	add_names(s, STATUS_BEGUN, "starting", out);
	add_faults(s, out);
	add_messages(in->messages, out);
	label(out, "last stop");
	buf_fmt(out, "%s%s%s\n", s->stop == STATUS_STOP_UNKNOWN ? "" : stop_name(s->stop),
		s->stop == STATUS_STOP_UNKNOWN ? "" : ": ", s->stop_text);
}

static void json_str(struct buf *out, const char *name, const char *value)
{
	buf_fmt(out, "\"%s\":", name);
	if (!value) {
		buf_str(out, "null,");
		return;
	}
	buf_char(out, '"');
	for (size_t n = strcspn(value, "\n"); n; n = 0) {
		char line[512];

		snprintf(line, sizeof(line), "%.*s", (int)(n < sizeof(line) ? n : sizeof(line) - 1),
			 value);
		buf_json(out, line);
	}
	buf_str(out, "\",");
}

static void json_messages(const char *text, struct buf *out)
{
	const char *comma = "";

	buf_str(out, "\"messages\":[");
	while (*text) {
		size_t n = strcspn(text, "\n");
		char line[1024];

		snprintf(line, sizeof(line), "%.*s", (int)(n < sizeof(line) ? n : sizeof(line) - 1),
			 text);
		buf_fmt(out, "%s\"", comma);
		buf_json(out, line);
		buf_char(out, '"');
		comma = ",";
		text += n + (text[n] == '\n');
	}
	buf_str(out, "],");
}

void status_print_json(const struct status *s, struct buf *out)
{
	const struct status_input *in = s->in;

	buf_fmt(out, "{\"health\":\"%s\",\"uptime_s\":%lu,", health_name(s->health), in->uptime_s);
	json_str(out, "version", in->version);
	json_str(out, "hostname", in->hostname);
	json_str(out, "image", in->image);
	json_str(out, "state", in->state);
	json_str(out, "datasource", in->datasource);
	json_str(out, "configuration", s->source);
	json_str(out, "instance_id", in->instance);
	if (s->docker_usec)
		buf_fmt(out, "\"user_docker_ms\":%.3f,", (double)s->docker_usec / 1e3);
	else
		buf_str(out, "\"user_docker_ms\":null,");
	json_messages(in->messages, out);
	buf_str(out, "\"last_stop\":{");
	json_str(out, "kind", stop_name(s->stop));
	buf_str(out, "\"text\":\"");
	buf_json(out, s->stop_text);
	buf_str(out, "\"},\"units\":[");
	for (size_t i = 0; i < s->n_units; i++) {
		buf_str(out, i ? ",{" : "{");
		json_str(out, "name", s->units[i].name);
		json_str(out, "why", s->units[i].why);
		buf_fmt(out, "\"state\":\"%s\"}", state_name(s->units[i].state));
	}
	buf_str(out, "]}\n");
}
