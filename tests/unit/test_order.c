/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of services: labels, hard needs, circles, failures, and that the file's order decides
 * among those that are ready.
 */
#include "tests/unit/check.h"

#include "agent/service/compose.h"
#include "agent/service/order.h"
#include "lib/buf.h"
#include "lib/doc/doc.h"

struct fixture {
	struct doc_pool *pool;
	struct service_set set;
	struct order *order;
	bool missing[SERVICE_MAX];
	bool chosen[SERVICE_MAX];
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct error err = { 0 };

	assert_non_null(f);
	memset(f->chosen, 1, sizeof(f->chosen));
	assert_ok(doc_pool_new(&f->pool, &err), &err);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	order_free(f->order);
	doc_pool_free(f->pool);
	free(f);
	return 0;
}

/* `yaml` of services whose image, scope and labels are added: "a: {after: b, links: [c]}". */
static void load(struct fixture *f, const char *text)
{
	const struct body_env env = { .version = "v9", .kernel = "6.1" };
	const struct doc_node *n = NULL;
	struct error err = { 0 };

	assert_ok(doc_yaml(f->pool, "t", text, strlen(text), &n, &err), &err);
	assert_ok(compose_parse(f->pool, &env, n, &f->set, &err), &err);
}

static void make(struct fixture *f, const char *text)
{
	struct error err = { 0 };

	load(f, text);
	assert_ok(order_new(&f->set, f->chosen, f->missing, &f->order, &err), &err);
}

static size_t index_of(const struct fixture *f, const char *name)
{
	const struct service *s = service_find(&f->set, name);

	assert_non_null(s);
	return (size_t)(s - f->set.all);
}

/* All services that may start now, in their order: "a b". They run from now on. */
static const char *ready(struct fixture *f)
{
	static char text[256];
	size_t i;

	text[0] = '\0';
	while (order_next(f->order, &i) == ORDER_READY)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
			       *text ? " " : "", f->set.all[i].name);
	return text;
}

static void done(struct fixture *f, const char *name, bool ok)
{
	order_done(f->order, index_of(f, name), ok);
}

static void assert_ended(struct fixture *f)
{
	size_t i;

	assert_int_equal(order_next(f->order, &i), ORDER_END);
}

#define S(name, labels) name ": {image: i, labels: {io.rancher.os.scope: system" labels "}}\n"
#define AFTER(x) ", io.rancher.os.after: '" x "'"
#define BEFORE(x) ", io.rancher.os.before: '" x "'"

static void test_after_and_before(void **state)
{
	struct fixture *f = *state;

	make(f, S("a", AFTER("b, c")) S("b", "") S("c", BEFORE("b")) S("d", AFTER("not-there")));
	assert_string_equal(ready(f), "c d");
	done(f, "c", true);
	assert_string_equal(ready(f), "b");
	done(f, "b", true);
	assert_string_equal(ready(f), "a");
	done(f, "d", true);
	done(f, "a", true);
	assert_ended(f);
}

static void test_file_order_decides(void **state)
{
	struct fixture *f = *state;

	make(f, S("z", "") S("m", "") S("a", ""));
	assert_string_equal(ready(f), "z m a");
}

static void test_failure_of_order_only_is_no_obstacle(void **state)
{
	struct fixture *f = *state;

	make(f, S("a", AFTER("b")) S("b", ""));
	assert_string_equal(ready(f), "b");
	done(f, "b", false);
	assert_string_equal(ready(f), "a");
}

static void test_failure_of_a_hard_need(void **state)
{
	struct fixture *f = *state;

	make(f, "a: {image: i, links: [b]}\nb: {image: i, depends_on: [c]}\nc: {image: i}\n"
		"d: {image: i, labels: {io.rancher.os.after: a}}\n");
	assert_string_equal(ready(f), "c");
	done(f, "c", false);
	assert_string_equal(ready(f), "d");
	assert_int_equal(order_state(f->order, index_of(f, "a")), ORDER_FAILED);
	assert_string_equal(order_reason(f->order, index_of(f, "b")), "needs c, which failed");
	assert_string_equal(order_reason(f->order, index_of(f, "a")), "needs b, which failed");
	done(f, "d", true);
	assert_ended(f);
}

static void test_circle_of_labels_gives_way(void **state)
{
	struct fixture *f = *state;

	make(f, S("a", AFTER("b")) S("b", AFTER("c")) S("c", AFTER("a")));
	/* The last label of the circle, c after a, is left out. */
	assert_string_equal(ready(f), "c");
	done(f, "c", true);
	assert_string_equal(ready(f), "b");
}

static void test_label_gives_way_to_need(void **state)
{
	struct fixture *f = *state;

	make(f, "a: {image: i, labels: {io.rancher.os.after: b}}\nb: {image: i, links: [a]}\n");
	assert_string_equal(ready(f), "a");
}

static void test_circle_of_needs_is_named(void **state)
{
	struct fixture *f = *state;

	make(f, "a: {image: i, links: [b]}\nb: {image: i, volumes_from: [c]}\n"
		"c: {image: i, depends_on: [a]}\nd: {image: i, links: [a]}\ne: {image: i}\n");
	assert_string_equal(ready(f), "e");
	assert_string_equal(order_reason(f->order, index_of(f, "a")),
			    "needs itself: a -> b -> c -> a");
	assert_string_equal(order_reason(f->order, index_of(f, "d")), "needs a, which failed");
	assert_null(order_reason(f->order, index_of(f, "e")));
	done(f, "e", true);
	assert_ended(f);
}

static void test_itself_is_no_circle(void **state)
{
	struct fixture *f = *state;

	make(f, "syslog: {image: i, log_driver: syslog, labels: {io.rancher.os.scope: system}}\n"
		"x: {image: i, log_driver: syslog, labels: {io.rancher.os.scope: system}}\n");
	assert_string_equal(ready(f), "syslog");
	done(f, "syslog", true);
	assert_string_equal(ready(f), "x");
}

static void test_missing_image_waits_for_the_network(void **state)
{
	struct fixture *f = *state;
	struct error err = { 0 };

	load(f, S("mine", "") S("network", "") S("docker", "")
	     "user: {image: i}\n");
	f->missing[index_of(f, "mine")] = true;
	f->missing[index_of(f, "network")] = true;
	assert_ok(order_new(&f->set, f->chosen, f->missing, &f->order, &err), &err);
	assert_string_equal(ready(f), "network docker");
	done(f, "network", false);
	assert_string_equal(ready(f), "mine");
	done(f, "docker", true);
	assert_string_equal(ready(f), "user");
}

static void test_not_chosen_counts_as_done(void **state)
{
	struct fixture *f = *state;
	struct error err = { 0 };

	load(f, S("a", AFTER("b")) S("b", ""));
	f->chosen[index_of(f, "b")] = false;
	assert_ok(order_new(&f->set, f->chosen, NULL, &f->order, &err), &err);
	assert_string_equal(ready(f), "a");
	assert_true(order_follows(f->order, index_of(f, "a"), index_of(f, "b")));
	assert_false(order_follows(f->order, index_of(f, "b"), index_of(f, "a")));
	done(f, "a", true);
	assert_ended(f);
}

static void test_nothing(void **state)
{
	struct fixture *f = *state;

	make(f, "");
	assert_ended(f);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_after_and_before),
		T(test_file_order_decides),
		T(test_failure_of_order_only_is_no_obstacle),
		T(test_failure_of_a_hard_need),
		T(test_circle_of_labels_gives_way),
		T(test_label_gives_way_to_need),
		T(test_circle_of_needs_is_named),
		T(test_itself_is_no_circle),
		T(test_missing_image_waits_for_the_network),
		T(test_not_chosen_counts_as_done),
		T(test_nothing),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
