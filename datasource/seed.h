/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A NoCloud seed, meta-data and its companions, wherever it lies: on a medium, in a directory, at
 * an address. For the drivers that know such seeds.
 */
#pragma once

#include "datasource/datasource.h"
#include "datasource/media.h"
#include "datasource/nocloud_line.h"
#include "lib/attr.h"
#include "lib/error.h"

/* What every seed is read into: four empty parts with their limits. */
void seed_reset(struct datasource_payload *p);
/* All parts from a medium or directory. -ENODATA when there is no meta-data. */
int seed_read(const struct media *m, struct datasource_payload *ret, struct error *err) MUST_CHECK;
/* Whether the address is to be asked over the network. */
bool seed_is_remote(const char *seedfrom);
/* All parts from below `seedfrom`: a path, file://, http:// or https://. meta-data and user-data
 * must be there. ret->where is set. */
int seed_fetch(const struct datasource_ctx *c, const char *seedfrom, struct datasource_payload *ret,
	       struct error *err) MUST_CHECK;
/* Follow what the parts themselves ask for: `seedfrom` in meta-data (its own keys win over those
 * that are found there), `network-interfaces` (ENI text, when there is no network-config); put the
 * line's fields (may be NULL) on top. -ENODATA when it says `dsmode: disabled`. Meta-data that does
 * not parse is left as it is, for the agent to complain. */
int seed_finish(const struct datasource_ctx *c, const struct nocloud_line *line,
		struct datasource_payload *p, struct error *err) MUST_CHECK;
