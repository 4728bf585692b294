/* SPDX-License-Identifier: Apache-2.0 */
/*
 * random_seed: bytes that are stirred into the kernel's pool. They are credited with nothing, since
 * nobody knows where they have been, and nothing waits for them.
 */
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "agent/modules/command.h"
#include "agent/modules/rows.h"
#include "lib/doc/decode.h"
#include "lib/file.h"
#include "lib/pack/pack.h"
#include "lib/scope.h"

#define POOL	   "/dev/urandom"
#define SEED_MAX   (1u << 20)
#define COMMAND_MS 30000

static int decode(const char *encoding, const struct doc_node *n, struct buf *out)
{
	if (!*encoding || !strcasecmp(encoding, "raw")) {
		buf_add(out, n->text, n->len);
		return buf_check(out, NULL);
	}
	if (!strcasecmp(encoding, "base64") || !strcasecmp(encoding, "b64"))
		return decode_base64(n->text, n->len, out);
	if (!strcasecmp(encoding, "gzip") || !strcasecmp(encoding, "gz"))
		return pack_gunzip(n->text, n->len, out);
	return -1;
}

static enum module_result stir(const struct module_ctx *c, const struct doc_node *data,
			       const struct buf *seed)
{
	AUTO_CLOSE int fd = -1;
	struct error err = { 0 };

	if (!c->live)
		return MODULE_SKIPPED;
	if (file_open(c->root, POOL, O_WRONLY, 0, &fd, &err) < 0)
		return module_fail(c, data->origin, "random_seed: %s", err.msg);
	return write(fd, buf_text(seed), seed->len) == (ssize_t)seed->len
		       ? MODULE_CHANGED
		       : module_fail(c, data->origin, "random_seed could not be written");
}

static enum module_result put_data(const struct module_ctx *c, const struct doc_node *map)
{
	const struct doc_node *data = doc_key(map, "data");
	const char *file = doc_str(map, "file", POOL);
	AUTO_BUF struct buf seed = BUF_WITH_LIMIT(SEED_MAX);

	if (!doc_is_scalar(data) || data->kind == DOC_NULL)
		return MODULE_SKIPPED;
	if (decode(doc_str(map, "encoding", ""), data, &seed) < 0)
		return module_fail(c, data->origin,
				   "random_seed.data is not encoded as random_seed.encoding says");
	if (!strcmp(file, POOL) || !strcmp(file, "/dev/random"))
		return stir(c, data, &seed);
	if (*file != '/' || strstr(file, ".."))
		return module_fail(c, map->origin, "random_seed.file must be an absolute path");
	return module_write(c, file, &seed, 0600);
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	const struct doc_node *map = doc_key(c->config, "random_seed");
	const struct doc_node *command = doc_key(map, "command");
	enum module_result result = put_data(c, map);
	struct error err = { 0 };

	if (!command || command->kind == DOC_NULL)
		return result;
	if (!c->live) {
		buf_str(message, "the command needs a running system");
		return result;
	}
	if (command_run(command, COMMAND_MS, &err) == 0)
		return module_worse(result, MODULE_CHANGED);
	if (doc_bool(map, "command_required", false))
		return module_fail(c, command->origin, "random_seed.command: %s", err.msg);
	doc_say(c->pool, false, command->origin, "random_seed.command: %s", err.msg);
	return result;
}

const struct module module_random_seed = {
	.name = "random_seed",
	.apply = apply,
	.frequency = MODULE_INSTANCE,
	.keys = { "random_seed" },
};
