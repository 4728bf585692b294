/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The network as it is, for people and for programs.
 */
#pragma once

#include "agent/network/want.h"
#include "lib/buf.h"

/* One line for each link, with its addresses; then routes and rules. */
int show_text(struct network *net, struct buf *out, struct error *err) MUST_CHECK;
/* {"interfaces": {NAME: {"mac", "kind", "driver", "up", "carrier", "mtu", "master",
 * "configured_by", "addresses": []}}, "routes": [{"to", "via", "interface", "metric", "table"}],
 * "rules": []} */
int show_json(struct network *net, struct buf *out, struct error *err) MUST_CHECK;
/* Interfaces of the model that are not on this machine become warnings; `want` is filled. */
int show_missing(struct network *net, struct want_list *want, struct error *err) MUST_CHECK;
