/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The images that a configuration's services need.
 */
#pragma once

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/doc/doc.h"
#include "lib/error.h"

/* Sorted, each once: in one line with spaces between, or as a JSON list. ${VARIABLES} come from
 * rancher.environment; VERSION is that of the system below root, where it has one. */
int images_list(int root, const struct doc_node *config, bool json, struct buf *out,
		struct error *err) MUST_CHECK;
