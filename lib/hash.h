/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A fingerprint that tells texts apart, for names and comparisons. It protects against nobody: who
 * chooses a text can make two that collide.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* FNV-1a, 64 bits. */
uint64_t hash_text(const void *data, size_t len);
