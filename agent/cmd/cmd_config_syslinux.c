/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros config syslinux`: the kernel line that both boot loaders give every version of the system.
 * An editor works on a copy of global.cfg; what could not boot is not put in its place. The entries
 * of syslinux and of systemd-boot get the line, too: neither reads global.cfg when it starts.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/command.h"
#include "agent/config/config_args.h"
#include "agent/state/bootparts.h"
#include "installer/loader.h"
#include "lib/buf.h"
#include "lib/file.h"
#include "lib/proc.h"
#include "lib/scope.h"

#define GLOBAL BOOTPARTS_BOOT "/global.cfg"
#define ENTRIES "loader/entries"
#define MODEL "/proc/device-tree/model"
/* The kernel's own limit on x86 for its whole line. */
#define LINE_MAX_LEN 2048
/* For the slot's name and the words of an entry. */
#define ENTRY_ROOM 256
#define FILE_MAX (64u << 10)

/* The file's APPEND line; NULL when there is none, or more than one. */
static const char *append_line(const char *text, size_t *ret_len)
{
	const char *found = NULL;

	for (const char *s = text; s && *s; s = strchr(s, '\n'), s = s ? s + 1 : NULL) {
		const char *word = s + strspn(s, " \t");

		if (strncasecmp(word, "APPEND", 6) || !strchr(" \t\n", word[6]))
			continue;
		if (found)
			return NULL;
		found = word + 6 + strspn(word + 6, " \t");
		*ret_len = strcspn(found, "\n");
	}
	return found;
}

static int check_text(const struct buf *b, struct error *err)
{
	size_t len = 0;

	if (strlen(buf_text(b)) != b->len)
		return error_set(err, EBADMSG, GLOBAL ": a NUL byte (write text)");
	if (!append_line(buf_text(b), &len))
		return error_set(err, EBADMSG,
				 GLOBAL ": there must be one line that begins with APPEND");
	if (len >= LINE_MAX_LEN - ENTRY_ROOM)
		return error_set(err, E2BIG,
				 GLOBAL ": a kernel line of %zu bytes (%d are taken)", len,
				 LINE_MAX_LEN - ENTRY_ROOM - 1);
	return 0;
}

static int find_board(int root, struct error *err)
{
	AUTO_BUF struct buf model = BUF_WITH_LIMIT(4096);

	if (file_read(root, MODEL, &model, NULL) == 0 && strstr(buf_text(&model), "Raspberry Pi"))
		return error_set(err, ECANCELED,
				 "this board has no such boot loader (edit /boot/cmdline.txt)");
	return 0;
}

/* Run an editor on a file and wait for its user; those that are not there are passed over. */
static int edit(const char *path, struct error *err)
{
	const char *const candidates[] = { getenv("VISUAL"), getenv("EDITOR"), "nano", "vi" };
	char term[64];
	const char *const env[] = { "PATH=" PROC_PATH, "HOME=/root", term, NULL };
	int r = -ENOENT, status = 0;
	pid_t pid;

	(void)snprintf(term, sizeof(term), "TERM=%s", getenv("TERM") ? getenv("TERM") : "linux");
	for (size_t i = 0; i < ARRAY_LEN(candidates) && r < 0; i++) {
		const char *const argv[] = { candidates[i], path, NULL };
		const struct proc_spec spec = { .argv = argv, .env = env, .in = STDIN_FILENO,
						.out = STDOUT_FILENO, .err = STDERR_FILENO };

		if (candidates[i] && *candidates[i])
			r = proc_spawn(&spec, &pid, NULL, err);
	}
	if (r < 0) {
		const char *const argv[] = { "busybox", "vi", path, NULL };
		const struct proc_spec spec = { .argv = argv, .env = env, .in = STDIN_FILENO,
						.out = STDOUT_FILENO, .err = STDERR_FILENO };

		r = proc_spawn(&spec, &pid, NULL, err);
	}
	/* A person types: there is no deadline. */
	if (r == 0)
		r = proc_wait(pid, -1, -1, &status, err);
	if (r == 0 && status)
		return error_set(err, EIO, "the editor failed: nothing was changed");
	return r;
}

/* A copy to work on, removed with its directory. */
struct copy {
	char dir[32], path[48];
};

static void copy_done(struct copy *c)
{
	if (!c->path[0])
		return;
	(void)unlink(c->path);
	(void)rmdir(c->dir);
}

static int make_copy(struct copy *c, const struct buf *text, struct error *err)
{
	struct file_attr attr = { .mode = 0600, .uid = geteuid(), .gid = getegid(),
				  .relaxed = true };

	(void)snprintf(c->dir, sizeof(c->dir), "/tmp/ros-syslinux-XXXXXX");
	if (!mkdtemp(c->dir))
		return error_sys(err, errno, "%s", c->dir);
	(void)snprintf(c->path, sizeof(c->path), "%s/global.cfg", c->dir);
	return file_publish(FILE_ROOT, c->path, text->data, text->len, &attr, NULL, err);
}

static int publish(int root, const char *path, const struct buf *text, struct error *err)
{
	struct file_attr attr = { .mode = 0755, .uid = geteuid(), .gid = getegid() };
	AUTO_CLOSE int fd = -1;
	struct stat st;
	int r = file_open(root, path, O_RDONLY, 0, &fd, err);

	/* A FAT partition has one mode and owner for all its files. */
	if (r == 0 && fstat(fd, &st) == 0)
		attr = (struct file_attr){ st.st_mode & 07777, st.st_uid, st.st_gid, false };
	return r < 0 ? r : file_publish(root, path, text->data, text->len, &attr, NULL, err);
}

/* One file of entries; what is not there has none. */
static int set_line(int root, const char *path, const char *line, bool *changed, struct error *err)
{
	AUTO_BUF struct buf old = BUF_WITH_LIMIT(FILE_MAX), new = BUF_WITH_LIMIT(2 * FILE_MAX);
	int r = file_read(root, path, &old, err);

	if (r == -ENOENT) {
		error_reset(err);
		return 0;
	}
	if (r < 0)
		return r;
	loader_set_line(buf_text(&old), line, &new);
	if (buf_check(&new, err) < 0)
		return -err->code;
	if (old.len == new.len && !memcmp(old.data, new.data, old.len))
		return 0;
	*changed = true;
	return publish(root, path, &new, err);
}

/* Also when global.cfg is as it was: the power may have failed between the files. */
static int set_entries(int root, const char *boot, const char *line, bool *changed,
		       struct error *err)
{
	static const char *const slots[] = { "linux-current.cfg", "linux-previous.cfg" };
	AUTO_CLOSEDIR DIR *dir = NULL;
	const struct dirent *e;
	char path[512];
	int fd, r = 0;

	for (size_t i = 0; r == 0 && i < ARRAY_LEN(slots); i++) {
		(void)snprintf(path, sizeof(path), "%s/%s", boot, slots[i]);
		r = set_line(root, path, line, changed, err);
	}
	(void)snprintf(path, sizeof(path), "%s/" ENTRIES, boot);
	if (r < 0 || file_open(root, path, O_RDONLY | O_DIRECTORY, 0, &fd, NULL) < 0)
		return r;
	dir = fdopendir(fd);
	if (!dir) {
		(void)close(fd);
		return error_sys(err, ENOMEM, "%s", path);
	}
	while (r == 0 && (e = readdir(dir))) {
		if (*e->d_name == '.')
			continue;
		(void)snprintf(path, sizeof(path), "%.64s/" ENTRIES "/%.255s", boot, e->d_name);
		r = set_line(root, path, line, changed, err);
	}
	return r;
}

struct change {
	const struct buf *global;
	char line[LINE_MAX_LEN];
	bool begun, changed;
};

/* One boot partition. */
static int change_files(int root, const char *boot, void *arg, struct error *err)
{
	AUTO_BUF struct buf old = BUF_WITH_LIMIT(FILE_MAX);
	struct change *c = arg;
	char path[128];
	int r;

	c->begun = true;
	(void)snprintf(path, sizeof(path), "%.64s/global.cfg", boot);
	r = file_read(root, path, &old, err);
	if (r < 0)
		return r;
	if (old.len != c->global->len || memcmp(old.data, c->global->data, old.len) != 0) {
		c->changed = true;
		r = publish(root, path, c->global, err);
	}
	return r < 0 ? r : set_entries(root, boot, c->line, &c->changed, err);
}

static int put_in_place(int root, const struct buf *new, struct error *err)
{
	struct change c = { .global = new };
	int r = check_text(new, err);

	if (r == 0)
		r = loader_read_global(buf_text(new), c.line, sizeof(c.line), err);
	if (r < 0)
		return error_wrap(err, r, "nothing was changed");
	r = bootparts_each(root, change_files, &c, err);
	if (r == 0)
		puts(c.changed ? "the next boot uses it" : "nothing was changed");
	return error_wrap(err, r, "%s", c.begun ? "not all entries have the line (do it again)" :
						  "nothing was changed");
}

static int edit_global(int root, struct error *err)
{
	AUTO_BUF struct buf old = BUF_WITH_LIMIT(FILE_MAX), new = BUF_WITH_LIMIT(FILE_MAX);
	CLEANUP(copy_done) struct copy c = { 0 };
	int r = find_board(root, err);

	if (r == 0)
		r = file_read(root, GLOBAL, &old, err);
	if (r == -ENOENT)
		return error_set(err, ENOENT,
				 "there is no " GLOBAL " (only an installed system has one)");
	if (r == 0)
		r = make_copy(&c, &old, err);
	if (r == 0)
		r = edit(c.path, err);
	if (r == 0)
		r = file_read(FILE_ROOT, c.path, &new, err);
	if (r < 0)
		return r;
	return put_in_place(root, &new, err);
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	struct config_args a;

	if (config_args_parse(argc, argv, 0, &a, err) < 0)
		return COMMAND_USAGE;
	return edit_global(env->root, err) < 0 ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_config_syslinux = {
	.name = "config syslinux",
	.args = "",
	.help = "Edit the kernel line that the boot loader uses.",
	.run = run,
};
