/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of the parts, for whoever installs: by hand or unattended.
 */
#include "installer/prepare.h"

#include <errno.h>
#include <stdlib.h>

#include "installer/array.h"
#include "installer/disk.h"
#include "installer/found.h"
#include "installer/payload.h"
#include "installer/perform.h"
#include "installer/refuse.h"
#include "installer/steps.h"
#include "installer/vault.h"
#include "installer/visit.h"
#include "lib/scope.h"

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
		 struct install_payload *p, struct install_plan *ret, struct error *err)
{
	AUTO_FREE struct install_found *found = NULL;
	int r = refuse_disk(q, d, payload_size(p), err);

	if (r == 0 && q->key)
		r = vault_check(err);
	if (r == 0 && q->mirror)
		r = array_check(err);
	if (r == 0 && q->images)
		r = visit_check(err);
	if (r == 0 && !q->type->formats) {
		found = calloc(1, sizeof(*found));
		r = found ? found_read(d, found, err) : error_sys(err, ENOMEM, "boot partition");
		/* Which of the slots it will be. */
		if (r == 0)
			r = payload_seal(p, err);
	}
	if (r == 0)
		r = steps_plan(q, d, p, found, ret, err);
	return r < 0 ? r : perform_check(ret, err);
}
