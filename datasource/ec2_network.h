/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What EC2's metadata says about network cards, as the payload's network-config:
 * {"interfaces": {"macs": {MAC: {LEAF: text, or a list of lines}}}}.
 */
#pragma once

#include "datasource/web.h"

struct ec2_network {
	const char *version;
	void (*get)(void *arg, struct web_part *parts, size_t n);
	void *arg;
	char *address; /* gets the first card's first IPv4 address */
	size_t address_size;
};

/* `listing` is that of network/interfaces/macs/. One request for each card's names and one for its
 * addresses; the others only where there is more than one card or address, or IPv6. */
int ec2_network_get(const struct ec2_network *e, const char *listing,
		    struct datasource_payload *ret, struct error *err) MUST_CHECK;
