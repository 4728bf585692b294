/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of steps.
 */
#include "agent/network/change_list.h"

#include <stdio.h>
#include <stdlib.h>

struct change *change_list_add(struct change_list *l, enum change_kind kind, const char *link)
{
	struct change *more, *c;

	if (l->n >= CHANGE_MAX)
		return NULL;
	if ((l->n & (l->n - 1)) == 0) {
		more = realloc(l->all, (l->n ? l->n * 2 : 1) * sizeof(*more));
		if (!more)
			return NULL;
		l->all = more;
	}
	c = &l->all[l->n++];
	*c = (struct change){ .kind = kind };
	(void)snprintf(c->link, sizeof(c->link), "%.15s", link);
	return c;
}

void change_list_done(struct change_list *l)
{
	free(l->all);
	*l = (struct change_list){ 0 };
}
