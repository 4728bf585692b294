/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sshd's host keys: made once, kept on state, or given by rancher.ssh.keys. Ed25519 comes first: it
 * costs nothing, and sshd can start with it alone; RSA follows when the machine has time, ECDSA is
 * made if it is asked for.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

enum hostkeys_type { HOSTKEYS_ED25519, HOSTKEYS_RSA, HOSTKEYS_ECDSA, HOSTKEYS_N_TYPES };

/* ssh_genkeytypes, when it is given, has the type. */
bool hostkeys_wanted(enum hostkeys_type type, const struct doc_node *config);
/* Whether the key is there below `root`, after taking it from the configuration when that has it.
 * An empty one, which a power cut left, is taken away: ssh-keygen makes none beside it. */
bool hostkeys_have(int root, enum hostkeys_type type, const struct doc_node *config);
/* argv that makes it; hostkeys_sync() afterwards. */
const char *const *hostkeys_make_argv(enum hostkeys_type type);
/* Make it and wait until it is on the disk. */
int hostkeys_make(enum hostkeys_type type, struct error *err) MUST_CHECK;
/* ssh-keygen does not sync what it writes: have the disk keep a key before anybody sees it. */
int hostkeys_sync(enum hostkeys_type type, struct error *err) MUST_CHECK;
/* argv that prints "BITS SHA256:… COMMENT (TYPE)" of the public key. */
const char *const *hostkeys_print_argv(enum hostkeys_type type);
