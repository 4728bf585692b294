/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clouds whose metadata is a tree of texts like EC2's, without its versions and network cards.
 */
#pragma once

#include "datasource/cloud.h"

/* Fill the answer's values and keys. */
int cloud_tree_get(struct cloud_answer *a, struct error *err) MUST_CHECK;
