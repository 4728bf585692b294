/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiler contracts that our prototypes carry, and the few macros that every file may use.
 */
#pragma once

#include <stddef.h>

/* The caller must look at the result. */
#define MUST_CHECK __attribute__((warn_unused_result))
/* No pointer argument may be NULL. */
#define NONNULL __attribute__((nonnull))
#define PRINTF_LIKE(fmt, first) __attribute__((format(printf, fmt, first)))
#define NORETURN __attribute__((noreturn))

#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))
