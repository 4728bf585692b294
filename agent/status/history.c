/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Kept journals. A boot is recognised by the first line of its journal, which holds the boot id.
 */
#include "agent/status/history.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/file_remove.h"
#include "lib/journal.h"
#include "lib/scope.h"

#define PSTORE "/sys/fs/pstore"
#define PANIC_LIMIT (1u << 20)
#define NUMBER_MAX 4000000000u

unsigned history_number(const char *name)
{
	unsigned long n = 0;

	for (const char *c = name; *c; c++) {
		if (*c < '0' || *c > '9' || n > NUMBER_MAX / 10)
			return 0;
		n = n * 10 + (unsigned)(*c - '0');
	}
	return *name == '0' ? 0 : (unsigned)n;
}

static int open_dir(int root, const char *path, DIR **ret, struct error *err)
{
	int fd, r;

	r = file_open(root, path, O_RDONLY | O_DIRECTORY, 0, &fd, err);
	if (r < 0)
		return r;
	*ret = fdopendir(fd);
	if (!*ret) {
		r = error_sys(err, errno, "%s", path);
		close(fd);
	}
	return r;
}

/* The highest number below `below` (0: of all); 0 when there is none. */
static unsigned newest(int root, unsigned below)
{
	AUTO_CLOSEDIR DIR *dir = NULL;
	struct dirent *e;
	unsigned max = 0;

	if (open_dir(root, HISTORY_DIR, &dir, NULL) < 0)
		return 0;
	while ((e = readdir(dir))) {
		unsigned n = history_number(e->d_name);

		if (n > max && (!below || n < below))
			max = n;
	}
	return max;
}

static void path_of(char *path, size_t size, unsigned number, const char *suffix)
{
	snprintf(path, size, HISTORY_DIR "/%u%s", number, suffix);
}

static bool same_first_line(const char *a, const char *b)
{
	size_t n = strcspn(a, "\n");

	return n && n == strcspn(b, "\n") && !memcmp(a, b, n);
}

/* Whether file `number` is what was kept of the boot whose journal is `journal`. */
static bool is_this_boot(int root, unsigned number, const struct buf *journal)
{
	AUTO_BUF struct buf kept = BUF_WITH_LIMIT(JOURNAL_MAX);
	char path[64];

	path_of(path, sizeof(path), number, "");
	return number && file_read(root, path, &kept, NULL) == 0 &&
	       same_first_line(buf_text(&kept), buf_text(journal));
}

/* Those that are too old, with their panics. */
static void prune(int root, unsigned last)
{
	AUTO_CLOSEDIR DIR *dir = NULL;
	struct dirent *e;

	if (last <= HISTORY_KEEP || open_dir(root, HISTORY_DIR, &dir, NULL) < 0)
		return;
	while ((e = readdir(dir))) {
		char name[32];
		unsigned n;

		if (strlen(e->d_name) >= sizeof(name))
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)strcspn(e->d_name, "."), e->d_name);
		n = history_number(name);
		if (n && n <= last - HISTORY_KEEP)
			(void)unlinkat(dirfd(dir), e->d_name, 0);
	}
}

int history_save(int root, struct error *err)
{
	const struct file_attr attr = { .mode = 0644, .uid = geteuid(), .gid = getegid() };
	AUTO_BUF struct buf journal = BUF_WITH_LIMIT(JOURNAL_MAX);
	unsigned number;
	char path[64];
	int r;

	r = file_read(root, JOURNAL_PATH, &journal, err);
	if (r < 0)
		return r;
	number = newest(root, 0);
	if (!is_this_boot(root, number, &journal))
		number++;
	path_of(path, sizeof(path), number, "");
	r = file_publish(root, path, buf_text(&journal), journal.len, &attr, NULL, err);
	if (r == 0)
		prune(root, number);
	return r;
}

/* The newest kept journal that is not this boot's; 0 when there is none. */
static unsigned previous_number(int root)
{
	AUTO_BUF struct buf now = BUF_WITH_LIMIT(JOURNAL_MAX);
	unsigned number = newest(root, 0);

	if (file_read(root, JOURNAL_PATH, &now, NULL) == 0 && is_this_boot(root, number, &now))
		return newest(root, number);
	return number;
}

void history_panic_reason(const char *text, char *reason)
{
	static const char mark[] = "Kernel panic - not syncing: ";
	const char *at = strstr(text, mark);
	size_t n;

	at = at ? at + sizeof(mark) - 1 : text;
	n = strcspn(at, "\n");
	snprintf(reason, HISTORY_REASON, "%.*s", (int)(n < HISTORY_REASON ? n : HISTORY_REASON - 1),
		 at);
}

int history_save_panic(int root, char *reason, struct error *err)
{
	const struct file_attr attr = { .mode = 0600, .uid = geteuid(), .gid = getegid() };
	AUTO_BUF struct buf all = BUF_WITH_LIMIT(PANIC_LIMIT);
	AUTO_CLOSEDIR DIR *dir = NULL;
	struct dirent *e;
	char path[64];
	int r;

	reason[0] = '\0';
	if (root == FILE_ROOT)
		(void)mount("pstore", PSTORE, "pstore", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL);
	if (open_dir(root, PSTORE, &dir, NULL) < 0)
		return 0;
	while ((e = readdir(dir))) {
		AUTO_CLOSE int fd = -1;

		if (strncmp(e->d_name, "dmesg-", 6))
			continue;
		fd = openat(dirfd(dir), e->d_name, O_RDONLY | O_CLOEXEC);
		if (fd >= 0 && file_read_fd(fd, e->d_name, &all, NULL) < 0)
			break;
	}
	if (!all.len)
		return 0;
	history_panic_reason(buf_text(&all), reason);
	path_of(path, sizeof(path), previous_number(root), ".panic");
	r = file_publish(root, path, buf_text(&all), all.len, &attr, NULL, err);
	if (r < 0)
		return r;
	rewinddir(dir);
	while ((e = readdir(dir)))
		if (!strncmp(e->d_name, "dmesg-", 6))
			(void)unlinkat(dirfd(dir), e->d_name, 0);
	return 0;
}

int history_previous(int root, struct buf *journal, struct buf *panic, struct error *err)
{
	unsigned number = previous_number(root);
	char path[64];

	if (!number)
		return error_set(err, ENODATA, "no journal of an earlier boot was kept");
	path_of(path, sizeof(path), number, ".panic");
	(void)!file_read(root, path, panic, NULL);
	path_of(path, sizeof(path), number, "");
	return file_read(root, path, journal, err);
}

int history_take_last_stop(int root, struct error *err)
{
	const struct file_attr attr = { .mode = 0644, .uid = geteuid(), .gid = getegid() };
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(4096);
	int r;

	r = file_read(root, HISTORY_SHUTDOWN, &text, err);
	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = file_publish(root, HISTORY_LAST_STOP, buf_text(&text), text.len, &attr, NULL,
				 err);
	if (r == 0)
		r = file_remove(root, HISTORY_SHUTDOWN, NULL, err);
	return r;
}
