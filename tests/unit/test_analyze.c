/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/status/analyze.h"

#include <errno.h>

#include "tests/unit/check.h"

static const char text[] =
	"{\"t\":1000000,\"kind\":\"boot\",\"unit\":\"init\",\"code\":0,\"text\":\"v1 <id>\"}\n"
	"{\"t\":1000100,\"kind\":\"step-begin\",\"unit\":\"coldplug\",\"code\":0}\n"
	"{\"t\":1500000,\"kind\":\"step-end\",\"unit\":\"coldplug\",\"code\":0}\n"
	"{\"t\":1500100,\"kind\":\"daemon-start\",\"unit\":\"system-docker\",\"code\":0}\n"
	"{\"t\":1500200,\"kind\":\"step-begin\",\"unit\":\"agent\",\"code\":0}\n"
	"{\"t\":1700000,\"kind\":\"step-end\",\"unit\":\"agent\",\"code\":1}\n"
	"{\"t\":3000000,\"kind\":\"daemon-ready\",\"unit\":\"system-docker\",\"code\":0}\n"
	"{\"t\":3100000,\"kind\":\"service-start\",\"unit\":\"docker\",\"code\":0}\n"
	"{\"t\":3400000,\"kind\":\"daemon-start\",\"unit\":\"user-docker\",\"code\":0}\n"
	"{\"t\":5000000,\"kind\":\"daemon-ready\",\"unit\":\"user-docker\",\"code\":0}\n"
	"{\"t\":5000100,\"kind\":\"ready\",\"unit\":\"user-docker\",\"code\":0,\"text\":\"user-"
	"docker\"}\n"
	"{\"t\":9000000,\"kind\":\"step-begin\",\"unit\":\"later\",\"code\":0}\n"
	"{\"t\":9900000,\"kind\":\"step-end\",\"unit\":\"later\",\"code\":0}\n";

static void make(struct doc_pool *p, struct event_list *l, struct analyze *a)
{
	struct error err = { 0 };

	assert_ok(events_parse(p, text, sizeof(text) - 1, l, &err), &err);
	assert_ok(analyze_make(p, l, a, &err), &err);
}

static void chain_leads_to_user_docker(void **state)
{
	static const char *const expected[] = { "kernel", "coldplug", "system-docker", "docker",
						"user-docker" };
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct error err = { 0 };
	struct event_list l;
	struct analyze a;

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	make(p, &l, &a);
	assert_int_equal(a.goal, 5000100);
	assert_int_equal(a.n_chain, ARRAY_LEN(expected));
	for (size_t i = 0; i < ARRAY_LEN(expected); i++)
		assert_string_equal(a.chain[i]->unit, expected[i]);
}

static void output_has_what_it_promises(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf out = { 0 };
	const struct doc_node *json = NULL;
	struct error err = { 0 };
	struct event_list l;
	struct analyze a;

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	make(p, &l, &a);
	analyze_text(&a, &out);
	assert_non_null(strstr(buf_text(&out), "ready 5.000 s after the kernel started"));
	assert_non_null(strstr(buf_text(&out), "after 0.100 s of nothing noted"));
	buf_reset(&out);
	analyze_json(&a, &out);
	assert_ok(doc_json_parse(p, "out", out.data, out.len, &json, &err), &err);
	assert_int_equal(doc_key(json, "spans")->len, a.spans.n);
	assert_int_equal(doc_key(json, "critical_chain")->len, 5);
	buf_reset(&out);
	analyze_svg(&a, &out);
	assert_non_null(strstr(buf_text(&out), "v1 &lt;id&gt;"));
	assert_non_null(strstr(buf_text(&out), "class=\"failed\""));
	assert_null(strstr(buf_text(&out), "<id>"));
	/* However long it took, it fits on a page. */
	a.last = 600 * 1000000ull;
	buf_reset(&out);
	analyze_svg(&a, &out);
	assert_non_null(strstr(buf_text(&out), "width=\"1270\""));
}

static void empty_and_broken_journals(void **state)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct event_list l = { 0 };
	struct error err = { 0 };
	AUTO_BUF struct buf out = { 0 };
	struct analyze a;

	(void)state;
	assert_ok(doc_pool_new(&p, &err), &err);
	assert_int_equal(analyze_make(p, &l, &a, &err), -ENODATA);
	/* A boot that ended early: nothing was reached, what there is is shown. */
	assert_ok(events_parse(p, text, 300, &l, &err), &err);
	assert_ok(analyze_make(p, &l, &a, &err), &err);
	analyze_text(&a, &out);
	assert_non_null(strstr(buf_text(&out), "user Docker was not ready"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(chain_leads_to_user_docker),
		cmocka_unit_test(output_has_what_it_promises),
		cmocka_unit_test(empty_and_broken_journals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
