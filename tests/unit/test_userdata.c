/* SPDX-License-Identifier: Apache-2.0 */
/* A layer's text to its document. */
#include "tests/unit/check.h"

#include <errno.h>

#include "agent/userdata/userdata.h"

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

static void test_headers(void **state)
{
	(void)state;
	assert_true(userdata_has_header("#cloud-config\n"));
	assert_true(userdata_has_header("\n#!/bin/sh\n"));
	assert_true(userdata_has_header("# a comment\n"));
	assert_false(userdata_has_header("hostname: a\n"));
	assert_false(userdata_has_header(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_documents),
		cmocka_unit_test(test_headers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
