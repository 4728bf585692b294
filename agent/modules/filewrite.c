/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing one file of write_files.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/account/account.h"
#include "agent/modules/filewrite.h"
#include "agent/service/thin.h"
#include "agent/userdata/semaphore.h"
#include "lib/file.h"
#include "lib/hash.h"
#include "lib/scope.h"

/* Mounted into containers as files: a new inode would not reach them. */
static const char *const in_place[] = { "/etc/hosts", "/etc/hostname", "/etc/resolv.conf" };

static bool is_in_place(const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(in_place); i++)
		if (!strcmp(path, in_place[i]))
			return true;
	return false;
}

static bool is_machines_own(const struct module_ctx *c, const struct filespec *f)
{
	const struct doc_node *service =
		doc_key(doc_at(c->config, "rancher.services"), f->container);
	const char *image = doc_str(service, "image", "");

	if (!strcmp(f->container, "console") || !strcmp(f->container, "docker"))
		return true;
	return !strncmp(f->path, "/etc/", 5) && !strncmp(image, THIN_PREFIX, strlen(THIN_PREFIX));
}

/* The mark of an addition says what the file was before, and is on the disk before the file is
 * touched. A file that is as its mark says lacks the text (the power failed between the two, or it
 * was made anew); else the mark and the text together say that it was added. */
static int mark_addition(const struct module_ctx *c, const char *path, const struct buf *text,
			 const struct buf *have, bool *ret_added, struct error *err)
{
	const uint64_t before = hash_text(buf_text(have), have->len);
	AUTO_BUF struct buf key = BUF_WITH_LIMIT(FILESPEC_MAX + 8192);
	char name[32];
	uint64_t print;

	buf_str(&key, path);
	buf_char(&key, '\n');
	buf_add(&key, buf_text(text), text->len);
	if (buf_check(&key, err) < 0)
		return err->code;
	(void)snprintf(name, sizeof(name), "append-%016" PRIx64, hash_text(key.data, key.len));
	*ret_added = semaphore_is_set(c->root, c->instance->id, name, &print) && print != before &&
		     memmem(buf_text(have), have->len, buf_text(text), text->len);
	return *ret_added ? 0 : semaphore_set(c->root, c->instance->id, name, before, true, err);
}

/* append: the file's own text first, unless what is to be added was added before (a second boot).
 * Mode and owner stay as they are where none are given. */
static int append_to(const struct module_ctx *c, const char *path, struct filespec *f,
		     struct file_attr *attr, struct error *err)
{
	struct buf have = BUF_WITH_LIMIT(FILESPEC_MAX);
	int r = file_read(c->root, path, &have, err);
	bool added = false;
	struct stat st;
	int fd;

	if (r == -ENOENT)
		error_reset(err);
	else if (r < 0)
		r = error_set(err, -r, "%s cannot be read", path);
	if ((r == 0 || r == -ENOENT) && f->content.len)
		r = mark_addition(c, path, &f->content, &have, &added, err);
	if (r < 0 && r != -ENOENT) {
		buf_done(&have);
		return r;
	}
	if (!added)
		buf_add(&have, buf_text(&f->content), f->content.len);
	buf_done(&f->content);
	f->content = have;
	if (file_open(c->root, path, O_PATH, 0, &fd, NULL) == 0) {
		if (fstat(fd, &st) == 0 && !f->has_mode)
			attr->mode = st.st_mode & 07777;
		if (fstat(fd, &st) == 0 && !f->has_owner) {
			attr->uid = st.st_uid;
			attr->gid = st.st_gid;
		}
		(void)close(fd);
	}
	return buf_check(&f->content, err);
}

/* Who tries his user-data on a machine that has none of its users cannot set owners anyway. */
int filewrite_owner(const struct module_ctx *c, const struct filespec *f, uid_t *uid, gid_t *gid,
		    struct error *err)
{
	int r = account_owner(c->root, f->owner, uid, gid, err);

	if (r != -ENOENT || c->privileged || file_exists(c->root, "/etc/passwd"))
		return r;
	error_reset(err);
	*uid = 0;
	*gid = 0;
	return 0;
}

int filewrite_do(const struct module_ctx *c, struct filespec *f, bool *changed, struct error *err)
{
	struct file_attr attr;
	char stored[4400];
	const char *path = f->path;
	uid_t uid;
	gid_t gid;
	int r = filewrite_owner(c, f, &uid, &gid, err);

	if (r < 0)
		return r;
	if (!is_machines_own(c, f)) {
		(void)snprintf(stored, sizeof(stored), CONTAINER_FILES_DIR "/%.200s%s",
			       f->container, f->path);
		path = stored;
	}
	attr = module_attr(c, f->mode, uid, gid);
	if (f->append)
		r = append_to(c, path, f, &attr, err);
	if (r < 0)
		return r;
	if (!c->boot && is_in_place(path) && file_exists(c->root, path))
		return file_rewrite(c->root, path, buf_text(&f->content), f->content.len, changed,
				    err);
	return file_publish(c->root, path, buf_text(&f->content), f->content.len, &attr, changed,
			    err);
}
