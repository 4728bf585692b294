/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/account/shadow.h"

#include <errno.h>

#include "tests/unit/check.h"

static const char text[] = "root:*:19700:0:99999:7:::\n"
			   "rancherx:*:19700:0:99999:7:::\n"
			   "rancher:*:19700:0:99999:7:::\n"
			   "docker:*:19700";

static void only_that_user_is_changed(void **state)
{
	AUTO_BUF struct buf out = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_ok(shadow_replace(text, "rancher", "$6$a$b", &out, &err), &err);
	assert_string_equal(buf_text(&out), "root:*:19700:0:99999:7:::\n"
					    "rancherx:*:19700:0:99999:7:::\n"
					    "rancher:$6$a$b::0:99999:7:::\n"
					    "docker:*:19700");
	buf_reset(&out);
	assert_ok(shadow_replace(text, "docker", "$y$c", &out, &err), &err);
	assert_non_null(strstr(buf_text(&out), "docker:$y$c::0:99999:7:::\n"));
}

static void nothing_can_add_a_line(void **state)
{
	AUTO_BUF struct buf out = { 0 };

	(void)state;
	assert_int_equal(shadow_replace(text, "rancher", "x\nroot::0", &out, NULL), -EINVAL);
	assert_int_equal(shadow_replace(text, "rancher", "x:y", &out, NULL), -EINVAL);
	assert_int_equal(shadow_replace(text, "", "x", &out, NULL), -EINVAL);
	assert_int_equal(shadow_replace(text, "nobody", "x", &out, NULL), -ENODATA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_that_user_is_changed),
		cmocka_unit_test(nothing_can_add_a_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
