/* SPDX-License-Identifier: Apache-2.0 */
/* Which addresses a URL may reach, and how long a server may ask us to wait. */
#include "tests/unit/check.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "lib/http/guard.h"
#include "lib/http/retry.h"
#include "lib/http/url.h"

static bool is_public(const char *text)
{
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in in = { .sin_family = AF_INET };

	if (inet_pton(AF_INET, text, &in.sin_addr) == 1)
		return guard_is_public((const struct sockaddr *)&in);
	assert_int_equal(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
	return guard_is_public((const struct sockaddr *)&in6);
}

static void test_addresses(void **state)
{
	static const char *const good[] = { "192.0.2.1",   "10.0.0.1",	  "100.100.100.199",
					    "169.253.0.1", "169.255.0.1", "126.255.255.255",
					    "2001:db8::1", "fd00::1",	  "fc00::1",
					    "fd00:ec3::1", "64:ff9b::c000:201", "::ffff:10.0.0.1" };
	static const char *const bad[] = { "127.0.0.1",	 "127.255.0.1",	    "0.0.0.0",
					   "0.1.2.3",	 "169.254.169.254", "169.254.0.0",
					   "100.100.100.200", "168.63.129.16", "224.0.0.1",
					   "255.255.255.255", "192.0.0.192", "::",
					   "::1",	 "fe80::1",	    "febf::1",
					   "ff02::1",	 "fd00:ec2::254",   "fd20:ce::254",
					   "fd00:42::42", "fd00:100::100:200", "fd00:c1::a9fe:a9fe",
					   "fd00:a9fe:a9fe::1", "::ffff:127.0.0.1",
					   "::ffff:169.254.169.254", "::127.0.0.1",
					   "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe",
					   "2002:7f00:1::", "2002:a9fe:a9fe::1" };
	const struct sockaddr other = { .sa_family = AF_UNIX };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		if (!is_public(good[i]))
			fail_msg("%s is refused", good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (is_public(bad[i]))
			fail_msg("%s is allowed", bad[i]);
	assert_false(guard_is_public(&other));
}

static void test_retry_after(void **state)
{
	static const struct {
		const char *value;
		int64_t wait;
	} cases[] = {
		{ "5", 5 },
		{ "0", 1 },
		{ "-3", 1 },
		{ "", 1 },
		{ "soon", 1 },
		{ "99999999999", 86400 },
		{ "Thu, 01 Jan 1970 00:01:40 GMT", 40 },
		{ "Thu, 01 Jan 1970 00:00:10 GMT", 1 },
		{ "Thu, 01 Jan 1970", 1 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(http_retry_after(cases[i].value, 60), cases[i].wait);
}

static void test_header(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	char value[8];

	(void)state;
	buf_str(&b, "HTTP/1.1 200 OK\r\nX-Metadata-Flavor: no\r\nmetadata-flavor:  Google\r\n"
		    "ETag: 123456789\r\n\r\n");
	assert_true(http_header(&b, "Metadata-Flavor", value, sizeof(value)));
	assert_string_equal(value, "Google");
	assert_true(http_header(&b, "etag", value, sizeof(value)));
	assert_string_equal(value, "1234567");
	assert_false(http_header(&b, "Flavor", value, sizeof(value)));
	assert_string_equal(value, "");
}

static void test_origins(void **state)
{
	(void)state;
	assert_true(url_same_origin("http://a.b/x", "HTTP://A.b/y?z"));
	assert_true(url_same_origin("http://a.b", "http://a.b/"));
	assert_false(url_same_origin("http://a.b/", "http://a.bc/"));
	assert_false(url_same_origin("http://a.b/", "https://a.b/"));
	assert_false(url_same_origin("http://a.b/", "http://a.b:8080/"));
	assert_false(url_same_scheme("https://a", "http://a"));
	assert_false(url_same_scheme("http://a", "file:///a"));
}

static void test_public_part(void **state)
{
	static const char *const rows[][2] = {
		{ "https://host/path", "https://host/path" },
		{ "https://user:secret@host:8080/a/b?token=x#y", "https://host:8080/a/b" },
		{ "http://user:sec@ret@host", "http://host" },
		{ "http://host/a@b", "http://host/a@b" },
		{ "http://host?x@y", "http://host" },
		{ "user:secret@host", "host" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO_BUF struct buf b = { 0 };

		url_public(rows[i][0], &b);
		assert_string_equal(buf_text(&b), rows[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_retry_after),
		cmocka_unit_test(test_header),
		cmocka_unit_test(test_origins),
		cmocka_unit_test(test_public_part),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
