/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Azure's provisioning.
 */
#include "datasource/azure.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "datasource/azure_kept.h"
#include "datasource/media.h"
#include "lib/clock.h"
#include "lib/doc/decode.h"
#include "lib/doc/xml.h"
#include "lib/file.h"
#include "lib/journal.h"
#include "lib/scope.h"

#define ENVIRONMENT "ovf-env.xml"
#define SEED_FILE "/var/lib/cloud/seed/azure/" ENVIRONMENT
#define GOAL_STATE "/machine/?comp=goalstate"
#define HEALTH "/machine?comp=health"
/* The boot does not wait longer for being allowed to say that it is done. */
#define REPORT_MS 5000

static const struct web_service wire_server = {
	.base = { "http://168.63.129.16" },
	.attempt_ms = 2000,
};

/* --- the environment --- */

/* The texts of the elements of these names, wherever they are. */
struct wanted {
	const char *name;
	const char *value;
};

static int find_texts(struct doc_pool *p, const char *source, const char *text, size_t len,
		      struct wanted *wanted, struct error *err)
{
	struct xml *x = NULL;
	enum xml_event ev = XML_START;
	int r = xml_open(p, source, text, len, &x, err);

	while (r == 0 && ev != XML_DONE) {
		r = xml_next(x, &ev, err);
		for (struct wanted *w = wanted; r == 0 && ev == XML_START && w->name; w++) {
			if (w->value || !xml_is(x, NULL, w->name))
				continue;
			r = xml_inner(x, &w->value, err);
			break;
		}
	}
	return r;
}

int azure_parse_environment(struct doc_pool *p, const char *text, size_t len,
			    const char **ret_custom_data, const char **ret_hostname,
			    struct error *err)
{
	struct wanted wanted[] = { { "CustomData", NULL }, { "HostName", NULL }, { NULL, NULL } };
	int r = find_texts(p, ENVIRONMENT, text, len, wanted, err);

	*ret_custom_data = wanted[0].value;
	*ret_hostname = wanted[1].value;
	return r;
}

static bool read_disc(const struct machine *m, struct buf *b)
{
	if (file_read(m->root, SEED_FILE, b, NULL) == 0)
		return true;
	for (size_t i = 0; i < m->n_media; i++) {
		AUTO_MEDIA struct media disc = { .fd = -1 };

		if (strcmp(m->media[i].type, "udf") && strcmp(m->media[i].type, "iso9660"))
			continue;
		buf_reset(b);
		if (media_open(m->root, &m->media[i], &disc, NULL) == 0 &&
		    media_read(&disc, ENVIRONMENT, b, NULL) == 0)
			return true;
	}
	return false;
}

/* Custom data of the disc come before what the service gave, as in cloud-init. Those that are no
 * base64 do not, and cost no keys: the agent says what is wrong with them. */
static int take_custom_data(struct cloud_answer *a, const char *data, struct error *err)
{
	AUTO_BUF struct buf custom = BUF_WITH_LIMIT(DATASOURCE_FILE_MAX);
	struct buf *user = &a->payload->part[DATASOURCE_USER_DATA];
	int r = decode_base64(data, strlen(data), &custom);

	if (r == -EBADMSG) {
		datasource_warn(a->payload, "provisioning disc: CustomData is not base64");
		if (user->len)
			return 0;
		buf_reset(&custom);
		buf_str(&custom, data);
		r = buf_check(&custom, NULL);
	}
	if (r < 0)
		return error_sys(err, -r, "provisioning disc: CustomData");
	buf_done(user);
	*user = custom;
	custom = (struct buf){ 0 };
	a->payload->has[DATASOURCE_USER_DATA] = true;
	return 0;
}

static int use_disc(struct cloud_answer *a, struct error *err)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(XML_SIZE);
	const char *data = NULL, *hostname = NULL, *id = a->value[CLOUD_ID];
	int r;

	if (!read_disc(a->ctx->machine, &text)) {
		buf_reset(&text);
		return id && azure_kept_load(a->ctx->machine, id, &text) ?
			       take_custom_data(a, buf_text(&text), err) :
			       0;
	}
	r = azure_parse_environment(a->pool, buf_text(&text), text.len, &data, &hostname, err);
	if (r < 0)
		return error_wrap(err, r, "provisioning disc");
	if (hostname && !a->value[CLOUD_HOSTNAME])
		a->value[CLOUD_HOSTNAME] = hostname;
	if (!data || !data[strspn(data, " \t\r\n")])
		return 0;
	if (id && azure_kept_save(a->ctx->machine, id, data, err) < 0) {
		datasource_warn(a->payload, "%s", err->msg);
		error_reset(err);
	}
	return take_custom_data(a, data, err);
}

/* --- the report --- */

int azure_make_report(struct doc_pool *p, const char *goal_state, size_t len, struct buf *out,
		      struct error *err)
{
	struct wanted w[] = { { "Incarnation", NULL }, { "ContainerId", NULL },
			      { "InstanceId", NULL }, { NULL, NULL } };
	int r = find_texts(p, "goal state", goal_state, len, w, err);

	if (r < 0)
		return r;
	for (size_t i = 0; w[i].name; i++)
		if (!w[i].value || strpbrk(w[i].value, "<>&\"'"))
			return error_set(err, EBADMSG, "the goal state has no %s", w[i].name);
	buf_fmt(out,
		"<?xml version=\"1.0\" encoding=\"utf-8\"?><Health>"
		"<GoalStateIncarnation>%s</GoalStateIncarnation><Container><ContainerId>%s"
		"</ContainerId><RoleInstanceList><Role><InstanceId>%s</InstanceId>"
		"<Health><State>Ready</State></Health></Role></RoleInstanceList></Container>"
		"</Health>",
		w[0].value, w[1].value, w[2].value);
	return buf_check(out, err);
}

static int report(struct cloud_answer *a, struct web *w, struct error *err)
{
	static const char *const headers[] = { "Content-Type: text/xml; charset=utf-8", NULL };
	AUTO_BUF struct buf goal = { 0 };
	AUTO_BUF struct buf body = { 0 };
	struct web_request req = { .method = "POST", .path = HEALTH, .headers = headers };
	long status = 0;
	int r;

	web_set_header(w, 0, "x-ms-agent-name: " AZURE_AGENT);
	web_set_header(w, 1, "x-ms-version: 2012-11-30");
	r = web_get(w, GOAL_STATE, &goal, err);
	if (r == 0)
		r = azure_make_report(a->pool, buf_text(&goal), goal.len, &body, err);
	if (r < 0)
		return r;
	req.body = buf_text(&body);
	req.body_len = body.len;
	r = web_do(w, &req, &status, NULL, err);
	return r == 0 ? web_judge(w, "POST", HEALTH, status, err) : r;
}

/* A report that fails costs the machine its good name on the portal, not its boot. */
static void try_report(struct cloud_answer *a)
{
	AUTO_FREE struct web *w = calloc(1, sizeof(*w));
	struct datasource_ctx ctx = *a->ctx;
	struct error err = { 0 };
	int r;

	if (!w)
		return;
	ctx.deadline = clock_ms() + REPORT_MS;
	r = web_open(&ctx, &wire_server, w, &err);
	if (r == 0)
		r = report(a, w, &err);
	if (r < 0 && ctx.machine->root == FILE_ROOT)
		journal_say(JOURNAL_WARNING, "datasource",
			    "azure: not reported as ready: %s", err.msg);
	web_close(w);
}

int azure_finish(struct cloud_answer *a, struct error *err)
{
	int r = use_disc(a, err);

	if (r == 0)
		try_report(a);
	return r;
}
