/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telling the platform who we are, where it has a place for that: VMware's guestinfo.
 */
#pragma once

/* Does nothing on other machines. Waits a moment for a route; what fails is a line in the journal,
 * for nothing of ours depends on it. */
void publish_machine(int root);
