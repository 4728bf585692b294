/* SPDX-License-Identifier: Apache-2.0 */
/* Command lists as scripts: run for real by /bin/sh. */
#include "tests/unit/check.h"

#include "agent/modules/runcmd.h"
#include "lib/proc.h"

static const struct doc_node *parse(struct doc_pool *p, const char *yaml)
{
	const struct doc_node *n = NULL;
	struct error err = { 0 };

	assert_ok(doc_yaml(p, "t.yml", yaml, strlen(yaml), &n, &err), &err);
	return n;
}

/* Run a script; *out gets what it printed, errors too, and "code=N" in its last line. */
static void run(const struct buf *script, struct buf *out)
{
	const char *const argv[] = { "sh", "-c", "sh -c \"$0\" 2>&1; echo code=$?", script->data,
				     NULL };
	struct error err = { 0 };

	assert_ok(proc_run(argv, NULL, 10000, out, &err), &err);
}

static void test_script_runs(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf script = { 0 };
	const char *yaml = "- echo \"it's $((1+1))\"\n"
			   "- [echo, \"$HOME\", \"a b\", \"it's\", 7, true]\n"
			   "-\n"
			   "- exit 3\n"
			   "- [exit, 4]\n"
			   "- if\n"
			   "- |\n  x=1\n  echo \"line $x\"\n"
			   "- echo $x end\n";
	AUTO_BUF struct buf out = { 0 };

	(void)state;
	assert_int_equal(doc_pool_new(&p, NULL), 0);
	assert_int_equal(runcmd_script(p, "runcmd", parse(p, yaml), &script), 7);
	run(&script, &out);
	assert_non_null(strstr(buf_text(&out), "code=3\n"));
	assert_non_null(strstr(buf_text(&out), "it's 2\n"));
	assert_non_null(strstr(buf_text(&out), "$HOME a b it's 7 true\n"));
	assert_non_null(strstr(buf_text(&out), "runcmd: t.yml:4: exited with 3\n"));
	assert_non_null(strstr(buf_text(&out), "runcmd: t.yml:5: exited with 127\n"));
	assert_non_null(strstr(buf_text(&out), "runcmd: t.yml:6: exited with 2\n"));
	assert_non_null(strstr(buf_text(&out), "line 1\nend\n"));
}

static void test_wrong_items(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf script = { 0 };
	AUTO_BUF struct buf out = { 0 };
	size_t n;

	(void)state;
	assert_int_equal(doc_pool_new(&p, NULL), 0);
	assert_int_equal(runcmd_script(p, "runcmd",
				       parse(p, "[5, {a: b}, [], [[x]], true, echo ok]"), &script),
			 1);
	(void)doc_messages(p, &n);
	assert_int_equal(n, 5);
	run(&script, &out);
	assert_string_equal(buf_text(&out), "ok\ncode=0\n");
}

static void test_quote(void **state)
{
	AUTO_BUF struct buf out = { 0 };

	(void)state;
	runcmd_quote("a'b\"$(x)\\\n", &out);
	assert_string_equal(buf_text(&out), "'a'\\''b\"$(x)\\\n'");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_script_runs),
		cmocka_unit_test(test_wrong_items),
		cmocka_unit_test(test_quote),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
