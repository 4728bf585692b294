/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The running kernel's host name. (/etc/hostname and /etc/hosts are templates.)
 */
#include <errno.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "agent/modules/rows.h"
#include "agent/userdata/hostname.h"

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	const char *name = hostname_get(c->root, c->pool, c->config, c->instance).name;
	struct utsname now;

	buf_str(message, name);
	if (!c->live)
		return MODULE_SKIPPED;
	if (uname(&now) == 0 && !strcmp(now.nodename, name))
		return MODULE_UNCHANGED;
	if (sethostname(name, strlen(name)) == 0)
		return MODULE_CHANGED;
	doc_say(c->pool, true, (struct doc_origin){ 0 }, "the host name cannot be set to %s: %s",
		name, strerrordesc_np(errno));
	return MODULE_FAILED;
}

const struct module module_hostname = {
	.name = "hostname",
	.apply = apply,
};
