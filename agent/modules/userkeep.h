/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entries of users whose account is there already.
 */
#pragma once

#include "agent/modules/accountdb.h"
#include "agent/modules/module.h"
#include "agent/modules/userspec.h"
#include "lib/attr.h"
#include "lib/error.h"

/* Give the machine's own user the full name and the shell that entry `u` of `all` has for him, once
 * for the instance. What else its entry has that the account has not stays as it is: a warning of
 * the pool names it. */
int userkeep_edit(const struct module_ctx *c, struct accountdb *db, const struct userspec *all,
		  size_t n, const struct userspec *u, struct error *err) MUST_CHECK;
/* Mark it so, when it is on the disk. A failure is a warning of the pool. */
void userkeep_mark(const struct module_ctx *c, const struct userspec *all, size_t n,
		   const struct userspec *u);
