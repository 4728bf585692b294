/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NoCloud: the files meta-data, user-data, vendor-data and network-config, as cloud-init has them.
 *
 * Places, in this order: the address (`seedfrom`) that the kernel line or the DMI serial number
 * gives; a seed directory; a file system labelled cidata (iso9660 or vfat, upper or lower case).
 * The line's host name and instance id go on top of what is found, and suffice by themselves.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "datasource/datasource.h"
#include "datasource/media.h"
#include "datasource/nocloud_line.h"
#include "datasource/seed.h"
#include "lib/file.h"

static const char *const seed_dirs[] = {
	"/var/lib/cloud/seed/nocloud",
	"/var/lib/cloud/seed/nocloud-net",
	"/writable/system-data/var/lib/cloud/seed/nocloud",
	"/writable/system-data/var/lib/cloud/seed/nocloud-net",
};

static bool is_seed_dir(int root, const char *dir)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/meta-data", dir);
	return file_exists(root, path);
}

static const char *find_seed_dir(int root)
{
	for (size_t i = 0; i < ARRAY_LEN(seed_dirs); i++)
		if (is_seed_dir(root, seed_dirs[i]))
			return seed_dirs[i];
	return NULL;
}

static bool is_cidata(const struct probe *p)
{
	return !strcasecmp(p->label, "cidata");
}

static void detect(const struct machine *m, struct datasource_clue *ret)
{
	const char *dir = find_seed_dir(m->root);
	struct nocloud_line line;

	nocloud_line_read(m, &line);
	if (line.where) {
		datasource_clue_set(ret, DATASOURCE_YES, DATASOURCE_BY_CMDLINE,
				    "%s says ds=nocloud", line.where);
		return;
	}
	if (dir) {
		datasource_clue_set(ret, DATASOURCE_YES, DATASOURCE_BY_SEED, "seed directory %s",
				    dir);
		return;
	}
	for (size_t i = 0; i < m->n_media; i++)
		if (is_cidata(&m->media[i])) {
			datasource_clue_set(ret, DATASOURCE_YES, DATASOURCE_BY_MEDIUM,
					    "%s holds %s with label %.32s", m->media[i].path,
					    m->media[i].type, m->media[i].label);
			return;
		}
	datasource_clue_set(ret, DATASOURCE_NO, DATASOURCE_BY_MEDIUM,
			    "no file system with label cidata and no seed directory");
}

static int fetch_dir(int root, const char *dir, struct datasource_payload *ret, struct error *err)
{
	AUTO_MEDIA struct media m = { .fd = -1 };
	int r = media_open_dir(root, dir, &m, err);

	(void)snprintf(ret->where, sizeof(ret->where), "%s", dir);
	if (r == 0)
		r = seed_read(&m, ret, err);
	return r < 0 ? error_wrap(err, r, "%s", dir) : 0;
}

static int fetch_medium(const struct machine *m, const struct probe *p,
			struct datasource_payload *ret, struct error *err)
{
	AUTO_MEDIA struct media medium = { .fd = -1 };
	int r = media_open(m->root, p, &medium, err);

	(void)snprintf(ret->where, sizeof(ret->where), "%s (%s, label %.32s)", p->path, p->type,
		       p->label);
	if (r == 0)
		r = seed_read(&medium, ret, err);
	/* Its label promised a seed: one that lacks it is broken, not absent. */
	if (r == -ENODATA) {
		err->code = EBADMSG;
		r = -EBADMSG;
	}
	return r < 0 ? error_wrap(err, r, "%s", ret->where) : 0;
}

/* Of several media the last by name that is whole is taken, as cloud-init does; when none is, the
 * first failure is told. */
static int fetch_media(const struct machine *m, struct datasource_payload *ret, struct error *err)
{
	struct error first = { 0 };
	bool tried[MACHINE_MEDIA_MAX] = { false };

	for (;;) {
		struct error e = { 0 };
		const struct probe *best = NULL;
		int r;

		for (size_t i = 0; i < m->n_media; i++)
			if (!tried[i] && is_cidata(&m->media[i]) &&
			    (!best || strcmp(m->media[i].path, best->path) > 0))
				best = &m->media[i];
		if (!best)
			break;
		tried[best - m->media] = true;
		r = fetch_medium(m, best, ret, &e);
		if (r == 0)
			return 0;
		if (!first.code)
			first = e;
	}
	if (!first.code)
		return error_set(err, ENODATA, "no file system with label cidata");
	return error_set(err, first.code, "%s", first.msg);
}

static int fetch_local(const struct machine *m, struct datasource_payload *ret, struct error *err)
{
	const char *dir = find_seed_dir(m->root);

	return dir ? fetch_dir(m->root, dir, ret, err) : fetch_media(m, ret, err);
}

/* A line that gives a host name or an id needs no files. */
static int take_line_alone(const struct nocloud_line *line, struct datasource_payload *ret,
			   struct error *err)
{
	seed_reset(ret);
	(void)snprintf(ret->where, sizeof(ret->where), "%s", line->where);
	ret->has[DATASOURCE_META_DATA] = true;
	error_reset(err);
	return 0;
}

/* `nocloud:ADDRESS` names the seed by hand; `--url` replaces the address' server. */
static int fetch(const struct datasource_ctx *c, struct datasource_payload *ret, struct error *err)
{
	struct nocloud_line line;
	const char *from;
	int r;

	nocloud_line_read(c->machine, &line);
	from = c->arg ? c->arg : line.seedfrom[0] ? line.seedfrom : c->base_url;
	if (from) {
		r = seed_fetch(c, from, ret, err);
	} else {
		r = fetch_local(c->machine, ret, err);
		if (r == -ENODATA && (line.hostname[0] || line.id[0]))
			r = take_line_alone(&line, ret, err);
	}
	return r < 0 ? r : seed_finish(c, &line, ret, err);
}

extern const struct datasource datasource_nocloud;
const struct datasource datasource_nocloud = { .name = "nocloud",
					       .detect = detect,
					       .fetch = fetch };
