/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/console/banner.h"

#include "tests/unit/check.h"

static const struct banner plain = {
	.version = "v1", .hostname = "cat", .fingerprints = "", .instance = "", .messages = "",
};

static const char *format(const struct banner *b, struct buf *out)
{
	buf_reset(out);
	banner_format(b, out);
	return buf_text(out);
}

static void says_who_where_and_what_next(void **state)
{
	AUTO_BUF struct buf out = { 0 };
	struct banner b = plain;
	const char *text;

	(void)state;
	b.addresses[0] = (struct banner_address){ "eth0", "10.0.2.15/24", false };
	b.addresses[1] = (struct banner_address){ "eth0", "fd00::1/64", true };
	b.n_addresses = 2;
	b.fingerprints = "256 SHA256:abc root@x (ED25519)\n3072 SHA256:def no comment (RSA)\n";
	b.datasource = "nocloud";
	b.instance = "i-1";
	b.has_keys = true;
	text = format(&b, &out);
	assert_non_null(strstr(text, "OcicatOS v1 - cat"));
	assert_non_null(strstr(text, "10.0.2.15/24  fd00::1/64\n"));
	assert_non_null(strstr(text, "ED25519  SHA256:abc\n"));
	assert_non_null(strstr(text, "RSA      SHA256:def\n"));
	assert_non_null(strstr(text, "from nocloud, instance i-1\n"));
	assert_non_null(strstr(text, "ssh rancher@10.0.2.15\n"));
}

static void says_what_is_missing(void **state)
{
	AUTO_BUF struct buf out = { 0 };
	struct banner b = plain;

	(void)state;
	assert_non_null(strstr(format(&b, &out), "no user-data found"));
	assert_non_null(strstr(buf_text(&out), "no address yet"));
	assert_non_null(strstr(buf_text(&out), "no SSH key is known"));
	b.autologin = b.live = true;
	assert_non_null(strstr(format(&b, &out), "docker run"));
	assert_null(strstr(buf_text(&out), "no SSH key"));
}

static void text_from_outside_does_nothing_to_the_terminal(void **state)
{
	AUTO_BUF struct buf out = { 0 };
	struct banner b = plain;

	(void)state;
	b.messages = "bad \x1b[2J \\n text\n2\n3\n4\n5\n6\n7\n8\n";
	b.hostname = "evil\x07\\4";
	format(&b, &out);
	assert_null(strchr(buf_text(&out), '\x1b'));
	assert_null(strchr(buf_text(&out), '\x07'));
	assert_non_null(strstr(buf_text(&out), "\\\\n text"));
	assert_non_null(strstr(buf_text(&out), "evil \\\\4"));
	assert_non_null(strstr(buf_text(&out), "and 2 more"));
	b.fingerprints = "garbage\n)(\n 1 2 3\n";
	assert_null(strstr(format(&b, &out), "garbage"));
}

static void container_networks_are_not_shown(void **state)
{
	(void)state;
	assert_true(banner_is_container_interface("lo"));
	assert_true(banner_is_container_interface("docker0"));
	assert_true(banner_is_container_interface("veth12ab"));
	assert_true(banner_is_container_interface("br-0123"));
	assert_false(banner_is_container_interface("eth0"));
	assert_false(banner_is_container_interface("br0"));
	assert_false(banner_is_container_interface("long0"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_who_where_and_what_next),
		cmocka_unit_test(says_what_is_missing),
		cmocka_unit_test(text_from_outside_does_nothing_to_the_terminal),
		cmocka_unit_test(container_networks_are_not_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
