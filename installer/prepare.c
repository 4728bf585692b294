/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of the parts, for whoever installs: by hand or unattended.
 */
#include "installer/prepare.h"

#include <errno.h>

#include "installer/array.h"
#include "installer/disk.h"
#include "installer/payload.h"
#include "installer/perform.h"
#include "installer/refuse.h"
#include "installer/steps.h"
#include "installer/vault.h"
#include "installer/visit.h"

int prepare_look(int root, const struct install_request *q, const char *folder,
		 struct install_disk *d, struct install_payload *p, struct error *err)
{
	int r;

	*d = (struct install_disk){ .fd = -1 };
	*p = (struct install_payload){ 0 };
	for (int i = 0; i < INSTALL_N_FILES; i++)
		p->file[i].fd = -1;
	r = disk_look(root, q->device, d, err);
	if (r == 0 && q->mirror && disk_is(root, d, q->mirror))
		r = error_set(err, ECANCELED, "--mirror %s: is the same disk", q->mirror);
	return r < 0 ? r : payload_find(root, folder, p, err);
}

void prepare_close(struct install_disk *d, struct install_payload *p)
{
	payload_close(p);
	disk_close(d);
}

int prepare_plan(const struct install_request *q, const struct install_disk *d,
		 const struct install_payload *p, struct install_plan *ret, struct error *err)
{
	int r = refuse_disk(q, d, payload_size(p), err);

	if (r == 0 && q->key)
		r = vault_check(err);
	if (r == 0 && q->mirror)
		r = array_check(err);
	if (r == 0 && q->images)
		r = visit_check(err);
	if (r == 0)
		r = steps_plan(q, d, p, ret, err);
	return r < 0 ? r : perform_check(ret, err);
}
