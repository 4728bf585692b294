/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Packs a tree and hands it to the daemon.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/engine/container_files.h"
#include "lib/file.h"
#include "lib/scope.h"

#define TAR_MAX (128u << 20)
#define BLOCK 512
#define DEPTH_MAX 32
#define PATH_LEN 256
#define PUT_MS 60000

/* POSIX.1-1988 ustar. */
struct header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type, link[100];
	char magic[6], version[2], user[32], group[32], major[8], minor[8], prefix[155], pad[12];
};

/* A path of at most 255 bytes, split at a slash. */
static bool put_name(struct header *h, const char *path)
{
	size_t len = strlen(path);
	const char *slash;

	if (len <= sizeof(h->name)) {
		memcpy(h->name, path, len);
		return true;
	}
	slash = strchr(path + (len - sizeof(h->name) - 1), '/');
	if (!slash || (size_t)(slash - path) > sizeof(h->prefix))
		return false;
	memcpy(h->prefix, path, (size_t)(slash - path));
	memcpy(h->name, slash + 1, strlen(slash + 1));
	return true;
}

static int add_header(struct buf *tar, const char *path, const struct stat *st, struct error *err)
{
	struct header h = { .magic = "ustar", .version = { '0', '0' }, .type = '0' };
	unsigned sum = 0;

	if (!put_name(&h, path))
		return error_set(err, ENAMETOOLONG, "%.64s…: the path is too long", path);
	if (S_ISDIR(st->st_mode))
		h.type = '5';
	(void)snprintf(h.mode, sizeof(h.mode), "%07o", (unsigned)st->st_mode & 07777);
	(void)snprintf(h.uid, sizeof(h.uid), "%07o", (unsigned)st->st_uid & 07777777);
	(void)snprintf(h.gid, sizeof(h.gid), "%07o", (unsigned)st->st_gid & 07777777);
	(void)snprintf(h.size, sizeof(h.size), "%011llo",
		       S_ISDIR(st->st_mode) ? 0ULL : (unsigned long long)st->st_size & 07777777777);
	(void)snprintf(h.mtime, sizeof(h.mtime), "%011llo",
		       (unsigned long long)st->st_mtime & 077777777777);
	memset(h.sum, ' ', sizeof(h.sum));
	for (size_t i = 0; i < sizeof(h); i++)
		sum += ((const unsigned char *)&h)[i];
	(void)snprintf(h.sum, sizeof(h.sum), "%06o", sum & 0777777);
	buf_add(tar, &h, sizeof(h));
	return 0;
}

static void pad(struct buf *tar)
{
	static const char zeros[BLOCK];

	if (tar->len % BLOCK)
		buf_add(tar, zeros, BLOCK - tar->len % BLOCK);
}

static int add_dir(int fd, char path[PATH_LEN], int depth, struct buf *tar, struct error *err);

static int add_entry(int dir, const char *name, char path[PATH_LEN], int depth, struct buf *tar,
		     struct error *err)
{
	AUTO_CLOSE int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	size_t before = strlen(path), start;
	struct stat st;
	int r = 0;

	/* Whoever lays links or pipes here is not the agent. */
	if (fd < 0 || fstat(fd, &st) < 0 || (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))
		return 0;
	if (snprintf(path + before, PATH_LEN - before, "%s%s", before ? "/" : "", name) >=
	    (int)(PATH_LEN - before))
		r = error_set(err, ENAMETOOLONG, "%.64s…: the path is too long", path);
	if (r == 0 && S_ISDIR(st.st_mode)) {
		r = add_dir(TAKE_FD(fd), path, depth + 1, tar, err);
	} else if (r == 0) {
		r = add_header(tar, path, &st, err);
		start = tar->len;
		if (r == 0)
			r = file_read_fd(fd, path, tar, err);
		if (r == 0 && tar->len - start != (size_t)st.st_size)
			r = error_set(err, EAGAIN, "%s changes while it is read", path);
		pad(tar);
	}
	path[before] = '\0';
	return r;
}

/* Takes fd. Directories themselves are not in the archive: those of the container stay as they
 * are. */
static int add_dir(int fd, char path[PATH_LEN], int depth, struct buf *tar, struct error *err)
{
	AUTO_CLOSEDIR DIR *dir = fdopendir(fd);
	const struct dirent *e;
	int r = 0;

	if (!dir) {
		(void)close(fd);
		return error_sys(err, errno, "%s", path);
	}
	if (depth > DEPTH_MAX)
		return error_set(err, E2BIG, "%s: too deep", path);
	while (r == 0 && (e = readdir(dir)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, ".."))
			r = add_entry(dirfd(dir), e->d_name, path, depth, tar, err);
	return r;
}

int container_files_tar(int root, const char *dir, struct buf *tar, struct error *err)
{
	static const char zeros[2 * BLOCK];
	char path[PATH_LEN] = "";
	int fd, r;

	r = file_open(root, dir, O_RDONLY | O_DIRECTORY, 0, &fd, err);
	if (r == 0)
		r = add_dir(fd, path, 0, tar, err);
	if (r < 0)
		return r;
	buf_add(tar, zeros, sizeof(zeros));
	return buf_check(tar, err);
}

int container_files_put(struct engine *e, const char *service, const char *id, struct error *err)
{
	AUTO_BUF struct buf tar = BUF_WITH_LIMIT(TAR_MAX), path = BUF_WITH_LIMIT(1024);
	struct engine_stream s = { .method = "PUT", .timeout_ms = PUT_MS };
	char dir[300];
	int r;

	(void)snprintf(dir, sizeof(dir), CONTAINER_FILES_DIR "/%.200s", service);
	if (!file_exists(FILE_ROOT, dir))
		return 0;
	r = container_files_tar(FILE_ROOT, dir, &tar, err);
	buf_str(&path, "/containers/");
	engine_escape(&path, id, "");
	buf_str(&path, "/archive?path=/");
	if (r == 0)
		r = buf_check(&path, err);
	if (r < 0)
		return error_wrap(err, r, "write_files for %s", service);
	s.path = buf_text(&path);
	s.data = tar.data;
	s.len = tar.len;
	r = engine_stream(e, &s, err);
	return r < 0 ? error_wrap(err, r, "write_files for %s", service) : 0;
}
