/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/command.h"
#include "agent/config/validate.h"
#include "installer/install.h"
#include "installer/kind.h"
#include "lib/crypto/sha256.h"
#include "lib/disk/mkfs.h"
#include "lib/disk/mtools.h"
#include "lib/disk/probe.h"
#include "lib/disk/table.h"
#include "lib/disk/usage.h"
#include "lib/file.h"
#include "lib/proc.h"
#include "tests/unit/put.h"
#include "tests/unit/scratch.h"

extern const struct command command_install;

#define MIB (1ull << 20)
#define DISK (320 * MIB)
#define ZEROS64 "0000000000000000000000000000000000000000000000000000000000000000"
#define GOOD "#cloud-config\nhostname: x\n"

/* A machine below a root: a disk, a live medium, and the kernel's lists. */
struct machine {
	struct scratch dir;
	int root;
};

static void put(const struct machine *m, const char *path, const void *data, size_t len)
{
	put_file(m->root, path, data, len, 0644);
}

static void put_text(const struct machine *m, const char *path, const char *text)
{
	put(m, path, text, strlen(text));
}

static void on_host(const struct machine *m, const char *path, char *out, size_t size)
{
	(void)snprintf(out, size, "%s%s", m->dir.path, path);
}

static void disk_of(const struct machine *m, uint64_t size)
{
	char path[160];
	int fd;

	put_text(m, "/dev/vda", "");
	on_host(m, "/dev/vda", path, sizeof(path));
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	(void)close(fd);
}

static void write_at(const struct machine *m, const char *name, uint64_t at, const void *data,
		     size_t len)
{
	char path[160];
	int fd;

	on_host(m, name, path, sizeof(path));
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pwrite(fd, data, len, (off_t)at), (ssize_t)len);
	(void)close(fd);
}

static void medium_of(const struct machine *m)
{
	static char kernel[4096], initrd[4096] = "070701", system[65536] = "hsqs";

	memcpy(kernel + 0x202, "HdrS", 4);
	system[28] = 4;                           /* version 4.0 */
	system[40 + 2] = 1;                       /* it has 64 KiB */
	put(m, "/boot/boot/vmlinuz", kernel, sizeof(kernel));
	put(m, "/boot/boot/initrd", initrd, sizeof(initrd));
	put(m, "/boot/ocicat/system.img", system, sizeof(system));
}

static struct machine machine_make(void)
{
	struct machine m = { .dir = scratch_make(), .root = -1 };
	struct error err = { 0 };

	assert_ok(file_root_open(m.dir.path, &m.root, &err), &err);
	disk_of(&m, DISK);
	medium_of(&m);
	put_text(&m, "/good.yml", GOOD);
	return m;
}

static void machine_done(struct machine *m)
{
	(void)close(m->root);
	scratch_done(&m->dir);
}

/* "ROOT" in a word is the machine's folder. The command may permute argv. */
static int install(const struct machine *m, const char *const *words, struct error *err)
{
	struct env env = { .root = m->root, .rootdir = m->dir.path };
	static char text[40][4096];
	static char name[] = "install";
	char *argv[42] = { name };
	int argc = 1, out, null, r;

	for (; words[argc - 1]; argc++) {
		const char *root = strstr(words[argc - 1], "ROOT");

		if (root)
			(void)snprintf(text[argc], sizeof(text[0]), "%s%s", m->dir.path, root + 4);
		else
			(void)snprintf(text[argc], sizeof(text[0]), "%s", words[argc - 1]);
		argv[argc] = text[argc];
	}
	(void)fflush(stdout);
	out = dup(STDOUT_FILENO);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	(void)dup2(null, STDOUT_FILENO);
	(void)dup2(null, STDIN_FILENO);
	r = command_install.run(&env, argc, argv, err);
	(void)fflush(stdout);
	(void)dup2(out, STDOUT_FILENO);
	(void)close(out);
	(void)close(null);
	return r;
}

#define INSTALL(m, err, ...) install(m, (const char *const[]){ __VA_ARGS__, NULL }, err)

static struct probe_disk probe(const struct machine *m)
{
	struct error err = { 0 };
	struct probe_disk p;
	int fd;

	assert_ok(file_open(m->root, "/dev/vda", O_RDONLY, 0, &fd, &err), &err);
	assert_ok(probe_disk(fd, "vda", &p, &err), &err);
	(void)close(fd);
	return p;
}

/* --- what is refused --- */

static void with_table(const struct machine *m, enum table_kind kind)
{
	struct table_part part = { .name = "data", .use = TABLE_LINUX, .start = MIB,
				   .size = 16 * MIB };
	struct error err = { 0 };
	char path[160];

	on_host(m, "/dev/vda", path, sizeof(path));
	assert_ok(table_write(path, kind, &part, 1, &err), &err);
}

static void with_gpt(const struct machine *m)
{
	with_table(m, TABLE_GPT);
}

static void with_msdos(const struct machine *m)
{
	with_table(m, TABLE_MSDOS);
}

static void with_command(const struct machine *m, const char *const *argv)
{
	struct error err = { 0 };
	const char *words[10];
	char path[160];
	size_t n = 0;

	on_host(m, "/dev/vda", path, sizeof(path));
	while (argv[n]) {
		words[n] = argv[n];
		n++;
	}
	words[n++] = path;
	words[n] = NULL;
	assert_ok(proc_run(words, NULL, 60000, NULL, &err), &err);
}

#define WITH(name, ...)                                                       \
	static void name(const struct machine *m)                             \
	{                                                                     \
		with_command(m, (const char *const[]){ __VA_ARGS__, NULL });  \
	}

WITH(with_ext4, "mkfs.ext4", "-q", "-F", "-L", "precious")
WITH(with_fat, "mkfs.vfat", "-n", "PHOTOS")
WITH(with_swap, "mkswap")

static void with_luks(const struct machine *m)
{
	static const char head[8] = "LUKS\xba\xbe\0\1";

	write_at(m, "/dev/vda", 0, head, sizeof(head));
}

static void raid_at(const struct machine *m, uint64_t start)
{
	/* md, format 1.2: at 4 KiB. */
	static unsigned char sb[256] = { 0xfc, 0x4e, 0x2b, 0xa9, 1 };

	sb[128] = 8; /* it stands at sector 8 */
	sb[144 - 8] = 8;
	sb[144] = 8;
	write_at(m, "/dev/vda", start + 4096, sb, sizeof(sb));
}

static void with_raid(const struct machine *m)
{
	raid_at(m, 0);
}

static void with_unknown(const struct machine *m)
{
	write_at(m, "/dev/vda", 70000, "something", 9);
}

static void with_late_data(const struct machine *m)
{
	write_at(m, "/dev/vda", MIB - 4, "tail", 4);
}

static void mounts(const struct machine *m, const char *device, const char *where)
{
	char line[256];

	(void)snprintf(line, sizeof(line),
		       "22 1 0:5 / / rw - tmpfs root rw\n"
		       "36 22 254:1 / %s rw shared:1 - ext4 %s rw\n",
		       where, device);
	put_text(m, "/proc/self/mountinfo", line);
}

static void with_mounted_disk(const struct machine *m)
{
	mounts(m, "/dev/vda", "/mnt/data");
}

static void with_mounted_part(const struct machine *m)
{
	mounts(m, "/dev/vda3", "/state");
}

static void with_swap_on(const struct machine *m)
{
	put_text(m, "/proc/swaps",
		 "Filename\tType\tSize\tUsed\tPriority\n/dev/vda2   partition\t1\t0\t-2\n");
}

static void with_holder(const struct machine *m)
{
	put_text(m, "/sys/class/block/vda/holders/md0", "");
}

static void with_part_holder(const struct machine *m)
{
	put_text(m, "/sys/class/block/vda1/holders/dm-0", "");
}

static void with_loop(const struct machine *m)
{
	put_text(m, "/sys/class/block/loop0/loop/backing_file", "/dev/vda\n");
}

static void with_read_only(const struct machine *m)
{
	put_text(m, "/sys/class/block/vda/ro", "1\n");
}

static void with_partition(const struct machine *m)
{
	put_text(m, "/sys/class/block/vda/partition", "1\n");
}

static void with_small(const struct machine *m)
{
	disk_of(m, 100 * MIB);
}

static void with_nothing(const struct machine *m)
{
	disk_of(m, 0);
}

static void with_huge(const struct machine *m)
{
	disk_of(m, 3ull << 40);
}

static void with_folder(const struct machine *m)
{
	put_text(m, "/dev/dir/x", "");
}

static void with_script(const struct machine *m)
{
	put_text(m, "/bad.yml", "#!/bin/sh\necho\n");
}

static void with_page(const struct machine *m)
{
	put_text(m, "/bad.yml", "<html><title>404</title></html>\n");
}

static void with_empty(const struct machine *m)
{
	put_text(m, "/bad.yml", "");
}

static void with_no_yaml(const struct machine *m)
{
	put_text(m, "/bad.yml", "#cloud-config\nhostname: [\n");
}

static void with_wrong_type(const struct machine *m)
{
	put_text(m, "/bad.yml", "#cloud-config\nhostname: x\nssh_authorized_keys: {a: b}\n");
}

static void with_no_kernel(const struct machine *m)
{
	put_text(m, "/boot/boot/vmlinuz", "MZ");
}

static void with_no_initrd(const struct machine *m)
{
	put_text(m, "/boot/boot/initrd", "nonsense");
}

static void with_no_system(const struct machine *m)
{
	put_text(m, "/boot/ocicat/system.img", "nonsense");
}

static void with_wrong_manifest(const struct machine *m)
{
	put_text(m, "/boot/ocicat/manifest.json",
		 "{\"version\":\"v9\",\"files\":{\"kernel\":{\"size\":1,\"sha256\":\"0\"}}}");
}

static void with_bad_manifest(const struct machine *m)
{
	put_text(m, "/boot/ocicat/manifest.json", "{");
}

static void with_empty_folder(const struct machine *m)
{
	put_text(m, "/media/readme", "");
}

#define INSTALLS(m, err, ...)                                  \
	do {                                                    \
		if (INSTALL(m, err, __VA_ARGS__) != COMMAND_OK) \
			fail_msg("%s", (err)->msg);             \
	} while (0)

#define ON "-d", "/dev/vda"

static void with_installed(const struct machine *m)
{
	struct error err = { 0 };

	INSTALLS(m, &err, ON, "-f");
}

/* A request of debugfs to the state of an installed disk. */
static void on_state(const struct machine *m, const char *request, struct buf *out)
{
	const struct probe_disk p = probe(m);
	const char *argv[] = { "debugfs", "-w", "-R", request, NULL, NULL };
	struct error err = { 0 };
	char device[200];

	(void)snprintf(device, sizeof(device), "%s/dev/vda?offset=%llu", m->dir.path,
		       (unsigned long long)p.parts[1].start);
	argv[4] = device;
	assert_ok(proc_run(argv, NULL, 60000, out, &err), &err);
}

/* It was not unmounted: what is in its journal is still to be written. */
static void with_pending_state(const struct machine *m)
{
	with_installed(m);
	on_state(m, "feature needs_recovery", NULL);
}

static void with_link(const struct machine *m)
{
	assert_int_equal(symlinkat("vda", m->root, "dev/the-same"), 0);
}

static void put_mark(const struct machine *m)
{
	write_at(m, "/dev/vda", INSTALL_MARK_AT, INSTALL_MARK, strlen(INSTALL_MARK));
}

/* A mark that was left over, and a partition that may be in use without a trace. */
static void with_marked_luks(const struct machine *m)
{
	static const char head[8] = "LUKS\xba\xbe\0\1";

	with_gpt(m);
	write_at(m, "/dev/vda", MIB, head, sizeof(head));
	put_mark(m);
}

static void with_marked_raid(const struct machine *m)
{
	with_gpt(m);
	raid_at(m, MIB);
	put_mark(m);
}

/* mdadm and LVM leave what stands between their heads and their first MiB. */
static void with_marked_member(const struct machine *m)
{
	raid_at(m, 0);
	put_mark(m);
}

/* Somebody's own file system in somebody's own table, never mounted. */
static void with_marked_own(const struct machine *m)
{
	struct mkfs_place at = { .start = MIB, .size = 16 * MIB, .sector = 512 };
	struct error err = { 0 };
	char path[160];

	with_gpt(m);
	on_host(m, "/dev/vda", path, sizeof(path));
	at.path = path;
	assert_ok(mkfs_ext4(&at, "precious", &err), &err);
	put_mark(m);
}

static const struct refusal {
	void (*with)(const struct machine *m);
	const char *words[9];
	const char *says;
} refusals[] = {
	{ NULL, { NULL }, "which disk?" },
	{ NULL, { ON, "--nonsense" }, "--nonsense is no option" },
	{ NULL, { ON, "word" }, "word: no argument is wanted" },
	{ NULL, { "-d" }, "lacks its argument" },
	{ NULL, { ON, "-t", "floppy" }, "--install-type floppy: there is generic" },
	{ NULL, { ON, "-t", "upgrade" }, "noformat puts this version" },
	{ NULL, { ON, "-t", "rancher-upgrade" }, "noformat puts this version" },
	{ NULL, { ON, "-t", "arm" }, "amd64" },
	{ NULL, { ON, "-t", "raid" }, "needs a second disk" },
	{ NULL, { ON, "--mirror", "/dev/vdb" }, "--mirror goes with raid only" },
	{ NULL, { ON, "-t", "raid", "--mirror", "/dev/vda" }, "is the same disk" },
	{ with_link, { ON, "-t", "raid", "--mirror", "/dev/the-same" }, "is the same disk" },
	{ with_installed,
	  { ON, "-f", "-t", "noformat", "-p", "/dev/sdz2" },
	  "has no ext4 partition /dev/sdz2" },
	{ with_pending_state,
	  { ON, "-f", "-t", "noformat", "-c", "ROOT/good.yml" },
	  "partition 2 was not unmounted" },
	{ with_gpt, { ON, "-f", "-t", "noformat" }, "has no FAT partition RANCHER_BOOT" },
	{ with_ext4, { ON, "-f", "-t", "noformat" }, "has no FAT partition RANCHER_BOOT" },
	{ NULL, { ON, "-t", "amazon-ebs-pv" }, "use amazon-ebs-hvm" },
	{ NULL, { ON, "-p", "/dev/vda1" }, "--partition goes with" },
	{ NULL, { ON, "--statedir", "x" }, "--statedir goes with" },
	{ NULL, { ON, "-t", "noformat", "--statedir", "../x" }, "is no plain path" },
	{ NULL, { ON, "-t", "noformat", "--statedir", "a/./x" }, "is no plain path" },
	{ NULL, { ON, "-t", "noformat", "--statedir", "a[x" }, "is no plain path" },
	{ NULL, { ON, "-t", "bootstrap", "-c", "ROOT/good.yml" }, "takes none" },
	{ NULL, { ON, "-f", "--save" }, "the images of which services?" },
	{ NULL, { ON, "-f", "-r", "v1.0.0" }, "this installs" },
	{ NULL, { ON, "-f", "--key-file", "ROOT/none.key" }, "none.key" },
	{ NULL, { ON, "-f", "--key-file", "LABEL=NOWHERE:/state.key" }, "no device LABEL=NOWHERE" },
	{ NULL, { ON, "-f", "-t", "noformat", "--key-file", "ROOT/good.yml" }, "is there already" },
	{ NULL, { "-d", "/dev/vdz", "-f" }, "there is no disk /dev/vdz" },
	{ with_folder, { "-d", "/dev/dir", "-f" }, "is no disk" },
	{ with_partition, { ON, "-f" }, "is a partition" },
	{ with_mounted_disk, { ON, "-f" }, "in use: mounted on /mnt/data" },
	{ with_mounted_part, { ON, "-f" }, "in use: mounted on /state" },
	{ with_swap_on, { ON, "-f" }, "in use: swap on /dev/vda2" },
	{ with_holder, { ON, "-f" }, "in use: part of md0" },
	{ with_part_holder, { ON, "-f" }, "in use: part of dm-0" },
	{ with_loop, { ON, "-f" }, "in use: attached to loop0" },
	{ with_read_only, { ON, "-f" }, "is read-only" },
	{ with_small, { ON, "-f" }, "too small: it has 100 MiB" },
	{ with_nothing, { ON, "-f" }, "too small: it has 0 MiB" },
	{ with_huge, { ON, "-f", "-t", "msdos" }, "too large for an msdos table" },
	{ with_gpt, { ON }, "holds a gpt table with 1 partition" },
	{ with_msdos, { ON }, "holds a dos table with 1 partition" },
	{ with_ext4, { ON }, "holds ext4 precious" },
	{ with_fat, { ON }, "holds vfat PHOTOS" },
	{ with_swap, { ON }, "holds swap" },
	{ with_luks, { ON }, "holds " },
	{ with_raid, { ON }, "holds " },
	{ with_marked_luks, { ON }, "holds a gpt table with 1 partition: crypto_LUKS" },
	{ with_marked_raid, { ON }, "holds a gpt table with 1 partition: linux_raid_member" },
	{ with_marked_member, { ON }, "holds linux_raid_member" },
	{ with_marked_own, { ON }, "holds a gpt table with 1 partition: ext4 precious" },
	{ with_unknown, { ON }, "holds data of an unknown kind" },
	{ with_late_data, { ON }, "holds data of an unknown kind" },
	{ NULL, { ON }, "nothing was written" },
	{ NULL, { ON, "-f", "-a", "a\nb" }, "more than one line" },
	{ NULL, { ON, "-f", "-a", "\"unclosed" }, "is not closed" },
	{ NULL, { ON, "-f", "-a", "x=it's" }, "is not closed" },
	{ NULL, { ON, "-f", "-a", "x=[1,2" }, "is not closed" },
	{ NULL, { ON, "-f", "-a", "quiet rancher.debug=maybe" }, "--append has mistakes" },
	{ NULL, { ON, "-f", "-a", "LONG" }, "the kernel takes 2048" },
	{ NULL, { ON, "-f", "-c", "ROOT/none.yml" }, "none.yml: No such file" },
	{ with_empty, { ON, "-f", "-c", "ROOT/bad.yml" }, "is empty" },
	{ with_script, { ON, "-f", "-c", "ROOT/bad.yml" }, "is no cloud-config" },
	{ with_page, { ON, "-f", "-c", "ROOT/bad.yml" }, "--cloud-config" },
	{ with_no_yaml, { ON, "-f", "-c", "ROOT/bad.yml" }, "bad.yml" },
	{ with_wrong_type, { ON, "-f", "-c", "ROOT/bad.yml" }, "has mistakes" },
	{ NULL, { ON, "-f", "-c", "URL/none" }, "the server answers 404" },
	{ NULL, { ON, "-f", "-c", "http://127.0.0.1:1/x" }, "--cloud-config" },
	{ with_no_kernel, { ON, "-f" }, "vmlinuz is no kernel" },
	{ with_no_initrd, { ON, "-f" }, "initrd is no initrd" },
	{ with_no_system, { ON, "-f" }, "system.img is no system image" },
	{ with_wrong_manifest, { ON, "-f" }, "is not what manifest.json says" },
	{ with_bad_manifest, { ON, "-f" }, "manifest.json" },
	{ NULL, { ON, "-f", "-i", "ROOT/nowhere" }, "--image" },
	{ with_empty_folder, { ON, "-f", "-i", "ROOT/media" }, "no kernel in" },
};

/* A disk's size, and every byte of it that is not zero, with its place. Holes, which are most of
 * it, are passed over: what fills one shows in the number of blocks. */
static void fingerprint(const struct machine *m, const char *device, char text[SHA256_TEXT])
{
	AUTO(sha256_free) struct sha256 *h = NULL;
	static const char zero[4096];
	char path[160], page[sizeof(zero)];
	struct error err = { 0 };
	AUTO_CLOSE int fd = -1;
	struct stat st;
	ssize_t n;

	on_host(m, device, path, sizeof(path));
	fd = open(path, O_RDONLY | O_CLOEXEC);
	/* Blocks are given out when they are written back, some more then. */
	assert_int_equal(fsync(fd), 0);
	assert_int_equal(fstat(fd, &st), 0);
	assert_ok(sha256_new(&h, &err), &err);
	sha256_add(h, &st.st_size, sizeof(st.st_size));
	sha256_add(h, &st.st_blocks, sizeof(st.st_blocks));
	for (off_t at = 0; (at = lseek(fd, at, SEEK_DATA)) >= 0; at += n) {
		n = pread(fd, page, sizeof(page), at);
		assert_true(n > 0);
		if (!memcmp(page, zero, (size_t)n))
			continue;
		sha256_add(h, &at, sizeof(at));
		sha256_add(h, page, (size_t)n);
	}
	assert_ok(sha256_text(h, text, &err), &err);
}

static void refuse_one(const struct refusal *r, const char *url)
{
	static char longer[2500];
	struct machine m = machine_make();
	const char *words[ARRAY_LEN(r->words) + 1] = { NULL };
	char full[200], before[SHA256_TEXT], now[SHA256_TEXT];
	struct error err = { 0 };

	memset(longer, 'x', sizeof(longer) - 1);
	if (r->with)
		r->with(&m);
	for (size_t i = 0; i < ARRAY_LEN(r->words) && r->words[i]; i++) {
		words[i] = !strcmp(r->words[i], "LONG") ? longer : r->words[i];
		if (!strncmp(words[i], "URL", 3)) {
			(void)snprintf(full, sizeof(full), "%s%s", url, words[i] + 3);
			words[i] = full;
		}
	}
	fingerprint(&m, "/dev/vda", before);
	assert_int_not_equal(install(&m, words, &err), COMMAND_OK);
	if (!strstr(err.msg, r->says) || strchr(err.msg, '\n'))
		fail_msg("\"%s\" is not in: %s", r->says, err.msg);
	fingerprint(&m, "/dev/vda", now);
	if (strcmp(now, before) != 0)
		fail_msg("%s: the disk was written to", r->says);
	machine_done(&m);
}

/* A web server that finds nothing, in a process of its own. */
static pid_t serve_nothing(unsigned *ret_port)
{
	static const char reply[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n"
				    "Connection: close\r\n\r\nnope\n";
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	pid_t pid;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(fd, 8), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	*ret_port = ntohs(at.sin_port);
	pid = fork();
	/* A test that fails does not come to its end. */
	if (pid == 0)
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	while (pid == 0) {
		char request[2048];
		int c = accept(fd, NULL, NULL);

		if (c < 0)
			_exit(0);
		(void)!read(c, request, sizeof(request));
		(void)!write(c, reply, sizeof(reply) - 1);
		(void)close(c);
	}
	(void)close(fd);
	return pid;
}

static void test_refusals(void **state)
{
	unsigned port;
	pid_t web = serve_nothing(&port);
	char url[100];

	(void)state;
	(void)snprintf(url, sizeof(url), "http://127.0.0.1:%u", port);
	assert_true(ARRAY_LEN(refusals) >= 40);
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
		refuse_one(&refusals[i], url);
	(void)kill(web, SIGKILL);
	(void)waitpid(web, NULL, 0);
}

/* --- what is done --- */

static void assert_installed(const struct machine *m, const char *table)
{
	struct probe_disk p = probe(m);

	assert_string_equal(p.table, table);
	assert_int_equal(p.n, 2);
	assert_string_equal(p.parts[0].fs.type, "vfat");
	assert_string_equal(p.parts[0].fs.label, "RANCHER_BOOT");
	assert_string_equal(p.parts[1].fs.type, "ext4");
	assert_string_equal(p.parts[1].fs.label, "RANCHER_STATE");
	assert_int_equal(p.parts[0].start, MIB);
	assert_int_equal(p.parts[0].fs.size, p.whole.size / 4);
	assert_int_equal(p.parts[1].start, MIB + p.parts[0].fs.size);
}

/* A text file of the boot partition. */
static void boot_file(const struct machine *m, const char *name, struct buf *out)
{
	char path[200], inside[200];
	const char *argv[] = { "mtype", "-i", path, inside, NULL };
	struct error err = { 0 };

	(void)snprintf(path, sizeof(path), "%s/dev/vda@@1M", m->dir.path);
	(void)snprintf(inside, sizeof(inside), "::%s", name);
	buf_reset(out);
	assert_ok(proc_run(argv, NULL, 60000, out, &err), &err);
}

static void boot_file_has(const struct machine *m, const char *name, const char *what)
{
	AUTO_BUF struct buf text = { 0 };

	boot_file(m, name, &text);
	if (!strstr(buf_text(&text), what))
		fail_msg("%s: no \"%s\" in: %s", name, what, buf_text(&text));
}

static void boot_file_lacks(const struct machine *m, const char *name, const char *what)
{
	AUTO_BUF struct buf text = { 0 };

	boot_file(m, name, &text);
	if (strstr(buf_text(&text), what))
		fail_msg("%s: \"%s\" is in: %s", name, what, buf_text(&text));
}

static void test_installs(void **state)
{
	static const struct {
		const char *type, *table;
		bool uefi;
	} rows[] = { { "generic", "gpt", true },
		     { "gptsyslinux", "gpt", false },
		     { "msdos", "dos", false },
		     { "googlecompute", "gpt", true } };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct machine m = machine_make();
		AUTO_BUF struct buf text = { 0 };
		struct error err = { 0 };
		char code[4] = "";
		int fd;

		INSTALLS(&m, &err, ON, "-f", "-t", rows[i].type, "-c",
					 "ROOT/good.yml", "-a", "my.word=1");
		assert_installed(&m, rows[i].table);
		boot_file(&m, "/global.cfg", &text);
		assert_non_null(strstr(buf_text(&text), "rancher.state.dev=LABEL=RANCHER_STATE "));
		assert_non_null(strstr(buf_text(&text), " my.word=1\n"));
		boot_file(&m, "/append", &text);
		assert_string_equal(buf_text(&text), "my.word=1");
		boot_file(&m, "/linux-current.cfg", &text);
		assert_non_null(strstr(buf_text(&text), "LINUX /ocicat/slots/"));
		if (rows[i].uefi)
			boot_file(&m, "/loader/entries/ocicat-current.conf", &text);
		/* BIOS runs what stands there. */
		assert_ok(file_open(m.root, "/dev/vda", O_RDONLY, 0, &fd, &err), &err);
		assert_int_equal(pread(fd, code, 4, 0), 4);
		assert_true(code[0] != 0);
		(void)close(fd);
		machine_done(&m);
	}
}

/* As after images were put on the new state. */
static int forget_mounts(const struct machine *m, struct error *err)
{
	const struct probe_disk p = probe(m);
	struct mkfs_place at = { .start = p.parts[1].start, .size = p.parts[1].fs.size };
	char path[160];

	on_host(m, "/dev/vda", path, sizeof(path));
	at.path = path;
	return mkfs_ext4_unused(&at, err);
}

/* What a run that was cut leaves is no reason to refuse the next one; a disk that was used since
 * is. */
static void test_resumes(void **state)
{
	struct machine m = machine_make();
	struct error err = { 0 };

	(void)state;
	with_unknown(&m);
	put_mark(&m);
	INSTALLS(&m, &err, ON, "--dry-run");
	INSTALLS(&m, &err, ON, "-f");
	assert_installed(&m, "gpt");
	/* The mark is gone: a third run is refused. */
	if (INSTALL(&m, &err, ON, "--dry-run") != COMMAND_FAILED)
		fail_msg("%s", err.msg);
	/* Cut after the table was written: */
	put_mark(&m);
	INSTALLS(&m, &err, ON, "--dry-run");
	/* And then it was booted from all the same. */
	on_state(&m, "set_super_value mtime now", NULL);
	error_reset(&err);
	assert_int_equal(INSTALL(&m, &err, ON, "--dry-run"), COMMAND_FAILED);
	assert_non_null(strstr(err.msg, "holds a gpt table"));
	/* What the installer itself mounted is not in use for that. */
	error_reset(&err);
	assert_ok(forget_mounts(&m, &err), &err);
	INSTALLS(&m, &err, ON, "--dry-run");
	machine_done(&m);
}

/* Onto partitions that are there: what else is on them stays. */
static void test_noformat(void **state)
{
	struct machine m = machine_make();
	AUTO_BUF struct buf text = { 0 };
	struct error err = { 0 };
	struct probe_disk before, after;

	(void)state;
	INSTALLS(&m, &err, ON, "-f");
	before = probe(&m);
	put_text(&m, "/boot/boot/initrd", "070701 another version of it");
	if (INSTALL(&m, &err, ON, "-f", "-t", "noformat", "-p", "/dev/vda1") != COMMAND_FAILED)
		fail_msg("the boot partition is taken for a state");
	INSTALLS(&m, &err, ON, "-f", "-t", "noformat", "--statedir", "ros1", "-c", "ROOT/good.yml");
	after = probe(&m);
	assert_string_equal(after.whole.partuuid, before.whole.partuuid);
	for (int i = 0; i < 2; i++)
		assert_string_equal(after.parts[i].fs.uuid, before.parts[i].fs.uuid);
	boot_file(&m, "/global.cfg", &text);
	assert_non_null(strstr(buf_text(&text), " rancher.state.directory=ros1 "));
	assert_non_null(strstr(buf_text(&text), " rancher.state.dev=LABEL=RANCHER_STATE "));
	/* Where nothing is written into the state, its journal does not matter. */
	on_state(&m, "feature needs_recovery", NULL);
	INSTALLS(&m, &err, ON, "-f", "-t", "noformat");
	machine_done(&m);
}

static void assert_state_whole(const struct machine *m);

/* However the slashes are set, it is one directory: for the configuration and for the machine. */
static void test_state_directories(void **state)
{
	static const struct {
		const char *said, *line, *config;
	} rows[] = {
		{ "rel/", " rancher.state.directory=rel ", "/rel" INSTALL_USER_CONFIG },
		{ "/abs", " rancher.state.directory=abs ", "/abs" INSTALL_USER_CONFIG },
		{ "//two///deep//", " rancher.state.directory=two/deep ",
		  "/two/deep" INSTALL_USER_CONFIG },
		{ "/", " rancher.state.wait ", INSTALL_USER_CONFIG },
	};
	struct machine m = machine_make();
	struct error err = { 0 };

	(void)state;
	INSTALLS(&m, &err, ON, "-f");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO_BUF struct buf text = { 0 }, config = { 0 };
		char request[200];

		INSTALLS(&m, &err, ON, "-f", "-t", "noformat", "-c", "ROOT/good.yml", "--statedir",
			 rows[i].said);
		boot_file(&m, "/global.cfg", &text);
		assert_non_null(strstr(buf_text(&text), rows[i].line));
		(void)snprintf(request, sizeof(request), "cat %s", rows[i].config);
		on_state(&m, request, &config);
		assert_non_null(strstr(buf_text(&config), GOOD));
		assert_state_whole(&m);
	}
	boot_file_lacks(&m, "/global.cfg", "rancher.state.directory");
	machine_done(&m);
}

/* Whoever names a file with two slashes means one: an empty name is no directory's. */
static void test_slashes_of_a_file(void **state)
{
	struct machine m = machine_make();
	struct mkfs_place at = { .size = 16 * MIB, .sector = 512 };
	struct error err = { 0 };
	char path[160];
	const char *argv[] = { "e2fsck", "-f", "-n", path, NULL };

	(void)state;
	on_host(&m, "/dev/vda", path, sizeof(path));
	at.path = path;
	assert_ok(mkfs_ext4(&at, "x", &err), &err);
	assert_ok(mkfs_ext4_put(&at, "//a///b//c.txt", "text", 4, 0600, &err), &err);
	assert_ok(proc_run(argv, NULL, 60000, NULL, &err), &err);
	machine_done(&m);
}

/* What a configuration may say for `type` is what can be installed by nobody's hand. */
static void test_types_in_the_schema(void **state)
{
	AUTO_BUF struct buf names = { 0 };
	char *name, *rest;

	(void)state;
	kind_names(&names);
	rest = names.data;
	while ((name = strsep(&rest, ", "))) {
		AUTO(doc_pool_free) struct doc_pool *pool = NULL;
		struct error err = { 0 };
		char text[200];

		if (!*name)
			continue;
		(void)snprintf(text, sizeof(text),
			       "#cloud-config\nrancher: {install: {type: %s}}\n", name);
		assert_ok(doc_pool_new(&pool, &err), &err);
		assert_ok(validate_text(pool, "x", text, strlen(text), NULL, &err), &err);
		if (doc_has_errors(pool) == kind_find(name)->formats)
			fail_msg("type %s", name);
	}
}

/* Nothing but what it should be: read by e2fsck, which writes nothing here. */
static void assert_state_whole(const struct machine *m)
{
	char device[200];
	const char *argv[] = { "e2fsck", "-f", "-n", device, NULL };
	struct error err = { 0 };

	(void)snprintf(device, sizeof(device), "%s/dev/vda?offset=%llu", m->dir.path,
		       (unsigned long long)probe(m).parts[1].start);
	assert_ok(proc_run(argv, NULL, 60000, NULL, &err), &err);
}

/* A state that is called otherwise is found by what it has alone, and holds the configuration. */
static void test_noformat_with_another_label(void **state)
{
	struct machine m = machine_make();
	AUTO_BUF struct buf text = { 0 }, config = { 0 };
	struct error err = { 0 };
	char want[100];

	(void)state;
	put_text(&m, "/old.yml", "#cloud-config\nhostname: old\n");
	INSTALLS(&m, &err, ON, "-f", "-c", "ROOT/old.yml");
	on_state(&m, "set_super_value volume_name data", NULL);
	assert_state_whole(&m);
	INSTALLS(&m, &err, ON, "-f", "-t", "noformat", "-p", "/dev/vda2", "-c", "ROOT/good.yml");
	(void)snprintf(want, sizeof(want), " rancher.state.dev=UUID=%s ",
		       probe(&m).parts[1].fs.uuid);
	boot_file(&m, "/global.cfg", &text);
	assert_non_null(strstr(buf_text(&text), want));
	on_state(&m, "cat " INSTALL_USER_CONFIG, &config);
	assert_non_null(strstr(buf_text(&config), GOOD));
	assert_state_whole(&m);
	machine_done(&m);
}

/* --- what stays of an earlier installation --- */

static struct mtools boot_of(const struct machine *m, char *path, size_t size)
{
	on_host(m, "/dev/vda", path, size);
	return (struct mtools){ .path = path, .start = MIB };
}

static void boot_put(const struct machine *m, const char *name, const char *text)
{
	struct error err = { 0 };
	char path[160];
	const struct mtools boot = boot_of(m, path, sizeof(path));

	assert_ok(mtools_put_text(&boot, name, text, &err), &err);
}

static void boot_remove(const struct machine *m, const char *name)
{
	struct error err = { 0 };
	char path[160];
	const struct mtools boot = boot_of(m, path, sizeof(path));

	assert_ok(mtools_remove(&boot, name, &err), &err);
}

/* All three places of the kernel line. */
static void line_has(const struct machine *m, const char *what)
{
	boot_file_has(m, "/global.cfg", what);
	boot_file_has(m, "/linux-current.cfg", what);
	boot_file_has(m, "/loader/entries/ocicat-current.conf", what);
}

static void line_lacks(const struct machine *m, const char *what)
{
	boot_file_lacks(m, "/global.cfg", what);
	boot_file_lacks(m, "/linux-current.cfg", what);
	boot_file_lacks(m, "/loader/entries/ocicat-current.conf", what);
}

#define UPGRADE ON, "-f", "-t", "noformat"
#define ON_SERIAL "console=tty0 console=ttyS0,115200 "

static void test_words_stay(void **state)
{
	struct machine m = machine_make();
	AUTO_BUF struct buf before = { 0 }, now = { 0 }, config = { 0 };
	struct error err = { 0 };

	(void)state;
	INSTALLS(&m, &err, ON, "-f", "-t", "googlecompute", "-a", "x=1 'y=a b' quiet");
	boot_file(&m, "/global.cfg", &before);
	INSTALLS(&m, &err, UPGRADE);
	/* Word by word: nothing is lost, and nothing comes twice. */
	boot_file(&m, "/global.cfg", &now);
	assert_string_equal(buf_text(&now), buf_text(&before));
	line_has(&m, " x=1 'y=a b' quiet");
	line_has(&m, ON_SERIAL);
	/* The state's directory, where the configuration belongs, too. */
	INSTALLS(&m, &err, UPGRADE, "--statedir", "ros1");
	INSTALLS(&m, &err, UPGRADE, "-c", "ROOT/good.yml");
	line_has(&m, " rancher.state.directory=ros1 ");
	on_state(&m, "cat /ros1" INSTALL_USER_CONFIG, &config);
	assert_non_null(strstr(buf_text(&config), GOOD));
	/* Others take their place. */
	INSTALLS(&m, &err, UPGRADE, "-a", "z=1", "--statedir", "/");
	line_lacks(&m, "x=1");
	line_lacks(&m, "'y=a b'");
	line_has(&m, "ramoops.mem_name=oops z=1");
	line_lacks(&m, "rancher.state.directory");
	boot_file(&m, "/append", &now);
	assert_string_equal(buf_text(&now), "z=1");
	INSTALLS(&m, &err, UPGRADE);
	line_has(&m, " z=1");
	INSTALLS(&m, &err, UPGRADE, "-a", "");
	line_lacks(&m, "z=1");
	boot_file(&m, "/append", &now);
	assert_string_equal(buf_text(&now), "");
	line_has(&m, ON_SERIAL);
	machine_done(&m);
}

/* What somebody wrote with `ros config syslinux`, what a type asks for, and RancherOS' own line. */
static void test_words_of_others_stay(void **state)
{
	struct machine m = machine_make();
	struct error err = { 0 };

	(void)state;
	INSTALLS(&m, &err, ON, "-f", "-t", "bootstrap");
	INSTALLS(&m, &err, UPGRADE);
	line_has(&m, " rancher.cloud_init.datasources=[ec2,gce]");
	boot_put(&m, "/global.cfg",
		 "APPEND printk.devkmsg=on rancher.state.dev=LABEL=RANCHER_STATE rancher.state.wait"
		 " panic=10 rancher.state.directory=old console=tty0 console=ttyS1 my=1\n");
	INSTALLS(&m, &err, UPGRADE);
	line_has(&m, " rancher.state.directory=old console=ttyS0,115200 console=tty0 quiet ");
	line_has(&m, " console=ttyS1 my=1");
	line_lacks(&m, "datasources");
	/* A directory that leads elsewhere is told, and replaced by one that is named. */
	boot_put(&m, "/global.cfg", "APPEND rancher.state.directory=../x my=2\n");
	assert_int_equal(INSTALL(&m, &err, UPGRADE), COMMAND_FAILED);
	assert_non_null(strstr(err.msg, "rancher.state.directory: ../x"));
	error_reset(&err);
	INSTALLS(&m, &err, UPGRADE, "--statedir", "good");
	line_has(&m, " rancher.state.directory=good ");
	line_has(&m, " my=2");
	machine_done(&m);
}

/* Partitions that somebody made by hand, as docs/install.md has it. */
static void test_empty_boot_partition(void **state)
{
	struct machine m = machine_make();
	struct mkfs_place at = { .start = MIB, .sector = 512 };
	struct error err = { 0 };
	char path[160];

	(void)state;
	INSTALLS(&m, &err, ON, "-f", "-a", "x=1");
	on_host(&m, "/dev/vda", path, sizeof(path));
	at.path = path;
	at.size = probe(&m).parts[0].fs.size;
	assert_ok(mkfs_fat(&at, PROBE_FAT_BOOT, &err), &err);
	INSTALLS(&m, &err, UPGRADE, "-a", "y=2");
	line_has(&m, " y=2");
	line_lacks(&m, "x=1");
	boot_file_lacks(&m, "/syslinux/syslinux.cfg", "linux-previous.cfg");
	/* The words alone, as RancherOS kept them. */
	boot_put(&m, "/append", "z=3\n");
	{
		const struct mtools boot = boot_of(&m, path, sizeof(path));

		assert_ok(mtools_rename(&boot, "/global.cfg", "/other.cfg", &err), &err);
	}
	INSTALLS(&m, &err, UPGRADE);
	line_has(&m, " z=3");
	machine_done(&m);
}

#define INITRD (18 * MIB)

/* Another version, of which three have room on the boot partition. */
static void new_version(const struct machine *m, int n)
{
	char *initrd = calloc(1, INITRD);

	assert_non_null(initrd);
	(void)snprintf(initrd, INITRD, "070701 version %d", n);
	put(m, "/boot/boot/initrd", initrd, INITRD);
	free(initrd);
}

static void slots(const struct machine *m, struct buf *names)
{
	struct error err = { 0 };
	char path[160];
	const struct mtools boot = boot_of(m, path, sizeof(path));

	buf_reset(names);
	assert_ok(mtools_list(&boot, "/ocicat/slots", names, &err), &err);
}

static size_t count_lines(const struct buf *b)
{
	size_t n = 0;

	for (const char *p = buf_text(b); *p; p++)
		n += *p == '\n';
	return n;
}

/* The slot that starts by itself. */
static void current_slot(const struct machine *m, char *name, size_t size)
{
	AUTO_BUF struct buf text = { 0 };
	const char *at;

	boot_file(m, "/linux-current.cfg", &text);
	at = strstr(buf_text(&text), "LINUX /ocicat/slots/");
	assert_non_null(at);
	at += strlen("LINUX /ocicat/slots/");
	(void)snprintf(name, size, "%.*s", (int)strcspn(at, "/"), at);
}

/* However many versions come one after the other: the last two stay, and can be started. */
static void test_old_slots_go(void **state)
{
	struct machine m = machine_make();
	AUTO_BUF struct buf names = { 0 };
	struct error err = { 0 };
	char before[100] = "", now[100];

	(void)state;
	new_version(&m, 0);
	INSTALLS(&m, &err, ON, "-f", "-a", "kept=1");
	boot_file_lacks(&m, "/syslinux/syslinux.cfg", "linux-previous.cfg");
	for (int i = 1; i < 6; i++) {
		current_slot(&m, before, sizeof(before));
		new_version(&m, i);
		INSTALLS(&m, &err, UPGRADE);
		current_slot(&m, now, sizeof(now));
		assert_string_not_equal(now, before);
		slots(&m, &names);
		assert_int_equal(count_lines(&names), 2);
		assert_non_null(strstr(buf_text(&names), now));
		boot_file_has(&m, "/linux-previous.cfg", before);
		boot_file_has(&m, "/linux-previous.cfg", " kept=1 rancher.slot=");
		boot_file_has(&m, "/loader/entries/ocicat-previous.conf", before);
		boot_file_has(&m, "/syslinux/syslinux.cfg", "INCLUDE /linux-previous.cfg\n"
							     "INCLUDE /linux-current.cfg\n");
	}
	/* The same version once more: the one before it stays. */
	INSTALLS(&m, &err, UPGRADE);
	slots(&m, &names);
	assert_non_null(strstr(buf_text(&names), before));
	boot_file_has(&m, "/linux-previous.cfg", before);
	machine_done(&m);
}

/* A version that does not come whole is never started, and does not stand in the next one's way;
 * what is somebody's own, or an entry names, stays. */
static void test_half_slots_go(void **state)
{
	struct machine m = machine_make();
	AUTO_BUF struct buf names = { 0 };
	struct error err = { 0 };
	char before[100], now[100], entry[200];

	(void)state;
	new_version(&m, 0);
	INSTALLS(&m, &err, ON, "-f");
	current_slot(&m, before, sizeof(before));
	(void)snprintf(entry, sizeof(entry), "options quiet rancher.slot=mine-1\n");
	boot_put(&m, "/loader/entries/mine.conf", entry);
	for (int i = 0; i < 3; i++) {
		static const char *const dirs[][2] = { { "/ocicat/slots/mine-1" },
						       { "/ocicat/slots/my own" },
						       { "/ocicat/slots/v0-deadbeef" } };
		const struct mtools boot = boot_of(&m, entry, sizeof(entry));

		assert_ok(mtools_mkdirs(&boot, dirs[i], &err), &err);
	}
	new_version(&m, 1);
	put_text(&m, "/boot/ocicat/manifest.json",
		 "{\"version\":\"v1\",\"files\":{"
		 "\"kernel\":{\"size\":4096,\"sha256\":\"" ZEROS64 "\"},"
		 "\"initrd\":{\"size\":18874368,\"sha256\":\"" ZEROS64 "\"},"
		 "\"system.img\":{\"size\":65536,\"sha256\":\"" ZEROS64 "\"}}}");
	assert_int_equal(INSTALL(&m, &err, UPGRADE), COMMAND_FAILED);
	if (!strstr(err.msg, "the medium is damaged"))
		fail_msg("%s", err.msg);
	error_reset(&err);
	current_slot(&m, now, sizeof(now));
	assert_string_equal(now, before);
	assert_int_equal(unlinkat(m.root, "boot/ocicat/manifest.json", 0), 0);
	INSTALLS(&m, &err, UPGRADE);
	slots(&m, &names);
	assert_non_null(strstr(buf_text(&names), "mine-1/\n"));
	assert_non_null(strstr(buf_text(&names), "my own/\n"));
	assert_non_null(strstr(buf_text(&names), before));
	assert_int_equal(count_lines(&names), 4);
	machine_done(&m);
}

/* Room is looked for before anything is written. */
static void test_full_boot_partition(void **state)
{
	struct machine m = machine_make();
	char before[SHA256_TEXT], now[SHA256_TEXT], *fill = calloc(1, 60 * MIB);
	struct error err = { 0 };

	(void)state;
	new_version(&m, 0);
	INSTALLS(&m, &err, ON, "-f");
	assert_non_null(fill);
	memset(fill, 'x', 45 * MIB);
	{
		const char *dirs[] = { "/photos", NULL };
		char path[160];
		const struct mtools boot = boot_of(&m, path, sizeof(path));

		assert_ok(mtools_mkdirs(&boot, dirs, &err), &err);
	}
	boot_put(&m, "/photos/all", fill);
	free(fill);
	new_version(&m, 1);
	fingerprint(&m, "/dev/vda", before);
	assert_int_equal(INSTALL(&m, &err, UPGRADE), COMMAND_FAILED);
	assert_non_null(strstr(err.msg, "the boot partition is full: "));
	error_reset(&err);
	fingerprint(&m, "/dev/vda", now);
	assert_string_equal(now, before);
	boot_remove(&m, "/photos");
	INSTALLS(&m, &err, UPGRADE);
	machine_done(&m);
}

static void test_dry_run_writes_nothing(void **state)
{
	struct machine m = machine_make();
	char before[SHA256_TEXT], now[SHA256_TEXT];
	struct error err = { 0 };

	(void)state;
	fingerprint(&m, "/dev/vda", before);
	INSTALLS(&m, &err, ON, "-f", "--dry-run", "--json", "-c", "ROOT/good.yml");
	fingerprint(&m, "/dev/vda", now);
	assert_string_equal(now, before);
	machine_done(&m);
}

/* Names as the kernel makes them: of SCSI, virtio, Xen, NVMe, SD cards and arrays. */
static void test_names(void **state)
{
	static const char *const parts[][2] = {
		{ "/dev/sda", "/dev/sda1" },
		{ "/dev/vda", "/dev/vda12" },
		{ "/dev/xvda", "/dev/xvda1" },
		{ "/dev/nvme0n1", "/dev/nvme0n1p1" },
		{ "/dev/mmcblk0", "/dev/mmcblk0p2" },
		{ "/dev/md127", "/dev/md127p1" },
		{ "/dev/sda", "/dev/sda" },
	};
	static const char *const others[][2] = {
		{ "/dev/sda", "/dev/sdaa1" },
		{ "/dev/nvme0n1", "/dev/nvme0n10" },
		{ "/dev/nvme0n1", "/dev/nvme0n2p1" },
		{ "/dev/mmcblk0", "/dev/mmcblk0boot0" },
		{ "/dev/md1", "/dev/md127p1" },
		{ "/dev/vda1", "/dev/vda12" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		assert_true(usage_is_part(parts[i][0], parts[i][1]));
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		assert_false(usage_is_part(others[i][0], others[i][1]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_installs),
		cmocka_unit_test(test_resumes),
		cmocka_unit_test(test_noformat),
		cmocka_unit_test(test_state_directories),
		cmocka_unit_test(test_slashes_of_a_file),
		cmocka_unit_test(test_types_in_the_schema),
		cmocka_unit_test(test_noformat_with_another_label),
		cmocka_unit_test(test_words_stay),
		cmocka_unit_test(test_words_of_others_stay),
		cmocka_unit_test(test_empty_boot_partition),
		cmocka_unit_test(test_old_slots_go),
		cmocka_unit_test(test_half_slots_go),
		cmocka_unit_test(test_full_boot_partition),
		cmocka_unit_test(test_dry_run_writes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
