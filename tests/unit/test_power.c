/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/cmd/power.h"

#include <errno.h>

#include "tests/unit/check.h"

/* `line` split at spaces. */
static int parse(struct power_request *ret, const char *line, struct error *err)
{
	static char text[128];
	char *argv[16];
	int argc = 0;

	snprintf(text, sizeof(text), "%s", line);
	argv[argc++] = text;
	for (char *c = text; *c && argc < 15; c++) {
		if (*c != ' ')
			continue;
		*c = '\0';
		argv[argc++] = c + 1;
	}
	argv[argc] = NULL;
	return power_parse(ret, argc, argv, err);
}

static void every_line_means_what_it_says(void **state)
{
	static const struct {
		const char *line;
		int kind;
		bool force;
	} rows[] = {
		{ "halt", POWER_HALT, false },
		{ "halt -P", POWER_POWEROFF, false },
		{ "poweroff", POWER_POWEROFF, false },
		{ "poweroff -f", POWER_POWEROFF, true },
		{ "poweroff --halt", POWER_HALT, false },
		{ "reboot --force", POWER_REBOOT, true },
		{ "shutdown", POWER_POWEROFF, false },
		{ "shutdown -h now", POWER_POWEROFF, false },
		{ "shutdown -r now", POWER_REBOOT, false },
		{ "shutdown -H -h now", POWER_HALT, false },
		{ "shutdown -fr +0", POWER_REBOOT, true },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct error err = { 0 };
		struct power_request req;

		assert_ok(parse(&req, rows[i].line, &err), &err);
		assert_int_equal(req.kind, rows[i].kind);
		assert_int_equal(req.force, rows[i].force);
	}
}

static void what_is_not_understood_is_refused(void **state)
{
	static const char *const lines[] = { "halt -h",	      "poweroff now", "reboot -x",
					     "shutdown +5",   "shutdown --kexec", "halt -",
					     "poweroff --kexec-append=x", "reboot --kexec-append" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct error err = { 0 };
		struct power_request req;

		assert_int_equal(parse(&req, lines[i], &err), -EINVAL);
	}
}

static void kexec_is_no_way_to_start_again(void **state)
{
	static const char *const lines[] = { "reboot --kexec", "reboot --kexec-previous",
					     "reboot --kexec-append a=b", "shutdown -r --kexec" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
		struct error err = { 0 };
		struct power_request req;

		assert_int_equal(parse(&req, lines[i], &err), -EINVAL);
		assert_non_null(strstr(err.msg, "does not start again by kexec"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_line_means_what_it_says),
		cmocka_unit_test(what_is_not_understood_is_refused),
		cmocka_unit_test(kexec_is_no_way_to_start_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
