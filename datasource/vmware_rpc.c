/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sends guestinfo's commands.
 */
#include <errno.h>
#include <string.h>

#include "datasource/vmware_port.h"
#include "datasource/vmware_rpc.h"
#include "datasource/vmware_vsock.h"
#include "lib/file.h"
#include "lib/proc.h"

/* For one command. The hypervisor answers within a millisecond or two. */
#define CALL_MS 2000
#define TOOL    "/usr/bin/vmware-rpctool"
/* Its calls may stall for two seconds: only where the other is missing. */
#define DAEMON "/usr/bin/vmtoolsd"
#define DENIED "Permission denied"

bool vmware_rpc_is_here(const struct machine *m)
{
	return m->root == FILE_ROOT && !strcmp(m->fact[MACHINE_HYPERVISOR], "VMwareVMware");
}

void vmware_rpc_open(struct vmware_rpc *rpc, const struct backdoor_port *port,
		     enum vmware_rpc_way last)
{
	*rpc = (struct vmware_rpc){
		.port = port, .last = last, .fd = -1, .tool = TOOL
	};
}

void vmware_rpc_close(struct vmware_rpc *rpc)
{
	if (rpc->fd >= 0)
		(void)close(rpc->fd);
	rpc->fd = -1;
}

/* --- the ways --- */

static int by_backdoor(const struct vmware_rpc *rpc, const struct buf *command, struct buf *reply,
		       struct error *err)
{
	int r;

	if (!rpc->port)
		return error_set(err, ENODATA, "this processor has no backdoor");
	r = backdoor_knock(rpc->port, err);
	if (r == 0)
		r = backdoor_call(rpc->port, buf_text(command), command->len, CALL_MS, reply, err);
	if (r == 0 && reply->len > 2 && reply->data[0] == '0' && strstr(reply->data, DENIED))
		return error_set(err, EACCES, "the backdoor says: " DENIED);
	return r;
}

static int by_vsock(struct vmware_rpc *rpc, const struct buf *command, struct buf *reply,
		    struct error *err)
{
	int r = rpc->fd < 0 ? vmware_vsock_open(CALL_MS, &rpc->fd, err) : 0;

	if (r == 0)
		r = vmware_vsock_call(rpc->fd, buf_text(command), command->len, CALL_MS, reply,
				      err);
	return r;
}

/* The tools print the value alone, and fail with a line when there is none. */
static int by_tool(const struct vmware_rpc *rpc, const struct buf *command, struct buf *reply,
		   struct error *err)
{
	const char *const tool[] = { rpc->tool, buf_text(command), NULL };
	const char *const daemon[] = { DAEMON, "--cmd", buf_text(command), NULL };
	bool has_tool = file_exists(FILE_ROOT, rpc->tool);
	struct error e = { 0 };
	int r;

	if (!has_tool && !file_exists(FILE_ROOT, DAEMON))
		return error_set(err, ENODATA, "there is no %s", rpc->tool);
	buf_str(reply, "1 ");
	r = proc_run(has_tool ? tool : daemon, NULL, CALL_MS, reply, &e);
	if (r < 0 && strstr(e.msg, "No value found")) {
		buf_reset(reply);
		buf_str(reply, "0 No value found");
		return 0;
	}
	/* The line's end is the tool's. */
	if (r == 0 && reply->len > 2 && reply->data[reply->len - 1] == '\n')
		reply->data[--reply->len] = '\0';
	return r < 0 ? error_set(err, e.code, "%s", e.msg) : 0;
}

/* The way that worked last, and when it does not, the ones after it. */
static int call(struct vmware_rpc *rpc, const struct buf *command, struct buf *reply,
		struct error *err)
{
	struct error first = { 0 };
	int r = -ENODATA;

	for (; rpc->way <= rpc->last; rpc->way++) {
		struct error e = { 0 };

		buf_reset(reply);
		if (rpc->way == VMWARE_RPC_BACKDOOR)
			r = by_backdoor(rpc, command, reply, &e);
		else if (rpc->way == VMWARE_RPC_VSOCK)
			r = by_vsock(rpc, command, reply, &e);
		else
			r = by_tool(rpc, command, reply, &e);
		if (r == 0)
			return 0;
		if (!first.code)
			first = e;
	}
	/* Not -ENODATA, which would mean that the channel works and the key has no value. */
	return error_set(err, ENXIO, "guestinfo cannot be read: %s", first.msg);
}

/* --- the commands --- */

/* Set when a reply is "0 …" for another reason than that there is no value. */
static int judge(const struct buf *reply, const char *key, struct error *err)
{
	const char *text = buf_text(reply);

	if (text[0] == '1')
		return 0;
	if (text[0] == '0' && (reply->len <= 2 || strstr(text, "No value found")))
		return error_set(err, ENODATA, "guestinfo.%s has no value", key);
	return error_set(err, EPROTO, "guestinfo.%s: the hypervisor says: %.64s", key, text);
}

int vmware_rpc_get(void *arg, const char *key, struct buf *ret, struct error *err)
{
	AUTO_BUF struct buf command = { 0 };
	AUTO_BUF struct buf reply = BUF_WITH_LIMIT(BACKDOOR_REPLY_MAX);
	int r;

	buf_fmt(&command, "info-get guestinfo.%s", key);
	r = buf_check(&command, err);
	if (r == 0)
		r = call(arg, &command, &reply, err);
	if (r == 0)
		r = judge(&reply, key, err);
	if (r < 0)
		return r;
	if (reply.len > 2)
		buf_add(ret, reply.data + 2, reply.len - 2);
	return buf_check(ret, err);
}

int vmware_rpc_set(struct vmware_rpc *rpc, const char *key, const char *value, struct error *err)
{
	AUTO_BUF struct buf command = BUF_WITH_LIMIT(BACKDOOR_REQUEST_MAX);
	AUTO_BUF struct buf reply = BUF_WITH_LIMIT(BACKDOOR_REPLY_MAX);
	int r;

	buf_fmt(&command, "info-set guestinfo.%s %s", key, value);
	r = buf_check(&command, err);
	if (r == 0)
		r = call(rpc, &command, &reply, err);
	return r < 0 ? r : judge(&reply, key, err);
}
