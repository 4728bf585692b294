/* SPDX-License-Identifier: Apache-2.0 */
/*
 * NoCloud: the files meta-data, user-data, vendor-data and network-config, in a seed directory or
 * on a file system labelled cidata (iso9660 or vfat, upper or lower case).
 *
 * `ds=nocloud…` on the kernel line and in the DMI serial, and seedfrom URLs, come with the other
 * datasources: they belong in front of seed_dirs.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "datasource/datasource.h"
#include "datasource/media.h"
#include "lib/file.h"
#include "lib/scope.h"

static const char *const seed_dirs[] = {
	"/var/lib/cloud/seed/nocloud",
	"/var/lib/cloud/seed/nocloud-net",
};

static bool is_seed_dir(int root, const char *dir)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/meta-data", dir);
	return file_exists(root, path);
}

static bool is_cidata(const struct probe *p)
{
	return !strcasecmp(p->label, "cidata");
}

static void detect(const struct machine *m, struct datasource_clue *ret)
{
	for (size_t i = 0; i < ARRAY_LEN(seed_dirs); i++)
		if (is_seed_dir(m->root, seed_dirs[i])) {
			datasource_clue_set(ret, DATASOURCE_YES, DATASOURCE_BY_SEED,
					    "seed directory %s", seed_dirs[i]);
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

/* All parts from directory `dir` below `root`. */
static int read_parts(int root, const char *dir, struct datasource_payload *ret, struct error *err)
{
	for (int i = 0; i < DATASOURCE_N_PARTS; i++) {
		char path[160];
		int r;

		(void)snprintf(path, sizeof(path), "%s/%s", dir, datasource_part_name(i));
		buf_done(&ret->part[i]);
		ret->part[i] = BUF_WITH_LIMIT(DATASOURCE_FILE_MAX);
		ret->has[i] = false;
		r = file_read(root, path, &ret->part[i], err);
		if (r == 0)
			ret->has[i] = true;
		else if (r != -ENOENT)
			return r;
	}
	error_reset(err);
	if (!ret->has[DATASOURCE_META_DATA])
		return error_set(err, EBADMSG,
				 "it holds no meta-data (put one there, it may be empty)");
	return 0;
}

static int fetch_seed_dir(const struct machine *m, struct datasource_payload *ret,
			  struct error *err)
{
	for (size_t i = 0; i < ARRAY_LEN(seed_dirs); i++) {
		int r;

		if (!is_seed_dir(m->root, seed_dirs[i]))
			continue;
		(void)snprintf(ret->where, sizeof(ret->where), "%s", seed_dirs[i]);
		r = read_parts(m->root, seed_dirs[i], ret, err);
		return r < 0 ? error_wrap(err, r, "%s", seed_dirs[i]) : 0;
	}
	return error_set(err, ENODATA, "no seed directory");
}

static int fetch_medium(const struct machine *m, const struct probe *p,
			struct datasource_payload *ret, struct error *err)
{
	AUTO_CLOSE int dir = -1;
	int r = media_open(m->root, p, &dir, err);

	(void)snprintf(ret->where, sizeof(ret->where), "%s (%s, label %.32s)", p->path, p->type,
		       p->label);
	if (r == 0)
		r = read_parts(dir, "", ret, err);
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

static int fetch(const struct datasource_ctx *c, struct datasource_payload *ret, struct error *err)
{
	int r = fetch_seed_dir(c->machine, ret, err);

	return r == -ENODATA ? fetch_media(c->machine, ret, err) : r;
}

extern const struct datasource datasource_nocloud;
const struct datasource datasource_nocloud = {
	.name = "nocloud", .detect = detect, .fetch = fetch
};
