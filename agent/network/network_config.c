/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A datasource's network configuration as a layer of the configuration.
 */
#include "agent/network/network_config.h"
#include "agent/network/document.h"
#include "agent/network/forms.h"

#define SOURCE "network-config"

void network_config_read(struct doc_pool *p, const struct buf *bytes, struct network_config *ret)
{
	struct network *net = NULL;
	struct error err = { 0 };

	*ret = (struct network_config){ 0 };
	if (network_read(p, SOURCE, buf_text(bytes), bytes->len, &net, &err) < 0) {
		doc_say_error(p, SOURCE, &err);
		return;
	}
	if (!net || (!net->n && !net->nameservers.n && !net->search.n && !net->disabled))
		return;
	ret->layer = network_document(net, NETWORK_AS_LAYER);
	ret->model = network_document(net, NETWORK_AS_JSON);
}
