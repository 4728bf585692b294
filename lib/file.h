/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bounded reads and atomic writes, relative to a root directory.
 *
 * `root` is a directory file descriptor below which every path is resolved (openat2 with
 * RESOLVE_IN_ROOT: neither ".." nor a symbolic link leaves it); FILE_ROOT is the machine's own /.
 * Paths may be written with or without a leading slash.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/attr.h"
#include "lib/buf.h"
#include "lib/error.h"

#define FILE_ROOT (-100) /* no root but the machine's own; relative paths start at / there, too */

/* Open the directory given to --root; "/" and NULL give FILE_ROOT. The caller closes others. */
int file_root_open(const char *dir, int *ret, struct error *err) MUST_CHECK;
/* Open below root; O_CLOEXEC and O_NOCTTY are added. Returns the descriptor in *ret. */
int file_open(int root, const char *path, int flags, mode_t mode, int *ret, struct error *err)
	MUST_CHECK;
/* True when it can be opened: a dangling link does not exist. */
bool file_exists(int root, const char *path);
/* Open (O_PATH) the directory that holds the last component of path, for the *at calls that have no
 * function here (unlinkat, symlinkat, renameat). *ret_base points into path. -EINVAL when path ends
 * in "/", "." or "..". The caller closes *ret. */
int file_parent(int root, const char *path, int *ret, const char **ret_base, struct error *err)
	MUST_CHECK;
/* Read a whole file of at most b's limit bytes (E2BIG beyond); -ENOENT when there is none. */
int file_read(int root, const char *path, struct buf *b, struct error *err) MUST_CHECK;
/* Have the kernel read a file's pages in before they are needed. Not being there is no failure. */
void file_read_ahead(int root, const char *path);
/* Read from a descriptor to its end, the same way; `name` is for messages. */
int file_read_fd(int fd, const char *name, struct buf *b, struct error *err) MUST_CHECK;

struct file_attr {
	mode_t mode; /* permission bits, setuid and the like included */
	uid_t uid;
	gid_t gid;
	bool relaxed; /* not synced: it is made again at the next boot, or the caller syncs */
};

/* Write beside, fchown, fchmod, fsync, rename: the new content is there wholly or not at all.
 * Parent directories are made with mode 0755. A symbolic link in the last component is replaced,
 * never followed. *changed (may be NULL) says whether content or attributes differed; nothing is
 * written when they did not. Unprivileged callers below a root may pass their own uid and gid. */
int file_publish(int root, const char *path, const void *data, size_t len,
		 const struct file_attr *attr, bool *changed, struct error *err) MUST_CHECK;
/* Overwrite in place, keeping the inode (for files that are bind-mounted as files). One write.
 * Links are followed; a missing file is made with mode 0644. Nothing is written if it is equal. */
int file_rewrite(int root, const char *path, const void *data, size_t len, bool *changed,
		 struct error *err) MUST_CHECK;
/* Append with one write(2); the file is made with `mode` when it is not there. Appended again to
 * the new file when it was replaced meanwhile: what was written to the old one may be lost. */
int file_append(int root, const char *path, const void *data, size_t len, mode_t mode,
		struct error *err) MUST_CHECK;
/* mkdir -p below root: the last directory gets exactly `mode`, missing ones above it 0755, existing
 * ones keep their attributes. */
int file_mkdir(int root, const char *path, mode_t mode, struct error *err) MUST_CHECK;
/* Wait until `path` exists, by inotify on its nearest existing parent, no polling; -ETIMEDOUT after
 * timeout_ms. */
int file_wait(const char *path, int timeout_ms, struct error *err) MUST_CHECK;
/* Copy `size` bytes from the start of one descriptor to another's place, within the kernel. -EIO
 * when the source ends before. `name` is for messages. */
int file_copy_fd(int from, int to, uint64_t size, const char *name, struct error *err) MUST_CHECK;
