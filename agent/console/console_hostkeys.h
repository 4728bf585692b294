/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console's part in sshd's host keys: sshd starts with one that costs nothing to make, the
 * expensive one follows when nobody waits for the processor.
 */
#pragma once

#include "agent/console/console_state.h"

/* Before sshd starts; waits for ssh-keygen. Failures are messages. */
void console_hostkeys_ed25519(struct console *c);
/* Once user Docker answers: the banner is drawn anew, and the RSA key begun; sshd reads it when it
 * is there. */
void console_hostkeys_follow_docker(struct console *c);
