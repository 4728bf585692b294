/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The recovery console, the program's side: runs on one terminal, shows what happened, and lets in
 * whom the kernel line lets in.
 */
#pragma once

#include "lib/attr.h"
#include "lib/cmdline.h"

enum rescue_way {
	RESCUE_SHELL,    /* rancher.autologin= names this terminal */
	RESCUE_PASSWORD, /* rancher.password= must be typed */
	RESCUE_NONE,     /* only an explanation */
};

/* How to get in on that terminal. Pure. */
enum rescue_way rescue_way(const struct cmdline *line, const char *tty);
/* Compare without telling by its time where the difference is. Pure. */
bool rescue_same(const char *typed, const char *password);
/* Descriptors 0, 1 and 2 are the terminal. Ends when its shell does. */
int rescue_main(const char *tty);
/* DHCP on every wired interface with busybox, when there is no system image. */
int rescue_net(void);
