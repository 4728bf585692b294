/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Libraries by dlopen.
 */
#include "lib/load/load.h"

#include <dlfcn.h>
#include <errno.h>
#include <string.h>

int load_functions(const char *library, const struct load_row *rows, size_t n, struct error *err)
{
	void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
	void *symbol;

	if (!handle)
		return error_set(err, ELIBACC, "%s", dlerror());
	for (size_t i = 0; i < n; i++) {
		symbol = dlsym(handle, rows[i].symbol);
		if (!symbol)
			return error_set(err, ELIBACC, "%s", dlerror());
		memcpy(rows[i].member, &symbol, sizeof(symbol));
	}
	return 0;
}
