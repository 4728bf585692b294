/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options of halt, poweroff, reboot and shutdown (rancheros.md §2.6). Pure.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/error.h"

enum power_kind { POWER_HALT, POWER_POWEROFF, POWER_REBOOT };

struct power_request {
	enum power_kind kind;
	bool force;
};

/* argv[0] is the name under which the command was called. */
int power_parse(struct power_request *ret, int argc, char **argv, struct error *err) MUST_CHECK;
const char *power_kind_name(enum power_kind kind);
