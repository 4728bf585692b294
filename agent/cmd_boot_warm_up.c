/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros boot warm-up`: has ready what the way to user Docker will want, while both processors are
 * not always busy: pages of programs that are about to run, modules that dockerd would load one by
 * one. Nothing needs it; a machine where it does nothing boots all the same, later.
 */
#include <errno.h>
#include <glob.h>
#include <string.h>
#include <sys/resource.h>

#include "agent/command.h"
#include "lib/file.h"
#include "lib/journal.h"
#include "lib/proc.h"

/* What is on the critical path has the processors first. */
#define NICE 10
#define MODPROBE_MS 20000

/* In the order in which they will be needed: a container's start, then dockerd's firewall. They are
 * patterns, for the folder of libraries has the processor's name. */
static const char *const programs[] = {
	"/usr/bin/containerd-shim-runc-v2",
	"/usr/bin/runc",
	"/usr/lib/*-linux-gnu/libsystemd.so.0",
	"/usr/lib/*-linux-gnu/libseccomp.so.2",
	"/usr/lib/*-linux-gnu/libcap.so.2",
	"/usr/lib/*-linux-gnu/libblake3.so.0",
	"/usr/lib/*-linux-gnu/libjson-c.so.5",
	"/usr/lib/*-linux-gnu/libm.so.6",
	"/usr/sbin/xtables-nft-multi",
	"/usr/lib/*-linux-gnu/libxtables.so.12",
	"/usr/lib/*-linux-gnu/libnftnl.so.11",
	"/usr/lib/*-linux-gnu/libmnl.so.0",
	"/usr/lib/*-linux-gnu/xtables/libxt_conntrack.so",
	"/usr/lib/*-linux-gnu/xtables/libxt_addrtype.so",
	"/usr/lib/*-linux-gnu/xtables/libxt_MASQUERADE.so",
};

/* What dockerd has the kernel load with its default network. */
static const char *const modprobe[] = {
	"modprobe",	"-a",	    "-q",	"-b",		"overlay",	"nft_compat",
	"nft_chain_nat", "xt_conntrack", "xt_addrtype", "xt_MASQUERADE", "xt_set", "bridge",
	"xfrm_user",	"veth",	    NULL
};

static void read_ahead(const char *pattern)
{
	glob_t found;

	if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			file_read_ahead(FILE_ROOT, found.gl_pathv[i]);
	}
	globfree(&found);
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	(void)env, (void)argc, (void)argv;
	if (setpriority(PRIO_PROCESS, 0, NICE) < 0)
		journal_say(JOURNAL_WARNING, "warm-up", "priority: %s", strerror(errno));
	for (size_t i = 0; i < ARRAY_LEN(programs); i++)
		read_ahead(programs[i]);
	return proc_run(modprobe, NULL, MODPROBE_MS, NULL, err) < 0 ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_boot_warm_up = {
	.name = "boot warm-up",
	.run = run,
};
