/* SPDX-License-Identifier: Apache-2.0 */
/* Each machine of tests/data/platform is laid out below a root; the right datasource is chosen from
 * its facts, and look-alikes are not. */
#include "tests/unit/check.h"
#include "tests/unit/put.h"
#include "tests/unit/scratch.h"

#include <dirent.h>
#include <fcntl.h>

#include "agent/config/config.h"
#include "datasource/registry.h"
#include "datasource/removable.h"
#include "lib/file.h"
#include "lib/scope.h"

#define DATA "tests/data/platform"
#define SECTOR 2048

struct fixture {
	const char *name;
	struct scratch s;
	int root;
	struct buf config, said;
	struct registry_choice rows[REGISTRY_MAX];
	size_t n, chosen;
};

static void put(int root, const char *path, const char *data, size_t len)
{
	put_file(root, path, data, len, 0600);
}

/* `text` and a line end, \0 as a NUL: what the kernel's files hold. */
static void put_text(int root, const char *path, const char *text)
{
	AUTO_BUF struct buf b = { 0 };

	for (const char *s = text; *s; s++) {
		if (s[0] == '\\' && s[1] == '0')
			buf_add(&b, "", 1), s++;
		else
			buf_char(&b, *s);
	}
	buf_char(&b, '\n');
	put(root, path, b.data, b.len);
}

/* A primary volume descriptor and its end; libblkid needs no more. */
static void put_medium(int root, const char *args)
{
	AUTO_FREE char *image = NULL;
	char file[32], label[33], path[64];
	unsigned sectors;

	assert_int_equal(sscanf(args, "%31s %32s %u", file, label, &sectors), 3);
	image = calloc(sectors, SECTOR);
	assert_non_null(image);
	memcpy(image + 16 * SECTOR, "\1CD001\1", 7);
	memset(image + 16 * SECTOR + 8, ' ', 64);
	memcpy(image + 16 * SECTOR + 40, label, strlen(label));
	memcpy(image + 17 * SECTOR, "\377CD001\1", 7);
	(void)snprintf(path, sizeof(path), "/dev/%s", file);
	put(root, path, image, (size_t)sectors * SECTOR);
}

/* As sysfs shows a disk behind a USB host: a link that leads there. */
static void put_usb(int root, const char *name)
{
	struct error err = { 0 };
	char path[64];

	assert_ok(file_mkdir(root, "/sys/class/block", 0755, &err), &err);
	(void)snprintf(path, sizeof(path), "sys/class/block/%s", name);
	assert_int_equal(symlinkat("../../devices/pci0000:00/0000:00:14.0/usb1/1-1/host6/block/x",
				   root, path), 0);
}

static void lay_out(struct fixture *f, char *text)
{
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *arg = strchr(line, ' ');

		assert_non_null(arg);
		*arg++ = '\0';
		if (line[0] == '/')
			put_text(f->root, line, arg);
		else if (!strcmp(line, "config"))
			buf_fmt(&f->config, "%s\n", arg);
		else if (!strcmp(line, "medium"))
			put_medium(f->root, arg);
		else if (!strcmp(line, "usb"))
			put_usb(f->root, arg);
		arg[-1] = ' ';
		arg[strlen(arg)] = save && *save ? '\n' : '\0';
	}
	if (f->config.len)
		put(f->root, CONFIG_OWN, f->config.data, f->config.len);
}

static void look(struct fixture *f)
{
	AUTO(doc_pool_free) struct doc_pool *pool = NULL;
	AUTO_FREE struct machine *m = calloc(1, sizeof(*m));
	const struct doc_node *config = NULL;
	struct error err = { 0 };

	assert_non_null(m);
	assert_ok(doc_pool_new(&pool, &err), &err);
	assert_ok(config_load(f->root, pool, &config, &err), &err);
	machine_load(m, f->root);
	if (!registry_is_told(m, doc_at(config, "rancher.cloud_init.datasources")) &&
	    !doc_bool(config, "rancher.cloud_init.allow_removable", false))
		removable_drop(m, &f->said);
	f->n = registry_choose(m, doc_at(config, "rancher.cloud_init.datasources"), f->rows,
			       &f->chosen);
}

static const struct registry_choice *row(const struct fixture *f, const char *name)
{
	for (size_t i = 0; i < f->n; i++)
		if (!strcmp(f->rows[i].source->name, name))
			return &f->rows[i];
	fail_msg("%s: no datasource %s", f->name, name);
	return NULL;
}

static void expect_match(const struct fixture *f, const char *name, enum datasource_match match)
{
	const struct registry_choice *c = row(f, name);

	if (c->clue.match != match)
		fail_msg("%s: %s is %d: %s", f->name, name, c->clue.match, c->clue.reason);
}

static void check(struct fixture *f, char *text)
{
	const char *chosen = f->chosen < f->n ? f->rows[f->chosen].source->name : "none";
	char *save = NULL;
	bool expected = false;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (!strncmp(line, "expect ", 7)) {
			expected = true;
			if (strcmp(line + 7, chosen) != 0)
				fail_msg("%s: chose %s", f->name, chosen);
		} else if (!strncmp(line, "says ", 5)) {
			if (!strstr(buf_text(&f->said), line + 5))
				fail_msg("%s says \"%s\"", f->name, buf_text(&f->said));
		} else if (!strncmp(line, "maybe ", 6)) {
			expect_match(f, line + 6, DATASOURCE_MAYBE);
		} else if (!strncmp(line, "not ", 4)) {
			expect_match(f, line + 4, DATASOURCE_NO);
		}
	}
	if (!expected)
		fail_msg("%s expects nothing", f->name);
	for (size_t i = 0; i < f->n; i++)
		if (!f->rows[i].clue.reason[0])
			fail_msg("%s: %s gives no reason", f->name, f->rows[i].source->name);
}

static void try_one(const char *name)
{
	AUTO_BUF struct buf text = { 0 };
	AUTO_FREE char *copy = NULL;
	AUTO_FREE struct fixture *f = calloc(1, sizeof(*f));
	struct error err = { 0 };
	char path[300];

	assert_non_null(f);
	f->name = name;
	f->s = scratch_make();
	assert_ok(file_root_open(f->s.path, &f->root, &err), &err);
	(void)snprintf(path, sizeof(path), "%s/" DATA "/%s", getenv("PWD"), name);
	assert_ok(file_read(FILE_ROOT, path, &text, &err), &err);
	copy = strdup(buf_text(&text));
	assert_non_null(copy);
	lay_out(f, text.data);
	look(f);
	check(f, copy);
	buf_done(&f->config);
	buf_done(&f->said);
	(void)close(f->root);
	scratch_done(&f->s);
}

static void test_machines(void **state)
{
	AUTO_CLOSEDIR DIR *dir = opendir(DATA);
	struct dirent *entry;
	size_t n = 0;

	(void)state;
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.' || !strcmp(entry->d_name, "README"))
			continue;
		try_one(entry->d_name);
		n++;
	}
	assert_true(n >= 40);
}

/* Nobody's firmware text may be taken for something that it is not. */
static void test_texts(void **state)
{
	static const char noise[] = { '\xff', '\xff', '\xff', '\n' };
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_FREE struct machine *m = calloc(1, sizeof(*m));
	AUTO_CLOSE int root = -1;
	struct error err = { 0 };

	(void)state;
	assert_non_null(m);
	assert_ok(file_root_open(s.path, &root, &err), &err);
	put(root, "/sys/class/dmi/id/sys_vendor", noise, sizeof(noise));
	put(root, "/sys/class/dmi/id/product_name", "a\1b\xc3 \n\n", 7);
	put(root, "/sys/class/dmi/id/product_uuid", "ffffffff-ffff-ffff-ffff-ffffffffffff\n", 37);
	put(root, "/sys/class/virtio-ports/vport1p1/name", "org.qemu.guest_agent.0\n", 23);
	put(root, "/sys/bus/virtio/drivers/9pnet_virtio/virtio3/mount_tag", "config-2", 9);
	machine_load(m, root);
	assert_string_equal(m->fact[MACHINE_SYS_VENDOR], "");
	assert_string_equal(m->fact[MACHINE_PRODUCT_NAME], "a.b.");
	assert_string_equal(m->product_uuid, "");
	assert_int_equal(m->n_virtio_ports, 1);
	assert_string_equal(m->virtio_port[0], "org.qemu.guest_agent.0");
	assert_int_equal(m->n_p9_tags, 1);
	assert_string_equal(m->fact[MACHINE_HYPERVISOR], "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_machines),
		cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
