/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journals of the last ten boots, /var/lib/rancher/journal/NUMBER, newest highest, and what the
 * firmware kept of a kernel's panic (NUMBER.panic beside the boot that ended so).
 */
#pragma once

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

#define HISTORY_DIR "/var/lib/rancher/journal"
#define HISTORY_KEEP 10
#define HISTORY_REASON 256
/* Written by init when it is told to go down; moved here at the next boot. */
#define HISTORY_SHUTDOWN "/var/lib/rancher/last-shutdown"
#define HISTORY_LAST_STOP "/run/ros/last-shutdown"

/* Keep this boot's journal as it is now (again: in place of what was kept of it before), and drop
 * those beyond the last ten. */
int history_save(int root, struct error *err) MUST_CHECK;
/* Move what pstore holds beside the journal of the boot before this one; `reason` (of at least
 * HISTORY_REASON bytes) is the kernel's one line about it, "" when pstore held nothing. */
int history_save_panic(int root, char *reason, struct error *err) MUST_CHECK;
/* That line in the kernel's last words. Pure. */
void history_panic_reason(const char *text, char *reason);
/* The journal of the boot before this one; -ENODATA when none was kept. `panic` gets what the
 * kernel said when it ended that boot, and stays empty when it did not. */
int history_previous(int root, struct buf *journal, struct buf *panic,
		     struct error *err) MUST_CHECK;
/* Take the record that the last ordered stop left (its text goes to HISTORY_LAST_STOP): what is not
 * there next time was not written. */
int history_take_last_stop(int root, struct error *err) MUST_CHECK;
/* The number in a file's name "12", or 0 for every other name. Pure. */
unsigned history_number(const char *name);
