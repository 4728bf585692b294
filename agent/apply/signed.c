/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signatures of user-data, by ssh-keygen. What is checked are the bytes that were read, not the
 * file again.
 */
#include "agent/apply/signed.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/file_remove.h"
#include "lib/proc.h"
#include "lib/scope.h"

#define KEY "rancher.cloud_init.signers"
#define WHO "owner"
#define NAMESPACE "ocicat"
#define VERIFY_MS 10000
#define SIGNATURE_MAX (64u << 10)
#define SIGNERS_MAX 64

/* A directory of ours for what ssh-keygen takes as files only. */
struct desk {
	char dir[40], keys[56], signature[56];
};

static void desk_done(struct desk *d)
{
	if (!d->dir[0])
		return;
	(void)unlink(d->keys);
	(void)unlink(d->signature);
	(void)rmdir(d->dir);
}

static int put(const char *path, const struct buf *b, struct error *err)
{
	const struct file_attr attr = { .mode = 0600, .uid = geteuid(), .gid = getegid(),
					.relaxed = true };
	int r = buf_check(b, err);

	return r < 0 ? r : file_publish(FILE_ROOT, path, b->data, b->len, &attr, NULL, err);
}

static int lay_out(struct desk *d, const struct doc_node *keys, const struct buf *signature,
		   struct error *err)
{
	AUTO_BUF struct buf allowed = { 0 };
	int r;

	(void)snprintf(d->dir, sizeof(d->dir), "/tmp/ros-signed-XXXXXX");
	if (!mkdtemp(d->dir)) {
		d->dir[0] = '\0';
		return error_sys(err, errno, "a directory in /tmp");
	}
	(void)snprintf(d->keys, sizeof(d->keys), "%s/keys", d->dir);
	(void)snprintf(d->signature, sizeof(d->signature), "%s/signature", d->dir);
	for (size_t i = 0; i < keys->len && i < SIGNERS_MAX; i++) {
		const char *key = doc_str(keys->items[i], "", "");

		if (*key && !strpbrk(key, "\r\n"))
			buf_fmt(&allowed, WHO " namespaces=\"" NAMESPACE "\" %s\n", key);
	}
	r = put(d->keys, &allowed, err);
	return r < 0 ? r : put(d->signature, signature, err);
}

bool signed_is_wanted(const struct doc_node *config)
{
	const struct doc_node *n = doc_at(config, KEY);

	/* What cannot be read as a list of keys trusts nobody, instead of everybody. */
	return n && n->kind != DOC_NULL;
}

int signed_check(int root, const struct doc_node *config, const char *path,
		 const struct datasource_payload *p, struct error *err)
{
	CLEANUP(desk_done) struct desk d = { 0 };
	AUTO_BUF struct buf name = { 0 }, signature = BUF_WITH_LIMIT(SIGNATURE_MAX);
	const struct buf *data = &p->part[DATASOURCE_USER_DATA];
	const char *const argv[] = { "ssh-keygen", "-Y", "verify", "-q",	"-f", d.keys, "-I",
				     WHO,	   "-n", NAMESPACE, "-s", d.signature, NULL };
	const struct doc_node *keys = doc_at(config, KEY);
	struct error why = { 0 };
	int r;

	if (!keys || keys->kind != DOC_SEQ || !keys->len)
		return error_set(err, EKEYREJECTED, KEY " names no key");
	buf_fmt(&name, "%s.sig", path ? path : "");
	r = file_read(root, buf_text(&name), &signature, &why);
	if (r < 0)
		return error_set(err, EKEYREJECTED,
				 KEY ": the file is not signed (%.120s; ssh-keygen -Y sign -n "
				 NAMESPACE " -f KEY %.100s)", why.msg, path);
	if (strlen(buf_text(data)) != data->len)
		return error_set(err, EKEYREJECTED, KEY ": a signed file is text (gzip it not)");
	r = lay_out(&d, keys, &signature, err);
	if (r == 0 && proc_run(argv, buf_text(data), VERIFY_MS, NULL, &why) < 0)
		r = error_set(err, EKEYREJECTED,
			      KEY ": %.100s.sig is no signature of it by one of the keys (%.150s)",
			      path, why.msg);
	return r;
}
