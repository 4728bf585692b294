/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every form in which a network can be described → the model. A form is a row of forms.c and a
 * file form_<name>.c. What is wrong or cannot be carried over is a message, and the rest is read.
 * Pure.
 */
#pragma once

#include "agent/network/model.h"
#include "lib/error.h"

/* A row: `is` looks at the document's keys, `read` fills the model. */
struct network_reader {
	const char *name;
	bool (*is)(const struct doc_node *doc);
	void (*read)(struct network *net, const struct doc_node *doc);
};

/* Text in any form. -EBADMSG when it is none, -ENOMEM. The form is told by what is in it. */
int network_read(struct doc_pool *p, const char *source, const char *text, size_t len,
		 struct network **ret, struct error *err) MUST_CHECK;
/* A document in any form but text ones. NULL when it is none (a message says so), or says that the
 * network is left alone (`network: {config: disabled}`). */
struct network *network_read_document(struct doc_pool *p, const struct doc_node *doc);
/* What `rancher.network` of the merged configuration says. NULL only for lack of memory. */
struct network *network_read_rancher(struct doc_pool *p, const struct doc_node *config);

/* `rancher.network`, and the model's own JSON. */
void network_read_own(struct network *net, const struct doc_node *network);
void network_read_v1(struct network *net, const struct doc_node *doc);
void network_read_v2(struct network *net, const struct doc_node *doc);
void network_read_openstack(struct network *net, const struct doc_node *doc);
void network_read_digitalocean(struct network *net, const struct doc_node *doc);
void network_read_packet(struct network *net, const struct doc_node *doc);
bool network_is_azure(const struct doc_node *doc);
void network_read_azure(struct network *net, const struct doc_node *doc);
bool network_is_oracle(const struct doc_node *doc);
void network_read_oracle(struct network *net, const struct doc_node *doc);
bool network_is_scaleway(const struct doc_node *doc);
void network_read_scaleway(struct network *net, const struct doc_node *doc);
bool network_is_upcloud(const struct doc_node *doc);
void network_read_upcloud(struct network *net, const struct doc_node *doc);
bool network_is_vultr(const struct doc_node *doc);
void network_read_vultr(struct network *net, const struct doc_node *doc);
void network_read_ec2(struct network *net, const struct doc_node *doc);
/* Keys `interface.0.name` and so on, with or without "guestinfo." in front. */
void network_read_guestinfo(struct network *net, const struct doc_node *doc);
/* /etc/network/interfaces. Text that is none gives messages. */
void network_read_eni(struct network *net, struct doc_origin at, const char *text);
/* The properties of an OVF environment (lib/doc/xml.h) as a map of texts. */
int network_ovf_properties(struct doc_pool *p, const char *source, const char *text, size_t len,
			   const struct doc_node **ret, struct error *err) MUST_CHECK;
bool network_is_eni(const char *text);
bool network_is_guestinfo_key(const char *key);
/* Where the NICs of EC2 metadata stand: the map of MAC addresses; NULL when there is none. */
const struct doc_node *network_ec2_macs(const struct doc_node *doc);
