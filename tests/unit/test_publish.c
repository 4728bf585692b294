/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for an address that the metadata of VMware ask for (wait-on-network): one that is there,
 * one that comes, one that does not; and where the metadata say so. In a network of the test's own.
 */
#include "tests/unit/check.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/wait.h>

#include "agent/apply/publish.h"
#include "agent/userdata/instance.h"
#include "lib/proc.h"
#include "lib/scope.h"
#include "tests/unit/scratch.h"

#define IP_MS 10000
#define COMES_MS 20000

static bool has_network;

static void sh(const char *script)
{
	const char *const argv[] = { "/bin/sh", "-c", script, NULL };
	struct error err = { 0 };

	assert_ok(proc_run(argv, NULL, IP_MS, NULL, &err), &err);
}

static int make_network(void **state)
{
	(void)state;
	has_network = unshare(CLONE_NEWNET) == 0;
	if (has_network)
		sh("ip link add eth0 type veth peer name peer0 && ip link set peer0 up && "
		   "ip link set eth0 up");
	return 0;
}

static void need_network(void)
{
	if (!has_network)
		skip();
}

static void test_does_not_come(void **state)
{
	struct vmware_publish p;
	struct error err = { 0 };

	(void)state;
	need_network();
	assert_int_equal(publish_await(true, false, 50, &p, &err), -ETIMEDOUT);
	assert_string_equal(err.msg, "no IPv4 address after 0 s");
	assert_string_equal(p.ipv4, "");
}

/* Somebody sets it while we wait: the kernel's word of it ends the waiting, not the deadline. */
static void test_comes(void **state)
{
	struct vmware_publish p;
	struct error err = { 0 };
	pid_t pid;
	int status;

	(void)state;
	need_network();
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		execl("/bin/sh", "sh", "-c",
		      "ip address add 10.1.2.3/24 dev eth0 && "
		      "ip route add default via 10.1.2.1",
		      (char *)NULL);
		_exit(1);
	}
	assert_ok(publish_await(true, false, COMES_MS, &p, &err), &err);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_string_equal(p.ipv4, "10.1.2.3");
	/* The other family is another matter. */
	assert_int_equal(publish_await(true, true, 50, &p, &err), -ETIMEDOUT);
	assert_string_equal(err.msg, "no IPv6 address after 0 s");
	sh("ip address add fd00::5/64 dev eth0 && ip -6 route add default dev eth0");
	assert_ok(publish_await(true, true, COMES_MS, &p, &err), &err);
	assert_string_equal(p.ipv6, "fd00::5");
}

/* Metadata of VMware say it; what they say is kept for the step that waits. */
static void read_wish(const char *source, const char *text, struct instance *ret)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_SCRATCH struct scratch dir = scratch_make();
	AUTO_CLOSE int root = open(dir.path, O_DIRECTORY | O_CLOEXEC);
	AUTO_PAYLOAD struct datasource_payload payload = { 0 };
	struct error err = { 0 };
	struct instance in;

	(void)snprintf(payload.source, sizeof(payload.source), "%s", source);
	buf_str(&payload.part[DATASOURCE_META_DATA], text);
	payload.has[DATASOURCE_META_DATA] = true;
	assert_ok(doc_pool_new(&p, &err), &err);
	assert_ok(instance_read(p, &payload, &in, &err), &err);
	assert_true(root >= 0);
	assert_ok(instance_save(root, &in, &err), &err);
	instance_load(root, p, ret);
}

static void test_metadata(void **state)
{
	struct instance in;

	(void)state;
	read_wish("vmware", "{instance-id: i, wait-on-network: {ipv4: true, ipv6: false}}", &in);
	assert_true(in.wait_ipv4 && !in.wait_ipv6);
	read_wish("vmware", "{instance-id: i, wait-on-network: {ipv6: yes}}", &in);
	assert_true(!in.wait_ipv4 && in.wait_ipv6);
	read_wish("vmware", "{instance-id: i}", &in);
	assert_true(!in.wait_ipv4 && !in.wait_ipv6);
	read_wish("nocloud", "{instance-id: i, wait-on-network: {ipv4: true}}", &in);
	assert_true(!in.wait_ipv4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_does_not_come),
		cmocka_unit_test(test_comes),
		cmocka_unit_test(test_metadata),
	};

	return cmocka_run_group_tests(tests, make_network, NULL);
}
