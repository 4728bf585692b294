/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the walk over /sys/devices and the list of modules that no device asks for.
 */
#include "init/early/coldplug.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/scope.h"

#define SYS_DEVICES "/sys/devices"
#define DEPTH_MAX 24
#define ALIAS_LEN 512
#define SEEN_LIMIT (512u << 10)
#define ROUNDS_MAX 6

/* File systems and helpers that the way to the system image and the state disk leads through. The
 * rest is asked for by the kernel itself, through /sbin/modprobe. */
static const char *const fixed[] = { "loop", "overlay" };

struct walk {
	struct module_index *ix;
	struct buf seen; /* modaliases, a line each: many devices share one */
	bool news;
};

void coldplug_fixed(struct module_index *ix)
{
	for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
		module_load(ix, fixed[i]);
}

static void take_alias(struct walk *w, int dir)
{
	AUTO_CLOSE int fd = openat(dir, "modalias", O_RDONLY | O_CLOEXEC);
	char text[ALIAS_LEN + 1];
	ssize_t n;

	if (fd < 0)
		return;
	text[0] = '\n';
	n = read(fd, text + 1, sizeof(text) - 2);
	if (n <= 1)
		return;
	text[n + 1] = '\0';
	text[1 + strcspn(text + 1, "\n")] = '\0';
	/* Kept between newlines, so that one does not match within another. */
	strncat(text, "\n", sizeof(text) - strlen(text) - 1);
	if (strstr(buf_text(&w->seen), text))
		return;
	buf_str(&w->seen, text);
	w->news = true;
	text[strlen(text) - 1] = '\0';
	(void)module_load_alias(w->ix, text + 1);
}

/* Directories that hold no devices but are many. */
static bool is_dull(const char *name)
{
	static const char *const dull[] = { "power", "statistics", "queue", "queues", "trace",
					    "mq", "integrity", "holders", "slaves", "msi_irqs" };

	for (size_t i = 0; i < ARRAY_LEN(dull); i++) {
		if (!strcmp(name, dull[i]))
			return true;
	}
	return name[0] == '.';
}

static void walk_dir(struct walk *w, int fd, int depth)
{
	AUTO_CLOSEDIR DIR *dir = fdopendir(fd);
	const struct dirent *e;

	if (!dir) {
		(void)close(fd);
		return;
	}
	take_alias(w, fd);
	while (depth < DEPTH_MAX && (e = readdir(dir))) {
		int sub;

		if (e->d_type != DT_DIR || is_dull(e->d_name))
			continue;
		sub = openat(fd, e->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (sub >= 0)
			walk_dir(w, sub, depth + 1);
	}
}

void coldplug_devices(struct module_index *ix)
{
	struct walk w = { .ix = ix, .seen = BUF_WITH_LIMIT(SEEN_LIMIT), .news = true };

	for (int i = 0; w.news && i < ROUNDS_MAX; i++) {
		int fd = open(SYS_DEVICES, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		w.news = false;
		if (fd >= 0)
			walk_dir(&w, fd, 0);
	}
	buf_done(&w.seen);
}
