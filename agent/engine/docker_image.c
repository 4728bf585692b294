/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Owns names of images and the two requests that bring images in. Those answer with status 200
 * first and with one JSON object a line then; a failure is one of those lines.
 */
#include "agent/engine/docker_image.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "lib/doc/decode.h"
#include "lib/file.h"
#include "lib/scope.h"

#define LIST_MS 60000
#define LOAD_MS 600000
/* A progress line is short; what does not fit is not read. */
#define LINE_MAX_BYTES 65536

int docker_image_list(struct engine *e, struct doc_pool *p, const struct doc_node **ret,
		      struct error *err)
{
	const struct engine_call call = { .method = "GET", .path = "/images/json",
					  .timeout_ms = LIST_MS };

	return engine_do(e, &call, p, ret, err);
}

int docker_image_inspect(struct engine *e, struct doc_pool *p, const char *name,
			 const struct doc_node **ret, struct error *err)
{
	struct buf AUTO_BUF path = BUF_WITH_LIMIT(4096);
	struct engine_call call = { .method = "GET", .timeout_ms = LIST_MS };
	int r;

	buf_str(&path, "/images/");
	engine_escape(&path, name, "/:@");
	buf_str(&path, "/json");
	r = buf_check(&path, err);
	call.path = buf_text(&path);
	return r < 0 ? r : engine_do(e, &call, p, ret, err);
}

/* The name without what is understood: docker.io/library/. */
static const char *short_name(const char *name)
{
	static const char *const understood[] = { "docker.io/", "index.docker.io/", "library/" };

	for (size_t i = 0; i < ARRAY_LEN(understood); i++) {
		if (!strncmp(name, understood[i], strlen(understood[i])))
			name += strlen(understood[i]);
	}
	return name;
}

/* What follows the repository's name: ":TAG", "@DIGEST", ":TAG@DIGEST" or nothing. */
static const char *suffix(const char *name)
{
	const char *slash = strrchr(name, '/');
	const char *last = slash ? slash : name;

	return last + strcspn(last, ":@");
}

/* What of a suffix says which image is meant: beside a digest the tag says nothing. */
static const char *version(const char *suffix)
{
	const char *digest = strchr(suffix, '@');

	if (digest)
		return digest;
	return *suffix ? suffix : ":latest";
}

static bool same_image(const char *a, const char *b)
{
	const char *sa, *sb;

	a = short_name(a);
	b = short_name(b);
	sa = suffix(a);
	sb = suffix(b);
	if (sa - a != sb - b || strncmp(a, b, (size_t)(sa - a)) != 0)
		return false;
	return !strcmp(version(sa), version(sb));
}

static bool list_has(const struct doc_node *names, const char *name)
{
	for (size_t i = 0; names && names->kind == DOC_SEQ && i < names->len; i++) {
		if (doc_is_scalar(names->items[i]) && same_image(names->items[i]->text, name))
			return true;
	}
	return false;
}

const struct doc_node *docker_image_find(const struct doc_node *list, const char *name)
{
	for (size_t i = 0; list && list->kind == DOC_SEQ && i < list->len; i++) {
		const struct doc_node *image = list->items[i];

		if (list_has(doc_key(image, "RepoTags"), name) ||
		    list_has(doc_key(image, "RepoDigests"), name) ||
		    !strcmp(doc_str(image, "Id", ""), name))
			return image;
	}
	return NULL;
}

void docker_image_registry(const char *name, char *out, size_t size)
{
	const size_t len = strcspn(name, "/");
	const bool has_dot = memchr(name, '.', len) || memchr(name, ':', len);

	if (name[len] == '/' && len < size &&
	    (has_dot || (len == 9 && !strncmp(name, "localhost", 9))))
		(void)snprintf(out, size, "%.*s", (int)len, name);
	else
		(void)snprintf(out, size, "docker.io");
}

/* Whether a key of registry_auths, a name or URL, means this registry. */
static bool auth_is_for(const char *key, const char *registry)
{
	const char *host = strstr(key, "://");
	size_t len;

	host = host ? host + 3 : key;
	if (!strncmp(host, "index.docker.io", 15))
		host += 6;
	len = strcspn(host, "/");
	return len == strlen(registry) && !strncmp(host, registry, len);
}

static void add_field(struct buf *json, const char *name, const char *value)
{
	if (!value || !*value)
		return;
	buf_fmt(json, "%c\"%s\":\"", json->len ? ',' : '{', name);
	buf_json(json, value);
	buf_char(json, '"');
}

/* `auth` is base64 of user:password, as in docker's own config.json. */
static void add_user(struct buf *json, const struct doc_node *auth)
{
	const char *packed = doc_str(auth, "auth", NULL);
	struct buf AUTO_BUF plain = BUF_WITH_LIMIT(4096);
	char *colon;

	if (!packed || doc_str(auth, "username", NULL)) {
		add_field(json, "username", doc_str(auth, "username", NULL));
		add_field(json, "password", doc_str(auth, "password", NULL));
		return;
	}
	if (decode_base64(packed, strlen(packed), &plain) < 0 || !plain.data)
		return;
	colon = strchr(plain.data, ':');
	if (!colon)
		return;
	*colon = '\0';
	add_field(json, "username", plain.data);
	add_field(json, "password", colon + 1);
}

void docker_image_auth(const struct doc_node *auths, const char *registry, struct buf *out)
{
	static const char *const more[] = { "email", "identitytoken", "registrytoken" };
	struct buf AUTO_BUF json = BUF_WITH_LIMIT(16384);
	const struct doc_node *auth = NULL;
	const size_t from = out->len;

	for (size_t i = 0; auths && auths->kind == DOC_MAP && i < auths->len; i++) {
		if (auth_is_for(auths->pairs[i].key, registry))
			auth = auths->pairs[i].val;
	}
	if (!auth)
		return;
	add_user(&json, auth);
	for (size_t i = 0; i < ARRAY_LEN(more); i++)
		add_field(&json, more[i], doc_str(auth, more[i], NULL));
	add_field(&json, "serveraddress", doc_str(auth, "serveraddress", registry));
	buf_char(&json, '}');
	decode_to_base64(buf_text(&json), json.len, out);
	for (size_t i = from; i < out->len; i++) {
		if (out->data[i] == '+')
			out->data[i] = '-';
		else if (out->data[i] == '/')
			out->data[i] = '_';
	}
}

struct lines {
	const struct docker_image_pull *pull; /* NULL while loading */
	struct buf line;
	char failure[400]; /* what the daemon said went wrong, "" for nothing */
};

static void take_line(struct lines *l)
{
	struct doc_pool *AUTO(doc_pool_free) p = NULL;
	const struct doc_node *n = NULL;
	const char *text;

	if (doc_pool_new(&p, NULL) < 0 ||
	    doc_json_parse(p, "docker", buf_text(&l->line), l->line.len, &n, NULL) < 0)
		return;
	text = doc_str(n, "errorDetail.message", doc_str(n, "error", NULL));
	if (text)
		(void)snprintf(l->failure, sizeof(l->failure), "%s", text);
	text = doc_str(n, "status", NULL);
	if (text && l->pull && l->pull->progress && !doc_at(n, "progressDetail.current"))
		l->pull->progress(l->pull->arg, text);
}

static bool take_lines(void *arg, const char *data, size_t len)
{
	struct lines *l = arg;

	for (size_t i = 0; i < len; i++) {
		if (data[i] != '\n') {
			buf_char(&l->line, data[i]);
			continue;
		}
		take_line(l);
		buf_reset(&l->line);
	}
	return true;
}

static int stream_lines(struct engine *e, struct engine_stream *s, struct lines *l,
			struct error *err)
{
	int r;

	s->fn = take_lines;
	s->arg = l;
	l->line = BUF_WITH_LIMIT(LINE_MAX_BYTES);
	r = engine_stream(e, s, err);
	if (r == 0 && l->line.len)
		take_line(l);
	buf_done(&l->line);
	if (r == 0 && l->failure[0])
		return error_set(err, EIO, "%s", l->failure);
	return r;
}

int docker_image_load(struct engine *e, int root, const char *path, struct error *err)
{
	struct engine_stream s = { .method = "POST", .path = "/images/load?quiet=1",
				   .timeout_ms = LOAD_MS };
	struct lines l = { 0 };
	AUTO_CLOSE int fd = -1;
	struct stat st;
	void *data;
	int r;

	r = file_open(root, path, O_RDONLY, 0, &fd, err);
	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0 || st.st_size <= 0)
		return error_set(err, ENODATA, "%s: nothing in it", path);
	data = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (data == MAP_FAILED)
		return error_sys(err, errno, "%s", path);
	s.data = data;
	s.len = (size_t)st.st_size;
	r = stream_lines(e, &s, &l, err);
	(void)munmap(data, (size_t)st.st_size);
	return r < 0 ? error_wrap(err, r, "load %s", path) : 0;
}

int docker_image_pull(struct engine *e, const struct docker_image_pull *pull, struct error *err)
{
	struct buf AUTO_BUF path = BUF_WITH_LIMIT(4096);
	struct buf AUTO_BUF header = BUF_WITH_LIMIT(32768);
	const char *headers[] = { NULL, NULL };
	struct engine_stream s = { .method = "POST", .timeout_ms = pull->timeout_ms,
				   .headers = headers };
	struct lines l = { .pull = pull };
	char registry[256];
	size_t empty;
	int r;

	docker_image_registry(pull->name, registry, sizeof(registry));
	buf_str(&path, "/images/create?fromImage=");
	engine_escape(&path, pull->name, "");
	/* Without a tag the daemon would pull all of them. */
	if (!*suffix(pull->name))
		buf_str(&path, "&tag=latest");
	buf_str(&header, "X-Registry-Auth: ");
	empty = header.len;
	docker_image_auth(pull->auths, registry, &header);
	r = buf_check(&path, err);
	if (r == 0)
		r = buf_check(&header, err);
	if (r < 0)
		return r;
	if (header.len > empty)
		headers[0] = buf_text(&header);
	s.path = buf_text(&path);
	r = stream_lines(e, &s, &l, err);
	return r < 0 ? error_wrap(err, r, "pull %s", pull->name) : 0;
}
