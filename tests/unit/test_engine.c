/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Engine API client against a fake daemon: what is sent, how answers and failures are read, and
 * that bringing services up asks for the right things in the right order.
 */
#include "tests/unit/check.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>

#include "agent/engine/container.h"
#include "agent/engine/container_files.h"
#include "agent/engine/docker_image.h"
#include "agent/engine/engine.h"
#include "agent/service/compose.h"
#include "agent/service/runner.h"
#include "agent/service/thin.h"
#include "lib/buf.h"
#include "lib/clock.h"
#include "lib/doc/doc.h"
#include "lib/file.h"
#include "lib/scope.h"
#include "tests/unit/fakedocker.h"

#define OPEN_MS 5000
#define PING_ROW { "GET", "/_ping", 200, "OK", 0, 0, 0 }

struct fixture {
	struct fake fake;
	struct doc_pool *pool;
	struct engine *engine;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct error err = { 0 };

	assert_non_null(f);
	assert_ok(doc_pool_new(&f->pool, &err), &err);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	engine_free(f->engine);
	doc_pool_free(f->pool);
	fake_done(&f->fake);
	free(f);
	return 0;
}

static void begin(struct fixture *f, const struct fake_row *rows)
{
	struct error err = { 0 };

	fake_start(&f->fake, rows);
	assert_ok(engine_open(f->fake.socket, OPEN_MS, &f->engine, &err), &err);
}

static char *read_log(struct fixture *f)
{
	static char text[65536];
	FILE *log = fopen(f->fake.log, "re");
	size_t len = log ? fread(text, 1, sizeof(text) - 1, log) : 0;

	text[len] = '\0';
	if (log)
		(void)fclose(log);
	return text;
}

static void assert_asked(struct fixture *f, const char *request)
{
	if (!strstr(read_log(f), request))
		fail_msg("never asked: %s\nbut:\n%s", request, read_log(f));
}

static size_t count_asked(struct fixture *f, const char *request)
{
	size_t n = 0;

	for (const char *s = read_log(f); (s = strstr(s, request)); s++)
		n++;
	return n;
}

static void assert_order(struct fixture *f, const char *first, const char *second)
{
	const char *a, *b;

	assert_asked(f, first);
	assert_asked(f, second);
	a = strstr(read_log(f), first);
	b = strstr(read_log(f), second);
	if (a > b)
		fail_msg("%s came after %s:\n%s", first, second, read_log(f));
}

static const struct engine_call info = { .method = "GET", .path = "/info", .timeout_ms = 1000 };

static void test_newest_version_is_used(void **state)
{
	static const struct fake_row rows[] = { PING_ROW,
						{ "GET", "/info", 200, "{\"a\":1}", 0, 0, 0 },
						{ 0 } };
	struct fixture *f = *state;
	const struct doc_node *n = NULL;
	struct engine *AUTO(engine_free) other = NULL;
	struct error err = { 0 };

	begin(f, rows);
	assert_ok(engine_clone(f->engine, &other, &err), &err);
	assert_ok(engine_do(other, &info, f->pool, &n, &err), &err);
	assert_int_equal(doc_int(n, "a", 0), 1);
	assert_asked(f, "GET /v1.51/info");
	assert_int_equal(count_asked(f, "/_ping"), 1);
}

static void test_older_version_is_agreed_on(void **state)
{
	static const struct fake_row rows[] = { { "GET", "/_ping", 400,
						  "{\"message\":\"client version 1.51 is too new. "
						  "Maximum supported API version is 1.44\"}",
						  0, 0, 1 },
						PING_ROW,
						{ "GET", "/info", 200, "{}", 0, 0, 0 },
						{ 0 } };
	struct fixture *f = *state;
	struct error err = { 0 };

	begin(f, rows);
	assert_ok(engine_do(f->engine, &info, NULL, NULL, &err), &err);
	assert_asked(f, "GET /v1.44/_ping");
	assert_asked(f, "GET /v1.44/info");
}

static void test_strange_daemons_are_refused(void **state)
{
	static const char *const said[] = {
		"client version 1.51 is too new. Maximum supported API version is 1.30",
		"client version 1.51 is too old. Minimum supported API version is 1.60, please "
		"upgrade",
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(said); i++) {
		struct error err = { 0 };
		char body[256];
		const struct fake_row rows[] = { { "GET", "/_ping", 400, body, 0, 0, 0 }, { 0 } };

		(void)snprintf(body, sizeof(body), "{\"message\":\"%s\"}", said[i]);
		fake_start(&f->fake, rows);
		assert_int_equal(engine_open(f->fake.socket, OPEN_MS, &f->engine, &err), -EPROTO);
		assert_non_null(strstr(err.msg, said[i]));
		fake_stop(&f->fake);
	}
}

static void test_waits_for_the_daemon(void **state)
{
	static const struct fake_row rows[] = { PING_ROW, { 0 } };
	struct fixture *f = *state;
	const int64_t began = clock_ms();
	struct error err = { 0 };
	pid_t pid;

	/* A socket of an earlier daemon is there and refuses. */
	fake_start(&f->fake, rows);
	fake_stop(&f->fake);
	assert_int_equal(engine_open(f->fake.socket, 200, &f->engine, &err), -EAGAIN);
	assert_in_range(clock_ms() - began, 150, 5000);
	pid = fork();
	if (pid == 0) {
		struct fake late = f->fake;

		(void)poll(NULL, 0, 300);
		fake_start(&late, rows);
		(void)poll(NULL, 0, 2000);
		fake_stop(&late);
		_exit(0);
	}
	assert_ok(engine_open(f->fake.socket, OPEN_MS, &f->engine, &err), &err);
	(void)kill(pid, SIGTERM);
	(void)waitpid(pid, NULL, 0);
}

static const struct {
	int status, code;
	const char *body, *message;
} refusals[] = {
	{ 400, -EINVAL, "{\"message\":\"bad parameter\"}", "bad parameter" },
	{ 404, -ENOENT, "{\"message\":\"No such container: x\"}", "No such container: x" },
	{ 409, -EEXIST, "{\"message\":\"name in use\"}", "name in use" },
	{ 500, -EIO, "not json", "status 500" },
	{ 500, -EIO, "", "status 500" },
};

static void test_refusals(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		const struct fake_row rows[] = { PING_ROW,
						 { "POST", "/containers/x/start",
						   refusals[i].status, refusals[i].body, 0, 0, 0 },
						 { 0 } };
		struct error err = { 0 };

		begin(f, rows);
		assert_int_equal(container_start(f->engine, "x", &err), refusals[i].code);
		assert_non_null(strstr(err.msg, refusals[i].message));
		fake_stop(&f->fake);
		engine_free(TAKE_PTR(f->engine));
	}
}

static void test_containers(void **state)
{
	static const struct fake_row rows[] = {
		PING_ROW,
		{ "GET", "/containers/json?all=1", 200, "[{\"Id\":\"1\"}]", 0, 0, 0 },
		{ "POST", "/containers/create?name=a.b%2Fc", 201, "{\"Id\":\"1\",\"Warnings\":[]}",
		  0, 0, 0 },
		{ "POST", "/containers/1/start", 304, NULL, 0, 0, 0 },
		{ "POST", "/containers/1/stop", 204, NULL, 0, 0, 0 },
		{ "POST", "/containers/1/restart?t=5", 204, NULL, 0, 0, 0 },
		{ "POST", "/containers/1/kill?signal=SIGHUP", 204, NULL, 0, 0, 0 },
		{ "POST", "/containers/1/wait?condition=not-running", 200, "{\"StatusCode\":3}", 0,
		  50, 0 },
		{ "DELETE", "/containers/1?force=1&v=1", 204, NULL, 0, 0, 0 },
		{ 0 }
	};
	struct fixture *f = *state;
	const struct doc_node *list = NULL, *body;
	const char *id = NULL;
	struct error err = { 0 };
	int code = 0;

	begin(f, rows);
	assert_ok(container_list(f->engine, f->pool, &list, &err), &err);
	assert_int_equal(list->len, 1);
	body = doc_with(f->pool, NULL, "Image", doc_new_str(f->pool, "t", "i"));
	assert_ok(container_create(f->engine, f->pool, "a.b/c", body, &id, &err), &err);
	assert_string_equal(id, "1");
	assert_asked(f, "POST /v1.51/containers/create?name=a.b%2Fc {\"Image\":\"i\"}\n");
	assert_ok(container_start(f->engine, id, &err), &err);
	assert_ok(container_stop(f->engine, id, -1, &err), &err);
	assert_asked(f, "POST /v1.51/containers/1/stop\n");
	assert_ok(container_restart(f->engine, id, 5, &err), &err);
	assert_ok(container_kill(f->engine, id, "SIGHUP", &err), &err);
	assert_ok(container_wait(f->engine, id, 5000, &code, &err), &err);
	assert_int_equal(code, 3);
	assert_ok(container_remove(f->engine, id, true, &err), &err);
	assert_int_equal(container_wait(f->engine, "1", 10, &code, &err), -ETIMEDOUT);
}

static bool collect(void *arg, bool err_stream, const char *data, size_t len)
{
	struct buf *out = arg;

	buf_str(out, err_stream ? "E:" : "O:");
	buf_add(out, data, len);
	return true;
}

static void test_logs(void **state)
{
	static const char frames[] = "\1\0\0\0\0\0\0\3out\2\0\0\0\0\0\0\4err\n\1\0\0\0\0\0\0\1x";
	static const struct fake_row rows[] = {
		PING_ROW,
		{ "GET", "/containers/a/json", 200, "{\"Config\":{\"Tty\":false}}", 0, 0, 0 },
		{ "GET", "/containers/a/logs?stdout=1&stderr=1&follow=0&tail=7", 200, frames,
		  sizeof(frames) - 1, 0, 0 },
		{ "GET", "/containers/t/json", 200, "{\"Config\":{\"Tty\":true}}", 0, 0, 0 },
		{ "GET", "/containers/t/logs", 200, "plain", 0, 0, 0 },
		{ 0 }
	};
	struct fixture *f = *state;
	struct buf AUTO_BUF out = { 0 };
	struct container_logs logs = { .tail = 7, .timeout_ms = 1000, .fn = collect, .arg = &out };
	struct error err = { 0 };

	begin(f, rows);
	assert_ok(container_logs(f->engine, "a", &logs, &err), &err);
	assert_string_equal(buf_text(&out), "O:outE:err\nO:x");
	buf_reset(&out);
	assert_ok(container_logs(f->engine, "t", &logs, &err), &err);
	assert_string_equal(buf_text(&out), "O:plain");
	assert_int_equal(container_logs(f->engine, "none", &logs, &err), -ENOENT);
}

static void note_progress(void *arg, const char *status)
{
	buf_fmt(arg, "%s;", status);
}

static void test_pull(void **state)
{
	static const struct fake_row rows[] = {
		PING_ROW,
		{ "POST", "/images/create?fromImage=reg%3A5000%2Fa%2Fb%3A1", 200,
		  "{\"status\":\"Pulling\"}\n{\"status\":\"Down\",\"progressDetail\":{\"current\":"
		  "1}}\n"
		  "{\"status\":\"Done\"}",
		  0, 0, 0 },
		{ "POST", "/images/create?fromImage=plain&tag=latest", 200, "{\"status\":\"x\"}\n",
		  0, 0, 0 },
		{ "POST", "/images/create?fromImage=bad", 200,
		  "{\"status\":\"x\"}\n{\"errorDetail\":{\"message\":\"manifest "
		  "unknown\"},\"error\":\"e\"}\n",
		  0, 0, 0 },
		{ "POST", "/images/create", 404, "{\"message\":\"pull access denied\"}", 0, 0, 0 },
		{ 0 }
	};
	struct fixture *f = *state;
	struct buf AUTO_BUF said = { 0 };
	struct docker_image_pull pull = { .name = "reg:5000/a/b:1", .timeout_ms = 1000,
					  .progress = note_progress, .arg = &said };
	struct error err = { 0 };

	begin(f, rows);
	assert_ok(docker_image_pull(f->engine, &pull, &err), &err);
	assert_string_equal(buf_text(&said), "Pulling;Done;");
	pull.name = "plain";
	assert_ok(docker_image_pull(f->engine, &pull, &err), &err);
	pull.name = "bad:1";
	assert_int_equal(docker_image_pull(f->engine, &pull, &err), -EIO);
	assert_non_null(strstr(err.msg, "pull bad:1: manifest unknown"));
	pull.name = "denied@sha256:00";
	assert_int_equal(docker_image_pull(f->engine, &pull, &err), -ENOENT);
	assert_asked(f, "POST /v1.51/images/create?fromImage=denied%40sha256%3A00\n");
}

/* ---- bringing services up ---------------------------------------------------------------------
 */

static const char list[] =
	"[{\"Id\":\"old\",\"Names\":[\"/"
	"changed\"],\"State\":\"exited\",\"Labels\":{\"io.ocicat.hash\":\"0\","
	"\"io.ocicat.service\":\"changed\"}}]";

static const struct fake_row runner_rows[] = {
	PING_ROW,
	{ "GET", "/containers/json", 200, list, 0, 0, 0 },
	{ "GET", "/images/json", 200, "[{\"Id\":\"sha256:1\",\"RepoTags\":[\"i:latest\"]}]", 0, 0,
	  0 },
	{ "POST", "/containers/create?name=once", 201, "{\"Id\":\"once\"}", 0, 0, 0 },
	{ "POST", "/containers/create?name=later", 201, "{\"Id\":\"later\"}", 0, 0, 0 },
	{ "POST", "/containers/create?name=changed", 201, "{\"Id\":\"new\"}", 0, 0, 0 },
	{ "POST", "/containers/create?name=made", 201, "{\"Id\":\"made\"}", 0, 0, 0 },
	{ "POST", "/containers/create?name=taken", 409, "{\"message\":\"in use\"}", 0, 0, 1 },
	{ "POST", "/containers/create?name=taken", 201, "{\"Id\":\"taken\"}", 0, 0, 0 },
	{ "GET", "/containers/taken/json", 200,
	  "{\"Config\":{\"Labels\":{\"io.ocicat.service\":\"taken\"}}}", 0, 0, 0 },
	{ "GET", "/containers/old/json", 200, "{\"Mounts\":[]}", 0, 0, 0 },
	{ "POST", "/containers/create?name=fails", 400, "{\"message\":\"bad mount\"}", 0, 0, 0 },
	{ "POST", "/containers/once/wait", 200, "{\"StatusCode\":0}", 0, 200, 0 },
	{ "POST", "/containers/", 204, NULL, 0, 0, 0 },
	{ "DELETE", "/containers/", 204, NULL, 0, 0, 0 },
	{ 0 }
};

static const char runner_services[] =
	"once: {image: i, labels: {io.rancher.os.detach: false}}\n"
	"later: {image: i, labels: {io.rancher.os.after: once}}\n"
	"changed: {image: i}\n"
	"made: {image: i, labels: {io.rancher.os.createonly: true}}\n"
	"taken: {image: i}\n"
	"fails: {image: i}\n"
	"doomed: {image: i, links: [fails]}\n";

static void load(struct fixture *f, const char *text, struct service_set *set)
{
	const struct body_env env = { .version = "v9", .kernel = "6.1" };
	const struct doc_node *n = NULL;
	struct error err = { 0 };

	assert_ok(doc_yaml(f->pool, "t", text, strlen(text), &n, &err), &err);
	assert_ok(compose_parse(f->pool, &env, n, set, &err), &err);
}

static void test_services_are_brought_up(void **state)
{
	static const enum runner_end want[] = { RUNNER_UP, RUNNER_UP, RUNNER_UP, RUNNER_UP,
						RUNNER_UP, RUNNER_FAILED, RUNNER_FAILED };
	struct fixture *f = *state;
	struct service_set set;
	enum runner_end ended[SERVICE_MAX];
	struct runner runner = { .set = &set, .pull_ms = 1000 };
	struct error err = { 0 };

	load(f, runner_services, &set);
	begin(f, runner_rows);
	runner.engine = f->engine;
	runner.socket = f->fake.socket;
	assert_ok(runner_run(&runner, ended, &err), &err);
	for (size_t i = 0; i < set.n; i++) {
		if (ended[i] != want[i])
			fail_msg("%s ended as %d", set.all[i].name, (int)ended[i]);
	}
	assert_order(f, "/containers/once/wait", "/containers/later/start");
	assert_order(f, "create?name=changed", "DELETE /v1.51/containers/old?force=1");
	assert_order(f, "create?name=changed", "/containers/new/start");
	assert_asked(f, "create?name=made");
	assert_int_equal(count_asked(f, "/containers/made/start"), 0);
	assert_order(f, "DELETE /v1.51/containers/taken", "/containers/taken/start");
	assert_int_equal(count_asked(f, "name=doomed"), 0);
}

static void test_daemon_that_breaks_off(void **state)
{
	static const struct fake_row rows[] = {
		PING_ROW,
		{ "GET", "/containers/json", 200, "[]", 0, 0, 1 },
		{ "GET", "/containers/json", 200,
		  "[{\"Id\":\"half\",\"Names\":[\"/a\"],\"State\":\"created\",\"Labels\":"
		  "{\"io.ocicat.service\":\"a\"}}]", 0, 0, 0 },
		{ "GET", "/containers/half/json", 200, "{}", 0, 0, 0 },
		{ "POST", "/containers/half/", 204, NULL, 0, 0, 0 },
		{ "GET", "/images/json", 200, "[{\"Id\":\"sha256:1\",\"RepoTags\":[\"i:latest\"]}]",
		  0, 0, 0 },
		{ "POST", "/containers/create?name=a", 201, "{\"Id\":\"a\"}", 0, 0, 0 },
		{ "POST", "/containers/a/start", 0, NULL, 0, 0, 2 },
		{ "POST", "/containers/a/start", 204, NULL, 0, 0, 0 },
		{ "DELETE", "/containers/half", 204, NULL, 0, 0, 0 },
		{ 0 }
	};
	struct fixture *f = *state;
	struct service_set set;
	enum runner_end ended[SERVICE_MAX];
	struct runner runner = { .set = &set, .pull_ms = 1000 };
	struct error err = { 0 };

	load(f, "a: {image: i}\n", &set);
	begin(f, rows);
	runner.engine = f->engine;
	runner.socket = f->fake.socket;
	assert_ok(runner_run(&runner, ended, &err), &err);
	assert_int_equal(ended[0], RUNNER_UP);
	/* It looked again before it went on. */
	assert_asked(f, "DELETE /v1.51/containers/half");
}

/* An archive of thin images on this machine, which has none; false where that cannot be done. */
static bool give_archive(void)
{
	const struct file_attr attr = { .mode = 0644, .uid = geteuid(), .gid = getegid() };

	return unshare(CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("tmpfs", "/usr/share", "tmpfs", 0, NULL) == 0 &&
	       file_publish(FILE_ROOT, THIN_ARCHIVE, "tar", 3, &attr, NULL, NULL) == 0;
}

/* No registry is asked for an image of the system's own, which the archive must have. */
static void test_thin_image_is_not_pulled(void **state)
{
	static const struct fake_row rows[] = {
		PING_ROW,
		{ "GET", "/containers/json", 200, "[]", 0, 0, 0 },
		{ "GET", "/images/json", 200, "[]", 0, 0, 0 },
		{ "POST", "/images/load", 200, "{\"stream\":\"Loaded\"}\n", 0, 0, 0 },
		{ "POST", "/images/create", 200, "{\"status\":\"done\"}\n", 0, 0, 0 },
		{ 0 }
	};
	struct fixture *f = *state;
	struct service_set set;
	enum runner_end ended[SERVICE_MAX];
	struct runner runner = { .set = &set, .pull_ms = 1000 };
	struct error err = { 0 };

	if (!give_archive())
		skip();
	load(f, "a: {image: 'ocicatos/os-nosuch:v9'}\n", &set);
	begin(f, rows);
	runner.engine = f->engine;
	runner.socket = f->fake.socket;
	assert_ok(runner_run(&runner, ended, &err), &err);
	assert_int_equal(ended[0], RUNNER_FAILED);
	assert_asked(f, "POST /v1.51/images/load");
	assert_int_equal(count_asked(f, "/images/create"), 0);
}

/* Files for services on this machine, which has none; false where that cannot be done. */
static bool give_files(void)
{
	const struct file_attr attr = { .mode = 0600, .uid = geteuid(), .gid = getegid() };

	return unshare(CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("tmpfs", "/run", "tmpfs", 0, NULL) == 0 &&
	       file_publish(FILE_ROOT, CONTAINER_FILES_DIR "/job/etc/x", "x", 1, &attr, NULL,
			    NULL) == 0 &&
	       file_publish(FILE_ROOT, CONTAINER_FILES_DIR "/user/etc/x", "x", 1, &attr, NULL,
			    NULL) == 0;
}

/* cron starts it later, and has no files: they are in the container from the beginning. */
static void test_files_of_what_is_not_started(void **state)
{
	static const struct fake_row rows[] = {
		PING_ROW,
		{ "GET", "/containers/json", 200, "[]", 0, 0, 0 },
		{ "GET", "/images/json", 200, "[{\"Id\":\"sha256:1\",\"RepoTags\":[\"i:latest\"]}]",
		  0, 0, 0 },
		{ "POST", "/containers/create?name=job", 201, "{\"Id\":\"job\"}", 0, 0, 0 },
		{ "POST", "/containers/create?name=user", 201, "{\"Id\":\"user\"}", 0, 0, 0 },
		{ "PUT", "/containers/", 200, "", 0, 0, 0 },
		{ 0 }
	};
	struct fixture *f = *state;
	struct service_set set;
	enum runner_end ended[SERVICE_MAX];
	struct runner runner = { .set = &set, .pull_ms = 1000 };
	struct error err = { 0 };

	if (!give_files())
		skip();
	load(f, "job: {image: i, labels: {io.rancher.os.scope: system, "
		"io.rancher.os.createonly: true}}\n"
		"user: {image: i, labels: {io.rancher.os.createonly: true}}\n", &set);
	begin(f, rows);
	runner.engine = f->engine;
	runner.socket = f->fake.socket;
	assert_ok(runner_run(&runner, ended, &err), &err);
	assert_int_equal(ended[0], RUNNER_UP);
	assert_order(f, "create?name=job", "PUT /v1.51/containers/job/archive?path=/");
	assert_int_equal(count_asked(f, "PUT /v1.51/containers/user"), 0);
	assert_int_equal(count_asked(f, "/start"), 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(test_newest_version_is_used), T(test_older_version_is_agreed_on),
		T(test_strange_daemons_are_refused),
		T(test_waits_for_the_daemon), T(test_refusals),
		T(test_containers),	      T(test_logs),
		T(test_pull),		      T(test_services_are_brought_up),
		T(test_daemon_that_breaks_off), T(test_thin_image_is_not_pulled),
		T(test_files_of_what_is_not_started),
	};
#undef T

	return cmocka_run_group_tests(tests, NULL, NULL);
}
