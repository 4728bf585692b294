/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Host keys, by ssh-keygen.
 */
#include "agent/account/hostkeys.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/message.h"
#include "lib/file.h"
#include "lib/file_remove.h"
#include "lib/proc.h"
#include "lib/scope.h"

#define DIR "/etc/ssh/"
#define MAKE_TIMEOUT_MS (60 * 1000)
#define MAKE(...) (const char *const[]){ "ssh-keygen", "-q", "-N", "", "-C", "", __VA_ARGS__, NULL }
#define PRINT(path) (const char *const[]){ "ssh-keygen", "-l", "-f", path, NULL }

static const struct {
	const char *path, *public;
	const char *key, *key_public; /* below rancher.ssh.keys */
	const char *const *make, *const *print;
} types[HOSTKEYS_N_TYPES] = {
	[HOSTKEYS_ED25519] = {
		DIR "ssh_host_ed25519_key", DIR "ssh_host_ed25519_key.pub",
		"ed25519", "ed25519-pub",
		MAKE("-t", "ed25519", "-f", DIR "ssh_host_ed25519_key"),
		PRINT(DIR "ssh_host_ed25519_key.pub"),
	},
	[HOSTKEYS_RSA] = {
		DIR "ssh_host_rsa_key", DIR "ssh_host_rsa_key.pub", "rsa", "rsa-pub",
		MAKE("-t", "rsa", "-b", "3072", "-f", DIR "ssh_host_rsa_key"),
		PRINT(DIR "ssh_host_rsa_key.pub"),
	},
	[HOSTKEYS_ECDSA] = {
		DIR "ssh_host_ecdsa_key", DIR "ssh_host_ecdsa_key.pub", "ecdsa", "ecdsa-pub",
		MAKE("-t", "ecdsa", "-f", DIR "ssh_host_ecdsa_key"),
		PRINT(DIR "ssh_host_ecdsa_key.pub"),
	},
};

const char *const *hostkeys_make_argv(enum hostkeys_type type)
{
	return types[type].make;
}

const char *const *hostkeys_print_argv(enum hostkeys_type type)
{
	return types[type].print;
}

static int write_key(int root, const char *path, const char *text, mode_t mode, struct error *err)
{
	const struct file_attr attr = { .mode = mode, .uid = geteuid(), .gid = getegid() };
	AUTO_BUF struct buf line = BUF_WITH_LIMIT(64u << 10);
	int r;

	buf_str(&line, text);
	if (line.len && line.data[line.len - 1] != '\n')
		buf_char(&line, '\n');
	r = buf_check(&line, err);
	return r < 0 ? r : file_publish(root, path, buf_text(&line), line.len, &attr, NULL, err);
}

static int from_config(int root, enum hostkeys_type type, const struct doc_node *config,
		       struct error *err)
{
	const struct doc_node *keys = doc_at(config, "rancher.ssh.keys");
	const struct doc_node *private = doc_key(keys, types[type].key);
	const struct doc_node *public = doc_key(keys, types[type].key_public);
	int r = 0;

	if (!doc_is_scalar(private) || !private->len)
		return -ENOENT;
	if (doc_is_scalar(public) && public->len)
		r = write_key(root, types[type].public, public->text, 0644, err);
	/* The private key last: what has it has both. */
	return r < 0 ? r : write_key(root, types[type].path, private->text, 0600, err);
}

bool hostkeys_wanted(enum hostkeys_type type, const struct doc_node *config)
{
	const struct doc_node *list = doc_key(config, "ssh_genkeytypes");

	if (!list || list->kind != DOC_SEQ)
		return true;
	for (size_t i = 0; i < list->len; i++)
		if (!strcmp(doc_str(list->items[i], "", ""), types[type].key))
			return true;
	return false;
}

/* An empty file is none, and is taken away. */
static bool is_there(int root, const char *path)
{
	AUTO_CLOSE int fd = -1;
	struct error err = { 0 };
	struct stat st;

	if (file_open(root, path, O_PATH, 0, &fd, NULL) < 0 || fstat(fd, &st) < 0)
		return false;
	if (!st.st_size && file_remove(root, path, NULL, &err) < 0)
		message_say(JOURNAL_WARNING, "console", "an empty host key: %s", err.msg);
	return st.st_size > 0;
}

bool hostkeys_have(int root, enum hostkeys_type type, const struct doc_node *config)
{
	struct error err = { 0 };
	int r;

	if (is_there(root, types[type].path))
		return true;
	r = from_config(root, type, config, &err);
	if (r < 0 && r != -ENOENT)
		message_say(JOURNAL_WARNING, "console", "rancher.ssh.keys: %s", err.msg);
	return r == 0;
}

static int sync_file(const char *path, int flags, struct error *err)
{
	AUTO_CLOSE int fd = -1;
	int r = file_open(FILE_ROOT, path, O_RDONLY | flags, 0, &fd, err);

	if (r < 0)
		return r;
	/* EINVAL: this file system cannot. */
	return fsync(fd) < 0 && errno != EINVAL ? error_sys(err, errno, "sync %s", path) : 0;
}

int hostkeys_sync(enum hostkeys_type type, struct error *err)
{
	/* The private key last here, too. */
	int r = sync_file(types[type].public, 0, err);

	if (r == 0)
		r = sync_file(types[type].path, 0, err);
	return r < 0 ? r : sync_file(DIR, O_DIRECTORY, err);
}

int hostkeys_make(enum hostkeys_type type, struct error *err)
{
	int r = proc_run(types[type].make, NULL, MAKE_TIMEOUT_MS, NULL, err);

	return r < 0 ? r : hostkeys_sync(type, err);
}
