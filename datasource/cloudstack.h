/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finding CloudStack's virtual router.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The server's address in a DHCP lease as it came over the wire (dhcpcd keeps it so). Pure. */
bool cloudstack_server(const void *lease, size_t len, char *to, size_t size);
