/* SPDX-License-Identifier: Apache-2.0 */
/*
 * replay LOG OUT MAX SEED COMMAND…: what a power cut leaves of a disk. LOG is what QEMU's block
 * driver blklogwrites wrote, in the format of the kernel's dm-log-writes. OUT, the disk as it was
 * before, gets the writes as they came; at each flush (at MAX of them, evenly spread) COMMAND
 * is run with OUT as its last argument, once with the disk as it was at the flush, and once with
 * some of the writes that followed, chosen by SEED, as a disk's cache may have kept them.
 *
 * Prints "replay: N cut points, M failed", and exits with 0 only when M is 0.
 */
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAGIC 0x6a736677736872ull
#define FLAG_FLUSH 1u
#define FLAG_FUA 2u
#define FLAG_DISCARD 4u
#define FLAG_MARK 8u
#define WRITE_MAX (64u << 20)

struct super {
	uint64_t magic, version, nr_entries;
	uint32_t sector_size;
};

struct entry {
	uint64_t sector, nr_sectors, flags, data_len;
	uint64_t data; /* where its data is in the log */
};

struct log {
	int fd;
	uint32_t sector;
	struct entry *entries;
	size_t n;
};

static void die(const char *what)
{
	fprintf(stderr, "replay: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void read_at(int fd, void *to, size_t len, uint64_t at, const char *what)
{
	if (pread(fd, to, len, (off_t)at) != (ssize_t)len)
		die(what);
}

static void load(struct log *log, const char *path)
{
	struct super super;
	uint64_t at;

	log->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (log->fd < 0)
		die(path);
	read_at(log->fd, &super, sizeof(super), 0, "super block");
	log->sector = le32toh(super.sector_size);
	log->n = (size_t)le64toh(super.nr_entries);
	if (le64toh(super.magic) != MAGIC || log->sector < 512 || log->n > 10000000) {
		fprintf(stderr, "replay: %s is no log of writes\n", path);
		exit(2);
	}
	log->entries = calloc(log->n + 1, sizeof(*log->entries));
	if (!log->entries)
		die("memory");
	at = log->sector;
	for (size_t i = 0; i < log->n; i++) {
		struct entry *e = &log->entries[i];
		uint64_t raw[4];

		read_at(log->fd, raw, sizeof(raw), at, "entry");
		*e = (struct entry){ le64toh(raw[0]), le64toh(raw[1]), le64toh(raw[2]),
				     le64toh(raw[3]), at + log->sector };
		at += log->sector;
		if (e->flags & FLAG_MARK)
			at += (e->data_len + log->sector - 1) / log->sector * log->sector;
		else if (!(e->flags & FLAG_DISCARD))
			at += e->nr_sectors * log->sector;
	}
}

/* A discard is left out: what a disk returns afterwards may well be the old data. */
static void apply(const struct log *log, const struct entry *e, int out)
{
	size_t len = (size_t)e->nr_sectors * log->sector;
	char *data;

	if (!len || (e->flags & (FLAG_DISCARD | FLAG_MARK)))
		return;
	if (len > WRITE_MAX || !(data = malloc(len)))
		die("a write that is too large");
	read_at(log->fd, data, len, e->data, "data");
	if (pwrite(out, data, len, (off_t)(e->sector * log->sector)) != (ssize_t)len)
		die("write");
	free(data);
}

static bool run(char **command)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		die("fork");
	if (pid == 0) {
		execvp(command[0], command);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			die("wait");
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static bool is_flush(const struct entry *e)
{
	return e->flags & (FLAG_FLUSH | FLAG_FUA);
}

static size_t count_flushes(const struct log *log)
{
	size_t n = 0;

	for (size_t i = 0; i < log->n; i++)
		n += is_flush(&log->entries[i]);
	return n;
}

struct tally {
	size_t cuts, failed;
};

static void cut(struct tally *t, char **command, size_t entry, const char *how)
{
	t->cuts++;
	/* The command may want to know which of the two it is. */
	(void)setenv("REPLAY_AT", how[0] == 'a' ? "flush" : "later", 1);
	if (run(command))
		return;
	t->failed++;
	printf("replay: failed at entry %zu (%s)\n", entry, how);
}

/* Some of what came before the next flush reached the disk. The flush's own turn writes all of it,
 * so nothing has to be taken back. */
static void apply_some(const struct log *log, size_t from, int out)
{
	for (size_t i = from; i < log->n && !is_flush(&log->entries[i]); i++) {
		if (random() & 1)
			apply(log, &log->entries[i], out);
	}
}

int main(int argc, char **argv)
{
	struct tally t = { 0, 0 };
	struct log log = { 0 };
	size_t flushes, max, seen = 0;
	char *command[32] = { NULL };
	int out;

	if (argc < 6 || argc > 30) {
		fprintf(stderr, "usage: replay LOG OUT MAX SEED COMMAND...\n");
		return 2;
	}
	load(&log, argv[1]);
	out = open(argv[2], O_RDWR | O_CLOEXEC);
	if (out < 0)
		die(argv[2]);
	max = strtoul(argv[3], NULL, 10);
	srandom((unsigned)strtoul(argv[4], NULL, 10));
	for (int i = 5; i < argc; i++)
		command[i - 5] = argv[i];
	command[argc - 5] = argv[2];
	flushes = count_flushes(&log);
	for (size_t i = 0; i < log.n; i++) {
		apply(&log, &log.entries[i], out);
		if (!is_flush(&log.entries[i]))
			continue;
		seen++;
		/* Evenly spread: each time another of max parts begins. */
		if (flushes > max && seen * max / flushes == (seen - 1) * max / flushes)
			continue;
		cut(&t, command, i, "at the flush");
		apply_some(&log, i + 1, out);
		cut(&t, command, i, "with some of what followed");
	}
	printf("replay: %zu writes, %zu flushes: %zu cut points, %zu failed\n", log.n, flushes,
	       t.cuts, t.failed);
	return t.failed != 0 || t.cuts == 0;
}
