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

/* preserve_hostname: what stands in /etc/hostname, whatever is configured. */
static const char *preserved(const struct module_ctx *c, struct buf *kept)
{
	if (!doc_bool(c->config, "preserve_hostname", false) ||
	    file_read(c->root, "/etc/hostname", kept, NULL) < 0 || !kept->len)
		return NULL;
	kept->data[strcspn(kept->data, " \t\r\n")] = '\0';
	return hostname_is_valid(kept->data) ? kept->data : NULL;
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	AUTO_BUF struct buf kept = BUF_WITH_LIMIT(256);
	const char *name = preserved(c, &kept);
	struct utsname now;

	if (!name)
		name = hostname_choose(c->pool, c->config, c->instance);
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
