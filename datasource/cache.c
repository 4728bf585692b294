/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keeps payloads. The record `current` is published last: it never names an instance without its
 * data.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/types.h>
#include <unistd.h>

#include "datasource/cache.h"
#include "lib/doc/doc.h"
#include "lib/file.h"
#include "lib/file_remove.h"
#include "lib/scope.h"

#define CURRENT CACHE_DIR "/current"
#define RECORD_MAX 4096

/* FNV-1a, 64 bits, from two starting points: ids are no secrets, they only must not collide. */
static uint64_t hash(const char *s, uint64_t h)
{
	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 1099511628211u;
	return h;
}

static bool is_harmless(const char *id)
{
	size_t len = strlen(id);

	if (len == 0 || len > 64 || id[0] == '.')
		return false;
	for (const char *s = id; *s; s++)
		if (!isalnum((unsigned char)*s) && !strchr("._-", *s))
			return false;
	/* "current" is the record's own name, and no id may look like a hash. */
	return strcmp(id, "current") && strncmp(id, "hash-", 5);
}

void cache_name(const char *id, char *ret)
{
	if (is_harmless(id))
		(void)snprintf(ret, CACHE_NAME, "%s", id);
	else
		(void)snprintf(ret, CACHE_NAME, "hash-%016llx%016llx",
			       (unsigned long long)hash(id, 14695981039346656037u),
			       (unsigned long long)hash(id, 1469598103934665603u));
}

static struct file_attr private_file(bool relaxed)
{
	return (struct file_attr){ .mode = 0600,
				   .uid = geteuid(),
				   .gid = getegid(),
				   .relaxed = relaxed };
}

/* *changed is set when something was written, and left alone otherwise. */
static int save_part(int root, const char *name, enum datasource_part part,
		     const struct datasource_payload *p, bool *changed, struct error *err)
{
	bool differs = false;
	int r;

	char path[256];
	struct file_attr attr = private_file(true);

	(void)snprintf(path, sizeof(path), CACHE_DIR "/%s/%s", name, datasource_part_name(part));
	if (p->has[part])
		r = file_publish(root, path, buf_text(&p->part[part]), p->part[part].len, &attr,
				 &differs, err);
	else
		r = file_remove(root, path, &differs, err);
	*changed = *changed || differs;
	return r;
}

/* One wait for the disk instead of one for each file (the caller's layers included). */
static int sync_disk(int root, struct error *err)
{
	AUTO_CLOSE int fd = -1;
	int r = file_open(root, CACHE_DIR, O_RDONLY | O_DIRECTORY, 0, &fd, err);

	if (r < 0)
		return r;
	return syncfs(fd) < 0 ? error_sys(err, errno, "sync the disk") : 0;
}

static void record_line(struct buf *b, const char *key, const char *value, const char *after)
{
	buf_fmt(b, "\"%s\":\"", key);
	buf_json(b, value);
	buf_fmt(b, "\"%s", after);
}

static int save_record(const struct machine *m, const char *id, const char *name,
		       const struct datasource_payload *p, struct error *err)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(RECORD_MAX);
	struct file_attr attr = private_file(false);
	int r;

	buf_char(&b, '{');
	record_line(&b, "datasource", p->source, ",");
	record_line(&b, "where", p->where, ",");
	record_line(&b, "instance_id", id, ",");
	record_line(&b, "directory", name, ",");
	record_line(&b, "product_uuid", m->product_uuid, "}\n");
	r = buf_check(&b, err);
	if (r < 0)
		return r;
	return file_publish(m->root, CURRENT, b.data, b.len, &attr, NULL, err);
}

int cache_save(const struct machine *m, const char *id, const struct datasource_payload *p,
	       struct error *err)
{
	char name[CACHE_NAME], dir[256];
	bool changed = false;
	int r;

	cache_name(id, name);
	(void)snprintf(dir, sizeof(dir), CACHE_DIR "/%s", name);
	r = file_mkdir(m->root, CACHE_DIR, 0700, err);
	if (r == 0)
		r = file_mkdir(m->root, dir, 0700, err);
	for (int i = 0; r == 0 && i < DATASOURCE_N_PARTS; i++)
		r = save_part(m->root, name, i, p, &changed, err);
	if (r == 0 && changed)
		r = sync_disk(m->root, err);
	if (r == 0)
		r = save_record(m, id, name, p, err);
	return r == 0 ? 0 : error_wrap(err, r, "keep the instance's data");
}

int cache_forget(const struct machine *m, struct error *err)
{
	return file_remove(m->root, CURRENT, NULL, err);
}

static int load_parts(int root, const char *name, struct datasource_payload *ret, struct error *err)
{
	for (int i = 0; i < DATASOURCE_N_PARTS; i++) {
		char path[256];
		int r;

		(void)snprintf(path, sizeof(path), CACHE_DIR "/%s/%s", name,
			       datasource_part_name(i));
		ret->part[i] = BUF_WITH_LIMIT(DATASOURCE_FILE_MAX);
		r = file_read(root, path, &ret->part[i], err);
		if (r < 0 && r != -ENOENT)
			return r;
		ret->has[i] = r == 0;
	}
	error_reset(err);
	return 0;
}

static bool is_other_machine(const struct machine *m, const char *uuid)
{
	return m->product_uuid[0] && uuid[0] && strcasecmp(m->product_uuid, uuid);
}

/* The record's directory, checked again: the state disk may have been written by anyone. */
static int load_record(const struct machine *m, struct doc_pool *pool,
		       struct datasource_payload *ret, char *name, struct error *err)
{
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(RECORD_MAX);
	const struct doc_node *record = NULL;
	int r = file_read(m->root, CURRENT, &b, err);

	if (r == -ENOENT)
		return error_set(err, ENODATA, "no instance is remembered");
	if (r == 0)
		r = doc_json_parse(pool, CURRENT, buf_text(&b), b.len, &record, err);
	if (r < 0)
		return r;
	if (is_other_machine(m, doc_str(record, "product_uuid", "")))
		return error_set(
			err, ECANCELED,
			"the remembered instance %.64s is another machine's (a copied disk?): "
			"its data is not used",
			doc_str(record, "instance_id", ""));
	cache_name(doc_str(record, "instance_id", ""), name);
	(void)snprintf(ret->source, sizeof(ret->source), "%s", doc_str(record, "datasource", ""));
	(void)snprintf(ret->where, sizeof(ret->where), "%s", doc_str(record, "where", ""));
	return 0;
}

int cache_load(const struct machine *m, struct datasource_payload *ret, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *pool = NULL;
	char name[CACHE_NAME];
	int r = doc_pool_new(&pool, err);

	if (r == 0)
		r = load_record(m, pool, ret, name, err);
	if (r == 0)
		r = load_parts(m->root, name, ret, err);
	return r;
}
