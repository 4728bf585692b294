/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A datasource's network configuration as a layer of the configuration.
 */
#include "agent/network_config.h"
#include "agent/network/document.h"
#include "agent/network/forms.h"

const struct doc_node *network_config_read(struct doc_pool *p, const struct doc_node *config)
{
	const struct network *net = network_read_document(p, config);

	return net && net->n ? network_document(net, NETWORK_AS_LAYER) : NULL;
}
