/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of the agent's work.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "agent/apply/apply.h"
#include "agent/apply/keep.h"
#include "agent/apply/view.h"
#include "agent/config/config.h"
#include "agent/modules/rows.h"
#include "agent/modules/written.h"
#include "agent/userdata/filespec.h"
#include "lib/clock.h"
#include "lib/doc/tree.h"
#include "lib/file.h"
#include "lib/journal.h"
#include "templates/render.h"

#define CONFIG_JSON "/run/ros/config.json"

static void tell(const struct apply *a, enum journal_kind kind, const struct apply_row *row,
		 int64_t ms)
{
	char unit[64], text[200];
	struct journal_event ev = { .kind = kind, .unit = unit, .text = text, .ms = ms };

	if (!a->boot)
		return;
	(void)snprintf(unit, sizeof(unit), "agent/%s", row->name);
	(void)snprintf(text, sizeof(text), "%s%s%s", module_result_name(row->result),
		       row->message[0] ? ": " : "", row->message);
	ev.code = row->result == MODULE_FAILED ? EIO : 0;
	/* The journal is no reason to stop. */
	(void)!journal_append(&ev, NULL);
}

static struct apply_row *add_row(struct apply *a, const char *name)
{
	struct apply_row *row = &a->rows[a->n_rows < APPLY_ROWS ? a->n_rows++ : APPLY_ROWS - 1];

	*row = (struct apply_row){ .name = name };
	return row;
}

static void run_modules(struct apply *a, struct buf *unwritten)
{
	struct module_ctx c = { .root = a->root, .live = a->live, .boot = a->boot,
				.privileged = geteuid() == 0, .pool = a->pool, .config = a->config,
				.allow_loopback = a->allow_loopback, .instance = &a->instance,
				.unwritten = unwritten };

	for (const struct module *const *m = rows_all; *m; m++) {
		AUTO_BUF struct buf message = BUF_WITH_LIMIT(4096);
		struct apply_row *row = add_row(a, (*m)->name);
		int64_t start = clock_ms();

		row->result = module_run(&c, *m, &message);
		(void)snprintf(row->message, sizeof(row->message), "%s", buf_text(&message));
		tell(a, JOURNAL_STEP_END, row, clock_ms() - start);
	}
}

static void render_one(struct apply *a, struct render *r, const struct target *t,
		       const struct buf *unwritten)
{
	AUTO_BUF struct buf more = BUF_WITH_LIMIT(FILESPEC_MAX);
	struct apply_row *row = add_row(a, t->name);
	int64_t start = clock_ms();
	struct error err = { 0 };
	bool changed = false;

	written_additions(a->config, unwritten, t->path, &more);
	r->addition = more.len ? &more : NULL;
	if (t->only_if && !doc_at(r->data, t->only_if)) {
		row->result = MODULE_SKIPPED;
	} else if (written_is_users(a->config, unwritten, t->path)) {
		row->result = MODULE_SKIPPED;
		(void)snprintf(row->message, sizeof(row->message), "write_files gives %s", t->path);
	} else if (render_target(r, t, &changed, &err) < 0) {
		row->result = MODULE_FAILED;
		(void)snprintf(row->message, sizeof(row->message), "%.150s", err.msg);
		doc_say(a->pool, true, (struct doc_origin){ 0 }, "%s: %s", t->path, err.msg);
	} else {
		row->result = changed ? MODULE_CHANGED : MODULE_UNCHANGED;
	}
	tell(a, JOURNAL_RENDERED, row, clock_ms() - start);
}

static int render_all(struct apply *a, const struct buf *unwritten, struct error *err)
{
	struct instance none = { 0 };
	const struct doc_node *empty = tree_map(a->pool, (struct doc_origin){ 0 }, NULL, 0, 0);
	struct render r = { .root = a->root, .live = a->live, .boot = a->boot,
			    .privileged = geteuid() == 0 };

	r.data = view_make(a->root, a->pool, a->config, &a->instance);
	r.plain = empty ? view_make(a->root, a->pool, empty, &none) : NULL;
	if (!r.data || !r.plain)
		return error_set(err, ENOMEM, "no memory for the templates");
	for (size_t i = 0; i < target_n; i++)
		render_one(a, &r, &target_all[i], unwritten);
	return 0;
}

static int write_config(const struct apply *a, struct error *err)
{
	struct file_attr attr = { .mode = 0600, .uid = geteuid(), .gid = getegid(),
				  .relaxed = true };
	AUTO_BUF struct buf b = BUF_WITH_LIMIT(64u << 20);
	int r;

	doc_json_write(a->config, &b);
	buf_char(&b, '\n');
	r = buf_check(&b, err);
	if (r == 0)
		r = file_publish(a->root, CONFIG_JSON, b.data, b.len, &attr, NULL, err);
	return r == 0 ? instance_save(a->root, &a->instance, err) : r;
}

int apply_all(struct apply *a, struct error *err)
{
	struct keep keep = { .root = a->root, .pool = a->pool, .payload = a->payload,
			     .instance = &a->instance, .allow_loopback = a->allow_loopback,
			     .network = a->network, .network_arg = a->network_arg };
	AUTO_BUF struct buf unwritten = { 0 };
	int r = instance_read(a->pool, a->payload, &a->instance, err);

	a->user_data_good = true;
	if (r == 0 && a->payload)
		r = keep_payload(&keep, &a->user_data_good, err);
	/* A state disk that is full or read-only must not keep the rest from being applied. */
	if (r < 0)
		doc_say(a->pool, true, (struct doc_origin){ 0 }, "%s", err->msg);
	error_reset(err);
	r = config_load(a->root, a->pool, &a->config, err);
	if (r < 0)
		return r;
	run_modules(a, &unwritten);
	r = render_all(a, &unwritten, err);
	if (r < 0)
		return r;
	return write_config(a, err);
}

static void json_text(struct buf *out, const char *name, const char *value, const char *after)
{
	buf_fmt(out, "\"%s\":", name);
	if (value) {
		buf_char(out, '"');
		buf_json(out, value);
		buf_char(out, '"');
	} else {
		buf_str(out, "null");
	}
	buf_str(out, after);
}

void apply_json(const struct apply *a, struct buf *out)
{
	buf_char(out, '{');
	json_text(out, "instance_id", a->instance.id, ",\"modules\":[");
	for (size_t i = 0; i < a->n_rows; i++) {
		const struct apply_row *row = &a->rows[i];

		buf_str(out, i ? ",{" : "{");
		json_text(out, "name", row->name, ",");
		json_text(out, "result", module_result_name(row->result), ",");
		json_text(out, "message", row->message, "}");
	}
	buf_str(out, "],\"messages\":");
	doc_messages_json(a->pool, out);
	buf_str(out, "}\n");
}
