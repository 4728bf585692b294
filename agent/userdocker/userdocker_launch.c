/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making dockerd's configuration and command line.
 */
#include "agent/userdocker/userdocker_launch.h"

#include <string.h>
#include <unistd.h>

#include "agent/message.h"
#include "agent/userdocker/userdocker_config.h"
#include "lib/file.h"
#include "lib/proc.h"

#define UNIT "user-docker"

static void say_messages(const struct doc_pool *pool, size_t first)
{
	size_t n;
	const struct doc_message *m = doc_messages(pool, &n);

	for (size_t i = first; i < n; i++) {
		enum journal_kind kind = m[i].is_error ? JOURNAL_FAIL : JOURNAL_WARNING;

		if (m[i].origin.line)
			message_say(kind, UNIT, "%s:%u:%u: %s", m[i].origin.source,
				    m[i].origin.line, m[i].origin.column, m[i].text);
		else
			message_say(kind, UNIT, "%s", m[i].text);
	}
}

static int write_daemon_json(const struct doc_node *daemon, struct error *err)
{
	const struct file_attr attr = { .mode = 0600 };
	AUTO_BUF struct buf text = { 0 };
	int r;

	doc_json_write(daemon, &text);
	buf_char(&text, '\n');
	r = buf_check(&text, err);
	if (r < 0)
		return r;
	return file_publish(FILE_ROOT, USERDOCKER_DAEMON_JSON, text.data, text.len, &attr, NULL,
			    err);
}

/* dockerd's environment: a path, a home, our own proxies, and rancher.docker.environment. */
static void make_env(struct userdocker_launch *l, const struct doc_node *list)
{
	static const char *const passed[] = { "HTTP_PROXY=", "HTTPS_PROXY=", "NO_PROXY=",
					      "http_proxy=", "https_proxy=", "no_proxy=" };
	size_t max = list && list->kind == DOC_SEQ ? list->len : 0, n = 0;

	l->env[n++] = "PATH=" PROC_PATH;
	l->env[n++] = "HOME=/root";
	for (char **own = environ; *own; own++)
		for (size_t i = 0; i < ARRAY_LEN(passed) && n < USERDOCKER_LAUNCH_ENV - 1; i++)
			if (!strncmp(*own, passed[i], strlen(passed[i])))
				l->env[n++] = *own;
	for (size_t i = 0; i < max && n < USERDOCKER_LAUNCH_ENV - 1; i++)
		if (doc_is_scalar(list->items[i]) && strchr(list->items[i]->text, '='))
			l->env[n++] = list->items[i]->text;
	l->env[n] = NULL;
}

/* Merge and write what dockerd reads when it starts next, or on SIGHUP. */
int userdocker_launch_make(struct userdocker_launch *l, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *pool = NULL;
	struct userdocker_config c;
	size_t n = 0;
	int r;

	r = doc_pool_new(&pool, err);
	if (r == 0)
		r = userdocker_config_load(FILE_ROOT, pool, &c, err);
	if (r < 0)
		return r;
	say_messages(pool, c.told);
	r = write_daemon_json(c.daemon, err);
	if (r < 0)
		return r;
	make_env(l, c.environment);
	l->argv[n++] = "/usr/sbin/dockerd";
	l->argv[n++] = "--config-file";
	l->argv[n++] = USERDOCKER_DAEMON_JSON;
	for (size_t i = 0; i < c.extra.n; i++)
		l->argv[n++] = c.extra.argv[i];
	l->argv[n] = NULL;
	doc_pool_free(l->pool);
	l->pool = TAKE_PTR(pool);
	return 0;
}

void userdocker_launch_done(struct userdocker_launch *l)
{
	doc_pool_free(l->pool);
	l->pool = NULL;
}
