/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `ros boot warm-up`: has ready what the way to user Docker will want, in the moments in which a
 * processor has nothing to do: pages of programs that are about to run, modules that dockerd would
 * load one by one. Nothing needs it; a machine where it does nothing boots all the same, later.
 *
 * Two large programs are not read but run, to the end of what they do before they look at their
 * arguments: that touches the pages that a start needs, and no others.
 */
#include <errno.h>
#include <glob.h>
#include <sched.h>
#include <string.h>
#include <sys/resource.h>

#include "agent/command.h"
#include "lib/file.h"
#include "lib/journal.h"
#include "lib/proc.h"

/* For who holds a lock of the kernel's, while it loads a module: it must come to its end. */
#define NICE 10
#define RUN_MS 15000

/* In the order in which they will be needed: a container's start, then dockerd's firewall. They are
 * patterns, for the folder of libraries has the processor's name. */
static const char *const programs[] = {
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

static const char *const shim[] = { "/usr/bin/containerd-shim-runc-v2", "-v", NULL };
/* Whoever waits for user Docker will run this. */
static const char *const docker[] = { "/usr/bin/docker", "--version", NULL };

static void read_ahead(const char *pattern)
{
	glob_t found;

	if (glob(pattern, GLOB_NOSORT, NULL, &found) == 0) {
		for (size_t i = 0; i < found.gl_pathc; i++)
			file_read_ahead(FILE_ROOT, found.gl_pathv[i]);
	}
	globfree(&found);
}

/* As SCHED_IDLE it makes way at once for whoever has something to do. */
static void policy(int which)
{
	const struct sched_param none = { 0 };

	if (sched_setscheduler(0, which, &none) < 0 || setpriority(PRIO_PROCESS, 0, NICE) < 0)
		journal_say(JOURNAL_WARNING, "warm-up", "priority: %s", strerror(errno));
}

static void rehearse(const char *const *argv)
{
	/* What is wrong with a program is told by who runs it in earnest. */
	(void)!proc_run(argv, NULL, RUN_MS, NULL, NULL);
}

static int run(const struct env *env, int argc, char **argv, struct error *err)
{
	int r;

	(void)env, (void)argc, (void)argv;
	policy(SCHED_IDLE);
	rehearse(shim);
	for (size_t i = 0; i < ARRAY_LEN(programs); i++)
		read_ahead(programs[i]);
	policy(SCHED_OTHER);
	r = proc_run(modprobe, NULL, RUN_MS, NULL, err);
	policy(SCHED_IDLE);
	rehearse(docker);
	return r < 0 ? COMMAND_FAILED : COMMAND_OK;
}

const struct command command_boot_warm_up = {
	.name = "boot warm-up",
	.run = run,
};
