/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks up variables.
 */
#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "datasource/vmware_env.h"
#include "lib/file.h"

#define PREFIX "VMX_GUESTINFO_"

bool vmware_env_load(int root, struct buf *ret)
{
	static const char first[] = PREFIX, next[] = "\0" PREFIX;

	buf_done(ret);
	*ret = BUF_WITH_LIMIT(VMWARE_ENV_MAX);
	if (file_read(root, "/proc/1/environ", ret, NULL) < 0)
		return false;
	return (ret->len >= sizeof(first) && !memcmp(ret->data, first, sizeof(first) - 1)) ||
	       memmem(buf_text(ret), ret->len, next, sizeof(next) - 1);
}

/* `entry` is NAME=value; its name is that of the key. */
static const char *value_of(const char *entry, const char *key)
{
	const char *s = entry + strlen(PREFIX);

	if (strncmp(entry, PREFIX, strlen(PREFIX)) != 0)
		return NULL;
	for (; *key; key++, s++) {
		char want = isalnum((unsigned char)*key) ? (char)toupper((unsigned char)*key) : '_';

		if (*s != want)
			return NULL;
	}
	return *s == '=' ? s + 1 : NULL;
}

int vmware_env_get(void *arg, const char *key, struct buf *ret, struct error *err)
{
	const struct buf *env = arg;

	/* The buffer ends with a NUL whatever the file does. */
	for (size_t at = 0; at < env->len; at += strlen(env->data + at) + 1) {
		const char *v = value_of(env->data + at, key);

		if (v) {
			buf_str(ret, v);
			return buf_check(ret, err);
		}
	}
	return error_set(err, ENODATA, "the environment has no value for guestinfo.%s", key);
}
