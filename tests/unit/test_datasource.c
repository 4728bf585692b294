/* SPDX-License-Identifier: Apache-2.0 */
/* NoCloud from seed directories, the choice with its reasons, and the cache of the last good
 * payload. (Media are mounted for real in tests/qemu.) */
#include "tests/unit/check.h"
#include "tests/unit/put.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <fcntl.h>

#include "datasource/cache.h"
#include "datasource/registry.h"
#include "lib/file.h"
#include "lib/scope.h"

#define SEED "/var/lib/cloud/seed/nocloud/"

struct fixture {
	struct scratch s;
	int root;
	struct machine m;
};

static int setup(void **state)
{
	static struct fixture f;

	f = (struct fixture){ .s = scratch_make() };
	*state = &f;
	return file_root_open(f.s.path, &f.root, NULL);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	(void)close(f->root);
	scratch_done(&f->s);
	return 0;
}

static void put(struct fixture *f, const char *path, const char *text)
{
	put_file(f->root, path, text, strlen(text), 0600);
}

static const struct datasource *choose(struct fixture *f, struct registry_choice *nocloud)
{
	struct registry_choice all[REGISTRY_MAX];
	size_t n, chosen;

	machine_load(&f->m, f->root);
	n = registry_choose(&f->m, NULL, all, &chosen);
	for (size_t i = 0; i < n; i++)
		if (!strcmp(all[i].source->name, "nocloud"))
			*nocloud = all[i];
	return chosen < n ? all[chosen].source : NULL;
}

static int fetch(struct fixture *f, const struct datasource *s, struct datasource_payload *ret,
		 struct error *err)
{
	struct datasource_ctx c = { .machine = &f->m };

	return s->fetch(&c, ret, err);
}

static void test_nothing(void **state)
{
	struct registry_choice c;

	assert_null(choose(*state, &c));
	assert_int_equal(c.clue.match, DATASOURCE_NO);
	assert_string_equal(c.clue.reason,
			    "no file system with label cidata and no seed directory");
}

static void test_seed_directory(void **state)
{
	struct fixture *f = *state;
	AUTO_PAYLOAD struct datasource_payload payload = { 0 };
	const struct datasource *chosen;
	struct registry_choice c;
	struct error err = { 0 };

	put(f, SEED "meta-data", "instance-id: i-1\n");
	put(f, SEED "user-data", "");
	chosen = choose(f, &c);
	assert_string_equal(chosen->name, "nocloud");
	assert_string_equal(c.clue.reason, "seed directory /var/lib/cloud/seed/nocloud");
	assert_ok(fetch(f, chosen, &payload, &err), &err);
	assert_string_equal(buf_text(&payload.part[DATASOURCE_META_DATA]), "instance-id: i-1\n");
	assert_true(payload.has[DATASOURCE_USER_DATA]);
	assert_int_equal(payload.part[DATASOURCE_USER_DATA].len, 0);
	assert_false(payload.has[DATASOURCE_VENDOR_DATA]);
	assert_string_equal(payload.where, "/var/lib/cloud/seed/nocloud");
}

/* user-data without meta-data is no seed. */
static void test_incomplete_seed(void **state)
{
	struct fixture *f = *state;
	struct registry_choice c;

	put(f, SEED "user-data", "#cloud-config\n");
	assert_null(choose(f, &c));
}

static void test_oversized_part(void **state)
{
	struct fixture *f = *state;
	AUTO_PAYLOAD struct datasource_payload payload = { 0 };
	AUTO_CLOSE int fd = -1;
	struct registry_choice c;
	struct error err = { 0 };

	put(f, SEED "meta-data", "");
	put(f, SEED "user-data", "x");
	assert_ok(file_open(f->root, SEED "user-data", O_WRONLY, 0, &fd, &err), &err);
	assert_int_equal(ftruncate(fd, (64u << 20)), 0);
	assert_int_equal(fetch(f, choose(f, &c), &payload, &err), -E2BIG);
}

struct id_case {
	const char *uuid;
	bool unique;
};

static void test_unique_ids(void **state)
{
	static const struct id_case ids[] = {
		{ "ec2e1916-9099-7caf-fd21-012345abcdef", true },
		{ "EC2E1916-9099-7CAF-FD21-012345ABCDEF", true },
		{ "00000000-0000-0000-0000-000000000000", false },
		{ "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", false },
		{ "03000200-0400-0500-0006-000700080009", false },
		{ "Not Settable", false },
		{ "", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		if (machine_is_unique_id(ids[i].uuid) != ids[i].unique)
			fail_msg("%s", ids[i].uuid);
}

static void test_cache_names(void **state)
{
	static const char *const harmless[] = { "i-0123456789abcdef0", "nocloud", "a.b_c-D",
						"iid-local01" };
	static const char *const harmful[] = {
		"",
		".",
		"..",
		"../x",
		"a/b",
		"a b",
		"current",
		"a\nb",
		"hash-0",
		".hidden",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	};
	char name[CACHE_NAME], other[CACHE_NAME];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(harmless); i++) {
		cache_name(harmless[i], name);
		assert_string_equal(name, harmless[i]);
	}
	for (size_t i = 0; i < ARRAY_LEN(harmful); i++) {
		cache_name(harmful[i], name);
		assert_memory_equal(name, "hash-", 5);
		assert_int_equal(strlen(name), 37);
		for (size_t k = 0; k < i; k++) {
			cache_name(harmful[k], other);
			assert_string_not_equal(name, other);
		}
	}
}

static void add_part(struct datasource_payload *p, enum datasource_part part, const char *text)
{
	buf_reset(&p->part[part]);
	buf_str(&p->part[part], text);
	p->has[part] = true;
}

static void test_cache(void **state)
{
	struct fixture *f = *state;
	AUTO_PAYLOAD struct datasource_payload in = { .source = "nocloud", .where = "/dev/sr0" };
	AUTO_PAYLOAD struct datasource_payload out = { 0 }, again = { 0 };
	struct error err = { 0 };

	machine_load(&f->m, f->root);
	assert_int_equal(cache_load(&f->m, &out, &err), -ENODATA);
	add_part(&in, DATASOURCE_META_DATA, "instance-id: ../../evil\n");
	add_part(&in, DATASOURCE_USER_DATA, "#cloud-config\n");
	add_part(&in, DATASOURCE_NETWORK_CONFIG, "version: 2\n");
	assert_ok(cache_save(&f->m, "../../evil", &in, &err), &err);
	assert_ok(cache_load(&f->m, &out, &err), &err);
	assert_string_equal(buf_text(&out.part[DATASOURCE_USER_DATA]), "#cloud-config\n");
	assert_true(out.has[DATASOURCE_NETWORK_CONFIG]);
	assert_false(out.has[DATASOURCE_VENDOR_DATA]);
	assert_string_equal(out.source, "nocloud");
	assert_string_equal(out.where, "/dev/sr0");
	/* A part that went away is forgotten. */
	in.has[DATASOURCE_NETWORK_CONFIG] = false;
	assert_ok(cache_save(&f->m, "../../evil", &in, &err), &err);
	assert_ok(cache_load(&f->m, &again, &err), &err);
	assert_false(again.has[DATASOURCE_NETWORK_CONFIG]);
}

static void test_cache_is_private(void **state)
{
	struct fixture *f = *state;
	AUTO_PAYLOAD struct datasource_payload in = { .source = "nocloud" };
	struct error err = { 0 };
	char path[256];
	struct stat st;

	machine_load(&f->m, f->root);
	add_part(&in, DATASOURCE_USER_DATA, "secret");
	assert_ok(cache_save(&f->m, "i-1", &in, &err), &err);
	(void)snprintf(path, sizeof(path), "%s" CACHE_DIR "/i-1", f->s.path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	(void)snprintf(path, sizeof(path), "%s" CACHE_DIR "/i-1/user-data", f->s.path);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

/* What is there now has no id: another instance's data are not its last good ones. */
static void test_cache_forgets(void **state)
{
	struct fixture *f = *state;
	AUTO_PAYLOAD struct datasource_payload in = { .source = "nocloud" }, out = { 0 };
	struct error err = { 0 };

	machine_load(&f->m, f->root);
	assert_ok(cache_save(&f->m, "i-1", &in, &err), &err);
	assert_ok(cache_forget(&f->m, &err), &err);
	assert_int_equal(cache_load(&f->m, &out, &err), -ENODATA);
	error_reset(&err);
	assert_ok(cache_forget(&f->m, &err), &err);
}

/* The disk of another machine: its data is not this one's. */
static void test_cache_of_another_machine(void **state)
{
	struct fixture *f = *state;
	AUTO_PAYLOAD struct datasource_payload in = { .source = "nocloud" }, out = { 0 };
	struct error err = { 0 };

	put(f, "/sys/class/dmi/id/product_uuid", "ec2e1916-9099-7caf-fd21-012345abcdef\n");
	machine_load(&f->m, f->root);
	assert_string_equal(f->m.product_uuid, "ec2e1916-9099-7caf-fd21-012345abcdef");
	assert_ok(cache_save(&f->m, "i-1", &in, &err), &err);
	assert_ok(cache_load(&f->m, &out, &err), &err);
	put(f, "/sys/class/dmi/id/product_uuid", "ec2e1916-9099-7caf-fd21-012345abcdee\n");
	machine_load(&f->m, f->root);
	assert_int_equal(cache_load(&f->m, &out, &err), -ECANCELED);
	assert_non_null(strstr(err.msg, "the remembered instance i-1 is another machine's"));
}

static void test_damaged_record(void **state)
{
	struct fixture *f = *state;
	AUTO_PAYLOAD struct datasource_payload out = { 0 };
	struct error err = { 0 };

	put(f, CACHE_DIR "/current", "{\"instance_id\":");
	machine_load(&f->m, f->root);
	assert_int_equal(cache_load(&f->m, &out, &err), -EBADMSG);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_nothing),	      TEST(test_seed_directory),
		TEST(test_incomplete_seed),   TEST(test_oversized_part),
		TEST(test_unique_ids),	      TEST(test_cache_names),
		TEST(test_cache),	      TEST(test_cache_is_private),
		TEST(test_cache_of_another_machine), TEST(test_damaged_record),
		TEST(test_cache_forgets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
