/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Terminals and their log-in prompts.
 */
#include "agent/console/getty.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/scope.h"

static struct getty *find(struct getty *all, size_t n, const char *tty)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(all[i].tty, tty))
			return &all[i];
	return NULL;
}

static bool is_serial(const char *tty)
{
	return !strncmp(tty, "ttyS", 4) || !strncmp(tty, "ttyAMA", 6) || !strncmp(tty, "ttyUSB", 6);
}

static bool is_name(const char *tty, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isalnum((unsigned char)tty[i]))
			return false;
	return len > 0 && len < sizeof(((struct getty *)NULL)->tty);
}

/* "ttyS0,115200n8": adds the terminal unless it is there or the machine has none of that name. */
static void add(struct getty *all, size_t *n, const char *text, size_t len,
		bool (*exists)(const char *tty))
{
	size_t name = 0, digits;
	struct getty *g = &all[*n];

	while (name < len && text[name] != ',')
		name++;
	if (*n == GETTY_MAX || !is_name(text, name))
		return;
	*g = (struct getty){ 0 };
	snprintf(g->tty, sizeof(g->tty), "%.*s", (int)name, text);
	/* tty0 is whichever virtual terminal is shown: the first. */
	if (!strcmp(g->tty, "tty0") || !strcmp(g->tty, "tty"))
		snprintf(g->tty, sizeof(g->tty), "tty1");
	if (find(all, *n, g->tty) || !exists(g->tty))
		return;
	digits = name < len ? strspn(text + name + 1, "0123456789") : 0;
	if (name < len && digits > 0 && digits < 8)
		snprintf(g->speed, sizeof(g->speed), "%.*s", (int)digits, text + name + 1);
	else if (is_serial(g->tty))
		snprintf(g->speed, sizeof(g->speed), "115200,57600,38400,9600");
	if (!is_serial(g->tty))
		g->speed[0] = '\0';
	snprintf(g->name, sizeof(g->name), "getty-%s", g->tty);
	(*n)++;
}

/* "tty1" or "[tty1,ttyS0]". */
static void autologin(struct getty *all, size_t *n, const char *value,
		      bool (*exists)(const char *tty))
{
	while (*value) {
		size_t skip = strspn(value, "[], \"'");
		size_t len = strcspn(value + skip, "[], \"'");
		char tty[16];
		struct getty *g;

		value += skip + len;
		if (!is_name(value - len, len))
			continue;
		snprintf(tty, sizeof(tty), "%.*s", (int)len, value - len);
		if (!find(all, *n, tty))
			add(all, n, tty, len, exists);
		g = find(all, *n, tty);
		if (g)
			g->autologin = true;
	}
}

static void make_argv(struct getty *g)
{
	size_t n = 0;

	g->argv[n++] = "/usr/sbin/agetty";
	g->argv[n++] = "--noclear";
	g->argv[n++] = "--issue-file";
	g->argv[n++] = GETTY_ISSUE;
	if (g->autologin) {
		g->argv[n++] = "--autologin";
		g->argv[n++] = "rancher";
	}
	if (g->speed[0])
		g->argv[n++] = "--local-line";
	g->argv[n++] = g->tty;
	if (g->speed[0])
		g->argv[n++] = g->speed;
	g->argv[n++] = g->speed[0] ? "vt220" : "linux";
	g->argv[n] = NULL;
}

size_t getty_list(const struct cmdline *line, const struct getty_rules *rules, struct getty *ret)
{
	bool automatic = !rules->disabled && !(rules->live && rules->seeded);
	size_t n = 0;

	add(ret, &n, "tty1", 4, rules->exists);
	for (size_t i = 0; i < line->n_words; i++)
		if (!strcmp(line->words[i].key, "console") && line->words[i].value)
			add(ret, &n, line->words[i].value, strlen(line->words[i].value),
			    rules->exists);
	for (size_t i = 0; automatic && i < line->n_words; i++)
		if (!strcmp(line->words[i].key, "rancher.autologin") && line->words[i].value)
			autologin(ret, &n, line->words[i].value, rules->exists);
	for (size_t i = 0; i < n; i++)
		make_argv(&ret[i]);
	return n;
}

bool getty_is_terminal(const char *path)
{
	/* Waits for no carrier, and is nobody's controlling terminal. */
	AUTO_CLOSE int fd = open(path, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	return fd >= 0 && isatty(fd);
}

bool getty_exists(const char *tty)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/class/tty/%s", tty);
	if (access(path, F_OK) < 0)
		return false;
	snprintf(path, sizeof(path), "/dev/%s", tty);
	return getty_is_terminal(path);
}
