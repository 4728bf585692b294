/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pre_cmds, post_cmds, pre_up, post_up: split as a shell would, run without one. $iface is the
 * interface's name.
 */
#pragma once

#include "agent/network/model.h"

/* Run all in turn, each to its end. What fails is a message of the pool, and the next one runs. */
void hooks_run(struct doc_pool *p, const struct network_texts *commands, const char *iface);
