/* SPDX-License-Identifier: Apache-2.0 */
/* The template language: what comes out, and that no value can add a directive. */
#include "tests/unit/check.h"

#include <errno.h>

#include "lib/doc/doc.h"
#include "templates/template.h"

#define DATA                                                                                      \
	"a: x\nn: 5\nzero: 0\nno_: no\nempty: ''\nnil:\nl: [1, two, 3]\nm: {k1: v1, k2: {z: 9}}\n" \
	"q: \"a\\\"b\"\nsp: a b\nnl: \"a\\nb\"\nhash: a#b\nel: []\nem: {}\n"

struct template_case {
	const char *text;
	const char *want;  /* NULL: refused */
	const char *error;
};

static const struct template_case cases[] = {
	{ "", "", NULL },
	{ "plain { } {x}\n", "plain { } {x}\n", NULL },
	{ "{{ a }}-{{n}}\n", "x-5\n", NULL },
	{ "{{ m.k2.z }} {{ l.1 }}", "9 two", NULL },
	{ "{# note #}x", "x", NULL },
	{ "a\n{# note #}\nb\n", "a\nb\n", NULL },
	{ "{% if a %}yes{% end %}", "yes", NULL },
	{ "{% if nil %}y{% else %}n{% end %}", "n", NULL },
	{ "{% if zero %}y{% else %}n{% end %}{% if no_ %}y{% else %}n{% end %}"
	  "{% if empty %}y{% else %}n{% end %}{% if el %}y{% else %}n{% end %}"
	  "{% if em %}y{% else %}n{% end %}{% if missing.x %}y{% else %}n{% end %}",
	  "nnnnnn", NULL },
	{ "{% if not missing %}n{% end %}", "n", NULL },
	{ "x\n  {% if a %}\nline\n  {% end %}\ny\n", "x\nline\ny\n", NULL },
	{ "x\n{% if nil %}\nline\n{% else %}\nother\n{% end %}\ny\n", "x\nother\ny\n", NULL },
	{ "{% for x in l %}<{{ x }}>{% end %}", "<1><two><3>", NULL },
	{ "{% for x in m %}{{ x.key }}={{ x.value | json }};{% end %}", "k1=\"v1\";k2={\"z\":9};",
	  NULL },
	{ "{% for x in m %}{% if x.value.z %}{{ x.value.z }}{% end %}{% end %}", "9", NULL },
	{ "{% for x in missing %}never{{ x.y }}{% end %}.", ".", NULL },
	{ "{% for x in l %}{% for y in l %}{{ y }}{% end %}{{ x }},{% end %}",
	  "1two31,1two3two,1two33,", NULL },
	{ "{% for a in l %}{{ a }}{% end %}{{ a }}", "1two3x", NULL },
	{ "{{ sp }} {{ hash }}", "a b a#b", NULL },
	{ "{{ q | line }} {{ q | json }} {{ missing | json }}", "a\"b \"a\\\"b\" null", NULL },
	{ "{{ nl | json }}", "\"a\\nb\"", NULL },
	/* values that may not stand there */
	{ "x\n{{ nl }}", NULL, "t:2: the value holds a character that may not stand here: nl" },
	{ "{{ nl | line }}", NULL, "t:1: the value holds" },
	{ "{{ nl | word }}", NULL, "t:1: the value holds" },
	{ "{{ q }}", NULL, "t:1: the value holds" },
	{ "{{ sp | word }}", NULL, "t:1: the value holds" },
	{ "{{ hash | word }}", NULL, "t:1: the value holds" },
	{ "{{ empty | word }}", NULL, "t:1: the value holds" },
	{ "{{ l }}", NULL, "t:1: no single value: l" },
	{ "{{ missing }}", NULL, "t:1: no single value: missing" },
	{ "{{ nil }}", NULL, "t:1: no single value: nil" },
	{ "{% for x in a %}{% end %}", NULL, "t:1: neither a list nor a map: a" },
	/* syntax */
	{ "\n\n{{ a", NULL, "t:3: a tag that does not end" },
	{ "{% if a %}", NULL, "t:1: {% if %} without {% end %}" },
	{ "{% for x in l %}", NULL, "t:1: {% for %} without {% end %}" },
	{ "{% end %}", NULL, "t:1: {% else %} or {% end %} without a beginning" },
	{ "{% if a %}{% else %}{% else %}{% end %}", NULL, "t:1: {% if %} without {% end %}" },
	{ "{% for x in l %}{% else %}{% end %}", NULL, "t:1: {% for %} without" },
	{ "{% foo %}", NULL, "t:1: an unknown tag: foo" },
	{ "{% end x %}", NULL, "t:1: words behind the tag: x" },
	{ "{% if %}{% end %}", NULL, "t:1: a condition is" },
	{ "{% for x of l %}{% end %}", NULL, "t:1: a loop is" },
	{ "{{ a | upper }}", NULL, "t:1: a value is" },
	{ "{{ }}", NULL, "t:1: a value is" },
	{ "{# x", NULL, "t:1: a comment that does not end" },
	/* also where it is not taken */
	{ "{% if nil %}{{ a | upper }}{% end %}", NULL, "t:1: a value is" },
	{ "{% for x in missing %}{% foo %}{% end %}", NULL, "t:1: an unknown tag" },
};

static void test_cases(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct doc_node *data = NULL;
	struct error err = { 0 };

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	assert_ok(doc_yaml(p, "d", DATA, strlen(DATA), &data, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct template_case *c = &cases[i];
		AUTO_BUF struct buf out = { 0 };
		int r = template_render("t", c->text, data, &out, &err);

		if (c->want) {
			if (r != 0)
				fail_msg("\"%s\": %s", c->text, err.msg);
			assert_string_equal(buf_text(&out), c->want);
			continue;
		}
		if (r != -EBADMSG || strncmp(err.msg, c->error, strlen(c->error)))
			fail_msg("\"%s\": %d %s", c->text, r, err.msg);
	}
}

/* Every character that is none of the harmless ones, in every filter but json. */
static void test_no_control_character(void **state)
{
	static const char *const texts[] = { "{{ v }}", "{{ v | line }}", "{{ v | word }}" };
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct error err = { 0 };

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	for (int c = 0; c < 0x20; c++) {
		char value[] = { 'a', (char)c, 'b', '\0' };
		struct doc_node v = { .kind = DOC_STR, .text = value, .len = 3 };
		struct doc_pair pair = { .key = "v", .val = &v };
		struct doc_node data = { .kind = DOC_MAP, .len = 1, .pairs = &pair };

		for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
			AUTO_BUF struct buf out = { 0 };

			if (template_render("t", texts[i], &data, &out, &err) != -EBADMSG)
				fail_msg("character %d passed %s", c, texts[i]);
		}
	}
}

static void test_nesting(void **state)
{
	AUTO_BUF struct buf text = { 0 }, out = { 0 };
	struct doc_node data = { .kind = DOC_MAP };
	struct error err = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_str(&text, "{% if a %}");
	assert_int_equal(template_render("t", buf_text(&text), &data, &out, &err), -EBADMSG);
	assert_non_null(strstr(err.msg, "nested too deep"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_no_control_character),
		cmocka_unit_test(test_nesting),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
