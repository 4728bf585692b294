/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Homes of users.
 */
#pragma once

#include "agent/modules/module.h"
#include "agent/modules/userspec.h"

/* Make the home of an entry of users that is an account now, unless it is there or not wanted. */
enum module_result userhome_make(const struct module_ctx *c, const struct userspec *u);
