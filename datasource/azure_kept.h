/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Custom data of Azure's provisioning disc, on the state disk: the disc is there at the first boot
 * and gone once the machine was deallocated, and nobody else has them.
 */
#pragma once

#include <stdbool.h>

#include "datasource/machine.h"
#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

#define AZURE_KEPT_DIR "/var/lib/rancher/cache/azure"

/* Remember them, as the disc has them, as those of this instance. Nothing is written that is the
 * same. */
int azure_kept_save(const struct machine *m, const char *id, const char *data, struct error *err)
	MUST_CHECK;
/* Those of this instance; false when there are none, or another's (a copied disk). */
bool azure_kept_load(const struct machine *m, const char *id, struct buf *ret);
