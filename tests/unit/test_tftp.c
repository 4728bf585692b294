/* SPDX-License-Identifier: Apache-2.0 */
/* TFTP against a server on loopback that is as it should be, and against others. */
#include "tests/unit/check.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "datasource/registry.h"
#include "lib/clock.h"

#define BLOCK 512
#define SERVER_SECONDS 60
#define LONG_MS 20000

enum how {
	FINE,
	NOT_FOUND, /* an error with more than one line in it */
	SILENT,
	TWICE,	   /* each block comes twice */
	STRANGER,  /* somebody else answers in between */
	LOST,	   /* the first block is lost once */
	ENDLESS,
};

struct server {
	int fd, port;
	pid_t pid;
};

/* Block n of a file whose bytes are 'a'; how long it is. */
static size_t make_block(unsigned char *p, unsigned n, size_t left)
{
	size_t len = left < BLOCK ? left : BLOCK;

	p[0] = 0;
	p[1] = 3;
	p[2] = (unsigned char)(n >> 8);
	p[3] = (unsigned char)n;
	memset(p + 4, 'a', len);
	return 4 + len;
}

static void answer(int fd, enum how how, size_t size, const struct sockaddr_in *to)
{
	static const unsigned char error[] = "\0\5\0\1no\nsuch\033file";
	unsigned char p[4 + BLOCK], ack[600];
	int stranger = socket(AF_INET, SOCK_DGRAM, 0);

	if (how == NOT_FOUND)
		(void)!sendto(fd, error, sizeof(error), 0, (const void *)to, sizeof(*to));
	if (how == NOT_FOUND || how == SILENT)
		return;
	for (unsigned n = 1;; n++) {
		size_t len = make_block(p, n, how == ENDLESS ? BLOCK : size);

		if (how == LOST && n == 1)
			(void)recv(fd, ack, sizeof(ack), 0); /* the request once more */
		(void)!sendto(fd, p, len, 0, (const void *)to, sizeof(*to));
		if (how == TWICE)
			(void)!sendto(fd, p, len, 0, (const void *)to, sizeof(*to));
		p[4] = 'b';
		if (how == STRANGER && n > 1)
			(void)!sendto(stranger, p, len, 0, (const void *)to, sizeof(*to));
		do {
			if (recv(fd, ack, sizeof(ack), 0) < 4)
				_exit(1);
		} while (ack[1] != 4 || (ack[2] << 8 | ack[3]) != (int)(n & 0xffff));
		if (len < 4 + BLOCK)
			return;
		size -= how == ENDLESS ? 0 : BLOCK;
	}
}

static struct server server_start(enum how how, size_t size)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct server s = { .fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) };
	socklen_t len = sizeof(sa);

	assert_int_equal(bind(s.fd, (struct sockaddr *)&sa, len), 0);
	assert_int_equal(getsockname(s.fd, (struct sockaddr *)&sa, &len), 0);
	s.port = ntohs(sa.sin_port);
	s.pid = fork();
	if (s.pid)
		return s;
	(void)alarm(SERVER_SECONDS);
	for (;;) {
		unsigned char request[600];

		len = sizeof(sa);
		if (recvfrom(s.fd, request, sizeof(request), 0, (struct sockaddr *)&sa, &len) < 4)
			_exit(1);
		if (!memcmp(request, "\0\1dir/file\0octet", 16))
			answer(s.fd, how, size, &sa);
	}
}

static void server_stop(struct server *s)
{
	(void)kill(s->pid, SIGKILL);
	(void)waitpid(s->pid, NULL, 0);
	(void)close(s->fd);
}
#define AUTO_SERVER __attribute__((cleanup(server_stop)))

static int fetch(const struct server *s, int ms, bool allow_loopback,
		 struct datasource_payload *ret, struct error *err)
{
	static struct machine m = { .root = -1 };
	struct datasource_ctx ctx = { .machine = &m, .allow_loopback = allow_loopback,
				      .deadline = clock_ms() + ms };
	char arg[64];

	(void)snprintf(arg, sizeof(arg), "//127.0.0.1:%d/dir/file", s->port);
	ctx.arg = arg;
	return registry_find("tftp", 4)->fetch(&ctx, ret, err);
}

static void test_files(void **state)
{
	static const size_t sizes[] = { 0, 1, BLOCK - 1, BLOCK, 3 * BLOCK + 7 };
	static const enum how hows[] = { FINE, TWICE, STRANGER, LOST };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++)
		for (size_t k = 0; k < ARRAY_LEN(hows); k++) {
			AUTO_SERVER struct server s = server_start(hows[k], sizes[i]);
			AUTO_PAYLOAD struct datasource_payload p = { 0 };
			const struct buf *b = &p.part[DATASOURCE_USER_DATA];
			struct error err = { 0 };

			assert_ok(fetch(&s, LONG_MS, true, &p, &err), &err);
			assert_true(p.has[DATASOURCE_USER_DATA]);
			assert_int_equal(b->len, sizes[i]);
			assert_int_equal(strspn(buf_text(b), "a"), sizes[i]);
		}
}

static void test_failures(void **state)
{
	static const struct {
		enum how how;
		int ms, code;
		const char *says;
	} cases[] = {
		{ NOT_FOUND, LONG_MS, -ENOENT, "the server says: no.such.file" },
		{ SILENT, 300, -ETIMEDOUT, "no answer" },
		{ ENDLESS, SERVER_SECONDS * 1000, -E2BIG, "tftp://127.0.0.1" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_SERVER struct server s = server_start(cases[i].how, 0);
		AUTO_PAYLOAD struct datasource_payload p = { 0 };
		struct error err = { 0 };
		int r = fetch(&s, cases[i].ms, true, &p, &err);

		if (r != cases[i].code || !strstr(err.msg, cases[i].says))
			fail_msg("case %zu: %d %s", i, r, err.msg);
		assert_null(strchr(err.msg, '\n'));
		assert_false(p.has[DATASOURCE_USER_DATA]);
	}
}

static void test_loopback_is_refused(void **state)
{
	AUTO_SERVER struct server s = server_start(FINE, 10);
	AUTO_PAYLOAD struct datasource_payload p = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(fetch(&s, LONG_MS, false, &p, &err), -ECANCELED);
}

static void test_addresses(void **state)
{
	static const char *const bad[] = { "", "host", "host/", "/path", ":69/x", "//", "[::1/x" };
	static struct machine m = { .root = -1 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct datasource_ctx ctx = { .machine = &m, .arg = bad[i],
					      .deadline = clock_ms() + LONG_MS };
		AUTO_PAYLOAD struct datasource_payload p = { 0 };
		struct error err = { 0 };
		int r = registry_find("tftp", 4)->fetch(&ctx, &p, &err);

		if (r != -EINVAL)
			fail_msg("%s: %d %s", bad[i], r, err.msg);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_loopback_is_refused),
		cmocka_unit_test(test_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
