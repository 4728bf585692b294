/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of a service definition that are about namespaces and networks, except the trivial ones.
 * Each function reads value `n` and puts what it means at `path` of the request.
 */
#pragma once

#include "agent/service/body.h"

/* host, none, container:NAME, service:NAME, or the name of a network. */
void compose_net_mode(struct body *b, const char *path, const struct doc_node *n);
void compose_net_ports(struct body *b, const char *path, const struct doc_node *n);
void compose_net_expose(struct body *b, const char *path, const struct doc_node *n);
void compose_net_hosts(struct body *b, const char *path, const struct doc_node *n);
void compose_net_links(struct body *b, const char *path, const struct doc_node *n);
void compose_net_external(struct body *b, const char *path, const struct doc_node *n);
/* Once all keys were read: what the Engine would refuse in combination is taken out, and said. */
void compose_net_settle(struct body *b);
