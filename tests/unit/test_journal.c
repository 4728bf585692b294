/* SPDX-License-Identifier: Apache-2.0 */
/* The journal: its format is an interface; no text breaks a line; several may append at once. */
#define _GNU_SOURCE 1
#include "tests/unit/check.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <sys/wait.h>

#include <cjson/cJSON.h>

#include "lib/clock.h"
#include "lib/file.h"
#include "lib/journal.h"

static void format_is_the_interface(void **state)
{
	static const struct {
		uint64_t at;
		struct journal_event ev;
		const char *line;
	} cases[] = {
		{ 1453021,
		  { JOURNAL_STEP_END, "state", "all well", 0, 212 },
		  "{\"t\":1453021,\"kind\":\"step-end\",\"unit\":\"state\",\"code\":0,\"ms\":212,"
		  "\"text\":\"all well\"}\n" },
		{ 0,
		  { JOURNAL_BOOT, NULL, NULL, 0, -1 },
		  "{\"t\":0,\"kind\":\"boot\",\"code\":0}\n" },
		{ UINT64_MAX,
		  { JOURNAL_DAEMON_EXIT, "d", "", -7, 0 },
		  "{\"t\":18446744073709551615,\"kind\":\"daemon-exit\",\"unit\":\"d\",\"code\":-7,"
		  "\"ms\":0,\"text\":\"\"}\n" },
		{ 1,
		  { (enum journal_kind)99, "a\"b", "two\nlines\\", 1, -1 },
		  "{\"t\":1,\"kind\":\"unknown\",\"unit\":\"a\\\"b\",\"code\":1,"
		  "\"text\":\"two\\nlines\\\\\"}\n" },
	};
	char line[JOURNAL_LINE];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		size_t len = journal_format(line, cases[i].at, &cases[i].ev);

		assert_string_equal(line, cases[i].line);
		assert_int_equal(len, strlen(cases[i].line));
	}
}

static void every_kind_has_its_own_name(void **state)
{
	(void)state;
	for (int i = 0; i < JOURNAL_N_KINDS; i++) {
		assert_non_null(journal_kind_name((enum journal_kind)i));
		for (int j = 0; j < i; j++)
			assert_string_not_equal(journal_kind_name((enum journal_kind)i),
						journal_kind_name((enum journal_kind)j));
	}
	assert_string_equal(journal_kind_name(JOURNAL_N_KINDS), "unknown");
}

/* A line is one line, fits, and is JSON whose text is what was given, or the beginning of it. */
static void assert_line(const char *unit, const char *text, bool whole)
{
	const struct journal_event ev = { JOURNAL_WARNING, unit, text, INT32_MIN, INT64_MAX };
	char line[JOURNAL_LINE + 1];
	const char *got, *cut;
	cJSON *json;
	size_t len;

	line[JOURNAL_LINE] = 'G';
	len = journal_format(line, UINT64_MAX, &ev);
	assert_int_equal(line[JOURNAL_LINE], 'G');
	assert_true(len < JOURNAL_LINE);
	assert_int_equal(strlen(line), len);
	assert_ptr_equal(strchr(line, '\n'), line + len - 1);
	json = cJSON_ParseWithOpts(line, NULL, 1);
	if (!json)
		fail_msg("no JSON: %s", line);
	got = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "text"));
	assert_non_null(got);
	cut = strstr(got, "…");
	if (whole)
		assert_string_equal(got, text);
	else
		assert_true(cut && cut[strlen("…")] == '\0' &&
			    !strncmp(got, text, (size_t)(cut - got)));
	cJSON_Delete(json);
}

/* Every length around the cut, with characters that take one to six bytes of the line. */
static void hostile_text_is_cut_between_characters(void **state)
{
	static const char *const pieces[] = { "x", "\"", "\x01", "é", "€", "🐈", "\\" };
	char text[3 * JOURNAL_LINE], unit[600];

	(void)state;
	memset(unit, 1, sizeof(unit) - 1);
	unit[sizeof(unit) - 1] = '\0';
	for (size_t p = 0; p < ARRAY_LEN(pieces); p++) {
		const size_t n = strlen(pieces[p]);

		for (size_t shift = 0; shift < 8; shift++) {
			size_t len = shift;

			memset(text, 'a', shift);
			while (len + n < 2 * JOURNAL_LINE) {
				memcpy(text + len, pieces[p], n);
				len += n;
			}
			text[len] = '\0';
			assert_line("unit", text, false);
			assert_line(unit, text, false);
			text[shift + 50 * n] = '\0';
			assert_line("unit", text, true);
			assert_line(unit, text, true);
		}
	}
}

static void every_byte_survives(void **state)
{
	char text[] = "a?b";
	const struct journal_event ev = { JOURNAL_FAIL, text, text, 0, -1 };
	char line[JOURNAL_LINE];

	(void)state;
	for (int c = 1; c < 256; c++) {
		cJSON *json;

		text[1] = (char)c;
		(void)journal_format(line, 1, &ev);
		json = cJSON_ParseWithOpts(line, NULL, 1);
		assert_non_null(json);
		if (c < 0x80)
			assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(json, "text")),
					    text);
		cJSON_Delete(json);
	}
}

static void append_makes_and_adds(void **state)
{
	const struct journal_event ev = { JOURNAL_READY, "docker", "user-docker", 0, -1 };
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_BUF struct buf b = { 0 };
	uint64_t before = clock_boot_usec();
	struct error err = { 0 };
	AUTO_CLOSE int root = -1;
	char want[256];
	cJSON *json;
	double at;

	(void)state;
	assert_ok(file_root_open(s.path, &root, &err), &err);
	journal_root(root);
	assert_int_equal(journal_append(&ev, &err), -ENOENT);
	assert_string_equal(err.msg, "open /run/ros/journal: No such file or directory");
	journal_say(JOURNAL_FAIL, "x", "nobody hears");
	assert_ok(file_mkdir(root, "/run/ros", 0755, &err), &err);
	assert_ok(journal_append(&ev, &err), &err);
	journal_say(JOURNAL_FAIL, "net", "%s of %d", "two", 2);
	journal_root(FILE_ROOT);
	assert_ok(file_read(root, JOURNAL_PATH, &b, &err), &err);
	json = cJSON_Parse(buf_text(&b));
	assert_non_null(json);
	at = cJSON_GetNumberValue(cJSON_GetObjectItem(json, "t"));
	cJSON_Delete(json);
	assert_true(at >= (double)before && at <= (double)clock_boot_usec());
	(void)snprintf(want, sizeof(want),
		       "{\"t\":%.0f,\"kind\":\"ready\",\"unit\":\"docker\",\"code\":0,"
		       "\"text\":\"user-docker\"}\n",
		       at);
	assert_memory_equal(buf_text(&b), want, strlen(want));
	assert_non_null(strstr(buf_text(&b), "\"kind\":\"fail\",\"unit\":\"net\",\"code\":0,"
					     "\"text\":\"two of 2\"}\n"));
}

#define WRITERS 4
#define LINES 500

static void several_append_at_once(void **state)
{
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_BUF struct buf b = { 0 };
	struct error err = { 0 };
	AUTO_CLOSE int root = -1;
	int counts[WRITERS] = { 0 }, status = -1;

	(void)state;
	assert_ok(file_root_open(s.path, &root, &err), &err);
	assert_ok(file_mkdir(root, "/run/ros", 0755, &err), &err);
	journal_root(root);
	for (int w = 0; w < WRITERS; w++) {
		pid_t pid = fork();

		assert_true(pid >= 0);
		for (int i = 0; pid == 0 && i < LINES; i++)
			journal_say(JOURNAL_CONFIG, "w", "%d %d", w, i);
		if (pid == 0)
			_exit(0);
	}
	for (int w = 0; w < WRITERS; w++)
		assert_true(wait(&status) > 0 && status == 0);
	journal_root(FILE_ROOT);
	assert_ok(file_read(root, JOURNAL_PATH, &b, &err), &err);
	for (char *line = b.data, *end; (end = strchr(line, '\n')); line = end + 1) {
		const char *text;
		int w = -1, i = -1;

		*end = '\0';
		text = strstr(line, "\"text\":\"");
		assert_non_null(text);
		assert_int_equal(sscanf(text, "\"text\":\"%d %d\"}", &w, &i), 2);
		assert_true(w >= 0 && w < WRITERS);
		assert_int_equal(i, counts[w]++);
	}
	for (int w = 0; w < WRITERS; w++)
		assert_int_equal(counts[w], LINES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(format_is_the_interface),
		cmocka_unit_test(every_kind_has_its_own_name),
		cmocka_unit_test(hostile_text_is_cut_between_characters),
		cmocka_unit_test(every_byte_survives),
		cmocka_unit_test(append_makes_and_adds),
		cmocka_unit_test(several_append_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
