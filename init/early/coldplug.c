/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the walk over /sys/devices and the list of modules that no device asks for.
 */
#include "init/early/coldplug.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/scope.h"

#define SYS "/sys"
#define DEPTH_MAX 24
#define ALIAS_LEN 512
#define SEEN_LIMIT (512u << 10)
#define ROUNDS_MAX 6

/* More than this at a time would only wait for one another. */
#define WORKERS_MAX 8

/* What the way to the state disk leads through. The rest is asked for by the kernel itself, through
 * /sbin/modprobe. */
static const char *const fixed[] = { "overlay" };

/* Devices below a bus turn up some time after its driver; nobody is there to load theirs then. */
static const struct {
	const char *bus;
	const char *drivers[3];
} followers[] = {
	{ "scsi_mod", { "sd_mod", "sr_mod" } },
	{ "usbcore", { "usb_storage", "uas", "usbhid" } },
	{ "mmc_core", { "mmc_block" } },
	{ "hid", { "hid_generic" } },
};

struct walk {
	struct module_index *ix;
	int sys; /* held open: init moves /sys to the new root while we run */
	struct buf seen; /* modaliases, a line each: many devices share one */
	bool news;
	int n_workers;
};

static void end_worker(struct walk *w)
{
	if (wait(NULL) > 0)
		w->n_workers--;
	else
		w->n_workers = 0;
}

static void count(void *arg, const char *name)
{
	(void)name;
	++*(unsigned *)arg;
}

/* In a process of its own: loading takes as long as the driver takes to find its hardware. The
 * kernel lets two that load the same module wait for the one. */
static void load_aside(struct walk *w, const char *modalias)
{
	unsigned n = 0;
	pid_t pid;

	if (module_match(buf_text(&w->ix->alias), modalias, count, &n) == 0)
		return;
	w->news = true;
	if (w->n_workers == WORKERS_MAX)
		end_worker(w);
	pid = fork();
	if (pid > 0)
		w->n_workers++;
	if (pid != 0 && pid != -1)
		return;
	(void)module_load_alias(w->ix, modalias);
	if (pid == 0)
		_exit(0);
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
	text[strlen(text) - 1] = '\0';
	load_aside(w, text + 1);
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

static bool is_loaded(const struct walk *w, const char *name)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "module/%s", name);
	return faccessat(w->sys, path, F_OK, 0) == 0;
}

static void load_followers(struct walk *w)
{
	for (size_t i = 0; i < ARRAY_LEN(followers); i++) {
		if (!is_loaded(w, followers[i].bus))
			continue;
		for (size_t k = 0; k < ARRAY_LEN(followers[i].drivers) && followers[i].drivers[k];
		     k++)
			module_load(w->ix, followers[i].drivers[k]);
	}
}

void coldplug_run(struct module_index *ix)
{
	AUTO_CLOSE int sys = open(SYS, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct walk w = { .ix = ix, .sys = sys, .seen = BUF_WITH_LIMIT(SEEN_LIMIT), .news = true };

	for (int i = 0; w.news && i < ROUNDS_MAX; i++) {
		int fd = openat(sys, "devices", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		w.news = false;
		if (fd >= 0)
			walk_dir(&w, fd, 0);
		/* Drivers that are loaded by now may have brought forth devices for the next round.
		 */
		if (i == 0) {
			for (size_t k = 0; k < ARRAY_LEN(fixed); k++)
				module_load(ix, fixed[k]);
		}
		while (w.n_workers > 0)
			end_worker(&w);
		/* Not before: a driver whose bus is still being loaded fails. */
		load_followers(&w);
	}
	load_followers(&w);
	buf_done(&w.seen);
}
