/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NoCloud over HTTP: the folder's files as they are (`ds=nocloud;s=http://HOST/`).
 */
#include <stddef.h>

#include "datasource/serve/dialect.h"

static const struct serve_document documents[] = {
	{ "/meta-data", "${file:meta-data}", false },
	{ "/user-data", "${user-data}", false },
	{ "/vendor-data", "${vendor-data}", false },
	{ "/network-config", "${file:network-config}", false },
	{ NULL, NULL, false },
};

const struct serve_dialect serve_nocloud = { .name = "nocloud", .documents = documents };
