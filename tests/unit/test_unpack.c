/* SPDX-License-Identifier: Apache-2.0 */
/* User-data taken apart: every form by itself, forms in one another, and what is refused. */
#include "tests/unit/check.h"

#include <zlib.h>

#include "agent/userdata/unpack.h"
#include "lib/clock.h"
#include "lib/doc/decode.h"
#include "lib/doc/tree.h"

struct fixture {
	struct doc_pool *p;
	struct vars vars;
	struct unpack_input in;
	struct unpack_parts parts;
};

static const char names[] = "v1: {local_hostname: box}\n";

static void setup(struct fixture *f)
{
	struct error err = { 0 };

	*f = (struct fixture){ .vars = { .launch_index = -1 } };
	assert_ok(doc_pool_new(&f->p, &err), &err);
	assert_ok(doc_yaml(f->p, "v", names, strlen(names), &f->vars.names, &err), &err);
	f->in = (struct unpack_input){ .pool = f->p, .source = "u", .vars = &f->vars };
}

static void unpack(struct fixture *f, const void *data, size_t len)
{
	f->in.data = data;
	f->in.len = len;
	unpack_all(&f->in, &f->parts);
}

/* "type name text|type name text|", newlines as "/". */
static void describe(const struct fixture *f, struct buf *out)
{
	for (size_t i = 0; i < f->parts.n; i++) {
		const struct unpack_part *part = &f->parts.list[i];
		size_t from;

		buf_fmt(out, "%s %s ", unpack_type_name(part->type), part->name);
		from = out->len;
		buf_add(out, part->text, part->len);
		buf_char(out, '|');
		for (size_t k = from; k < out->len; k++)
			if (out->data[k] == '\n')
				out->data[k] = '/';
	}
}

/* All messages, one a line; errors begin with "!". */
static void said(const struct fixture *f, struct buf *out)
{
	size_t n;
	const struct doc_message *m = doc_messages(f->p, &n);

	for (size_t i = 0; i < n; i++) {
		buf_str(out, m[i].is_error ? "!" : "");
		doc_message_text(&m[i], out);
		buf_char(out, '\n');
	}
}

struct unpack_case {
	const char *data;
	const char *parts;
	const char *said; /* what the messages begin with; NULL: there are none */
};

#define CONFIG "cloud-config part-001 "
#define SCRIPT "script part-001 "

static const struct unpack_case cases[] = {
	{ "", "", NULL },
	{ " \n\n", "", NULL },
	{ "#cloud-config\na: 1\n", CONFIG "#cloud-config/a: 1/|", NULL },
	{ "#cloud-config", CONFIG "#cloud-config|", NULL },
	{ "#cloud-config  \r\na: 1\r\n", CONFIG "#cloud-config  /a: 1/|", NULL },
	{ "\n\n#cloud-config\na: 1\n", CONFIG "//#cloud-config/a: 1/|", NULL },
	{ "#Cloud-Config\n", CONFIG "#Cloud-Config/|", NULL },
	{ "\xef\xbb\xbf#cloud-config\n", CONFIG "#cloud-config/|", "u:1:1: a byte order mark" },
	{ "#!/bin/sh\r\necho\r\n", SCRIPT "#!/bin/sh/echo/|", NULL },
	{ "\n#!/bin/sh\n", SCRIPT "#!/bin/sh/|", NULL },
	{ "#compose\nweb: {image: x}\n", "compose part-001 #compose/web: {image: x}/|", NULL },
	{ "#cloud-boothook\n#!/bin/sh\n", "boothook part-001 #cloud-boothook/#!/bin/sh/|", NULL },
	{ "#cloud-config-jsonp\n[]", CONFIG "#cloud-config-jsonp/[]|", NULL },
	{ "#cloud-config\nwrite_files:\n- content: |\n    MIME-Version: 1.0\n",
	  CONFIG "#cloud-config/write_files:/- content: |/    MIME-Version: 1.0/|", NULL },
	/* Templates of anything. */
	{ "## template: jinja\n#cloud-config\na: {{ v1.local_hostname }}\n",
	  CONFIG "#cloud-config/a: box/|", NULL },
	{ "##template:jinja\n#!/bin/sh\necho {{ local_hostname }}", SCRIPT "#!/bin/sh/echo box|",
	  NULL },
	{ "## template: jinja\n#cloud-config-archive\n- '#!/bin/{{ v1.local_hostname }}'\n",
	  SCRIPT "#!/bin/box|", NULL },
	{ "\n## template: jinja\n#cloud-config\na: {{ x | upper }}\n",
	  "ignored part-001 #cloud-config/a: {{ x | upper }}/|", "!u:4:11: the filter \"upper\"" },
	{ "## template: cheetah\n#cloud-config\n", "ignored part-001 cheetah/#cloud-config/|",
	  "!u:1:1: templates are in jinja, not in \"cheetah\"" },
	/* Base64 that nobody asked for. */
	{ "I2Nsb3VkLWNvbmZpZwphOiAxCg==\n", CONFIG "#cloud-config/a: 1/|",
	  "u:1:1: this is encoded in base64" },
	{ "abcdefgh", "ignored part-001 abcdefgh|", "!u:1:1: the first line must be" },
	/* Archives. */
	{ "#cloud-config-archive\n- a: 1\n", "", "!u:2:3: an item of an archive" },
	{ "#cloud-config-archive\na: 1\n", "", "!u:2:1: an archive is a list" },
	{ "#cloud-config-archive\n- [\n", "", "!u:3:1: " },
	{ "#cloud-config-archive\n- '#!/bin/sh'\n- 'a: 1'\n- {type: text/cloud-boothook, content: "
	  "'#!/bin/x', filename: h}\n- {type: text/foo, content: x}\n",
	  SCRIPT "#!/bin/sh|cloud-config part-002 a: 1|boothook h #!/bin/x|ignored part-004 x|",
	  "u:part-004:1:1: a part of the type \"text/foo\"" },
	/* What is not known. */
	{ "#cloud-config-foo\n", "ignored part-001 #cloud-config-foo/|",
	  "!u:1:1: \"#cloud-config-foo\" is no known form" },
	{ "\n#cloudconfig\n", "ignored part-001 /#cloudconfig/|",
	  "!u:2:1: \"#cloudconfig\" is no known form" },
	{ "---\n#cloud-config\na: 1\n", "ignored part-001 ---/#cloud-config/a: 1/|",
	  "!u:2:1: #cloud-config must be the first line" },
	{ "password: secret\n", "ignored part-001 password: secret/|",
	  "!u:1:1: the first line must be #cloud-config" },
	{ "#part-handler\nimport os\n", "ignored part-001 #part-handler/import os/|",
	  "!u:1:1: a part-handler (Python code) is not supported" },
	{ "#upstart-job\n", "ignored part-001 #upstart-job/|", "!u:1:1: an upstart job" },
	{ "#include http://x/\n", "", "u:1:1: http://x/ is not fetched here" },
	{ "#include\n# no\n\nhttp://a:b@x/y?secret\nhttp://z\n", "",
	  "u:4:1: http://x/y is not fetched here\nu:5:1: http://z is not fetched here" },
	{ "\x1f\x8bnot gzip", "", "!u:1:1: the gzip data is damaged or cut off" },
	{ "\xff\xfe#\x01", "ignored part-001 |", "!u:1:1: this is UTF-16" },
	/* MIME that is one part. */
	{ "MIME-Version: 1.0\nContent-Type: text/x-shellscript\n\n#!/bin/sh\n",
	  SCRIPT "#!/bin/sh/|", NULL },
	{ "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\nI2Nsb3VkLWNvbmZpZwo=\n",
	  CONFIG "#cloud-config/|", NULL },
	{ "MIME-Version: 1.0\nContent-Type: text/cloud-config\n\na: 1\n", CONFIG "a: 1/|", NULL },
	{ "MIME-Version: 1.0\nContent-Type: text/cloud-config\n\n## template: "
	  "jinja\n#cloud-config\n"
	  "a: {{ local_hostname }}\n",
	  CONFIG "#cloud-config/a: box/|", NULL },
	{ "MIME-Version: 1.0\nContent-Type: text/x-shellscript\n\n#cloud-config\n",
	  CONFIG "#cloud-config/|", NULL },
	{ "MIME-Version: 1.0\nContent-Type: text/cloud-boothook\n\n#!/bin/sh\n",
	  "boothook part-001 #!/bin/sh/|", NULL },
	{ "MIME-Version: 1.0\nContent-Type: text/jinja2\n\n#!/bin/{{ local_hostname }}",
	  SCRIPT "#!/bin/box|", NULL },
	{ "MIME-Version: 1.0\nContent-Type: text/cloud-config; charset=iso-8859-1\n\na: \xe9",
	  CONFIG "a: \xc3\xa9|", NULL },
	{ "MIME-Version: 1.0\nContent-Type: text/cloud-config; charset=koi8-r\n\na: \xe9",
	  "ignored part-001 |", "!u:4:1: the charset \"koi8-r\" is not known" },
	{ "MIME-Version: 1.0\nContent-Type: image/png\n\nx", "ignored part-001 |",
	  "u:4:1: a part of the type \"image/png\"" },
	{ "MIME-Version: 1.0\nContent-Type: text/plain\n\nsecret", "ignored part-001 secret|",
	  "!u:4:1: the first line must be" },
	{ "MIME-Version: 1.0\nContent-Type: multipart/mixed\n\n--x\n", "",
	  "!u:4:1: a multipart message without a boundary" },
	{ "MIME-Version: 1.0\nContent-Type: text/plain\nContent-Transfer-Encoding: rot13\n\nx", "",
	  "!u:part-001:1:1: the transfer encoding \"rot13\" is not known" },
	{ "MIME-Version: 1.0\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n*", "",
	  "!u:part-001:1:1: the base64 data is damaged" },
	/* Several. */
	{ "Content-Type: multipart/mixed; boundary=b\nMIME-Version: 1.0\n\n"
	  "--b\nContent-Type: text/plain\n\nfor humans\n"
	  "--b\nContent-Type: text/cloud-config\nContent-Disposition: x; filename=\"../-r "
	  "m.yml\"\n\n"
	  "a: 1\n\n"
	  "--b\nContent-Type: multipart/alternative; boundary=\"c d\"\n\n"
	  "--c d\n\n#!/bin/sh\n--c d\nContent-Type: message/rfc822\n\n"
	  "Content-Type: text/cloud-config-jsonp\n\n[]\n--c d--\n"
	  "--b\nContent-Type: text/x-shellscript-per-once\n\n#!/bin/once\n--b--\n",
	  "ignored part-001 for humans|cloud-config r_m.yml a: 1/|script part-003 #!/bin/sh|"
	  "cloud-config part-004 []|script part-005 #!/bin/once|",
	  "u:7:1: a part of the type \"text/plain\" without a known first line: ignored\n" },
	{ "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\n#!/bin/sh\n",
	  SCRIPT "#!/bin/sh/|", "u:4:1: the last part is not closed by --b--" },
};

static void check_case(const struct unpack_case *c)
{
	AUTO_BUF struct buf parts = { 0 }, messages = { 0 };
	struct fixture f;

	setup(&f);
	unpack(&f, c->data, strlen(c->data));
	describe(&f, &parts);
	said(&f, &messages);
	if (strcmp(buf_text(&parts), c->parts))
		fail_msg("%s\ngives %s\nnot   %s", c->data, buf_text(&parts), c->parts);
	if (c->said ? strncmp(buf_text(&messages), c->said, strlen(c->said)) : messages.len > 0)
		fail_msg("%s\nsays %s", c->data, buf_text(&messages));
	assert_null(strstr(buf_text(&messages), "secret"));
	doc_pool_free(f.p);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_case(&cases[i]);
}

static void test_nul(void **state)
{
	AUTO_BUF struct buf messages = { 0 };
	struct fixture f;

	(void)state;
	setup(&f);
	unpack(&f, "#cloud-config\n\0x", 16);
	assert_int_equal(f.parts.list[0].type, UNPACK_IGNORED);
	said(&f, &messages);
	assert_string_equal(buf_text(&messages),
			    "!u:1:1: a NUL byte at offset 14: this is no text\n");
	doc_pool_free(f.p);
}

/* --- gzip --- */

static void deflate_all(const void *data, size_t len, struct buf *out)
{
	unsigned char piece[4096];
	z_stream z = { 0 };

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, 0), Z_OK);
	z.next_in = (unsigned char *)(uintptr_t)data;
	z.avail_in = (uInt)len;
	do {
		z.next_out = piece;
		z.avail_out = sizeof(piece);
		(void)deflate(&z, Z_FINISH);
		buf_add(out, piece, sizeof(piece) - z.avail_out);
	} while (z.avail_out == 0);
	(void)deflateEnd(&z);
}

static void test_gzip(void **state)
{
	static const char text[] = "#cloud-config\na: 1\n";
	AUTO_BUF struct buf gz = { 0 }, twice = { 0 }, out = { 0 };
	struct fixture f;

	(void)state;
	deflate_all(text, sizeof(text) - 1, &gz);
	deflate_all(gz.data, gz.len, &twice);
	setup(&f);
	unpack(&f, twice.data, twice.len);
	describe(&f, &out);
	assert_string_equal(buf_text(&out), CONFIG "#cloud-config/a: 1/|");
	assert_string_equal(f.parts.list[0].source, "u");
	doc_pool_free(f.p);
}

/* Nine times packed is once too often, and says so instead of going on. */
static void test_depth(void **state)
{
	AUTO_BUF struct buf messages = { 0 };
	struct buf a = { 0 }, b = { 0 };
	struct fixture f;

	(void)state;
	buf_str(&a, "#cloud-config\n");
	for (int i = 0; i < 9; i++) {
		buf_reset(&b);
		deflate_all(a.data, a.len, &b);
		buf_reset(&a);
		buf_add(&a, b.data, b.len);
	}
	setup(&f);
	unpack(&f, a.data, a.len);
	said(&f, &messages);
	assert_int_equal(f.parts.n, 0);
	assert_string_equal(buf_text(&messages), "!u:1:1: packed more than 8 times: left out\n");
	doc_pool_free(f.p);
	buf_done(&a);
	buf_done(&b);
}

/* 2 GiB of zeros in 2 MiB: the end comes after 16 MiB. */
static void test_bomb(void **state)
{
	static const size_t mib = 1u << 20;
	AUTO_BUF struct buf bomb = { 0 }, messages = { 0 };
	unsigned char piece[65536];
	char *zeros = calloc(1, mib);
	z_stream z = { 0 };
	struct fixture f;

	(void)state;
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 16 + MAX_WBITS, 8, 0), Z_OK);
	/* 64 MiB show the same in a tenth of the time that making 2 GiB takes. */
	for (int i = 0; i < 64; i++) {
		z.next_in = (unsigned char *)zeros;
		z.avail_in = (uInt)mib;
		do {
			z.next_out = piece;
			z.avail_out = sizeof(piece);
			(void)deflate(&z, i == 63 ? Z_FINISH : Z_NO_FLUSH);
			buf_add(&bomb, piece, sizeof(piece) - z.avail_out);
		} while (z.avail_out == 0);
	}
	(void)deflateEnd(&z);
	free(zeros);
	setup(&f);
	unpack(&f, bomb.data, bomb.len);
	said(&f, &messages);
	assert_int_equal(f.parts.n, 0);
	assert_string_equal(buf_text(&messages),
			    "!u:1:1: more than 16 MiB when all is unpacked: left out\n");
	doc_pool_free(f.p);
}

static void test_too_many_parts(void **state)
{
	AUTO_BUF struct buf text = { 0 }, messages = { 0 };
	struct fixture f;

	(void)state;
	buf_str(&text, "#cloud-config-archive\n");
	for (int i = 0; i < 1000; i++)
		buf_str(&text, "- 'a: 1'\n");
	setup(&f);
	unpack(&f, text.data, text.len);
	assert_int_equal(f.parts.n, UNPACK_PARTS_MAX);
	said(&f, &messages);
	assert_non_null(strstr(buf_text(&messages), "256 parts"));
	doc_pool_free(f.p);
}

/* --- places, launch index, addresses --- */

static void test_places(void **state)
{
	static const char text[] = "MIME-Version: 1.0\n"
				   "Content-Type: multipart/mixed; boundary=b\n"
				   "\n"
				   "--b\n"
				   "Content-Type: text/cloud-config\n"
				   "\n"
				   "a: 1\n"
				   "--b\n"
				   "Content-Type: text/plain\n"
				   "Content-Transfer-Encoding: quoted-printable\n"
				   "\n"
				   "#cloud-config\n"
				   "--b\n"
				   "\n"
				   "\n"
				   "## template: jinja\n"
				   "{% if v1 %}\n"
				   "#!/bin/sh\n"
				   "{% endif %}\n"
				   "--b--\n";
	struct fixture f;

	(void)state;
	setup(&f);
	unpack(&f, text, sizeof(text) - 1);
	assert_int_equal(f.parts.n, 3);
	assert_string_equal(f.parts.list[0].source, "u");
	assert_int_equal(f.parts.list[0].place.first, 7);
	assert_string_equal(f.parts.list[1].source, "u:part-002");
	assert_int_equal(f.parts.list[1].place.first, 1);
	assert_string_equal(f.parts.list[2].source, "u");
	assert_int_equal(f.parts.list[2].place.lines[0], 18);
	doc_pool_free(f.p);
}

static void test_launch_index(void **state)
{
	static const char text[] = "MIME-Version: 1.0\n"
				   "Content-Type: multipart/mixed; boundary=b\n\n"
				   "--b\nLaunch-Index: 0\n\n#!/zero\n"
				   "--b\nLaunch-Index: 1, 2\n\n#!/one\n"
				   "--b\n\n#!/all\n--b--\n";
	static const struct {
		int64_t index;
		const char *want;
	} rows[] = {
		{ -1, "script part-001 #!/zero|script part-002 #!/one|script part-003 #!/all|" },
		{ 0, "script part-001 #!/zero|ignored part-002 |script part-003 #!/all|" },
		{ 2, "ignored part-001 |script part-002 #!/one|script part-003 #!/all|" },
		{ 3, "ignored part-001 |ignored part-002 |script part-003 #!/all|" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO_BUF struct buf out = { 0 };
		struct fixture f;

		setup(&f);
		f.vars.launch_index = rows[i].index;
		unpack(&f, text, sizeof(text) - 1);
		describe(&f, &out);
		assert_string_equal(buf_text(&out), rows[i].want);
		doc_pool_free(f.p);
	}
}

static void test_addresses(void **state)
{
	static const char text[] =
		"#cloud-config\na: $private_ipv4:80 $private_ipv4x \\$private_ipv4 "
		"$\nb: $public_ipv4\n";
	AUTO_BUF struct buf out = { 0 }, messages = { 0 };
	struct fixture f;

	(void)state;
	setup(&f);
	f.vars.address[0] = "10.0.0.1";
	unpack(&f, text, sizeof(text) - 1);
	describe(&f, &out);
	said(&f, &messages);
	assert_string_equal(buf_text(&out),
			    CONFIG "#cloud-config/a: 10.0.0.1:80 $private_ipv4x $private_ipv4 $/"
				   "b: $public_ipv4/|");
	assert_string_equal(buf_text(&messages),
			    "u:3:4: the metadata does not tell $public_ipv4: it "
			    "stays as it is\n");
	/* In a script "$" is the shell's. */
	buf_reset(&out);
	unpack(&f, "#!/bin/sh\necho $private_ipv4\n", 28);
	describe(&f, &out);
	assert_string_equal(buf_text(&out), SCRIPT "#!/bin/sh/echo $private_ipv4|");
	doc_pool_free(f.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),	  cmocka_unit_test(test_nul),
		cmocka_unit_test(test_gzip),	  cmocka_unit_test(test_depth),
		cmocka_unit_test(test_bomb),	  cmocka_unit_test(test_too_many_parts),
		cmocka_unit_test(test_places),	  cmocka_unit_test(test_launch_index),
		cmocka_unit_test(test_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
