/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Azure needs beyond its metadata document: the provisioning disc, which alone has the custom
 * data, and the report that the machine is up, without which it is marked as failed.
 */
#pragma once

#include "datasource/cloud.h"

#define AZURE_AGENT "OcicatOS"

/* The disc's part, and the report. */
int azure_finish(struct cloud_answer *a, struct error *err) MUST_CHECK;
/* Read ovf-env.xml: *ret_custom_data (base64) and *ret_hostname, NULL where absent, live as long as
 * the pool. Pure. */
int azure_parse_environment(struct doc_pool *p, const char *text, size_t len,
			    const char **ret_custom_data, const char **ret_hostname,
			    struct error *err) MUST_CHECK;
/* From the goal state, the body of the report "Ready". Pure. */
int azure_make_report(struct doc_pool *p, const char *goal_state, size_t len, struct buf *out,
		      struct error *err) MUST_CHECK;
