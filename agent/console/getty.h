/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which terminals get a log-in prompt: those that console= names and tty1; and on which of them
 * rancher logs in by itself. Pure, but for the question whether a terminal exists.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "lib/attr.h"
#include "lib/cmdline.h"
#include "lib/doc/doc.h"

#define GETTY_MAX 8
#define GETTY_ARGV 12
#define GETTY_ISSUE "/run/ros/issue"

struct getty {
	char tty[16];
	char name[32];  /* of the supervised child: "getty-ttyS0" */
	char speed[32]; /* "" for a virtual terminal */
	bool autologin;
	const char *argv[GETTY_ARGV];
};

struct getty_rules {
	bool live;     /* the live system's entry: logs in by itself only while there is no seed */
	bool seeded;   /* a datasource was found */
	bool disabled; /* rancher.disable has "autologin" */
	bool (*exists)(const char *tty);
};

/* Fill ret, of GETTY_MAX; returns how many. argv points into ret itself. */
size_t getty_list(const struct cmdline *line, const struct getty_rules *rules, struct getty *ret);
/* Whether the device answers as a terminal: the kernel has a ttyS0 also where there is no port. */
bool getty_is_terminal(const char *path);
/* Whether the machine has that terminal. */
bool getty_exists(const char *tty);
