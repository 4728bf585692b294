/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sshd's host keys: made once, kept on state, or given by rancher.ssh.keys. Ed25519 comes first: it
 * costs nothing, and sshd can start with it alone; RSA follows when the machine has time.
 */
#pragma once

#include <stdbool.h>

#include "lib/attr.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

enum hostkeys_type { HOSTKEYS_ED25519, HOSTKEYS_RSA, HOSTKEYS_N_TYPES };

/* ssh_genkeytypes, when it is given, has the type. */
bool hostkeys_wanted(enum hostkeys_type type, const struct doc_node *config);
/* Whether the key is there, after taking it from the configuration when that has it. */
bool hostkeys_have(enum hostkeys_type type, const struct doc_node *config);
/* argv that makes it. */
const char *const *hostkeys_make_argv(enum hostkeys_type type);
/* Make it and wait. */
int hostkeys_make(enum hostkeys_type type, struct error *err) MUST_CHECK;
/* argv that prints "BITS SHA256:… COMMENT (TYPE)" of the public key. */
const char *const *hostkeys_print_argv(enum hostkeys_type type);
