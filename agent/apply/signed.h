/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rancher.cloud_init.signers: SSH keys whose owners may configure this machine. With them only one
 * source counts, `file:PATH`, and only when one of them signed it:
 *
 *	ssh-keygen -Y sign -n ocicat -f KEY PATH	(makes PATH.sig)
 *
 * For machines whose host, media and network are not to be trusted.
 */
#pragma once

#include "datasource/datasource.h"
#include "lib/attr.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

bool signed_is_wanted(const struct doc_node *config);
/* Whether the user-data that were read from `path` carry such a signature. -EKEYREJECTED. */
int signed_check(int root, const struct doc_node *config, const char *path,
		 const struct datasource_payload *p, struct error *err) MUST_CHECK;
