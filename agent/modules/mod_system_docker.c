/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rancher.system_docker: what user-data changes of a daemon that is starting already. Registries,
 * mirrors, proxies and debug take effect at once; how it writes logs at the next boot.
 */
#include <errno.h>

#include "agent/modules/rows.h"
#include "agent/service/systemdocker.h"

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	AUTO_BUF struct buf mark = { 0 };
	struct error err = { 0 };
	bool changed = false;
	int r = systemdocker_write(c->root, c->pool, c->config, &changed, &err);

	(void)message;
	/* A root without a system has no System Docker. */
	if (r == -ENOENT)
		return MODULE_SKIPPED;
	if (r < 0)
		return module_fail(c, (struct doc_origin){ 0 }, "System Docker: %s", err.msg);
	if (changed && c->live &&
	    module_write(c, SYSTEMDOCKER_RELOAD, &mark, 0600) == MODULE_FAILED)
		return MODULE_FAILED;
	return module_changed(changed);
}

const struct module module_system_docker = {
	.name = "system_docker",
	.apply = apply,
};
