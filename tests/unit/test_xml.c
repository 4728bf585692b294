/* SPDX-License-Identifier: Apache-2.0 */
/* The XML reader: events, namespaces, references, positions; what is malformed or too much is
 * refused with its place. */
#include "tests/unit/check.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/doc/xml.h"

/* The events of a document as text: "<ns|name", "=text", ">"; on failure the message. */
static int trace(const char *text, size_t len, struct buf *out, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	enum xml_event e = XML_START;
	struct xml *x;
	int r = doc_pool_new(&p, err);

	if (r == 0)
		r = xml_open(p, "t", text, len, &x, err);
	while (r == 0 && e != XML_DONE) {
		r = xml_next(x, &e, err);
		if (r == 0 && e == XML_START)
			buf_fmt(out, "<%s",
				xml_is(x, "urn:a", "e")   ? "a|e"
				: xml_is(x, "", "e")      ? "e"
				: xml_is(x, NULL, "root") ? "root"
							  : "?");
		if (r == 0 && e == XML_START && xml_attr(x, "", "k"))
			buf_fmt(out, " k=%s", xml_attr(x, "", "k"));
		if (r == 0 && e == XML_START && xml_attr(x, "urn:a", "k"))
			buf_fmt(out, " a|k=%s", xml_attr(x, "urn:a", "k"));
		if (r == 0 && e == XML_TEXT)
			buf_fmt(out, "=%s", xml_text(x));
		if (r == 0 && e == XML_END)
			buf_char(out, '>');
	}
	return r;
}

struct good {
	const char *text, *trace;
};

static void test_good(void **state)
{
	static const struct good cases[] = {
		{ "<e/>", "<e>" },
		{ "\xef\xbb\xbf<?xml version='1.0'?>\n<!-- <x> -->\n<e></e> rubbish <", "<e>" },
		{ "<e k='1'><root k = \"a'b\" /></e>", "<e k=1<root k=a'b>>" },
		{ "<e>a&lt;b&amp;&#65;&#x20AC;&apos;&quot;&gt;</e>", "<e=a<b&A€'\">>" },
		{ "<e><![CDATA[<x>&y;]]]]></e>", "<e=<x>&y;]]>" },
		{ "<e>a<!-- - -->b<?pi ?>c</e>", "<e=a=b=c>" },
		{ "<e xmlns='urn:a' k='1'/>", "<a|e k=1>" },
		{ "<q:e xmlns:q='urn:a' q:k='2' k='1'/>", "<a|e k=1 a|k=2>" },
		{ "<root xmlns='urn:a'><e xmlns=''/><e/></root>", "<root<e><a|e>>" },
		{ "<root><q:e xmlns:q='urn:a'/><e/></root>", "<root<a|e><e>>" },
		{ "<e k='a\nb\tc&#10;d'/>", "<e k=a b c\nd>" },
		{ "<e>\xc3\xa4</e >", "<e=\xc3\xa4>" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_BUF struct buf out = { 0 };
		struct error err = { 0 };

		assert_ok(trace(cases[i].text, strlen(cases[i].text), &out, &err), &err);
		assert_string_equal(buf_text(&out), cases[i].trace);
	}
}

static void test_bad(void **state)
{
	static const struct good cases[] = {
		{ "", "t:1:1: an element is expected here" },
		{ "text", "t:1:1: an element is expected here" },
		{ "<e>", "t:1:4: the text ends within an element" },
		{ "<e>\n <x></e>", "t:2:5: another element ends here" },
		{ "<e k=1/>", "t:1:6: a quote is expected here" },
		{ "<e k='1'j='2'/>", "t:1:9: a space is expected here" },
		{ "<e k='1/>", "t:1:10: the value's quote is not closed" },
		{ "<e k='<'/>", "t:1:7: the value's quote is not closed" },
		{ "<e k='1' k='2'/>", "t:1:1: an attribute stands twice" },
		{ "<q:e/>", "t:1:1: a prefix that no xmlns explains" },
		{ "<e>&nbsp;</e>", "t:1:4: entities are not known here" },
		{ "<e>&#0;</e>", "t:1:4: no character has this number" },
		{ "<e>&#xFFFFFFFFFF;</e>", "t:1:4: & begins a reference, which has no ;" },
		{ "<e>&#x1FFFFF;</e>", "t:1:4: no character has this number" },
		{ "<e>&#;</e>", "t:1:4: no character has this number" },
		{ "<e>& b</e>", "t:1:4: & begins a reference, which has no ;" },
		{ "<!DOCTYPE e [<!ENTITY x 'y'>]><e>&x;</e>",
		  "t:1:1: a document type is not accepted" },
		{ "<e><!-- </e>", "t:1:4: this has no end" },
		{ "<e><![CDATA[ </e>", "t:1:4: this has no end" },
		{ "<e>\x01</e>", "t:1:4: a control character" },
		{ "<e", "t:1:3: > is expected here" },
		{ "<", "t:1:2: a name is expected here" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_BUF struct buf out = { 0 };
		struct error err = { 0 };

		if (trace(cases[i].text, strlen(cases[i].text), &out, &err) != -EBADMSG)
			fail_msg("%s is taken", cases[i].text);
		assert_string_equal(err.msg, cases[i].trace);
	}
	{
		AUTO_BUF struct buf out = { 0 };

		assert_int_equal(trace("<e>\0</e>", 8, &out, NULL), -EBADMSG);
	}
}

static void repeat(struct buf *b, const char *text, int n)
{
	for (int i = 0; i < n; i++)
		buf_str(b, text);
}

static void test_limits(void **state)
{
	static const struct {
		const char *before, *text;
		int n;
	} cases[] = {
		{ "", "<e>", XML_DEPTH + 1 },     { "<e ", "k='' ", XML_ATTRS + 1 },
		{ "<r>", "<e/>", XML_NODES + 1 }, { "<r>", "abcdefghijklmnop", XML_SIZE / 16 },
		{ "<", "abcdefghij", 26 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_BUF struct buf text = { 0 };
		AUTO_BUF struct buf out = { 0 };
		struct error err = { 0 };

		buf_str(&text, cases[i].before);
		if (i == 1)
			for (int k = 0; k < cases[i].n; k++)
				buf_fmt(&text, "k%d='' ", k);
		else
			repeat(&text, cases[i].text, cases[i].n);
		assert_int_equal(trace(buf_text(&text), text.len, &out, &err), -E2BIG);
	}
}

/* An element's place in the text, which scrubbing cuts out; and all text within one. */
static void test_places(void **state)
{
	static const char text[] = "<r><e>a<b>c</b>d</e><z/></r>";
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct error err = { 0 };
	const char *inner;
	enum xml_event e;
	struct xml *x;

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	assert_ok(xml_open(p, "t", text, strlen(text), &x, &err), &err);
	assert_ok(xml_next(x, &e, &err), &err);
	assert_ok(xml_next(x, &e, &err), &err);
	assert_int_equal(xml_from(x), 3);
	assert_int_equal(xml_to(x), 6);
	assert_int_equal(xml_depth(x), 2);
	assert_ok(xml_inner(x, &inner, &err), &err);
	assert_string_equal(inner, "acd");
	assert_int_equal(xml_to(x), 20);
	assert_ok(xml_next(x, &e, &err), &err);
	assert_true(e == XML_START && xml_is(x, "", "z"));
	assert_ok(xml_inner(x, &inner, &err), &err);
	assert_string_equal(inner, "");
}

/* Every prefix of a document that is whole is an error, and nothing worse. */
static void test_cut_off(void **state)
{
	static const char text[] =
		"<?xml version='1.0'?><q:e xmlns:q='urn:a' q:k='&#65;'><!-- x --><y z='&lt;'/>"
		"t<![CDATA[u]]></q:e>";

	(void)state;
	for (size_t i = 0; i < strlen(text); i++) {
		AUTO_BUF struct buf out = { 0 };
		char *copy = malloc(i + 1);

		assert_non_null(copy);
		memcpy(copy, text, i);
		assert_int_equal(trace(copy, i, &out, NULL), -EBADMSG);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),    cmocka_unit_test(test_bad),
		cmocka_unit_test(test_limits),  cmocka_unit_test(test_places),
		cmocka_unit_test(test_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
