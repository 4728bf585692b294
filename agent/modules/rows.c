/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of modules.
 */
#include "agent/modules/rows.h"

const struct module *const rows_all[] = {
#define X(name) &module_##name,
	ROWS(X)
#undef X
	NULL,
};
