/* SPDX-License-Identifier: Apache-2.0 */
/* VMware's channels against a false hypervisor: the backdoor's protocol with checkpoints, cookies,
 * and answers that are cut off, endless or make no sense; vsock's packets; the choice among the
 * ways. */
#include "tests/unit/check.h"
#include "tests/unit/scratch.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "datasource/backdoor.h"
#include "datasource/guestinfo.h"
#include "datasource/vmware_publish.h"
#include "datasource/vmware_redact.h"
#include "datasource/vmware_rpc.h"
#include "datasource/vmware_vsock.h"
#include "lib/file.h"

#define MAGIC 0x564d5868u

enum status { SUCCESS = 1, DORECV = 2, CHECKPOINT = 0x10, TIMEOUT = 0x40 };

/* A hypervisor with one channel and one key. */
struct hypervisor {
	const char *reply; /* to every request */
	size_t reply_len;
	bool knows_no_cookies;
	bool is_absent; /* the port leads nowhere */
	bool refuses_open;
	int checkpoints_send; /* so many messages are forgotten in the middle */
	int checkpoints_receive;
	int silent;      /* so many looks for a reply find none; -1: all */
	uint32_t claims; /* the size that it says, when not 0 */
	bool wrong_type; /* the size of the reply comes with another type */
	bool times_out;
	/* What goes on. */
	bool is_open;
	char request[1024];
	uint32_t size, got, sent;
	int opened, closed, accesses, statuses, refused;
	int refusals; /* of a reply, while bytes of it are left */
};

static uint32_t status(struct backdoor_regs *r, unsigned s)
{
	r->cx = (r->cx & 0xffff) | s << 16;
	return s;
}

static void on_open(struct hypervisor *h, struct backdoor_regs *r)
{
	bool cookie = r->bx & 0x80000000u;

	assert_int_equal(r->bx & 0x7fffffff, 0x49435052);
	if (h->refuses_open || (cookie && h->knows_no_cookies)) {
		status(r, 0);
		return;
	}
	status(r, SUCCESS);
	r->dx = 7u << 16;
	r->si = cookie ? 0xc0ffee : 0;
	r->di = cookie ? 0xdecaf : 0;
	h->is_open = true;
	h->opened++;
}

static bool has_cookies(const struct hypervisor *h, const struct backdoor_regs *r)
{
	return h->knows_no_cookies ? r->si == 0 && r->di == 0
				   : r->si == 0xc0ffee && r->di == 0xdecaf;
}

static void on_send(struct hypervisor *h, struct backdoor_regs *r)
{
	assert_true(h->got < h->size);
	if (h->checkpoints_send && h->got >= 4) {
		h->checkpoints_send--;
		status(r, CHECKPOINT);
		return;
	}
	for (int i = 0; i < 4 && h->got < h->size && h->got < sizeof(h->request) - 1; i++)
		h->request[h->got++] = (char)(r->bx >> 8 * i);
	h->request[h->got] = '\0';
	status(r, SUCCESS);
}

static void on_size(struct hypervisor *h, struct backdoor_regs *r)
{
	h->sent = 0;
	if (h->times_out) {
		status(r, TIMEOUT);
		return;
	}
	if (h->silent) {
		h->silent -= h->silent > 0;
		status(r, SUCCESS);
		return;
	}
	status(r, SUCCESS | DORECV);
	r->dx = (h->wrong_type ? 5u : 1u) << 16;
	r->bx = h->claims ? h->claims : (uint32_t)h->reply_len;
}

static void on_receive(struct hypervisor *h, struct backdoor_regs *r)
{
	if (r->bx == 0) {
		h->refusals++;
		status(r, SUCCESS);
		return;
	}
	assert_int_equal(r->bx, SUCCESS);
	if (h->checkpoints_receive && h->sent >= 4) {
		h->checkpoints_receive--;
		status(r, CHECKPOINT);
		return;
	}
	status(r, SUCCESS);
	/* What lies beyond the reply is no payload. */
	r->dx = (h->sent < h->reply_len || h->claims > 1000000 ? 2u : 0u) << 16;
	r->bx = 0;
	for (int i = 0; i < 4 && h->sent < h->reply_len; i++)
		r->bx |= (uint32_t)(unsigned char)h->reply[h->sent++] << 8 * i;
}

static void on_message(struct hypervisor *h, struct backdoor_regs *r)
{
	unsigned step = r->cx >> 16;

	if (step == 0) {
		on_open(h, r);
		return;
	}
	if (!h->is_open || r->dx >> 16 != 7 || !has_cookies(h, r)) {
		h->refused++;
		status(r, 0);
		return;
	}
	status(r, SUCCESS);
	if (step == 1) {
		h->size = r->bx;
		h->got = 0;
	} else if (step == 2) {
		on_send(h, r);
	} else if (step == 3) {
		on_size(h, r);
	} else if (step == 4) {
		on_receive(h, r);
	} else if (step == 5) {
		/* Where it was cut off there is nothing whose end could be told. */
		assert_true(h->sent >= h->reply_len);
		h->statuses += r->bx == SUCCESS;
	} else {
		h->is_open = false;
		h->closed++;
	}
}

static void port_in(void *arg, struct backdoor_regs *r)
{
	struct hypervisor *h = arg;

	h->accesses++;
	assert_int_equal(r->ax, MAGIC);
	assert_int_equal(r->dx & 0xffff, 0x5658);
	if (h->is_absent) {
		r->ax = 0xffffffff;
		return;
	}
	if ((r->cx & 0xffff) == 10) {
		r->ax = 6;
		r->bx = MAGIC;
		return;
	}
	assert_int_equal(r->cx & 0xffff, 0x1e);
	on_message(h, r);
}

static struct hypervisor answering(const char *reply)
{
	return (struct hypervisor){ .reply = reply, .reply_len = strlen(reply) };
}

static int call(struct hypervisor *h, const char *request, int timeout_ms, struct buf *reply,
		struct error *err)
{
	const struct backdoor_port port = { .in = port_in, .arg = h };
	int r = backdoor_call(&port, request, strlen(request), timeout_ms, reply, err);

	/* Whatever happens, the channel is given back. */
	assert_int_equal(h->opened, h->closed);
	return r;
}

static void test_knock(void **state)
{
	struct hypervisor there = answering(""), absent = { .is_absent = true };
	const struct backdoor_port a = { .in = port_in, .arg = &there };
	const struct backdoor_port b = { .in = port_in, .arg = &absent };
	struct error err = { 0 };

	(void)state;
	assert_ok(backdoor_knock(&a, &err), &err);
	assert_int_equal(backdoor_knock(&b, &err), -ENODATA);
}

/* Requests and replies of every length modulo four. */
static void test_lengths(void **state)
{
	static const char request[] = "info-get guestinfo.abcdefgh", reply[] = "1 abcdefghijk";

	(void)state;
	for (size_t n = 1; n < 13; n++) {
		struct hypervisor h = { .reply = reply, .reply_len = n };
		AUTO_BUF struct buf got = { 0 };
		struct error err = { 0 };
		char text[64];

		(void)snprintf(text, sizeof(text), "%.*s", (int)(14 + n), request);
		assert_ok(call(&h, text, 1000, &got, &err), &err);
		assert_string_equal(h.request, text);
		assert_int_equal(got.len, n);
		assert_memory_equal(got.data, reply, n);
		assert_int_equal(h.statuses, 1);
	}
}

static void test_checkpoints(void **state)
{
	struct hypervisor h = answering("1 the value");
	AUTO_BUF struct buf got = { 0 };
	struct error err = { 0 };

	(void)state;
	h.checkpoints_send = 2;
	h.checkpoints_receive = 3;
	h.silent = 2;
	assert_ok(call(&h, "info-get guestinfo.x", 1000, &got, &err), &err);
	assert_string_equal(h.request, "info-get guestinfo.x");
	assert_string_equal(buf_text(&got), "1 the value");
	/* What a checkpoint forgot is not refused: that would be taken for the next one's. */
	assert_int_equal(h.refusals, 0);
	assert_int_equal(h.statuses, 1);
	/* One that never ends to be interrupted is given up. */
	h = answering("1 the value");
	h.checkpoints_receive = 1000;
	assert_int_equal(call(&h, "info-get guestinfo.x", 1000, &got, &err), -EAGAIN);
	assert_string_equal(buf_text(&got), "1 the value");
}

static void test_old_hypervisor(void **state)
{
	struct hypervisor h = answering("1 v");
	AUTO_BUF struct buf got = { 0 };
	struct error err = { 0 };

	(void)state;
	h.knows_no_cookies = true;
	assert_ok(call(&h, "info-get guestinfo.x", 1000, &got, &err), &err);
	assert_string_equal(buf_text(&got), "1 v");
	assert_int_equal(h.refused, 0);
}

static void test_failures(void **state)
{
	AUTO_BUF struct buf got = { 0 };
	AUTO_BUF struct buf huge = { 0 };
	struct hypervisor h = { .refuses_open = true };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(call(&h, "x", 1000, &got, &err), -EPROTO);
	h = answering("1 v");
	h.silent = -1;
	assert_int_equal(call(&h, "x", 30, &got, &err), -ETIMEDOUT);
	h = answering("1 v");
	h.times_out = true;
	assert_int_equal(call(&h, "x", 1000, &got, &err), -ETIMEDOUT);
	h = answering("1 v");
	h.wrong_type = true;
	assert_int_equal(call(&h, "x", 1000, &got, &err), -EPROTO);
	/* It promises more than it has. */
	h = answering("1 v");
	h.claims = 100;
	assert_int_equal(call(&h, "x", 1000, &got, &err), -EPROTO);
	assert_string_equal(err.msg, "VMware's backdoor: the reply is cut off");
	assert_int_equal(h.refusals, 1);
	h = answering("1 v");
	h.claims = 0x7fffffff;
	assert_int_equal(call(&h, "x", 1000, &got, &err), -E2BIG);
	assert_int_equal(got.len, 0);
	for (int i = 0; i < 70000; i++)
		buf_char(&huge, 'x');
	h = answering("1 v");
	assert_int_equal(call(&h, buf_text(&huge), 1000, &got, &err), -E2BIG);
	assert_int_equal(h.accesses, 0);
}

/* Noise in all registers is an error or a reply within the limits, and it ends. */
static void noise_in(void *arg, struct backdoor_regs *r)
{
	uint32_t *seed = arg, *all[] = { &r->ax, &r->bx, &r->cx, &r->dx, &r->si, &r->di };

	for (size_t i = 0; i < ARRAY_LEN(all); i++) {
		*seed = *seed * 1103515245 + 12345;
		*all[i] = *seed >> 8 & (i == 1 ? 0xfff : 0xffffff);
	}
	/* Mostly success, so that it comes far. */
	r->cx |= (*seed & 0x70 ? SUCCESS | DORECV : 0) << 16;
	r->dx = (r->dx & 0xffff) | (*seed >> 28 & 3) << 16;
}

static void test_noise(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 3000; i++) {
		uint32_t seed = i;
		const struct backdoor_port port = { .in = noise_in, .arg = &seed };
		AUTO_BUF struct buf got = { 0 };
		int r = backdoor_call(&port, "info-get guestinfo.x", 20, 20, &got, NULL);

		assert_true(r <= 0 && got.len <= BACKDOOR_REPLY_MAX);
	}
}

/* --- commands --- */

static int get(struct hypervisor *h, const char *key, struct buf *ret, struct error *err)
{
	const struct backdoor_port port = { .in = port_in, .arg = h };
	AUTO_VMWARE_RPC struct vmware_rpc rpc;

	vmware_rpc_open(&rpc, &port, VMWARE_RPC_BACKDOOR);
	return vmware_rpc_get(&rpc, key, ret, err);
}

static void test_get(void **state)
{
	static const struct {
		const char *reply;
		int result;
		const char *value;
	} cases[] = {
		{ "1 value", 0, "value" },
		{ "1 ", 0, "" },
		{ "1", 0, "" },
		{ "1  two  ", 0, " two  " },
		{ "0 No value found", -ENODATA, "" },
		{ "0 ", -ENODATA, "" },
		{ "0 Unknown command", -EPROTO, "" },
		{ "nonsense", -EPROTO, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct hypervisor h = answering(cases[i].reply);
		AUTO_BUF struct buf got = { 0 };
		struct error err = { 0 };

		assert_int_equal(get(&h, "metadata", &got, &err), cases[i].result);
		assert_string_equal(buf_text(&got), cases[i].value);
		assert_string_equal(h.request, "info-get guestinfo.metadata");
	}
}

/* Where the backdoor is closed, and nothing else is there, the key is not said to be missing. */
static void test_denied(void **state)
{
	struct hypervisor h = answering("0 Permission denied"), absent = { .is_absent = true };
	AUTO_BUF struct buf got = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(get(&h, "metadata", &got, &err), -ENXIO);
	assert_non_null(strstr(err.msg, "Permission denied"));
	assert_int_equal(get(&absent, "metadata", &got, &err), -ENXIO);
	assert_int_equal(absent.opened, 0);
}

/* Where the hypervisor's own ways are closed, VMware's tool is asked, which says "No value found"
 * by failing. */
static void test_tool(void **state)
{
	static const char script[] =
		"#!/bin/sh\ncase \"$1\" in\n'info-get guestinfo.metadata') echo 'a value' ;;\n"
		"'info-get guestinfo.lines') printf 'two\\nlines\\n' ;;\n"
		"'info-set guestinfo.userdata ---') ;;\n"
		"'info-get guestinfo.broken') echo oops >&2; exit 3 ;;\n"
		"*) echo 'No value found' >&2; exit 1 ;;\nesac\n";
	static const struct {
		const char *key;
		int result;
		const char *value;
	} cases[] = {
		{ "metadata", 0, "a value" },
		{ "lines", 0, "two\nlines" },
		{ "userdata", -ENODATA, "" },
		{ "broken", -ENXIO, "" },
	};
	AUTO_SCRATCH struct scratch dir = scratch_make();
	const struct file_attr attr = { .mode = 0755, .uid = geteuid(), .gid = getegid() };
	struct error err = { 0 };
	char path[128];

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/rpctool", dir.path);
	assert_ok(file_publish(FILE_ROOT, path, script, strlen(script), &attr, NULL, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct hypervisor h = answering("0 Permission denied");
		const struct backdoor_port port = { .in = port_in, .arg = &h };
		AUTO_VMWARE_RPC struct vmware_rpc rpc;
		AUTO_BUF struct buf got = { 0 };

		vmware_rpc_open(&rpc, &port, VMWARE_RPC_TOOL);
		rpc.tool = path;
		assert_int_equal(vmware_rpc_get(&rpc, cases[i].key, &got, &err), cases[i].result);
		assert_string_equal(buf_text(&got), cases[i].value);
		if (i == 0) {
			assert_int_equal(rpc.way, VMWARE_RPC_TOOL);
			assert_ok(vmware_rpc_set(&rpc, "userdata", "---", &err), &err);
		}
	}
}

static void test_set(void **state)
{
	struct hypervisor h = answering("1 ");
	const struct backdoor_port port = { .in = port_in, .arg = &h };
	AUTO_VMWARE_RPC struct vmware_rpc rpc;
	struct error err = { 0 };

	(void)state;
	vmware_rpc_open(&rpc, &port, VMWARE_RPC_BACKDOOR);
	assert_ok(vmware_rpc_set(&rpc, "userdata", "---", &err), &err);
	assert_string_equal(h.request, "info-set guestinfo.userdata ---");
}

/* Every value that is known is set, and no other. */
static void test_publish(void **state)
{
	static const struct vmware_publish p = { .hostname = "esx", .ipv6 = "fd00::5" };
	struct hypervisor h = answering("1 ");
	const struct backdoor_port port = { .in = port_in, .arg = &h };
	AUTO_VMWARE_RPC struct vmware_rpc rpc;
	struct vmware_publish own;
	struct error err = { 0 };

	(void)state;
	vmware_rpc_open(&rpc, &port, VMWARE_RPC_BACKDOOR);
	assert_ok(vmware_publish_send(&rpc, &p, &err), &err);
	assert_int_equal(h.opened, 2);
	assert_string_equal(h.request, "info-set guestinfo.local-ipv6 fd00::5");
	h = answering("0 Read only");
	assert_int_equal(vmware_publish_send(&rpc, &p, &err), -EPROTO);
	vmware_publish_gather(&own);
	assert_true(own.hostname[0] != '\0');
}

/* What the metadata list, and nothing else, is overwritten; with it, what the OVF environment
 * holds. */
static void test_redact(void **state)
{
	static const char ovf[] = "<Environment xmlns='" OVF_ENV_NS "' xmlns:o='" OVF_ENV_NS "'>"
				  "<PropertySection><Property o:key='a' o:value='b'/>"
				  "<Property o:key='user-data' o:value='s'/></PropertySection>"
				  "</Environment>";
	static const char *const lists[] = { "redact: [userdata]",
					     "cleanup-guestinfo: [vendordata]",
					     "redact: userdata", "redact: []", "redact: other",
					     "{}", "all: of them" };
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf text = { 0 };
	struct error err = { 0 };
	struct ovf_env env;

	(void)state;
	buf_str(&text, ovf);
	assert_ok(doc_pool_new(&p, &err), &err);
	assert_ok(ovf_env_parse(p, "t", ovf, strlen(ovf), &env, &err), &err);
	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		struct hypervisor h = answering("1 ");
		const struct backdoor_port port = { .in = port_in, .arg = &h };
		AUTO_VMWARE_RPC struct vmware_rpc rpc;
		const struct doc_node *meta;

		vmware_rpc_open(&rpc, &port, VMWARE_RPC_BACKDOOR);
		assert_ok(doc_yaml(p, "m", lists[i], strlen(lists[i]), &meta, &err), &err);
		assert_ok(vmware_redact(&rpc, meta, i == 6, NULL, NULL, &err), &err);
		assert_int_equal(h.opened, i < 3 ? 2 : i == 6 ? 8 : 0);
		assert_string_equal(h.request, i == 6  ? "info-set guestinfo.coreos.config.data."
							 "encoding  "
					       : i == 1 ? "info-set guestinfo.vendordata.encoding  "
					       : i < 3 ? "info-set guestinfo.userdata.encoding  "
						       : "");
		assert_ok(vmware_redact(&rpc, meta, i == 6, &env, &text, &err), &err);
		if (i < 3 || i == 6)
			assert_int_equal(strncmp(h.request, "info-set guestinfo.ovfEnv <Env", 30),
					 0);
		assert_null(strstr(h.request, "user-data"));
	}
}

/* --- vsock --- */

#define PEER_MS 20000

struct peer {
	int fd;
	const char *reply;
	size_t len, step; /* it sends so many bytes at a time */
	bool stays;       /* does not close when all is sent */
	char got[256];
	size_t n_got;
};

static void *run_peer(void *arg)
{
	struct peer *p = arg;
	ssize_t n = read(p->fd, p->got, sizeof(p->got));

	p->n_got = n > 0 ? (size_t)n : 0;
	for (size_t at = 0; at < p->len; at += p->step) {
		size_t want = p->len - at < p->step ? p->len - at : p->step;

		if (send(p->fd, p->reply + at, want, MSG_NOSIGNAL) < 0)
			break;
	}
	if (!p->stays)
		(void)shutdown(p->fd, SHUT_WR);
	return NULL;
}

static int call_peer(struct peer *p, struct buf *reply, struct error *err)
{
	int fds[2], r;
	pthread_t t;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	p->fd = fds[1];
	assert_int_equal(pthread_create(&t, NULL, run_peer, p), 0);
	r = vmware_vsock_call(fds[0], "info-get x", 10, p->stays ? 200 : PEER_MS, reply, err);
	(void)pthread_join(t, NULL);
	(void)close(fds[0]);
	(void)close(fds[1]);
	return r;
}

#define PACKET(s) .reply = (s), .len = sizeof(s) - 1

static void test_vsock(void **state)
{
	static const char wanted[] = "\0\0\0\x26\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\0"
				     "\0\0\0\2\0\0\0\2\0\0\0\x0ainfo-get x";
	struct peer p = { PACKET("\0\0\0\x1f\0\0\0\1\0\0\0\1\0\0\0\1\0\0\0\0"
				 "\0\0\0\2\0\0\0\2\0\0\0\3"
				 "1 v"),
			  .step = 100 };
	AUTO_BUF struct buf got = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_ok(call_peer(&p, &got, &err), &err);
	assert_string_equal(buf_text(&got), "1 v");
	assert_int_equal(p.n_got, sizeof(wanted) - 1);
	assert_memory_equal(p.got, wanted, sizeof(wanted) - 1);
	buf_reset(&got);
	p.step = 1;
	assert_ok(call_peer(&p, &got, &err), &err);
	assert_string_equal(buf_text(&got), "1 v");
}

static void test_vsock_failures(void **state)
{
	static struct {
		struct peer p;
		int result;
	} cases[] = {
		{ { PACKET(""), .step = 9 }, -EPROTO },
		{ { PACKET(""), .step = 9, .stays = true }, -ETIMEDOUT },
		{ { PACKET("\0\0\0\x10\0\0"), .step = 9 }, -EPROTO },
		{ { PACKET("\0\0\0\0"), .step = 9 }, -EPROTO },
		{ { PACKET("\x7f\0\0\0"), .step = 9 }, -E2BIG },
		/* A text that is longer than the packet; an unknown type; no payload. */
		{ { PACKET("\0\0\0\x0c\0\0\0\2\0\0\0\2\xff\xff\xff\xff"), .step = 9 }, -EPROTO },
		{ { PACKET("\0\0\0\x0c\0\0\0\3\0\0\0\2\0\0\0\0"), .step = 9 }, -EPROTO },
		{ { PACKET("\0\0\0\x10\0\0\0\1\0\0\0\2\0\0\0\0\0\0\0\0"), .step = 9 }, -EPROTO },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		AUTO_BUF struct buf got = { 0 };
		struct error err = { 0 };
		int r = call_peer(&cases[i].p, &got, &err);

		if (r != cases[i].result)
			fail_msg("case %zu: %d: %s", i, r, err.msg);
		assert_int_equal(got.len, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_knock),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_checkpoints),
		cmocka_unit_test(test_old_hypervisor),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_noise),
		cmocka_unit_test(test_get),
		cmocka_unit_test(test_denied),
		cmocka_unit_test(test_tool),
		cmocka_unit_test(test_set),
		cmocka_unit_test(test_publish),
		cmocka_unit_test(test_redact),
		cmocka_unit_test(test_vsock),
		cmocka_unit_test(test_vsock_failures),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
