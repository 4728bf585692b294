/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proxmox as RancherOS knew it: the disc that Proxmox VE attaches, /dev/sr0, with a file user-data,
 * or the directory where it is mounted (`proxmox:PATH`, /media/pve-config). NoCloud's other files
 * are taken when they are there. (A disc with its usual label cidata is NoCloud's, a config-drive
 * is configdrive's; both come first.)
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "datasource/datasource.h"
#include "datasource/media.h"
#include "datasource/seed.h"

#define MOUNTED "/media/pve-config"

/* The disc is a machine's first; RancherOS looked nowhere else. */
static const struct probe *find_disc(const struct machine *m)
{
	for (size_t i = 0; i < m->n_media; i++)
		if (!strncmp(m->media[i].path, "/dev/sr", 7))
			return &m->media[i];
	return NULL;
}

/* meta-data may be missing here. */
static int read_seed(const struct media *m, struct datasource_payload *ret, struct error *err)
{
	int r = seed_read(m, ret, err);

	if (r == -ENODATA && ret->has[DATASOURCE_USER_DATA]) {
		error_reset(err);
		return 0;
	}
	return r == -ENODATA ? error_set(err, ENODATA, "it holds no user-data") : r;
}

static int fetch_dir(const struct machine *m, const char *dir, struct datasource_payload *ret,
		     struct error *err)
{
	AUTO_MEDIA struct media medium = { .fd = -1 };
	int r = media_open_dir(m->root, dir, &medium, err);

	(void)snprintf(ret->where, sizeof(ret->where), "%.180s", dir);
	return r == 0 ? read_seed(&medium, ret, err) : r;
}

static int fetch_disc(const struct machine *m, struct datasource_payload *ret, struct error *err)
{
	AUTO_MEDIA struct media medium = { .fd = -1 };
	const struct probe *disc = find_disc(m);
	int r;

	if (!disc)
		return error_set(err, ENODATA, "no disc");
	(void)snprintf(ret->where, sizeof(ret->where), "%s (%s)", disc->path, disc->type);
	r = media_open(m->root, disc, &medium, err);
	return r == 0 ? read_seed(&medium, ret, err) : r;
}

static void detect(const struct machine *m, struct datasource_clue *ret)
{
	AUTO_PAYLOAD struct datasource_payload p = { 0 };

	if (!strcasestr(m->fact[MACHINE_PRODUCT_NAME], "Proxmox"))
		datasource_clue_set(ret, DATASOURCE_NO, DATASOURCE_BY_MEDIUM,
				    "product_name does not say Proxmox");
	else if (fetch_disc(m, &p, NULL) == 0)
		datasource_clue_set(ret, DATASOURCE_YES, DATASOURCE_BY_MEDIUM,
				    "product_name says Proxmox, and %.80s holds user-data",
				    p.where);
	else
		datasource_clue_set(ret, DATASOURCE_NO, DATASOURCE_BY_MEDIUM,
				    "product_name says Proxmox, but no disc holds user-data");
}

static int fetch(const struct datasource_ctx *c, struct datasource_payload *ret, struct error *err)
{
	const char *dir = c->arg && c->arg[0] ? c->arg : MOUNTED;
	int r = fetch_dir(c->machine, dir, ret, err);

	if (r == -ENODATA && !strcmp(dir, MOUNTED))
		r = fetch_disc(c->machine, ret, err);
	if (r == 0)
		r = seed_finish(c, NULL, ret, err);
	return r < 0 ? error_wrap(err, r, "%s", ret->where) : 0;
}

extern const struct datasource datasource_proxmox;
const struct datasource datasource_proxmox = { .name = "proxmox",
					       .detect = detect,
					       .fetch = fetch };
