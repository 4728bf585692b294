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
			   "- (exit 3)\n"
			   "- [nosuch, 4]\n"
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
	assert_non_null(strstr(buf_text(&out), "line 1\n1 end\n"));
}

/* Run the commands and compare what they print. */
static void prints(const char *yaml, const char *want)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf script = { 0 };
	AUTO_BUF struct buf out = { 0 };

	assert_int_equal(doc_pool_new(&p, NULL), 0);
	(void)runcmd_script(p, "runcmd", parse(p, yaml), &script);
	run(&script, &out);
	assert_string_equal(buf_text(&out), want);
}

/* What a command does to the shell holds for those behind it. */
static void test_one_shell(void **state)
{
	(void)state;
	prints("- cd /usr\n- export A=b\n- f() { echo $A $1; }\n- pwd\n- [cd, /etc]\n"
	       "- [pwd]\n- [f, c d]\n- sh -c 'echo $A'\n",
	       "/usr\n/etc\nb c d\nb\ncode=0\n");
	/* A list that may fail goes on below `set -e`, as in any script; a last backslash, too. */
	prints("- set -e\n- \"[ -f /nosuch ] && echo found\"\n- '! true'\n"
	       "- 'echo on \\'\n"
	       "- echo end\n",
	       "runcmd: t.yml:2: exited with 1\nruncmd: t.yml:3: exited with 1\non\nend\ncode=1\n");
	/* A program that takes a command's shell takes that of nobody else; output may go on
	 * elsewhere. */
	prints("- 'false'\n- exec echo a\n- [exec, echo, b]\n- exec >&2\n"
	       "- ' exec  sh -c \"exit 4\"'\n- echo end\n",
	       "runcmd: t.yml:1: exited with 1\na\nb\nruncmd: t.yml:5: exited with 4\nend\n"
	       "code=1\n");
	/* A failure of the shell itself is one of the command. */
	prints("- . /nosuch 2>/dev/null\n- echo on\n",
	       "runcmd: t.yml:1: exited with 2\non\ncode=2\n");
}

/* As in cloud-init, but not in silence. */
static void test_end_of_the_script(void **state)
{
	(void)state;
	prints("- echo a\n- exit 3\n- echo b\n",
	       "a\nruncmd: t.yml:2: ended the script with 3\ncode=3\n");
	prints("- (exit 4)\n- [exit, 0]\n- echo b\n",
	       "runcmd: t.yml:1: exited with 4\nruncmd: t.yml:2: ended the script with 0\n"
	       "code=4\n");
	prints("- set -e\n- echo a\n- [\"false\"]\n- echo b\n",
	       "a\nruncmd: t.yml:3: ended the script with 1\ncode=1\n");
	prints("- trap 'echo bye' EXIT\n- echo a\n", "a\nbye\ncode=0\n");
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
	assert_int_equal(n, 4);
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
		cmocka_unit_test(test_one_shell),
		cmocka_unit_test(test_end_of_the_script),
		cmocka_unit_test(test_wrong_items),
		cmocka_unit_test(test_quote),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
