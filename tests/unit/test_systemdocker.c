/* SPDX-License-Identifier: Apache-2.0 */
/* System Docker's configuration: what rancher.system_docker changes of it, and what it cannot. */
#include "tests/unit/agentroot.h"

#include "agent/service/systemdocker.h"

static void test_changes(void **state)
{
	struct agentroot *f = *state;

	agentroot_put(f, SYSTEMDOCKER_IMAGE,
		      "{\"data-root\":\"/x\",\"log-opts\":{\"max-size\":\"1m\"}}");
	agentroot_apply(
		f, "rancher:\n  system_docker: {insecure_registry: ['r:5000'], registry_mirror: "
		   "'http://m', log_opts: {max-size: 9m}, graph: /elsewhere, debug: true}\n"
		   "  network: {http_proxy: 'http://p'}\n");
	agentroot_text(f, SYSTEMDOCKER_JSON,
		       "{\"data-root\":\"/x\",\"log-opts\":{\"max-size\":\"9m\"},"
		       "\"proxies\":{\"http-proxy\":\"http://p\"},"
		       "\"insecure-registries\":[\"r:5000\"],\"registry-mirrors\":[\"http://m\"],"
		       "\"debug\":true}\n");
	agentroot_said(f, "rancher.system_docker.graph has no effect");
	assert_string_equal(agentroot_result(f, "system_docker"), "changed");
	agentroot_mode(f, SYSTEMDOCKER_JSON, 0600);
	agentroot_idempotent(f);
}

/* The owner's file goes before the image's; one that is no JSON is told, and passed over. */
static void test_base(void **state)
{
	struct agentroot *f = *state;

	agentroot_put(f, SYSTEMDOCKER_IMAGE, "{\"group\":\"root\"}");
	agentroot_put(f, SYSTEMDOCKER_BASE, "{\"group\":\"own\"}");
	agentroot_apply(f, "hostname: a\n");
	agentroot_text(f, SYSTEMDOCKER_JSON, "{\"group\":\"own\"}\n");
	agentroot_put(f, SYSTEMDOCKER_BASE, "{\"group\":");
	agentroot_again(f);
	agentroot_text(f, SYSTEMDOCKER_JSON, "{\"group\":\"root\"}\n");
	agentroot_said(f, SYSTEMDOCKER_BASE);
}

static void test_nothing_there(void **state)
{
	struct agentroot *f = *state;

	agentroot_apply(f, "rancher: {console: ubuntu, docker: {engine: docker-20.10.5}}\n");
	assert_string_equal(agentroot_result(f, "system_docker"), "skipped");
	assert_false(file_exists(f->root, SYSTEMDOCKER_JSON));
	agentroot_said(f, "the console ubuntu is not here");
	agentroot_said(f, "the engine docker-20.10.5 is not here");
	assert_false(doc_has_errors(f->p));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		agentroot_test(test_changes),
		agentroot_test(test_base),
		agentroot_test(test_nothing_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
