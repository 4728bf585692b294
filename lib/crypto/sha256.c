/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The owner of libcrypto's digests.
 */
#include "lib/crypto/sha256.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/load/load.h"

#define SHA256_LIBRARY "libcrypto.so.3"
#define SHA256_CHUNK   (256u << 10)

#define CRYPTO_FUNCTIONS(X)          \
	X(new, EVP_MD_CTX_new)       \
	X(free, EVP_MD_CTX_free)     \
	X(init, EVP_DigestInit_ex)   \
	X(update, EVP_DigestUpdate)  \
	X(final, EVP_DigestFinal_ex) \
	X(sha256, EVP_sha256)

static struct {
#define X(member, symbol) __typeof__(&symbol) member;
	CRYPTO_FUNCTIONS(X)
#undef X
	bool ready;
} crypto;

struct sha256 {
	EVP_MD_CTX *ctx;
	bool failed;
};

static int load_library(struct error *err)
{
#define X(member, symbol) { #symbol, &crypto.member },
	const struct load_row rows[] = { CRYPTO_FUNCTIONS(X) };
#undef X
	int r;

	if (crypto.ready)
		return 0;
	r = load_functions(SHA256_LIBRARY, rows, ARRAY_LEN(rows), err);
	if (r < 0)
		return r;
	crypto.ready = true;
	return 0;
}

int sha256_new(struct sha256 **ret, struct error *err)
{
	AUTO(sha256_free) struct sha256 *h = NULL;
	int r = load_library(err);

	if (r < 0)
		return r;
	h = calloc(1, sizeof(*h));
	if (!h)
		return error_sys(err, ENOMEM, "hash");
	h->ctx = crypto.new();
	if (!h->ctx || crypto.init(h->ctx, crypto.sha256(), NULL) != 1)
		return error_set(err, EIO, "libcrypto has no SHA-256");
	*ret = TAKE_PTR(h);
	return 0;
}

void sha256_free(struct sha256 *h)
{
	if (!h)
		return;
	if (h->ctx)
		crypto.free(h->ctx);
	free(h);
}

void sha256_add(struct sha256 *h, const void *data, size_t len)
{
	if (crypto.update(h->ctx, data, len) != 1)
		h->failed = true;
}

int sha256_text(struct sha256 *h, char text[SHA256_TEXT], struct error *err)
{
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (h->failed || crypto.final(h->ctx, sum, &len) != 1 || len != SHA256_SIZE)
		return error_set(err, EIO, "SHA-256 failed");
	for (unsigned i = 0; i < SHA256_SIZE; i++)
		(void)snprintf(text + 2 * i, 3, "%02x", sum[i]);
	return 0;
}

int sha256_fd(int fd, const char *name, uint64_t len, char text[SHA256_TEXT], struct error *err)
{
	AUTO(sha256_free) struct sha256 *h = NULL;
	AUTO_FREE char *chunk = malloc(SHA256_CHUNK);
	uint64_t at = 0;
	int r = sha256_new(&h, err);

	if (r < 0)
		return r;
	if (!chunk)
		return error_sys(err, ENOMEM, "%s", name);
	while (at < len) {
		size_t want = len - at < SHA256_CHUNK ? (size_t)(len - at) : SHA256_CHUNK;
		ssize_t n = pread(fd, chunk, want, (off_t)at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_sys(err, errno, "read %s", name);
		if (n == 0)
			return error_set(err, EIO, "%s is shorter than expected", name);
		sha256_add(h, chunk, (size_t)n);
		at += (uint64_t)n;
	}
	return sha256_text(h, text, err);
}

int sha256_data(const void *data, size_t len, char text[SHA256_TEXT], struct error *err)
{
	AUTO(sha256_free) struct sha256 *h = NULL;
	int r = sha256_new(&h, err);

	if (r < 0)
		return r;
	sha256_add(h, data, len);
	return sha256_text(h, text, err);
}
