/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Host keys, by ssh-keygen.
 */
#include "agent/account/hostkeys.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "agent/message.h"
#include "lib/file.h"
#include "lib/proc.h"

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
};

const char *const *hostkeys_make_argv(enum hostkeys_type type)
{
	return types[type].make;
}

const char *const *hostkeys_print_argv(enum hostkeys_type type)
{
	return types[type].print;
}

static int write_key(const char *path, const char *text, mode_t mode, struct error *err)
{
	const struct file_attr attr = { .mode = mode };
	AUTO_BUF struct buf line = BUF_WITH_LIMIT(64u << 10);
	int r;

	buf_str(&line, text);
	if (line.len && line.data[line.len - 1] != '\n')
		buf_char(&line, '\n');
	r = buf_check(&line, err);
	return r < 0 ? r
		     : file_publish(FILE_ROOT, path, buf_text(&line), line.len, &attr, NULL, err);
}

static int from_config(enum hostkeys_type type, const struct doc_node *config, struct error *err)
{
	const struct doc_node *keys = doc_at(config, "rancher.ssh.keys");
	const struct doc_node *private = doc_key(keys, types[type].key);
	const struct doc_node *public = doc_key(keys, types[type].key_public);
	int r = 0;

	if (!doc_is_scalar(private) || !private->len)
		return -ENOENT;
	if (doc_is_scalar(public) && public->len)
		r = write_key(types[type].public, public->text, 0644, err);
	/* The private key last: what has it has both. */
	return r < 0 ? r : write_key(types[type].path, private->text, 0600, err);
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

bool hostkeys_have(enum hostkeys_type type, const struct doc_node *config)
{
	struct error err = { 0 };
	int r;

	if (access(types[type].path, F_OK) == 0)
		return true;
	r = from_config(type, config, &err);
	if (r < 0 && r != -ENOENT)
		message_say(JOURNAL_WARNING, "console", "rancher.ssh.keys: %s", err.msg);
	return r == 0;
}

int hostkeys_make(enum hostkeys_type type, struct error *err)
{
	return proc_run(types[type].make, NULL, MAKE_TIMEOUT_MS, NULL, err);
}
