/* SPDX-License-Identifier: Apache-2.0 */
/* `ros datasource fetch --json` of media, as outsiders see it: each machine below a root gives the
 * JSON of tests/data/datasource/NAME.json, byte for byte. (To change one: run with UPDATE=1, and
 * look at the difference.) */
#include "tests/unit/medium.h"

#include "agent/command.h"

#define GOLDEN "tests/data/datasource"

extern const struct command command_datasource_fetch;

/* The network model has tests of its own: here it only is there, or not. */
static void cut_network(struct buf *b)
{
	char *from = strstr(buf_text(b), "\"network\":{"),
	     *to = strstr(buf_text(b), ",\"user_data\"");

	if (!from || !to)
		return;
	memmove(from + strlen("\"network\":{"), to - 1, strlen(to) + 2);
	b->len = strlen(b->data);
}

/* What the command prints on stdout, and its exit code. */
static int run(struct medium *f, const char *name, struct buf *out)
{
	const struct env env = { .root = f->root, .rootdir = f->s.path };
	char *argv[] = { (char[]){ "fetch" }, (char[]){ "--json" }, NULL, NULL };
	char copy[128], path[128];
	int saved, fd, code;
	struct error err = { 0 };

	(void)snprintf(copy, sizeof(copy), "%s", name);
	argv[2] = copy;
	(void)snprintf(path, sizeof(path), "%s/stdout", f->s.path);
	(void)fflush(stdout);
	saved = dup(STDOUT_FILENO);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(saved >= 0 && fd >= 0 && dup2(fd, STDOUT_FILENO) >= 0);
	code = command_datasource_fetch.run(&env, 3, argv, &err);
	(void)fflush(stdout);
	(void)dup2(saved, STDOUT_FILENO);
	(void)close(saved);
	(void)lseek(fd, 0, SEEK_SET);
	assert_ok(file_read_fd(fd, "stdout", out, &err), &err);
	(void)close(fd);
	return code;
}

static void golden(struct medium *f, const char *source, const char *name)
{
	AUTO_BUF struct buf out = { 0 };
	AUTO_BUF struct buf want = { 0 };
	AUTO_FCLOSE FILE *file = NULL;
	char path[128];

	assert_int_equal(run(f, source, &out), COMMAND_OK);
	cut_network(&out);
	(void)snprintf(path, sizeof(path), GOLDEN "/%s.json", name);
	if (getenv("UPDATE")) {
		file = fopen(path, "we");
		assert_non_null(file);
		assert_int_equal(fwrite(out.data, 1, out.len, file), out.len);
		return;
	}
	file = fopen(path, "re");
	assert_non_null(file);
	assert_ok(file_read_fd(fileno(file), path, &want, &f->err), &f->err);
	assert_string_equal(buf_text(&out), buf_text(&want));
}

static void test_nocloud(void **state)
{
	medium_make(*state,
		    "cat >t/meta-data <<'E'\n"
		    "instance-id: iid-local01\nlocal-hostname: cloudimg\npublic-keys:\n"
		    "  - ssh-ed25519 AAAA one\n  - ssh-rsa BBBB two\n"
		    "availability-zone: z1\nE\n"
		    "printf '#cloud-config\\nruncmd: [ls]\\n' >t/user-data; "
		    "printf '#!/bin/sh\\ntrue\\n' >t/vendor-data; "
		    "printf 'version: 2\\nethernets:\\n  eth0:\\n    addresses: [10.0.0.2/24]\\n"
		    "    gateway4: 10.0.0.1\\n' >t/network-config; iso cidata sr0");
	golden(*state, "nocloud", "nocloud");
}

static void test_configdrive(void **state)
{
	medium_make(*state,
		    "mkdir -p t/openstack/latest; cd t/openstack/latest; "
		    "cat >meta_data.json <<'E'\n"
		    "{\"uuid\": \"83679162-1378-4288-a2d4-70e13ec132aa\", \"hostname\": "
		    "\"vm.example.org\", \"availability_zone\": \"nova\", \"public_keys\": "
		    "{\"mykey\": \"ssh-ed25519 AAAA one\"}}\nE\n"
		    "printf 'plain\\n' >user_data; "
		    "cat >network_data.json <<'E'\n"
		    "{\"links\": [{\"id\": \"tap1\", \"type\": \"ovs\", \"ethernet_mac_address\": "
		    "\"FA:16:3E:00:00:01\", \"mtu\": 1450}], \"networks\": [{\"id\": \"n0\", "
		    "\"link\": \"tap1\", \"type\": \"ipv4\", \"ip_address\": \"192.0.2.5\", "
		    "\"netmask\": \"255.255.255.0\", \"routes\": [{\"network\": \"0.0.0.0\", "
		    "\"netmask\": \"0.0.0.0\", \"gateway\": \"192.0.2.1\"}]}], \"services\": "
		    "[{\"type\": \"dns\", \"address\": \"192.0.2.53\"}]}\nE\n"
		    "cd $1; fat config-2 vdb");
	golden(*state, "configdrive", "configdrive");
}

static void test_ovf(void **state)
{
	medium_make(*state,
		    "cat >t/ovf-env.xml <<'E'\n"
		    "<?xml version=\"1.0\"?>\n"
		    "<Environment xmlns=\"http://schemas.dmtf.org/ovf/environment/1\" "
		    "xmlns:oe=\"http://schemas.dmtf.org/ovf/environment/1\"><PropertySection>"
		    "<Property oe:key=\"instance-id\" oe:value=\"iid-ovf\"/>"
		    "<Property oe:key=\"hostname\" oe:value=\"appliance\"/>"
		    "<Property oe:key=\"public-keys\" oe:value=\"ssh-ed25519 AAAA one\"/>"
		    "<Property oe:key=\"user-data\" oe:value=\"I2Nsb3VkLWNvbmZpZwo=\"/>"
		    "<Property oe:key=\"guestinfo.interface.0.name\" oe:value=\"eth0\"/>"
		    "<Property oe:key=\"guestinfo.interface.0.dhcp\" oe:value=\"yes\"/>"
		    "<Property oe:key=\"guestinfo.dns.servers\" oe:value=\"192.0.2.53\"/>"
		    "</PropertySection></Environment>\nE\n"
		    "iso 'OVF ENV' sr0");
	golden(*state, "ovf", "ovf");
}

static void test_vmware(void **state)
{
	medium_put(*state, "/sys/class/dmi/id/product_uuid",
		   "4C4C4544-0051-3510-8052-B4C04F4A4E31\n");
	medium_make(
		*state,
		"mkdir -p proc/1; printf 'VMX_GUESTINFO_METADATA=%s\\0"
		"VMX_GUESTINFO_METADATA_ENCODING=base64\\0VMX_GUESTINFO_USERDATA=plain\\0' "
		"$(printf 'local-hostname: esx\\npublic-keys: ssh-ed25519 AAAA one\\nnetwork:\\n"
		"  version: 2\\n  ethernets:\\n    ens192: {dhcp4: true}\\n' | base64 -w 0) "
		">proc/1/environ");
	golden(*state, "vmware", "vmware");
}

/* Network configuration that is text (Proxmox) is brought into the one model as well. */
static void test_eni(void **state)
{
	AUTO_BUF struct buf out = { 0 };

	medium_make(*state, "mkdir -p t/openstack/{latest,content}; cd t/openstack; "
			    "printf 'auto eth0\\niface eth0 inet static\\n address 10.0.0.2/24\\n"
			    " gateway 10.0.0.1\\n' >content/0000; "
			    "echo '{\"uuid\": \"u\", \"network_config\": {\"content_path\": "
			    "\"/content/0000\"}}' >latest/meta_data.json; cd $1; iso config-2 sr0");
	assert_int_equal(run(*state, "configdrive", &out), COMMAND_OK);
	assert_non_null(strstr(buf_text(&out),
			       "\"network\":{\"interfaces\":{\"eth0\":{\"addresses\":"
			       "[\"10.0.0.2/24\"],\"gateway\":\"10.0.0.1\"}}"));
}

/* A source that is not here: its name and nothing else, and exit code 1. */
static void test_nothing(void **state)
{
	AUTO_BUF struct buf out = { 0 };

	assert_int_equal(run(*state, "configdrive", &out), COMMAND_FAILED);
	assert_int_equal(strncmp(buf_text(&out), "{\"datasource\":\"configdrive\"", 26), 0);
	assert_non_null(strstr(buf_text(&out), "\"user_data\":null,\"vendor_data\":null}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MEDIUM_TEST(test_nocloud), MEDIUM_TEST(test_configdrive), MEDIUM_TEST(test_ovf),
		MEDIUM_TEST(test_vmware),  MEDIUM_TEST(test_nothing),     MEDIUM_TEST(test_eni),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
