/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Amazon EC2's instance metadata service, versions 1 and 2 (the token is server.c's).
 */
#include <stddef.h>

#include "datasource/serve/dialect.h"

#define MACS "/*/meta-data/network/interfaces/macs/${mac}"

static const struct serve_document documents[] = {
	{ "/*/meta-data/ami-id", "${ami-id}", false },
	{ "/*/meta-data/ami-launch-index", "${launch-index}", false },
	{ "/*/meta-data/hostname", "${local-hostname}", false },
	{ "/*/meta-data/instance-id", "${instance-id}", false },
	{ "/*/meta-data/instance-type", "${instance-type}", false },
	{ "/*/meta-data/local-hostname", "${local-hostname}", false },
	{ "/*/meta-data/local-ipv4", "${local-ipv4}", false },
	{ "/*/meta-data/mac", "${mac}", false },
	{ MACS "/device-number", "0", false },
	{ MACS "/interface-id", "eni-${id:number}", false },
	{ MACS "/ipv6s", "${local-ipv6}", false },
	{ MACS "/local-hostname", "${local-hostname}", false },
	{ MACS "/local-ipv4s", "${local-ipv4}", false },
	{ MACS "/mac", "${mac}", false },
	{ MACS "/public-ipv4s", "${public-ipv4}", false },
	{ MACS "/subnet-ipv4-cidr-block", "${subnet}", false },
	{ "/*/meta-data/placement/availability-zone", "${availability-zone}", false },
	{ "/*/meta-data/placement/region", "${region}", false },
	{ "/*/meta-data/public-ipv4", "${public-ipv4}", false },
	{ "/*/meta-data/public-keys/#/openssh-key", "${key:#}", false },
	{ "/*/user-data", "${user-data}", false },
	{ "/*/dynamic/instance-identity/document",
	  "{\"instanceId\": ${instance-id}, \"region\": ${region}, \"availabilityZone\": "
	  "${availability-zone}, \"instanceType\": ${instance-type}, \"imageId\": ${ami-id}, "
	  "\"accountId\": \"000000000000\", \"privateIp\": ${local-ipv4}, \"architecture\": "
	  "\"x86_64\", \"version\": \"2017-09-30\"}",
	  true },
	{ NULL, NULL, false },
};

static const struct serve_rule rules[] = {
	{ "/latest/api/token", "X-Forwarded-For", NULL, 403, true },
	{ NULL, NULL, NULL, 0, false },
};

static const char *const versions[] = { "2009-04-04", "2016-09-02", "2018-09-24",
					"2021-03-23", "latest",     NULL };

const struct serve_dialect serve_ec2 = { .name = "ec2",
					 .documents = documents,
					 .rules = rules,
					 .versions_at = "/",
					 .versions = versions };
