/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes homes.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "agent/account/account.h"
#include "agent/modules/userhome.h"
#include "lib/file.h"
#include "lib/scope.h"

/* Whoever owns the directory above could lay a link there: it is not followed. */
static int make_home(const struct module_ctx *c, const struct account *a, struct error *err)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
	AUTO_CLOSE int fd = -1;
	int r = file_mkdir(c->root, a->home, 0755, err);

	if (r == 0)
		r = file_open(c->root, a->home, flags, 0, &fd, err);
	if (r == 0 && c->privileged && fchown(fd, a->uid, a->gid) < 0)
		r = error_sys(err, errno, "give it away");
	return r;
}

enum module_result userhome_make(const struct module_ctx *c, const struct userspec *u)
{
	struct error err = { 0 };
	struct account a;
	int r;

	if (userspec_flag(u, "no_create_home", false) || userspec_flag(u, "system", false))
		return MODULE_SKIPPED;
	r = account_user(c->root, u->name, &a, &err);
	if (r == 0 && file_exists(c->root, a.home))
		return MODULE_UNCHANGED;
	if (r == 0)
		r = make_home(c, &a, &err);
	if (r < 0)
		return module_fail(c, u->origin, "home of %s: %s", u->name, err.msg);
	return MODULE_CHANGED;
}
