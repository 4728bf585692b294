/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Schedules: what is understood, and the next time of each.
 */
#include "tests/unit/check.h"

#include <stdlib.h>
#include <time.h>

#include "agent/service/cron.h"

static time_t at(const char *text)
{
	struct tm tm = { .tm_isdst = -1 };

	assert_non_null(strptime(text, "%Y-%m-%d %H:%M:%S", &tm));
	return mktime(&tm);
}

static void assert_next(const char *schedule, const char *after, const char *want)
{
	struct error err = { 0 };
	struct cron c;
	struct tm tm;
	char got[32] = "never";
	time_t t;

	assert_ok(cron_parse(schedule, &c, &err), &err);
	t = cron_next(&c, at(after));
	if (t && localtime_r(&t, &tm))
		(void)strftime(got, sizeof(got), "%Y-%m-%d %H:%M:%S", &tm);
	if (strcmp(got, want) != 0)
		fail_msg("%s after %s is %s, not %s", schedule, after, got, want);
}

static const struct {
	const char *schedule, *after, *want;
} cases[] = {
	{ "@hourly", "2024-05-05 10:00:00", "2024-05-05 11:00:00" },
	{ "@daily", "2024-12-31 23:59:59", "2025-01-01 00:00:00" },
	{ "@weekly", "2024-05-05 00:00:00", "2024-05-12 00:00:00" },
	{ "@monthly", "2024-01-31 12:00:00", "2024-02-01 00:00:00" },
	{ "@yearly", "2024-01-01 00:00:00", "2025-01-01 00:00:00" },
	{ "@every 1h30m", "2024-05-05 10:00:00", "2024-05-05 11:30:00" },
	{ "* * * * *", "2024-05-05 10:00:30", "2024-05-05 10:01:00" },
	{ "*/15 * * * *", "2024-05-05 10:46:00", "2024-05-05 11:00:00" },
	{ "5/20 * * * *", "2024-05-05 10:06:00", "2024-05-05 10:25:00" },
	{ "0 0 3 * * ?", "2024-05-05 03:00:00", "2024-05-06 03:00:00" },
	{ "*/10 * * * * *", "2024-05-05 10:00:05", "2024-05-05 10:00:10" },
	{ "30 4 1,15 * *", "2024-05-02 00:00:00", "2024-05-15 04:30:00" },
	{ "0 12 * * mon-FRI", "2024-05-03 12:00:00", "2024-05-06 12:00:00" },
	{ "0 0 * * 7", "2024-05-06 00:00:00", "2024-05-12 00:00:00" },
	/* Both days named: either will do. */
	{ "0 0 13 * 5", "2024-05-03 00:00:00", "2024-05-10 00:00:00" },
	{ "0 0 13 * 5", "2024-05-10 00:00:00", "2024-05-13 00:00:00" },
	{ "0 0 29 feb *", "2024-03-01 00:00:00", "2028-02-29 00:00:00" },
	{ "0 0 31 2 *", "2024-01-01 00:00:00", "never" },
};

static void test_next(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_next(cases[i].schedule, cases[i].after, cases[i].want);
}

static void test_summer_time(void **state)
{
	(void)state;
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	assert_next("0 * * * *", "2024-03-31 01:00:00", "2024-03-31 03:00:00");
	/* 02:30 does not exist on that day. */
	assert_next("30 2 * * *", "2024-03-30 02:30:00", "2024-04-01 02:30:00");
	setenv("TZ", "UTC", 1);
	tzset();
}

static void test_mistakes(void **state)
{
	static const char *const wrong[] = {
		"",           "* * * *",     "* * * * * * *", "60 * * * *",
		"* 24 * * *", "* * 0 * *",   "* * * 13 *",    "* * * * 8",
		"a * * * *",  "5-1 * * * *", "*/0 * * * *",   "1, * * * *",
		"@often",     "@every x"
	};
	struct error err = { 0 };
	struct cron c;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		if (cron_parse(wrong[i], &c, &err) == 0)
			fail_msg("\"%s\" was taken", wrong[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_next),
		cmocka_unit_test(test_summer_time),
		cmocka_unit_test(test_mistakes),
	};

	setenv("TZ", "UTC", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
