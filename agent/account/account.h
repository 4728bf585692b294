/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Users and groups from /etc/passwd and /etc/group below a root, read by ourselves: the C library
 * would ask the machine's own files, and modules that nobody wants here. Where a root has no such
 * file, the users that every system image has (root, rancher, docker) are known.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "lib/attr.h"
#include "lib/error.h"

#define ACCOUNT_HOME 256

struct account {
	uid_t uid;
	gid_t gid; /* the primary group */
	char home[ACCOUNT_HOME];
};

/* Look a user up in the text of a passwd file, by name. Pure. */
bool account_find_user(const char *passwd, const char *name, struct account *ret);
/* Look a group up in the text of a group file. Pure. */
bool account_find_group(const char *group, const char *name, gid_t *ret);
/* A whole text that is a number below 2^32-1. Pure. */
bool account_number(const char *text, unsigned *ret);

/* -ENOENT when there is no such user. */
int account_user(int root, const char *name, struct account *ret, struct error *err) MUST_CHECK;
/* "user", "user:group", "user:" (its primary group), ":group"; names or numbers. Without a group it
 * is 0, as cloud-init and chown after creation have it. -ENOENT names what does not exist. */
int account_owner(int root, const char *owner, uid_t *ret_uid, gid_t *ret_gid, struct error *err)
	MUST_CHECK;
