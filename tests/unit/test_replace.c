/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way from an old container to a new one, asked of a fake Docker: what the new one inherits,
 * what becomes of the old one when there is no new one, and that nobody else's is touched.
 */
#include "tests/unit/agentroot.h"
#include "tests/unit/fakedocker.h"

#include "agent/message.h"
#include "agent/service/compose.h"
#include "agent/service/runner.h"
#include "lib/journal.h"

#define OPEN_MS 5000
#define IMAGE "{\"Id\":\"sha256:1\",\"Config\":{\"Volumes\":{\"/declared\":{}}}}"
#define LIST(containers)                                                                      \
	{ "GET", "/_ping", 200, "OK", 0, 0, 0 },                                              \
	{ "GET", "/images/json", 200, "[{\"Id\":\"sha256:1\",\"RepoTags\":[\"i:latest\"]}]", \
	  0, 0, 0 },                                                                          \
	{ "GET", "/images/i/json", 200, IMAGE, 0, 0, 0 },                                     \
	{ "GET", "/containers/json", 200, containers, 0, 0, 0 }
/* Of another definition than the one that is there now. */
#define CONTAINER(id, name, label)                                                   \
	"{\"Id\":\"" id "\",\"Names\":[\"/" name "\"],\"State\":\"running\",\"Labels\":{" \
	label "}}"
#define OURS "\"io.ocicat.hash\":\"0\",\"io.ocicat.service\":\"db\""
#define MOUNT(type, name, dir) \
	"{\"Type\":\"" type "\",\"Name\":\"" name "\",\"Destination\":\"" dir "\"}"
#define INSPECT                                                                               \
	"{\"Id\":\"old\",\"Config\":{\"Labels\":{" OURS "}},\"Mounts\":["                     \
	MOUNT("volume", "v1", "/data") "," MOUNT("volume", "v2", "/declared") ","             \
	MOUNT("volume", "v3", "/bound") "," MOUNT("volume", "v4", "/dropped") ","             \
	MOUNT("volume", "v5", "/fast") ","  MOUNT("bind", "", "/etc/x") "]}"
#define DONE                                                           \
	{ "POST", "/containers/old/", 204, NULL, 0, 0, 0 },            \
	{ "POST", "/containers/left/", 204, NULL, 0, 0, 0 },           \
	{ "POST", "/containers/new/start", 204, NULL, 0, 0, 0 },       \
	{ "DELETE", "/containers/", 204, NULL, 0, 0, 0 },              \
	{ 0 }
#define CREATED { "POST", "/containers/create?name=db", 201, "{\"Id\":\"new\"}", 0, 0, 0 }
#define INSPECTED { "GET", "/containers/old/json", 200, INSPECT, 0, 0, 0 }

static const char definition[] =
	"db: {image: i, volumes: [/data/, '/host:/bound/'], tmpfs: [/fast]}\n";

static const struct fake_row rows_changed[] = {
	LIST("[" CONTAINER("old", "db", OURS) "]"), INSPECTED, CREATED, DONE
};

struct stage {
	struct agentroot *f;
	struct fake docker;
	struct doc_pool *pool;
	struct service_set set;
	enum runner_end ended[SERVICE_MAX];
	char log[16384];
};

static void stage_done(struct stage *s)
{
	doc_pool_free(s->pool);
	fake_done(&s->docker);
	message_root(FILE_ROOT);
	journal_root(FILE_ROOT);
}

static void stage_set(struct stage *s, struct agentroot *f, const char *services)
{
	const struct body_env env = { .version = "v9", .kernel = "6.1" };
	const struct doc_node *n = NULL;
	struct error err = { 0 };

	*s = (struct stage){ .f = f };
	message_root(f->root);
	journal_root(f->root);
	assert_ok(doc_pool_new(&s->pool, &err), &err);
	assert_ok(doc_yaml(s->pool, "t", services, strlen(services), &n, &err), &err);
	assert_ok(compose_parse(s->pool, &env, n, &s->set, &err), &err);
}

/* Bring the services up; what was asked for is in s->log then. */
static void stage_run(struct stage *s, const struct fake_row *rows)
{
	struct engine *AUTO(engine_free) engine = NULL;
	struct runner runner = { .set = &s->set, .pull_ms = 1000 };
	AUTO_BUF struct buf log = BUF_WITH_LIMIT(sizeof(s->log) - 1);
	struct error err = { 0 };

	fake_start(&s->docker, rows);
	assert_ok(engine_open(s->docker.socket, OPEN_MS, &engine, &err), &err);
	runner.engine = engine;
	runner.socket = s->docker.socket;
	assert_ok(runner_run(&runner, s->ended, &err), &err);
	assert_ok(file_read(FILE_ROOT, s->docker.log, &log, &err), &err);
	(void)snprintf(s->log, sizeof(s->log), "%s", buf_text(&log));
}

/* These were asked for in this order. */
static void assert_asked(const struct stage *s, const char *const *want, size_t n)
{
	const char *at = s->log;

	for (size_t i = 0; i < n; i++) {
		const char *found = strstr(at, want[i]);

		if (!found)
			fail_msg("%s is not asked for, or too early:\n%s", want[i], s->log);
		at = found + 1;
	}
}
#define ASSERT_ASKED(s, ...)                                                        \
	assert_asked(s, (const char *const[]){ __VA_ARGS__ },                       \
		     sizeof((const char *const[]){ __VA_ARGS__ }) / sizeof(char *))

static void test_volumes_are_inherited(void **state)
{
	CLEANUP(stage_done) struct stage s;

	stage_set(&s, *state, definition);
	stage_run(&s, rows_changed);
	assert_int_equal(s.ended[0], RUNNER_UP);
	ASSERT_ASKED(&s, "POST /v1.51/containers/old/rename?name=db.ros-old",
		     "/containers/create?name=db",
		     "\"Binds\":[\"/host:/bound/\",\"v1:/data\",\"v2:/declared\"]",
		     "POST /v1.51/containers/old/stop",
		     "DELETE /v1.51/containers/old?force=1\n",
		     "POST /v1.51/containers/new/start");
	assert_null(strstr(s.log, "v=1"));
}

/* The system's own containers keep nothing: their volumes would pile up. */
static void test_builtin_is_thrown_away(void **state)
{
	CLEANUP(stage_done) struct stage s;

	stage_set(&s, *state, definition);
	s.set.all[0].builtin = true;
	stage_run(&s, rows_changed);
	assert_int_equal(s.ended[0], RUNNER_UP);
	ASSERT_ASKED(&s, "DELETE /v1.51/containers/old?force=1&v=1", "create?name=db",
		     "/containers/new/start");
	assert_null(strstr(s.log, "rename"));
}

static void test_the_old_one_is_put_back(void **state)
{
	static const struct fake_row rows[] = {
		LIST("[" CONTAINER("old", "db", OURS) "]"), INSPECTED,
		{ "POST", "/containers/create?name=db", 400, "{\"message\":\"bad mount\"}",
		  0, 0, 0 },
		DONE
	};
	CLEANUP(stage_done) struct stage s;

	stage_set(&s, *state, definition);
	stage_run(&s, rows);
	assert_int_equal(s.ended[0], RUNNER_FAILED);
	ASSERT_ASKED(&s, "old/rename?name=db.ros-old", "create?name=db", "old/rename?name=db\n");
	assert_null(strstr(s.log, "DELETE"));
	assert_null(strstr(s.log, "/stop"));
}

/* What the image declares is not known: nothing is touched. */
static void test_unknown_image(void **state)
{
	static const struct fake_row rows[] = {
		{ "GET", "/images/i/json", 404, "{\"message\":\"no such image\"}", 0, 0, 0 },
		LIST("[" CONTAINER("old", "db", OURS) "]"), INSPECTED, CREATED, DONE
	};
	CLEANUP(stage_done) struct stage s;

	stage_set(&s, *state, definition);
	stage_run(&s, rows);
	assert_int_equal(s.ended[0], RUNNER_FAILED);
	assert_null(strstr(s.log, "rename"));
	assert_null(strstr(s.log, "DELETE"));
}

/* The power went before the new one was made: the old one is still there under its other name. */
static void test_cut_before_the_new_one(void **state)
{
	static const struct fake_row rows[] = {
		LIST("[" CONTAINER("old", "db.ros-old", OURS) "]"), INSPECTED, CREATED, DONE
	};
	CLEANUP(stage_done) struct stage s;

	stage_set(&s, *state, definition);
	stage_run(&s, rows);
	assert_int_equal(s.ended[0], RUNNER_UP);
	ASSERT_ASKED(&s, "create?name=db", "\"v1:/data\"", "DELETE /v1.51/containers/old?force=1\n",
		     "/containers/new/start");
	assert_null(strstr(s.log, "rename"));
}

/* The power went after that: both are there, and the old one goes first. */
static void test_cut_after_the_new_one(void **state)
{
	static const struct fake_row rows[] = {
		LIST("[" CONTAINER("left", "db.ros-old", OURS) ","
		     CONTAINER("old", "db", OURS) "]"),
		INSPECTED, CREATED, DONE
	};
	CLEANUP(stage_done) struct stage s;

	stage_set(&s, *state, definition);
	stage_run(&s, rows);
	assert_int_equal(s.ended[0], RUNNER_UP);
	ASSERT_ASKED(&s, "DELETE /v1.51/containers/left?force=1\n", "old/rename?name=db.ros-old",
		     "create?name=db", "DELETE /v1.51/containers/old?force=1\n");
}

/* An old one that Docker does not let go is no reason to have none. */
static void test_the_old_one_cannot_go(void **state)
{
	static const struct fake_row rows[] = {
		LIST("[" CONTAINER("old", "db", OURS) "]"), INSPECTED, CREATED,
		{ "DELETE", "/containers/old", 409, "{\"message\":\"busy\"}", 0, 0, 0 }, DONE
	};
	CLEANUP(stage_done) struct stage s;
	AUTO_BUF struct buf journal = BUF_WITH_LIMIT(1u << 20);
	struct error err = { 0 };

	stage_set(&s, *state, definition);
	agentroot_put(s.f, JOURNAL_PATH, "");
	stage_run(&s, rows);
	assert_int_equal(s.ended[0], RUNNER_UP);
	ASSERT_ASKED(&s, "DELETE /v1.51/containers/old?force=1\n", "/containers/new/start");
	assert_ok(file_read(s.f->root, JOURNAL_PATH, &journal, &err), &err);
	assert_non_null(strstr(buf_text(&journal), "db.ros-old stays until the next start"));
}

/* Everything in the name's way that this service did not make is somebody else's. */
static void test_others_are_left_alone(void **state)
{
	static const struct fake_row by_hand[] = {
		LIST("[" CONTAINER("old", "db", "\"a\":\"b\"") "]"), CREATED, DONE
	};
	static const struct fake_row of_another[] = {
		LIST("[" CONTAINER("old", "db", "\"io.ocicat.service\":\"web\"") "]"), CREATED, DONE
	};
	static const struct fake_row aside[] = {
		LIST("[" CONTAINER("old", "db.ros-old", "\"a\":\"b\"") "]"), CREATED, DONE
	};
	static const struct fake_row meanwhile[] = {
		LIST("[]"),
		{ "POST", "/containers/create?name=db", 409, "{\"message\":\"in use\"}", 0, 0, 0 },
		{ "GET", "/containers/db/json", 200, "{\"Config\":{\"Labels\":{}}}", 0, 0, 0 },
		DONE
	};
	static const struct {
		const struct fake_row *rows;
		enum runner_end end;
		const char *message;
	} cases[] = {
		{ by_hand, RUNNER_FAILED, "service db: the container db is somebody's own, " },
		{ of_another, RUNNER_FAILED, "the container db is of the service web, " },
		{ aside, RUNNER_UP, "" },
		{ meanwhile, RUNNER_FAILED, "the container db is somebody's own, " },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_BUF struct buf said = BUF_WITH_LIMIT(65536);
		CLEANUP(stage_done) struct stage s;

		stage_set(&s, *state, definition);
		agentroot_put(s.f, MESSAGE_PATH, "");
		stage_run(&s, cases[i].rows);
		(void)!file_read(s.f->root, MESSAGE_PATH, &said, NULL);
		assert_int_equal(s.ended[0], cases[i].end);
		if (!strstr(buf_text(&said), cases[i].message))
			fail_msg("%zu: %s", i, buf_text(&said));
		assert_null(strstr(s.log, "DELETE"));
		assert_null(strstr(s.log, "rename"));
	}
}

/* A disk that was RancherOS' has containers with its labels. */
static void test_rancheros_is_taken_over(void **state)
{
	static const struct fake_row compose[] = {
		LIST("[" CONTAINER("old", "db", "\"io.docker.compose.service\":\"db\"") "]"),
		INSPECTED, CREATED, DONE
	};
	static const struct fake_row scope[] = {
		LIST("[" CONTAINER("old", "db", "\"io.rancher.os.scope\":\"system\"") "]"),
		INSPECTED, CREATED, DONE
	};
	const struct fake_row *const all[] = { compose, scope };

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		CLEANUP(stage_done) struct stage s;

		stage_set(&s, *state, definition);
		stage_run(&s, all[i]);
		assert_int_equal(s.ended[0], RUNNER_UP);
		ASSERT_ASKED(&s, "create?name=db", "DELETE /v1.51/containers/old?force=1\n");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		agentroot_test(test_volumes_are_inherited),
		agentroot_test(test_builtin_is_thrown_away),
		agentroot_test(test_the_old_one_is_put_back),
		agentroot_test(test_unknown_image),
		agentroot_test(test_cut_before_the_new_one),
		agentroot_test(test_cut_after_the_new_one),
		agentroot_test(test_the_old_one_cannot_go),
		agentroot_test(test_others_are_left_alone),
		agentroot_test(test_rancheros_is_taken_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
