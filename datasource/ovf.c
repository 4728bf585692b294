/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The OVF environment on a disc that the hypervisor attaches (VMware's and VirtualBox' ISO
 * transport), in cloud-init's seed directory, or in a file (`ovf:FILE`). Both kinds of properties
 * count: cloud-init's (user-data, hostname, …) and those named guestinfo.….
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "datasource/datasource.h"
#include "datasource/guestinfo_data.h"
#include "datasource/media.h"
#include "datasource/ovf_data.h"
#include "lib/file.h"
#include "lib/scope.h"

#define SEED_DIR   "/var/lib/cloud/seed/ovf"
#define DEFAULT_ID "iid-dsovf"
#define AZURE_TAG  "7783-7084-3265-9085-8269-3286-77"
/* A disc whose label says nothing is searched for the namespace when it is smaller than this. */
#define SCAN_MAX   (10u << 20)
#define SCAN_PIECE 65536

enum verdict { VERDICT_NO, VERDICT_YES, VERDICT_SCAN };

/* --- which disc --- */

static bool is_disc(const struct probe *p)
{
	const char *name = p->path + strlen("/dev/");

	return !strcmp(p->type, "iso9660") &&
	       ((!strncmp(name, "sr", 2) && isdigit((unsigned char)name[2])) ||
		(!strncmp(name, "hd", 2) && isalpha((unsigned char)name[2]) && !name[3]) ||
		!strncmp(name, "scd", 3) || !strncmp(name, "cdrom", 5));
}

static enum verdict judge_label(const struct probe *p)
{
	static const char *const ours[] = { "OVF-TRANSPORT", "OVFENV", "OVF ENV", "OVF_ENV" };
	static const char *const others[] = { "config-2", "cidata" };

	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		if (!strcasecmp(p->label, ours[i]))
			return VERDICT_YES;
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		if (!strcasecmp(p->label, others[i]))
			return VERDICT_NO;
	if (!strncasecmp(p->label, "rd_rdfe_stable", 14))
		return VERDICT_NO;
	return p->size < SCAN_MAX ? VERDICT_SCAN : VERDICT_NO;
}

/* Without regard to case. */
static bool has_text(const char *hay, size_t len, const char *needle)
{
	size_t n = strlen(needle);

	for (size_t i = 0; i + n <= len; i++)
		if (tolower((unsigned char)hay[i]) == *needle && !strncasecmp(hay + i, needle, n))
			return true;
	return false;
}

/* Looks for the namespace in the disc's bytes; pieces overlap by its length. */
static bool scan(int root, const struct probe *p)
{
	AUTO_CLOSE int fd = -1;
	char piece[SCAN_PIECE];
	size_t keep = 0;
	ssize_t n;

	if (file_open(root, p->path, O_RDONLY, 0, &fd, NULL) < 0)
		return false;
	for (size_t seen = 0; seen < SCAN_MAX; seen += (size_t)n) {
		size_t have;

		n = read(fd, piece + keep, sizeof(piece) - keep);
		if (n <= 0)
			return false;
		have = keep + (size_t)n;
		if (has_text(piece, have, OVF_ENV_NS))
			return true;
		keep = have < strlen(OVF_ENV_NS) ? have : strlen(OVF_ENV_NS) - 1;
		memmove(piece, piece + have - keep, keep);
	}
	return false;
}

static const struct probe *find_disc(const struct machine *m)
{
	bool azure = !strcmp(m->fact[MACHINE_CHASSIS_ASSET_TAG], AZURE_TAG);

	for (size_t i = 0; i < m->n_media; i++) {
		const struct probe *p = &m->media[i];
		enum verdict v = is_disc(p) ? judge_label(p) : VERDICT_NO;

		if (v == VERDICT_YES || (v == VERDICT_SCAN && !azure && scan(m->root, p)))
			return p;
	}
	return NULL;
}

/* --- reading it --- */

/* Names without regard to case, as image readers have them; in a directory both that are used. */
static int read_env(const struct media *m, struct buf *b, struct error *err)
{
	static const char *const names[] = { "ovf-env.xml", "ovf_env.xml", "OVF-ENV.XML",
					     "OVF_ENV.XML" };
	int r = -ENOENT;

	*b = BUF_WITH_LIMIT(GUESTINFO_VALUE);
	for (size_t i = 0; r == -ENOENT && i < ARRAY_LEN(names); i++)
		r = media_read(m, names[i], b, err);
	if (r == 0)
		error_reset(err);
	return r == -ENOENT ? error_set(err, ENODATA, "it holds no ovf-env.xml") : r;
}

static int take_env(const struct datasource_ctx *c, const struct buf *text,
		    struct datasource_payload *ret, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *pool = NULL;
	struct ovf_env env;
	const struct guestinfo g = { .ovf = &env };
	const char *id;
	int r = doc_pool_new(&pool, err);

	if (r == 0)
		r = ovf_env_parse(pool, "ovf-env.xml", buf_text(text), text->len, &env, err);
	if (r < 0)
		return r;
	id = ovf_env_get(&env, "instance-id");
	id = id && *id ? id : DEFAULT_ID;
	r = guestinfo_data_read(&g, c, id, ret, err);
	if (r < 0 && r != -ENODATA)
		return r;
	error_reset(err);
	return ovf_data_fill(&env, c, id, ret, err);
}

static int fetch_medium(const struct datasource_ctx *c, const struct media *m, const char *where,
			struct datasource_payload *ret, struct error *err)
{
	AUTO_BUF struct buf text = { 0 };
	int r = read_env(m, &text, err);

	if (r == 0)
		r = take_env(c, &text, ret, err);
	if (!ret->where[0])
		(void)snprintf(ret->where, sizeof(ret->where), "%.180s", where);
	return r < 0 ? error_wrap(err, r, "%s", where) : 0;
}

static int fetch_file(const struct datasource_ctx *c, struct datasource_payload *ret,
		      struct error *err)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(GUESTINFO_VALUE);
	int r = file_read(c->machine->root, c->arg, &text, err);

	(void)snprintf(ret->where, sizeof(ret->where), "%.180s", c->arg);
	return r == 0 ? take_env(c, &text, ret, err) : r;
}

static bool has_seed(int root)
{
	return file_exists(root, SEED_DIR "/ovf-env.xml") ||
	       file_exists(root, SEED_DIR "/ovf_env.xml");
}

static int fetch_disc(const struct datasource_ctx *c, struct datasource_payload *ret,
		      struct error *err)
{
	AUTO_MEDIA struct media m = { .fd = -1 };
	const struct probe *disc = find_disc(c->machine);
	char where[DATASOURCE_REASON];
	int r;

	if (!disc)
		return error_set(err, ENODATA, "no disc holds an OVF environment");
	(void)snprintf(where, sizeof(where), "%s (%s, label %.32s)", disc->path, disc->type,
		       disc->label);
	r = media_open(c->machine->root, disc, &m, err);
	return r == 0 ? fetch_medium(c, &m, where, ret, err) : r;
}

static int fetch(const struct datasource_ctx *c, struct datasource_payload *ret, struct error *err)
{
	AUTO_MEDIA struct media m = { .fd = -1 };
	int r;

	if (c->arg && c->arg[0])
		return fetch_file(c, ret, err);
	if (!has_seed(c->machine->root))
		return fetch_disc(c, ret, err);
	r = media_open_dir(c->machine->root, SEED_DIR, &m, err);
	return r == 0 ? fetch_medium(c, &m, SEED_DIR, ret, err) : r;
}

static void detect(const struct machine *m, struct datasource_clue *ret)
{
	const struct probe *disc;

	if (has_seed(m->root)) {
		datasource_clue_set(ret, DATASOURCE_YES, DATASOURCE_BY_SEED,
				    "seed directory " SEED_DIR);
		return;
	}
	disc = find_disc(m);
	if (disc)
		datasource_clue_set(ret, DATASOURCE_YES, DATASOURCE_BY_CHANNEL,
				    "%s (label %.32s) holds an OVF environment", disc->path,
				    disc->label);
	else
		datasource_clue_set(ret, DATASOURCE_NO, DATASOURCE_BY_CHANNEL,
				    "no disc holds an OVF environment");
}

extern const struct datasource datasource_ovf;
const struct datasource datasource_ovf = { .name = "ovf", .detect = detect, .fetch = fetch };
