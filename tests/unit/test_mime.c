/* SPDX-License-Identifier: Apache-2.0 */
/* MIME: headers, boundaries, transfer encodings, as mailers and scripts write them. */
#include "tests/unit/check.h"

#include <errno.h>

#include "agent/userdata/mime.h"

struct look_case {
	const char *text;
	bool is_message;
};

static const struct look_case looks[] = {
	{ "MIME-Version: 1.0\n\nx", true },
	{ "Content-Type: multipart/mixed; boundary=x\n", true },
	{ "content-type:text/plain\r\n\r\nx", true },
	{ "From me Thu Jan 1\nTo: you\nSubject: a\n b\nMIME-Version: 1.0\n", true },
	{ "\n\n  \nMime-Version: 1.0\n", true },
	{ "", false },
	{ "\n\n", false },
	{ "#cloud-config\nwrite_files:\n- content: |\n    MIME-Version: 1.0\n", false },
	{ "To: you\n\nMIME-Version: 1.0\n", false },
	{ "hello\nMIME-Version: 1.0\n", false },
	{ " MIME-Version: 1.0\n", false },
	{ "a: 1\nb: 2\n", false },
};

static void test_looks(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(looks); i++)
		if (mime_is_message(looks[i].text, strlen(looks[i].text)) != looks[i].is_message)
			fail_msg("%s", looks[i].text);
}

static struct mime_head read_head(const char *text, struct mime_text *ret_body)
{
	struct mime_text message = { text, strlen(text), 1 };
	struct mime_head head;

	mime_read(message, &head, ret_body);
	return head;
}

static void test_headers(void **state)
{
	struct mime_text body;
	struct mime_head h = read_head(
		"From me\nSubject: x\nContent-Type: Text/X-ShellScript;\r\n\tcharset=\"UTF-8\"; "
		"NAME=\"a;b\\\"c.sh\"\nContent-Transfer-Encoding: Base64 \nMerge-Type: "
		"dict(replace)\n"
		"Launch-Index: 1,2\nnonsense without colon is the body\nContent-Type: b\n",
		&body);

	(void)state;
	assert_string_equal(h.type, "text/x-shellscript");
	assert_string_equal(h.charset, "utf-8");
	assert_string_equal(h.name, "a;b\"c.sh");
	assert_string_equal(h.encoding, "base64");
	assert_string_equal(h.merge, "dict(replace)");
	assert_string_equal(h.launch_index, "1,2");
	assert_int_equal(body.line, 8);
	assert_memory_equal(body.at, "nonsense", 8);
}

static void test_names(void **state)
{
	static const struct {
		const char *text, *name;
	} rows[] = {
		{ "Content-Disposition: attachment; filename=plain.sh\n\n", "plain.sh" },
		{ "Content-Disposition: attachment; filename=\"a b.sh\"\n\n", "a b.sh" },
		{ "Content-Disposition: attachment;\n filename*=utf-8''a%20b%C3%A9\n\n",
		  "a b\xc3\xa9" },
		{ "Content-Type: text/plain; name=n\nContent-Disposition: x; filename=f\n\n", "f" },
		{ "Content-Disposition: attachment; other=\"; filename=x\"; filename = f\n\n",
		  "f" },
		{ "Content-Disposition: attachment; filename\n\n", "" },
		{ "Content-Type: text/plain; boundary=\"unclosed\n\n", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct mime_text body;
		struct mime_head h = read_head(rows[i].text, &body);

		assert_string_equal(h.name, rows[i].name);
		assert_int_equal(body.len, 0);
	}
}

static const char multipart[] = "preamble\r\n"
				"--b\r\n"
				"\r\n"
				"one\r\n"
				"--b  \n"
				"X: y\n"
				"\n"
				"two\n"
				"--bc\n"
				"\n"
				"--b\n"
				"--b\n"
				"\n"
				"three";

static void test_parts(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
		bool closed;
	} want[] = {
		{ "\r\none", 3, true },
		{ "X: y\n\ntwo\n--bc\n", 6, true },
		{ "", 12, true },
		{ "\nthree", 13, false },
	};
	struct mime_text rest = { multipart, sizeof(multipart) - 1, 1 }, part;
	bool closed;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		assert_true(mime_next("b", &rest, &part, &closed));
		assert_int_equal(part.len, strlen(want[i].text));
		assert_memory_equal(part.at, want[i].text, part.len);
		assert_int_equal(part.line, want[i].line);
		assert_int_equal(closed, want[i].closed);
	}
	assert_false(mime_next("b", &rest, &part, &closed));
}

static void test_end(void **state)
{
	static const char text[] = "--b\n\nx\n--b--\nepilogue\n--b\n\ny\n";
	struct mime_text rest = { text, sizeof(text) - 1, 1 }, part;
	bool closed;

	(void)state;
	assert_true(mime_next("b", &rest, &part, &closed));
	assert_true(closed);
	assert_false(mime_next("b", &rest, &part, &closed));
	rest = (struct mime_text){ text, sizeof(text) - 1, 1 };
	assert_false(mime_next("other", &rest, &part, &closed));
}

static void test_encodings(void **state)
{
	static const struct {
		const char *encoding, *text, *want; /* NULL: refused */
		int code;
	} rows[] = {
		{ "", "x\r\n", "x\r\n", 0 },
		{ "8bit", "\xc3\xa9", "\xc3\xa9", 0 },
		{ "base64", "aGVs\r\nbG8=\r\n", "hello", 0 },
		{ "base64", "aGV*", NULL, -EBADMSG },
		{ "quoted-printable", "a=3Db =\r\nc=E9\r\nd  \r\n=zz=", "a=b c\xe9\nd\n=zz", 0 },
		{ "quoted-printable", "", "", 0 },
		{ "x-uuencode", "begin 644 f\n%:&5L;&\\\n`\nend\n", "hello", 0 },
		{ "uuencode", "begin 644 f\n%:&5L", NULL, -EBADMSG },
		{ "rot13", "x", NULL, -ENOTSUP },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO_BUF struct buf out = { 0 };
		int r = mime_decode(rows[i].encoding, rows[i].text, strlen(rows[i].text), &out);

		if (r != rows[i].code)
			fail_msg("%s: %d", rows[i].text, r);
		if (rows[i].want)
			assert_string_equal(buf_text(&out), rows[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_looks), cmocka_unit_test(test_headers),
		cmocka_unit_test(test_names), cmocka_unit_test(test_parts),
		cmocka_unit_test(test_end),   cmocka_unit_test(test_encodings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
