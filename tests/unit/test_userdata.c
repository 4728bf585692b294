/* SPDX-License-Identifier: Apache-2.0 */
/* What a piece of user-data is taken for, and how the rest is refused. */
#include "tests/unit/check.h"

#include <errno.h>

#include "agent/userdata/userdata.h"

struct userdata_case {
	const char *data;
	enum userdata_form form;
	const char *text;  /* as it is kept */
	const char *error; /* what its message holds, NULL for none */
};

static const struct userdata_case cases[] = {
	{ "", USERDATA_NONE, "", NULL },
	{ " \n\n", USERDATA_NONE, " \n\n", NULL },
	{ "#cloud-config\na: 1\n", USERDATA_CONFIG, "#cloud-config\na: 1\n", NULL },
	{ "#cloud-config", USERDATA_CONFIG, "#cloud-config", NULL },
	{ "#cloud-config  \r\na: 1\r\n", USERDATA_CONFIG, "#cloud-config  \na: 1\n", NULL },
	{ "\n\n#cloud-config\na: 1\n", USERDATA_CONFIG, "\n\n#cloud-config\na: 1\n", NULL },
	{ "\xef\xbb\xbf#cloud-config\n", USERDATA_CONFIG, "#cloud-config\n", NULL },
	{ "#Cloud-Config\n", USERDATA_CONFIG, "#Cloud-Config\n", NULL },
	{ "#!/bin/sh\r\necho\r\n", USERDATA_SCRIPT, "#!/bin/sh\necho\n", NULL },
	{ "\n#!/bin/sh\n", USERDATA_SCRIPT, "#!/bin/sh\n", NULL },
	{ "#compose\nweb: {image: x}\n", USERDATA_COMPOSE, "#compose\nweb: {image: x}\n", NULL },
	{ "#cloud-config-foo\n", USERDATA_NONE, NULL, "\"#cloud-config-foo\" is no known form" },
	{ "#cloudconfig\n", USERDATA_NONE, NULL, "\"#cloudconfig\" is no known form" },
	{ "---\n#cloud-config\na: 1\n", USERDATA_NONE, NULL,
	  "u:2:1: #cloud-config must be the first line" },
	{ "password: secret\n", USERDATA_NONE, NULL,
	  "u:1:1: the first line must be #cloud-config" },
	{ "#cloud-boothook\n", USERDATA_NONE, NULL, "a boothook, which is not supported yet" },
	{ "#include-once http://x\n", USERDATA_NONE, NULL, "a list of URLs" },
	{ "## template: jinja\n", USERDATA_NONE, NULL, "a template" },
	{ "Content-Type: multipart/mixed\n", USERDATA_NONE, NULL, "a MIME message" },
	{ "\x1f\x8bnot gzip", USERDATA_NONE, NULL, "u: the gzip data is damaged or cut off" },
};

static void check_case(const struct userdata_case *c)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf text = { 0 };
	const struct doc_message *m;
	struct userdata u;
	size_t n;
	int r;

	assert_int_equal(doc_pool_new(&p, NULL), 0);
	r = userdata_read(p, "u", c->data, strlen(c->data), &u);
	m = doc_messages(p, &n);
	if (n)
		doc_message_text(&m[0], &text);
	if (c->error) {
		assert_int_equal(r, -EBADMSG);
		if (!strstr(buf_text(&text), c->error))
			fail_msg("\"%s\": \"%s\"", c->data, buf_text(&text));
		assert_null(strstr(buf_text(&text), "secret"));
		return;
	}
	if (r != 0 || n != 0)
		fail_msg("\"%s\": %d \"%s\"", c->data, r, buf_text(&text));
	assert_int_equal(u.form, c->form);
	assert_string_equal(u.text, c->text);
	assert_int_equal(u.len, strlen(c->text));
}

static void test_forms(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_case(&cases[i]);
}

static void test_nul(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct userdata u;

	(void)state;
	assert_int_equal(doc_pool_new(&p, NULL), 0);
	assert_int_equal(userdata_read(p, "u", "#cloud-config\n\0x", 16, &u), -EBADMSG);
}

static void test_gzip(void **state)
{
	/* printf '#cloud-config\na: 1\n' | gzip -n */
	static const unsigned char gz[] = {
		0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0x53, 0x4e, 0xce,
		0xc9, 0x2f, 0x4d, 0xd1, 0x4d, 0xce, 0xcf, 0x4b, 0xcb, 0x4c, 0xe7, 0x4a, 0xb4,
		0x52, 0x30, 0xe4, 0x02, 0x00, 0x9e, 0xa2, 0xa1, 0x2e, 0x13, 0x00, 0x00, 0x00,
	};
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct userdata u;

	(void)state;
	assert_int_equal(doc_pool_new(&p, NULL), 0);
	assert_int_equal(userdata_read(p, "u", gz, sizeof(gz), &u), 0);
	assert_int_equal(u.form, USERDATA_CONFIG);
	assert_string_equal(u.text, "#cloud-config\na: 1\n");
}

struct document_case {
	const char *text, *json;
};

static const struct document_case documents[] = {
	{ "", "{}" },
	{ "#cloud-config\n", "{}" },
	{ "#cloud-config\na: 1\n", "{\"a\":1}" },
	{ "#compose\nweb: {image: x}\n",
	  "{\"rancher\":{\"services\":{\"web\":{\"image\":\"x\"}}}}" },
	{ "#compose\nversion: '3'\nservices: {web: {image: x}}\n",
	  "{\"rancher\":{\"services\":{\"web\":{\"image\":\"x\"}}}}" },
};

static void test_documents(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct doc_node *n = NULL;
	struct error err = { 0 };

	(void)state;
	assert_int_equal(doc_pool_new(&p, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(documents); i++) {
		AUTO_BUF struct buf out = { 0 };
		const char *text = documents[i].text;

		assert_ok(userdata_document(p, "u", text, strlen(text), &n, &err), &err);
		doc_json_write(n, &out);
		assert_string_equal(buf_text(&out), documents[i].json);
	}
	assert_int_equal(userdata_document(p, "u", "- a\n", 4, &n, &err), -EBADMSG);
	assert_string_equal(err.msg, "u:1:1: lines of \"key: value\" are expected here");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_gzip),
		cmocka_unit_test(test_documents),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
