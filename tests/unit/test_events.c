/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/status/events.h"

#include "tests/unit/check.h"

static const char text[] =
	"{\"t\":1000,\"kind\":\"boot\",\"unit\":\"init\",\"code\":0,\"text\":\"v1 id\"}\n"
	"{\"t\":2000,\"kind\":\"step-begin\",\"unit\":\"a\",\"code\":0}\n"
	"{\"t\":2500,\"kind\":\"daemon-start\",\"unit\":\"d\",\"code\":0}\n"
	"{\"t\":3000,\"kind\":\"step-end\",\"unit\":\"a\",\"code\":2,\"ms\":1}\n"
	"no json at all\n"
	"{\"t\":3500,\"kind\":\"no-such-kind\",\"unit\":\"a\",\"code\":0}\n"
	"{\"t\":4000,\"kind\":\"daemon-ready\",\"unit\":\"d\",\"code\":0,\"ms\":1}\n"
	"{\"t\":4100,\"kind\":\"ready\",\"unit\":\"d\",\"code\":0,\"text\":\"user-docker\"}\n"
	"{\"t\":5000,\"kind\":\"daemon-exit\",\"unit\":\"d\",\"code\":9}\n"
	"{\"t\":5100,\"kind\":\"daemon-start\",\"unit\":\"d\",\"code\":0}\n"
	"{\"t\":6000,\"kind\":\"step-end\",\"unit\":\"late\",\"code\":0,\"ms\":3}\n"
	"{\"t\":6500,\"kind\":\"service-start\",\"unit\":\"s\",\"code\":0}\n"
	"{\"t\":7000,\"kind\":\"service-f";

static void lines_become_events(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct event_list l;
	struct error err = { 0 };

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	assert_ok(events_parse(p, text, sizeof(text) - 1, &l, &err), &err);
	assert_int_equal(l.n, 10);
	assert_string_equal(l.all[0].text, "v1 id");
	assert_int_equal(l.all[3].code, 2);
	assert_int_equal(l.all[3].ms, 1);
	assert_int_equal(l.all[2].ms, -1);
	assert_int_equal(events_milestone(&l, "user-docker"), 4100);
	assert_int_equal(events_milestone(&l, "other"), 0);
	assert_ok(events_parse(p, "", 0, &l, &err), &err);
	assert_int_equal(l.n, 0);
}

static void events_become_spans(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct events_span_list s;
	struct event_list l;
	struct error err = { 0 };

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	assert_ok(events_parse(p, text, sizeof(text) - 1, &l, &err), &err);
	assert_ok(events_spans(p, &l, &s, &err), &err);
	assert_int_equal(s.n, 5);
	assert_string_equal(s.all[0].unit, "kernel");
	assert_int_equal(s.all[0].end, 1000);
	assert_string_equal(s.all[1].unit, "a");
	assert_true(s.all[1].failed);
	/* The daemon's first start counts, its end does not spoil it. */
	assert_string_equal(s.all[2].unit, "d");
	assert_int_equal(s.all[2].end, 4000);
	assert_false(s.all[2].failed);
	/* An end without a beginning knows how long it took, and is put where it began. */
	assert_string_equal(s.all[3].unit, "late");
	assert_int_equal(s.all[3].begin, 3000);
	assert_string_equal(s.all[4].unit, "s");
	assert_int_equal(s.all[4].end, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_become_events),
		cmocka_unit_test(events_become_spans),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
