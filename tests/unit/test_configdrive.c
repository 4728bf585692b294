/* SPDX-License-Identifier: Apache-2.0 */
/* Config-drives: versions, the EC2 tree, RancherOS' drives and paths, Proxmox', vendor data, keys,
 * network, injected files; wrong labels, broken JSON, damaged media. */
#include "tests/unit/medium.h"

#include <errno.h>

#include "agent/userdata/instance.h"
#include "datasource/openstack_vendor.h"

#define LATEST "mkdir -p t/openstack/latest; cd t/openstack/latest; "
#define ISO    "cd $1; iso config-2 sr0"

static const struct instance *instance(struct medium *f, struct doc_pool *p)
{
	static struct instance in;

	assert_ok(instance_read(p, &f->payload, &in, &f->err), &f->err);
	return &in;
}

/* What an OpenStack of today writes. */
static void test_full(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct medium *f = *state;
	const struct instance *in;

	medium_make(
		f,
		"mkdir -p t/openstack/{2012-08-10,2018-08-27,latest,content}; "
		"echo '{\"uuid\": \"old\"}' >t/openstack/2012-08-10/meta_data.json; "
		"echo '{\"uuid\": \"latest\"}' >t/openstack/latest/meta_data.json; "
		"cd t/openstack/2018-08-27; "
		"cat >meta_data.json <<'E'\n"
		"{\"uuid\": \"83679162-1378-4288-a2d4-70e13ec132aa\", \"hostname\": \"vm.lan\","
		" \"name\": \"vm\", \"availability_zone\": \"nova\", \"launch_index\": 0,"
		" \"public_keys\": {\"mykey\": \"ssh-ed25519 AAAA a\\nssh-ed25519 BBBB b\"},"
		" \"files\": [{\"content_path\": \"/content/0000\", \"path\": \"/etc/x\"},"
		" {\"content_path\": \"/content/0009\", \"path\": \"/etc/y\"}]}\nE\n"
		"printf '#cloud-config\\n' >user_data; "
		"echo '{\"cloud-init\": \"#cloud-config\\na: 1\"}' >vendor_data.json; "
		"echo '{\"links\": []}' >network_data.json; printf hello >../content/0000; " ISO);
	medium_fetch_ok(f, "configdrive");
	assert_part(f, USER_DATA, "#cloud-config\n");
	assert_part(f, VENDOR_DATA, "#cloud-config\na: 1");
	assert_part(f, NETWORK_CONFIG, "{\"links\": []}\n");
	assert_string_equal(f->payload.where, "/dev/sr0 (iso9660, label config-2)");
	assert_string_equal(f->payload.warning, "content_path content/0009: no 0009");
	assert_ok(doc_pool_new(&p, &f->err), &f->err);
	in = instance(f, p);
	assert_string_equal(in->id, "83679162-1378-4288-a2d4-70e13ec132aa");
	assert_string_equal(in->hostname, "vm.lan");
	assert_string_equal(in->zone, "nova");
	assert_int_equal(in->keys->len, 2);
	assert_string_equal(in->keys->items[1]->text, "ssh-ed25519 BBBB b");
	assert_non_null(strstr(medium_part(f, DATASOURCE_META_DATA),
			       "\"injected-files\":[{\"path\":\"/etc/x\",\"content\":\"aGVsbG8=\","
			       "\"encoding\":\"b64\"}]"));
}

/* RancherOS' documentation: user_data in latest, and nothing else. */
static void test_user_data_alone(void **state)
{
	struct medium *f = *state;

	medium_put(f, "/sys/class/dmi/id/product_uuid", "2D6B5E1F-5B6E-4A0B-9C1D-0123456789AB\n");
	medium_make(f, LATEST "echo user >user_data; " ISO);
	medium_fetch_ok(f, "configdrive");
	assert_part(f, USER_DATA, "user\n");
	assert_part(f, META_DATA, "{\"instance-id\":\"2D6B5E1F-5B6E-4A0B-9C1D-0123456789AB\"}");
	medium_make(f, LATEST "echo user >user_data; : >meta_data.json; " ISO);
	medium_fetch_ok(f, "configdrive");
	assert_part(f, USER_DATA, "user\n");
}

static void test_ec2_tree(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct medium *f = *state;
	const struct instance *in;

	medium_make(f,
		    "mkdir -p t/ec2/latest; cd t/ec2/latest; echo user >user-data; "
		    "echo '{\"instance-id\": \"i-9\", \"local-hostname\": \"e\", \"public-keys\": "
		    "{\"0\": {\"openssh-key\": \"ssh-ed25519 AAAA k\"}}, \"placement\": "
		    "{\"availability-zone\": \"z\"}, \"instance-type\": \"m1\", \"local-ipv4\": "
		    "\"10.0.0.1\"}' >meta-data.json; cd $1; fat CONFIG-2 vdb");
	medium_fetch_ok(f, "configdrive");
	assert_ok(doc_pool_new(&p, &f->err), &f->err);
	in = instance(f, p);
	assert_string_equal(in->id, "i-9");
	assert_string_equal(in->hostname, "e");
	assert_string_equal(in->zone, "z");
	assert_string_equal(in->type, "m1");
	assert_string_equal(in->private_ipv4, "10.0.0.1");
	assert_int_equal(in->keys->len, 1);
	assert_part(f, USER_DATA, "user\n");
}

/* Proxmox' configdrive2: the network is ENI text in content/0000. */
static void test_proxmox_drive(void **state)
{
	struct medium *f = *state;

	medium_make(f, "mkdir -p t/openstack/{latest,content}; cd t/openstack; "
		       "printf 'auto lo\\niface lo inet loopback\\n' >content/0000; "
		       "echo '{\"uuid\": \"u\", \"network_config\": {\"content_path\": "
		       "\"/content/0000\"}}' >latest/meta_data.json; : >latest/user_data; " ISO);
	medium_fetch_ok(f, "configdrive");
	assert_part(f, NETWORK_CONFIG, "auto lo\niface lo inet loopback\n");
	assert_part(f, USER_DATA, "");
}

static void test_newer_keys(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct medium *f = *state;
	const struct instance *in;

	medium_make(f, LATEST "echo '{\"keys\": [{\"name\": \"a\", \"type\": \"ssh\", \"data\": "
			      "\"ssh-rsa AAAA\"}, {\"type\": \"x509\", \"data\": \"no\"}]}' "
			      ">meta_data.json; " ISO);
	medium_fetch_ok(f, "configdrive");
	assert_ok(doc_pool_new(&p, &f->err), &f->err);
	in = instance(f, p);
	assert_int_equal(in->keys->len, 1);
	assert_string_equal(in->keys->items[0]->text, "ssh-rsa AAAA");
}

/* --- places --- */

static void test_paths(void **state)
{
	struct medium *f = *state;

	medium_put(f, "/mnt/cd/openstack/latest/user_data", "path");
	medium_fetch_ok(f, "configdrive:/mnt/cd");
	assert_part(f, USER_DATA, "path");
	assert_int_equal(medium_fetch(f, "configdrive:/nowhere"), -ENODATA);
	medium_make(f, LATEST "echo medium >user_data; " ISO);
	medium_fetch_ok(f, "configdrive:/media/config-2");
	assert_part(f, USER_DATA, "medium\n");
	medium_put(f, "/media/config-2/openstack/latest/user_data", "mounted");
	medium_fetch_ok(f, "configdrive:/media/config-2");
	assert_part(f, USER_DATA, "mounted");
	assert_int_equal(medium_clue(f, "configdrive").stage, DATASOURCE_BY_MEDIUM);
	medium_put(f, "/var/lib/cloud/seed/config_drive/openstack/latest/user_data", "seed");
	medium_fetch_ok(f, "configdrive");
	assert_part(f, USER_DATA, "seed");
	assert_int_equal(medium_clue(f, "configdrive").stage, DATASOURCE_BY_SEED);
}

/* A whole disk without a label will do; a partition, and a medium of another label, will not. */
static void test_labels(void **state)
{
	struct medium *f = *state;

	medium_make(f, LATEST "echo '{}' >meta_data.json; cd $1; fat '' vdb1; iso other sr1");
	assert_int_equal(medium_clue(f, "configdrive").match, DATASOURCE_NO);
	assert_int_equal(medium_fetch(f, "configdrive"), -ENODATA);
	assert_string_equal(f->err.msg, "no medium with label config-2");
	medium_make(f, LATEST "echo '{}' >meta_data.json; cd $1; rm dev/*; fat '' vdb");
	assert_int_equal(medium_clue(f, "configdrive").match, DATASOURCE_YES);
	medium_fetch_ok(f, "configdrive");
}

static void test_broken(void **state)
{
	struct medium *f = *state;

	medium_make(f, LATEST "echo '{\"uuid\": ' >meta_data.json; " ISO);
	assert_int_equal(medium_fetch(f, "configdrive"), -EBADMSG);
	assert_non_null(strstr(f->err.msg, "/dev/sr0 (iso9660, label config-2): meta_data.json:"));
	medium_make(f, LATEST "echo '[]' >meta_data.json; " ISO);
	assert_int_equal(medium_fetch(f, "configdrive"), -EBADMSG);
	medium_make(f, LATEST ": >nothing; " ISO);
	assert_int_equal(medium_fetch(f, "configdrive"), -EBADMSG);
	assert_string_equal(f->err.msg, "/dev/sr0 (iso9660, label config-2): it holds neither "
					"openstack/*/meta_data.json nor user_data");
	medium_make(f, LATEST "ln -s /etc/shadow user_data; " ISO);
	assert_int_equal(medium_fetch(f, "configdrive"), -ELOOP);
	medium_make(f, LATEST "echo x >user_data; " ISO "; truncate -s 45K dev/sr0");
	assert_int_equal(medium_fetch(f, "configdrive"), -EBADMSG);
	medium_make(f, LATEST "truncate -s 17M user_data; " ISO);
	assert_int_equal(medium_fetch(f, "configdrive"), -E2BIG);
	/* A content path that leaves its folder finds nothing. */
	medium_make(f, LATEST "echo '{\"files\": [{\"path\": \"/a\", \"content_path\": "
			      "\"../../x\"}]}' >meta_data.json; echo s >../../x; " ISO);
	medium_fetch_ok(f, "configdrive");
	assert_null(strstr(medium_part(f, DATASOURCE_META_DATA), "injected"));
}

/* The drive with the damage is passed over when another is whole. */
/* local and net differ in when cloud-init looks; here it is once. */
static void test_dsmode(void **state)
{
	struct medium *f = *state;

	medium_make(f, LATEST "echo '{\"uuid\": \"u\", \"meta\": {\"dsmode\": \"net\"}}' "
		       ">meta_data.json; " ISO);
	medium_fetch_ok(f, "configdrive");
	medium_make(f, LATEST "echo '{\"uuid\": \"u\", \"meta\": {\"dsmode\": \"disabled\"}}' "
		       ">meta_data.json; " ISO);
	assert_true(medium_fetch(f, "configdrive") < 0);
	assert_non_null(strstr(f->err.msg, "dsmode: disabled"));
}

static void test_two_drives(void **state)
{
	struct medium *f = *state;

	medium_make(f, LATEST "echo x >user_data; " ISO "; iso config-2 sr1; "
			      "truncate -s 45K dev/sr1");
	medium_fetch_ok(f, "configdrive");
	assert_string_equal(f->payload.where, "/dev/sr0 (iso9660, label config-2)");
}

/* RancherOS' proxmox: any disc with user-data, on a machine that says Proxmox. */
static void test_proxmox(void **state)
{
	struct medium *f = *state;

	medium_make(f, "echo user >t/user-data; iso pve sr0");
	assert_int_equal(medium_clue(f, "proxmox").match, DATASOURCE_NO);
	medium_put(f, "/sys/class/dmi/id/product_name", "Proxmox VE\n");
	assert_int_equal(medium_clue(f, "proxmox").match, DATASOURCE_YES);
	medium_fetch_ok(f, "proxmox");
	assert_part(f, USER_DATA, "user\n");
	assert_part(f, META_DATA, "(none)");
	medium_put(f, "/media/pve-config/user-data", "mounted");
	medium_fetch_ok(f, "proxmox");
	assert_part(f, USER_DATA, "mounted");
	medium_put(f, "/mnt/meta-data", "instance-id: x");
	medium_fetch_ok(f, "proxmox:/mnt");
	assert_part(f, META_DATA, "instance-id: x");
	assert_int_equal(medium_fetch(f, "proxmox:/nowhere"), -ENODATA);
	medium_make(f, "echo x >t/other; iso pve sr0");
	assert_int_equal(medium_clue(f, "proxmox").match, DATASOURCE_NO);
}

/* --- vendor data --- */

static void test_vendor(void **state)
{
	static const char *const cases[][3] = {
		{ "\"text\"", NULL, "text" },
		{ "{\"cloud-init\": \"text\"}", NULL, "text" },
		{ "{\"cloud-init\": [\"one\"]}", "{}", "one" },
		{ "[\"a\", \"b\"]", NULL, "#cloud-config-archive\n[\"a\",\"b\"]" },
		{ "\"a\"", "{\"cloud-init\": \"b\"}", "#cloud-config-archive\n[\"a\",\"b\"]" },
		{ "{}", NULL, NULL },
		{ "{\"other\": \"x\"}", "null", NULL },
		{ "{\"cloud-init\": {\"nested\": \"x\"}}", NULL, NULL },
		{ "{\"cloud-init\": ", NULL, NULL },
		{ "", "", NULL },
		{ NULL, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO(doc_pool_free) struct doc_pool *p = NULL;
		AUTO_BUF struct buf first = { 0 };
		AUTO_BUF struct buf second = { 0 };
		AUTO_BUF struct buf out = { 0 };
		bool found;

		assert_int_equal(doc_pool_new(&p, NULL), 0);
		buf_str(&first, cases[i][0] ? cases[i][0] : "");
		buf_str(&second, cases[i][1] ? cases[i][1] : "");
		found = openstack_vendor_text(p, cases[i][0] ? &first : NULL,
					      cases[i][1] ? &second : NULL, &out);
		if (found != (cases[i][2] != NULL))
			fail_msg("case %zu: %d", i, found);
		assert_string_equal(buf_text(&out), found ? cases[i][2] : "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		MEDIUM_TEST(test_full),       MEDIUM_TEST(test_user_data_alone),
		MEDIUM_TEST(test_ec2_tree),   MEDIUM_TEST(test_proxmox_drive),
		MEDIUM_TEST(test_newer_keys), MEDIUM_TEST(test_paths),
		MEDIUM_TEST(test_labels),     MEDIUM_TEST(test_broken),
		MEDIUM_TEST(test_dsmode),
		MEDIUM_TEST(test_two_drives), cmocka_unit_test(test_vendor),
		MEDIUM_TEST(test_proxmox),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
