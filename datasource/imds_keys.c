/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a listing of keys to the keys.
 */
#include "datasource/imds_keys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "datasource/imds.h"
#include "lib/scope.h"

#define KEYS_MAX 16
/* Of the directory's path. */
#define DIR_LEN 192

int imds_keys_get(const char *dir, const char *listing, imds_keys_fn get, void *arg,
		  struct meta *m, struct error *err)
{
	AUTO_FREE struct imds_names *names = calloc(1, sizeof(*names));
	const char *slash = dir[strlen(dir) - 1] == '/' ? "" : "/";
	struct buf text[KEYS_MAX] = { 0 };
	struct web_part parts[KEYS_MAX] = { 0 };
	char path[KEYS_MAX][DIR_LEN + IMDS_NAME + 16];
	size_t n;
	int r = 0;

	if (!names)
		return error_sys(err, ENOMEM, "%s", dir);
	imds_parse_keys(listing, names);
	n = names->n < KEYS_MAX ? names->n : KEYS_MAX;
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(path[i], sizeof(path[i]), "%.*s%s%s/openssh-key", DIR_LEN, dir,
			       slash, names->name[i]);
		parts[i] = (struct web_part){ .path = path[i], .ret = &text[i] };
	}
	get(arg, parts, n);
	for (size_t i = 0; i < n; i++) {
		if (parts[i].result == 0)
			meta_add_keys(m, buf_text(&text[i]));
		else if (r == 0 && parts[i].result != -ENOENT && parts[i].result != -EPERM)
			r = error_set(err, -parts[i].result, "%s", parts[i].err.msg);
		buf_done(&text[i]);
	}
	return r;
}
