/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs cryptsetup.
 */
#include "lib/disk/luks.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/proc.h"
#include "lib/scope.h"

/* It derives the key slowly on purpose, and an emulator does so slower still. */
#define LUKS_MS 120000
#define KILL_MS 5000
/* KiB: a machine of 512 MiB can open what any machine made. */
#define LUKS_MEMORY "65536"
/* Exit code: no key available with this passphrase. */
#define LUKS_WRONG_KEY 2

static const char *const environment[] = { "PATH=" PROC_PATH, "DM_DISABLE_UDEV=1", NULL };

static int key_file(const struct luks_key *key, int *ret, struct error *err)
{
	AUTO_CLOSE int fd = memfd_create("key", MFD_CLOEXEC);

	if (fd < 0 || write(fd, key->data, key->len) != (ssize_t)key->len ||
	    lseek(fd, 0, SEEK_SET) < 0)
		return error_sys(err, errno, "key");
	*ret = TAKE_FD(fd);
	return 0;
}

/* The last line that it printed. */
static void words_of(int fd, char *text, size_t size)
{
	ssize_t n = pread(fd, text, size - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	for (char *c = text; *c; c++) {
		if (*c == '\n')
			*c = c[1] ? ' ' : '\0';
	}
}

static int run(const char *const *argv, const struct luks_key *key, struct error *err)
{
	AUTO_CLOSE int in = -1, said = memfd_create("said", MFD_CLOEXEC), pidfd = -1;
	struct proc_spec spec = { .argv = argv, .env = environment, .out = -1, .err = said };
	char words[300], how[64];
	int status = 0, r;
	pid_t pid;

	r = key ? key_file(key, &in, err) : 0;
	spec.in = in;
	if (r == 0)
		r = proc_spawn(&spec, &pid, &pidfd, err);
	if (r < 0)
		return r;
	r = proc_wait(pid, pidfd, LUKS_MS, &status, err);
	if (r == -ETIMEDOUT) {
		(void)kill(pid, SIGKILL);
		(void)!proc_wait(pid, pidfd, KILL_MS, &status, NULL);
	}
	if (r < 0 || !status)
		return r;
	if (WIFEXITED(status) && WEXITSTATUS(status) == LUKS_WRONG_KEY)
		return error_set(err, EACCES, "it is another passphrase or key");
	words_of(said, words, sizeof(words));
	return error_set(err, EIO, "cryptsetup %s: %s",
			 proc_status_text(status, how, sizeof(how)), words);
}

int luks_format(const char *device, const struct luks_key *key, struct error *err)
{
	const char *argv[] = { "cryptsetup", "luksFormat",    "--type",          "luks2",
			       "-q",         "--pbkdf-memory", LUKS_MEMORY,      "--pbkdf-parallel",
			       "1",          "--key-file",     "-",              device,
			       NULL };

	return error_wrap(err, run(argv, key, err), "LUKS on %s", device);
}

int luks_open(const char *device, const char *name, const struct luks_key *key, struct error *err)
{
	const char *argv[] = { "cryptsetup", "open", "--type", "luks", "--key-file",
			       "-",          device, name,     NULL };

	return error_wrap(err, run(argv, key, err), "LUKS on %s", device);
}

int luks_close(const char *name, struct error *err)
{
	const char *argv[] = { "cryptsetup", "close", name, NULL };

	return error_wrap(err, run(argv, NULL, err), "LUKS %s", name);
}
