/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/state/autoformat.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "lib/scope.h"
#include "tests/unit/check.h"
#include "tests/unit/scratch.h"

#define MAGIC "boot2docker, please format-me"

static void only_blank_and_marked_disks(void **state)
{
	AUTO_FREE char *head = calloc(1, AUTOFORMAT_HEAD);

	(void)state;
	assert_int_equal(autoformat_look(head, AUTOFORMAT_HEAD), AUTOFORMAT_BLANK);
	/* Smaller than what must be zero: nobody can say. */
	assert_int_equal(autoformat_look(head, AUTOFORMAT_HEAD - 1), AUTOFORMAT_USED);
	head[AUTOFORMAT_HEAD - 1] = 1;
	assert_int_equal(autoformat_look(head, AUTOFORMAT_HEAD), AUTOFORMAT_USED);
	head[AUTOFORMAT_HEAD - 1] = 0;
	head[0] = 1;
	assert_int_equal(autoformat_look(head, AUTOFORMAT_HEAD), AUTOFORMAT_USED);
	memcpy(head, MAGIC, sizeof(MAGIC));
	assert_int_equal(autoformat_look(head, AUTOFORMAT_HEAD), AUTOFORMAT_B2D);
	memcpy(head, MAGIC, sizeof(MAGIC) - 3);
	head[sizeof(MAGIC) - 3] = 'x';
	assert_int_equal(autoformat_look(head, AUTOFORMAT_HEAD), AUTOFORMAT_USED);
}

/* One member: name, size and content, padded as tar does. */
static size_t add_member(char *tar, size_t at, const char *name, const char *data)
{
	size_t size = strlen(data);

	snprintf(tar + at, 100, "%s", name);
	snprintf(tar + at + 124, 12, "%011o", (unsigned)size & 07777);
	tar[at + 156] = '0';
	memcpy(tar + at + 512, data, size);
	return at + 512 + (size + 511) / 512 * 512;
}

static void keys_come_out_of_the_tar(void **state)
{
	AUTO_BUF struct buf keys = { 0 };
	char tar[8192] = "";
	size_t at = 0;

	(void)state;
	at = add_member(tar, at, MAGIC, MAGIC);
	at = add_member(tar, at, ".ssh/authorized_keys", "ssh-rsa AAAA me\n");
	(void)add_member(tar, at, "other", "no key\n");
	autoformat_tar_keys(tar, sizeof(tar), &keys);
	assert_string_equal(buf_text(&keys), "ssh-rsa AAAA me\n");
}

static void damaged_tar_ends_the_search(void **state)
{
	AUTO_BUF struct buf keys = { 0 };
	char tar[1024] = "";

	(void)state;
	(void)add_member(tar, 0, ".ssh/authorized_keys", "ssh-rsa AAAA me\n");
	memcpy(tar + 124, "77777777777", 12); /* larger than the archive */
	autoformat_tar_keys(tar, sizeof(tar), &keys);
	assert_int_equal(keys.len, 512);
	buf_reset(&keys);
	memcpy(tar + 124, "garbage", 8);
	autoformat_tar_keys(tar, sizeof(tar), &keys);
	assert_int_equal(keys.len, 0);
}

static void keys_cannot_become_other_configuration(void **state)
{
	AUTO_BUF struct buf out = { 0 };

	(void)state;
	autoformat_machine_config("ssh-rsa A \"quoted\" me\r\n# note\nbad\tkey\nssh-ed25519 B",
				  &out);
	assert_non_null(strstr(buf_text(&out),
			       "ssh_authorized_keys:\n- \"ssh-rsa A \\\"quoted\\\" me\"\n"
			       "- \"ssh-ed25519 B\"\n"));
	assert_null(strstr(buf_text(&out), "bad"));
	assert_non_null(strstr(buf_text(&out), "eth1: {dhcp: true}"));
}

/* A real file instead of a disk; mkfs.ext4 is part of every Debian. */
static void blank_file_is_formatted_and_only_once(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_BUF struct buf keys = { 0 };
	struct error err = { 0 };
	char path[128], magic[2] = "";
	bool done = false;
	int fd;

	(void)state;
	snprintf(path, sizeof(path), "%s/disk", s.path);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(ftruncate(fd, 16 << 20), 0);
	assert_ok(autoformat_one(path, &done, &keys, &err), &err);
	assert_true(done);
	assert_int_equal(pread(fd, magic, 2, 1024 + 56), 2);
	assert_memory_equal(magic, "\x53\xef", 2);
	assert_ok(autoformat_one(path, &done, &keys, &err), &err);
	assert_false(done);
	close(fd);
}

static void missing_disk_is_an_error_with_its_name(void **state)
{
	AUTO_BUF struct buf keys = { 0 };
	struct error err = { 0 };
	bool done = true;

	(void)state;
	assert_int_equal(autoformat_one("/dev/nothing-here", &done, &keys, &err), -ENOENT);
	assert_false(done);
	assert_non_null(strstr(err.msg, "/dev/nothing-here"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_blank_and_marked_disks),
		cmocka_unit_test(keys_come_out_of_the_tar),
		cmocka_unit_test(damaged_tar_ends_the_search),
		cmocka_unit_test(keys_cannot_become_other_configuration),
		cmocka_unit_test(blank_file_is_formatted_and_only_once),
		cmocka_unit_test(missing_disk_is_an_error_with_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
