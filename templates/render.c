/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Renders and publishes.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/file.h"
#include "lib/file_remove.h"
#include "lib/proc.h"
#include "templates/render.h"
#include "templates/template.h"

#define SOURCE_MAX (256u << 10)
#define CHECK_MS 10000
#define CHECK_ARGS 8
#define CANDIDATES "/run/ros/candidate"

static struct file_attr attr_of(const struct render *r, mode_t mode)
{
	return (struct file_attr){ .mode = mode,
				   .uid = r->privileged ? 0 : geteuid(),
				   .gid = r->privileged ? 0 : getegid(),
				   .relaxed = true };
}

/* The template on the machine goes before the built-in copy. */
static int load_source(const struct render *r, const struct target *t, struct buf *ret,
		       struct error *err)
{
	char path[256];
	int code;

	(void)snprintf(path, sizeof(path), TARGET_SOURCES "/%s", t->source);
	*ret = BUF_WITH_LIMIT(SOURCE_MAX);
	code = file_read(r->root, path, ret, err);
	if (code != -ENOENT)
		return code;
	error_reset(err);
	buf_str(ret, t->text);
	return buf_check(ret, err);
}

/* Ask the target's program about a text. Where the program is not, its service does not run. */
static int check_text(const struct render *r, const struct target *t, const struct buf *text,
		      struct error *err)
{
	struct file_attr attr = attr_of(r, 0600);
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(64u << 10);
	const char *argv[CHECK_ARGS + 1] = { NULL };
	char path[128];
	int code;

	if (!file_exists(r->root, t->check[0]))
		return 0;
	(void)snprintf(path, sizeof(path), CANDIDATES "/%s", t->name);
	code = file_publish(r->root, path, buf_text(text), text->len, &attr, NULL, err);
	if (code < 0)
		return code;
	for (int i = 0; i < CHECK_ARGS && t->check[i]; i++)
		argv[i] = strcmp(t->check[i], TARGET_CANDIDATE) ? t->check[i] : path;
	code = proc_run(argv, NULL, CHECK_MS, &out, err);
	(void)!file_remove(r->root, path, NULL, NULL);
	return code < 0 ? error_wrap(err, code, "%s refuses it", argv[0]) : 0;
}

static bool is_same_as_file(const struct render *r, const struct target *t, const struct buf *text)
{
	AUTO_BUF struct buf have = BUF_WITH_LIMIT(BUF_LIMIT);

	return file_read(r->root, t->path, &have, NULL) == 0 && have.len == text->len &&
	       !memcmp(buf_text(&have), buf_text(text), text->len);
}

/* What the defaults give is known to be good. */
static bool is_plain(const struct render *r, const struct target *t, const char *source,
		     const struct buf *text)
{
	AUTO_BUF struct buf plain = { 0 };

	return template_render(t->source, source, r->plain, &plain, NULL) == 0 &&
	       plain.len == text->len && !memcmp(buf_text(&plain), buf_text(text), text->len);
}

static int publish(const struct render *r, const struct target *t, const struct buf *text,
		   bool *changed, struct error *err)
{
	struct file_attr attr = attr_of(r, t->mode);

	if (!r->boot && t->publish == TARGET_IN_PLACE && file_exists(r->root, t->path))
		return file_rewrite(r->root, t->path, buf_text(text), text->len, changed, err);
	return file_publish(r->root, t->path, buf_text(text), text->len, &attr, changed, err);
}

static int render_checked(const struct render *r, const struct target *t, const char *source,
			  struct buf *text, struct error *err)
{
	int code = template_render(t->source, source, r->data, text, err);

	if (code < 0)
		return code;
	if (!t->check || !r->live || is_same_as_file(r, t, text) || is_plain(r, t, source, text))
		return 0;
	return check_text(r, t, text, err);
}

/* Nothing good is there yet: better the defaults than no file. The failure is told all the same. */
static int fall_back(const struct render *r, const struct target *t, const char *source, int code,
		     bool *changed, struct error *err)
{
	AUTO_BUF struct buf plain = { 0 };

	if (file_exists(r->root, t->path))
		return error_wrap(err, code, "%s stays as it was", t->path);
	if (template_render(t->source, source, r->plain, &plain, NULL) == 0 &&
	    publish(r, t, &plain, changed, NULL) == 0)
		return error_wrap(err, code, "%s is as without configuration", t->path);
	return error_wrap(err, code, "%s is not made", t->path);
}

/* `text` is good without it. The file is no proof: whoever adds has written to it already. */
static int add(const struct render *r, const struct target *t, struct buf *text, struct error *err)
{
	AUTO_BUF struct buf both = BUF_WITH_LIMIT(BUF_LIMIT);
	int code;

	if (!r->addition)
		return 0;
	buf_add(&both, buf_text(text), text->len);
	buf_add(&both, buf_text(r->addition), r->addition->len);
	code = buf_check(&both, err);
	if (code == 0 && t->check && r->live)
		code = check_text(r, t, &both, err);
	if (code < 0)
		return error_wrap(err, code, "what write_files adds is left out");
	buf_done(text);
	*text = both;
	both = (struct buf){ 0 };
	return 0;
}

int render_target(const struct render *r, const struct target *t, bool *changed, struct error *err)
{
	AUTO_BUF struct buf source = { 0 }, text = { 0 };
	int refused, code = load_source(r, t, &source, err);

	*changed = false;
	if (code == 0)
		code = render_checked(r, t, buf_text(&source), &text, err);
	if (code < 0)
		return fall_back(r, t, buf_text(&source), code, changed, err);
	refused = add(r, t, &text, err);
	code = publish(r, t, &text, changed, refused < 0 ? NULL : err);
	return refused < 0 ? refused : code;
}
