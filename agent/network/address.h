/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses, masks, MAC addresses and interface names as people write them. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* The kernel's names of links are shorter than this. */
#define NETWORK_NAME 16
/* "address/length" with its end. */
#define NETWORK_ADDRESS 64

bool network_is_v6(const char *address);
/* An address without length. */
bool network_is_address(const char *text);
/* The same, spelled as the kernel spells it when it is read: "2001:DB8::01" is "2001:db8::1". What
 * is compared with the kernel's has to be. */
bool network_address(const char *text, char ret[NETWORK_ADDRESS]);
/* The length that a mask stands for (255.255.255.0, ffff::, /24, 24); -1 for none, also when it has
 * holes. */
int network_mask_length(const char *mask, bool v6);
/* "a/len" into `ret`, spelled as the kernel does, of an address with or without length, and a mask
 * (NULL for none). Where neither says the length it is `fallback`, or all bits for -1. False when
 * it is no address. */
bool network_cidr(const char *address, const char *mask, int fallback, char ret[NETWORK_ADDRESS]);
/* The same of a destination: bits behind the length become 0, "default" is 0.0.0.0/0 or ::/0 (as
 * `v6` says). */
bool network_destination(const char *to, const char *mask, bool v6, char ret[NETWORK_ADDRESS]);
/* The address (no length) is in the network of "a/len". */
bool network_contains(const char *cidr, const char *address);
/* Length 0. */
bool network_is_default(const char *cidr);
/* "aa:bb:cc:dd:ee:ff" in lower case, of the same with "-" or in upper case; "*" and "?" are taken
 * in patterns. False when it is no MAC address. */
bool network_mac(const char *text, bool pattern, char ret[24]);
/* May be a link's name, or a pattern of one: no blanks, slashes, control characters. */
bool network_is_name(const char *text);
