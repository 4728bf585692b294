/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How options of bonds and bridges travel in netlink: their attribute, its size, and the words that
 * stand for numbers. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kernel_option {
	const char *name; /* kernel name, as in option.h */
	uint16_t attr;
	uint8_t size; /* 1, 2, 4, 8 bytes; 0: a name of a link, given as its index */
	const char *const *words;
	bool made; /* the kernel refuses it once the link has members or is up */
};

/* `kind` is "bond" or "bridge"; NULL-name ends. */
const struct kernel_option *kernel_option_all(const char *kind);
const struct kernel_option *kernel_option_find(const char *kind, const char *name);
/* The number that a text means; false when it means none. */
bool kernel_option_value(const struct kernel_option *o, const char *text, int64_t *ret);
