/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns the table of API file systems and the process's own settings. Knows nothing of disks.
 */
#include "init/early.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/journal.h"
#include "lib/scope.h"

#define HUGE_PAGES "/sys/kernel/mm/transparent_hugepage/enabled"
#define LARGE_FOLIOS "/sys/kernel/mm/transparent_hugepage/hugepages-16kB/enabled"
/* Bytes of memory below which there are none. */
#define HUGE_PAGES_MIN (2ull << 30)
#define VERSION_FILE "/usr/share/ros/version"
#define HOSTNAME_FILE "/usr/etc/hostname"
#define HOSTNAME_DEFAULT "rancher"
#define CGROUP "/sys/fs/cgroup"
#define MODULE_REQUEST "/usr/ros/bin/module-request"
#define NOFILE 1048576

#define SAFE (MS_NOSUID | MS_NODEV | MS_NOEXEC)

struct api_mount {
	const char *type, *target, *options;
	unsigned long flags;
	bool optional; /* an older or smaller kernel may lack it */
};

static const struct api_mount api_mounts[] = {
	{ "proc", "/proc", NULL, SAFE, false },
	{ "sysfs", "/sys", NULL, SAFE, false },
	{ "devtmpfs", "/dev", "mode=0755", MS_NOSUID, false },
	{ "devpts", "/dev/pts", "gid=5,mode=0620,ptmxmode=0666", MS_NOSUID | MS_NOEXEC, false },
	{ "tmpfs", "/dev/shm", "mode=1777", MS_NOSUID | MS_NODEV, false },
	{ "tmpfs", "/run", "mode=0755,size=25%", MS_NOSUID | MS_NODEV, false },
	{ "mqueue", "/dev/mqueue", NULL, SAFE, true },
	{ "cgroup2", "/sys/fs/cgroup", "nsdelegate,memory_recursiveprot", SAFE, false },
	{ "securityfs", "/sys/kernel/security", NULL, SAFE, true },
	{ "tracefs", "/sys/kernel/tracing", NULL, SAFE, true },
	{ "bpf", "/sys/fs/bpf", "mode=0700", SAFE, true },
	{ "pstore", "/sys/fs/pstore", NULL, SAFE, true },
};

static const struct {
	const char *target, *path;
} dev_links[] = {
	{ "/proc/self/fd", "/dev/fd" },
	{ "/proc/self/fd/0", "/dev/stdin" },
	{ "/proc/self/fd/1", "/dev/stdout" },
	{ "/proc/self/fd/2", "/dev/stderr" },
	{ "/proc/kcore", "/dev/core" },
};

static const struct {
	const char *path;
	mode_t mode;
} run_dirs[] = {
	{ "/run/ros", 0755 },
	{ "/run/ros/log", 0755 },
	{ "/run/lock", 01777 },
	/* Made early so that whoever waits for the power button can watch it. */
	{ "/dev/input", 0755 },
};

/* Whether something is mounted there already (by the kernel, or by who started us in a namespace).
 */
static bool is_mounted(const char *path)
{
	struct stat st, up;
	char parent[64];

	(void)snprintf(parent, sizeof(parent), "%s/..", path);
	return stat(path, &st) == 0 && stat(parent, &up) == 0 && st.st_dev != up.st_dev;
}

static int mount_row(const struct api_mount *m, struct error *err)
{
	(void)mkdir(m->target, 0755);
	if (is_mounted(m->target))
		return 0;
	if (mount(m->type, m->target, m->type, m->flags, m->options) == 0)
		return 0;
	/* cgroup2 in an older kernel, or in a namespace, refuses some options. */
	if (errno == EINVAL && mount(m->type, m->target, m->type, m->flags, NULL) == 0)
		return 0;
	if (errno == EBUSY || m->optional)
		return 0;
	return error_sys(err, errno, "mount %s on %s", m->type, m->target);
}

int early_mount(struct error *err)
{
	int ret = 0;

	for (size_t i = 0; i < ARRAY_LEN(api_mounts); i++) {
		struct error one = { 0 };

		if (mount_row(&api_mounts[i], &one) < 0 && ret == 0)
			ret = error_set(err, one.code, "%s", one.msg);
	}
	for (size_t i = 0; i < ARRAY_LEN(dev_links); i++)
		(void)!symlink(dev_links[i].target, dev_links[i].path);
	for (size_t i = 0; i < ARRAY_LEN(run_dirs); i++) {
		(void)mkdir(run_dirs[i].path, run_dirs[i].mode);
		(void)chmod(run_dirs[i].path, run_dirs[i].mode);
	}
	/* The kernel calls this for modules that it needs; ros-early answers in the initrd. */
	(void)mkdir("/sbin", 0755);
	if (access("/ros-early", X_OK) == 0)
		(void)!symlink("/ros-early", "/sbin/modprobe");
	return ret;
}

static void loopback_up(void)
{
	AUTO_CLOSE int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &ifr) < 0)
		journal_say(JOURNAL_WARNING, "init", "loopback interface: %s", strerror(errno));
}

/* A kernel may lack the file. */
static void tell_kernel(const char *path, const char *word)
{
	struct error err = { 0 };

	if (access(path, F_OK) == 0 &&
	    file_rewrite(FILE_ROOT, path, word, strlen(word), NULL, &err) < 0)
		journal_say(JOURNAL_WARNING, "init", "%s", err.msg);
}

/* Huge pages go to programs that ask for them. Given to all, they double what each of the dozen
 * small Go processes of two Dockers takes, and filling them costs more than it saves. Having any at
 * all makes the kernel keep some 70 MB free, which a small machine needs itself. */
static void huge_pages(void)
{
	struct sysinfo si = { 0 };
	const char *word = "madvise";

	if (sysinfo(&si) == 0 && (uint64_t)si.totalram * si.mem_unit < HUGE_PAGES_MIN)
		word = "never";
	tell_kernel(HUGE_PAGES, word);
	/* Four pages at a time cost next to no memory and save a quarter of a boot's faults. */
	tell_kernel(LARGE_FOLIOS, "always");
}

void early_process(void)
{
	struct rlimit rl = { NOFILE, NOFILE };
	int null = open("/dev/null", O_RDWR);

	for (int i = 0; null >= 0 && i <= 2; i++) {
		if (i != null)
			(void)dup2(null, i);
	}
	if (null > 2)
		(void)close(null);
	(void)umask(022);
	(void)!chdir("/");
	(void)setsid();
	if (setrlimit(RLIMIT_NOFILE, &rl) < 0)
		journal_say(JOURNAL_WARNING, "init", "limit of open files: %s", strerror(errno));
	/* Ctrl-Alt-Del arrives as SIGINT; refused inside of a PID namespace. */
	if (reboot(RB_DISABLE_CAD) == 0)
		huge_pages();
	loopback_up();
}

/* A certificate's dates cannot be checked by a clock that stands at 1970. */
static void clock_forward(void)
{
	struct stat st;
	struct timespec ts;

	if (stat(VERSION_FILE, &st) < 0 || time(NULL) >= st.st_mtime)
		return;
	ts = (struct timespec){ .tv_sec = st.st_mtime };
	if (clock_settime(CLOCK_REALTIME, &ts) < 0)
		journal_say(JOURNAL_WARNING, "init", "set the clock: %s", strerror(errno));
	else
		journal_say(JOURNAL_WARNING, "init",
			    "the clock was before the system's build date and was set to it");
}

static void set_hostname(void)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(256);
	const char *name = HOSTNAME_DEFAULT;
	size_t len;

	if (file_read(FILE_ROOT, HOSTNAME_FILE, &b, NULL) == 0 && b.len > 0)
		name = buf_text(&b);
	len = strcspn(name, " \t\r\n");
	if (len == 0 || sethostname(name, len) < 0)
		journal_say(JOURNAL_WARNING, "init", "host name: %s", strerror(errno));
}

static void enable_controllers(const char *dir)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(512);
	char path[128];
	const char *p;

	(void)snprintf(path, sizeof(path), "%s/cgroup.controllers", dir);
	if (file_read(FILE_ROOT, path, &b, NULL) < 0)
		return;
	(void)snprintf(path, sizeof(path), "%s/cgroup.subtree_control", dir);
	for (p = buf_text(&b); *(p += strspn(p, " \n"));) {
		AUTO_CLOSE int fd = open(path, O_WRONLY | O_CLOEXEC);
		char word[64];
		int len = (int)strcspn(p, " \n");

		(void)snprintf(word, sizeof(word), "+%.*s", len, p);
		if (fd < 0 || write(fd, word, strlen(word)) < 0)
			journal_say(JOURNAL_WARNING, "init", "cgroup controller %s in %s: %s", word,
				    dir, strerror(errno));
		p += len;
	}
}

static void make_cgroups(void)
{
	static const struct {
		const char *path;
		bool parent; /* containers get cgroups below it */
		const char *weight; /* cpu.weight, where it is not the usual 100 */
	} groups[] = {
		{ CGROUP, true, NULL },
		{ CGROUP "/system-docker", false, NULL },
		{ CGROUP "/system", true, NULL },
		/* What the owner waits for; its containers are elsewhere. */
		{ CGROUP "/user-docker", false, "1000" },
		{ CGROUP "/user", true, NULL },
	};
	char path[128];

	for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
		if (mkdir(groups[i].path, 0755) < 0 && errno != EEXIST)
			journal_say(JOURNAL_WARNING, "init", "%s: %s", groups[i].path,
				    strerror(errno));
		if (groups[i].parent)
			enable_controllers(groups[i].path);
		if (groups[i].weight) {
			(void)snprintf(path, sizeof(path), "%s/cpu.weight", groups[i].path);
			tell_kernel(path, groups[i].weight);
		}
	}
}

/* Of the system image: the kernel's first choice, /sbin/modprobe, is asked by it. */
static void answer_module_requests(void)
{
	if (access(MODULE_REQUEST, X_OK) == 0)
		tell_kernel("/proc/sys/kernel/modprobe", MODULE_REQUEST);
}

void early_image(void)
{
	answer_module_requests();
	clock_forward();
	set_hostname();
	make_cgroups();
}
