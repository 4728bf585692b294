/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps user-data's programs where the console and the agent find them.
 */
#include "agent/userdata/scripts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/userdata/semaphore.h"
#include "lib/file.h"
#include "lib/file_remove.h"
#include "lib/scope.h"

#define CONF_DIR  "/var/lib/rancher/conf"
#define HOOK_MARK "#cloud-boothook"

static const char *const when_names[] = {
	[UNPACK_EACH_BOOT] = "boot",
	[UNPACK_EACH_INSTANCE] = "instance",
	[UNPACK_ONCE] = "once",
};

static int by_name(const void *a, const void *b)
{
	return strcmp(a, b);
}

void scripts_list(int root, const char *dir, struct scripts_names *ret)
{
	AUTO_CLOSEDIR DIR *d = NULL;
	const struct dirent *e;
	int fd;

	ret->n = 0;
	if (file_open(root, dir, O_RDONLY | O_DIRECTORY, 0, &fd, NULL) < 0)
		return;
	d = fdopendir(fd);
	if (!d) {
		(void)close(fd);
		return;
	}
	while (ret->n < UNPACK_PARTS_MAX && (e = readdir(d)))
		if (e->d_name[0] != '.' && strlen(e->d_name) < SCRIPTS_NAME)
			memcpy(ret->name[ret->n++], e->d_name, strlen(e->d_name) + 1);
	qsort(ret->name, ret->n, SCRIPTS_NAME, by_name);
}

/* --- writing --- */

static int write_program(int root, const char *path, const char *text, struct error *err)
{
	/* cache_save() syncs the disk when there was something new. */
	const struct file_attr attr = {
		.mode = 0700, .uid = geteuid(), .gid = getegid(), .relaxed = true
	};
	int r = file_mkdir(root, CONF_DIR, 0700, err);

	return r < 0 ? r : file_publish(root, path, text, strlen(text), &attr, NULL, err);
}

/* What is written into a directory, and what of it is there already. */
struct keeping {
	int root;
	const char *dir;
	const char *prefix;
	struct scripts_names *wanted;
};

/* A boothook is what stands behind its mark. */
static const char *program_text(const struct unpack_part *part)
{
	const char *s = part->text + strspn(part->text, " \t\r\n");

	if (part->type != UNPACK_BOOTHOOK)
		return part->text;
	if (!strncasecmp(s, HOOK_MARK, sizeof(HOOK_MARK) - 1))
		s += sizeof(HOOK_MARK) - 1;
	return s + strspn(s, " \t\r\n");
}

static int keep_parts(struct keeping *k, const struct unpack_parts *parts, enum unpack_type type,
		      struct error *err)
{
	for (size_t i = 0, n = 0; parts && i < parts->n; i++) {
		const struct unpack_part *part = &parts->list[i];
		char *name, path[256];
		int r;

		if (part->type != type || k->wanted->n == UNPACK_PARTS_MAX)
			continue;
		name = k->wanted->name[k->wanted->n++];
		(void)snprintf(name, SCRIPTS_NAME, "%s%03zu-%s.%s", k->prefix, ++n, part->name,
			       when_names[part->when]);
		(void)snprintf(path, sizeof(path), "%s/%s", k->dir, name);
		r = write_program(k->root, path, program_text(part), err);
		if (r < 0)
			return r;
	}
	return 0;
}

static bool is_wanted(const struct scripts_names *wanted, const char *name)
{
	for (size_t i = 0; i < wanted->n; i++)
		if (!strcmp(wanted->name[i], name))
			return true;
	return false;
}

static int remove_others(const struct keeping *k, struct error *err)
{
	AUTO_FREE struct scripts_names *there = malloc(sizeof(*there));

	if (!there)
		return error_set(err, ENOMEM, "no memory for the names of scripts");
	scripts_list(k->root, k->dir, there);
	for (size_t i = 0; i < there->n; i++) {
		char path[256];
		int r;

		if (is_wanted(k->wanted, there->name[i]))
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", k->dir, there->name[i]);
		r = file_remove(k->root, path, NULL, err);
		if (r < 0)
			return r;
	}
	return 0;
}

/* The scripts of one of the two. */
static int keep_scripts(int root, const char *dir, const struct unpack_parts *parts,
			struct scripts_names *names, struct error *err)
{
	struct keeping k = { root, dir, "", names };
	int r;

	names->n = 0;
	r = keep_parts(&k, parts, UNPACK_SCRIPT, err);
	return r < 0 ? r : remove_others(&k, err);
}

static int keep_hooks(int root, const struct unpack_parts *user, const struct unpack_parts *vendor,
		      struct scripts_names *names, struct error *err)
{
	/* As cloud-init, the user's first. */
	struct keeping k = { root, SCRIPTS_HOOK_DIR, "u", names };
	int r;

	names->n = 0;
	r = keep_parts(&k, user, UNPACK_BOOTHOOK, err);
	k.prefix = "v";
	if (r == 0)
		r = keep_parts(&k, vendor, UNPACK_BOOTHOOK, err);
	return r < 0 ? r : remove_others(&k, err);
}

/* The only script, when it runs at each boot; NULL when there are none or several. */
static const struct unpack_part *find_only(const struct unpack_parts *parts)
{
	const struct unpack_part *found = NULL;

	for (size_t i = 0; i < parts->n; i++) {
		if (parts->list[i].type != UNPACK_SCRIPT)
			continue;
		if (found)
			return NULL;
		found = &parts->list[i];
	}
	return found && found->when == UNPACK_EACH_BOOT ? found : NULL;
}

int scripts_keep(int root, const struct unpack_parts *user, const struct unpack_parts *vendor,
		 struct error *err)
{
	AUTO_FREE struct scripts_names *names = malloc(sizeof(*names));
	const struct unpack_part *only = find_only(user);
	int r;

	if (!names)
		return error_set(err, ENOMEM, "no memory for the names of scripts");
	if (only)
		r = write_program(root, SCRIPTS_ONE, only->text, err);
	else
		r = file_remove(root, SCRIPTS_ONE, NULL, err);
	if (r == 0)
		r = keep_scripts(root, SCRIPTS_DIR, only ? NULL : user, names, err);
	if (r == 0)
		r = keep_scripts(root, SCRIPTS_VENDOR_DIR, vendor, names, err);
	return r < 0 ? r : keep_hooks(root, user, vendor, names, err);
}

/* --- when they run --- */

/* What marks it: nothing for one that runs at each boot. */
static const char *mark_of(const char *name, const char *instance)
{
	const char *dot = strrchr(name, '.');

	if (dot && !strcmp(dot + 1, when_names[UNPACK_ONCE]))
		return SEMAPHORE_ONCE;
	if (dot && !strcmp(dot + 1, when_names[UNPACK_EACH_INSTANCE]))
		return instance ? instance : "";
	return NULL;
}

bool scripts_is_due(int root, const char *name, const char *instance)
{
	const char *mark = mark_of(name, instance);
	uint64_t print;

	return !mark || !semaphore_is_set(root, mark, name, &print);
}

int scripts_mark(int root, const char *name, const char *instance, struct error *err)
{
	const char *mark = mark_of(name, instance);

	return mark ? semaphore_set(root, mark, name, 0, false, err) : 0;
}
