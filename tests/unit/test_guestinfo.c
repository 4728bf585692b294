/* SPDX-License-Identifier: Apache-2.0 */
/* VMware's guestinfo as metadata: cloud-init's, RancherOS' and CoreOS' keys from the environment of
 * PID 1, encodings, networks, OVF environments in guestinfo and on discs, and what proves that
 * there is data. */
#include "tests/unit/medium.h"

#include <errno.h>

#include "agent/userdata/instance.h"
#include "datasource/guestinfo.h"

#define VMX(key, value) "VMX_GUESTINFO_" key "=" value "\n"
#define OVF_HEAD                                                                             \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Environment xmlns=\"" OVF_ENV_NS "\" " \
	"xmlns:oe=\"" OVF_ENV_NS "\" oe:id=\"\">\n<PropertySection>\n"
#define PROPERTY(key, value) "<Property oe:key=\"" key "\" oe:value=\"" value "\"/>\n"
#define OVF_TAIL             "</PropertySection>\n</Environment>\n"

/* The environment of PID 1; lines end in NUL there. */
static void set_environ(struct medium *f, const char *lines)
{
	struct file_attr attr = { .mode = 0600, .uid = geteuid(), .gid = getegid() };
	char text[8192];
	size_t len = strlen(lines);

	assert_true(len < sizeof(text));
	memcpy(text, lines, len);
	for (size_t i = 0; i < len; i++)
		text[i] = text[i] == '\n' ? '\0' : text[i];
	assert_ok(file_publish(f->root, "/proc/1/environ", text, len, &attr, NULL, &f->err),
		  &f->err);
}

static void ask(struct medium *f, const char *lines)
{
	set_environ(f, lines);
	medium_fetch_ok(f, "vmware");
}

static int ask_bad(struct medium *f, const char *lines)
{
	set_environ(f, lines);
	return medium_fetch(f, "vmware");
}

/* --- cloud-init's keys --- */

static void test_three_keys(void **state)
{
	struct medium *f = *state;

	ask(f,
	    "PATH=/bin\n" VMX("METADATA", "{\"instance-id\": \"i-1\", \"local-hostname\": \"h\"}")
		    VMX("USERDATA", "#cloud-config") VMX("VENDORDATA", "#!/bin/sh"));
	assert_part(f, META_DATA, "{\"instance-id\":\"i-1\",\"local-hostname\":\"h\"}");
	assert_part(f, USER_DATA, "#cloud-config");
	assert_part(f, VENDOR_DATA, "#!/bin/sh");
	assert_part(f, NETWORK_CONFIG, "(none)");
	assert_string_equal(f->payload.where, "guestinfo in the environment of PID 1");
	assert_int_equal(medium_clue(f, "vmware").match, DATASOURCE_YES);
	assert_string_equal(medium_clue(f, "vmware").reason, "guestinfo.metadata has a value");
}

/* Each encoding of "hello". */
static void test_encodings(void **state)
{
	static const char gz[] = "H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA==";
	static const char *const cases[][2] = {
		{ "", "hello" },     { "base64", "aGVsbG8=" }, { "b64", "aGVs bG8" },
		{ "gz+b64", gz },    { "gzip+base64", gz },    { "gzip+b64", gz },
		{ "gz+base64", gz }, { "gzip", gz },
	};
	struct medium *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char lines[256];

		(void)snprintf(lines, sizeof(lines),
			       VMX("USERDATA", "%s") VMX("USERDATA_ENCODING", "%s"), cases[i][1],
			       cases[i][0]);
		ask(f, lines);
		assert_part(f, USER_DATA, "hello");
		assert_string_equal(f->payload.warning, "");
	}
}

/* User-data that do not decode cost themselves alone: the agent gets what could be undone of them.
 * Without metadata there is nothing to go by. */
static void test_bad_encodings(void **state)
{
	static const char *const cases[][3] = {
		{ "base64", "not base64!", "not base64!" },
		{ "gzip+base64", "aGVsbG8=", "hello" },
		{ "rot13", "uryyb", "uryyb" },
		{ "gzip+base64", "H4sIAAAAAAAAA8tIzcnJ", NULL },
	};
	struct medium *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char lines[256];

		(void)snprintf(lines, sizeof(lines),
			       VMX("METADATA", "{instance-id: i, public-keys: [k]}")
				       VMX("USERDATA", "%s") VMX("USERDATA_ENCODING", "%s"),
			       cases[i][1], cases[i][0]);
		ask(f, lines);
		assert_part(f, META_DATA, "{\"instance-id\":\"i\",\"public-keys\":[\"k\"]}");
		assert_true(f->payload.has[DATASOURCE_USER_DATA]);
		if (cases[i][2])
			assert_part(f, USER_DATA, cases[i][2]);
		assert_non_null(strstr(f->payload.warning, "guestinfo.userdata: "));
	}
	ask(f, VMX("USERDATA", "!") VMX("USERDATA_ENCODING", "b64") VMX("VENDORDATA", "?")
		       VMX("VENDORDATA_ENCODING", "b64"));
	assert_string_equal(f->payload.warning, "guestinfo.userdata: it is not base64; "
						"guestinfo.vendordata: it is not base64");
	assert_int_equal(ask_bad(f, VMX("METADATA", "!") VMX("METADATA_ENCODING", "b64")),
			 -EBADMSG);
	assert_string_equal(f->err.msg, "guestinfo.metadata: it is not base64");
	assert_part(f, META_DATA, "(none)");
}

/* A value that is blank, or was redacted, is none. */
static void test_no_data(void **state)
{
	static const char *const cases[] = { "",
					     "PATH=/bin\n",
					     VMX("METADATA", ""),
					     VMX("METADATA", " \t"),
					     VMX("USERDATA", "---"),
					     VMX("USERDATA_ENCODING", "base64"),
					     "XVMX_GUESTINFO_METADATA=x\n",
					     VMX("METADATAX", "x") };
	struct medium *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(ask_bad(f, cases[i]), -ENODATA);
		assert_int_equal(medium_clue(f, "vmware").match, DATASOURCE_NO);
	}
	/* Being on VMware proves nothing. */
	medium_put(f, "/sys/class/dmi/id/sys_vendor", "VMware, Inc.\n");
	assert_int_equal(medium_clue(f, "vmware").match, DATASOURCE_NO);
	assert_string_equal(medium_clue(f, "vmware").reason,
			    "a machine of VMware's, but no guestinfo key has a value");
	set_environ(f, "PATH=/bin\n");
	assert_int_equal(medium_clue(f, "vmware").match, DATASOURCE_MAYBE);
}

static void test_metadata_forms(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct medium *f = *state;
	struct instance in;

	medium_put(f, "/sys/class/dmi/id/product_uuid", "4C4C4544-0051-3510-8052-B4C04F4A4E31\n");
	ask(f, VMX("METADATA", "hostname: y"));
	assert_part(f, META_DATA,
		    "{\"hostname\":\"y\",\"instance-id\":"
		    "\"4c4c4544-0051-3510-8052-b4c04f4a4e31\"}");
	ask(f, VMX("METADATA", "{public-keys-data: ssh-ed25519 AAAA, instance-id: i}"));
	assert_ok(doc_pool_new(&p, &f->err), &f->err);
	assert_ok(instance_read(p, &f->payload, &in, &f->err), &f->err);
	assert_int_equal(in.keys->len, 1);
	ask(f, VMX("METADATA", "{instance-id: i, network: {version: 2, ethernets: {}}}"));
	assert_part(f, NETWORK_CONFIG, "{\"version\":2,\"ethernets\":{}}");
	ask(f, VMX("METADATA", "{instance-id: i, network: {config: {version: 2}}}"));
	assert_part(f, NETWORK_CONFIG, "{\"version\":2}");
	ask(f,
	    VMX("METADATA", "{instance-id: i, network: dmVyc2lvbjogMgo=, network.encoding: b64}"));
	assert_part(f, NETWORK_CONFIG, "version: 2\n");
	assert_int_equal(ask_bad(f, VMX("METADATA", "{network: 'x!', network.encoding: b64}")),
			 -EBADMSG);
	/* What does not parse goes to the agent, which names the place. */
	ask(f, VMX("METADATA", "a: ["));
	assert_part(f, META_DATA, "a: [");
}

/* --- RancherOS' and CoreOS' keys --- */

static void test_rancher_keys(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct medium *f = *state;
	struct instance in;

	ask(f, VMX("HOSTNAME", "rancher") VMX("CLOUD_INIT_CONFIG_DATA", "I2Nsb3VkLWNvbmZpZwo=") VMX(
		       "CLOUD_INIT_DATA_ENCODING",
		       "base64") VMX("INTERFACE_0_NAME", "eth0") VMX("INTERFACE_0_ROLE", "private")
		       VMX("INTERFACE_0_DHCP", "no") VMX("INTERFACE_0_IP_0_ADDRESS", "10.0.0.5")
			       VMX("INTERFACE_0_IP_0_NETMASK",
				   "255.255.255.0") VMX("INTERFACE_0_IP_1_ADDRESS", "fd00::5/64")
				       VMX("INTERFACE_0_ROUTE_0_GATEWAY",
					   "10.0.0.1") VMX("INTERFACE_1_MAC", "00:50:56:AA:BB:CC")
					       VMX("INTERFACE_1_DHCP",
						   "yes") VMX("INTERFACE_3_NAME", "eth3")
						       VMX("DNS_SERVERS", "1.1.1.1, 8.8.8.8")
							       VMX("DNS_SERVER_0", "9.9.9.9")
								       VMX("DNS_DOMAIN_0", "lan"));
	assert_part(f, USER_DATA, "#cloud-config\n");
	assert_part(f, NETWORK_CONFIG,
		    "{\"version\":2,\"ethernets\":{"
		    "\"eth0\":{\"dhcp4\":false,\"addresses\":[\"10.0.0.5/24\",\"fd00::5/64\"],"
		    "\"routes\":[{\"to\":\"0.0.0.0/0\",\"via\":\"10.0.0.1\"}],\"nameservers\":"
		    "{\"addresses\":[\"1.1.1.1\",\"8.8.8.8\",\"9.9.9.9\"],\"search\":[\"lan\"]}},"
		    "\"nic1\":{\"match\":{\"macaddress\":\"00:50:56:aa:bb:cc\"},\"dhcp4\":true,"
		    "\"nameservers\":{\"addresses\":[\"1.1.1.1\",\"8.8.8.8\",\"9.9.9.9\"],"
		    "\"search\":[\"lan\"]}}}}");
	assert_ok(doc_pool_new(&p, &f->err), &f->err);
	assert_ok(instance_read(p, &f->payload, &in, &f->err), &f->err);
	assert_string_equal(in.hostname, "rancher");
	assert_string_equal(in.private_ipv4, "10.0.0.5");
	assert_null(in.public_ipv4);
	assert_non_null(in.network);
}

static void test_coreos_keys(void **state)
{
	struct medium *f = *state;

	ask(f, VMX("COREOS_CONFIG_DATA", "eA==") VMX("COREOS_CONFIG_DATA_ENCODING", "b64"));
	assert_part(f, USER_DATA, "x");
	/* RancherOS' own key comes first, cloud-init's before both. */
	ask(f, VMX("COREOS_CONFIG_DATA", "c") VMX("CLOUD_INIT_CONFIG_DATA", "r"));
	assert_part(f, USER_DATA, "r");
	ask(f, VMX("CLOUD_INIT_CONFIG_DATA", "r") VMX("USERDATA", "u"));
	assert_part(f, USER_DATA, "u");
	/* A wrong encoding is told of, even without data, and costs itself alone. */
	ask(f, VMX("HOSTNAME", "h") VMX("CLOUD_INIT_DATA_ENCODING", "rot13"));
	assert_non_null(strstr(f->payload.warning, "guestinfo.cloud-init.config.data: "));
	assert_part(f, USER_DATA, "(none)");
	ask(f, VMX("HOSTNAME", "h") VMX("CLOUD_INIT_CONFIG_DATA", "x!")
		       VMX("CLOUD_INIT_DATA_ENCODING", "b64"));
	assert_non_null(strstr(f->payload.warning, "guestinfo.cloud-init.config.data: "));
	assert_non_null(strstr(medium_part(f, DATASOURCE_META_DATA), "\"local-hostname\":\"h\""));
	assert_part(f, USER_DATA, "x!");
	/* An address that does not answer is an error. */
	f->ctx.deadline = 1;
	assert_true(ask_bad(f, VMX("CLOUD_INIT_CONFIG_URL", "http://127.0.0.1:1/")) < 0);
	assert_non_null(strstr(f->err.msg, "guestinfo.cloud-init.config.url"));
	assert_true(ask_bad(f, VMX("CLOUD_INIT_CONFIG_URL", "file:///etc/passwd")) < 0);
}

static void test_name_servers_alone(void **state)
{
	struct medium *f = *state;

	ask(f, VMX("DNS_SERVER_0", "9.9.9.9"));
	assert_part(f, NETWORK_CONFIG,
		    "{\"version\":1,\"config\":[{\"type\":\"nameserver\","
		    "\"address\":[\"9.9.9.9\"],\"search\":[]}]}");
}

static void test_bad_addresses(void **state)
{
	static const char *const masks[] = { "", "255.0.255.0", "255.255.255", "24", "x" };
	struct medium *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(masks); i++) {
		char lines[256];

		(void)snprintf(lines, sizeof(lines),
			       VMX("INTERFACE_0_NAME", "eth0")
				       VMX("INTERFACE_0_IP_0_ADDRESS", "10.0.0.5")
					       VMX("INTERFACE_0_IP_0_NETMASK", "%s"),
			       masks[i]);
		assert_int_equal(ask_bad(f, lines), -EBADMSG);
	}
	/* Quotes in a value stay within its string. */
	ask(f, VMX("INTERFACE_0_NAME", "e\"},\"x\":{\"a") VMX("INTERFACE_0_MAC", "a\"b"));
	assert_part(f, NETWORK_CONFIG,
		    "{\"version\":2,\"ethernets\":{\"e\\\"},\\\"x\\\":{\\\"a\":"
		    "{\"match\":{\"macaddress\":\"a\\\"b\"},\"dhcp4\":false}}}");
}

/* --- OVF --- */

/* guestinfo.ovfEnv: its guestinfo properties win over the keys themselves. */
static void test_ovf_in_guestinfo(void **state)
{
	struct medium *f = *state;
	AUTO_BUF struct buf lines = { 0 };

	/* The environment cannot hold line ends here: they stand for the NULs. */
	buf_str(&lines, "VMX_GUESTINFO_OVFENV=<Environment xmlns='" OVF_ENV_NS
			"' xmlns:oe='" OVF_ENV_NS "'><PropertySection>"
			"<Property oe:key='guestinfo.hostname' oe:value='from-ovf'/>"
			"<Property oe:key='user-data' oe:value='aGVsbG8='/>"
			"</PropertySection></Environment>\n");
	set_environ(f, buf_text(&lines));
	medium_fetch_ok(f, "vmware");
	assert_part(f, USER_DATA, "hello");
	assert_non_null(strstr(medium_part(f, DATASOURCE_META_DATA), "\"from-ovf\""));
	buf_str(&lines, VMX("HOSTNAME", "from-key") VMX("USERDATA", "key"));
	ask(f, buf_text(&lines));
	assert_part(f, USER_DATA, "key");
	assert_non_null(strstr(medium_part(f, DATASOURCE_META_DATA), "\"from-ovf\""));
	/* One that is broken costs itself alone. */
	ask(f, "VMX_GUESTINFO_OVFENV=<Environment\n" VMX("HOSTNAME", "h"));
	assert_non_null(strstr(f->payload.warning, "guestinfo.ovfEnv:1:"));
}

static const char ovf_file[] = OVF_HEAD PROPERTY("instance-id", "i-ovf") PROPERTY(
	"hostname", "vbox&amp;co") PROPERTY("public-keys", "ssh-ed25519 AAAA a&#10;ssh-rsa B b")
	PROPERTY("user-data", "I2Nsb3VkLWNvbmZpZwo=") PROPERTY("network-config", "bmV0d29yazoge30K")
		PROPERTY("password", "s\\cret") OVF_TAIL "text after the root element <";

static void put_disc(struct medium *f, const char *text, const char *name, const char *label)
{
	char script[200];

	medium_put(f, "/env", text);
	(void)snprintf(script, sizeof(script), "cp env t/%s; iso '%s' sr0", name, label);
	medium_make(f, script);
}

static void test_ovf_disc(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct medium *f = *state;
	struct instance in;

	put_disc(f, ovf_file, "ovf-env.xml", "OVF ENV");
	medium_fetch_ok(f, "ovf");
	assert_part(f, USER_DATA, "#cloud-config\n");
	assert_part(f, NETWORK_CONFIG, "network: {}\n");
	assert_part(f, VENDOR_DATA,
		    "#cloud-config\n{\"password\": \"s\\\\cret\", \"chpasswd\": "
		    "{\"expire\": false}}\n");
	assert_string_equal(f->payload.where, "/dev/sr0 (iso9660, label OVF ENV)");
	assert_ok(doc_pool_new(&p, &f->err), &f->err);
	assert_ok(instance_read(p, &f->payload, &in, &f->err), &f->err);
	assert_string_equal(in.id, "i-ovf");
	assert_string_equal(in.hostname, "vbox&co");
	assert_int_equal(in.keys->len, 2);
	/* RancherOS read it as vmware. */
	medium_fetch_ok(f, "vmware");
	assert_part(f, USER_DATA, "#cloud-config\n");
}

static void test_ovf_names_and_labels(void **state)
{
	static const char *const names[] = { "ovf-env.xml", "ovf_env.xml", "OVF_ENV.XML",
					     "OVF-ENV.XML" };
	static const char *const labels[] = { "OVF-TRANSPORT", "ovf-transport", "OVFENV", "ovf env",
					      "OVF_ENV",       "anything",      "CDROM" };
	struct medium *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		put_disc(f, ovf_file, names[i], "OVFENV");
		medium_fetch_ok(f, "ovf");
		assert_part(f, USER_DATA, "#cloud-config\n");
	}
	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		put_disc(f, ovf_file, "ovf-env.xml", labels[i]);
		assert_int_equal(medium_clue(f, "ovf").match, DATASOURCE_YES);
	}
}

static void test_not_ovf(void **state)
{
	static const char *const labels[] = { "config-2", "CIDATA", "rd_rdfe_stable.2018" };
	struct medium *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(labels); i++) {
		put_disc(f, ovf_file, "ovf-env.xml", labels[i]);
		assert_int_equal(medium_clue(f, "ovf").match, DATASOURCE_NO);
	}
	/* A disc that only looks so is never searched on Azure, nor when it is large, nor a disk.
	 */
	put_disc(f, ovf_file, "ovf-env.xml", "cd");
	medium_put(f, "/sys/class/dmi/id/chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77\n");
	assert_int_equal(medium_clue(f, "ovf").match, DATASOURCE_NO);
	medium_put(f, "/sys/class/dmi/id/chassis_asset_tag", "\n");
	assert_int_equal(medium_clue(f, "ovf").match, DATASOURCE_YES);
	medium_make(f, "truncate -s 10M dev/sr0");
	assert_int_equal(medium_clue(f, "ovf").match, DATASOURCE_NO);
	medium_make(f, "truncate -s 9M dev/sr0; mv dev/sr0 dev/vdb");
	assert_int_equal(medium_clue(f, "ovf").match, DATASOURCE_NO);
	medium_make(f, "mv dev/vdb dev/hdc");
	assert_int_equal(medium_clue(f, "ovf").match, DATASOURCE_YES);
	medium_make(f, "mv dev/hdc dev/sr0; echo other >t/x; iso cd sr0");
	assert_int_equal(medium_clue(f, "ovf").match, DATASOURCE_NO);
	assert_int_equal(medium_fetch(f, "ovf"), -ENODATA);
}

static void test_broken_ovf(void **state)
{
	struct medium *f = *state;

	put_disc(f, "<Environment xmlns='" OVF_ENV_NS "'><PropertySection>", "ovf-env.xml",
		 "OVFENV");
	assert_int_equal(medium_fetch(f, "ovf"), -EBADMSG);
	assert_non_null(strstr(f->err.msg, "/dev/sr0 (iso9660, label OVFENV): ovf-env.xml:1:"));
	put_disc(f, "<Environment/>", "ovf-env.xml", "OVFENV");
	assert_int_equal(medium_fetch(f, "ovf"), -ENODATA);
	put_disc(f, "<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x/>", "ovf-env.xml",
		 "OVFENV");
	assert_int_equal(medium_fetch(f, "ovf"), -EBADMSG);
	put_disc(f, ovf_file, "other.xml", "OVFENV");
	assert_int_equal(medium_fetch(f, "ovf"), -ENODATA);
	medium_make(f, "ln -s /etc/passwd t/ovf-env.xml; iso OVFENV sr0");
	assert_int_equal(medium_fetch(f, "ovf"), -ELOOP);
}

/* Keys of other machines, and those in another namespace, are none of ours. */
static void test_ovf_properties(void **state)
{
	struct medium *f = *state;

	medium_put(
		f, "/e.xml",
		OVF_HEAD PROPERTY("hostname", "first") PROPERTY(
			"hostname",
			"last") "<Property key=\"user-data\" value=\"x\"/>\n</PropertySection>\n"
				"<Entity oe:id=\"other\"><PropertySection>" PROPERTY(
					"user-data",
					"theirs") "</PropertySection></Entity>\n"
						  "<x:PropertySection xmlns:x=\"urn:x\">" PROPERTY(
							  "user-data", "y") "</"
									    "x:PropertySection><"
									    "PropertySection"
									    ">" PROPERTY("guestinfo"
											 ".cloud-"
											 "init."
											 "config."
											 "data",
											 "raw")
										    OVF_TAIL);
	medium_fetch_ok(f, "ovf:/e.xml");
	assert_part(f, USER_DATA, "raw");
	assert_part(f, META_DATA, "{\"instance-id\":\"iid-dsovf\",\"local-hostname\":\"last\"}");
	medium_fetch_ok(f, "vmware:/e.xml");
	assert_part(f, USER_DATA, "raw");
	medium_put(f, "/var/lib/cloud/seed/ovf/ovf-env.xml",
		   OVF_HEAD PROPERTY("user-data", "not base64!")
			   PROPERTY("network-config", "plain!") PROPERTY("seedfrom", "/srv/seed")
				   OVF_TAIL);
	medium_put(f, "/srv/seed/meta-data", "a: b\n");
	medium_put(f, "/srv/seed/vendor-data", "v");
	medium_fetch_ok(f, "ovf");
	assert_part(f, USER_DATA, "not base64!");
	assert_part(f, NETWORK_CONFIG, "(none)");
	assert_part(f, VENDOR_DATA, "v");
	assert_int_equal(medium_clue(f, "ovf").stage, DATASOURCE_BY_SEED);
}

static bool is_user_data(const char *key)
{
	return !strcmp(key, "user-data");
}

static void test_scrub(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf out = { 0 };
	struct error err = { 0 };
	struct ovf_env env;
	static const char text[] = OVF_HEAD
		"<Property oe:key='user-data' oe:value='a'>x</Property>" PROPERTY("hostname", "h")
			PROPERTY("user-data", "b") OVF_TAIL " tail";

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	assert_ok(ovf_env_parse(p, "t", text, strlen(text), &env, &err), &err);
	ovf_env_scrub(&env, text, strlen(text), is_user_data, &out);
	assert_string_equal(buf_text(&out),
			    OVF_HEAD PROPERTY("hostname", "h") "\n" OVF_TAIL " tail");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MEDIUM_TEST(test_three_keys),
		MEDIUM_TEST(test_encodings),
		MEDIUM_TEST(test_bad_encodings),
		MEDIUM_TEST(test_no_data),
		MEDIUM_TEST(test_metadata_forms),
		MEDIUM_TEST(test_rancher_keys),
		MEDIUM_TEST(test_coreos_keys),
		MEDIUM_TEST(test_name_servers_alone),
		MEDIUM_TEST(test_bad_addresses),
		MEDIUM_TEST(test_ovf_in_guestinfo),
		MEDIUM_TEST(test_ovf_disc),
		MEDIUM_TEST(test_ovf_names_and_labels),
		MEDIUM_TEST(test_not_ovf),
		MEDIUM_TEST(test_broken_ovf),
		MEDIUM_TEST(test_ovf_properties),
		cmocka_unit_test(test_scrub),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
