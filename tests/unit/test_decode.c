/* SPDX-License-Identifier: Apache-2.0 */
/* base64 and gzip: what is damaged, cut off or too large is refused whole. */
#include "tests/unit/check.h"

#include <errno.h>
#include <zlib.h>

#include "lib/doc/decode.h"
#include "lib/pack/pack.h"

struct base64_case {
	const char *text, *data;
	int code;
};

static const struct base64_case base64[] = {
	{ "", "", 0 },
	{ "aGVsbG8=", "hello", 0 },
	{ "aGVsbG8", "hello", 0 },
	{ "aGVs\n bG8=\r\n", "hello", 0 },
	{ "aGVsbG8h", "hello!", 0 },
	{ "YQ==", "a", 0 },
	{ "YQ=", "a", 0 },
	{ "a", "", -EBADMSG },
	{ "=", "", -EBADMSG },
	{ "YQ==YQ==", "", -EBADMSG },
	{ "YQ===", "", -EBADMSG },
	{ "YQ-_", "", -EBADMSG },
	{ "caf\xc3\xa9", "", -EBADMSG },
};

static void test_base64(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(base64); i++) {
		AUTO_BUF struct buf out = { 0 };

		if (decode_base64(base64[i].text, strlen(base64[i].text), &out) != base64[i].code)
			fail_msg("\"%s\"", base64[i].text);
		if (base64[i].code == 0)
			assert_string_equal(buf_text(&out), base64[i].data);
	}
}

static void test_base64_round_trip(void **state)
{
	unsigned char data[256];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(i * 7);
	for (size_t len = 0; len <= sizeof(data); len++) {
		AUTO_BUF struct buf text = { 0 }, back = { 0 };

		decode_to_base64(data, len, &text);
		assert_int_equal(text.len, (len + 2) / 3 * 4);
		assert_int_equal(decode_base64(buf_text(&text), text.len, &back), 0);
		assert_int_equal(back.len, len);
		assert_memory_equal(buf_text(&back), data, len);
	}
}

/* One gzip member with `len` bytes, appended to out. */
static void compress_into(const void *data, size_t len, struct buf *out)
{
	unsigned char piece[65536];
	z_stream z = { 0 };

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 9, Z_DEFAULT_STRATEGY),
			 Z_OK);
	z.next_in = (unsigned char *)(uintptr_t)data;
	z.avail_in = (uInt)len;
	do {
		z.next_out = piece;
		z.avail_out = sizeof(piece);
		(void)deflate(&z, Z_FINISH);
		buf_add(out, piece, sizeof(piece) - z.avail_out);
	} while (z.avail_out == 0);
	(void)deflateEnd(&z);
}

static void test_gzip(void **state)
{
	AUTO_BUF struct buf gz = { 0 }, out = { 0 };

	(void)state;
	compress_into("hello ", 6, &gz);
	compress_into("world", 5, &gz);
	buf_add(&gz, "\0\0\0", 3);
	assert_true(decode_is_gzip(gz.data, gz.len));
	assert_int_equal(pack_gunzip(gz.data, gz.len, &out), 0);
	assert_string_equal(buf_text(&out), "hello world");
}

static void test_gzip_damage(void **state)
{
	AUTO_BUF struct buf gz = { 0 };

	(void)state;
	compress_into("hello hello hello hello", 23, &gz);
	for (size_t len = 0; len < gz.len; len++) {
		AUTO_BUF struct buf out = { 0 };

		if (pack_gunzip(gz.data, len, &out) == 0)
			fail_msg("%zu of %zu bytes were taken for a whole file", len, gz.len);
	}
	for (size_t i = 0; i < 4; i++) {
		AUTO_BUF struct buf out = { 0 };

		gz.data[gz.len - 8 + i] ^= 1; /* the checksum */
		assert_int_equal(pack_gunzip(gz.data, gz.len, &out), -EBADMSG);
		gz.data[gz.len - 8 + i] ^= 1;
	}
	{
		AUTO_BUF struct buf out = { 0 };

		buf_str(&gz, "trailing");
		assert_int_equal(pack_gunzip(gz.data, gz.len, &out), -EBADMSG);
	}
}

static void test_gzip_bomb(void **state)
{
	AUTO_FREE char *zeros = calloc(1, 32u << 20);
	AUTO_BUF struct buf gz = { 0 }, out = BUF_WITH_LIMIT(16u << 20);

	(void)state;
	compress_into(zeros, 32u << 20, &gz);
	assert_int_equal(pack_gunzip(gz.data, gz.len, &out), -E2BIG);
	assert_true(out.size <= 17u << 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_base64_round_trip),
		cmocka_unit_test(test_gzip),
		cmocka_unit_test(test_gzip_damage),
		cmocka_unit_test(test_gzip_bomb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
