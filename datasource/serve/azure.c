/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Azure's instance metadata service, and as much of its wire server as a machine needs to report
 * that it is ready.
 */
#include <stddef.h>

#include "datasource/serve/dialect.h"

static const struct serve_document documents[] = {
	{ "/metadata/instance",
	  "{\"compute\": {\"name\": ${local-hostname}, \"vmId\": ${id:uuid}, \"location\": "
	  "${region}, "
	  "\"zone\": ${availability-zone}, \"vmSize\": ${instance-type}, \"publicKeys\": "
	  "${keys:azure}, \"customData\": ${user-data:base64}, \"userData\": ${user-data:base64}, "
	  "\"osProfile\": {\"computerName\": ${local-hostname}, \"adminUsername\": \"rancher\", "
	  "\"disablePasswordAuthentication\": \"true\"}}, \"network\": {\"interface\": "
	  "[{\"macAddress\": ${mac}, \"ipv4\": {\"ipAddress\": [{\"privateIpAddress\": "
	  "${local-ipv4}, "
	  "\"publicIpAddress\": ${public-ipv4}}], \"subnet\": []}, \"ipv6\": {\"ipAddress\": "
	  "[]}}]}}",
	  true },
	{ "/metadata/instance/compute/customData", "${user-data:base64}", false },
	{ "/metadata/instance/compute/userData", "${user-data:base64}", false },
	{ "/metadata/instance/compute/name", "${local-hostname}", false },
	{ "/metadata/instance/compute/vmId", "${id:uuid}", false },
	{ "/machine",
	  "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<GoalState><Version>2012-11-30</Version>"
	  "<Incarnation>1</Incarnation><Machine><ExpectedState>Started</ExpectedState></Machine>"
	  "<Container><ContainerId>${id:uuid}</ContainerId><RoleInstanceList><RoleInstance>"
	  "<InstanceId>${id:uuid}</InstanceId></RoleInstance></RoleInstanceList></Container>"
	  "</GoalState>\n",
	  false },
	{ NULL, NULL, false },
};

static const struct serve_rule rules[] = {
	{ "/metadata/instance", "Metadata", "true", 400, false },
	{ "/metadata/instance", "X-Forwarded-For", NULL, 400, true },
	{ "/machine", "x-ms-version", NULL, 400, false },
	{ NULL, NULL, NULL, 0, false },
};

const struct serve_dialect serve_azure = { .name = "azure",
					   .documents = documents,
					   .rules = rules };
