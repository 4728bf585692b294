/* SPDX-License-Identifier: Apache-2.0 */
/* /etc/network/interfaces: any text gives a model whose texts are what they should be. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "agent/network/address.h"
#include "agent/network/forms.h"
#include "lib/scope.h"

static void check(const struct network_if *nic)
{
	char cidr[NETWORK_ADDRESS];

	FUZZ_ASSERT(network_is_name(nic->name));
	for (size_t i = 0; i < nic->addresses.n; i++)
		FUZZ_ASSERT(network_cidr(nic->addresses.item[i], NULL, -1, cidr) &&
			    !strcmp(cidr, nic->addresses.item[i]));
	for (size_t i = 0; i < nic->nameservers.n; i++)
		FUZZ_ASSERT(network_is_address(nic->nameservers.item[i]));
	for (size_t i = 0; i < nic->n_routes; i++)
		FUZZ_ASSERT(network_destination(nic->route[i].to, NULL, false, cidr) &&
			    (!nic->route[i].via || network_is_address(nic->route[i].via)));
	FUZZ_ASSERT(!nic->gateway || network_is_address(nic->gateway));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_FREE char *text = malloc(size + 1);
	struct network *net;

	if (!text || doc_pool_new(&p, NULL) < 0)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	net = network_new(p);
	if (!net)
		return 0;
	network_read_eni(net, (struct doc_origin){ "input", 1, 1 }, text);
	network_settle(net);
	for (size_t i = 0; i < net->n; i++)
		check(net->ifs[i]);
	return 0;
}
