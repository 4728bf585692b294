/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hashing of passwords. libcrypt is opened only when one has to be hashed: no other run of `ros`
 * maps it.
 */
#include "agent/account/shadow.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

#include "lib/scope.h"

#define LIBCRYPT "libcrypt.so.1"
#define HASH_PREFIX "$y$" /* yescrypt, as the system's own passwd makes */

typedef char *(*salt_fn)(const char *prefix, unsigned long count, const char *random, int n);
typedef char *(*crypt_fn)(const char *phrase, const char *setting);

/* libcrypt's results lie in its own memory, so they are copied out while it is open. */
static int hash_with(void *lib, const char *password, struct buf *out, struct error *err)
{
	salt_fn make_salt = (salt_fn)dlsym(lib, "crypt_gensalt");
	crypt_fn make_hash = (crypt_fn)dlsym(lib, "crypt");
	const char *salt = make_salt ? make_salt(HASH_PREFIX, 0, NULL, 0) : NULL;
	const char *hash = make_hash && salt ? make_hash(password, salt) : NULL;

	if (!hash || hash[0] == '*')
		return error_set(err, EIO, "libcrypt made no hash");
	buf_str(out, hash);
	return buf_check(out, err);
}

bool shadow_matches(const char *password, const char *hash)
{
	void *lib = hash[0] == '$' ? dlopen(LIBCRYPT, RTLD_NOW | RTLD_LOCAL) : NULL;
	crypt_fn make_hash = lib ? (crypt_fn)dlsym(lib, "crypt") : NULL;
	const char *made = make_hash ? make_hash(password, hash) : NULL;
	bool same = made && !strcmp(made, hash);

	if (lib)
		dlclose(lib);
	return same;
}

int shadow_hash(const char *password, struct buf *out, struct error *err)
{
	void *lib = dlopen(LIBCRYPT, RTLD_NOW | RTLD_LOCAL);
	int r;

	if (!lib)
		return error_set(err, ENOENT, "%s", dlerror());
	r = hash_with(lib, password, out, err);
	dlclose(lib);
	return r;
}
