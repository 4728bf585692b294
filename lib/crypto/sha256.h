/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SHA-256 by OpenSSL's libcrypto, which is opened with dlopen on first use so that a `ros` process
 * which hashes nothing does not map it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "lib/attr.h"
#include "lib/error.h"
#include "lib/scope.h"

#define SHA256_SIZE 32
/* As text, terminated. */
#define SHA256_TEXT (2 * SHA256_SIZE + 1)

struct sha256;

int sha256_new(struct sha256 **ret, struct error *err) MUST_CHECK;
void sha256_free(struct sha256 *h);
DEFINE_AUTO(struct sha256, sha256_free);
void sha256_add(struct sha256 *h, const void *data, size_t len);
/* The hash of all that was added, in lower-case hexadecimal; -EIO when libcrypto failed on the way.
 * Nothing can be added afterwards. */
int sha256_text(struct sha256 *h, char text[SHA256_TEXT], struct error *err) MUST_CHECK;
/* Of `len` bytes of a descriptor from its start; `name` is for messages. -EIO when it is shorter.
 */
int sha256_fd(int fd, const char *name, uint64_t len, char text[SHA256_TEXT],
	      struct error *err) MUST_CHECK;
/* Of bytes in memory. */
int sha256_data(const void *data, size_t len, char text[SHA256_TEXT], struct error *err) MUST_CHECK;
