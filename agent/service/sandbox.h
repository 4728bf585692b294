/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the sandboxes of the built-in services find on the machine. Docker makes a missing directory
 * of a volume itself, but as root's; those that need more are made here, before the containers.
 */
#pragma once

/* Make the directories and links of the table. What cannot be made is a warning in the journal: the
 * service that needs it says more when it fails. */
void sandbox_prepare(void);
