/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a terminal shows above its log-in prompt: who the machine is, its addresses and host keys,
 * where its configuration came from, what went wrong, and what to do next.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

#define BANNER_ADDRESSES 16
/* More messages than this are counted only: one screen. */
#define BANNER_MESSAGES 6

struct banner_address {
	char interface[16];
	char text[64]; /* "10.0.2.15/24" */
	bool v6;
};

struct banner {
	const char *version;
	const char *hostname;
	struct banner_address addresses[BANNER_ADDRESSES];
	size_t n_addresses;
	const char *fingerprints;   /* lines of ssh-keygen -l, or "" */
	const char *datasource;     /* NULL: none was found */
	const char *instance;       /* or "" */
	const char *messages;       /* lines of /run/ros/messages, or "" */
	bool has_keys;              /* somebody's SSH key is known */
	bool live;
	bool autologin;
};

/* Pure. What agetty would take for an escape is made harmless. */
void banner_format(const struct banner *b, struct buf *out);
/* Addresses of the machine's own interfaces: no loopback, no bridge or pair of a
 * container network. */
void banner_addresses(struct banner *b);
/* Whether an interface belongs to container networks. Pure. */
bool banner_is_container_interface(const char *name);
