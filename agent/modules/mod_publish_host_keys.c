/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sshd's host keys, told to a platform that shows them to its users: Google's guest attributes
 * hostkeys/TYPE, as Google's own agent sets them (`gcloud compute ssh` reads them there).
 */
#include <stdio.h>
#include <string.h>

#include "agent/account/hostkeys.h"
#include "agent/modules/rows.h"
#include "datasource/gce_watch.h"

#define PUBLIC "/etc/ssh/ssh_host_%s_key.pub"
/* The console makes the RSA key when sshd runs already. */
#define RSA_MS 60000

static const char *const types[] = { "ed25519", "rsa", "ecdsa" };

static bool wanted(const struct module_ctx *c)
{
	return c->instance->publish_host_keys && c->instance->datasource &&
	       !strcmp(c->instance->datasource, "gce");
}

static void await_rsa(const struct module_ctx *c)
{
	char path[64];

	(void)snprintf(path, sizeof(path), PUBLIC, "rsa");
	if (c->live && hostkeys_wanted(HOSTKEYS_RSA, c->config))
		(void)!file_wait(path, RSA_MS, NULL);
}

/* "TYPE BLOB COMMENT"; 1 when it was told. */
static int put(struct gce_watch *w, const char *line, struct error *err)
{
	size_t type = strcspn(line, " \n");
	size_t blob = strcspn(line + type + (line[type] == ' '), " \n");
	AUTO_BUF struct buf value = { 0 };
	char name[64];
	int r;

	if (line[type] != ' ' || !blob || type > 40)
		return 0;
	(void)snprintf(name, sizeof(name), "hostkeys/%.*s", (int)type, line);
	buf_add(&value, line + type + 1, blob);
	r = gce_watch_put(w, name, buf_text(&value), err);
	return r < 0 ? r : 1;
}

static int put_all(const struct module_ctx *c, struct gce_watch *w, struct error *err)
{
	int n = 0;

	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		AUTO_BUF struct buf line = BUF_WITH_LIMIT(8192);
		char path[64];
		int r;

		(void)snprintf(path, sizeof(path), PUBLIC, types[i]);
		if (file_read(c->root, path, &line, NULL) < 0)
			continue;
		r = put(w, buf_text(&line), err);
		if (r < 0)
			return r;
		n += r;
	}
	return n;
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	AUTO_GCE_WATCH struct gce_watch w = { .web.wake = -1 };
	const struct machine m = { .root = c->root };
	const struct datasource_ctx ctx = { .machine = &m };
	struct error err = { 0 };
	int r;

	await_rsa(c);
	r = gce_watch_open(&ctx, &w, &err);
	if (r == 0)
		r = put_all(c, &w, &err);
	/* A platform that does not want them after all is no fault of the machine. */
	if (r < 0) {
		doc_say(c->pool, false, (struct doc_origin){ 0 },
			"sshd's host keys are not published: %s", err.msg);
		return MODULE_SKIPPED;
	}
	buf_fmt(message, "%d published", r);
	return MODULE_CHANGED;
}

const struct module module_publish_host_keys = {
	.name = "publish_host_keys",
	.apply = apply,
	.at_end = true,
	.wanted = wanted,
};
