/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Redacts guestinfo.
 */
#include <string.h>

#include "datasource/vmware_redact.h"

/* A list of names, or one of them. */
static bool is_named(const struct doc_node *list, const char *name)
{
	if (list && doc_is_scalar(list))
		return !strcmp(list->text, name);
	for (size_t i = 0; list && list->kind == DOC_SEQ && i < list->len; i++)
		if (doc_is_scalar(list->items[i]) && !strcmp(list->items[i]->text, name))
			return true;
	return false;
}

static bool is_secret(const char *key)
{
	static const char *const secrets[] = {
		"user-data",
		"password",
		"guestinfo.userdata",
		"guestinfo.vendordata",
		"guestinfo.cloud-init.config.data",
		"guestinfo.coreos.config.data",
	};

	for (size_t i = 0; i < ARRAY_LEN(secrets); i++)
		if (!strcmp(key, secrets[i]))
			return true;
	return false;
}

static int redact_ovf(struct vmware_rpc *rpc, const struct ovf_env *ovf, const struct buf *ovf_text,
		      struct error *err)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(BACKDOOR_REPLY_MAX);

	ovf_env_scrub(ovf, buf_text(ovf_text), ovf_text->len, is_secret, &text);
	if (buf_check(&text, err) < 0 || text.len == ovf_text->len)
		return 0;
	return vmware_rpc_set(rpc, "ovfEnv", buf_text(&text), err);
}

int vmware_redact(struct vmware_rpc *rpc, const struct doc_node *meta, bool all,
		  const struct ovf_env *ovf, const struct buf *ovf_text, struct error *err)
{
	static const char *const keys[][2] = {
		{ "userdata", "userdata.encoding" },
		{ "vendordata", "vendordata.encoding" },
		{ "cloud-init.config.data", "cloud-init.data.encoding" },
		{ "coreos.config.data", "coreos.config.data.encoding" },
	};
	const struct doc_node *a = doc_key(meta, "redact"), *b = doc_key(meta, "cleanup-guestinfo");
	bool any = false;
	int r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(keys); i++) {
		if (!all && !is_named(a, keys[i][0]) && !is_named(b, keys[i][0]))
			continue;
		any = true;
		r = vmware_rpc_set(rpc, keys[i][0], VMWARE_REDACTED, err);
		if (r == 0)
			r = vmware_rpc_set(rpc, keys[i][1], VMWARE_CLEARED, err);
	}
	return r == 0 && any && ovf ? redact_ovf(rpc, ovf, ovf_text, err) : r;
}
