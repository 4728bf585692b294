/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening, reading and writing below a root directory. The kernel keeps us inside (openat2 with
 * RESOLVE_IN_ROOT); nothing here looks at the components of a path to judge where it leads.
 */
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <linux/openat2.h>

#include "lib/file.h"

/* openat2 answers EAGAIN when a rename elsewhere made it unsure about "..": ask again. */
#define FILE_TRIES 16
#define FILE_CHUNK 16384

int file_root_open(const char *dir, int *ret, struct error *err)
{
	int fd;

	if (!dir || strcmp(dir, "/") == 0) {
		*ret = FILE_ROOT;
		return 0;
	}
	fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_sys(err, errno, "open root %s", dir);
	*ret = fd;
	return 0;
}

/* The path from the root directory, always absolute. */
static int absolute(const char *path, char abs[PATH_MAX], struct error *err)
{
	int n;

	path += strspn(path, "/");
	n = snprintf(abs, PATH_MAX, "/%s", path);
	if (n < 0 || n >= PATH_MAX)
		return error_sys(err, ENAMETOOLONG, "%.64s…", path);
	return 0;
}

static int open_in_root(int root, const char *abs, int flags, mode_t mode)
{
	struct open_how how = {
		.flags = (unsigned)flags,
		.mode = flags & O_CREAT ? mode & 07777 : 0,
		.resolve = RESOLVE_IN_ROOT,
	};
	int fd = -1;

	for (int i = 0; i < FILE_TRIES; i++) {
		fd = (int)syscall(SYS_openat2, root, abs, &how, sizeof(how));
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	return fd;
}

int file_open(int root, const char *path, int flags, mode_t mode, int *ret, struct error *err)
{
	char abs[PATH_MAX];
	int fd, r;

	r = absolute(path, abs, err);
	if (r < 0)
		return r;
	flags |= O_CLOEXEC;
	/* openat2 refuses flags that mean nothing beside O_PATH. */
	if (!(flags & O_PATH))
		flags |= O_NOCTTY;
	if (root == FILE_ROOT)
		fd = open(abs, flags, mode);
	else
		fd = open_in_root(root, abs, flags, mode);
	if (fd < 0)
		return error_sys(err, errno, "open %s", path);
	*ret = fd;
	return 0;
}

bool file_exists(int root, const char *path)
{
	AUTO_CLOSE int fd = -1;

	return file_open(root, path, O_PATH, 0, &fd, NULL) == 0;
}

int file_parent(int root, const char *path, int *ret, const char **ret_base, struct error *err)
{
	const char *slash = strrchr(path, '/');
	const char *base = slash ? slash + 1 : path;
	char dir[PATH_MAX];
	size_t len = (size_t)(base - path);
	int r;

	if (base[0] == '\0' || strcmp(base, ".") == 0 || strcmp(base, "..") == 0)
		return error_set(err, EINVAL, "\"%s\" does not end in a file name", path);
	if (len >= sizeof(dir))
		return error_sys(err, ENAMETOOLONG, "%.64s…", path);
	memcpy(dir, path, len);
	dir[len] = '\0';
	r = file_open(root, dir, O_PATH | O_DIRECTORY, 0, ret, err);
	if (r < 0)
		return error_wrap(err, r, "%s", path);
	*ret_base = base;
	return 0;
}

int file_read_fd(int fd, const char *name, struct buf *b, struct error *err)
{
	char chunk[FILE_CHUNK];
	ssize_t n;
	int r;

	for (;;) {
		n = read(fd, chunk, sizeof(chunk));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_sys(err, errno, "read %s", name);
		if (n > 0)
			buf_add(b, chunk, (size_t)n);
		r = buf_check(b, err);
		if (r < 0)
			return error_wrap(err, r, "read %s", name);
		if (n == 0)
			return 0;
	}
}

void file_read_ahead(int root, const char *path)
{
	AUTO_CLOSE int fd = -1;

	if (file_open(root, path, O_RDONLY, 0, &fd, NULL) == 0)
		(void)posix_fadvise(fd, 0, 0, POSIX_FADV_WILLNEED);
}

int file_read(int root, const char *path, struct buf *b, struct error *err)
{
	AUTO_CLOSE int fd = -1;
	int r;

	/* Never wait for the other end of a FIFO that someone put in a file's place. */
	r = file_open(root, path, O_RDONLY | O_NONBLOCK, 0, &fd, err);
	if (r < 0)
		return r;
	return file_read_fd(fd, path, b, err);
}

/* One write(2); what does not go out in one piece is an error. */
static int write_once(int fd, const char *path, const void *data, size_t len, struct error *err)
{
	ssize_t n;

	do
		n = write(fd, data, len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_sys(err, errno, "write %s", path);
	if ((size_t)n != len)
		return error_set(err, ENOSPC, "write %s: only %zd of %zu bytes fit", path, n, len);
	return 0;
}

/* Open for writing; a file that is not there is made with exactly `mode`, whatever the umask. */
static int open_to_write(int root, const char *path, int flags, mode_t mode, int *ret,
			 struct error *err)
{
	AUTO_CLOSE int fd = -1;
	int r;

	r = file_open(root, path, flags, 0, ret, err);
	if (r != -ENOENT)
		return r;
	error_reset(err);
	r = file_open(root, path, flags | O_CREAT, mode, &fd, err);
	if (r < 0)
		return r;
	if (fchmod(fd, mode & 07777) < 0)
		return error_sys(err, errno, "chmod %s", path);
	*ret = TAKE_FD(fd);
	return 0;
}

int file_rewrite(int root, const char *path, const void *data, size_t len, bool *changed,
		 struct error *err)
{
	AUTO_BUF struct buf old = BUF_WITH_LIMIT(len + 1);
	AUTO_CLOSE int fd = -1;
	bool differs;
	int r;

	r = file_read(root, path, &old, NULL);
	differs = r < 0 || old.len != len || (len > 0 && memcmp(old.data, data, len) != 0);
	if (differs) {
		r = open_to_write(root, path, O_WRONLY | O_NONBLOCK, 0644, &fd, err);
		if (r < 0)
			return r;
		r = write_once(fd, path, data, len, err);
		if (r < 0)
			return r;
		/* Cut after writing: no reader finds the file empty. */
		if (ftruncate(fd, (off_t)len) < 0)
			return error_sys(err, errno, "truncate %s", path);
	}
	if (changed)
		*changed = differs;
	return 0;
}

int file_append(int root, const char *path, const void *data, size_t len, mode_t mode,
		struct error *err)
{
	for (int i = 0; i < FILE_TRIES; i++) {
		AUTO_CLOSE int fd = -1;
		struct stat st;
		int r;

		r = open_to_write(root, path, O_WRONLY | O_APPEND | O_NONBLOCK, mode, &fd, err);
		if (r == 0)
			r = write_once(fd, path, data, len, err);
		if (r < 0)
			return r;
		if (fstat(fd, &st) < 0 || st.st_nlink > 0)
			return 0;
	}
	return error_set(err, EAGAIN, "append to %s: it is replaced all the time", path);
}

/* One directory whose parent exists. */
static int make_one(int root, const char *path, mode_t mode, struct error *err)
{
	AUTO_CLOSE int parent = -1, dir = -1;
	const char *base;
	int r;

	r = file_open(root, path, O_PATH | O_DIRECTORY, 0, &dir, err);
	if (r != -ENOENT)
		return r;
	error_reset(err);
	r = file_parent(root, path, &parent, &base, err);
	if (r < 0)
		return r;
	if (mkdirat(parent, base, mode & 07777) < 0) {
		if (errno != EEXIST)
			return error_sys(err, errno, "mkdir %s", path);
		/* Somebody else was faster, or it is a dangling link: this tells which. */
		return file_open(root, path, O_PATH | O_DIRECTORY, 0, &dir, err);
	}
	dir = openat(parent, base, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0 || fchmod(dir, mode & 07777) < 0)
		return error_sys(err, errno, "chmod %s", path);
	return 0;
}

int file_mkdir(int root, const char *path, mode_t mode, struct error *err)
{
	char abs[PATH_MAX];
	size_t end;
	int r;

	r = absolute(path, abs, err);
	if (r < 0)
		return r;
	end = strlen(abs);
	while (end > 1 && abs[end - 1] == '/')
		abs[--end] = '\0';
	for (size_t i = 1; i < end; i++) {
		if (abs[i] != '/' || abs[i - 1] == '/')
			continue;
		abs[i] = '\0';
		r = make_one(root, abs, 0755, err);
		if (r < 0)
			return r;
		abs[i] = '/';
	}
	return make_one(root, abs, mode, err);
}
