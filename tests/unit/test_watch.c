/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/service/watch.h"

#include "agent/service/service.h"
#include "lib/error.h"
#include "tests/unit/check.h"

static struct watch w;
static struct watch_result res;
static int64_t now = 1000;

/* One event, as the daemon writes it; `more` are further attributes. */
static void event_of(const char *action, const char *name, const char *more)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	const struct doc_node *n = NULL;
	struct error err = { 0 };
	char text[512];

	assert_ok(doc_pool_new(&p, &err), &err);
	snprintf(text, sizeof(text),
		 "{\"Type\":\"container\",\"Action\":\"%s\",\"Actor\":{\"ID\":\"x\","
		 "\"Attributes\":{\"image\":\"i\",\"name\":\"%s\"%s}}}",
		 action, name, more);
	assert_ok(doc_json_parse(p, "e", text, strlen(text), &n, &err), &err);
	watch_event(&w, n, now, &res);
}

/* Of a service's container. */
static void event(const char *action, const char *name, const char *more)
{
	char text[128];

	snprintf(text, sizeof(text), ",\"io.ocicat.service\":\"%s\"%s", name, more);
	event_of(action, name, text);
}

static int setup(void **state)
{
	(void)state;
	w = (struct watch){ 0 };
	return 0;
}

static void killed_by_hand_is_started_again(void **state)
{
	(void)state;
	event("kill", "docker", ",\"signal\":\"9\"");
	assert_int_equal(res.verb, WATCH_NOTHING);
	event("die", "docker", ",\"exitCode\":\"137\"");
	assert_int_equal(res.verb, WATCH_DIED);
	assert_string_equal(res.name, "docker");
	assert_int_equal(res.code, 137);
	assert_true(res.start_it);
	event("start", "docker", "");
	assert_int_equal(res.verb, WATCH_STARTED);
	/* Its first start is no news. */
	event("start", "docker", "");
	assert_int_equal(res.verb, WATCH_NOTHING);
}

static void stopped_stays_down(void **state)
{
	(void)state;
	event("kill", "docker", ",\"signal\":\"15\"");
	/* It did not listen, and the daemon became plainer. */
	event("kill", "docker", ",\"signal\":\"9\"");
	event("die", "docker", ",\"exitCode\":\"137\"");
	assert_false(res.start_it);
	event("stop", "docker", "");
	assert_int_equal(res.verb, WATCH_STOPPED);
	/* Started by hand and killed then: what was asked before counts no more. */
	event("start", "docker", "");
	event("kill", "docker", ",\"signal\":\"9\"");
	event("die", "docker", ",\"exitCode\":\"137\"");
	assert_true(res.start_it);
}

static void crash_is_left_to_the_policy(void **state)
{
	(void)state;
	event("die", "ntp", ",\"exitCode\":\"1\"");
	assert_int_equal(res.verb, WATCH_DIED);
	assert_false(res.start_it);
	event("kill", "syslog", ",\"signal\":\"9\"");
	event("die", "ntp", ",\"exitCode\":\"1\"");
	assert_false(res.start_it);
}

/* The daemon tries once; whoever does not run then is looked at, until it does. */
static void policy_that_fails_is_looked_after(void **state)
{
	(void)state;
	assert_int_equal(watch_due(&w), -1);
	event("die", "udev", ",\"exitCode\":\"255\"");
	now += 100;
	event("die", "ntp", ",\"exitCode\":\"255\"");
	assert_int_equal(watch_due(&w), now - 100 + WATCH_POLICY_MS);
	event("start", "ntp", "");
	assert_string_equal(watch_overdue(&w, now), "");
	now += WATCH_POLICY_MS;
	assert_string_equal(watch_overdue(&w, now), "udev");
	assert_string_equal(watch_overdue(&w, now), "");
	assert_int_equal(watch_due(&w), -1);
	/* It did not start. */
	watch_again(&w, "udev", now);
	assert_int_equal(watch_due(&w), now + WATCH_POLICY_MS);
	event("start", "udev", "");
	assert_int_equal(watch_due(&w), -1);
	watch_again(&w, "udev", now);
	assert_int_equal(watch_due(&w), -1);
}

static void stopped_is_not_looked_at(void **state)
{
	(void)state;
	event("kill", "ntp", ",\"signal\":\"15\"");
	event("die", "ntp", ",\"exitCode\":\"0\"");
	assert_int_equal(watch_due(&w), -1);
	watch_again(&w, "ntp", now);
	assert_int_equal(watch_due(&w), -1);
	event("die", "udev", ",\"exitCode\":\"255\"");
	event("destroy", "udev", "");
	assert_int_equal(watch_due(&w), -1);
}

/* Its name is the new one's already. */
static void replaced_is_no_news(void **state)
{
	static const char *const actions[] = { "kill", "die", "stop", "destroy" };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		event(actions[i], "web" SERVICE_ASIDE, ",\"exitCode\":\"143\"");
		assert_int_equal(res.verb, WATCH_NOTHING);
	}
	assert_int_equal(watch_due(&w), -1);
}

/* What somebody runs in System Docker for himself is no part of the system. */
static void others_are_nobodys_business(void **state)
{
	(void)state;
	event_of("start", "try", "");
	event_of("kill", "try", ",\"signal\":\"9\"");
	event_of("die", "try", ",\"exitCode\":\"1\"");
	assert_int_equal(res.verb, WATCH_NOTHING);
	assert_int_equal(watch_due(&w), -1);
	event_of("stop", "try", "");
	assert_int_equal(res.verb, WATCH_NOTHING);
	event_of("destroy", "try", "");
	assert_int_equal(res.verb, WATCH_NOTHING);
}

static void removed_is_missed_no_more(void **state)
{
	(void)state;
	event("kill", "ntp", ",\"signal\":\"9\"");
	event("die", "ntp", ",\"exitCode\":\"137\"");
	assert_int_equal(res.verb, WATCH_DIED);
	event("destroy", "ntp", "");
	assert_int_equal(res.verb, WATCH_GONE);
	assert_string_equal(res.name, "ntp");
	/* One that never ran, or of which all is told. */
	event("destroy", "ntp", "");
	assert_int_equal(res.verb, WATCH_NOTHING);
}

static void more_containers_than_places(void **state)
{
	char name[16];

	(void)state;
	for (int i = 0; i < WATCH_MAX + 5; i++) {
		snprintf(name, sizeof(name), "c%d", i);
		event("kill", name, ",\"signal\":\"9\"");
		event("die", name, ",\"exitCode\":\"137\"");
		assert_true(res.start_it);
		event("destroy", name, "");
	}
	for (int i = 0; i < WATCH_MAX + 5; i++) {
		snprintf(name, sizeof(name), "d%d", i);
		event("kill", name, ",\"signal\":\"9\"");
	}
	event("die", name, ",\"exitCode\":\"137\"");
	assert_true(res.start_it);
	event("die", "", "");
	assert_int_equal(res.verb, WATCH_NOTHING);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(killed_by_hand_is_started_again, setup),
		cmocka_unit_test_setup(stopped_stays_down, setup),
		cmocka_unit_test_setup(crash_is_left_to_the_policy, setup),
		cmocka_unit_test_setup(policy_that_fails_is_looked_after, setup),
		cmocka_unit_test_setup(stopped_is_not_looked_at, setup),
		cmocka_unit_test_setup(replaced_is_no_news, setup),
		cmocka_unit_test_setup(others_are_nobodys_business, setup),
		cmocka_unit_test_setup(removed_is_missed_no_more, setup),
		cmocka_unit_test_setup(more_containers_than_places, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
