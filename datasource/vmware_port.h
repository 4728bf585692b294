/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The I/O port of VMware's backdoor: the one place with machine instructions, on x86 alone.
 */
#pragma once

#include <stdbool.h>

#include "datasource/backdoor.h"

/* The port, or NULL where the processor has none. It must only be used where CPUID says that the
 * hypervisor is VMware's: everywhere else the access faults. */
const struct backdoor_port *vmware_port(void);
