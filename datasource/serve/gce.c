/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Google Compute Engine's metadata server.
 */
#include <stddef.h>

#include "datasource/serve/dialect.h"

#define BASE "/computeMetadata/v1/"
#define ATTRIBUTES                                                                      \
	"{\"user-data\": ${user-data}, \"ssh-keys\": ${keys:gce}, \"startup-script\": " \
	"${startup-script}, \"enable-guest-attributes\": ${enable-guest-attributes}}"
#define NIC                                                                               \
	"{\"ip\": ${local-ipv4}, \"mac\": ${mac}, \"mtu\": 1460, \"accessConfigs\": "     \
	"[{\"externalIp\": ${public-ipv4}, \"type\": \"ONE_TO_ONE_NAT\"}], \"gateway\": " \
	"${gateway}, "                                                                    \
	"\"subnetmask\": ${netmask}}"
#define INSTANCE                                                                                \
	"{\"id\": ${id:number}, \"name\": ${local-hostname}, \"hostname\": ${local-hostname}, " \
	"\"zone\": ${zone:gce}, \"machineType\": ${instance-type}, \"attributes\": " ATTRIBUTES \
	", \"networkInterfaces\": [" NIC "]}"
#define PROJECT "{\"projectId\": \"local\", \"numericProjectId\": 1, \"attributes\": {}}"

static const struct serve_document documents[] = {
	{ BASE "?recursive", "{\"instance\": " INSTANCE ", \"project\": " PROJECT "}", true },
	{ BASE "instance/?recursive", INSTANCE, true },
	{ BASE "instance/attributes/?recursive", ATTRIBUTES, true },
	{ BASE "instance/network-interfaces/?recursive", "[" NIC "]", true },
	{ BASE "instance/network-interfaces/0/?recursive", NIC, true },
	{ BASE "project/?recursive", PROJECT, true },
	{ BASE "project/attributes/?recursive", "{}", true },
	{ BASE "instance/attributes/ssh-keys", "${keys:gce}", false },
	{ BASE "instance/attributes/startup-script", "${startup-script}", false },
	{ BASE "instance/attributes/user-data", "${user-data}", false },
	{ BASE "instance/hostname", "${local-hostname}", false },
	{ BASE "instance/id", "${id:number}", false },
	{ BASE "instance/machine-type", "${instance-type}", false },
	{ BASE "instance/name", "${local-hostname}", false },
	{ BASE "instance/network-interfaces/0/access-configs/0/external-ip", "${public-ipv4}",
	  false },
	{ BASE "instance/network-interfaces/0/ip", "${local-ipv4}", false },
	{ BASE "instance/network-interfaces/0/mac", "${mac}", false },
	{ BASE "instance/network-interfaces/0/mtu", "1460", false },
	{ BASE "instance/zone", "${zone:gce}", false },
	{ BASE "project/project-id", "local", false },
	{ NULL, NULL, false },
};

static const struct serve_rule rules[] = {
	{ "/computeMetadata/", "Metadata-Flavor", "Google", 403, false },
	{ "/computeMetadata/", "X-Forwarded-For", NULL, 403, true },
	{ NULL, NULL, NULL, 0, false },
};

const struct serve_dialect serve_gce = { .name = "gce",
					 .documents = documents,
					 .rules = rules,
					 .reply_prefix = "/computeMetadata/",
					 .reply_header = "Metadata-Flavor: Google" };
