/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cloud-init's properties of an OVF environment in a payload: instance-id, hostname, public-keys,
 * user-data, network-config, password, seedfrom.
 */
#pragma once

#include "datasource/datasource.h"
#include "datasource/ovf_env.h"
#include "lib/attr.h"

/* Whether any of them is there. */
bool ovf_data_is_there(const struct ovf_env *env);
/* Fill in what the payload lacks; `fallback_id` is the instance id where neither has one.
 * `seedfrom` is followed. */
int ovf_data_fill(const struct ovf_env *env, const struct datasource_ctx *c,
		  const char *fallback_id, struct datasource_payload *p,
		  struct error *err) MUST_CHECK;
