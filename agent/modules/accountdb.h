/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Users and groups of a machine as they are to be: passwd, group, shadow and gshadow below a root,
 * read together, changed in memory, and published each whole or not at all (passwd(5), group(5),
 * shadow(5), gshadow(5)). A root without these files starts with root, rancher and docker.
 *
 * No value with ":" or a control character gets in.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

enum accountdb_table {
	ACCOUNTDB_PASSWD,
	ACCOUNTDB_GROUP,
	ACCOUNTDB_SHADOW,
	ACCOUNTDB_GSHADOW,
	ACCOUNTDB_N
};

/* Fields by their number. */
enum { ACCOUNTDB_HASH = 1, ACCOUNTDB_ID = 2, ACCOUNTDB_MEMBERS = 3 };
enum { ACCOUNTDB_GROUP_ID = 3, ACCOUNTDB_GECOS = 4, ACCOUNTDB_HOME = 5, ACCOUNTDB_SHELL = 6 };
enum { ACCOUNTDB_LAST_CHANGE = 2, ACCOUNTDB_INACTIVE = 6, ACCOUNTDB_EXPIRE = 7 };

struct accountdb {
	int root;
	bool privileged;
	struct buf text[ACCOUNTDB_N];
	bool dirty[ACCOUNTDB_N];
};

int accountdb_load(int root, bool privileged, struct accountdb *ret, struct error *err) MUST_CHECK;
/* Publish what was changed. On the machine itself the caller holds lckpwdf(3). */
int accountdb_save(struct accountdb *db, bool *ret_changed, struct error *err) MUST_CHECK;
void accountdb_done(struct accountdb *db);

/* A name that useradd(8) takes: letters, digits, "_", "-", "." and a "$" at the end; 32 at most. */
bool accountdb_is_name(const char *name);
/* It can stand in a field: no ":" and no control character. */
bool accountdb_is_value(const char *value);
bool accountdb_has(const struct accountdb *db, enum accountdb_table t, const char *name);
/* A field's text appended to out; false when there is no such line or field. */
bool accountdb_get(const struct accountdb *db, enum accountdb_table t, const char *name, int field,
		   struct buf *out);
/* -ENOENT when there is no such line, -EINVAL for a value that would break the file. */
int accountdb_set(struct accountdb *db, enum accountdb_table t, const char *name, int field,
		  const char *value, struct error *err) MUST_CHECK;
/* Add a line (without its newline) for a name that has none. */
int accountdb_add(struct accountdb *db, enum accountdb_table t, const char *line,
		  struct error *err) MUST_CHECK;
/* The first number that neither a user nor a group has: upwards from 1000, for the system's own
 * downwards from 999. 0 when all are taken. */
unsigned accountdb_free_id(const struct accountdb *db, bool system);
bool accountdb_id_taken(const struct accountdb *db, enum accountdb_table t, unsigned id);
/* A group with `gid`, or with a free number for 0; nothing to do when it is there. */
int accountdb_group(struct accountdb *db, const char *name, unsigned gid, bool system,
		    struct error *err) MUST_CHECK;
/* Make `user` a member of a group that is there. */
int accountdb_member(struct accountdb *db, const char *group, const char *user,
		     struct error *err) MUST_CHECK;
/* Lines of `other` (the text of the system image's file) whose names are missing here. */
int accountdb_merge(struct accountdb *db, enum accountdb_table t, const char *other,
		    struct error *err) MUST_CHECK;
