/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing one file of write_files.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/account.h"
#include "agent/modules/filewrite.h"
#include "agent/thin.h"
#include "lib/file.h"
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

static bool holds(const struct buf *have, const struct buf *part)
{
	return part->len == 0 ||
	       memmem(buf_text(have), have->len, buf_text(part), part->len) != NULL;
}

/* append: the file's own text first, unless what is to be added is in it already (a second boot).
 * Mode and owner stay as they are where none are given. */
static int append_to(const struct module_ctx *c, const char *path, struct filespec *f,
		     struct file_attr *attr, struct error *err)
{
	struct buf have = BUF_WITH_LIMIT(FILESPEC_MAX);
	int r = file_read(c->root, path, &have, err);
	struct stat st;
	int fd;

	if (r < 0) {
		buf_done(&have);
		error_reset(err);
		return r == -ENOENT ? 0 : error_set(err, -r, "%s cannot be read", path);
	}
	if (!holds(&have, &f->content))
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
