/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Applies a part of the model.
 */
#include "agent/network/earlynet_static.h"

#include <errno.h>
#include <stdlib.h>

#include "agent/config/config.h"
#include "agent/network/forms.h"
#include "agent/network/lease.h"
#include "agent/network/spec.h"
#include "agent/network/update.h"
#include "lib/file.h"
#include "lib/scope.h"

static bool has_addresses(const struct network *net)
{
	for (size_t i = 0; i < net->n; i++)
		if (net->ifs[i]->addresses.n)
			return true;
	return false;
}

/* Whether all of them are static. */
static bool add_names(const struct want_list *want, struct buf *names)
{
	bool all = true;

	for (size_t i = 0; i < want->n; i++) {
		all &= !want->w[i].dynamic;
		if (want->w[i].nic->addresses.n && !want->w[i].dynamic)
			buf_fmt(names, " %s", want->w[i].name);
	}
	return all;
}

static int apply(struct network *net, struct buf *names, struct error *err)
{
	AUTO_FREE struct update *u = calloc(1, sizeof(*u));
	struct spec dns = { .net = net };
	bool all;
	int r;

	if (!u)
		return error_set(err, ENOMEM, "no memory for the network");
	u->net = net;
	r = update_run(u, err);
	all = add_names(&u->want, names);
	if (r == 0 && (net->nameservers.n || net->search.n))
		r = lease_publish_dns(FILE_ROOT, net->p, &dns, err);
	return r < 0 ? r : all;
}

int earlynet_static(struct buf *names, struct error *err)
{
	const struct config_choice choice = { .unfetched = true };
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct doc_node *config = NULL;
	struct network *net;
	int r = doc_pool_new(&p, err);

	/* Mistakes in it are told when the service applies all of it. */
	if (r == 0)
		r = config_load_choice(FILE_ROOT, p, &choice, &config, err);
	if (r < 0)
		return r;
	net = network_read_rancher(p, config);
	return net && has_addresses(net) ? apply(net, names, err) : 0;
}
