/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Accounts below an agent's root: what stands in the fields of their files.
 */
#pragma once

#include "tests/unit/agentroot.h"

#include "agent/account/shadow.h"
#include "agent/modules/accountdb.h"

#define KEY "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIHVWaoROzkEO7Y/wb0S+7lqnmm5EQ2pmdX0p8L9aBcD a"
#define HASH       \
	"$6$salt$" \
	"IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS130MTSuDDl3aCI6WouIL9AjRbLCelDCy.g."

static inline void field(struct agentroot *f, enum accountdb_table t, const char *name, int n,
		  struct buf *out)
{
	CLEANUP(accountdb_done) struct accountdb db = { 0 };
	struct error err = { 0 };

	assert_ok(accountdb_load(f->root, false, &db, &err), &err);
	if (!accountdb_get(&db, t, name, n, out))
		fail_msg("no field %d of %s", n, name);
}

static inline void assert_hash(struct agentroot *f, const char *name, const char *want)
{
	AUTO_BUF struct buf b = { 0 };

	field(f, ACCOUNTDB_SHADOW, name, ACCOUNTDB_HASH, &b);
	assert_string_equal(buf_text(&b), want);
}

static inline void assert_password(struct agentroot *f, const char *name, const char *password)
{
	AUTO_BUF struct buf b = { 0 };

	field(f, ACCOUNTDB_SHADOW, name, ACCOUNTDB_HASH, &b);
	assert_true(shadow_matches(password, buf_text(&b)));
	assert_false(shadow_matches("another", buf_text(&b)));
}
