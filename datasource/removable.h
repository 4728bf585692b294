/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Media on a real machine: whoever passes by can put in a stick or a disc with the right label, so
 * that those which can be taken out count only when the owner says so. A virtual machine's media
 * are its hypervisor's.
 */
#pragma once

#include "datasource/machine.h"
#include "lib/buf.h"

/* No hypervisor is known by CPUID, Xen's interface or DMI. Pure. */
bool removable_is_real(const struct machine *m);
/* The medium in a drive or slot, or on USB: /dev/sr0, a stick, an SD card. */
bool removable_is(int root, const char *path);
/* Leave such media out of a real machine's. *said gets a clause about the first that has a seed's
 * label. */
void removable_drop(struct machine *m, struct buf *said);
