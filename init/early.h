/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What PID 1 does before anything else, and once more for what needs the system image: API file
 * systems, /dev links, limits, loopback, clock, host name, cgroups.
 */
#pragma once

#include "lib/attr.h"
#include "lib/error.h"

/* Mount the table of API file systems, make the links and directories that come with them. An
 * optional row that fails is passed over; *err describes the first needed one. */
int early_mount(struct error *err) MUST_CHECK;
/* Standard descriptors, limits, umask, loopback up, Ctrl-Alt-Del as a signal. Best effort. */
void early_process(void);
/* After switch root: the clock is not before the image was built; the image's host name; the
 * cgroups of the two Dockers with every controller enabled. Best effort: what failed is journalled.
 */
void early_image(void);
