/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ros-early: what the initrd needs beside PID 1. Run as `modprobe` (which is how the kernel asks
 * for modules before the system image is there) it loads by name or alias.
 */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "init/early/coldplug.h"
#include "init/early/image.h"
#include "init/early/module.h"

#define COLDPLUG_NICE 5

static int coldplug(struct error *err)
{
	struct module_index ix;
	int r = module_open(&ix, "", err);

	/* Drivers that nobody waits for make way for the steps that found theirs. */
	(void)setpriority(PRIO_PROCESS, 0, COLDPLUG_NICE);
	if (r == 0)
		coldplug_run(&ix);
	module_close(&ix);
	return r;
}

/* modprobe [-q] [--] NAME */
static int modprobe(int argc, char **argv, struct error *err)
{
	struct module_index ix;
	int r = module_open(&ix, "", err);

	for (int i = 1; r == 0 && i < argc; i++) {
		if (argv[i][0] == '-')
			continue;
		module_load(&ix, argv[i]);
		(void)module_load_alias(&ix, argv[i]);
	}
	module_close(&ix);
	return r;
}

int main(int argc, char **argv)
{
	const char *base = strrchr(argv[0], '/');
	struct error err = { 0 };
	int r;

	if (!strcmp(base ? base + 1 : argv[0], "modprobe"))
		return modprobe(argc, argv, &err) < 0;
	if (argc == 2 && !strcmp(argv[1], "coldplug")) {
		r = coldplug(&err);
	} else if (argc == 2 && !strcmp(argv[1], "image")) {
		r = image_run(&err);
	} else {
		fprintf(stderr, "usage: ros-early coldplug|image\n");
		return 2;
	}
	if (r < 0)
		fprintf(stderr, "%s\n", err.msg);
	return r < 0;
}
