/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the rules that sudo cannot read.
 */
#include <errno.h>

#include "agent/modules/sudorules.h"
#include "lib/scope.h"

#define TEXT_MAX (4u << 20)

void sudorules_put(const struct sudorule *rules, size_t n, struct buf *out)
{
	for (size_t i = 0; i < n; i++)
		if (!rules[i].bad)
			buf_fmt(out, "%s %s\n", rules[i].user, rules[i].text);
}

/* A refused part is looked at by halves. */
int sudorules_sift(struct sudorule *rules, size_t n, const struct sudorules_checker *checker,
		   struct error *err)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(TEXT_MAX);
	int r;

	sudorules_put(rules, n, &text);
	r = buf_check(&text, err);
	if (r == 0 && n > 0)
		r = checker->check(checker->arg, &text, err);
	if (r != -EIO)
		return r;
	if (n == 1) {
		rules->bad = true;
		rules->why = *err;
		error_reset(err);
		return 0;
	}
	error_reset(err);
	buf_reset(&text);
	r = sudorules_sift(rules, n / 2, checker, err);
	return r < 0 ? r : sudorules_sift(rules + n / 2, n - n / 2, checker, err);
}
