/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network service's work, without its loop (agent/cmd/cmd_network_run.c): what is to be done
 * when, and doing it. Every piece of work reads the specification anew, so that nothing grows.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/error.h"

struct netd;

int netd_new(struct netd **ret, struct error *err) MUST_CHECK;
void netd_free(struct netd *d);
/* The first specification: at boot the agent's; when the service is started again, one that is made
 * of the configuration. A change that was waiting to be confirmed is taken back. */
int netd_begin(struct netd *d, int root, struct error *err) MUST_CHECK;
/* See whether there is another specification: 1 if so, 0 if it is the same. */
int netd_load(struct netd *d, struct error *err) MUST_CHECK;
/* Take the next netd_load() for another one in any case. */
void netd_forget(struct netd *d);
/* Make the network match. `whole`: commands are run, firewall and status are renewed, too. True
 * when dhcpcd must be told: its file (`conf`) is another one. */
bool netd_refresh(struct netd *d, bool whole, const char *conf);
bool netd_wants_dhcpcd(const struct netd *d);
/* A dhcpcd was started: it reads the file as it is, and need not be told. */
void netd_dhcpcd_started(struct netd *d);
/* Tell the running dhcpcd of the interfaces whose lines have changed; false when it cannot hear. */
bool netd_tell_dhcpcd(struct netd *d);
/* Take messages of the kernel from `fd`; what they ask for is due at due_ms. */
void netd_news(struct netd *d, int fd, int64_t due_ms);
/* When something is due (clock_ms), 0 for never; and what is to be done once it is. */
enum netd_due { NETD_DUE_NOTHING, NETD_DUE_REFRESH, NETD_DUE_RELOAD };
int64_t netd_next_ms(const struct netd *d);
enum netd_due netd_due(struct netd *d, int64_t now_ms);
/* Have an inotify descriptor tell about new specifications. */
int netd_watch(int inotify) MUST_CHECK;
