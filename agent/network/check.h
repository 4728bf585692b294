/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is wrong with a model in itself, beyond single values: before anything is applied. Pure.
 */
#pragma once

#include "agent/network/model.h"

/* Each finding is a message of the model's pool, at the interface. */
void network_check(struct network *net);
