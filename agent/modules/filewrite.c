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
#include "lib/file_place.h"
#include "lib/hash.h"
#include "lib/scope.h"

/* Lines of an addition that its mark can tell apart. */
#define MARK_LINES 32

/* Mounted into containers as files: a new inode would not reach them. */
static const char *const in_place[] = { "/etc/hosts", "/etc/hostname", "/etc/resolv.conf" };

static bool is_in_place(const char *path)
{
	for (size_t i = 0; i < ARRAY_LEN(in_place); i++)
		if (!strcmp(path, in_place[i]))
			return true;
	return false;
}

bool filewrite_is_machines(const struct doc_node *config, const char *container, const char *path)
{
	const struct doc_node *service = doc_key(doc_at(config, "rancher.services"), container);
	const char *image = doc_str(service, "image", "");

	if (!*container || !strcmp(container, "console") || !strcmp(container, "docker"))
		return true;
	return !strncmp(path, "/etc/", 5) && thin_is_name(image);
}

static bool has_line(const struct buf *text, const char *line, size_t len)
{
	const char *at = buf_text(text), *end = at + text->len;

	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));
		const size_t n = (size_t)((stop ? stop : end) - at);

		if (n == len && !memcmp(at, line, len))
			return true;
		at += n + 1;
	}
	return false;
}

/* Which of the first lines of an addition a text has, as bits. */
static uint32_t lines_in(const struct buf *text, const struct buf *addition)
{
	const char *at = buf_text(addition);
	uint32_t bits = 0;

	for (unsigned i = 0; i < MARK_LINES && *at; i++) {
		const size_t len = strcspn(at, "\n");

		if (len && has_line(text, at, len))
			bits |= UINT32_C(1) << i;
		at += len + (at[len] == '\n');
	}
	return bits;
}

/* The mark of an addition says what the file was before (a hash) and which lines of the addition it
 * had already, and is on the disk before the file is touched. A file that is as its mark says lacks
 * the text (the power failed between the two, or it was made anew). Any other has it when it has
 * the whole text, or a line of it that was not there before: others may have changed the rest. */
static int mark_addition(const struct module_ctx *c, const char *path, const struct filespec *f,
			 const struct buf *have, bool *ret_added, struct error *err)
{
	const uint32_t before = (uint32_t)hash_text(buf_text(have), have->len);
	const uint32_t has = lines_in(have, &f->content);
	AUTO_BUF struct buf key = BUF_WITH_LIMIT(FILESPEC_MAX + 8192);
	char name[32];
	uint64_t mark;

	buf_str(&key, path);
	buf_char(&key, '\n');
	buf_add(&key, buf_text(&f->content), f->content.len);
	if (f->nth)
		buf_fmt(&key, "\n%u", f->nth);
	if (buf_check(&key, err) < 0)
		return err->code;
	(void)snprintf(name, sizeof(name), "append-%016" PRIx64, hash_text(key.data, key.len));
	*ret_added = semaphore_is_set(c->root, c->instance->id, name, &mark) &&
		     (uint32_t)(mark >> 32) != before &&
		     ((has & ~(uint32_t)mark) || memmem(buf_text(have), have->len,
							buf_text(&f->content), f->content.len));
	if (*ret_added)
		return 0;
	mark = (uint64_t)before << 32 | has;
	return semaphore_set(c->root, c->instance->id, name, mark, true, err);
}

/* What is there is read by its own name, and only where its owner did not lay somebody else's file
 * there. -ENOENT when there is nothing. */
static int read_file(const struct file_place *at, struct buf *have, struct stat *st,
		     struct error *err)
{
	AUTO_CLOSE int fd = -1;
	int r = file_open(at->dir, at->base, O_RDONLY | O_NONBLOCK | O_NOFOLLOW, 0, &fd, err);

	if (r < 0)
		return r;
	if (fstat(fd, st) < 0)
		return error_sys(err, errno, "%s", at->base);
	if (!S_ISREG(st->st_mode) || (st->st_nlink > 1 && !at->own_dir))
		return error_set(err, EINVAL,
				 "%s is no file of its own: nothing is added to it (remove it)",
				 at->base);
	return file_read_fd(fd, at->base, have, err);
}

/* append: the file's own text first, unless what is to be added was added before (a second boot).
 * Mode and owner stay as they are where none are given. */
static int append_to(const struct module_ctx *c, const char *path, const struct file_place *at,
		     struct filespec *f, struct file_attr *attr, struct error *err)
{
	AUTO_BUF struct buf have = BUF_WITH_LIMIT(FILESPEC_MAX);
	bool added = false;
	struct stat st;
	int r = read_file(at, &have, &st, err);

	if (r == 0 && !f->has_mode)
		attr->mode = st.st_mode & 07777;
	if (r == 0 && !f->has_owner) {
		attr->uid = st.st_uid;
		attr->gid = st.st_gid;
	}
	if (r == -ENOENT) {
		error_reset(err);
		r = 0;
	}
	if (r == 0 && f->content.len)
		r = mark_addition(c, path, f, &have, &added, err);
	if (r < 0)
		return r;
	if (!added)
		buf_add(&have, buf_text(&f->content), f->content.len);
	buf_done(&f->content);
	f->content = have;
	have = (struct buf){ 0 };
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

static int publish(const struct module_ctx *c, const char *path, const struct file_place *at,
		   struct filespec *f, struct file_attr *attr, bool *changed, struct error *err)
{
	int r = f->append ? append_to(c, path, at, f, attr, err) : 0;

	if (r < 0)
		return r;
	if (!c->boot && is_in_place(path) && file_exists(c->root, path))
		return file_rewrite(c->root, path, buf_text(&f->content), f->content.len, changed,
				    err);
	return file_publish(at->dir, at->base, buf_text(&f->content), f->content.len, attr, changed,
			    err);
}

int filewrite_do(const struct module_ctx *c, struct filespec *f, bool *changed, struct error *err)
{
	const struct file_attr root = module_attr(c, 0, 0, 0);
	const bool is_machines = filewrite_is_machines(c->config, f->container, f->path);
	struct file_place_how how = { .follow = f->append };
	struct file_attr attr = { 0 };
	AUTO_CLOSE int dir = -1;
	struct file_place at;
	char path[4400];
	int r = filewrite_owner(c, f, &attr.uid, &attr.gid, err);

	if (r < 0)
		return r;
	attr = module_attr(c, f->mode, attr.uid, attr.gid);
	/* Nobody but root puts files where they are handed over to a container. */
	how.uid = is_machines ? attr.uid : root.uid;
	how.gid = is_machines ? attr.gid : root.gid;
	if (is_machines)
		(void)snprintf(path, sizeof(path), "%s", f->path);
	else
		(void)snprintf(path, sizeof(path), CONTAINER_FILES_DIR "/%.200s%s", f->container,
			       f->path);
	r = file_place_open(c->root, path, &how, &at, err);
	if (r < 0)
		return r;
	dir = at.dir;
	return publish(c, path, &at, f, &attr, changed, err);
}
