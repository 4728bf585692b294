/* SPDX-License-Identifier: Apache-2.0 */
/* guestinfo: the input's first half is what a false hypervisor says on the backdoor, register by
 * register; the second half are values of keys, as an environment. The first ends with a reply
 * within the limits or an error, the second gives JSON that parses or an error. */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "datasource/backdoor.h"
#include "datasource/guestinfo_data.h"
#include "datasource/vmware_env.h"
#include "lib/scope.h"

struct tape {
	const uint8_t *data;
	size_t size, at;
};

static uint32_t next(struct tape *t)
{
	uint32_t v = 0;

	for (int i = 0; i < 4; i++)
		v = v << 8 | (t->at < t->size ? t->data[t->at++] : 0);
	return v;
}

/* When the tape has ended the hypervisor refuses everything. */
static void port_in(void *arg, struct backdoor_regs *r)
{
	struct tape *t = arg;

	r->bx = next(t);
	r->cx = next(t);
	r->dx = next(t);
	r->si = r->di = next(t);
}

static void try_backdoor(struct tape *t)
{
	const struct backdoor_port port = { .in = port_in, .arg = t };
	AUTO_BUF struct buf reply = { 0 };
	struct error err = { 0 };
	int r = backdoor_call(&port, "info-get guestinfo.metadata", 27, 50, &reply, &err);

	FUZZ_ASSERT(r == 0 || (err.code && err.msg[0] && reply.len == 0));
	FUZZ_ASSERT(reply.len <= BACKDOOR_REPLY_MAX);
}

/* No address is asked here. */
static int get(void *arg, const char *key, struct buf *ret, struct error *err)
{
	if (strstr(key, ".url"))
		return error_set(err, ENODATA, "none");
	return vmware_env_get(arg, key, ret, err);
}

static void try_values(const uint8_t *data, size_t size)
{
	static const struct machine machine = { .root = -1 };
	const struct datasource_ctx ctx = { .machine = &machine };
	AUTO_PAYLOAD struct datasource_payload p = { 0 };
	AUTO_BUF struct buf env = { 0 };
	const struct guestinfo g = { .get = get, .arg = &env };
	AUTO(doc_pool_free) struct doc_pool *pool = NULL;
	const struct buf *net = &p.part[DATASOURCE_NETWORK_CONFIG];
	const struct doc_node *n;
	struct error err = { 0 };

	buf_add(&env, data, size);
	if (guestinfo_data_read(&g, &ctx, "id", &p, &err) < 0) {
		FUZZ_ASSERT(err.code && err.msg[0]);
		return;
	}
	/* What was made of interface.N is JSON; what the metadata hold is theirs. */
	if (p.has[DATASOURCE_NETWORK_CONFIG] &&
	    !strncmp(buf_text(net), "{\"version\":2,\"eth", 17) && doc_pool_new(&pool, NULL) == 0)
		FUZZ_ASSERT(doc_json_parse(pool, "net", buf_text(net), net->len, &n, NULL) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tape t = { .data = data, .size = size / 2 };

	try_backdoor(&t);
	try_values(data + size / 2, size - size / 2);
	return 0;
}
