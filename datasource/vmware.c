/* SPDX-License-Identifier: Apache-2.0 */
/*
 * VMware: guestinfo by the hypervisor's channel, or in the environment of PID 1; the OVF
 * environment in guestinfo.ovfEnv, or in a file (`vmware:FILE`, as RancherOS had it), whose
 * properties win.
 *
 * Being on VMware proves nothing: it counts as here only when a key has a value.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "datasource/datasource.h"
#include "datasource/guestinfo_data.h"
#include "datasource/ovf_data.h"
#include "datasource/vmware_env.h"
#include "datasource/vmware_port.h"
#include "datasource/vmware_redact.h"
#include "datasource/vmware_rpc.h"
#include "lib/file.h"

extern const struct datasource datasource_vmware, datasource_ovf;

/* Where the keys come from, opened. */
struct source {
	struct doc_pool *pool;
	struct buf environ;
	struct vmware_rpc rpc;
	bool by_rpc;
	struct buf ovf_text;
	struct ovf_env ovf;
	struct guestinfo g;
};

static void close_source(struct source *s)
{
	vmware_rpc_close(&s->rpc);
	buf_done(&s->environ);
	buf_done(&s->ovf_text);
	if (s->pool)
		doc_pool_free(s->pool);
}
#define AUTO_SOURCE CLEANUP(close_source)

/* A missing environment is no failure; one that is broken is told and left out. */
static int load_ovf(struct source *s, const struct machine *m, const char *file,
		    struct datasource_payload *p, struct error *err)
{
	struct error e = { 0 };
	int r;

	s->ovf_text = BUF_WITH_LIMIT(GUESTINFO_VALUE);
	r = file ? file_read(m->root, file, &s->ovf_text, err)
		 : guestinfo_get(&s->g, "ovfEnv", &s->ovf_text, NULL);
	if (r < 0)
		return file ? r : 0;
	r = ovf_env_parse(s->pool, file ? file : "guestinfo.ovfEnv", buf_text(&s->ovf_text),
			  s->ovf_text.len, &s->ovf, &e);
	if (r == 0)
		s->g.ovf = &s->ovf;
	else if (file)
		return error_set(err, e.code, "%s", e.msg);
	else if (p)
		datasource_warn(p, "%s", e.msg);
	return 0;
}

static int open_source(const struct machine *m, const char *file, struct source *s,
		       struct datasource_payload *p, struct error *err)
{
	int r = doc_pool_new(&s->pool, err);

	vmware_rpc_open(&s->rpc, vmware_port(), VMWARE_RPC_TOOL);
	if (r < 0)
		return r;
	if (vmware_env_load(m->root, &s->environ)) {
		s->g = (struct guestinfo){ .get = vmware_env_get, .arg = &s->environ };
	} else if (vmware_rpc_is_here(m)) {
		s->by_rpc = true;
		s->g = (struct guestinfo){ .get = vmware_rpc_get, .arg = &s->rpc };
	}
	return load_ovf(s, m, file, p, err);
}

static bool is_vmware(const struct machine *m)
{
	return !strncasecmp(m->fact[MACHINE_SYS_VENDOR], "VMware", 6) ||
	       !strncasecmp(m->fact[MACHINE_PRODUCT_NAME], "VMware", 6) ||
	       !strcmp(m->fact[MACHINE_HYPERVISOR], "VMwareVMware");
}

static void detect(const struct machine *m, struct datasource_clue *ret)
{
	AUTO_SOURCE struct source s = { 0 };
	struct error err = { 0 };
	char key[GUESTINFO_KEY];

	if (open_source(m, NULL, &s, NULL, &err) < 0)
		return;
	if (guestinfo_has_data(&s.g, key))
		datasource_clue_set(ret, DATASOURCE_YES, DATASOURCE_BY_CHANNEL, "%s has a value",
				    key);
	else if (s.g.ovf && ovf_data_is_there(&s.ovf))
		datasource_clue_set(ret, DATASOURCE_YES, DATASOURCE_BY_CHANNEL,
				    "guestinfo.ovfEnv has properties");
	else if (!is_vmware(m))
		datasource_clue_set(ret, DATASOURCE_NO, DATASOURCE_BY_CHANNEL,
				    "not a machine of VMware's");
	else if (s.g.get && !(s.by_rpc && s.rpc.way == VMWARE_RPC_NONE))
		datasource_clue_set(ret, DATASOURCE_NO, DATASOURCE_BY_CHANNEL,
				    "a machine of VMware's, but no guestinfo key has a value");
	else
		datasource_clue_set(ret, DATASOURCE_MAYBE, DATASOURCE_BY_CHANNEL,
				    "a machine of VMware's, whose guestinfo cannot be read%s",
				    m->root == FILE_ROOT ? "" : " below a --root");
}

static void note_where(const struct source *s, struct datasource_payload *ret)
{
	static const char *const ways[] = {
		[VMWARE_RPC_BACKDOOR] = "guestinfo",
		[VMWARE_RPC_VSOCK] = "guestinfo by vsock",
		[VMWARE_RPC_TOOL] = "guestinfo by vmware-rpctool",
		[VMWARE_RPC_NONE] = "guestinfo",
	};

	(void)snprintf(ret->where, sizeof(ret->where), "%s",
		       s->by_rpc  ? ways[s->rpc.way]
		       : s->g.get ? "guestinfo in the environment of PID 1"
				  : "an OVF environment");
}

/* RancherOS' vmware read the disc with an OVF environment as well; here that is a source of its
 * own. */
static int fetch_disc(const struct datasource_ctx *c, struct datasource_payload *ret,
		      struct error *err)
{
	struct error e = { 0 };
	int r = datasource_ovf.fetch(c, ret, &e);

	if (r == -ENODATA)
		return error_set(err, ENODATA, "no guestinfo key has a value, and %s", e.msg);
	return r < 0 ? error_set(err, e.code, "%s", e.msg) : 0;
}

static int fetch(const struct datasource_ctx *c, struct datasource_payload *ret, struct error *err)
{
	AUTO_SOURCE struct source s = { 0 };
	const char *uuid = c->machine->product_uuid;
	int r = open_source(c->machine, c->arg, &s, ret, err);

	if (r < 0)
		return r;
	r = guestinfo_data_read(&s.g, c, uuid, ret, err);
	if (r == -ENODATA && s.g.ovf && ovf_data_is_there(&s.ovf)) {
		error_reset(err);
		r = 0;
	} else if (r == -ENODATA && !c->arg)
		return fetch_disc(c, ret, err);
	if (r == 0 && s.g.ovf)
		r = ovf_data_fill(&s.ovf, c, uuid, ret, err);
	if (r == 0 && !ret->where[0])
		note_where(&s, ret);
	return r;
}

/* --- forgetting --- */

/* `redact: [userdata, vendordata]` in the metadata, or rancher.cloud_init.clear_guestinfo: whoever
 * runs on this machine could read the values at any time, so they are taken away as soon as the
 * state disk has them. */
static int used(const struct datasource_ctx *c, const struct datasource_payload *p,
		struct error *err)
{
	AUTO_SOURCE struct source s = { 0 };
	const struct buf *b = &p->part[DATASOURCE_META_DATA];
	const struct doc_node *meta = NULL;
	int r = open_source(c->machine, NULL, &s, NULL, err);

	if (r < 0 || !s.by_rpc)
		return r;
	if (p->has[DATASOURCE_META_DATA] &&
	    doc_yaml(s.pool, "metadata", buf_text(b), b->len, &meta, NULL) < 0)
		meta = NULL;
	r = vmware_redact(&s.rpc, meta, c->clear_guestinfo, s.g.ovf, &s.ovf_text, err);
	return r < 0 ? error_wrap(err, r, "guestinfo is not redacted") : 0;
}

const struct datasource datasource_vmware = {
	.name = "vmware", .detect = detect, .fetch = fetch, .used = used
};
