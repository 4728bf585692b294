/* SPDX-License-Identifier: Apache-2.0 */
/* rancher.force_console_rebuild: consoles alone are made anew, and once. */
#include "tests/unit/agentroot.h"

#include "agent/config/config.h"
#include "agent/console/console_rebuild.h"

static const struct doc_node *load(struct agentroot *f, struct doc_pool *p)
{
	const struct doc_node *config = NULL;
	struct error err = { 0 };

	assert_ok(config_load(f->root, p, &config, &err), &err);
	return config;
}

static void test_once(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct agentroot *f = *state;
	struct service all[] = { { .name = "console", .console = "default" }, { .name = "ntp" } };
	struct service_set set = { .all = all, .n = ARRAY_LEN(all) };
	struct error err = { 0 };

	assert_ok(doc_pool_new(&p, &err), &err);
	agentroot_put(f, CONFIG_OWN, "#cloud-config\nhostname: box\n");
	assert_false(console_rebuild_want(load(f, p), &set));
	assert_int_equal(all[0].rebuild, SERVICE_REBUILD_CHANGED);
	/* User-data ask for it; what was done is noted above them. */
	agentroot_put(f, CONFIG_DIR "/boot.yml", "#cloud-config\n"
						 "rancher: {force_console_rebuild: true}\n");
	assert_true(console_rebuild_want(load(f, p), &set));
	assert_int_equal(all[0].rebuild, SERVICE_REBUILD_ALWAYS);
	assert_int_equal(all[1].rebuild, SERVICE_REBUILD_CHANGED);
	assert_ok(console_rebuild_done(f->root, &err), &err);
	agentroot_text(f, CONFIG_OWN,
		       "#cloud-config\nhostname: box\nrancher:\n  force_console_rebuild: false\n");
	assert_false(console_rebuild_want(load(f, p), &set));
}

int main(void)
{
	const struct CMUnitTest tests[] = { agentroot_test(test_once) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
