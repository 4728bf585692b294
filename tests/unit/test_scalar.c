/* SPDX-License-Identifier: Apache-2.0 */
/* Typing of plain scalars: the table is what PyYAML 6 says. */
#include "tests/unit/check.h"

#include "lib/doc/scalar.h"

struct scalar_case {
	const char *text;
	enum doc_kind kind;
	double value; /* of booleans and numbers */
};

static const struct scalar_case cases[] = {
	{ "", DOC_NULL, 0 },
	{ "~", DOC_NULL, 0 },
	{ "null", DOC_NULL, 0 },
	{ "Null", DOC_NULL, 0 },
	{ "NULL", DOC_NULL, 0 },
	{ "nULL", DOC_STR, 0 },
	{ "none", DOC_STR, 0 },
	{ "yes", DOC_BOOL, 1 },
	{ "Yes", DOC_BOOL, 1 },
	{ "YES", DOC_BOOL, 1 },
	{ "yEs", DOC_STR, 0 },
	{ "no", DOC_BOOL, 0 },
	{ "on", DOC_BOOL, 1 },
	{ "Off", DOC_BOOL, 0 },
	{ "TRUE", DOC_BOOL, 1 },
	{ "False", DOC_BOOL, 0 },
	{ "y", DOC_STR, 0 },
	{ "n", DOC_STR, 0 },
	{ "0", DOC_INT, 0 },
	{ "-0", DOC_INT, 0 },
	{ "+7", DOC_INT, 7 },
	{ "644", DOC_INT, 644 },
	{ "0644", DOC_INT, 420 },
	{ "0o644", DOC_STR, 0 },
	{ "08", DOC_STR, 0 },
	{ "0x1F", DOC_INT, 31 },
	{ "-0x10", DOC_INT, -16 },
	{ "0X1F", DOC_STR, 0 },
	{ "0b101", DOC_INT, 5 },
	{ "0b102", DOC_STR, 0 },
	{ "1_000", DOC_INT, 1000 },
	{ "_1", DOC_STR, 0 },
	{ "1:30", DOC_INT, 90 },
	{ "1:30:00", DOC_INT, 5400 },
	{ "-1:30", DOC_INT, -90 },
	{ "1:60", DOC_STR, 0 },
	{ "1:5", DOC_INT, 65 },
	{ "1:", DOC_STR, 0 },
	{ "1::2", DOC_STR, 0 },
	{ "11:22:33:44:55:06", DOC_INT, 8846009706. },
	{ "0:30", DOC_STR, 0 },
	{ "9223372036854775807", DOC_INT, 9223372036854775807. },
	{ "-9223372036854775808", DOC_INT, -9223372036854775808. },
	{ "9223372036854775808", DOC_FLOAT, 9223372036854775808. },
	{ "1.5", DOC_FLOAT, 1.5 },
	{ "-1.5", DOC_FLOAT, -1.5 },
	{ "1.", DOC_FLOAT, 1 },
	{ ".5", DOC_FLOAT, .5 },
	{ "-.5", DOC_STR, 0 },
	{ ".", DOC_STR, 0 },
	{ "1e5", DOC_STR, 0 },
	{ "1.0e5", DOC_STR, 0 },
	{ "1.0e+5", DOC_FLOAT, 100000 },
	{ "1.5E-1", DOC_FLOAT, .15 },
	{ "1_0.2_5", DOC_FLOAT, 10.25 },
	{ "1:30.5", DOC_FLOAT, 90.5 },
	{ "1.2.3", DOC_STR, 0 },
	{ "10.0.0.1", DOC_STR, 0 },
	{ "-", DOC_STR, 0 },
	{ "+", DOC_STR, 0 },
	{ "2001-12-14", DOC_STR, 0 },
	{ "=", DOC_STR, 0 },
	{ "<<", DOC_STR, 0 },
	{ "eth0", DOC_STR, 0 },
};

static double value_of(enum doc_kind kind, const union scalar_value *v)
{
	if (kind == DOC_BOOL)
		return v->boolean;
	if (kind == DOC_INT)
		return (double)v->integer;
	return kind == DOC_FLOAT ? v->number : 0;
}

static void test_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct scalar_case *c = &cases[i];
		union scalar_value v = { 0 };
		enum doc_kind kind = scalar_resolve(c->text, strlen(c->text), &v);
		double value = value_of(kind, &v), off = value - c->value;

		if (kind != c->kind || off > 1e-9 || off < -1e-9)
			fail_msg("\"%s\": kind %d value %.17g, expected %d %.17g", c->text, kind,
				 value, c->kind, c->value);
	}
}

static void test_infinities(void **state)
{
	union scalar_value v = { 0 };

	(void)state;
	assert_int_equal(scalar_resolve("-.inf", 5, &v), DOC_FLOAT);
	assert_true(v.number < 0 && __builtin_isinf(v.number));
	assert_int_equal(scalar_resolve(".NaN", 4, &v), DOC_FLOAT);
	assert_true(__builtin_isnan(v.number));
	assert_int_equal(scalar_resolve("-.nan", 5, &v), DOC_STR);
}

static void test_json_numbers(void **state)
{
	static const char *const good[] = { "0", "-1", "10", "1.5", "1e5", "1E+5", "0.1e-3" };
	static const char *const bad[] = { "",	 "-",  "01",  "1.",  ".5",
					   "1e", "+1", "0x1", "1_0", "1e+" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		if (!scalar_is_json_number(good[i], strlen(good[i])))
			fail_msg("%s", good[i]);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (scalar_is_json_number(bad[i], strlen(bad[i])))
			fail_msg("%s", bad[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_infinities),
		cmocka_unit_test(test_json_numbers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
