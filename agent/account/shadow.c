/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /etc/shadow. libcrypt is opened only when a password has to be hashed: no other run of `ros` maps
 * it.
 */
#include "agent/account/shadow.h"

#include <dlfcn.h>
#include <errno.h>
#include <shadow.h>
#include <string.h>

#include "lib/file.h"
#include "lib/scope.h"

#define SHADOW_PATH "/etc/shadow"
#define SHADOW_LIMIT (1u << 20)
#define LIBCRYPT "libcrypt.so.1"
#define HASH_PREFIX "$y$" /* yescrypt, as the system's own passwd makes */

int shadow_replace(const char *text, const char *user, const char *hash, struct buf *out,
		   struct error *err)
{
	size_t len = strlen(user);
	bool found = false;

	if (strpbrk(hash, ":\r\n") || strpbrk(user, ":\r\n") || !len)
		return error_set(err, EINVAL, "password of %s", user);
	while (*text) {
		size_t line = strcspn(text, "\n");
		size_t next = line + (text[line] == '\n');

		if (!strncmp(text, user, len) && text[len] == ':') {
			const char *rest = memchr(text + len + 1, ':', line - len - 1);
			const char *after = rest ? memchr(rest + 1, ':',
							  line - (size_t)(rest + 1 - text))
						 : NULL;

			buf_fmt(out, "%s:%s:", user, hash);
			if (after)
				buf_add(out, after, line - (size_t)(after - text));
			else
				buf_str(out, ":0:99999:7:::");
			buf_char(out, '\n');
			found = true;
		} else {
			buf_add(out, text, next);
		}
		text += next;
	}
	return found ? buf_check(out, err) : error_set(err, ENODATA, "no user %s", user);
}

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

int shadow_set_password(const char *user, const char *password, struct error *err)
{
	const struct file_attr attr = { .mode = 0640, .uid = 0, .gid = 42 };
	AUTO_BUF struct buf hash = BUF_WITH_LIMIT(512);
	AUTO_BUF struct buf old = BUF_WITH_LIMIT(SHADOW_LIMIT);
	AUTO_BUF struct buf new = BUF_WITH_LIMIT(SHADOW_LIMIT);
	int r;

	if (password[0] == '$')
		buf_str(&hash, password);
	r = hash.len ? 0 : shadow_hash(password, &hash, err);
	if (r < 0)
		return r;
	if (lckpwdf() < 0)
		return error_sys(err, errno, "lock %s", SHADOW_PATH);
	r = file_read(FILE_ROOT, SHADOW_PATH, &old, err);
	if (r == 0)
		r = shadow_replace(buf_text(&old), user, buf_text(&hash), &new, err);
	if (r == 0)
		r = file_publish(FILE_ROOT, SHADOW_PATH, buf_text(&new), new.len, &attr, NULL, err);
	(void)ulckpwdf();
	return r;
}
