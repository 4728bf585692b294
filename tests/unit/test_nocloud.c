/* SPDX-License-Identifier: Apache-2.0 */
/* NoCloud: the line on the kernel line and in DMI, seed directories, media as image files (whole,
 * damaged, with links that point out), seedfrom, and what meta-data asks for. */
#include "tests/unit/fakeweb.h"
#include "tests/unit/medium.h"

#include <errno.h>

#include "datasource/nocloud_line.h"
#include "datasource/seed.h"
#include "lib/clock.h"

#define SEED "/var/lib/cloud/seed/nocloud/"

/* --- the line --- */

struct line_case {
	const char *value; /* NULL fields: not NoCloud's */
	const char *seedfrom, *hostname, *id;
};

static void test_line(void **state)
{
	static const struct line_case cases[] = {
		{ "nocloud", "", "", "" },
		{ "nocloud-net", "", "", "" },
		{ "nocloud;", "", "", "" },
		{ "nocloud;s=http://x/;h=n;i=1", "http://x/", "n", "1" },
		{ "nocloud-net;seedfrom=/d/;local-hostname=n;instance-id=1", "/d/", "n", "1" },
		{ "nocloud;i=1;i=2;unknown=x;h", "", "", "2" },
		{ "nocloud;s=http://x/?a=b;h=n\"", "http://x/?a=b", "n", "" },
		{ "nocloud;s=http://x/ trailing words", "http://x/", "", "" },
		{ "nocloudx", NULL, NULL, NULL },
		{ "foocloud", NULL, NULL, NULL },
		{ "nocloud-network;s=x", NULL, NULL, NULL },
		{ "", NULL, NULL, NULL },
		{ "ec2", NULL, NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct nocloud_line l = { 0 };
		bool taken = nocloud_line_take(&l, cases[i].value, "here");

		if (taken != (cases[i].seedfrom != NULL))
			fail_msg("%s: %d", cases[i].value, taken);
		assert_string_equal(l.seedfrom, taken ? cases[i].seedfrom : "");
		assert_string_equal(l.hostname, taken ? cases[i].hostname : "");
		assert_string_equal(l.id, taken ? cases[i].id : "");
	}
}

struct place_case {
	const char *cmdline, *serial;
	const char *where, *seedfrom, *id;
};

static void test_places_of_the_line(void **state)
{
	static const struct place_case cases[] = {
		{ "ro quiet", "VMware-56", NULL, "", "" },
		{ "ds=nocloud;i=k", "", "the kernel line", "", "k" },
		{ "ci.ds=nocloud;i=k", "", "the kernel line", "", "k" },
		{ "\"ds=nocloud;s=http://k/;i=k\" ro", "", "the kernel line", "http://k/", "k" },
		{ "ro", "ds=nocloud;i=d", "the DMI serial number", "", "d" },
		{ "ro", "0123 ds=nocloud-net;s=http://d/", "the DMI serial number", "http://d/",
		  "" },
		{ "ro", "0123ds=nocloud;i=d", NULL, "", "" },
		{ "ds=nocloud;i=k", "ds=nocloud;i=d;s=http://d/", "the kernel line", "http://d/",
		  "k" },
		{ "ds=ec2", "ds=nocloudy", NULL, "", "" },
	};
	struct medium *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct nocloud_line l;

		medium_put(f, "/proc/cmdline", cases[i].cmdline);
		medium_put(f, "/sys/class/dmi/id/product_serial", cases[i].serial);
		machine_load(&f->m, f->root);
		nocloud_line_read(&f->m, &l);
		if (!cases[i].where)
			assert_null(l.where);
		else
			assert_string_equal(l.where, cases[i].where);
		assert_string_equal(l.seedfrom, cases[i].seedfrom);
		assert_string_equal(l.id, cases[i].id);
	}
}

static void test_url(void **state)
{
	static const char *const cases[][2] = {
		{ "http://x", "http://x/meta-data" },
		{ "http://x/d/", "http://x/d/meta-data" },
		{ "http://x/?f=", "http://x/?f=meta-data" },
		{ "http://x/%s?k", "http://x/meta-data?k" },
		{ "http://x/__dmi.system-uuid__/", "http://x/AB-cd/meta-data" },
		{ "http://x/__dmi.chassis-serial-number__/%s", "http://x/a%20%2F%3Fb/meta-data" },
		{ "/srv/seed", "/srv/seed/meta-data" },
	};
	struct medium *f = *state;
	AUTO_BUF struct buf b = { 0 };

	medium_put(f, "/sys/class/dmi/id/product_uuid", "AB-cd\n");
	medium_put(f, "/sys/class/dmi/id/chassis_serial", "a /?b \n");
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_ok(nocloud_line_url(f->root, cases[i][0], "meta-data", &b, &f->err),
			  &f->err);
		assert_string_equal(buf_text(&b), cases[i][1]);
	}
	assert_int_equal(
		nocloud_line_url(f->root, "http://x/__dmi.system-version__/", "f", &b, &f->err),
		-ENODATA);
	assert_int_equal(nocloud_line_url(f->root, "http://x/__dmi.nothing__/", "f", &b, &f->err),
			 -ENODATA);
	assert_int_equal(nocloud_line_url(f->root, "http://x/__dmi.system", "f", &b, &f->err),
			 -EBADMSG);
}

/* --- places --- */

#define FILES "printf 'instance-id: i-1\\n' >t/meta-data; echo user >t/user-data; "

static void test_iso(void **state)
{
	medium_make(*state,
		    FILES "echo v >t/vendor-data; echo n >t/network-config; iso cidata sr0");
	medium_fetch_ok(*state, "nocloud");
	assert_part(*state, META_DATA, "instance-id: i-1\n");
	assert_part(*state, USER_DATA, "user\n");
	assert_part(*state, VENDOR_DATA, "v\n");
	assert_part(*state, NETWORK_CONFIG, "n\n");
	assert_int_equal(medium_clue(*state, "nocloud").stage, DATASOURCE_BY_MEDIUM);
}

static void test_fat_in_upper_case(void **state)
{
	struct medium *f = *state;

	medium_make(f, FILES "fat CIDATA vdb");
	medium_fetch_ok(f, "nocloud");
	assert_part(f, META_DATA, "instance-id: i-1\n");
	assert_part(f, VENDOR_DATA, "(none)");
	assert_string_equal(f->payload.where, "/dev/vdb (vfat, label CIDATA)");
	assert_string_equal(medium_clue(f, "nocloud").reason,
			    "/dev/vdb holds vfat with label CIDATA");
}

/* A label that only the boot sector has (LABEL_FATBOOT). */
static void test_fat_boot_label(void **state)
{
	struct medium *f = *state;

	medium_make(f, FILES
		    "fat CIDATA vdb; at=$(grep -abo 'CIDATA     ' dev/vdb | tail -1); "
		    "printf '\\345' | dd of=dev/vdb bs=1 seek=${at%%:*} conv=notrunc status=none");
	medium_fetch_ok(f, "nocloud");
	assert_part(f, META_DATA, "instance-id: i-1\n");
}

static void test_other_labels(void **state)
{
	struct medium *f = *state;

	medium_make(f, FILES "iso CIDATA2 sr0; fat NODATA vdb; : >dev/vdc");
	assert_int_equal(medium_clue(f, "nocloud").match, DATASOURCE_NO);
	assert_int_equal(medium_fetch(f, "nocloud"), -ENODATA);
	assert_string_equal(f->err.msg, "no file system with label cidata");
}

/* The last one by name that is whole: the damaged one and the one without meta-data are passed. */
static void test_several_media(void **state)
{
	medium_make(*state, FILES "iso cidata sr0; echo second >t/user-data; iso cidata sr1; "
				  "rm t/meta-data; iso cidata sr2; iso cidata sr3; "
				  "truncate -s 48K dev/sr3");
	medium_fetch_ok(*state, "nocloud");
	assert_part(*state, USER_DATA, "second\n");
}

static void test_no_meta_data(void **state)
{
	struct medium *f = *state;

	medium_make(f, FILES "rm t/meta-data; iso cidata sr0");
	assert_int_equal(medium_fetch(f, "nocloud"), -EBADMSG);
	assert_string_equal(f->err.msg, "/dev/sr0 (iso9660, label cidata): it holds no meta-data "
					"(put one there, it may be empty)");
}

static void test_damaged(void **state)
{
	struct medium *f = *state;

	medium_make(f, FILES "iso cidata sr0; truncate -s 50K dev/sr0");
	assert_int_equal(medium_fetch(f, "nocloud"), -EBADMSG);
	medium_make(f, FILES "iso cidata sr0; head -c 300000 /dev/urandom | "
			     "dd of=dev/sr0 bs=2048 seek=19 conv=notrunc status=none");
	assert_true(medium_fetch(f, "nocloud") < 0);
	assert_false(f->payload.has[DATASOURCE_USER_DATA]);
}

/* A link on a medium leads nowhere, least of all out of it. */
static void test_links_on_a_medium(void **state)
{
	struct medium *f = *state;

	medium_make(f, FILES "ln -sf /etc/shadow t/user-data; iso cidata sr0");
	assert_int_equal(medium_fetch(f, "nocloud"), -ELOOP);
	assert_false(f->payload.has[DATASOURCE_USER_DATA]);
}

static void test_huge_file(void **state)
{
	struct medium *f = *state;

	medium_make(f,
		    FILES "truncate -s 17M t/user-data; iso cidata sr0; truncate -s 40M dev/sr0");
	assert_int_equal(medium_fetch(f, "nocloud"), -E2BIG);
	assert_string_equal(f->err.msg, "/dev/sr0 (iso9660, label cidata): user-data: it has "
					"17825792 bytes");
}

static void test_seed_directory_first(void **state)
{
	struct medium *f = *state;

	medium_make(f, FILES "iso cidata sr0");
	medium_put(f, SEED "meta-data", "instance-id: dir\n");
	medium_fetch_ok(f, "nocloud");
	assert_part(f, META_DATA, "instance-id: dir\n");
	assert_part(f, USER_DATA, "(none)");
	assert_int_equal(medium_clue(f, "nocloud").stage, DATASOURCE_BY_SEED);
}

/* A seed directory's links stay below the root. */
static void test_links_of_a_directory(void **state)
{
	struct medium *f = *state;

	medium_make(f, "mkdir -p ./" SEED "; ln -s /etc/passwd ./" SEED "user-data");
	medium_put(f, SEED "meta-data", "");
	medium_fetch_ok(f, "nocloud");
	assert_part(f, USER_DATA, "(none)");
	medium_put(f, "/etc/passwd", "ours");
	medium_fetch_ok(f, "nocloud");
	assert_part(f, USER_DATA, "ours");
}

/* --- the line and meta-data together --- */

static void test_line_on_top(void **state)
{
	struct medium *f = *state;

	medium_make(f, "echo '{\"instance-id\": \"i-1\", \"public-keys\": [\"k\"]}' >t/meta-data; "
		       ": >t/user-data; iso cidata sr0");
	medium_put(f, "/proc/cmdline", "ds=nocloud;h=name;i=line\n");
	medium_fetch_ok(f, "nocloud");
	assert_part(
		f, META_DATA,
		"{\"instance-id\":\"line\",\"public-keys\":[\"k\"],\"local-hostname\":\"name\"}");
	assert_part(f, USER_DATA, "");
	assert_int_equal(medium_clue(f, "nocloud").stage, DATASOURCE_BY_CMDLINE);
}

static void test_line_alone(void **state)
{
	struct medium *f = *state;

	medium_put(f, "/proc/cmdline", "ds=nocloud;h=name;i=line\n");
	medium_fetch_ok(f, "nocloud");
	assert_part(f, META_DATA, "{\"instance-id\":\"line\",\"local-hostname\":\"name\"}");
	medium_put(f, "/proc/cmdline", "ds=nocloud\n");
	assert_int_equal(medium_fetch(f, "nocloud"), -ENODATA);
}

static void test_seedfrom_path(void **state)
{
	struct medium *f = *state;

	medium_put(f, "/srv/seed/meta-data", "instance-id: there\na: 1\n");
	medium_put(f, "/srv/seed/user-data", "from there");
	medium_put(f, "/proc/cmdline", "ds=nocloud;s=/srv/seed\n");
	medium_fetch_ok(f, "nocloud");
	assert_part(f, USER_DATA, "from there");
	medium_put(f, "/proc/cmdline", "ds=nocloud;s=file:///srv/seed/;i=x\n");
	medium_fetch_ok(f, "nocloud");
	assert_part(f, META_DATA, "{\"instance-id\":\"x\",\"a\":1}");
	medium_put(f, "/proc/cmdline", "ds=nocloud;s=/srv/nothing\n");
	assert_int_equal(medium_fetch(f, "nocloud"), -ENODATA);
	medium_put(f, "/proc/cmdline", "ds=nocloud;s=ftp://x/\n");
	assert_int_equal(medium_fetch(f, "nocloud"), -EPROTONOSUPPORT);
}

/* A seed by plain http is refused, wherever its address stands, before there is a packet. Where it
 * is allowed it is asked for (nobody is there), but not when TLS is required. */
static void test_seedfrom_plain_http(void **state)
{
	struct medium *f = *state;

	medium_put(f, "/proc/cmdline", "ds=nocloud;s=http://127.0.0.1:1/\n");
	assert_int_equal(medium_fetch(f, "nocloud"), -ECANCELED);
	assert_non_null(strstr(f->err.msg, "plain http is refused for a seed"));
	assert_non_null(strstr(f->err.msg, "allow_http_seed"));
	f->ctx.allow_http_seed = true;
	f->ctx.deadline = clock_ms() + 300;
	assert_int_not_equal(medium_fetch(f, "nocloud"), -ECANCELED);
	f->ctx.require_tls = true;
	assert_int_equal(medium_fetch(f, "nocloud"), -ECANCELED);
	assert_non_null(strstr(f->err.msg, "require_tls"));
	f->ctx.allow_http_seed = f->ctx.require_tls = false;
	medium_put(f, "/proc/cmdline", "quiet\n");
	medium_put(f, SEED "meta-data", "seedfrom: http://127.0.0.1:1/\n");
	assert_int_equal(medium_fetch(f, "nocloud"), -ECANCELED);
}

/* seedfrom in meta-data: the keys that stand beside it win, the other parts come from there. */
static void test_seedfrom_in_meta_data(void **state)
{
	struct medium *f = *state;

	medium_put(f, SEED "meta-data", "instance-id: here\nseedfrom: /srv/seed/\n");
	medium_put(f, SEED "user-data", "here");
	medium_put(f, SEED "vendor-data", "vendor here");
	medium_put(f, "/srv/seed/meta-data", "instance-id: there\nlocal-hostname: there\n");
	medium_put(f, "/srv/seed/user-data", "there");
	medium_fetch_ok(f, "nocloud");
	assert_part(f, META_DATA,
		    "{\"instance-id\":\"here\",\"local-hostname\":\"there\","
		    "\"seedfrom\":\"/srv/seed/\"}");
	assert_part(f, USER_DATA, "there");
	assert_part(f, VENDOR_DATA, "vendor here");
}

static void test_meta_data_asks(void **state)
{
	struct medium *f = *state;

	medium_put(f, SEED "meta-data", "dsmode: disabled\n");
	assert_int_equal(medium_fetch(f, "nocloud"), -ENODATA);
	medium_put(f, SEED "meta-data", "network-interfaces: |\n  iface eth0 inet dhcp\n");
	medium_fetch_ok(f, "nocloud");
	assert_part(f, NETWORK_CONFIG, "iface eth0 inet dhcp\n");
	medium_put(f, SEED "network-config", "version: 2\n");
	medium_fetch_ok(f, "nocloud");
	assert_part(f, NETWORK_CONFIG, "version: 2\n");
	/* What does not parse is handed on, for the agent to name the place. */
	medium_put(f, SEED "meta-data", "a: [\n");
	medium_put(f, "/proc/cmdline", "ds=nocloud;h=name\n");
	medium_fetch_ok(f, "nocloud");
	assert_part(f, META_DATA, "a: [\n");
}

/* --- a server with faults --- */

static const struct fakeweb_route routes[] = {
	{ .path = "/seed/meta-data", .body = "instance-id: net\n" },
	{ .path = "/seed/user-data", .body = "#cloud-config\nhostname: long enough to be cut\n" },
	{ .path = NULL },
};

/* The limit or the deadline, whichever comes first. */
#define ANY_FAILURE 1
/* Tried again to the end; on a busy machine the last try may be one that the deadline cuts off. */
#define TRIED_AGAIN 2

/* The outcome, and how long it took. */
static int ask_server(struct medium *f, const struct fakeweb_plan *plan, int64_t *ret_ms)
{
	AUTO_FAKEWEB struct fakeweb web = fakeweb_start(plan);
	int64_t start = clock_ms();
	char line[128];
	int r;

	(void)snprintf(line, sizeof(line), "ds=nocloud;s=%s/seed/\n", web.url);
	medium_put(f, "/proc/cmdline", line);
	f->ctx.allow_http_seed = true;
	f->ctx.deadline = start + 2500;
	r = medium_fetch(f, "nocloud");
	*ret_ms = clock_ms() - start;
	return r;
}

static void test_server_faults(void **state)
{
	static const struct {
		struct fakeweb_plan plan;
		int result;
	} cases[] = {
		{ { .routes = routes }, 0 },
		{ { .routes = routes, .fault = FAKEWEB_REFUSED }, TRIED_AGAIN },
		{ { .routes = routes, .fault = FAKEWEB_SILENT }, -ETIMEDOUT },
		{ { .routes = routes, .fault = FAKEWEB_DRIP }, -ETIMEDOUT },
		{ { .routes = routes, .fault = FAKEWEB_STATUS, .status = 404 }, -ENODATA },
		{ { .routes = routes, .fault = FAKEWEB_STATUS, .status = 403 }, -EPROTO },
		{ { .routes = routes, .fault = FAKEWEB_STATUS, .status = 500 }, TRIED_AGAIN },
		{ { .routes = routes, .fault = FAKEWEB_BUSY, .status = 503, .count = 1 }, 0 },
		{ { .routes = routes, .fault = FAKEWEB_RESET, .count = 2 }, 0 },
		{ { .routes = routes, .fault = FAKEWEB_LATE, .count = 700 }, 0 },
		{ { .routes = routes, .fault = FAKEWEB_TRUNCATED }, TRIED_AGAIN },
		{ { .routes = routes, .fault = FAKEWEB_ENDLESS }, ANY_FAILURE },
	};
	struct medium *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t ms;
		int r = ask_server(f, &cases[i].plan, &ms);

		if (r != cases[i].result && !(r < 0 && cases[i].result == ANY_FAILURE) &&
		    !(cases[i].result == TRIED_AGAIN && (r == -EAGAIN || r == -ETIMEDOUT)))
			fail_msg("case %zu: %d: %s", i, r, f->err.msg);
		if (ms > 8000)
			fail_msg("case %zu took %d ms", i, (int)ms);
		if (r < 0)
			assert_false(f->payload.has[DATASOURCE_USER_DATA]);
		else
			assert_part(f, META_DATA, "instance-id: net\n");
	}
	f->ctx.deadline = 0;
}

static void test_redirects(void **state)
{
	static const char *const places[] = { "file:///etc/passwd", "ftp://127.0.0.1/x" };
	struct medium *f = *state;
	int64_t ms;

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		const struct fakeweb_plan plan = { .routes = routes,
						   .fault = FAKEWEB_REDIRECT,
						   .location = places[i] };

		assert_true(ask_server(f, &plan, &ms) < 0);
		assert_false(f->payload.has[DATASOURCE_META_DATA]);
	}
	f->ctx.deadline = 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_line),
		MEDIUM_TEST(test_places_of_the_line),
		MEDIUM_TEST(test_url),
		MEDIUM_TEST(test_iso),
		MEDIUM_TEST(test_fat_in_upper_case),
		MEDIUM_TEST(test_fat_boot_label),
		MEDIUM_TEST(test_other_labels),
		MEDIUM_TEST(test_several_media),
		MEDIUM_TEST(test_no_meta_data),
		MEDIUM_TEST(test_damaged),
		MEDIUM_TEST(test_links_on_a_medium),
		MEDIUM_TEST(test_huge_file),
		MEDIUM_TEST(test_seed_directory_first),
		MEDIUM_TEST(test_links_of_a_directory),
		MEDIUM_TEST(test_line_on_top),
		MEDIUM_TEST(test_line_alone),
		MEDIUM_TEST(test_seedfrom_path),
		MEDIUM_TEST(test_seedfrom_plain_http),
		MEDIUM_TEST(test_seedfrom_in_meta_data),
		MEDIUM_TEST(test_meta_data_asks),
		MEDIUM_TEST(test_server_faults),
		MEDIUM_TEST(test_redirects),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
