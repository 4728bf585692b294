/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "lib/crypto/sha256.h"

/* FIPS 180-4's own examples. */
static const struct {
	const char *text, *hash;
} vectors[] = {
	{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
	{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
	  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
};

static void test_vectors(void **state)
{
	struct error err = { 0 };
	char text[SHA256_TEXT];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
		size_t len = strlen(vectors[i].text);
		AUTO(sha256_free) struct sha256 *h = NULL;
		int fd = memfd_create("text", MFD_CLOEXEC);

		assert_ok(sha256_data(vectors[i].text, len, text, &err), &err);
		assert_string_equal(text, vectors[i].hash);
		/* In pieces. */
		assert_ok(sha256_new(&h, &err), &err);
		for (size_t k = 0; k < len; k++)
			sha256_add(h, vectors[i].text + k, 1);
		assert_ok(sha256_text(h, text, &err), &err);
		assert_string_equal(text, vectors[i].hash);
		/* Of a file, which must be long enough. */
		assert_int_equal(write(fd, vectors[i].text, len), (ssize_t)len);
		assert_ok(sha256_fd(fd, "text", len, text, &err), &err);
		assert_string_equal(text, vectors[i].hash);
		assert_int_equal(sha256_fd(fd, "text", len + 1, text, &err), -EIO);
		(void)close(fd);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_vectors) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
