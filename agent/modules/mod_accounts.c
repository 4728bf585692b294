/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The machine's users live on the state disk, in files of /etc that hide the system image's. A
 * user or group that a newer image brought is added to them.
 */
#include <string.h>

#include "agent/modules/accountdb.h"
#include "agent/modules/passwords.h"
#include "agent/modules/rows.h"

#define FILE_MAX (1u << 20)

static const char *const images[ACCOUNTDB_N] = {
	[ACCOUNTDB_PASSWD] = "/usr/etc/passwd",
	[ACCOUNTDB_GROUP] = "/usr/etc/group",
	[ACCOUNTDB_SHADOW] = "/usr/etc/shadow",
	[ACCOUNTDB_GSHADOW] = "/usr/etc/gshadow",
};

static int merge(const struct module_ctx *c, struct accountdb *db, bool *changed, struct error *err)
{
	int r = accountdb_load(c->root, c->privileged, db, err);

	for (int t = 0; r == 0 && t < ACCOUNTDB_N; t++) {
		AUTO_BUF struct buf image = BUF_WITH_LIMIT(FILE_MAX);

		r = file_read(c->root, images[t], &image, err);
		if (r == 0 && strcmp(buf_text(&image), buf_text(&db->text[t])) != 0)
			r = accountdb_merge(db, (enum accountdb_table)t, buf_text(&image), err);
	}
	return r < 0 ? r : accountdb_save(db, changed, err);
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	CLEANUP(accountdb_done) struct accountdb db = { 0 };
	struct error err = { 0 };
	bool changed = false;
	int r;

	if (!file_exists(c->root, images[ACCOUNTDB_PASSWD]))
		return MODULE_SKIPPED;
	passwords_lock(c);
	r = merge(c, &db, &changed, &err);
	passwords_unlock(c);
	if (r < 0)
		return module_fail(c, (struct doc_origin){ 0 }, "users of the system image: %s",
				   err.msg);
	if (changed)
		buf_str(message, "users of the new system image were added");
	return module_changed(changed);
}

const struct module module_accounts = {
	.name = "accounts",
	.apply = apply,
};
