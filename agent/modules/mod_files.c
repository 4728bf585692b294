/* SPDX-License-Identifier: Apache-2.0 */
/*
 * write_files: at every boot, and only what differs is written.
 *
 * Files for the console and for docker are the machine's own. Those for another container are laid
 * below FILES_DIR/NAME, from where its entrypoint takes them.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/account.h"
#include "agent/filespec.h"
#include "agent/modules/rows.h"
#include "lib/file.h"

#define FILES_DIR "/run/ros/files"

/* Mounted into containers as files: a new inode would not reach them. */
static const char *const in_place[] = { "/etc/hosts", "/etc/hostname", "/etc/resolv.conf" };

static bool is_in_place(const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(in_place); i++)
		if (!strcmp(path, in_place[i]))
			return true;
	return false;
}

static bool is_machines_own(const char *container)
{
	return !strcmp(container, "console") || !strcmp(container, "docker");
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
	if (!f->has_mode && file_open(c->root, path, O_PATH, 0, &fd, NULL) == 0) {
		if (fstat(fd, &st) == 0)
			attr->mode = st.st_mode & 07777;
		(void)close(fd);
	}
	return buf_check(&f->content, err);
}

/* Who tries his user-data on a machine that has none of its users cannot set owners anyway. */
static int find_owner(const struct module_ctx *c, const struct filespec *f, uid_t *uid, gid_t *gid,
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

static int write_file(const struct module_ctx *c, struct filespec *f, bool *changed,
		      struct error *err)
{
	struct file_attr attr;
	char stored[4400];
	const char *path = f->path;
	uid_t uid;
	gid_t gid;
	int r = find_owner(c, f, &uid, &gid, err);

	if (r < 0)
		return r;
	if (!is_machines_own(f->container)) {
		(void)snprintf(stored, sizeof(stored), FILES_DIR "/%.200s%s", f->container,
			       f->path);
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

static enum module_result write_entry(const struct module_ctx *c, const struct doc_node *entry)
{
	CLEANUP(filespec_done) struct filespec f;
	struct error err = { 0 };
	bool changed = false;

	if (!filespec_read(c->pool, entry, &f))
		return MODULE_FAILED;
	if (write_file(c, &f, &changed, &err) < 0) {
		doc_say(c->pool, true, entry->origin, "%s: %s", f.path, err.msg);
		return MODULE_FAILED;
	}
	return changed ? MODULE_CHANGED : MODULE_UNCHANGED;
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	const struct doc_node *files = doc_key(c->config, "write_files");
	enum module_result result = MODULE_SKIPPED;

	if (!files || files->kind != DOC_SEQ || files->len == 0)
		return MODULE_SKIPPED;
	for (size_t i = 0; i < files->len; i++)
		result = module_worse(result, write_entry(c, files->items[i]));
	buf_fmt(message, "%zu %s", files->len, files->len == 1 ? "file" : "files");
	if (!c->privileged)
		buf_str(message, "; owners skipped: not root");
	return result;
}

const struct module module_write_files = {
	.name = "write_files",
	.apply = apply,
	.keys = { "write_files" },
};
