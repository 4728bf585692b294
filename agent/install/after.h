/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens when an installation is done: reboot, by firmware or by kexec, or power off.
 */
#pragma once

#include "installer/install.h"
#include "lib/attr.h"
#include "lib/error.h"

/* Load the installed kernel for a kexec, with its line. */
int after_load_kexec(const struct install_payload *p, const char *line,
		     struct error *err) MUST_CHECK;
/* Ask init; the machine goes down a moment later. */
int after_go(enum install_after after, struct error *err) MUST_CHECK;
