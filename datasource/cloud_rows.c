/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The clouds that are rows, after §1.9 of the datasource reference.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "datasource/azure.h"
#include "datasource/cloud_fetch.h"
#include "datasource/cloud_rows.h"
#include "datasource/password.h"

#define LINK_LOCAL "http://169.254.169.254"
#define LINK_LOCAL_6 "http://[fe80::a9fe:a9fe%25IF]"

/* A server answers with its own id; another's would be somebody else's data. */
static int check_serial(struct cloud_answer *a, struct error *err)
{
	const struct machine *m = a->ctx->machine;
	const char *serial = m->fact[MACHINE_PRODUCT_SERIAL];
	const struct doc_node *n = doc_at(a->doc[1], "0.ip");

	if (!a->value[CLOUD_PRIVATE] && doc_is_scalar(n))
		a->value[CLOUD_PRIVATE] = n->text;
	if (strcmp(m->fact[MACHINE_SYS_VENDOR], "Hetzner") != 0 || !serial[0] ||
	    !strcmp(serial, a->value[CLOUD_ID]))
		return 0;
	return error_set(err, EBADMSG, "the metadata is of server %.40s, this one is %.40s",
			 a->value[CLOUD_ID], serial);
}

/* Keys may be tags as well: AUTHORIZED_KEY=ssh-rsa_AAAA…_me. */
static int add_tag_keys(struct cloud_answer *a, struct error *err)
{
	static const char tag[] = "AUTHORIZED_KEY=";
	const struct doc_node *tags = doc_key(a->doc[0], "tags");

	(void)err;
	for (size_t i = 0; tags && tags->kind == DOC_SEQ && i < tags->len; i++) {
		const char *text = doc_str(tags->items[i], "", "");
		AUTO_BUF struct buf key = { 0 };

		if (strncmp(text, tag, sizeof(tag) - 1) != 0)
			continue;
		for (text += sizeof(tag) - 1; *text; text++)
			buf_char(&key, *text == '_' ? ' ' : *text);
		meta_add_keys(&a->meta, buf_text(&key));
	}
	return 0;
}

/* Not found, gone, broken: what Azure's service says while it starts. */
static const long azure_starting[] = { 404, 410, 0 };

static const struct cloud rows[] = {
	{ .name = "azure",
	  .service = { .base = { LINK_LOCAL }, .also = azure_starting },
	  .headers = { "Metadata: true" },
	  .path = { "/metadata/instance?api-version=2021-08-01&extended=true",
		    "/metadata/instance?api-version=2019-06-01" },
	  .field = { [CLOUD_ID] = "compute.vmId",
		     [CLOUD_HOSTNAME] = "compute.osProfile.computerName|compute.name",
		     [CLOUD_REGION] = "compute.location",
		     [CLOUD_ZONE] = "compute.zone",
		     [CLOUD_TYPE] = "compute.vmSize",
		     [CLOUD_PUBLIC] = "network.interface.0.ipv4.ipAddress.0.publicIpAddress",
		     [CLOUD_PRIVATE] = "network.interface.0.ipv4.ipAddress.0.privateIpAddress",
		     [CLOUD_KEYS] = "compute.publicKeys",
		     [CLOUD_USER] = "compute.customData|compute.userData",
		     [CLOUD_NETWORK] = "network.interface.0" },
	  .user_path = "/metadata/instance/compute/customData?api-version=2019-02-01&format=text",
	  .encoding = CLOUD_MAYBE_BASE64,
	  .network_is_document = true,
	  .finish = azure_finish },
	{ .name = "digitalocean",
	  .service = { .base = { LINK_LOCAL }, .attempt_ms = 2000 },
	  .path = { "/metadata/v1.json" },
	  .field = { [CLOUD_ID] = "droplet_id",
		     [CLOUD_HOSTNAME] = "hostname",
		     [CLOUD_REGION] = "region",
		     [CLOUD_PUBLIC] = "interfaces.public.0.ipv4.ip_address",
		     [CLOUD_PRIVATE] = "interfaces.private.0.ipv4.ip_address",
		     [CLOUD_KEYS] = "public_keys",
		     [CLOUD_USER] = "user_data",
		     [CLOUD_VENDOR] = "vendor_data",
		     [CLOUD_NETWORK] = "interfaces.public.0.ipv4.ip_address|"
				       "interfaces.public.0.ipv6.ip_address|"
				       "interfaces.private.0.ipv4.ip_address" },
	  .user_path = "/metadata/v1/user-data",
	  .network_is_document = true },
	{ .name = "hetzner",
	  .service = { .base = { LINK_LOCAL, LINK_LOCAL_6 }, .attempt_ms = 2000 },
	  .format = CLOUD_YAML,
	  .path = { "/hetzner/v1/metadata" },
	  .also = { "/hetzner/v1/metadata/private-networks" },
	  .field = { [CLOUD_ID] = "instance-id",
		     [CLOUD_HOSTNAME] = "hostname|local-hostname",
		     [CLOUD_REGION] = "region",
		     [CLOUD_ZONE] = "availability-zone",
		     [CLOUD_PUBLIC] = "public-ipv4",
		     [CLOUD_PRIVATE] = "local-ipv4",
		     [CLOUD_KEYS] = "public-keys",
		     [CLOUD_VENDOR] = "vendor_data",
		     [CLOUD_NETWORK] = "network-config" },
	  .user_path = "/hetzner/v1/userdata",
	  .encoding = CLOUD_MAYBE_BASE64,
	  .finish = check_serial },
	{ .name = "scaleway",
	  .service = { .base = { "http://169.254.42.42", "http://[fd00:42::42]" },
		       .from_low_port = true },
	  .path = { "/conf?format=json" },
	  .field = { [CLOUD_ID] = "id",
		     [CLOUD_HOSTNAME] = "hostname|name",
		     [CLOUD_ZONE] = "location.zone_id|zone",
		     [CLOUD_TYPE] = "commercial_type",
		     [CLOUD_PUBLIC] = "public_ip.address|public_ips_v4.0.address",
		     [CLOUD_PRIVATE] = "private_ip",
		     [CLOUD_KEYS] = "ssh_public_keys",
		     [CLOUD_NETWORK] = "public_ips_v4|public_ips_v6.0|ipv6.address" },
	  .user_path = "/user_data/cloud-init",
	  .vendor_path = "/vendor_data/cloud-init",
	  .network_is_document = true,
	  .finish = add_tag_keys },
	{ .name = "vultr",
	  .service = { .base = { LINK_LOCAL } },
	  .headers = { "Metadata-Token: cloudinit" },
	  .path = { "/v1.json" },
	  .field = { [CLOUD_ID] = "instance-v2-id|instanceid",
		     [CLOUD_HOSTNAME] = "hostname",
		     [CLOUD_REGION] = "region.regioncode|region",
		     [CLOUD_PUBLIC] = "interfaces.0.ipv4.address",
		     [CLOUD_PRIVATE] = "interfaces.1.ipv4.address",
		     [CLOUD_KEYS] = "public-keys",
		     [CLOUD_USER] = "user-data",
		     [CLOUD_VENDOR] = "vendor-data",
		     [CLOUD_NETWORK] = "cloud_interfaces|interfaces.0" },
	  .user_path = "/user-data/user-data",
	  .network_is_document = true },
	{ .name = "oracle",
	  .service = { .base = { LINK_LOCAL, "http://[fd00:c1::a9fe:a9fe]" }, .attempt_ms = 5000 },
	  .headers = { "Authorization: Bearer Oracle" },
	  .path = { "/opc/v2/instance/", "/opc/v2/instance", "/opc/v1/instance/",
		    "/opc/v1/instance" },
	  .also = { "/opc/v2/vnics/", "/opc/v2/vnics" },
	  .field = { [CLOUD_ID] = "id",
		     [CLOUD_HOSTNAME] = "hostname|displayName",
		     [CLOUD_REGION] = "canonicalRegionName|regionInfo.regionIdentifier|region",
		     [CLOUD_ZONE] = "availabilityDomain",
		     [CLOUD_TYPE] = "shape",
		     [CLOUD_PRIVATE] = "1:0.privateIp|2:0.privateIp",
		     [CLOUD_KEYS] = "metadata.ssh_authorized_keys",
		     [CLOUD_USER] = "metadata.user_data",
		     [CLOUD_NETWORK] = "1:0.macAddr|2:0.macAddr" },
	  .encoding = CLOUD_BASE64,
	  .network_is_document = true },
	{ .name = "akamai",
	  .service = { .base = { LINK_LOCAL, "http://[fd00:a9fe:a9fe::1]" } },
	  .document_headers = { "Accept: application/json" },
	  .token = { "/v1/token", "Metadata-Token-Expiry-Seconds: 300", "Metadata-Token" },
	  .path = { "/v1/instance" },
	  .also = { "/v1/ssh-keys", "/v1/network" },
	  .field = { [CLOUD_ID] = "id",
		     [CLOUD_HOSTNAME] = "label",
		     [CLOUD_REGION] = "region",
		     [CLOUD_TYPE] = "type",
		     [CLOUD_PUBLIC] = "2:ipv4.public.0",
		     [CLOUD_PRIVATE] = "2:ipv4.private.0",
		     [CLOUD_KEYS] = "1:users|ssh_keys" },
	  .user_path = "/v1/user-data",
	  .encoding = CLOUD_BASE64 },
	{ .name = "upcloud",
	  .service = { .base = { LINK_LOCAL }, .attempt_ms = 2000 },
	  .path = { "/metadata/v1.json" },
	  .field = { [CLOUD_ID] = "instance_id|droplet_id",
		     [CLOUD_HOSTNAME] = "hostname",
		     [CLOUD_REGION] = "region",
		     [CLOUD_PUBLIC] = "network.interfaces.0.ip_addresses.0.address",
		     [CLOUD_PRIVATE] = "network.interfaces.1.ip_addresses.0.address",
		     [CLOUD_KEYS] = "public_keys",
		     [CLOUD_USER] = "user_data",
		     [CLOUD_VENDOR] = "vendor_data",
		     [CLOUD_NETWORK] = "network.interfaces.0" },
	  .user_path = "/metadata/v1/user_data",
	  .network_is_document = true },
	{ .name = "aliyun",
	  .service = { .base = { "http://100.100.100.200", "http://[fd00:100::100:200]" },
		       .attempt_ms = 5000 },
	  .token = { "/latest/api/token", "X-aliyun-ecs-metadata-token-ttl-seconds: 21600",
		     "X-aliyun-ecs-metadata-token" },
	  .format = CLOUD_TREE,
	  .path = { "/2016-01-01/meta-data/" },
	  .field = { [CLOUD_ID] = "instance-id",
		     [CLOUD_HOSTNAME] = "hostname",
		     [CLOUD_REGION] = "region-id",
		     [CLOUD_ZONE] = "zone-id",
		     [CLOUD_TYPE] = "instance/instance-type",
		     [CLOUD_PUBLIC] = "eipv4|public-ipv4",
		     [CLOUD_PRIVATE] = "private-ipv4",
		     [CLOUD_KEYS] = "public-keys/" },
	  .user_path = "/2016-01-01/user-data",
	  .vendor_path = "/2016-01-01/vendor-data" },
	{ .name = "exoscale",
	  .service = { .base = { LINK_LOCAL } },
	  .format = CLOUD_TREE,
	  .path = { "/1.0/meta-data/" },
	  .field = { [CLOUD_ID] = "instance-id",
		     [CLOUD_HOSTNAME] = "local-hostname",
		     [CLOUD_ZONE] = "availability-zone",
		     [CLOUD_TYPE] = "service-offering",
		     [CLOUD_PUBLIC] = "public-ipv4",
		     [CLOUD_PRIVATE] = "local-ipv4",
		     [CLOUD_KEYS] = "public-keys" },
	  .user_path = "/1.0/user-data",
	  .finish = password_ask },
	/* The address is the virtual router's, see cloudstack.c. */
	{ .name = "cloudstack",
	  .format = CLOUD_TREE,
	  .path = { "/latest/meta-data/" },
	  .field = { [CLOUD_ID] = "instance-id",
		     [CLOUD_HOSTNAME] = "local-hostname",
		     [CLOUD_ZONE] = "availability-zone",
		     [CLOUD_TYPE] = "service-offering",
		     [CLOUD_PUBLIC] = "public-ipv4",
		     [CLOUD_PRIVATE] = "local-ipv4",
		     [CLOUD_KEYS] = "public-keys" },
	  .user_path = "/latest/user-data",
	  .finish = password_ask },
	{ .name = "packet",
	  .path = { "/metadata" },
	  .field = { [CLOUD_ID] = "id",
		     [CLOUD_HOSTNAME] = "hostname",
		     [CLOUD_REGION] = "facility",
		     [CLOUD_TYPE] = "plan",
		     [CLOUD_PUBLIC] = "network.addresses.0.address",
		     [CLOUD_PRIVATE] = "network.addresses.1.address",
		     [CLOUD_KEYS] = "ssh_keys",
		     [CLOUD_NETWORK] = "network.addresses.0.address" },
	  .user_path = "/userdata",
	  .network_is_document = true },
};

int cloud_rows_fetch(const char *name, const struct datasource_ctx *c,
		     struct datasource_payload *ret, struct error *err)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (!strcmp(rows[i].name, name))
			return cloud_fetch(&rows[i], c, ret, err);
	return error_set(err, EINVAL, "no row for %s", name);
}

#define ROW(source, only_link_local, when_used)                                             \
	static int fetch_##source(const struct datasource_ctx *c,                           \
				  struct datasource_payload *ret, struct error *err)        \
	{                                                                                   \
		return cloud_rows_fetch(#source, c, ret, err);                              \
	}                                                                                   \
	extern const struct datasource datasource_##source;                                 \
	const struct datasource datasource_##source = { .name = #source,                    \
							.needs_network = true,              \
							.link_local = only_link_local,      \
							.fetch = fetch_##source,            \
							.used = when_used };

/* Equinix Metal ended, and its service with it. Who has one of his own gives its address. */
static int fetch_packet(const struct datasource_ctx *c, struct datasource_payload *ret,
			struct error *err)
{
	if (!c->base_url && !(c->arg && c->arg[0]))
		return error_set(err, ENODATA,
				 "metadata.packet.net is gone with its cloud (take packet out of "
				 "rancher.cloud_init.datasources, or say packet:URL)");
	return cloud_rows_fetch("packet", c, ret, err);
}

extern const struct datasource datasource_packet;
const struct datasource datasource_packet = { .name = "packet",
					      .needs_network = true,
					      .fetch = fetch_packet };

ROW(azure, false, NULL)
ROW(digitalocean, true, NULL)
ROW(hetzner, false, NULL)
ROW(scaleway, false, NULL)
ROW(vultr, false, NULL)
ROW(oracle, false, NULL)
ROW(akamai, false, NULL)
ROW(upcloud, false, NULL)
ROW(aliyun, false, NULL)
ROW(exoscale, false, password_used)
