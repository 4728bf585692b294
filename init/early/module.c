/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns finit_module(2). Works on depmod's text files: the initrd's are small.
 */
#include "init/early/module.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <linux/module.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/scope.h"

#define NAME_LEN 64
#define INDEX_LIMIT (8u << 20)
#define LOADED_LIMIT (64u << 10)

/* - and _ are the same in a module's name; files have either. */
static void normalise(const char *from, size_t len, char name[NAME_LEN])
{
	if (len >= NAME_LEN)
		len = NAME_LEN - 1;
	for (size_t i = 0; i < len; i++)
		name[i] = from[i] == '-' ? '_' : from[i];
	name[len] = '\0';
}

/* The module's name in a path: "kernel/fs/ext4/ext4.ko.xz" is "ext4". */
static void name_of_path(const char *path, size_t len, char name[NAME_LEN])
{
	const char *base = path, *end = path + len;

	for (const char *p = path; p < end; p++) {
		if (*p == '/')
			base = p + 1;
	}
	len = (size_t)(end - base);
	for (size_t i = 0; i < len; i++) {
		if (base[i] == '.')
			len = i;
	}
	normalise(base, len, name);
}

int module_open(struct module_index *ix, const char *base, struct error *err)
{
	char path[200];
	struct utsname un;
	int r;

	*ix = (struct module_index){ .dep = BUF_WITH_LIMIT(INDEX_LIMIT),
				     .alias = BUF_WITH_LIMIT(INDEX_LIMIT),
				     .loaded = BUF_WITH_LIMIT(LOADED_LIMIT) };
	if (uname(&un) < 0)
		return error_sys(err, errno, "uname");
	(void)snprintf(ix->dir, sizeof(ix->dir), "%s/lib/modules/%s", base, un.release);
	(void)snprintf(path, sizeof(path), "%s/modules.dep", ix->dir);
	r = file_read(FILE_ROOT, path, &ix->dep, err);
	if (r < 0)
		return r;
	(void)snprintf(path, sizeof(path), "%s/modules.alias", ix->dir);
	return file_read(FILE_ROOT, path, &ix->alias, err);
}

void module_close(struct module_index *ix)
{
	buf_done(&ix->dep);
	buf_done(&ix->alias);
	buf_done(&ix->loaded);
}

const char *module_dep_line(const char *text, const char *name)
{
	char want[NAME_LEN], have[NAME_LEN];

	normalise(name, strlen(name), want);
	for (const char *line = text; *line;) {
		size_t len = strcspn(line, ":\n");

		name_of_path(line, len, have);
		if (!strcmp(have, want))
			return line;
		line += strcspn(line, "\n");
		if (*line)
			line++;
	}
	return NULL;
}

static bool is_done(const struct module_index *ix, const char *name)
{
	char word[NAME_LEN + 3];

	(void)snprintf(word, sizeof(word), " %s ", name);
	return strstr(buf_text(&ix->loaded), word) != NULL;
}

/* One file, without dependencies. */
static void insert(struct module_index *ix, const char *path, size_t len)
{
	AUTO_CLOSE int fd = -1;
	char name[NAME_LEN], full[400];
	int flags;

	name_of_path(path, len, name);
	if (is_done(ix, name))
		return;
	(void)snprintf(full, sizeof(full), "%s/%.*s", ix->dir, (int)len, path);
	flags = strcmp(full + strlen(full) - 3, ".ko") != 0 ? MODULE_INIT_COMPRESSED_FILE : 0;
	fd = open(full, O_RDONLY | O_CLOEXEC);
	/* ENODEV: there is no such hardware after all. What failed otherwise may have needed a
	 * module that another process was still loading: it is tried again when it is asked
	 * for again. */
	if (fd < 0 || syscall(SYS_finit_module, fd, "", flags) == 0 || errno == EEXIST ||
	    errno == ENODEV)
		buf_fmt(&ix->loaded, " %s ", name);
	else
		fprintf(stderr, "module %s: %s\n", name, strerror(errno));
}

void module_load(struct module_index *ix, const char *name)
{
	const char *line = module_dep_line(buf_text(&ix->dep), name), *end, *p;

	if (!line)
		return;
	end = line + strcspn(line, "\n");
	/* A line names all dependencies, the deepest last. */
	for (p = end; p > line;) {
		const char *word;

		while (p > line && p[-1] == ' ')
			p--;
		for (word = p; word > line && word[-1] != ' ';)
			word--;
		insert(ix, word, (size_t)(p - word) - (p > word && p[-1] == ':'));
		p = word;
	}
}

unsigned module_match(const char *text, const char *modalias,
		      void (*fn)(void *arg, const char *name), void *arg)
{
	char pattern[512], name[NAME_LEN];
	unsigned n = 0;

	for (const char *line = text; *line;) {
		const char *p = line + 6, *end = line + strcspn(line, "\n");
		size_t len, fixed;

		line = *end ? end + 1 : end;
		if (strncmp(p - 6, "alias ", 6) != 0)
			continue;
		len = strcspn(p, " \n");
		fixed = strcspn(p, "*?[\\ \n");
		/* Most lines differ early: that is cheaper to see than a pattern is to match. */
		if (strncmp(p, modalias, fixed) != 0 || len >= sizeof(pattern) || p[len] != ' ')
			continue;
		memcpy(pattern, p, len);
		pattern[len] = '\0';
		if (fnmatch(pattern, modalias, 0) != 0)
			continue;
		normalise(p + len + 1, (size_t)(end - p) - len - 1, name);
		fn(arg, name);
		n++;
	}
	return n;
}

static void load_match(void *arg, const char *name)
{
	module_load(arg, name);
}

unsigned module_load_alias(struct module_index *ix, const char *modalias)
{
	return module_match(buf_text(&ix->alias), modalias, load_match, ix);
}
