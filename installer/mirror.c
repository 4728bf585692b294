/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of both disks' steps: until the first one's table is there nothing starts from either.
 */
#include "installer/mirror.h"

#include "installer/disk.h"
#include "installer/prepare.h"
#include "installer/refuse.h"

int mirror_prepare(int root, const struct install_request *q, struct install_payload *p,
		   struct mirror *ret, struct error *err)
{
	int r;

	*ret = (struct mirror){ .wanted = q->mirror, .request = *q, .disk.fd = -1 };
	if (!ret->wanted)
		return 0;
	ret->request.device = q->mirror;
	ret->request.mirror = NULL;
	ret->request.second = true;
	ret->request.n_seeds = 0;
	ret->request.images = NULL;
	r = disk_look(root, q->mirror, &ret->disk, err);
	if (r == 0)
		r = prepare_plan(&ret->request, &ret->disk, p, &ret->plan, err);
	ret->perform = (struct perform){ .request = &ret->request,
					 .disk = &ret->disk,
					 .plan = &ret->plan,
					 .payload = p };
	return r;
}

void mirror_done(struct mirror *m)
{
	disk_close(&m->disk);
}

int mirror_run(struct perform *first, struct mirror *m, struct error *err)
{
	int r = refuse_plan(first->request, first->plan, err);

	if (r < 0)
		return r;
	if (!m->wanted)
		return perform_run(first, err);
	m->perform.progress = first->progress;
	first->mate = &m->perform;
	r = perform_part(&m->perform, PERFORM_CONTENT, err);
	if (r == 0)
		r = perform_run(first, err);
	return r < 0 ? r : perform_part(&m->perform, PERFORM_TABLE, err);
}
