/* SPDX-License-Identifier: Apache-2.0 */
/*
 * OpenStack's metadata service: the files of a config-drive over HTTP.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "datasource/openstack_data.h"
#include "datasource/web.h"
#include "lib/scope.h"

#define LISTING "/openstack"

static const struct web_service service = {
	.base = { "http://169.254.169.254", "http://[fe80::a9fe:a9fe%25IF]" },
};

/* The newest version that is listed and known; "latest" where there is no listing. */
static const char *choose(const char *listing)
{
	for (const char *const *v = openstack_data_versions; *v; v++) {
		size_t len = strlen(*v);

		for (const char *s = listing; *s; s += strcspn(s, "\n"), s += *s == '\n')
			if (!strncmp(s, *v, len) && strchr("/\r\n", s[len]))
				return *v;
	}
	return "latest";
}

static int read_content(void *arg, const char *path, struct buf *b, struct error *err)
{
	char full[160];

	(void)snprintf(full, sizeof(full), "/%.150s", path);
	return web_get(arg, full, b, err);
}

static int get_files(struct web *w, const char *version, struct openstack_data *d,
		     struct error *err)
{
	struct web_part parts[OPENSTACK_EC2] = { 0 };
	char path[OPENSTACK_EC2][96];

	for (int i = 0; i < OPENSTACK_EC2; i++) {
		(void)snprintf(path[i], sizeof(path[i]), LISTING "/%s/%s", version,
			       openstack_data_name(i));
		parts[i] = (struct web_part){ .path = path[i], .ret = &d->file[i] };
	}
	web_get_all(w, parts, OPENSTACK_EC2);
	for (int i = 0; i < OPENSTACK_EC2; i++) {
		bool needed = i == OPENSTACK_META;

		if (parts[i].result < 0 && (needed || parts[i].result != -ENOENT))
			return error_set(err, -parts[i].result, "%s", parts[i].err.msg);
		d->has[i] = parts[i].result == 0;
	}
	return 0;
}

static int ask(struct web *w, const struct machine *m, struct datasource_payload *ret,
	       struct error *err)
{
	AUTO_OPENSTACK struct openstack_data d = { 0 };
	const struct openstack_data_content content = { .read = read_content, .arg = w };
	AUTO_BUF struct buf listing = { 0 };
	const char *version;
	int r = web_get(w, LISTING, &listing, err);

	/* Some services send their callers from here to the same with a slash. */
	if (r < 0 && r != -ENOENT && r != -EPROTO)
		return r;
	error_reset(err);
	version = choose(buf_text(&listing));
	openstack_data_init(&d);
	r = get_files(w, version, &d, err);
	if (r < 0)
		return r;
	(void)snprintf(ret->where, sizeof(ret->where), "%.100s (version %s)", web_base(w), version);
	return openstack_data_convert(&d, m->product_uuid, &content, ret, err);
}

static int fetch(const struct datasource_ctx *c, struct datasource_payload *ret, struct error *err)
{
	AUTO_FREE struct web *w = calloc(1, sizeof(*w));
	struct datasource_ctx ctx = *c;
	int r;

	if (!w)
		return error_sys(err, ENOMEM, "openstack");
	if (!ctx.base_url && ctx.arg && ctx.arg[0])
		ctx.base_url = ctx.arg;
	r = web_open(&ctx, &service, w, err);
	if (r == 0)
		r = ask(w, c->machine, ret, err);
	web_close(w);
	return r;
}

extern const struct datasource datasource_openstack;
const struct datasource datasource_openstack = { .name = "openstack",
						 .needs_network = true,
						 .fetch = fetch };
