/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all datasources share: the names of a payload's parts, its end, and the writing of clues
 * and warnings.
 */
#include "datasource/datasource.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "lib/clock.h"

static const char *const part_names[DATASOURCE_N_PARTS] = {
	[DATASOURCE_META_DATA] = "meta-data",
	[DATASOURCE_USER_DATA] = "user-data",
	[DATASOURCE_VENDOR_DATA] = "vendor-data",
	[DATASOURCE_NETWORK_CONFIG] = "network-config",
};

const char *datasource_part_name(enum datasource_part part)
{
	return part_names[part];
}

void datasource_payload_done(struct datasource_payload *p)
{
	for (int i = 0; i < DATASOURCE_N_PARTS; i++)
		buf_done(&p->part[i]);
	explicit_bzero(&p->password, sizeof(p->password));
}

void datasource_warn(struct datasource_payload *p, const char *fmt, ...)
{
	size_t len = strlen(p->warning);
	va_list ap;

	if (len && len + 2 < sizeof(p->warning)) {
		memcpy(p->warning + len, "; ", 3);
		len += 2;
	}
	va_start(ap, fmt);
	(void)vsnprintf(p->warning + len, sizeof(p->warning) - len, fmt, ap);
	va_end(ap);
}

void datasource_clue_set(struct datasource_clue *c, enum datasource_match match,
			 enum datasource_stage stage, const char *fmt, ...)
{
	va_list ap;

	c->match = match;
	c->stage = stage;
	va_start(ap, fmt);
	(void)vsnprintf(c->reason, sizeof(c->reason), fmt, ap);
	va_end(ap);
}

int datasource_online(const struct datasource_ctx *c, int64_t *ret, struct error *err)
{
	int r = c->network ? c->network(c->network_arg, err) : 0;

	*ret = c->deadline ? c->deadline :
			     clock_ms() + (c->budget_ms ? c->budget_ms : DATASOURCE_BUDGET_MS);
	return r;
}
