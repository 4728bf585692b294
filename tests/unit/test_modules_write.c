/* SPDX-License-Identifier: Apache-2.0 */
/* write_files in all its forms, bootcmd, runcmd, and what waits for the end of the boot. */
#include "tests/unit/agentroot.h"
#include "tests/unit/fakeweb.h"

#include "agent/engine/container_files.h"
#include "agent/modules/rows.h"

static void test_every_encoding(void **state)
{
	/* "hello\n" */
	static const char *const forms[] = {
		"content: \"hello\\n\"",
		"content: \"hello\\n\", encoding: text/plain",
		"content: aGVsbG8K, encoding: b64",
		"content: aGVsbG8K, encoding: base64",
		"content: H4sIAAAAAAACA8tIzcnJ5wIAIDA6NgYAAAA=, encoding: gz+b64",
		"content: H4sIAAAAAAACA8tIzcnJ5wIAIDA6NgYAAAA=, encoding: gz+base64",
		"content: H4sIAAAAAAACA8tIzcnJ5wIAIDA6NgYAAAA=, encoding: gzip+b64",
		"content: H4sIAAAAAAACA8tIzcnJ5wIAIDA6NgYAAAA=, encoding: gzip+base64",
		"content: !!binary H4sIAAAAAAACA8tIzcnJ5wIAIDA6NgYAAAA=, encoding: gz",
		"content: !!binary H4sIAAAAAAACA8tIzcnJ5wIAIDA6NgYAAAA=, encoding: gzip",
		"content: !!binary aGVsbG8K",
	};
	struct agentroot *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
		AUTO_BUF struct buf yaml = { 0 };
		char path[32];

		(void)snprintf(path, sizeof(path), "/etc/f%zu", i);
		buf_fmt(&yaml, "write_files: [{path: %s, %s}]\n", path, forms[i]);
		agentroot_apply(f, buf_text(&yaml));
		agentroot_text(f, path, "hello\n");
		agentroot_idempotent(f);
	}
}

static void test_modes(void **state)
{
	static const struct {
		const char *text;
		mode_t mode;
	} rows[] = { { "0600", 0600 },	  { "600", 0600 },     { "\"0600\"", 0600 },
		     { "'4755'", 04755 }, { "02755", 02755 },  { "\"01777\"", 01777 },
		     { "0o640", 0640 },	  { "'0o640'", 0640 }, { "644", 0644 } };
	struct agentroot *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO_BUF struct buf yaml = { 0 };

		buf_fmt(&yaml, "write_files: [{path: /opt/x, content: %zu, permissions: %s}]\n", i,
			rows[i].text);
		agentroot_apply(f, buf_text(&yaml));
		if ((agentroot_stat(f, "/opt/x").st_mode & 07777) != rows[i].mode)
			fail_msg("%s: %o", rows[i].text, agentroot_stat(f, "/opt/x").st_mode);
		agentroot_idempotent(f);
	}
}

static void test_append(void **state)
{
	struct agentroot *f = *state;

	agentroot_put(f, "/etc/log", "first\n");
	agentroot_apply(f,
			"write_files:\n- {path: /etc/log, content: \"second\\n\", append: true}\n"
			"- {path: /etc/two, content: \"a\\n\"}\n"
			"- {path: /etc/two, content: \"b\\n\", append: \"yes\"}\n"
			"- {path: /etc/two, content: \"c\\n\", append: true}\n");
	agentroot_text(f, "/etc/log", "first\nsecond\n");
	agentroot_text(f, "/etc/two", "a\nb\nc\n");
	agentroot_idempotent(f);
}

/* That a line has the text in it does not mean that it was added. */
static void test_append_part_of_a_line(void **state)
{
	struct agentroot *f = *state;

	agentroot_put(f, "/etc/log", "10.0.0.10 host\n");
	agentroot_apply(f,
			"write_files:\n- {path: /etc/log, content: \"10.0.0.1\", append: true}\n");
	agentroot_text(f, "/etc/log", "10.0.0.10 host\n10.0.0.1");
	agentroot_idempotent(f);
	agentroot_text(f, "/etc/log", "10.0.0.10 host\n10.0.0.1");
}

/* The power fails between the mark and the text, or the file is made anew: it is added, once. */
static void test_append_after_a_cut(void **state)
{
	struct agentroot *f = *state;

	agentroot_put(f, "/etc/log", "first\n");
	agentroot_apply(f,
			"write_files:\n- {path: /etc/log, content: \"second\\n\", append: true}\n"
			"- {path: /etc/log, content: \"third\\n\", append: true}\n");
	agentroot_text(f, "/etc/log", "first\nsecond\nthird\n");
	agentroot_put(f, "/etc/log", "first\nsecond\n");
	agentroot_again(f);
	agentroot_text(f, "/etc/log", "first\nsecond\nthird\n");
	agentroot_put(f, "/etc/log", "first\n");
	agentroot_again(f);
	agentroot_text(f, "/etc/log", "first\nsecond\nthird\n");
	agentroot_idempotent(f);
}

/* A new instance on the same disk gets its own addition, as with cloud-init. */
static void test_append_of_a_new_instance(void **state)
{
	struct agentroot *f = *state;

	agentroot_give(f, DATASOURCE_META_DATA, "instance-id: i-1\n");
	agentroot_apply(f, "write_files:\n- {path: /etc/log, content: \"a\\n\", append: true}\n");
	agentroot_idempotent(f);
	agentroot_text(f, "/etc/log", "a\n");
	agentroot_give(f, DATASOURCE_META_DATA, "instance-id: i-2\n");
	agentroot_again(f);
	agentroot_text(f, "/etc/log", "a\na\n");
	agentroot_idempotent(f);
}

/* A file of a user who is yet to be made is written when he is there. */
static void test_deferred(void **state)
{
	struct agentroot *f = *state;

	agentroot_apply(f, "users: [{name: bob}]\ngroups: [team]\nwrite_files:\n"
			   "- {path: /home/bob/a, content: a, owner: 'bob:bob'}\n"
			   "- {path: /etc/b, content: b, owner: 'root:team'}\n"
			   "- {path: /etc/c, content: c, defer: true}\n"
			   "- {path: /etc/d, content: d}\n");
	agentroot_silent(f);
	agentroot_text(f, "/home/bob/a", "a");
	agentroot_text(f, "/etc/b", "b");
	agentroot_text(f, "/etc/c", "c");
	agentroot_text(f, "/etc/d", "d");
	assert_string_equal(agentroot_result(f, "write_files"), "changed");
	assert_string_equal(agentroot_result(f, "write_files_deferred"), "changed");
	agentroot_idempotent(f);
	agentroot_apply(f, "write_files: [{path: /etc/e, content: e, owner: nosuch}]\n");
	assert_string_equal(agentroot_result(f, "write_files"), "failed");
	agentroot_said(f, "there is no user nosuch");
	assert_false(file_exists(f->root, "/etc/e"));
}

/* So is one of the user who takes the default one's place; the default one himself is there. */
static void test_deferred_for_the_default_user(void **state)
{
	struct agentroot *f = *state;

	agentroot_put(f, "/etc/passwd",
		      "root:x:0:0::/root:\nrancher:x:1100:1100::/home/rancher:\n");
	agentroot_put(f, "/etc/group",
		      "root:x:0:\nrancher:x:1100:\nsudo:x:27:\ndocker:x:999:\n");
	agentroot_apply(f, "user: bob\nusers: [default]\nwrite_files:\n"
			   "- {path: /home/bob/a, content: a, owner: 'bob:bob'}\n"
			   "- {path: /home/rancher/b, content: b, owner: 'rancher:rancher'}\n");
	agentroot_silent(f);
	agentroot_text(f, "/home/bob/a", "a");
	agentroot_text(f, "/home/rancher/b", "b");
	assert_string_equal(agentroot_result(f, "write_files"), "changed");
	assert_string_equal(agentroot_result(f, "write_files_deferred"), "changed");
	agentroot_idempotent(f);
}

static const struct fakeweb_route routes[] = {
	{ NULL, "/file", "from the server\n", 0, "X-Token: abc", 403, NULL },
	{ NULL, "/open", "open\n", 0, NULL, 0, NULL },
	{ 0 },
};

static void test_source(void **state)
{
	struct agentroot *f = *state;
	const struct fakeweb_plan plan = { .routes = routes };
	AUTO_FAKEWEB struct fakeweb web = fakeweb_start(&plan);
	AUTO_BUF struct buf yaml = { 0 };

	buf_fmt(&yaml,
		"write_files:\n"
		"- {path: /etc/a, source: {uri: \"%s/file\", headers: {X-Token: abc}}}\n"
		"- {path: /etc/b, source: {uri: \"%s/nosuch\"}, content: aW5zdGVhZA==, encoding: "
		"b64}\n"
		"- {path: /etc/c, source: {uri: \"%s/nosuch\"}}\n"
		"- {path: /etc/d, source: {uri: \"file:///etc/a\"}}\n"
		"- {path: /etc/e, source: {uri: \"%s/file\", headers: {X-Token: \"abc\\r\\nX: "
		"y\"}}}\n",
		web.url, web.url, web.url, web.url);
	agentroot_apply(f, buf_text(&yaml));
	agentroot_text(f, "/etc/a", "from the server\n");
	agentroot_text(f, "/etc/b", "instead");
	assert_false(file_exists(f->root, "/etc/c"));
	assert_false(file_exists(f->root, "/etc/d"));
	assert_false(file_exists(f->root, "/etc/e"));
	agentroot_said(f, "/etc/c: the server says HTTP 404");
	agentroot_said(f, "plain http");
	agentroot_said(f, "/etc/d: only http:// and https:// are fetched");
}

/* The machine's own file takes the place of one that never came, of no other. */
static void test_source_that_is_away(void **state)
{
	struct agentroot *f = *state;
	const struct fakeweb_plan plan = { .routes = routes };
	AUTO_FAKEWEB struct fakeweb web = fakeweb_start(&plan);
	AUTO_BUF struct buf good = { 0 }, bad = { 0 };

	static const char entry[] =
		"write_files: [{path: /etc/chrony/chrony.conf, source: {uri: \"%s/%s\"}}]\n";

	buf_fmt(&bad, entry, web.url, "no");
	buf_fmt(&good, entry, web.url, "open");
	agentroot_apply(f, buf_text(&bad));
	agentroot_has(f, "/etc/chrony/chrony.conf", "sourcedir");
	agentroot_apply(f, buf_text(&good));
	agentroot_text(f, "/etc/chrony/chrony.conf", "open\n");
	agentroot_apply(f, buf_text(&bad));
	agentroot_text(f, "/etc/chrony/chrony.conf", "open\n");
	agentroot_said(f, "/etc/chrony/chrony.conf: the server says HTTP 404");
}

/* What is added to a text of a server is added once, also when that does not answer later. */
static void test_source_with_an_addition(void **state)
{
	struct agentroot *f = *state;
	const struct fakeweb_plan plan = { .routes = routes };
	AUTO_FAKEWEB struct fakeweb web = fakeweb_start(&plan);

	for (int boot = 1; boot <= 3; boot++) {
		AUTO_BUF struct buf yaml = { 0 };

		buf_fmt(&yaml,
			"write_files:\n- {path: /etc/a, source: {uri: \"%s/%s\"}}\n"
			"- {path: /etc/a, append: true, content: \"more\\n\"}\n",
			web.url, boot == 1 ? "open" : "no");
		agentroot_apply(f, buf_text(&yaml));
		agentroot_text(f, "/etc/a", "open\nmore\n");
	}
	agentroot_said(f, "/etc/a: the server says HTTP 404");
}

static void test_source_is_refused(void **state)
{
	struct agentroot *f = *state;
	const struct fakeweb_plan plan = { .routes = routes };
	AUTO_FAKEWEB struct fakeweb web = fakeweb_start(&plan);
	AUTO_BUF struct buf yaml = { 0 }, log = { 0 };
	struct error err = { 0 };

	buf_fmt(&yaml,
		"#cloud-config\nrancher: {cloud_init: {require_tls: true}}\n"
		"write_files: [{path: /etc/a, source: {uri: \"%s/open\"}}]\n",
		web.url);
	agentroot_give(f, DATASOURCE_USER_DATA, buf_text(&yaml));
	agentroot_again(f);
	agentroot_said(f, "plain http is refused");
	/* Without the switch for tests this machine is nobody's server. */
	buf_reset(&yaml);
	buf_fmt(&yaml, "#cloud-config\nwrite_files: [{path: /etc/a, source: {uri: \"%s/open\"}}]\n",
		web.url);
	agentroot_give(f, DATASOURCE_USER_DATA, buf_text(&yaml));
	f->a = (struct apply){ .root = f->root, .pool = f->p, .payload = &f->payload };
	assert_ok(apply_all(&f->a, &err), &err);
	assert_string_equal(agentroot_result(f, "write_files"), "failed");
	assert_false(file_exists(f->root, "/etc/a"));
	fakeweb_log(&web, &log);
	assert_int_equal(log.len, 0);
}

/* Nothing leads out of the root, nor out of a directory by a name. */
static void test_hostile_paths(void **state)
{
	static const char *const bad[] = {
		"write_files: [{path: etc/x, content: a}]",
		"write_files: [{path: \"/etc/x\\n\", content: a}]",
		"write_files: [{path: /, content: a}]",
		"write_files: [{path: /etc/, content: a}]",
		"write_files: [{path: \"/etc/x\\0y\", content: a}]",
		"write_files: [{content: a}]",
		"write_files: [{path: /etc/x, content: a, permissions: 999}]",
		"write_files: [{path: /etc/x, content: a, permissions: rw}]",
		"write_files: [{path: /etc/x, content: '%%', encoding: b64}]",
		"write_files: [{path: /etc/x, content: a, encoding: rot13}]",
		"write_files: [{path: /etc/x, content: a, container: ../y}]",
		"write_files: [{path: /run/ros/config.json, content: a}]",
		"write_files: [{path: /var/../run/ros/config.json, content: a}]",
		"write_files: [{path: /proc/sys/x, content: a}]",
		"write_files: [{path: /var/lib/rancher/agent/platform-keys, content: a}]",
		"write_files: [{path: /var/lib//rancher/./cache/instance/current, content: a}]",
	};
	struct agentroot *f = *state;
	AUTO_SCRATCH struct scratch outside = scratch_make();
	AUTO_BUF struct buf yaml = { 0 };
	char path[128];

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		agentroot_apply(f, bad[i]);
		if (strcmp(agentroot_result(f, "write_files"), "failed"))
			fail_msg("%s: %s", bad[i], agentroot_result(f, "write_files"));
		assert_false(file_exists(f->root, "/etc/x"));
	}
	agentroot_link(f, outside.path, "/out");
	agentroot_link(f, "../../../../../../../..", "/up");
	buf_fmt(&yaml,
		"write_files:\n- {path: /out/a, content: x}\n- {path: /up%s/b, content: x}\n"
		"- {path: \"/../..%s/c\", content: x}\n- {path: /out/../../..%s/d, content: x}\n",
		outside.path, outside.path, outside.path);
	agentroot_apply(f, buf_text(&yaml));
	for (char c = 'a'; c <= 'd'; c++) {
		(void)snprintf(path, sizeof(path), "%s/%c", outside.path, c);
		assert_int_equal(access(path, F_OK), -1);
	}
}

/* A link in the last component is replaced, never followed. */
static void test_link_as_file(void **state)
{
	struct agentroot *f = *state;

	agentroot_put(f, "/etc/victim", "untouched\n");
	agentroot_put(f, "/opt/x", "");
	agentroot_link(f, "/etc/victim", "/opt/link");
	agentroot_apply(f, "write_files: [{path: /opt/link, content: x}]\n");
	agentroot_text(f, "/etc/victim", "untouched\n");
	assert_true(S_ISREG(agentroot_stat(f, "/opt/link").st_mode));
}

#define BOB 1234

/* A directory of a user's own, as his home is. */
static void bobs_dir(const struct agentroot *f, const char *path)
{
	struct error err = { 0 };
	char full[512];

	assert_ok(file_mkdir(f->root, path, 0755, &err), &err);
	(void)snprintf(full, sizeof(full), "%s%s", f->s.path, path);
	assert_int_equal(chown(full, BOB, BOB), 0);
}

static void bobs_link(const struct agentroot *f, const char *target, const char *path)
{
	char full[512];

	agentroot_link(f, target, path);
	(void)snprintf(full, sizeof(full), "%s%s", f->s.path, path);
	assert_int_equal(lchown(full, BOB, BOB), 0);
}

static void put_bob(struct agentroot *f)
{
	agentroot_put(f, "/etc/passwd", "root:x:0:0::/root:\nbob:x:1234:1234::/home/bob:\n");
	agentroot_put(f, "/etc/group", "root:x:0:\nbob:x:1234:\n");
	bobs_dir(f, "/home/bob");
}

/* A link that a user lays in the file's place or on the way to it leads root nowhere. */
static void test_links_of_users(void **state)
{
	static const char append[] = "write_files: [{path: /home/bob/.bashrc, owner: 'bob:bob', "
				     "content: x, append: true}]\n";
	static const char deep[] = "write_files: [{path: /home/bob/.config/app/start.sh, owner: "
				   "'bob:bob', content: x}, {path: /opt/other, content: y}]\n";
	struct agentroot *f = *state;
	char victim[512], name[512];

	if (geteuid() != 0)
		skip();
	put_bob(f);
	agentroot_put(f, "/etc/secret", "secret\n");
	bobs_link(f, "/etc/secret", "/home/bob/.bashrc");
	agentroot_apply(f, append);
	agentroot_said(f, "/home/bob/.bashrc is a link that a user may lay");
	assert_true(S_ISLNK(agentroot_stat(f, "/home/bob/.bashrc").st_mode));
	agentroot_text(f, "/etc/secret", "secret\n");

	(void)snprintf(victim, sizeof(victim), "%s/etc/secret", f->s.path);
	(void)snprintf(name, sizeof(name), "%s/home/bob/.bashrc", f->s.path);
	assert_int_equal(unlink(name), 0);
	assert_int_equal(link(victim, name), 0);
	agentroot_apply(f, append);
	agentroot_said(f, ".bashrc is no file of its own");
	agentroot_text(f, "/etc/secret", "secret\n");
	assert_int_equal(agentroot_stat(f, "/home/bob/.bashrc").st_uid, 0);

	agentroot_put(f, "/etc/profile.d/x", "");
	bobs_dir(f, "/home/bob/.config");
	bobs_link(f, "/etc/profile.d", "/home/bob/.config/app");
	agentroot_apply(f, deep);
	agentroot_said(f, "/home/bob/.config/app is a link that a user may lay");
	assert_false(file_exists(f->root, "/etc/profile.d/start.sh"));
	agentroot_text(f, "/opt/other", "y");
	/* Nor by way of a link of root's, nor by one in a place where everybody may lay one. */
	agentroot_link(f, "home/bob/.config", "/conf");
	agentroot_apply(f, "write_files: [{path: /conf/app/start.sh, content: x}]\n");
	agentroot_said(f, "/home/bob/.config/app is a link that a user may lay");
	bobs_link(f, "/etc/profile.d", "/tmp-of-all");
	agentroot_apply(f, "write_files: [{path: /tmp-of-all/start.sh, content: x}]\n");
	agentroot_said(f, "/tmp-of-all is a link that a user may lay");
	assert_false(file_exists(f->root, "/etc/profile.d/start.sh"));
}

/* Links of root's own lead on: as directories, and to a file that is added to. */
static void test_links_of_root(void **state)
{
	struct agentroot *f = *state;

	agentroot_put(f, "/var/x", "");
	agentroot_put(f, "/run/x", "");
	agentroot_put(f, "/etc/x", "");
	agentroot_put(f, "/usr/lib/app/conf", "first\n");
	agentroot_link(f, "../run", "/var/run");
	agentroot_link(f, "/var/./run/../../usr/lib/", "/etc/lib");
	agentroot_link(f, "lib/app/conf", "/etc/conf");
	agentroot_link(f, "round", "/etc/round");
	agentroot_apply(f, "write_files:\n- {path: /var/run/new/a, content: a}\n"
			   "- {path: /etc/lib/b, content: b}\n"
			   "- {path: /etc/conf, content: c, append: true}\n"
			   "- {path: /etc/round/d, content: d}\n");
	agentroot_text(f, "/run/new/a", "a");
	agentroot_text(f, "/usr/lib/b", "b");
	agentroot_text(f, "/usr/lib/app/conf", "first\nc");
	assert_true(S_ISLNK(agentroot_stat(f, "/etc/conf").st_mode));
	agentroot_said(f, "/etc/round/d: ");
	agentroot_apply(f, "write_files:\n- {path: /var/run/new/a, content: a}\n"
			   "- {path: /etc/conf, content: c, append: true}\n");
	agentroot_idempotent(f);
	agentroot_text(f, "/usr/lib/app/conf", "first\nc");
}

/* Directories that are missing are the owner's; those that are there stay whose they are. */
static void test_new_directories(void **state)
{
	struct agentroot *f = *state;

	if (geteuid() != 0)
		skip();
	put_bob(f);
	agentroot_put(f, "/opt/x", "");
	agentroot_apply(f, "write_files:\n"
			   "- {path: /opt/app/etc/conf, content: a, owner: 'bob:bob'}\n"
			   "- {path: /opt/roots/conf, content: a}\n"
			   "- {path: /opt/app/own, content: a, owner: bob, container: web}\n");
	agentroot_silent(f);
	assert_int_equal(agentroot_stat(f, "/opt").st_uid, 0);
	assert_int_equal(agentroot_stat(f, "/opt/app").st_uid, BOB);
	assert_int_equal(agentroot_stat(f, "/opt/app/etc").st_gid, BOB);
	agentroot_mode(f, "/opt/app/etc", 0755);
	assert_int_equal(agentroot_stat(f, "/opt/roots").st_uid, 0);
	assert_int_equal(agentroot_stat(f, CONTAINER_FILES_DIR "/web/opt/app").st_uid, 0);
	agentroot_idempotent(f);
}

static void test_huge_list(void **state)
{
	struct agentroot *f = *state;
	AUTO_BUF struct buf yaml = { 0 };

	buf_str(&yaml, "write_files:\n");
	for (int i = 0; i < 3000; i++)
		buf_fmt(&yaml, "- {path: /etc/m, content: x%d}\n", i % 10);
	agentroot_apply(f, buf_text(&yaml));
	agentroot_said(f, "too many files");
	agentroot_text(f, "/etc/m", "x9");
}

/* Files for a container that shares the machine's /etc are the machine's; others are handed over.
 */
static void test_containers(void **state)
{
	struct agentroot *f = *state;
	AUTO_BUF struct buf tar = BUF_WITH_LIMIT(1u << 20);
	struct error err = { 0 };

	agentroot_apply(f,
			"rancher: {services: {ntp: {image: 'ocicatos/os-ntp:v1'}, "
			"own: {image: acme/own, labels: {io.rancher.os.scope: system}}}}\n"
			"write_files:\n"
			"- {path: /etc/ntp.x, content: n, container: ntp}\n"
			"- {path: /etc/own.conf, content: o, container: own, permissions: '0600'}\n"
			"- {path: /etc/c, content: c, container: console}\n"
			"- {path: /etc/d, content: d, container: docker}\n");
	agentroot_text(f, "/etc/ntp.x", "n");
	agentroot_text(f, "/etc/c", "c");
	agentroot_text(f, "/etc/d", "d");
	assert_false(file_exists(f->root, "/etc/own.conf"));
	agentroot_text(f, CONTAINER_FILES_DIR "/own/etc/own.conf", "o");
	agentroot_idempotent(f);
	agentroot_link(f, "/etc/shadow", CONTAINER_FILES_DIR "/own/link");
	assert_ok(container_files_tar(f->root, CONTAINER_FILES_DIR "/own", &tar, &err), &err);
	/* One header, one block, two blocks of zeros: the link is not in it. */
	assert_int_equal(tar.len, 4 * 512);
	assert_string_equal(tar.data, "etc/own.conf");
	assert_memory_equal(tar.data + 100, "0000600", 8);
	assert_memory_equal(tar.data + 257, "ustar", 6);
	assert_memory_equal(tar.data + 512, "o", 2);
}

static void test_tar_of_long_names(void **state)
{
	struct agentroot *f = *state;
	AUTO_BUF struct buf tar = BUF_WITH_LIMIT(1u << 20);
	struct error err = { 0 };
	char path[500], base[100];

	memset(base, 'b', 80);
	base[80] = '\0';
	(void)snprintf(path, sizeof(path), "/d/%.60s/%.60s", base, base);
	agentroot_put(f, path, "x");
	assert_ok(container_files_tar(f->root, "/d", &tar, &err), &err);
	assert_memory_equal(tar.data, base, 60);
	assert_memory_equal(tar.data + 345, base, 60);
	(void)snprintf(path, sizeof(path), "/d/%s/%s/%s/%s", base, base, base, base);
	agentroot_put(f, path, "x");
	assert_int_equal(container_files_tar(f->root, "/d", &tar, &err), -ENAMETOOLONG);
}

static void test_commands_are_not_run_here(void **state)
{
	struct agentroot *f = *state;

	agentroot_apply(f, "bootcmd: ['touch /tmp/ros-unit-should-not-be', [touch, x]]\n"
			   "runcmd: [echo hi]\nphone_home: {url: 'http://192.0.2.1/'}\n"
			   "power_state: {mode: reboot}\nfinal_message: done\n");
	assert_string_equal(agentroot_result(f, "bootcmd"), "skipped");
	assert_string_equal(agentroot_result(f, "phone_home"), "skipped");
	assert_string_equal(agentroot_result(f, "power_state"), "skipped");
	assert_string_equal(agentroot_result(f, "final_message"), "skipped");
	assert_int_equal(access("/tmp/ros-unit-should-not-be", F_OK), -1);
	agentroot_has(f, "/run/ros/runcmd", "echo hi");
	agentroot_silent(f);
	agentroot_apply(f, "bootcmd: [{a: b}]\n");
	assert_string_equal(agentroot_result(f, "bootcmd"), "failed");
}

/* The end of the boot, with everything but the machine. */
static enum module_result at_end(struct agentroot *f, const struct module *m, struct buf *message)
{
	const struct module_ctx c = { .root = f->root,
				      .at_end = true,
				      .allow_loopback = true,
				      .pool = f->p,
				      .config = f->a.config,
				      .instance = &f->a.instance };

	return module_run(&c, m, message);
}

static void test_phone_home(void **state)
{
	static const struct fakeweb_route home[] = {
		{ "POST", "/i-1/", "ok", 0, "instance_id=i-1&hostname=box%2Dx", 400, NULL }, { 0 }
	};
	struct agentroot *f = *state;
	const struct fakeweb_plan plan = { .routes = home };
	AUTO_FAKEWEB struct fakeweb web = fakeweb_start(&plan);
	AUTO_BUF struct buf yaml = { 0 }, message = { 0 }, log = { 0 };

	agentroot_give(f, DATASOURCE_META_DATA, "instance-id: i-1\n");
	buf_fmt(&yaml,
		"hostname: box-x\nphone_home: {url: \"%s/$INSTANCE_ID/\", tries: 1, "
		"post: [instance_id, hostname]}\n",
		web.url);
	agentroot_apply(f, buf_text(&yaml));
	assert_int_equal(at_end(f, &module_phone_home, &message), MODULE_FAILED);
	fakeweb_log(&web, &log);
	assert_string_equal(buf_text(&log), "POST /i-1/ HTTP/1.1\n");
}

static void test_phone_home_once(void **state)
{
	static const struct fakeweb_route home[] = {
		{ "POST", "/", "ok", 0, "pub_key_rsa=N%2FA&instance_id=i-1&", 400, NULL }, { 0 }
	};
	struct agentroot *f = *state;
	const struct fakeweb_plan plan = { .routes = home };
	AUTO_FAKEWEB struct fakeweb web = fakeweb_start(&plan);
	AUTO_BUF struct buf yaml = { 0 }, message = { 0 };

	agentroot_give(f, DATASOURCE_META_DATA, "instance-id: i-1\n");
	buf_fmt(&yaml,
		"phone_home: {url: \"%s/\", tries: 1, post: [pub_key_rsa, instance_id, "
		"nosuch]}\n",
		web.url);
	agentroot_apply(f, buf_text(&yaml));
	assert_int_equal(at_end(f, &module_phone_home, &message), MODULE_CHANGED);
	assert_int_equal(at_end(f, &module_phone_home, &message), MODULE_UNCHANGED);
	assert_int_equal(*web.served, 1);
}

static void test_final_message(void **state)
{
	struct agentroot *f = *state;
	AUTO_BUF struct buf message = { 0 }, text = { 0 };

	agentroot_put(f, "/usr/share/ros/version", "v9\n");
	agentroot_apply(f, "final_message: \"up: $version ${datasource} $nothing $ \\e[2J\"\n");
	assert_int_equal(at_end(f, &module_final_message, &message), MODULE_CHANGED);
	agentroot_text(f, "/run/ros/boot-finished", "up: v9 nocloud $nothing $  [2J\n");
	agentroot_apply(f, "final_message: \"$VERSION ${DATASOURCE}: ${version $UPTIME\"\n");
	assert_int_equal(at_end(f, &module_final_message, &message), MODULE_CHANGED);
	agentroot_read(f, "/run/ros/boot-finished", &text);
	assert_non_null(strstr(buf_text(&text), "v9 nocloud: ${version "));
	assert_null(strstr(buf_text(&text), "UPTIME"));
}

static void test_power_state(void **state)
{
	static const struct {
		const char *yaml;
		enum module_result result;
	} rows[] = {
		{ "power_state: {mode: reboot}", MODULE_SKIPPED },
		{ "power_state: {mode: poweroff, delay: '+5', message: bye}", MODULE_SKIPPED },
		{ "power_state: {mode: halt, delay: 5}", MODULE_SKIPPED },
		{ "power_state: {mode: reboot, condition: false}", MODULE_UNCHANGED },
		{ "power_state: {mode: sleep}", MODULE_FAILED },
		{ "power_state: {delay: now}", MODULE_FAILED },
		{ "power_state: {mode: reboot, delay: tomorrow}", MODULE_FAILED },
		{ "power_state: {mode: reboot, delay: -1}", MODULE_FAILED },
	};
	struct agentroot *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO_BUF struct buf message = { 0 };

		agentroot_apply(f, rows[i].yaml);
		if (at_end(f, &module_power_state, &message) != rows[i].result)
			fail_msg("%s: not %s", rows[i].yaml, module_result_name(rows[i].result));
	}
	assert_false(file_exists(f->root, "/run/ros/power-state"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		agentroot_test(test_every_encoding),
		agentroot_test(test_modes),
		agentroot_test(test_append),
		agentroot_test(test_append_part_of_a_line),
		agentroot_test(test_append_after_a_cut),
		agentroot_test(test_append_of_a_new_instance),
		agentroot_test(test_deferred),
		agentroot_test(test_deferred_for_the_default_user),
		agentroot_test(test_source),
		agentroot_test(test_source_that_is_away),
		agentroot_test(test_source_with_an_addition),
		agentroot_test(test_source_is_refused),
		agentroot_test(test_hostile_paths),
		agentroot_test(test_link_as_file),
		agentroot_test(test_links_of_users),
		agentroot_test(test_links_of_root),
		agentroot_test(test_new_directories),
		agentroot_test(test_huge_list),
		agentroot_test(test_containers),
		agentroot_test(test_tar_of_long_names),
		agentroot_test(test_commands_are_not_run_here),
		agentroot_test(test_phone_home),
		agentroot_test(test_phone_home_once),
		agentroot_test(test_final_message),
		agentroot_test(test_power_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
