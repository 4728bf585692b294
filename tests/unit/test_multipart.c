/* SPDX-License-Identifier: Apache-2.0 */
/* A message of many parts, applied below a root: order, what each becomes, what a bad one costs,
 * and that scripts come and go with it. */
#include "tests/unit/agentroot.h"
#include "tests/unit/fakepage.h"

#include "agent/config/config.h"
#include "agent/userdata/scripts.h"

static const struct fakepage_page pages[] = {
	{ "/more.yml", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
		       "#cloud-config\nhostname: include\nlast: include\n" },
	{ NULL, NULL },
};

/* gzip of: hostname: gzip, timezone: UTC, write_files: /gzip */
static const char gzip_part[] =
	"--b\n"
	"Content-Type: application/gzip\n"
	"Content-Transfer-Encoding: base64\n"
	"\n"
	"H4sIAAAAAAACA1NOzskvTdFNzs9Ly0znysgvLslLzE21UkivyizgKsnMTa3KzwNyQ0OcucqLMktS\n"
	"49Myc1KLrbh0FaoLEksyrBT0QSp1FIAGlKTmlVgpVNRyAQBSACggVAAAAA==\n";

static const char jinja_part[] = "--b\n"
				 "Content-Type: text/jinja2\n"
				 "\n"
				 "## template: jinja\n"
				 "#cloud-config\n"
				 "hostname: {{ v1.local_hostname }}-jinja\n"
				 "jinja: \"{{ ds.meta_data.instance_id }}\"\n"
				 "{% for k in v1.public_ssh_keys %}\n"
				 "key{{ loop.index }}: {{ k }}\n"
				 "{% endfor %}\n";

static const char archive_part[] = "--b\n"
				   "Content-Type: text/cloud-config-archive\n"
				   "\n"
				   "#cloud-config-archive\n"
				   "- type: text/cloud-config\n"
				   "  content: |\n"
				   "    hostname: archive\n"
				   "    write_files:\n"
				   "    - {path: /archive, content: x}\n"
				   "- |\n"
				   "  #!/bin/sh\n"
				   "  echo archive\n";

static const char script_part[] = "--b\n"
				  "Content-Type: text/x-shellscript; charset=\"utf-8\"\n"
				  "Content-Disposition: attachment; filename=\"my script.sh\"\n"
				  "\n"
				  "#!/bin/sh\n"
				  "echo script\n";

static const char hook_part[] = "--b\n"
				"Content-Type: text/cloud-boothook\n"
				"\n"
				"#cloud-boothook\n"
				"#!/bin/sh\n"
				"echo $INSTANCE_ID\n";

static const char merged_part[] = "--b\n"
				  "Content-Type: text/cloud-config\n"
				  "Merge-Type: dict(recurse_list)+list(append)\n"
				  "\n"
				  "write_files:\n"
				  "- {path: /merged, content: x}\n";

static void write_message(struct buf *out, unsigned port)
{
	buf_str(out, "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"b\"\n\n");
	buf_str(out, gzip_part);
	buf_str(out, jinja_part);
	buf_str(out, archive_part);
	buf_str(out, script_part);
	buf_fmt(out,
		"--b\nContent-Type: text/x-include-url\n\n#include\n"
		"http://127.0.0.1:%u/more.yml\n",
		port);
	buf_str(out, hook_part);
	buf_str(out, merged_part);
	buf_str(out, "--b--\n");
}

static void test_right_order(void **state)
{
	struct agentroot *f = *state;
	AUTO_BUF struct buf message = { 0 };
	struct fakepage web;

	fakepage_start(&web, pages);
	write_message(&message, web.port);
	agentroot_give(f, DATASOURCE_META_DATA,
		       "instance-id: i-9\nlocal-hostname: box.example\npublic-keys: [a, b]\n");
	agentroot_give(f, DATASOURCE_USER_DATA, buf_text(&message));
	agentroot_again(f);
	fakepage_stop(&web);
	assert_true(f->a.user_data_good);

	/* The include comes last of those that name the host; others' keys stay. */
	agentroot_text(f, "/etc/hostname", "include\n");
	assert_string_equal(doc_str(f->a.config, "timezone", ""), "UTC");
	assert_string_equal(doc_str(f->a.config, "jinja", ""), "i-9");
	assert_string_equal(doc_str(f->a.config, "key2", ""), "b");
	assert_string_equal(doc_str(f->a.config, "last", ""), "include");
	/* A list replaces that of an earlier part, unless its part says otherwise. */
	assert_false(file_exists(f->root, "/gzip"));
	agentroot_text(f, "/archive", "x");
	agentroot_text(f, "/merged", "x");

	agentroot_text(f, SCRIPTS_DIR "/001-part-004.boot", "#!/bin/sh\necho archive");
	agentroot_text(f, SCRIPTS_DIR "/002-my_script.sh.boot", "#!/bin/sh\necho script");
	assert_false(file_exists(f->root, SCRIPTS_ONE));
	agentroot_text(f, SCRIPTS_HOOK_DIR "/u001-part-007.boot", "#!/bin/sh\necho $INSTANCE_ID");
	/* Below a root nothing of it is run. */
	assert_string_equal(agentroot_result(f, "boothook"), "skipped");

	/* Whoever reads the kept file sees where each key came from. */
	agentroot_has(f, CONFIG_BOOT, "# user-data:part-001:3\ntimezone: UTC\n");
	agentroot_has(f, CONFIG_BOOT, "/more.yml:2\nhostname: include\n");
}

/* The second boot changes nothing; one without the server neither. */
static void test_again(void **state)
{
	struct agentroot *f = *state;
	AUTO_BUF struct buf message = { 0 };
	struct fakepage web;

	fakepage_start(&web, pages);
	write_message(&message, web.port);
	agentroot_give(f, DATASOURCE_META_DATA, "instance-id: i-9\n");
	agentroot_give(f, DATASOURCE_USER_DATA, buf_text(&message));
	agentroot_again(f);
	agentroot_again(f);
	assert_string_equal(agentroot_result(f, "write_files"), "unchanged");
	fakepage_stop(&web);
	agentroot_again(f);
	assert_true(f->a.user_data_good);
	agentroot_said(f, "(the copy of an earlier boot is used)");
	agentroot_text(f, "/etc/hostname", "include\n");
}

#define HEAD "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n"

static void test_bad_part_costs_itself(void **state)
{
	struct agentroot *f = *state;

	agentroot_give(f, DATASOURCE_USER_DATA,
		       HEAD "--b\nContent-Type: text/cloud-config\n\nhostname: [bad\n"
			    "--b\nContent-Type: text/part-handler\n\n#part-handler\n"
			    "--b\nContent-Type: text/cloud-config\n\nhostname: good\n"
			    "--b\n\n#!/bin/sh\n--b--\n");
	agentroot_again(f);
	assert_false(f->a.user_data_good);
	agentroot_text(f, "/etc/hostname", "good\n");
	agentroot_text(f, SCRIPTS_ONE, "#!/bin/sh");
	agentroot_said(f, "user-data:8:1: ");
	agentroot_said(f, "user-data:11:1: a part-handler (Python code) is not supported");
	/* Nothing good in it: all stays. */
	agentroot_give(f, DATASOURCE_USER_DATA,
		       HEAD "--b\nContent-Type: text/cloud-config\n\nhostname: [bad\n--b--\n");
	agentroot_again(f);
	agentroot_text(f, "/etc/hostname", "good\n");
	agentroot_text(f, SCRIPTS_ONE, "#!/bin/sh");
	agentroot_said(f, "user-data: the last good user-data stays in effect");
}

static bool is_there(const struct agentroot *f, const char *dir)
{
	struct scripts_names *names = malloc(sizeof(*names));
	size_t n;

	assert_non_null(names);
	scripts_list(f->root, dir, names);
	n = names->n;
	free(names);
	return n > 0;
}

static void test_scripts_come_and_go(void **state)
{
	struct agentroot *f = *state;

	agentroot_give(f, DATASOURCE_VENDOR_DATA, "#!/bin/vendor\n");
	agentroot_give(f, DATASOURCE_USER_DATA,
		       HEAD "--b\n\n#!/bin/one\n--b\nContent-Type: "
			    "text/x-shellscript-per-once\n\n#!/bin/two\n"
			    "--b\n\n#cloud-boothook\n--b--\n");
	agentroot_again(f);
	agentroot_text(f, SCRIPTS_VENDOR_DIR "/001-part-001.boot", "#!/bin/vendor\n");
	agentroot_text(f, SCRIPTS_DIR "/002-part-002.once", "#!/bin/two");
	agentroot_give(f, DATASOURCE_USER_DATA, "#cloud-config\nvendor_data: {enabled: false}\n");
	agentroot_again(f);
	assert_false(is_there(f, SCRIPTS_VENDOR_DIR));
	assert_false(is_there(f, SCRIPTS_DIR));
	assert_false(is_there(f, SCRIPTS_HOOK_DIR));
	/* One script that runs but once has no place at RancherOS' path. */
	agentroot_give(f, DATASOURCE_USER_DATA,
		       "Content-Type: text/x-shellscript-per-instance\n\n#!/bin/x\n");
	agentroot_again(f);
	assert_false(file_exists(f->root, SCRIPTS_ONE));
	agentroot_text(f, SCRIPTS_DIR "/001-part-001.instance", "#!/bin/x\n");
}

static void test_marks(void **state)
{
	struct agentroot *f = *state;
	struct error err = { 0 };

	assert_true(scripts_is_due(f->root, "a.boot", "i-1"));
	assert_ok(scripts_mark(f->root, "a.boot", "i-1", &err), &err);
	assert_true(scripts_is_due(f->root, "a.boot", "i-1"));
	assert_true(scripts_is_due(f->root, "a.instance", "i-1"));
	assert_ok(scripts_mark(f->root, "a.instance", "i-1", &err), &err);
	assert_false(scripts_is_due(f->root, "a.instance", "i-1"));
	assert_true(scripts_is_due(f->root, "a.instance", "i-2"));
	assert_true(scripts_is_due(f->root, "a.instance", NULL));
	assert_ok(scripts_mark(f->root, "a.once", "i-1", &err), &err);
	assert_false(scripts_is_due(f->root, "a.once", "i-2"));
	/* Names without a word about it: the scripts that RancherOS knows. */
	assert_ok(scripts_mark(f->root, "rc.local", NULL, &err), &err);
	assert_true(scripts_is_due(f->root, "rc.local", NULL));
}

static void test_address(void **state)
{
	struct agentroot *f = *state;

	agentroot_give(f, DATASOURCE_META_DATA, "local-ipv4: 10.1.2.3\n");
	agentroot_apply(f, "hostname: h\nwrite_files: [{path: /ip, content: $private_ipv4}]\n");
	agentroot_silent(f);
	agentroot_text(f, "/ip", "10.1.2.3");
	/* Metadata cannot put more than an address there. */
	agentroot_give(f, DATASOURCE_META_DATA, "local-ipv4: \"1.1.1.1, x: y\"\n");
	agentroot_again(f);
	agentroot_text(f, "/ip", "$private_ipv4");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, agentroot_setup, agentroot_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_right_order),		TEST(test_again), TEST(test_bad_part_costs_itself),
		TEST(test_scripts_come_and_go), TEST(test_marks), TEST(test_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
