/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Config-drive: OpenStack's metadata on a medium labelled config-2 (iso9660, vfat, udf, either
 * case), on a 9p share of that tag, on a medium without a label, or in a directory
 * (`configdrive:PATH`, as RancherOS had it, and cloud-init's seed directory). The newest version
 * that is there is taken, else the EC2 tree. RancherOS' users make drives that hold nothing but
 * openstack/latest/user_data: such a one will do.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "datasource/datasource.h"
#include "datasource/media.h"
#include "datasource/openstack_data.h"
#include "datasource/seed.h"

#define LABEL    "config-2"
#define SEED_DIR "/var/lib/cloud/seed/config_drive"
/* RancherOS mounted the medium there; as an argument it means the medium. */
#define RANCHER_DIR "/media/config-2"

/* --- one place --- */

static int read_one(const struct media *m, const char *dir, enum openstack_data_file file,
		    const char *name, struct openstack_data *d, struct error *err)
{
	char path[128];
	int r;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	r = media_read(m, path, &d->file[file], err);
	d->has[file] = r == 0;
	return r == -ENOENT ? 0 : r;
}

static int read_version(const struct media *m, const char *version, struct openstack_data *d,
			struct error *err)
{
	char dir[64];
	int r = 0;

	(void)snprintf(dir, sizeof(dir), "openstack/%s", version);
	for (int i = 0; r == 0 && i < OPENSTACK_EC2; i++)
		r = read_one(m, dir, i, openstack_data_name(i), d, err);
	return r;
}

static bool is_there(const struct openstack_data *d)
{
	return d->has[OPENSTACK_META] || d->has[OPENSTACK_USER];
}

static int read_ec2(const struct media *m, struct openstack_data *d, struct error *err)
{
	static const char dir[] = "ec2/latest";
	int r = read_one(m, dir, OPENSTACK_EC2, "meta-data.json", d, err);

	if (r == 0 && !is_there(d))
		r = read_one(m, dir, OPENSTACK_USER, "user-data", d, err);
	return r;
}

static int read_content(void *arg, const char *path, struct buf *b, struct error *err)
{
	return media_read(arg, path, b, err);
}

/* -ENODATA when it holds no metadata at all. */
static int read_drive(struct media *m, const struct machine *machine,
		      struct datasource_payload *ret, struct error *err)
{
	AUTO_OPENSTACK struct openstack_data d = { 0 };
	const struct openstack_data_content content = { .read = read_content, .arg = m };
	int r = 0;

	openstack_data_init(&d);
	for (const char *const *v = openstack_data_versions; r == 0 && *v && !is_there(&d); v++)
		r = read_version(m, *v, &d, err);
	if (r == 0)
		r = read_ec2(m, &d, err);
	if (r < 0)
		return r;
	if (!is_there(&d) && !d.has[OPENSTACK_EC2])
		return error_set(err, ENODATA,
				 "it holds neither openstack/*/meta_data.json nor user_data");
	error_reset(err);
	return openstack_data_convert(&d, machine->product_uuid, &content, ret, err);
}

/* --- where drives are --- */

static bool is_labelled(const struct probe *p)
{
	return !strcasecmp(p->label, LABEL);
}

/* A whole disk or disc without a label. */
static bool is_nameless(const struct probe *p)
{
	const char *name = strrchr(p->path, '/') + 1;

	return !p->label[0] &&
	       (!strncmp(name, "sr", 2) || !isdigit((unsigned char)name[strlen(name) - 1]));
}

static bool looks_like_drive(int root, const struct probe *p)
{
	AUTO_MEDIA struct media m = { .fd = -1 };
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(DATASOURCE_FILE_MAX);

	return media_open(root, p, &m, NULL) == 0 &&
	       (media_read(&m, "openstack/latest/meta_data.json", &b, NULL) == 0 ||
		media_read(&m, "ec2/latest/meta-data.json", &b, NULL) == 0);
}

static bool has_tag(const struct machine *m)
{
	for (size_t i = 0; i < m->n_p9_tags; i++)
		if (!strcmp(m->p9_tag[i], LABEL))
			return true;
	return false;
}

static int fetch_dir(const struct machine *m, const char *dir, struct datasource_payload *ret,
		     struct error *err)
{
	AUTO_MEDIA struct media medium = { .fd = -1 };
	int r = media_open_dir(m->root, dir, &medium, err);

	(void)snprintf(ret->where, sizeof(ret->where), "%.180s", dir);
	return r == 0 ? read_drive(&medium, m, ret, err) : r;
}

static int fetch_medium(const struct machine *m, const struct probe *p,
			struct datasource_payload *ret, struct error *err)
{
	AUTO_MEDIA struct media medium = { .fd = -1 };
	int r = media_open(m->root, p, &medium, err);

	(void)snprintf(ret->where, sizeof(ret->where), "%s (%s, %s%.32s)", p->path, p->type,
		       p->label[0] ? "label " : "no label", p->label);
	if (r == 0)
		r = read_drive(&medium, m, ret, err);
	/* Its label promised metadata: one that lacks it is broken, not absent. */
	if (r == -ENODATA && p->label[0]) {
		err->code = EBADMSG;
		r = -EBADMSG;
	}
	return r < 0 ? error_wrap(err, r, "%s", ret->where) : 0;
}

static int fetch_9p(const struct machine *m, struct datasource_payload *ret, struct error *err)
{
	AUTO_MEDIA struct media medium = { .fd = -1 };
	int r = media_open_9p(m->root, LABEL, &medium, err);

	(void)snprintf(ret->where, sizeof(ret->where), "the 9p share " LABEL);
	if (r == 0)
		r = read_drive(&medium, m, ret, err);
	return r < 0 ? error_wrap(err, r, "%s", ret->where) : 0;
}

/* The last by name first, as cloud-init; of several the first that is whole. */
static int fetch_media(const struct machine *m, bool (*is_wanted)(const struct probe *p),
		       struct datasource_payload *ret, struct error *err)
{
	struct error first = { 0 };

	for (size_t i = m->n_media; i-- > 0;) {
		struct error e = { 0 };

		if (!is_wanted(&m->media[i]))
			continue;
		if (fetch_medium(m, &m->media[i], ret, &e) == 0)
			return 0;
		seed_reset(ret);
		if (!first.code)
			first = e;
	}
	return first.code ? error_set(err, first.code, "%s", first.msg)
			  : error_set(err, ENODATA, "no medium with label " LABEL);
}

static void detect(const struct machine *m, struct datasource_clue *ret)
{
	AUTO_PAYLOAD struct datasource_payload p = { 0 };

	if (fetch_dir(m, SEED_DIR, &p, NULL) == 0) {
		datasource_clue_set(ret, DATASOURCE_YES, DATASOURCE_BY_SEED,
				    "seed directory " SEED_DIR);
		return;
	}
	for (size_t i = m->n_media; i-- > 0;) {
		const struct probe *medium = &m->media[i];

		if (is_labelled(medium)) {
			datasource_clue_set(ret, DATASOURCE_YES, DATASOURCE_BY_MEDIUM,
					    "%s holds %s with label %.32s", medium->path,
					    medium->type, medium->label);
			return;
		}
	}
	if (has_tag(m)) {
		datasource_clue_set(ret, DATASOURCE_YES, DATASOURCE_BY_MEDIUM,
				    "a 9p share has the tag " LABEL);
		return;
	}
	for (size_t i = m->n_media; i-- > 0;)
		if (is_nameless(&m->media[i]) && looks_like_drive(m->root, &m->media[i])) {
			datasource_clue_set(ret, DATASOURCE_YES, DATASOURCE_BY_MEDIUM,
					    "%s holds OpenStack's metadata", m->media[i].path);
			return;
		}
	datasource_clue_set(ret, DATASOURCE_NO, DATASOURCE_BY_MEDIUM,
			    "no file system with label " LABEL " and no 9p share of that tag");
}

static int fetch(const struct datasource_ctx *c, struct datasource_payload *ret, struct error *err)
{
	const struct machine *m = c->machine;
	struct error ignored = { 0 };
	int r;

	if (c->arg && c->arg[0]) {
		r = fetch_dir(m, c->arg, ret, err);
		if (r != -ENODATA || strcmp(c->arg, RANCHER_DIR) != 0)
			return r < 0 ? error_wrap(err, r, "%s", c->arg) : 0;
	}
	r = fetch_dir(m, SEED_DIR, ret, err);
	if (r == -ENODATA)
		r = fetch_media(m, is_labelled, ret, err);
	if (r == -ENODATA && has_tag(m))
		r = fetch_9p(m, ret, err);
	if (r == -ENODATA)
		r = fetch_media(m, is_nameless, ret, &ignored) < 0 ? r : 0;
	if (r == 0)
		error_reset(err);
	return r;
}

extern const struct datasource datasource_configdrive;
const struct datasource datasource_configdrive = { .name = "configdrive",
						   .detect = detect,
						   .fetch = fetch };
