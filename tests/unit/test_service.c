/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Service definitions: every key of the table, both forms of the file, variables, labels, needs,
 * and the built-in definitions of os/os-config.yml.
 */
#include "tests/unit/check.h"
#include "tests/unit/put.h"
#include "tests/unit/scratch.h"

#include "agent/convert.h"
#include "agent/service/compose.h"
#include "agent/service/service.h"
#include "lib/buf.h"
#include "lib/doc/doc.h"
#include "lib/file.h"
#include "lib/scope.h"

#define OS_CONFIG "os/os-config.yml"

struct fixture {
	struct doc_pool *pool;
	struct service_set set;
};

static const struct doc_node *yaml(struct doc_pool *p, const char *text)
{
	const struct doc_node *n = NULL;
	struct error err = { 0 };

	assert_ok(doc_yaml(p, "test.yml", text, strlen(text), &n, &err), &err);
	return n;
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct error err = { 0 };

	assert_non_null(f);
	assert_ok(doc_pool_new(&f->pool, &err), &err);
	*state = f;
	return 0;
}

/* Of two messages for one place the second is not told: each definition has a pool of its own. */
static void renew(struct fixture *f)
{
	struct error err = { 0 };

	doc_pool_free(f->pool);
	f->pool = NULL;
	assert_ok(doc_pool_new(&f->pool, &err), &err);
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	doc_pool_free(f->pool);
	free(f);
	return 0;
}

static void parse(struct fixture *f, const char *services, const char *vars)
{
	const struct body_env env = { .vars = vars ? yaml(f->pool, vars) : NULL,
				      .version = "v9", .kernel = "6.1" };
	struct error err = { 0 };

	assert_ok(compose_parse(f->pool, &env, yaml(f->pool, services), &f->set, &err), &err);
}

static const struct service *only(struct fixture *f, const char *definition)
{
	char text[4096];

	(void)snprintf(text, sizeof(text), "a:\n  image: i\n  %s\n", definition);
	parse(f, text, "{X: ex, EMPTY: '', P_1: one, P_2: two, a/OWN: mine, OWN: theirs}");
	assert_int_equal(f->set.n, 1);
	return &f->set.all[0];
}

static size_t messages(struct fixture *f)
{
	size_t n;

	(void)doc_messages(f->pool, &n);
	return n;
}

static const char *last_message(struct fixture *f)
{
	size_t n;
	const struct doc_message *m = doc_messages(f->pool, &n);

	return n ? m[n - 1].text : "";
}

/* The JSON at `path` of the request. */
static void assert_json(const struct service *s, const char *path, const char *want)
{
	struct buf AUTO_BUF json = { 0 };
	const struct doc_node *n = doc_at(s->create, path);

	if (n)
		doc_json_write(n, &json);
	if (strcmp(buf_text(&json), want) != 0)
		fail_msg("%s is %s, not %s", path, buf_text(&json), want);
}

/* One key of a definition, and the part of the request that it makes. */
static const struct {
	const char *definition, *path, *json;
} key_cases[] = {
	{ "command: sh -c 'echo  \"a b\"' x\\ y", "Cmd",
	  "[\"sh\",\"-c\",\"echo  \\\"a b\\\"\",\"x y\"]" },
	{ "command: [sh, -c, 'echo a  b']", "Cmd", "[\"sh\",\"-c\",\"echo a  b\"]" },
	{ "command: ${X} $X $$X ${NONE:-d} ${EMPTY:-e} ${EMPTY-f}", "Cmd",
	  "[\"ex\",\"ex\",\"$X\",\"d\",\"e\"]" },
	{ "entrypoint: /bin/x -y", "Entrypoint", "[\"/bin/x\",\"-y\"]" },
	{ "environment: [A=1, B=, X, P_*, NOT_SET, OWN]", "Env",
	  "[\"A=1\",\"B=\",\"X=ex\",\"P_1=one\",\"P_2=two\",\"OWN=mine\"]" },
	{ "environment: {A: 1, B: true, X: null, C: '${X}y'}", "Env",
	  "[\"A=1\",\"B=true\",\"X=ex\",\"C=exy\"]" },
	{ "labels: [a=b, c]", "Labels.a", "\"b\"" },
	{ "labels: {x.y: 0644}", "Labels.\"x.y\"", "\"0644\"" },
	{ "volumes: [/a:/b:ro, named:/c, /d]", "HostConfig.Binds", "[\"/a:/b:ro\",\"named:/c\"]" },
	{ "volumes: [/a:/b:ro, named:/c, /d]", "Volumes", "{\"/d\":{}}" },
	{ "volumes: [{type: bind, source: /s, target: /t, read_only: true, bind: {propagation: "
	  "rslave}}]",
	  "HostConfig.Binds", "[\"/s:/t:ro,rslave\"]" },
	{ "volumes: [{type: bind, source: /s, target: /t, read_only: true, bind: {recursive: "
	  "writable}}, '/x:/t:ro', '/a:/b']", "HostConfig.Mounts",
	  "[{\"Type\":\"bind\",\"Source\":\"/s\",\"Target\":\"/t\",\"ReadOnly\":true,"
	  "\"BindOptions\":{\"ReadOnlyNonRecursive\":true,\"CreateMountpoint\":true}}]" },
	{ "volumes: [{type: bind, source: /s, target: /t, read_only: true, bind: {recursive: "
	  "writable}}, '/x:/t:ro', '/a:/b']", "HostConfig.Binds", "[\"/a:/b\"]" },
	{ "volumes: [{type: tmpfs, target: /t}]", "HostConfig.Tmpfs", "{\"/t\":\"\"}" },
	{ "tmpfs: [/run, '/tmp:size=1m,mode=1777']", "HostConfig.Tmpfs",
	  "{\"/run\":\"\",\"/tmp\":\"size=1m,mode=1777\"}" },
	{ "ports: ['8080:80', '127.0.0.1:53:53/udp', 90, '[::1]:7:7']", "HostConfig.PortBindings",
	  "{\"80/tcp\":[{\"HostPort\":\"8080\"}],\"53/"
	  "udp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"53\"}],"
	  "\"90/tcp\":[{\"HostPort\":\"\"}],\"7/tcp\":[{\"HostIp\":\"::1\",\"HostPort\":\"7\"}]}" },
	{ "ports: [22:22]", "HostConfig.PortBindings", "{\"22/tcp\":[{\"HostPort\":\"22\"}]}" },
	{ "ports: ['9000-9001:80-81', '1.2.3.4:9000:80']", "HostConfig.PortBindings",
	  "{\"80/tcp\":[{\"HostPort\":\"9000\"},{\"HostIp\":\"1.2.3.4\",\"HostPort\":\"9000\"}],"
	  "\"81/tcp\":[{\"HostPort\":\"9001\"}]}" },
	{ "ports: [{target: 80, published: 8080, protocol: udp}]", "ExposedPorts",
	  "{\"80/udp\":{}}" },
	{ "ports: ['127.0.0.1::80']", "HostConfig.PortBindings",
	  "{\"80/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"\"}]}" },
	{ "expose: [80, 90/udp]", "ExposedPorts", "{\"80/tcp\":{},\"90/udp\":{}}" },
	{ "net: host", "HostConfig.NetworkMode", "\"host\"" },
	{ "network_mode: 'container:x'", "HostConfig.NetworkMode", "\"container:x\"" },
	{ "pid: host", "HostConfig.PidMode", "\"host\"" },
	{ "ipc: host", "HostConfig.IpcMode", "\"host\"" },
	{ "uts: host", "HostConfig.UTSMode", "\"host\"" },
	{ "cgroup: host", "HostConfig.CgroupnsMode", "\"host\"" },
	{ "privileged: true", "HostConfig.Privileged", "true" },
	{ "read_only: true", "HostConfig.ReadonlyRootfs", "true" },
	{ "cap_add: [A, B]", "HostConfig.CapAdd", "[\"A\",\"B\"]" },
	{ "cap_drop: ALL", "HostConfig.CapDrop", "[\"ALL\"]" },
	{ "devices: [/dev/a, '/dev/b:/dev/c:r']", "HostConfig.Devices",
	  "[{\"PathOnHost\":\"/dev/a\",\"PathInContainer\":\"/dev/"
	  "a\",\"CgroupPermissions\":\"rwm\"},"
	  "{\"PathOnHost\":\"/dev/b\",\"PathInContainer\":\"/dev/"
	  "c\",\"CgroupPermissions\":\"r\"}]" },
	{ "restart: always", "HostConfig.RestartPolicy",
	  "{\"Name\":\"always\",\"MaximumRetryCount\":0}" },
	{ "restart: on-failure:3", "HostConfig.RestartPolicy",
	  "{\"Name\":\"on-failure\",\"MaximumRetryCount\":3}" },
	{ "restart: no", "HostConfig.RestartPolicy", "{\"Name\":\"no\",\"MaximumRetryCount\":0}" },
	{ "log_driver: json-file\n  log_opt: {max-size: 1m}", "HostConfig.LogConfig",
	  "{\"Type\":\"json-file\",\"Config\":{\"max-size\":\"1m\"}}" },
	{ "logging: {driver: none, options: {a: 1}}", "HostConfig.LogConfig",
	  "{\"Type\":\"none\",\"Config\":{\"a\":\"1\"}}" },
	{ "mem_limit: 512m", "HostConfig.Memory", "536870912" },
	{ "memswap_limit: -1", "HostConfig.MemorySwap", "-1" },
	{ "shm_size: 1.5GB", "HostConfig.ShmSize", "1610612736" },
	{ "cpu_shares: 73", "HostConfig.CpuShares", "73" },
	{ "cpus: 0.5", "HostConfig.NanoCpus", "500000000" },
	{ "cpuset: 0,1", "HostConfig.CpusetCpus", "\"0,1\"" },
	{ "ulimits: {nproc: 65535, nofile: {soft: 1, hard: 2}}", "HostConfig.Ulimits",
	  "[{\"Name\":\"nproc\",\"Soft\":65535,\"Hard\":65535},{\"Name\":\"nofile\",\"Soft\":1,"
	  "\"Hard\":2}]" },
	{ "security_opt: [apparmor=unconfined, systempaths=unconfined]", "HostConfig.SecurityOpt",
	  "[\"apparmor=unconfined\"]" },
	{ "security_opt: [systempaths=unconfined]", "HostConfig.ReadonlyPaths", "[]" },
	{ "sysctls: [net.core.somaxconn=1]", "HostConfig.Sysctls",
	  "{\"net.core.somaxconn\":\"1\"}" },
	{ "dns: 8.8.8.8", "HostConfig.Dns", "[\"8.8.8.8\"]" },
	{ "extra_hosts: ['a:1.2.3.4', 'b=::1']", "HostConfig.ExtraHosts",
	  "[\"a:1.2.3.4\",\"b:::1\"]" },
	{ "extra_hosts: {a: 1.2.3.4}", "HostConfig.ExtraHosts", "[\"a:1.2.3.4\"]" },
	{ "oom_score_adj: -500", "HostConfig.OomScoreAdj", "-500" },
	{ "stop_signal: SIGINT", "StopSignal", "\"SIGINT\"" },
	{ "stop_grace_period: 1m30s", "StopTimeout", "90" },
	{ "user: '1000:1000'", "User", "\"1000:1000\"" },
	{ "working_dir: /w", "WorkingDir", "\"/w\"" },
	{ "hostname: h", "Hostname", "\"h\"" },
	{ "hostname: h\n  net: host", "Hostname", "\"h\"" },
	{ "links: [db:database, c]", "HostConfig.Links", "[\"db:database\",\"c:c\"]" },
	{ "links: [db]\n  net: host", "HostConfig.Links", "" },
	{ "links: [db]\n  external_links: [x, 'y:z']", "HostConfig.Links",
	  "[\"db:db\",\"x:x\",\"y:z\"]" },
	{ "external_links: [x]\n  links: [db]", "HostConfig.Links", "[\"x:x\",\"db:db\"]" },
	{ "mac_address: '52:54:00:12:34:56'", "MacAddress", "\"52:54:00:12:34:56\"" },
	{ "healthcheck: {test: a, start_interval: 2s}", "Healthcheck.StartInterval",
	  "2000000000" },
	{ "healthcheck: {test: exit 0, interval: 5s, retries: 3}", "Healthcheck",
	  "{\"Test\":[\"CMD-SHELL\",\"exit 0\"],\"Interval\":5000000000,\"Retries\":3}" },
	{ "tty: true", "Tty", "true" },
	{ "init: true", "HostConfig.Init", "true" },
	{ "image: 'r/i:${VERSION}-$KERNEL_VERSION'", "Image", "\"r/i:v9-6.1\"" },
	{ "x-mine: 1", "Labels.\"io.ocicat.service\"", "\"a\"" },
};

static void test_keys(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(key_cases); i++) {
		const bool has_image = !strncmp(key_cases[i].definition, "image:", 6);
		char text[1024];

		(void)snprintf(text, sizeof(text), "a:\n  %s%s\n", has_image ? "" : "image: i\n  ",
			       key_cases[i].definition);
		parse(f, text, "{X: ex, EMPTY: '', P_1: one, P_2: two, a/OWN: mine, OWN: theirs}");
		assert_int_equal(f->set.n, 1);
		assert_json(&f->set.all[0], key_cases[i].path, key_cases[i].json);
	}
	assert_int_equal(messages(f), 0);
}

/* What is wrong in a definition, and a part of the message about it. */
static const struct {
	const char *definition, *message;
} mistakes[] = {
	{ "nonsense: 1", "unknown key `nonsense`" },
	{ "build: .", "not built here" },
	{ "deploy: {replicas: 2}", "a swarm's" },
	{ "platform: linux/arm64", "has no effect" },
	{ "pull_policy: always", "has no effect" },
	{ "env_file: x.env", "must begin with /" },
	{ "restart: sometimes", "none of no, always" },
	{ "privileged: maybe", "neither true nor false" },
	{ "mem_limit: lots", "not a size" },
	{ "mem_limit: 5x", "unknown unit" },
	{ "cpu_shares: 1.5", "not a whole number" },
	{ "ports: ['70000:80']", "is not a port" },
	{ "ports: ['80:80/icmp']", "is not a port" },
	{ "ports: ['1-3:1-2']", "differ in length" },
	{ "volumes: ['./x:/y']", "must begin with /" },
	{ "volumes: [{a: 1}]", "must begin with /" },
	{ "command: echo 'open", "quote is not closed" },
	{ "command: echo $UNSET", "UNSET is not set" },
	{ "command: echo ${UNSET", "is not a variable" },
	{ "devices: [a]", "is not a device" },
	{ "ulimits: 5", "a map is wanted" },
	{ "stop_grace_period: soon", "not a duration" },
	{ "depends_on: {a: {condition: service_healthy}}", "not for service_healthy" },
	{ "depends_on: [other]", "no service is called other" },
	{ "volumes_from: [other]", "no service is called other" },
	{ "hostname: {a: b}", "a single value is wanted" },
	{ "cap_add: {a: b}", "a list is wanted" },
	{ "hostname: h\n  uts: host", "hostname is left out" },
	{ "security_opt: ['seccomp=/x.json']", "as JSON" },
	{ "extra_hosts: [nothing]", "NAME:ADDRESS" },
	{ "tmpfs: [run]", "a tmpfs is a path" },
};

static void test_mistakes_are_named_and_the_rest_is_used(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
		const struct service *s;

		renew(f);
		s = only(f, mistakes[i].definition);
		if (messages(f) != 1 || !strstr(last_message(f), mistakes[i].message))
			fail_msg("%s: %zu messages, the last: %s", mistakes[i].definition,
				 messages(f), last_message(f));
		assert_json(s, "Image", "\"i\"");
	}
}

static void test_messages_have_places(void **state)
{
	struct fixture *f = *state;
	const struct doc_message *m;
	size_t n;

	parse(f, "a:\n  image: i\n  what: 1\n  ports:\n    - 80\n    - eighty\n", NULL);
	m = doc_messages(f->pool, &n);
	assert_int_equal(n, 2);
	assert_int_equal(m[0].origin.line, 3);
	assert_int_equal(m[0].origin.column, 3);
	assert_int_equal(m[1].origin.line, 6);
	assert_int_equal(m[1].origin.column, 7);
	assert_string_equal(m[1].origin.source, "test.yml");
}

static void test_services_form(void **state)
{
	struct fixture *f = *state;

	parse(f, "version: '3'\nx-common: 1\nservices:\n  a: {image: i}\n  b: {image: j}\n", NULL);
	assert_int_equal(f->set.n, 2);
	assert_int_equal(messages(f), 0);
	parse(f, "services:\n  a: {image: i}\nnetworks: {n: null}\n", NULL);
	assert_int_equal(f->set.n, 1);
	assert_int_equal(messages(f), 1);
	/* A flat file may have a service of that name. */
	parse(f, "services: {image: i}\nb: {image: j}\n", NULL);
	assert_int_equal(f->set.n, 2);
}

static void test_unusable(void **state)
{
	struct fixture *f = *state;

	parse(f, "a: {command: x}\nb: null\nc: 5\nd: {image: i}\n", NULL);
	assert_int_equal(f->set.n, 1);
	assert_string_equal(f->set.all[0].name, "d");
	assert_int_equal(messages(f), 2);
	parse(f, "", NULL);
	assert_int_equal(f->set.n, 0);
	renew(f);
	parse(f, "[]", NULL);
	assert_int_equal(f->set.n, 0);
	assert_int_equal(messages(f), 1);
}

/* Of two services with one container one would delete the other's at each start. */
static void test_one_container_name(void **state)
{
	static const struct {
		const char *text, *left, *message;
	} cases[] = {
		{ "a: {image: i, container_name: c}\nb: {image: i, container_name: c}\n", "a",
		  "service b: the container of the service a is called c, too" },
		{ "a: {image: i, container_name: b}\nb: {image: i}\n", "b",
		  "service a: the container of the service b is called b, too" },
		{ "a: {image: i}\nb: {image: i, container_name: a}\n", "a",
		  "service b: the container of the service a is called a, too" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		renew(f);
		parse(f, cases[i].text, NULL);
		assert_int_equal(f->set.n, 1);
		assert_string_equal(f->set.all[0].name, cases[i].left);
		assert_int_equal(messages(f), 1);
		assert_non_null(strstr(last_message(f), cases[i].message));
	}
	/* Each Docker has names of its own; what is no service has no container. */
	renew(f);
	parse(f, "a: {image: i, container_name: c}\n"
		 "b: {image: i, container_name: c, labels: {io.rancher.os.scope: system}}\n"
		 "c: {command: x}\n", NULL);
	assert_int_equal(f->set.n, 2);
}

static void test_labels(void **state)
{
	struct fixture *f = *state;
	const struct service *s;

	s = only(f, "labels: {io.rancher.os.scope: system, io.rancher.os.detach: false, "
		    "io.rancher.os.createonly: true, io.rancher.os.reloadconfig: true, "
		    "io.docker.compose.rebuild: always, io.rancher.os.console: default}\n"
		    "  container_name: other");
	assert_true(s->system && !s->detach && s->createonly && s->reload);
	assert_int_equal(s->rebuild, SERVICE_REBUILD_ALWAYS);
	assert_string_equal(s->console, "default");
	assert_string_equal(s->container, "other");
	assert_int_equal(s->n_deps, 0);
	s = only(f, "labels: {io.docker.compose.rebuild: 'false'}");
	assert_true(!s->system && s->detach && !s->createonly && !s->reload);
	assert_int_equal(s->rebuild, SERVICE_REBUILD_NEVER);
	assert_string_equal(s->container, "a");
}

static void assert_dep(const struct service *s, const char *name, enum service_need need)
{
	for (size_t i = 0; i < s->n_deps; i++) {
		if (!strcmp(s->deps[i].name, name) && s->deps[i].need == need)
			return;
	}
	fail_msg("%s does not need %s in that way", s->name, name);
}

static void test_needs(void **state)
{
	struct fixture *f = *state;
	const struct service *a;

	parse(f,
	      "a:\n  image: i\n  log_driver: syslog\n  links: [b]\n  volumes_from: ['c:ro']\n"
	      "  net: service:d\n  depends_on: {e: {condition: service_started}}\n"
	      "  labels: {io.rancher.os.after: 'f, g', io.rancher.os.before: h}\n"
	      "b: {image: i}\nc: {image: i, container_name: cc}\nd: {image: i, container_name: "
	      "dd}\n"
	      "e: {image: i}\n",
	      NULL);
	a = &f->set.all[0];
	assert_int_equal(messages(f), 0);
	assert_dep(a, "syslog", SERVICE_IMPLICIT);
	assert_dep(a, "docker", SERVICE_IMPLICIT);
	assert_dep(a, "b", SERVICE_HARD);
	assert_dep(a, "c", SERVICE_HARD);
	assert_dep(a, "d", SERVICE_HARD);
	assert_dep(a, "e", SERVICE_HARD);
	assert_dep(a, "f", SERVICE_AFTER);
	assert_dep(a, "g", SERVICE_AFTER);
	assert_dep(a, "h", SERVICE_BEFORE);
	assert_json(a, "HostConfig.VolumesFrom", "[\"cc:ro\"]");
	assert_json(a, "HostConfig.NetworkMode", "\"container:dd\"");
}

static void test_carriers(void **state)
{
	struct fixture *f = *state;

	parse(f,
	      "a: {image: i, volumes: ['/own:/x'], volumes_from: [all]}\n"
	      "all: {labels: {io.ocicat.carrier: true}, volumes_from: [one, two]}\n"
	      "one: {labels: {io.ocicat.carrier: true}, volumes: ['/a:/x', '/b:/y:ro']}\n"
	      "two: {labels: {io.ocicat.carrier: true}, volumes: ['/c:/z', {type: bind, "
	      "source: /s, target: /t, read_only: true, bind: {recursive: writable}}], "
	      "volumes_from: [all]}\n",
	      NULL);
	assert_int_equal(messages(f), 0);
	assert_int_equal(f->set.n, 1);
	assert_json(&f->set.all[0], "HostConfig.Binds", "[\"/own:/x\",\"/b:/y:ro\",\"/c:/z\"]");
	assert_json(&f->set.all[0], "HostConfig.Mounts.0.Source", "\"/s\"");
	assert_json(&f->set.all[0], "HostConfig.VolumesFrom", "");
}

/* A mode of volumes_from holds for all that comes through it, and gives nothing back. */
static void test_carriers_read_only(void **state)
{
	struct fixture *f = *state;

	parse(f,
	      "a: {image: i, volumes: ['/own:/o'], volumes_from: ['all:ro', 'three:rw']}\n"
	      "all: {labels: {io.ocicat.carrier: true}, volumes: ['/a:/x'], volumes_from: [two]}\n"
	      "two: {labels: {io.ocicat.carrier: true}, volumes: ['/b:/y:rw,rslave', '/c:/z:ro']}\n"
	      "three: {labels: {io.ocicat.carrier: true}, volumes: ['/d:/v', '/e:/w:ro']}\n",
	      NULL);
	assert_int_equal(messages(f), 0);
	assert_json(&f->set.all[0], "HostConfig.Binds",
		    "[\"/own:/o\",\"/a:/x:ro\",\"/b:/y:ro,rslave\",\"/c:/z:ro\",\"/d:/v\","
		    "\"/e:/w:ro\"]");
	parse(f, "a: {image: i, volumes_from: ['all:r']}\n"
		 "all: {labels: {io.ocicat.carrier: true}, volumes: ['/a:/x']}\n", NULL);
	assert_json(&f->set.all[0], "HostConfig.Binds", "");
	assert_string_equal(last_message(f), "service a: \"all:r\": the mode is none of ro, rw");
}

static void put_text(int root, const char *path, const char *text)
{
	put_file(root, path, text, strlen(text), 0600);
}

/* `environment` goes before files, a later file before an earlier one; nothing is unquoted. */
static void test_env_file(void **state)
{
	static const char *const orders[] = {
		"a: {image: i, environment: {A: own}, env_file: [/one, /two, /none]}\n",
		"a: {image: i, env_file: [/one, /two, /none], environment: {A: own}}\n",
	};
	AUTO_SCRATCH struct scratch s = scratch_make();
	AUTO_CLOSE int root = -1;
	struct body_env env = { .vars = yaml(((struct fixture *)*state)->pool, "{X: ex}"),
				.root = &root };
	struct fixture *f = *state;
	struct error err = { 0 };

	assert_ok(file_root_open(s.path, &root, &err), &err);
	put_text(root, "/one", "# no variable\n\nA=1\n B=\"b\" c \r\nX\nNONE\nC=$X");
	put_text(root, "/two", "B=2\n");
	for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
		const char *values[] = { "A=own", "B=2", "X=ex", "C=$X" };
		const struct doc_node *got;
		size_t n;

		assert_ok(compose_parse(f->pool, &env, yaml(f->pool, orders[i]), &f->set, &err),
			  &err);
		got = doc_at(f->set.all[0].create, "Env");
		assert_int_equal(got->len, ARRAY_LEN(values));
		for (size_t k = 0; k < ARRAY_LEN(values); k++) {
			for (n = 0; n < got->len && strcmp(got->items[n]->text, values[k]); n++)
				;
			if (n == got->len)
				fail_msg("%zu: there is no %s", i, values[k]);
		}
		assert_int_equal(messages(f), i + 1);
		assert_non_null(strstr(last_message(f), "service a: env_file: "));
		assert_non_null(strstr(last_message(f), "/none"));
	}
}

static void test_names_of_rancheros(void **state)
{
	struct fixture *f = *state;

	parse(f, "udev: {image: i}\ncron: {image: i}\n", NULL);
	assert_string_equal(service_find(&f->set, "udev-cold")->name, "udev");
	assert_string_equal(service_find(&f->set, "system-cron")->name, "cron");
	assert_null(service_find(&f->set, "cloud-init"));
}

static void test_words(void **state)
{
	static const char *const want[] = { "a", "b c", "", "d\\e", "f'g", "h i" };
	const char *text = "  a 'b c' \"\" 'd\\e' \"f'g\" h\\ i\t";
	struct buf AUTO_BUF word = { 0 };
	struct error err = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		assert_int_equal(convert_word(&text, &word, &err), 1);
		assert_string_equal(buf_text(&word), want[i]);
	}
	assert_int_equal(convert_word(&text, &word, &err), 0);
}

/* The definitions that the image ships must be without a mistake. */
static void load_builtin(struct fixture *f)
{
	const struct body_env env = { .version = "v9", .kernel = "6.1" };
	struct buf AUTO_BUF text = { 0 };
	const struct doc_node *config = NULL;
	struct error err = { 0 };
	AUTO_CLOSE int tree = -1; /* tests run at the root of the source tree */
	size_t n;
	const struct doc_message *m;

	assert_ok(file_root_open(".", &tree, &err), &err);
	assert_ok(file_read(tree, OS_CONFIG, &text, &err), &err);
	assert_ok(doc_yaml(f->pool, OS_CONFIG, buf_text(&text), text.len, &config, &err), &err);
	assert_ok(compose_parse(f->pool, &env, doc_at(config, "rancher.services"), &f->set, &err),
		  &err);
	m = doc_messages(f->pool, &n);
	if (n)
		fail_msg("%u:%u: %s", m[0].origin.line, m[0].origin.column, m[0].text);
}

static void test_builtin_services(void **state)
{
	static const char *const names[] = { "console", "docker", "network", "udev", "syslog",
					     "cron", "logrotate", "ntp" };
	struct fixture *f = *state;

	load_builtin(f);
	assert_int_equal(f->set.n, ARRAY_LEN(names));
	for (size_t i = 0; i < f->set.n; i++) {
		const struct service *s = &f->set.all[i];

		assert_string_equal(s->name, names[i]);
		assert_true(s->system);
		assert_non_null(strstr(s->image, ":v9"));
		assert_true(s->createonly || doc_at(s->create, "HostConfig.RestartPolicy"));
	}
}

/* Nobody gets more than what is written down here. */
static void test_builtin_sandboxes(void **state)
{
	static const char *const privileged[] = { "console", "docker", "udev" };
	struct fixture *f = *state;

	load_builtin(f);
	for (size_t i = 0; i < f->set.n; i++) {
		const struct service *s = &f->set.all[i];
		bool may = false;

		for (size_t k = 0; k < ARRAY_LEN(privileged); k++)
			may |= !strcmp(s->name, privileged[k]);
		assert_int_equal(doc_bool(s->create, "HostConfig.Privileged", false), may);
		if (may)
			continue;
		assert_json(s, "HostConfig.CapDrop", "[\"ALL\"]");
		assert_json(s, "HostConfig.ReadonlyRootfs", "true");
		assert_null(doc_at(s->create, "HostConfig.PidMode"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_keys, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_mistakes_are_named_and_the_rest_is_used,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_messages_have_places, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_services_form, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_unusable, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_one_container_name, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_labels, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_needs, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_carriers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_carriers_read_only, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_env_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_names_of_rancheros, set_up, tear_down),
		cmocka_unit_test(test_words),
		cmocka_unit_test_setup_teardown(test_builtin_services, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_builtin_sandboxes, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
