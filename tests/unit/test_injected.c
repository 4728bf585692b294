/* SPDX-License-Identifier: Apache-2.0 */
/* Files that a config-drive injects are written once for an instance. */
#include "tests/unit/agentroot.h"

#define META(id, content)                                                                   \
	"{\"instance-id\": \"" id "\", \"injected-files\": [{\"path\": \"/etc/injected\", " \
	"\"content\": \"" content "\", \"encoding\": \"b64\"}]}"

static void test_injected(void **state)
{
	struct agentroot *f = *state;

	agentroot_give(f, DATASOURCE_META_DATA, META("i-1", "aGVsbG8K"));
	agentroot_apply(f, "hostname: a\n");
	assert_string_equal(agentroot_result(f, "injected_files"), "changed");
	agentroot_text(f, "/etc/injected", "hello\n");
	/* Its owner may change it; another instance gets it anew. */
	agentroot_put(f, "/etc/injected", "mine\n");
	agentroot_again(f);
	agentroot_text(f, "/etc/injected", "mine\n");
	agentroot_give(f, DATASOURCE_META_DATA, META("i-2", "aGVsbG8K"));
	agentroot_again(f);
	agentroot_text(f, "/etc/injected", "hello\n");
}

static void test_bad(void **state)
{
	struct agentroot *f = *state;

	agentroot_give(f, DATASOURCE_META_DATA, META("i-1", "!"));
	agentroot_apply(f, "hostname: a\n");
	assert_string_equal(agentroot_result(f, "injected_files"), "failed");
	assert_false(file_exists(f->root, "/etc/injected"));
	agentroot_give(f, DATASOURCE_META_DATA, "{\"instance-id\": \"i-1\"}");
	agentroot_again(f);
	assert_string_equal(agentroot_result(f, "injected_files"), "skipped");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_injected, agentroot_setup, agentroot_teardown),
		cmocka_unit_test_setup_teardown(test_bad, agentroot_setup, agentroot_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
