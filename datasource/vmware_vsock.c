/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Speaks to the hypervisor's port 976, as open-vm-tools does: context 0 and a source port below
 * 1024 are lib/rpcChannel/simpleSocket.c's and vsockChannel.c's, the port and the numbers of fields
 * lib/include/vmware/guestrpc/tclodefs.h's, the form of a packet (its length without itself, then
 * type, field and value of each entry; all big-endian, a number's low half first, a text after its
 * length) lib/dataMap/dataMap.c's.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/vm_sockets.h>

#include "datasource/vmware_vsock.h"
#include "lib/clock.h"
#include "lib/scope.h"

#define RPCI_PORT 976u
/* Source ports that only root gets. */
#define LOW_PORT_MAX 1023u
#define LOW_PORT_MIN 512u

#define TYPE_INT64    1u
#define TYPE_STRING   2u
#define FIELD_TYPE    1u
#define FIELD_PAYLOAD 2u
#define PACKET_DATA   1u

/* --- the connection --- */

/* Wait until fd is ready; the deadline is for the whole call. */
static int await(int fd, short events, int64_t deadline, struct error *err)
{
	struct pollfd p = { .fd = fd, .events = events };
	int r;

	do
		r = poll(&p, 1, clock_left_ms(deadline));
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return error_sys(err, errno, "wait for the hypervisor's vsock");
	return r == 0 ? error_set(err, ETIMEDOUT, "the hypervisor's vsock does not answer") : 0;
}

static int connect_from(uint32_t cid, uint32_t port, int64_t deadline, int *ret, struct error *err)
{
	struct sockaddr_vm from = { .svm_family = AF_VSOCK,
				    .svm_cid = VMADDR_CID_ANY,
				    .svm_port = port };
	struct sockaddr_vm to = { .svm_family = AF_VSOCK, .svm_cid = cid, .svm_port = RPCI_PORT };
	AUTO_CLOSE int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int code = 0, r;
	socklen_t len = sizeof(code);

	if (fd < 0)
		return error_sys(err, errno, "vsock");
	if (bind(fd, (const struct sockaddr *)&from, sizeof(from)) < 0)
		return error_sys(err, errno, "vsock: port %u", port);
	if (connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0 && errno != EINPROGRESS)
		return error_sys(err, errno, "vsock: the hypervisor (%u)", cid);
	r = await(fd, POLLOUT, deadline, err);
	if (r < 0)
		return r;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &code, &len) < 0 || code)
		return error_sys(err, code ? code : errno, "vsock: the hypervisor (%u)", cid);
	*ret = TAKE_FD(fd);
	return 0;
}

int vmware_vsock_open(int timeout_ms, int *ret, struct error *err)
{
	/* The hypervisor itself; newer kernels may know it as the host. */
	static const uint32_t cids[] = { VMADDR_CID_HYPERVISOR, VMADDR_CID_HOST };
	int64_t deadline = clock_ms() + timeout_ms;
	int r = -ENODATA;

	for (size_t i = 0; i < ARRAY_LEN(cids); i++)
		for (uint32_t port = LOW_PORT_MAX; port >= LOW_PORT_MIN; port--) {
			r = connect_from(cids[i], port, deadline, ret, err);
			if (r == 0 || r == -ETIMEDOUT)
				return r;
			/* The port is taken, or the other side still keeps it: the next one. */
			if (r != -EADDRINUSE && r != -ECONNRESET)
				break;
		}
	return r;
}

/* --- packets --- */

static void add_u32(struct buf *b, uint32_t n)
{
	n = htonl(n);
	buf_add(b, &n, sizeof(n));
}

static uint32_t get_u32(const char *data)
{
	uint32_t n;

	memcpy(&n, data, sizeof(n));
	return ntohl(n);
}

static void pack(const char *request, size_t len, struct buf *b)
{
	/* What follows the length: a number (low half first), then a text. */
	add_u32(b, (uint32_t)(4 + 4 + 8 + 4 + 4 + 4 + len));
	add_u32(b, TYPE_INT64);
	add_u32(b, FIELD_TYPE);
	add_u32(b, PACKET_DATA);
	add_u32(b, 0);
	add_u32(b, TYPE_STRING);
	add_u32(b, FIELD_PAYLOAD);
	add_u32(b, (uint32_t)len);
	buf_add(b, request, len);
}

static int send_all(int fd, const struct buf *b, int64_t deadline, struct error *err)
{
	for (size_t at = 0; at < b->len;) {
		ssize_t n = send(fd, b->data + at, b->len - at, MSG_NOSIGNAL | MSG_DONTWAIT);
		int r = 0;

		if (n < 0 && errno == EAGAIN)
			r = await(fd, POLLOUT, deadline, err);
		else if (n < 0 && errno != EINTR)
			return error_sys(err, errno, "send to the hypervisor");
		if (r < 0)
			return r;
		at += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int receive(int fd, size_t len, struct buf *b, int64_t deadline, struct error *err)
{
	char piece[4096];

	while (len > 0) {
		size_t want = len < sizeof(piece) ? len : sizeof(piece);
		ssize_t n = recv(fd, piece, want, MSG_DONTWAIT);
		int r = 0;

		if (n < 0 && errno == EAGAIN)
			r = await(fd, POLLIN, deadline, err);
		else if (n < 0 && errno != EINTR)
			return error_sys(err, errno, "receive from the hypervisor");
		else if (n == 0)
			return error_set(err, EPROTO, "the hypervisor's reply is cut off");
		if (r < 0)
			return r;
		if (n > 0) {
			buf_add(b, piece, (size_t)n);
			len -= (size_t)n;
		}
	}
	return buf_check(b, err);
}

/* The size of a field's value, or 0 when it is none that we know or does not fit. */
static size_t value_size(uint32_t type, const char *data, size_t left)
{
	size_t size = 0;

	if (type == TYPE_INT64)
		size = 8;
	else if (type == TYPE_STRING && left >= 4)
		size = 4 + (size_t)get_u32(data);
	return size <= left ? size : 0;
}

static int unpack(const struct buf *b, struct buf *reply, struct error *err)
{
	size_t at = 0;

	while (b->len - at >= 8) {
		uint32_t type = get_u32(b->data + at), id = get_u32(b->data + at + 4);
		size_t size;

		at += 8;
		size = value_size(type, b->data + at, b->len - at);
		if (size == 0)
			break;
		if (type == TYPE_STRING && id == FIELD_PAYLOAD) {
			buf_add(reply, b->data + at + 4, size - 4);
			return buf_check(reply, err);
		}
		at += size;
	}
	return error_set(err, EPROTO, "the hypervisor's reply makes no sense");
}

int vmware_vsock_call(int fd, const char *request, size_t len, int timeout_ms, struct buf *reply,
		      struct error *err)
{
	AUTO_BUF struct buf out = { 0 };
	AUTO_BUF struct buf in = BUF_WITH_LIMIT(VMWARE_VSOCK_MAX);
	int64_t deadline = clock_ms() + timeout_ms;
	uint32_t size;
	int r;

	pack(request, len, &out);
	r = buf_check(&out, err);
	if (r == 0)
		r = send_all(fd, &out, deadline, err);
	if (r == 0)
		r = receive(fd, 4, &in, deadline, err);
	if (r < 0)
		return r;
	size = get_u32(in.data);
	if (size > VMWARE_VSOCK_MAX)
		return error_set(err, E2BIG, "the hypervisor's reply has %u bytes (limit %u)", size,
				 VMWARE_VSOCK_MAX);
	buf_reset(&in);
	r = receive(fd, size, &in, deadline, err);
	return r < 0 ? r : unpack(&in, reply, err);
}
