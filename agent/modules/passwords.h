/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passwords in an account data base. None of them is ever in a message, an argument or a log.
 *
 * A locked password is "*", or the hash behind a "*": with the "!" of passwd(1) sshd, which does
 * without PAM here, would refuse the user's keys, too.
 */
#pragma once

#include "agent/modules/accountdb.h"
#include "agent/modules/module.h"
#include "agent/modules/userspec.h"
#include "lib/attr.h"
#include "lib/error.h"

/* On the machine itself: nobody else edits the files meanwhile (lckpwdf). */
void passwords_lock(const struct module_ctx *c);
void passwords_unlock(const struct module_ctx *c);

/* Text that is a hash of crypt(3) which Debian's knows. */
bool passwords_is_hash(const char *text);
/* Text that stands for no password at all: "*", "!", "!!", "*LK*", or a hash behind a lock. */
bool passwords_is_locked(const char *text);
/* Set a hash (or lock, for a text that stands for no password), or a text that is hashed (not again
 * if it is the password already). With `expire` it must be changed at the next log-in. */
int passwords_set(struct accountdb *db, const char *user, const char *password, bool is_hash,
		  bool expire, struct error *err) MUST_CHECK;
/* Whom a password belongs to that names nobody. */
const char *passwords_default_user(const struct doc_node *config);
/* passwd, hashed_passwd, plain_text_passwd, lock_passwd of an entry of users. Mistakes are messages
 * of the pool, and a negative result. */
int passwords_of_user(const struct module_ctx *c, struct accountdb *db, const struct userspec *u,
		      bool is_new);
/* What all entries of `name` say of his password was set for this instance. By now he may have
 * chosen another, or chpasswd gave him one: it is left alone. */
bool passwords_are_set(const struct module_ctx *c, const struct userspec *all, size_t n,
		       const char *name);
/* Mark it so, when it is on the disk. A failure is a warning of the pool. */
void passwords_mark(const struct module_ctx *c, const struct userspec *all, size_t n,
		    const struct userspec *u);
/* expiredate and inactive. */
int passwords_aging(const struct module_ctx *c, struct accountdb *db, const struct userspec *u);
