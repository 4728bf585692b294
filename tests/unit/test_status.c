/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/status/status_print.h"

#include "tests/unit/check.h"

#define LINE(kind, unit, code, text)                                                \
	"{\"t\":1000000,\"kind\":\"" kind "\",\"unit\":\"" unit "\",\"code\":" code \
	",\"text\":\"" text "\"}\n"
#define READY LINE("ready", "user-docker", "0", "user-docker")

struct fixture {
	struct doc_pool *p;
	struct status_input in;
	struct status status;
};

static void begin(struct fixture *f)
{
	struct error err = { 0 };

	*f = (struct fixture){ .in = { .panic = "",
				       .last_shutdown = "",
				       .messages = "",
				       .version = "v1",
				       .hostname = "cat",
				       .state = "",
				       .image = "",
				       .instance = "",
				       .uptime_s = 1000 } };
	assert_ok(doc_pool_new(&f->p, &err), &err);
}

static enum status_health judge(struct fixture *f, const char *journal)
{
	struct error err = { 0 };

	assert_ok(events_parse(f->p, journal, strlen(journal), &f->in.events, &err), &err);
	assert_ok(status_make(f->p, &f->in, &f->status, &err), &err);
	return f->status.health;
}

static void last_word_counts(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	assert_int_equal(judge(&f, READY LINE("step-end", "a", "0", "")), STATUS_HEALTHY);
	assert_int_equal(judge(&f, READY LINE("step-end", "a", "1", "no")), STATUS_DEGRADED);
	assert_string_equal(f.status.units[0].why, "no");
	assert_int_equal(judge(&f, READY LINE("daemon-exit", "d", "9", "killed")), STATUS_DEGRADED);
	assert_int_equal(judge(&f, READY LINE("daemon-exit", "d", "9", "killed")
				   LINE("daemon-start", "d", "0", "")), STATUS_HEALTHY);
	assert_int_equal(judge(&f, READY LINE("service-fail", "s", "1", "x")
				   LINE("service-ready", "s", "0", "")), STATUS_HEALTHY);
	/* A container that failed and was removed is missed no more; one that is up again is up. */
	assert_int_equal(judge(&f, READY LINE("service-fail", "s", "137", "ended with 137")
				   LINE("service-gone", "s", "0", "was removed")), STATUS_HEALTHY);
	assert_int_equal(f.status.units[0].state, STATUS_DONE);
	assert_int_equal(judge(&f, READY LINE("service-fail", "s", "137", "ended with 137")
				   LINE("service-fail", "s", "1", "create: no space")
				   LINE("service-gone", "s", "0", "was removed")), STATUS_DEGRADED);
	assert_int_equal(judge(&f, READY LINE("service-ready", "s", "0", "")
				   LINE("service-gone", "s", "0", "was removed")), STATUS_HEALTHY);
	assert_int_equal(f.status.units[0].state, STATUS_UP);
	assert_int_equal(judge(&f, READY LINE("warning", "a", "0", "careful")), STATUS_HEALTHY);
	assert_int_equal(judge(&f, READY LINE("fail", "recovery", "0", "x")), STATUS_DEGRADED);
	assert_int_equal(judge(&f, READY LINE("fail", "recovery", "0", "x")
				   LINE("ready", "init", "0", "boot-plan")), STATUS_HEALTHY);
	/* The reason comes in a line of its own after the end. */
	assert_int_equal(
		judge(&f, READY LINE("step-end", "a", "1", "") LINE("fail", "a", "0", "why")),
		STATUS_DEGRADED);
	assert_string_equal(f.status.units[0].why, "why");
	doc_pool_free(f.p);
}

static void without_user_docker_it_is_not_healthy(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	assert_int_equal(judge(&f, ""), STATUS_DEGRADED);
	f.in.uptime_s = 5;
	assert_int_equal(judge(&f, ""), STATUS_STARTING);
	f.in.control = "state=done recovery=on";
	assert_int_equal(judge(&f, READY), STATUS_DEGRADED);
	doc_pool_free(f.p);
}

static void containers_that_do_not_stay_up(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	f.in.containers = "syslog running\nntp restarting\n";
	assert_int_equal(judge(&f, READY LINE("service-ready", "ntp", "0", "")
				   LINE("service-ready", "syslog", "0", "")), STATUS_DEGRADED);
	assert_int_equal(f.status.units[0].state, STATUS_DOWN);
	assert_int_equal(f.status.units[1].state, STATUS_UP);
	doc_pool_free(f.p);
}

static void previous(struct fixture *f, const char *journal)
{
	struct error err = { 0 };

	assert_ok(events_parse(f->p, journal, strlen(journal), &f->in.previous, &err), &err);
	(void)judge(f, READY);
}

static void why_it_stopped(void **state)
{
	struct fixture f;

	(void)state;
	begin(&f);
	previous(&f, "");
	assert_int_equal(f.status.stop, STATUS_STOP_UNKNOWN);
	previous(&f, LINE("step-end", "a", "0", ""));
	assert_int_equal(f.status.stop, STATUS_STOP_POWER);
	previous(&f, LINE("shutdown", "init", "0", "reboot by root"));
	assert_int_equal(f.status.stop, STATUS_STOP_COMMAND);
	assert_string_equal(f.status.stop_text, "reboot by root");
	f.in.last_shutdown = "poweroff by power button\n";
	previous(&f, "");
	assert_int_equal(f.status.stop, STATUS_STOP_COMMAND);
	assert_string_equal(f.status.stop_text, "poweroff by power button");
	f.in.panic = "Panic#1 Part1\n<0>[   12.3] Kernel panic - not syncing: sysrq triggered "
		     "crash\nmore\n";
	previous(&f, "");
	assert_int_equal(f.status.stop, STATUS_STOP_PANIC);
	assert_string_equal(f.status.stop_text, "sysrq triggered crash");
	f.in.panic = f.in.last_shutdown = "";
	(void)judge(&f, READY LINE("warning", "last-panic", "0", "for all to read"));
	assert_int_equal(f.status.stop, STATUS_STOP_PANIC);
	assert_string_equal(f.status.stop_text, "for all to read");
	doc_pool_free(f.p);
}

static void both_forms_are_whole(void **state)
{
	AUTO_BUF struct buf out = { 0 };
	const struct doc_node *json = NULL;
	struct error err = { 0 };
	struct fixture f;
	size_t lines = 0;

	(void)state;
	begin(&f);
	f.in.messages = "one \"quoted\"\ntwo\n3\n4\n5\n6\n7\n";
	f.in.datasource = "nocloud";
	f.in.instance = "i-1";
	f.in.state = "LABEL=RANCHER_STATE /dev/vda ext4\n";
	(void)judge(&f, READY LINE("service-ready", "s", "0", "") LINE("fail", "b", "0", "x\\ny"));
	status_print_text(&f.status, &out);
	for (const char *c = buf_text(&out); *c; c++)
		lines += *c == '\n';
	assert_true(lines <= 24);
	assert_non_null(strstr(buf_text(&out), "and 2 more"));
	buf_reset(&out);
	status_print_json(&f.status, &out);
	assert_ok(doc_json_parse(f.p, "out", out.data, out.len, &json, &err), &err);
	assert_string_equal(doc_str(json, "health", ""), "degraded");
	assert_int_equal(doc_key(json, "messages")->len, 7);
	assert_string_equal(doc_str(json, "configuration", ""), "nocloud");
	(void)judge(&f, READY LINE("config", "datasource", "0", "nocloud: /dev/sr0"));
	assert_string_equal(f.status.source, "nocloud: /dev/sr0");
	f.in.datasource = NULL;
	(void)judge(&f, READY LINE("config", "datasource", "0", "nocloud: no: because")
			    LINE("config", "datasource", "0", "none is here"));
	assert_string_equal(f.status.source, "");
	assert_string_equal(doc_str(json, "state", ""), "LABEL=RANCHER_STATE /dev/vda ext4");
	doc_pool_free(f.p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(last_word_counts),
		cmocka_unit_test(without_user_docker_it_is_not_healthy),
		cmocka_unit_test(containers_that_do_not_stay_up),
		cmocka_unit_test(why_it_stopped),
		cmocka_unit_test(both_forms_are_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
