/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A command that the configuration gives: a text is a line for `sh -c`, a list a program and its
 * arguments.
 */
#pragma once

#include "lib/attr.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

#define COMMAND_WORDS 64

/* Run it to its end; 0 when it exited with 0. */
int command_run(const struct doc_node *n, int timeout_ms, struct error *err) MUST_CHECK;
