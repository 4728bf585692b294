/* SPDX-License-Identifier: Apache-2.0 */
/* Templates: what is rendered as Jinja does, and what is refused, where. */
#include "tests/unit/check.h"

#include <errno.h>

#include "agent/userdata/jinja.h"

static const char vars_text[] =
	"v1: {region: eu, instance_id: i-1, local-hostname: box, n: 3}\n"
	"ds: {meta_data: {instance-id: i-1, public-keys: [k0, k1], tags: {a: 1, b: x}, "
	"ok: true, no: false, zero: 0, none: null, f: 1.50}}\n"
	"list: [a, b, c]\n"
	"empty: []\n";

struct jinja_case {
	const char *text;
	const char *want; /* or NULL */
	const char *said; /* the error, or the warning beside a result */
};

static const struct jinja_case cases[] = {
	{ "", "", NULL },
	{ "plain { } %} }} #}\n", "plain { } %} }} #}\n", NULL },
	{ "{{ v1.region }}", "eu", NULL },
	{ "{{v1['region']}}", "eu", NULL },
	{ "{{ region }} {{ local_hostname }}", "eu box", NULL },
	{ "{{ ds.meta_data.instance_id }}/{{ ds.meta_data['instance-id'] }}", "i-1/i-1", NULL },
	{ "{{ ds.meta_data.public_keys[1] }}{{ ds.meta_data.public_keys[-2] }}", "k1k0", NULL },
	{ "{{ list[v1.n - 1] }}", NULL, "t:10:14: the operator \"-\" is not supported" },
	{ "{{ ds.meta_data.tags['b'] }}", "x", NULL },
	{ "{{ 'it''s' }}", NULL, "t:10:8: unexpected \"'s'\"" },
	{ "{{ 'a\\'b' }}{{ \"}}\" }}", "a'b}}", NULL },
	{ "{{ 42 }}{{ true }}{{ none }}", "42TrueNone", NULL },
	{ "{{ list }}", "['a', 'b', 'c']", NULL },
	{ "{{ ds.meta_data.tags }}", "{'a': 1, 'b': 'x'}", NULL },
	{ "{{ ds.meta_data.f }}{{ ds.meta_data.ok }}", "1.50True", NULL },
	/* What is missing. */
	{ "a\n {{ v1.nope }}", "a\n CI_MISSING_JINJA_VAR/nope",
	  "t:11:5: there is no variable of the name \"nope\"" },
	{ "{{ nope.deeper }}", "CI_MISSING_JINJA_VAR/deeper", "\"deeper\"" },
	{ "{{ list[7] }}", "CI_MISSING_JINJA_VAR/7", "\"7\"" },
	{ "{{ nope | default('x') }}{{ v1.region|default('x') }}", "xeu", NULL },
	{ "{{ nope.a.b|d(v1.region) }}", "eu", NULL },
	{ "{{ ds.meta_data.zero|default(5) }}{{ ds.meta_data.zero|default(5, true) }}", "05",
	  NULL },
	{ "{{ nope|default(nope2|default('y')) }}", "y", NULL },
	/* Blocks. trim_blocks takes the newline behind a block. */
	{ "{% if v1.region %}\nyes\n{% else %}\nno\n{% endif %}\nend\n", "yes\nend\n", NULL },
	{ "{% if nope %}a{% elif v1.region == 'eu' %}b{% else %}c{% endif %}", "b", NULL },
	{ "{% if nope %}a{% elif nope %}b{% else %}c{% endif %}", "c", NULL },
	{ "{% if a %}{% if b %}x{% endif %}{% else %}y{% endif %}", "y", NULL },
	{ "{% if not nope and (v1.region != 'us' or nope) %}y{% endif %}", "y", NULL },
	{ "{% if nope is defined %}a{% endif %}{% if nope is not defined %}b{% endif %}", "b",
	  NULL },
	{ "{% if ds.meta_data.none is none %}n{% endif %}", "n", NULL },
	{ "{% if 'b' in list and 'z' not in list and 'a' in ds.meta_data.tags %}y{% endif %}", "y",
	  NULL },
	{ "{% if v1.n > 2 and v1.n <= 3 and not v1.n < 3 %}y{% endif %}", "y", NULL },
	{ "{% if ds.meta_data.no or ds.meta_data.zero or empty or '' %}y{% endif %}", "", NULL },
	{ "{% for x in list %}\n- {{ x }}\n{% endfor %}\n", "- a\n- b\n- c\n\n", NULL },
	{ "{% for x in list %}{{ loop.index }}{{ x }}{% if not loop.last %}, {% endif %}{% endfor "
	  "%}",
	  "1a, 2b, 3c", NULL },
	{ "{% for x in list %}{% for x in list %}{{x}}{% endfor %}{{x}};{% endfor %}",
	  "abca;abcb;abcc;", NULL },
	{ "{% for k in ds.meta_data.tags %}{{ k }}{{ ds.meta_data.tags[k] }}{% endfor %}", "a1bx",
	  NULL },
	{ "{% for x in empty %}x{% else %}none{% endfor %}", "none", NULL },
	{ "{% for x in list %}x{% else %}none{% endfor %}", "xxx", NULL },
	{ "{% for x in nope %}x{% endfor %}.", ".", NULL },
	{ "a {#- note {{ x }} -#} b{# c #}\nd", "abd", NULL },
	{ "a\n  {%- if v1.region -%}  \n  b  {%- endif %}", "ab", NULL },
	{ "{% if v1.region +%}\nx{% endif %}", "\nx", NULL },
	{ "{% raw %}{{ x }}{% if %}{% endraw %}", "{{ x }}{% if %}", NULL },
	/* What is beyond it, by its name. */
	{ "a\n{{ x | upper }}", NULL,
	  "t:11:8: the filter \"upper\" is not supported in templates" },
	{ "{% set a = 1 %}", NULL, "t:10:4: the tag \"set\" is not supported" },
	{ "{%- macro a() %}", NULL, "the tag \"macro\"" },
	{ "{% include 'x' %}", NULL, "the tag \"include\"" },
	{ "{{ range(3) }}", NULL, "t:10:4: calling \"range\"" },
	{ "{{ v1.items() }}", NULL, "calling \"v1.items\"" },
	{ "{{ ''.__class__.__mro__()|d('') }}", NULL, "calling" },
	{ "{{ a + b }}", NULL, "t:10:6: the operator \"+\"" },
	{ "{{ a ~ b }}", NULL, "the operator \"~\"" },
	{ "{{ [1] }}", NULL, "a list, written as \"[\"" },
	{ "{{ a if b else c }}", NULL, "a condition within an expression, \"if\"" },
	{ "{{ list[1:2] }}", NULL, "a slice" },
	{ "{% if a is iterable %}{% endif %}", NULL, "the test \"iterable\"" },
	{ "{% for k, v in x %}{% endfor %}", NULL, "a loop of two names" },
	{ "{% for x in v1.region %}{% endfor %}", NULL, "t:10:1: a loop needs a list or a map" },
	/* Also where it is not taken. */
	{ "{% if nope %}{{ x|upper }}{% endif %}", NULL, "the filter \"upper\"" },
	{ "{% for x in empty %}{% set a = 1 %}{% endfor %}", NULL, "the tag \"set\"" },
	/* Mistakes. */
	{ "a {{ b", NULL, "t:10:3: this tag is not closed" },
	{ "{% if a %}", NULL, "t:10:1: this block is not closed" },
	{ "{% if a %}{% endfor %}", NULL, "t:10:1: this block is closed by endfor" },
	{ "{% for a in b %}{% endif %}", NULL, "this block is closed by endif" },
	{ "{% if a %}{% else %}{% else %}{% endif %}", NULL, "closed by else" },
	{ "x\n{% endif %}", NULL, "t:11:1: there is no block here to be ended by endif" },
	{ "{% if %}{% endif %}", NULL, "something is missing here" },
	{ "{{ }}", NULL, "something is missing here" },
	{ "{{ a. }}", NULL, "something is missing here" },
	{ "{{ a b }}", NULL, "t:10:6: unexpected \"b\"" },
	{ "{{ a | default('x' }}", NULL, "something is missing here" },
	{ "{{ 'a }}", NULL, "this tag is not closed" },
	{ "{% raw %}", NULL, "this block is not closed" },
	{ "{{ a == b == c }}", NULL, "a second comparison" },
};

struct fixture {
	struct doc_pool *p;
	struct jinja j;
};

static void setup(struct fixture *f)
{
	struct error err = { 0 };

	assert_ok(doc_pool_new(&f->p, &err), &err);
	f->j = (struct jinja){ .pool = f->p, .source = "t", .first = 10 };
	assert_ok(doc_yaml(f->p, "v", vars_text, strlen(vars_text), &f->j.vars, &err), &err);
}

static void check_case(const struct jinja_case *c)
{
	AUTO_BUF struct buf out = { 0 }, said = { 0 };
	const struct doc_message *m;
	struct doc_place place;
	struct error err = { 0 };
	struct fixture f;
	size_t n;
	int r;

	setup(&f);
	r = jinja_render(&f.j, c->text, &out, &place, &err);
	m = doc_messages(f.p, &n);
	if (n)
		doc_message_text(&m[0], &said);
	if (r < 0)
		buf_str(&said, err.msg);
	if (c->want ? r != 0 : r != -EBADMSG)
		fail_msg("%s: %d %s", c->text, r, buf_text(&said));
	if (c->want && strcmp(buf_text(&out), c->want))
		fail_msg("%s: gives %s", c->text, buf_text(&out));
	if (c->said ? !strstr(buf_text(&said), c->said) : said.len > 0)
		fail_msg("%s: says \"%s\"", c->text, buf_text(&said));
	doc_pool_free(f.p);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		check_case(&cases[i]);
}

/* Each line of the result knows the line of the template that made it. */
static void test_places(void **state)
{
	static const unsigned want[] = { 10, 11, 13, 13, 13, 15, 16 };
	AUTO_BUF struct buf out = { 0 };
	struct doc_place place;
	struct error err = { 0 };
	struct fixture f;

	(void)state;
	setup(&f);
	assert_ok(jinja_render(&f.j, "a\nb\n{% for x in list %}\n{{ x }}\n{% endfor %}\nc\n", &out,
			       &place, &err),
		  &err);
	assert_string_equal(buf_text(&out), "a\nb\na\nb\nc\nc\n");
	assert_int_equal(place.n_lines, ARRAY_LEN(want));
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		assert_int_equal(place.lines[i], want[i]);
	doc_pool_free(f.p);
}

static void assert_too_much(const char *text, size_t limit)
{
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(limit);
	struct doc_place place;
	struct error err = { 0 };
	struct fixture f;

	setup(&f);
	assert_int_equal(jinja_render(&f.j, text, &out, &place, &err), -E2BIG);
	assert_non_null(strstr(err.msg, "the template makes too much"));
	doc_pool_free(f.p);
}

static void test_limits(void **state)
{
	AUTO_BUF struct buf text = { 0 };
	struct error err = { 0 };
	struct doc_place place;
	struct fixture f;

	(void)state;
	/* 3^15 turns; and the same without a byte of output. */
	for (int i = 0; i < 15; i++)
		buf_str(&text, "{% for x in list %}");
	buf_str(&text, "xxxxxxxxxxxxxxxx");
	for (int i = 0; i < 15; i++)
		buf_str(&text, "{% endfor %}");
	assert_too_much(buf_text(&text), 1000);
	assert_too_much(buf_text(&text), 16u << 20);
	/* Depth of blocks and of parentheses. */
	setup(&f);
	buf_reset(&text);
	for (int i = 0; i < 1000; i++)
		buf_str(&text, "{% if a %}");
	assert_int_equal(jinja_render(&f.j, buf_text(&text), &text, &place, &err), -EBADMSG);
	assert_non_null(strstr(err.msg, "nested too deeply"));
	buf_reset(&text);
	buf_str(&text, "{{ ");
	for (int i = 0; i < 1000; i++)
		buf_str(&text, "not ");
	buf_str(&text, "a }}");
	assert_int_equal(jinja_render(&f.j, buf_text(&text), &text, &place, &err), -EBADMSG);
	assert_non_null(strstr(err.msg, "nesting"));
	doc_pool_free(f.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
