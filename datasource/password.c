/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Asking a password server.
 */
#include "datasource/password.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/file.h"
#include "lib/journal.h"
#include "lib/scope.h"

#define PORT 8080
#define REPLY_MAX 512
/* For one word from a neighbour; it is not what the boot waits for. */
#define ASK_MS 2000
#define CONNECT_MS 1000

bool password_read(const char *reply, char *to, size_t size)
{
	static const char *const none[] = { "", "saved_password", "bad_request" };
	size_t len;

	reply += strspn(reply, " \t\r\n");
	len = strlen(reply);
	while (len && isspace((unsigned char)reply[len - 1]))
		len--;
	if (len >= size || *reply == '<')
		return false;
	for (size_t i = 0; i < len; i++)
		if (!isgraph((unsigned char)reply[i]))
			return false;
	(void)snprintf(to, size, "%.*s", (int)len, reply);
	for (size_t i = 0; i < ARRAY_LEN(none); i++)
		if (!strcmp(to, none[i]))
			return false;
	return true;
}

void password_server(const char *base, char *to, size_t size)
{
	const char *host = strstr(base, "://");
	const char *end;

	host = host ? host + 3 : base;
	end = *host == '[' ? strchr(host, ']') : host;
	if (end && strchr(end, ':'))
		(void)snprintf(to, size, "%s", base);
	else
		(void)snprintf(to, size, "%.*s:%d", (int)(host - base) + (int)strcspn(host, "/"),
			       base, PORT);
}

/* One request, which says what it is in a header, and one try. */
static int ask(const struct datasource_password *at, const char *what, struct buf *reply,
	       struct error *err)
{
	AUTO(http_free) struct http *h = NULL;
	const char *const headers[] = { what, NULL };
	const struct http_request req = { .url = at->server,
					  .headers = headers,
					  .timeout_ms = ASK_MS,
					  .connect_ms = CONNECT_MS,
					  .max_bytes = REPLY_MAX,
					  .interface = at->interface[0] ? at->interface : NULL };
	long status = 0;
	int r = http_new(&h, err);

	if (r == 0)
		r = http_do(h, &req, &status, reply, err);
	if (r == 0 && status != 200)
		r = error_set(err, EPROTO, "%s answers with status %ld", at->server, status);
	return r;
}

int password_ask(struct cloud_answer *a, struct error *err)
{
	struct datasource_password *p = &a->payload->password;
	AUTO_BUF struct buf reply = { 0 };
	struct error why = { 0 };
	int r;

	(void)err;
	password_server(web_base(&a->web), p->server, sizeof(p->server));
	(void)snprintf(p->interface, sizeof(p->interface), "%s", a->web.where[0].interface);
	r = ask(p, "DomU_Request: send_my_password", &reply, &why);
	if (r < 0 && a->ctx->machine->root == FILE_ROOT)
		journal_say(JOURNAL_CONFIG, "datasource", "no password: %s", why.msg);
	if (r < 0 || !password_read(buf_text(&reply), p->text, sizeof(p->text)))
		p->text[0] = '\0';
	if (reply.data)
		explicit_bzero(reply.data, reply.size);
	return 0;
}

int password_used(const struct datasource_ctx *c, const struct datasource_payload *p,
		  struct error *err)
{
	AUTO_BUF struct buf reply = { 0 };
	int r;

	(void)c;
	r = p->password.text[0] ? ask(&p->password, "DomU_Request: saved_password", &reply, err) :
				      0;

	return r < 0 ? error_wrap(err, r, "the password is set, but not marked as used") : 0;
}
