/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeping in memory what `ros install` puts on a disk beside the system image, for machines whose
 * medium may be taken out, or that booted from the network.
 */
#pragma once

/* Copy the kernel, the initrd and their manifest from below `dir` (the ISO's mount point, or the
 * initrd's root) to KEEP_DIR. Nothing is said about what is not there; a file that has no room is
 * left out as a whole. */
void keep_boot_files(const char *dir);

/* An initrd of the owner's may bring the key of the encrypted state (agent/state/state_luks.c). */
void keep_state_key(void);

#define KEEP_DIR "/run/ros/boot"
#define KEEP_KEY "/run/ros/state.key"
