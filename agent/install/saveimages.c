/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is written is a stream of the Engine's: no image is held in memory.
 */
#include "agent/install/saveimages.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/config/config.h"
#include "agent/engine/docker_image.h"
#include "agent/service/compose.h"
#include "agent/service/optional.h"
#include "agent/service/preload.h"
#include "lib/file.h"
#include "lib/scope.h"

#define ENGINE_MS 10000
#define PULL_MS   (30 * 60 * 1000)
#define SAVE_MS   (30 * 60 * 1000)

/* --- which --- */

static bool set_has(const struct service_set *set, const char *image)
{
	for (size_t i = 0; i < set->n; i++)
		if (set->all[i].image && !strcmp(set->all[i].image, image))
			return true;
	return false;
}

static void add(struct saveimages_set *set, const char *image)
{
	for (size_t i = 0; i < set->n; i++)
		if (!strcmp(set->names[i], image))
			return;
	if (set->n < SAVEIMAGES_MAX)
		set->names[set->n++] = image;
}

/* The definitions of optional services that come from a server. */
static int fetch_optional(struct saveimages *s, struct error *err)
{
	const struct doc_node *includes = doc_at(s->config, "rancher.services_include");
	const struct module_ctx c = { .root = s->root, .live = true, .pool = s->pool,
				      .config = s->config };
	int r = 0;

	for (size_t i = 0; r == 0 && includes && includes->kind == DOC_MAP && i < includes->len;
	     i++) {
		const struct doc_pair *pair = &includes->pairs[i];
		const char *source;

		if (doc_bool(pair->val, "", false) &&
		    optional_is_missing(s->root, s->config, pair->key))
			r = optional_fetch(&c, pair->key, pair->origin, &source, err);
	}
	return r;
}

static int read_config(struct saveimages *s, const char *where, const struct buf *text,
		       const struct doc_node **ret_own, struct error *err)
{
	const struct doc_node *given = NULL;
	int r = config_read_layer(s->root, s->pool, CONFIG_OS, ret_own, err);

	if (r == -ENOENT) {
		error_reset(err);
		r = 0;
	}
	if (r == 0)
		r = doc_yaml(s->pool, where, buf_text(text), text->len, &given, err);
	if (r < 0)
		return r;
	s->config = *ret_own ? doc_merge(s->pool, *ret_own, given) : given;
	return s->config ? 0 : error_sys(err, ENOMEM, "configuration");
}

int saveimages_list(int root, const char *where, const struct buf *text, struct saveimages *ret,
		    struct error *err)
{
	const struct doc_node *own = NULL;
	struct service_set all = { 0 }, built_in = { 0 };
	int r;

	*ret = (struct saveimages){ .root = root,
				    .system = { .socket = ENGINE_SYSTEM, .dir = PRELOAD_SYSTEM },
				    .user = { .socket = ENGINE_USER, .dir = PRELOAD_USER } };
	r = doc_pool_new(&ret->pool, err);
	if (r == 0)
		r = read_config(ret, where, text, &own, err);
	if (r == 0)
		r = fetch_optional(ret, err);
	if (r == 0)
		r = compose_load(root, ret->pool, own, &built_in, err);
	if (r == 0)
		r = compose_load(root, ret->pool, ret->config, &all, err);
	for (size_t i = 0; r == 0 && i < all.n; i++) {
		const struct service *service = &all.all[i];

		if (service->image && !service->carrier && !set_has(&built_in, service->image))
			add(service->system ? &ret->system : &ret->user, service->image);
	}
	return error_wrap(err, r, "--save");
}

/* --- having them --- */

static int pull_one(struct saveimages *s, struct engine *e, const char *name, FILE *out,
		    struct error *err)
{
	const struct docker_image_pull pull = {
		.name = name,
		.auths = doc_at(s->config, "rancher.registry_auths"),
		.timeout_ms = PULL_MS,
	};

	if (out) {
		(void)fprintf(out, "pulling %s\n", name);
		(void)fflush(out);
	}
	return docker_image_pull(e, &pull, err);
}

static int pull_set(struct saveimages *s, const struct saveimages_set *set, FILE *out,
		    struct error *err)
{
	struct engine *AUTO(engine_free) e = NULL;
	const struct doc_node *here = NULL;
	int r = set->n ? engine_open(set->socket, ENGINE_MS, &e, err) : 0;

	if (r == 0 && set->n)
		r = docker_image_list(e, s->pool, &here, err);
	for (size_t i = 0; r == 0 && i < set->n; i++)
		if (!docker_image_find(here, set->names[i]))
			r = pull_one(s, e, set->names[i], out, err);
	if (r == 0 && set->n)
		r = docker_image_list(e, s->pool, &here, err);
	for (size_t i = 0; r == 0 && i < set->n; i++)
		s->bytes += (uint64_t)doc_int(docker_image_find(here, set->names[i]), "Size", 0);
	return r;
}

int saveimages_pull(struct saveimages *s, FILE *out, struct error *err)
{
	int r = pull_set(s, &s->system, out, err);

	if (r == 0)
		r = pull_set(s, &s->user, out, err);
	return error_wrap(err, r, "--save");
}

/* --- writing them --- */

struct sink {
	int fd, failed;
};

static bool take(void *arg, const char *data, size_t len)
{
	struct sink *s = arg;

	while (len > 0) {
		ssize_t n = write(s->fd, data, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			s->failed = errno;
			return false;
		}
		data += n;
		len -= (size_t)n;
	}
	return true;
}

static int export_set(const struct saveimages_set *set, struct sink *sink, struct error *err)
{
	struct engine *AUTO(engine_free) e = NULL;
	AUTO_BUF struct buf path = BUF_WITH_LIMIT(SAVEIMAGES_MAX * 1024);
	struct engine_stream stream = { .method = "GET", .timeout_ms = SAVE_MS, .fn = take,
					.arg = sink };
	int r;

	buf_str(&path, "/images/get");
	for (size_t i = 0; i < set->n; i++) {
		buf_fmt(&path, "%cnames=", i ? '&' : '?');
		engine_escape(&path, set->names[i], "");
	}
	r = buf_check(&path, err);
	stream.path = buf_text(&path);
	if (r == 0)
		r = engine_open(set->socket, ENGINE_MS, &e, err);
	if (r == 0)
		r = engine_stream(e, &stream, err);
	return sink->failed ? error_sys(err, sink->failed, "write") : r;
}

static int write_set(int state, const struct saveimages_set *set, struct error *err)
{
	AUTO_CLOSE int fd = -1;
	struct sink sink = { 0 };
	char path[PATH_MAX];
	int r;

	if (!set->n)
		return 0;
	(void)snprintf(path, sizeof(path), "%s/" SAVEIMAGES_ARCHIVE, set->dir);
	r = file_mkdir(state, set->dir, 0755, err);
	if (r == 0)
		r = file_open(state, path, O_WRONLY | O_CREAT | O_TRUNC, 0644, &fd, err);
	sink.fd = fd;
	if (r == 0)
		r = export_set(set, &sink, err);
	if (r == 0 && fsync(fd) < 0)
		r = error_sys(err, errno, "flush");
	return error_wrap(err, r, "%s", path);
}

static int copy_optional(const struct saveimages *s, int state, struct error *err)
{
	const struct doc_node *includes = doc_at(s->config, "rancher.services_include");
	const struct file_attr attr = { .mode = 0600, .uid = geteuid(), .gid = getegid() };
	int r = 0;

	for (size_t i = 0; r == 0 && includes && includes->kind == DOC_MAP && i < includes->len;
	     i++) {
		AUTO_BUF struct buf text = BUF_WITH_LIMIT(OPTIONAL_MAX + 8192);
		const char *path = NULL;

		if (doc_bool(includes->pairs[i].val, "", false))
			path = optional_kept(s->root, s->pool, s->config, includes->pairs[i].key);
		if (!path)
			continue;
		r = file_read(s->root, path, &text, err);
		if (r == 0)
			r = file_publish(state, path, text.data, text.len, &attr, NULL, err);
	}
	return r;
}

int saveimages_write(void *arg, const char *dir, struct error *err)
{
	const struct saveimages *s = arg;
	AUTO_CLOSE int state = -1;
	int r = file_mkdir(FILE_ROOT, dir, 0755, err);

	if (r == 0)
		r = file_root_open(dir, &state, err);
	if (r == 0)
		r = write_set(state, &s->system, err);
	if (r == 0)
		r = write_set(state, &s->user, err);
	return r < 0 ? r : copy_optional(s, state, err);
}

void saveimages_done(struct saveimages *s)
{
	doc_pool_free(s->pool);
	s->pool = NULL;
}
