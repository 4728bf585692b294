/* SPDX-License-Identifier: Apache-2.0 */
/* The agent from a payload to a configured machine, below a scratch root: what it writes, that it
 * writes it once, and that nothing leads it out of the root or out of a home. */
#include "tests/unit/check.h"
#include "tests/unit/put.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <fcntl.h>

#include "agent/apply/apply.h"
#include "agent/config/config.h"
#include "agent/userdata/scripts.h"
#include "lib/file.h"
#include "lib/scope.h"

#define KEY_A "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIHVWaoROzkEO7Y/wb0S+7lqnmm5EQ2pmdX0p8L9aBcD a"
#define KEY_B "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA b"

struct fixture {
	struct scratch s;
	int root;
	struct doc_pool *p;
	struct datasource_payload payload;
	struct apply a;
};

static int setup(void **state)
{
	static struct fixture f;

	f = (struct fixture){ .s = scratch_make(), .payload = { .source = "nocloud" } };
	*state = &f;
	return file_root_open(f.s.path, &f.root, NULL);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	doc_pool_free(f->p);
	datasource_payload_done(&f->payload);
	(void)close(f->root);
	scratch_done(&f->s);
	return 0;
}

static void give(struct fixture *f, enum datasource_part part, const char *text)
{
	buf_reset(&f->payload.part[part]);
	f->payload.has[part] = text != NULL;
	if (text)
		buf_str(&f->payload.part[part], text);
}

static void put(struct fixture *f, const char *path, const char *text)
{
	put_file(f->root, path, text, strlen(text), 0644);
}

static void apply(struct fixture *f)
{
	struct error err = { 0 };

	doc_pool_free(f->p);
	f->p = NULL;
	assert_ok(doc_pool_new(&f->p, &err), &err);
	f->a = (struct apply){ .root = f->root, .pool = f->p, .payload = &f->payload };
	assert_ok(apply_all(&f->a, &err), &err);
}

static void apply_user_data(struct fixture *f, const char *text)
{
	give(f, DATASOURCE_USER_DATA, text);
	apply(f);
}

static enum module_result result(const struct fixture *f, const char *name)
{
	for (size_t i = 0; i < f->a.n_rows; i++)
		if (!strcmp(f->a.rows[i].name, name))
			return f->a.rows[i].result;
	fail_msg("no row %s", name);
	return MODULE_FAILED;
}

static size_t count_messages(const struct fixture *f)
{
	size_t n;

	(void)doc_messages(f->p, &n);
	return n;
}

static void assert_said(const struct fixture *f, const char *part)
{
	size_t n;
	const struct doc_message *m = doc_messages(f->p, &n);
	AUTO_BUF struct buf all = { 0 };

	for (size_t i = 0; i < n; i++) {
		doc_message_text(&m[i], &all);
		buf_char(&all, '\n');
	}
	if (!strstr(buf_text(&all), part))
		fail_msg("\"%s\" is not among: %s", part, buf_text(&all));
}

static void assert_text(const struct fixture *f, const char *path, const char *want)
{
	AUTO_BUF struct buf b = { 0 };
	struct error err = { 0 };

	assert_ok(file_read(f->root, path, &b, &err), &err);
	assert_string_equal(buf_text(&b), want);
}

static struct stat stat_of(const struct fixture *f, const char *path)
{
	struct stat st = { 0 };
	char full[512];

	(void)snprintf(full, sizeof(full), "%s%s", f->s.path, path);
	if (lstat(full, &st) < 0)
		fail_msg("%s: %s", full, strerror(errno));
	return st;
}

static void link_to(const struct fixture *f, const char *target, const char *path)
{
	char full[512];

	(void)snprintf(full, sizeof(full), "%s%s", f->s.path, path);
	assert_int_equal(symlink(target, full), 0);
}

static const char all_of_it[] =
	"#cloud-config\nhostname: box\nssh_authorized_keys: ['" KEY_A "']\n"
	"write_files:\n- {path: /etc/a.conf, permissions: 0600, content: \"x\\n\"}\n"
	"- {path: /opt/b, permissions: \"0755\", content: aGVsbG8=, encoding: b64}\n"
	"- {path: /etc/log, content: \"l\\n\", append: true}\n"
	"- {path: /etc/c, content: x, container: syslog}\n"
	"runcmd: [echo hi]\nrancher: {sysctl: {vm.swappiness: 1, net.x.y: 2}}\n";

static void test_everything_and_again(void **state)
{
	struct fixture *f = *state;

	put(f, "/etc/log", "first");
	put(f, "/proc/sys/vm/swappiness", "60\n");
	give(f, DATASOURCE_META_DATA, "instance-id: i-1\npublic-keys: ['" KEY_B "']\n");
	apply_user_data(f, all_of_it);
	assert_int_equal(count_messages(f), 0);
	assert_string_equal(f->a.instance.id, "i-1");
	assert_text(f, "/etc/hostname", "box\n");
	assert_text(f, "/etc/a.conf", "x\n");
	assert_int_equal(stat_of(f, "/etc/a.conf").st_mode & 07777, 0600);
	assert_text(f, "/opt/b", "hello");
	assert_int_equal(stat_of(f, "/opt/b").st_mode & 07777, 0755);
	assert_text(f, "/etc/log", "firstl\n");
	assert_text(f, "/run/ros/files/syslog/etc/c", "x");
	assert_false(file_exists(f->root, "/etc/c"));
	assert_text(f, "/home/rancher/.ssh/authorized_keys", KEY_A "\n" KEY_B "\n");
	assert_text(f, "/home/docker/.ssh/authorized_keys", KEY_A "\n" KEY_B "\n");
	assert_int_equal(stat_of(f, "/home/rancher/.ssh").st_mode & 07777, 0700);
	assert_int_equal(stat_of(f, "/home/rancher/.ssh/authorized_keys").st_mode & 07777, 0600);
	assert_text(f, "/proc/sys/vm/swappiness", "1");
	assert_int_equal(stat_of(f, "/run/ros/runcmd").st_mode & 07777, 0700);
	assert_int_equal(stat_of(f, CONFIG_BOOT).st_mode & 07777, 0600);
	assert_int_equal(stat_of(f, "/run/ros/config.json").st_mode & 07777, 0600);
	assert_int_equal(result(f, "write_files"), MODULE_CHANGED);
	assert_int_equal(result(f, "sysctl"), MODULE_CHANGED);
	assert_int_equal(result(f, "etc_hosts"), MODULE_CHANGED);

	/* The second boot changes nothing. */
	apply(f);
	assert_int_equal(count_messages(f), 0);
	for (size_t i = 0; i < f->a.n_rows; i++)
		if (f->a.rows[i].result != MODULE_UNCHANGED &&
		    f->a.rows[i].result != MODULE_SKIPPED)
			fail_msg("%s: %s", f->a.rows[i].name,
				 module_result_name(f->a.rows[i].result));
	assert_text(f, "/etc/log", "firstl\n");
}

/* What is wrong in one entry costs that entry. */
static void test_one_bad_entry(void **state)
{
	struct fixture *f = *state;

	put(f, "/etc/passwd",
	    "root:x:0:0::/root:\nrancher:x:1:1::/home/rancher:\ndocker:x:2:2::/home/docker:\n");
	apply_user_data(f, "#cloud-config\nwrite_files:\n- {path: /a, permissions: 999}\n"
			   "- {path: /b, content: x, owner: nosuch}\n- {path: /c, content: x}\n"
			   "runcmd: [[], [{}], echo a]\nhostname: \"a b\"\n");
	assert_int_equal(result(f, "write_files"), MODULE_FAILED);
	assert_int_equal(result(f, "runcmd"), MODULE_FAILED);
	assert_text(f, "/c", "x");
	assert_false(file_exists(f->root, "/a"));
	assert_false(file_exists(f->root, "/b"));
	assert_true(file_exists(f->root, "/run/ros/runcmd"));
	assert_text(f, "/etc/hostname", "ocicat\n");
	assert_said(f, CONFIG_BOOT ":3:27: write_files.0.permissions must be octal");
	assert_said(f, "/b: there is no user nosuch");
	assert_int_equal(count_messages(f), 5);
	/* What is passed over is not missed. */
	apply_user_data(f, "#cloud-config\nruncmd: [[], null, echo b]\n");
	assert_int_equal(result(f, "runcmd"), MODULE_CHANGED);
	assert_int_equal(count_messages(f), 0);
}

static void test_bad_yaml_keeps_last_good(void **state)
{
	struct fixture *f = *state;

	give(f, DATASOURCE_META_DATA, "public-keys: ['" KEY_B "']\n");
	apply_user_data(f, "#cloud-config\nhostname: good\n");
	assert_true(f->a.user_data_good);
	apply_user_data(f, "#cloud-config\nhostname: bad\n  x: 1\n");
	assert_false(f->a.user_data_good);
	assert_text(f, CONFIG_BOOT, "#cloud-config\nhostname: good\n");
	assert_text(f, "/etc/hostname", "good\n");
	/* Keys of the metadata come in all the same. */
	assert_text(f, "/home/rancher/.ssh/authorized_keys", KEY_B "\n");
	assert_said(f, "user-data:3:4: mapping values are not allowed");
	assert_said(f, "user-data: the last good user-data stays in effect");
}

static void test_bad_yaml_on_first_boot(void **state)
{
	struct fixture *f = *state;

	apply_user_data(f, "#cloud-config\nhostname: [bad\n");
	assert_false(f->a.user_data_good);
	assert_false(file_exists(f->root, CONFIG_BOOT));
	assert_text(f, "/etc/hostname", "ocicat\n");
	assert_int_equal(count_messages(f), 1);
}

static void test_script_and_back(void **state)
{
	struct fixture *f = *state;

	apply_user_data(f, "#cloud-config\nhostname: a\n");
	apply_user_data(f, "#!/bin/sh\r\necho\r\n");
	assert_text(f, SCRIPTS_ONE, "#!/bin/sh\necho\n");
	assert_int_equal(stat_of(f, SCRIPTS_ONE).st_mode & 07777, 0700);
	assert_false(file_exists(f->root, CONFIG_BOOT));
	apply_user_data(f, "#compose\nweb: {image: x}\n");
	assert_false(file_exists(f->root, SCRIPTS_ONE));
	assert_string_equal(doc_str(f->a.config, "rancher.services.web.image", ""), "x");
	apply_user_data(f, "");
	assert_false(file_exists(f->root, CONFIG_BOOT));
}

static void test_vendor_data_is_below(void **state)
{
	struct fixture *f = *state;

	give(f, DATASOURCE_VENDOR_DATA, "#cloud-config\nhostname: vendor\nv: 1\n");
	apply_user_data(f, "#cloud-config\nhostname: user\n");
	assert_text(f, "/etc/hostname", "user\n");
	assert_int_equal(doc_int(f->a.config, "v", 0), 1);
	give(f, DATASOURCE_VENDOR_DATA, NULL);
	apply(f);
	assert_null(doc_at(f->a.config, "v"));
}

static void test_network_comes_and_goes(void **state)
{
	struct fixture *f = *state;

	give(f, DATASOURCE_NETWORK_CONFIG,
	     "version: 2\nethernets: {eth0: {addresses: [10.0.0.2/24], nameservers: {addresses: "
	     "[1.1.1.1]}}}\n");
	apply_user_data(f, "#cloud-config\n{}\n");
	assert_string_equal(doc_str(f->a.config, "rancher.network.interfaces.eth0.addresses.0", ""),
			    "10.0.0.2/24");
	assert_int_equal(result(f, "resolv_conf"), MODULE_CHANGED);
	give(f, DATASOURCE_NETWORK_CONFIG, NULL);
	apply(f);
	assert_false(file_exists(f->root, CONFIG_NETWORK));
	assert_int_equal(result(f, "resolv_conf"), MODULE_SKIPPED);
	/* One that the owner wrote is not ours to remove. */
	put(f, CONFIG_NETWORK, "rancher: {network: {dhcp_timeout: 3}}\n");
	apply(f);
	assert_true(file_exists(f->root, CONFIG_NETWORK));
}

static void test_users_own_file_is_not_rendered(void **state)
{
	struct fixture *f = *state;

	apply_user_data(f,
			"#cloud-config\nwrite_files: [{path: /etc/hosts, content: \"mine\\n\"}]\n");
	assert_text(f, "/etc/hosts", "mine\n");
	assert_int_equal(result(f, "etc_hosts"), MODULE_SKIPPED);
}

#define SSHD_PART "/etc/ssh/sshd_config.d/10-rancher.conf"

/* An addition stands behind what the machine renders, at each boot once. */
static void test_additions(void **state)
{
	static const char added[] =
		"#cloud-config\nhostname: box\nwrite_files:\n"
		"- {path: /etc/hosts, content: \"10.0.0.5 a\\n\", append: true}\n"
		"- {path: /etc/hosts, content: \"10.0.0.6 b\\n\", append: true}\n"
		"- {path: /etc/hosts, content: c, append: true, container: web}\n"
		"rancher: {services: {web: {image: nginx}}}\n";
	struct fixture *f = *state;
	AUTO_BUF struct buf text = { 0 };

	for (int i = 0; i < 2; i++) {
		struct error err = { 0 };
		const char *end;

		apply_user_data(f, added);
		assert_int_equal(count_messages(f), 0);
		buf_reset(&text);
		assert_ok(file_read(f->root, "/etc/hosts", &text, &err), &err);
		assert_non_null(strstr(buf_text(&text), "127.0.1.1 box"));
		end = strstr(buf_text(&text), "10.0.0.5");
		assert_non_null(end);
		assert_string_equal(end, "10.0.0.5 a\n10.0.0.6 b\n");
		assert_int_equal(result(f, "etc_hosts"), i ? MODULE_UNCHANGED : MODULE_CHANGED);
	}
	assert_int_equal(result(f, "write_files"), MODULE_UNCHANGED);
}

/* What goes to a container, or could not be written, takes no file of the machine away. */
static void test_another_file_is_no_reason(void **state)
{
	struct fixture *f = *state;

	put(f, "/etc/passwd",
	    "root:x:0:0::/root:\nrancher:x:1:1::/home/rancher:\ndocker:x:2:2::/home/docker:\n");
	apply_user_data(f, "#cloud-config\n"
			   "rancher: {services: {web: {image: nginx}}}\nwrite_files:\n"
			   "- {path: /etc/hosts, content: x, container: web}\n"
			   "- {path: " SSHD_PART ", content: x, container: web}\n");
	assert_int_equal(result(f, "etc_hosts"), MODULE_CHANGED);
	assert_true(file_exists(f->root, "/etc/hosts"));
	assert_true(file_exists(f->root, SSHD_PART));
	assert_text(f, "/run/ros/files/web/etc/hosts", "x");
	assert_int_equal(unlinkat(f->root, "etc/hosts", 0), 0);
	assert_int_equal(unlinkat(f->root, SSHD_PART + 1, 0), 0);
	apply_user_data(f, "#cloud-config\nwrite_files:\n"
			   "- {path: /etc/hosts, content: x, encoding: rot13}\n"
			   "- {path: " SSHD_PART ", content: x, owner: nosuch}\n");
	assert_int_equal(result(f, "write_files"), MODULE_FAILED);
	assert_true(file_exists(f->root, "/etc/hosts"));
	assert_true(file_exists(f->root, SSHD_PART));
	/* It counts when users are there first, and when it was done once for this instance. */
	for (int i = 0; i < 2; i++) {
		apply_user_data(f,
				"#cloud-config\n"
				"rancher: {cloud_init: {frequency: {write_files: instance}}}\n"
				"write_files: [{path: /etc/hosts, content: a, defer: true}]\n");
		assert_text(f, "/etc/hosts", "a");
	}
}

/* The user of a home may lay links in it; root's writing must not follow them. */
static void test_links_in_a_home(void **state)
{
	struct fixture *f = *state;

	put(f, "/etc/target/authorized_keys", "untouched\n");
	put(f, "/home/rancher/x", "");
	link_to(f, "/etc/target", "/home/rancher/.ssh");
	apply_user_data(f, "#cloud-config\nssh_authorized_keys: ['" KEY_A "']\n");
	assert_int_equal(result(f, "ssh_authorized_keys"), MODULE_FAILED);
	assert_text(f, "/etc/target/authorized_keys", "untouched\n");
	/* The other user has his key. */
	assert_text(f, "/home/docker/.ssh/authorized_keys", KEY_A "\n");
}

static void test_link_as_authorized_keys(void **state)
{
	struct fixture *f = *state;

	put(f, "/etc/victim", "untouched\n");
	put(f, "/home/rancher/.ssh/x", "");
	link_to(f, "../../../etc/victim", "/home/rancher/.ssh/authorized_keys");
	apply_user_data(f, "#cloud-config\nssh_authorized_keys: ['" KEY_A "']\n");
	assert_text(f, "/etc/victim", "untouched\n");
	assert_true(S_ISREG(stat_of(f, "/home/rancher/.ssh/authorized_keys").st_mode));
}

/* Neither ".." nor a link leads out of the root. */
static void test_nothing_leaves_the_root(void **state)
{
	struct fixture *f = *state;
	AUTO_SCRATCH struct scratch outside = scratch_make();
	AUTO_BUF struct buf yaml = { 0 };
	char path[128];

	link_to(f, outside.path, "/out");
	buf_fmt(&yaml, "#cloud-config\nwrite_files:\n- {path: /out/a, content: x}\n"
		       "- {path: \"/../../..%s/b\", content: x}\n", outside.path);
	apply_user_data(f, buf_text(&yaml));
	(void)snprintf(path, sizeof(path), "%s/a", outside.path);
	assert_int_equal(access(path, F_OK), -1);
	(void)snprintf(path, sizeof(path), "%s/b", outside.path);
	assert_int_equal(access(path, F_OK), -1);
}

/* Hand-made keys, comments and order stay; a key that comes again stands once. */
static void test_keys_of_the_owner_stay(void **state)
{
	struct fixture *f = *state;

	put(f, "/home/rancher/.ssh/authorized_keys", "# mine\n" KEY_B " old comment\n");
	apply_user_data(f, "#cloud-config\nssh_authorized_keys:\n- " KEY_A "\n- " KEY_B
			   "\n- nonsense\n");
	assert_text(f, "/home/rancher/.ssh/authorized_keys", "# mine\n" KEY_B "\n" KEY_A "\n");
	assert_said(f, CONFIG_BOOT ":5:3: ssh_authorized_keys.2 must be a public SSH key");
}

static void test_several_keys_in_one_item(void **state)
{
	struct fixture *f = *state;

	apply_user_data(f, "#cloud-config\nssh_authorized_keys:\n- |\n  # note\n  " KEY_A
			   "\n\n  " KEY_B "\n");
	assert_text(f, "/home/rancher/.ssh/authorized_keys", KEY_A "\n" KEY_B "\n");
	assert_int_equal(count_messages(f), 0);
}

/* What is shown to newcomers is right, and what it says happens. */
static void test_examples(void **state)
{
	static const char *const names[] = { "user-data.yml", "minimal.yml", "static-network.yml",
		"services.yml", "docker.yml", "tuning.yml", "script.sh", "compose.yml",
		"multipart.txt" };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		AUTO_BUF struct buf text = { 0 };
		struct error err = { 0 };
		char path[64];
		AUTO_CLOSE int fd = -1;

		(void)snprintf(path, sizeof(path), "examples/%s", names[i]);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			fail_msg("%s: run me from the top of the tree", path);
		assert_ok(file_read_fd(fd, path, &text, &err), &err);
		apply_user_data(f, buf_text(&text));
		assert_true(f->a.user_data_good);
		/* The placeholder for a key must be told, never taken. */
		assert_int_equal(count_messages(f), !strcmp(names[i], "minimal.yml"));
	}
	assert_text(f, "/opt/demo/greeting", "hello from user-data\n");
}

static void test_no_datasource(void **state)
{
	struct fixture *f = *state;
	struct error err = { 0 };

	put(f, CONFIG_DIR "/user_config.yml", "hostname: installed\n");
	assert_ok(doc_pool_new(&f->p, &err), &err);
	f->a = (struct apply){ .root = f->root, .pool = f->p };
	assert_ok(apply_all(&f->a, &err), &err);
	assert_text(f, "/etc/hostname", "installed\n");
	assert_text(f, INSTANCE_PATH,
		    "{\"datasource\":null,\"where\":null,\"instance_id\":null,\"hostname\":null,"
		    "\"ssh_authorized_keys\":[],\"region\":null,\"zone\":null,"
		    "\"instance_type\":null,\"public_ipv4\":null,\"private_ipv4\":null,"
		    "\"network\":null}\n");
}

static void test_metadata_forms(void **state)
{
	static const char *const forms[] = {
		"public-keys: '" KEY_A "'\n",
		"public-keys:\n  - " KEY_A "\n",
		"public-keys: {me: '" KEY_A "'}\n",
		"public-keys: {0: {openssh-key: '" KEY_A "'}}\n",
		"{\"public-keys\": \"" KEY_A "\\n\"}",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		give(f, DATASOURCE_META_DATA, forms[i]);
		apply_user_data(f, "");
		assert_int_equal(f->a.instance.keys->len, 1);
		assert_string_equal(f->a.instance.keys->items[0]->text, KEY_A);
		assert_string_equal(f->a.instance.id, "nocloud");
	}
	give(f, DATASOURCE_META_DATA, "instance-id: [\n");
	apply_user_data(f, "#cloud-config\nhostname: a\n");
	assert_said(f, "meta-data:2:1: ");
	assert_text(f, "/etc/hostname", "a\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_everything_and_again),
		TEST(test_one_bad_entry),
		TEST(test_bad_yaml_keeps_last_good),
		TEST(test_bad_yaml_on_first_boot),
		TEST(test_script_and_back),
		TEST(test_vendor_data_is_below),
		TEST(test_network_comes_and_goes),
		TEST(test_users_own_file_is_not_rendered),
		TEST(test_another_file_is_no_reason),
		TEST(test_additions),
		TEST(test_links_in_a_home),
		TEST(test_link_as_authorized_keys),
		TEST(test_nothing_leaves_the_root),
		TEST(test_keys_of_the_owner_stay),
		TEST(test_several_keys_in_one_item),
		TEST(test_examples),
		TEST(test_no_datasource),
		TEST(test_metadata_forms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
