/* SPDX-License-Identifier: Apache-2.0 */
/* The verbs of `ros service` against two fake Dockers: what fails in one leaves the other alone. */
#include "tests/unit/agentroot.h"
#include "tests/unit/fakedocker.h"

#include <sys/mman.h>

#include "agent/config/config.h"
#include "agent/engine/container_files.h"
#include "agent/message.h"
#include "agent/service/servicectl.h"
#include "lib/journal.h"

#define OPEN_MS 5000

static const char os_config[] =
	"rancher:\n  services:\n"
	"    ntp: {image: 'ocicatos/os-ntp:v9', labels: {io.rancher.os.scope: system}}\n";

static const char owners[] = "#cloud-config\nrancher:\n  services:\n"
			     "    ntp: {cpu_shares: 5}\n"
			     "    agent: {image: i, labels: {io.rancher.os.scope: system}}\n"
			     "    web: {image: i, restart: sometimes}\n";

#define IMAGES "[{\"Id\":\"sha256:1\",\"RepoTags\":[\"i:latest\",\"ocicatos/os-ntp:v9\"]}]"
#define LIST                                                               \
	{ "GET", "/_ping", 200, "OK", 0, 0, 0 },                           \
	{ "GET", "/images/json", 200, IMAGES, 0, 0, 0 }

static const struct fake_row bad_system[] = {
	LIST,
	{ "GET", "/containers/json", 500, "{\"message\":\"out of order\"}", 0, 0, 0 },
	{ "POST", "/images/create", 200, "{\"status\":\"done\"}\n", 0, 0, 0 },
	{ 0 },
};

static const struct fake_row good_user[] = {
	LIST,
	{ "GET", "/containers/json", 200, "[]", 0, 0, 0 },
	{ "POST", "/images/create", 200, "{\"status\":\"done\"}\n", 0, 0, 0 },
	{ "POST", "/containers/create?name=web", 201, "{\"Id\":\"web\"}", 0, 0, 0 },
	{ "POST", "/containers/web/start", 204, NULL, 0, 0, 0 },
	{ 0 },
};

struct dockers {
	struct fake docker[2]; /* [1]: System Docker */
	struct servicectl_options o;
	struct servicectl c;
};

static void dockers_done(struct dockers *m)
{
	servicectl_close(&m->c);
	fake_done(&m->docker[0]);
	fake_done(&m->docker[1]);
	message_root(FILE_ROOT);
	journal_root(FILE_ROOT);
}

/* The owner's services and the system's, and these two Dockers. */
static void dockers_make(struct dockers *m, struct agentroot *f, const struct fake_row *system,
			 const struct fake_row *user)
{
	struct error err = { 0 };

	*m = (struct dockers){ 0 };
	message_root(f->root);
	journal_root(f->root);
	agentroot_put(f, CONFIG_OS, os_config);
	agentroot_put(f, CONFIG_DIR "/user.yml", owners);
	fake_start(&m->docker[0], user);
	fake_start(&m->docker[1], system);
	assert_ok(servicectl_open(f->root, &m->o, &m->c, &err), &err);
	assert_int_equal(m->c.project.set.n, 3);
	for (int i = 0; i < 2; i++)
		assert_ok(engine_open(m->docker[i].socket, OPEN_MS, &m->c.engine[i], &err), &err);
}

static bool was_asked(const struct fake *docker, const char *request)
{
	AUTO_BUF struct buf log = BUF_WITH_LIMIT(1u << 20);

	return file_read(FILE_ROOT, docker->log, &log, NULL) == 0 &&
	       strstr(buf_text(&log), request);
}

static void test_one_docker_fails(void **state)
{
	CLEANUP(dockers_done) struct dockers m;
	struct error err = { 0 };

	dockers_make(&m, *state, bad_system, good_user);
	assert_true(servicectl_up(&m.c, &err) < 0);
	assert_non_null(strstr(err.msg, "out of order"));
	assert_true(was_asked(&m.docker[0], "/containers/web/start"));
	error_reset(&err);
	assert_true(servicectl_ps(&m.c, &err) < 0);
	assert_non_null(strstr(err.msg, "out of order"));
	/* The other way round, too. */
	error_reset(&err);
	dockers_done(&m);
	dockers_make(&m, *state, good_user, bad_system);
	assert_true(servicectl_ps(&m.c, &err) < 0);
	assert_non_null(strstr(err.msg, "out of order"));
}

/* The system's own images came with it: nobody who owns that name elsewhere is asked for them. */
static void test_own_images_are_not_pulled(void **state)
{
	CLEANUP(dockers_done) struct dockers m;
	struct error err = { 0 };

	dockers_make(&m, *state, bad_system, good_user);
	assert_ok(servicectl_pull(&m.c, &err), &err);
	assert_true(was_asked(&m.docker[0], "/images/create?fromImage=i"));
	assert_true(was_asked(&m.docker[1], "/images/create?fromImage=i"));
	assert_false(was_asked(&m.docker[1], "ocicatos"));
}

static void test_follow_one(void **state)
{
	char *names[] = { (char[]){ "agent" }, (char[]){ "web" } };
	CLEANUP(dockers_done) struct dockers m;
	struct error err = { 0 };

	dockers_make(&m, *state, bad_system, good_user);
	m.o = (struct servicectl_options){ .names = names, .n_names = 2, .follow = true };
	assert_int_equal(servicectl_logs(&m.c, &err), -EINVAL);
	assert_non_null(strstr(err.msg, "-f follows one service"));
	assert_false(was_asked(&m.docker[1], "/logs"));
}

/* Containers that only have a service's name, in user Docker and in System Docker. */
static const struct fake_row others[] = {
	LIST,
	{ "GET", "/containers/json", 200,
	  "[{\"Id\":\"0123456789ab\",\"Names\":[\"/web\"],\"Labels\":{}}]", 0, 0, 0 },
	{ "GET", "/containers/web/json", 200, "{\"Config\":{\"Labels\":{\"a\":\"b\"}}}", 0, 0, 0 },
	{ "GET", "/containers/agent/json", 200,
	  "{\"Config\":{\"Labels\":{\"io.ocicat.service\":\"agent\"}}}", 0, 0, 0 },
	{ "POST", "/containers/", 204, NULL, 0, 0, 0 },
	{ "DELETE", "/containers/", 204, NULL, 0, 0, 0 },
	{ 0 },
};

static void test_others_are_left_alone(void **state)
{
	static int (*const verbs[])(struct servicectl *, struct error *) = {
		servicectl_rm, servicectl_stop, servicectl_start, servicectl_restart,
		servicectl_kill, servicectl_up,
	};
	CLEANUP(dockers_done) struct dockers m;
	struct error err = { 0 };

	dockers_make(&m, *state, others, others);
	m.o = (struct servicectl_options){ .timeout = 1, .signal = "SIGKILL" };
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		error_reset(&err);
		assert_true(verbs[i](&m.c, &err) < 0);
	}
	assert_false(was_asked(&m.docker[0], "POST"));
	assert_false(was_asked(&m.docker[0], "DELETE"));
	/* Its own it serves all the same. */
	assert_true(was_asked(&m.docker[1], "DELETE /v1.51/containers/agent?force=1"));
	assert_true(was_asked(&m.docker[1], "POST /v1.51/containers/agent/stop"));
}

/* What the verb writes to `stream`, whatever comes of it; -1 when that fails. */
static ssize_t say(struct dockers *m, FILE *stream,
		   int (*verb)(struct servicectl *, struct error *), char said[1024])
{
	AUTO_CLOSE int fd = memfd_create("said", MFD_CLOEXEC), before = dup(fileno(stream));
	struct error err = { 0 };

	memset(said, 0, 1024);
	(void)fflush(stream);
	assert_true(dup2(fd, fileno(stream)) >= 0);
	(void)!verb(&m->c, &err);
	(void)fflush(stream);
	assert_true(dup2(before, fileno(stream)) >= 0);
	return pread(fd, said, 1023, 0);
}

/* What a built-in service's owner says of it makes it none of his own. */
static void test_list(void **state)
{
	CLEANUP(dockers_done) struct dockers m;
	char said[1024];

	dockers_make(&m, *state, bad_system, good_user);
	assert_true(say(&m, stdout, servicectl_list, said) > 0);
	assert_string_equal(said, "enabled  agent\nenabled  web\n");
}

/* Whoever makes the containers of services reads what is wrong with them. */
static void test_mistakes_are_told(void **state)
{
	static int (*const verbs[])(struct servicectl *, struct error *) = { servicectl_up,
									     servicectl_create };
	CLEANUP(dockers_done) struct dockers m;
	char said[1024];

	dockers_make(&m, *state, bad_system, good_user);
	for (size_t i = 0; i < ARRAY_LEN(verbs); i++) {
		assert_true(say(&m, stderr, verbs[i], said) > 0);
		assert_non_null(strstr(said, "ros: service: "));
		assert_non_null(strstr(said, "user.yml:6:30: service web: \"sometimes\" is none"));
	}
	(void)say(&m, stderr, servicectl_list, said);
	assert_string_equal(said, "");
}

/* Files for a container that nobody puts anything into. */
static void test_files_for_nobody(void **state)
{
	CLEANUP(dockers_done) struct dockers m;
	struct agentroot *f = *state;

	dockers_make(&m, f, bad_system, good_user);
	agentroot_put(f, MESSAGE_PATH, "");
	project_report_files(f->root, &m.c.project);
	agentroot_text(f, MESSAGE_PATH, "");
	agentroot_put(f, CONTAINER_FILES_DIR "/agent/etc/a", "a");
	agentroot_put(f, CONTAINER_FILES_DIR "/ntp/etc/a", "a");
	project_report_files(f->root, &m.c.project);
	agentroot_text(f, MESSAGE_PATH, "");
	agentroot_put(f, CONTAINER_FILES_DIR "/web/etc/a", "a");
	agentroot_put(f, CONTAINER_FILES_DIR "/nobody/etc/a", "a");
	project_report_files(f->root, &m.c.project);
	agentroot_has(f, MESSAGE_PATH, "container: web: no service of System Docker");
	agentroot_has(f, MESSAGE_PATH, "container: nobody: no service of System Docker");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		agentroot_test(test_one_docker_fails),
		agentroot_test(test_own_images_are_not_pulled),
		agentroot_test(test_follow_one),
		agentroot_test(test_others_are_left_alone),
		agentroot_test(test_list),
		agentroot_test(test_mistakes_are_told),
		agentroot_test(test_files_for_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
