/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RancherOS copied whatever came, a 404 page included.
 */
#include "agent/install/userconfig.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "agent/config/validate.h"
#include "agent/service/compose.h"
#include "agent/userdata/form.h"
#include "lib/file.h"
#include "lib/http/http.h"

#define FETCH_TIMEOUT_MS 30000

static bool is_url(const char *where)
{
	return !strncmp(where, "http://", 7) || !strncmp(where, "https://", 8);
}

static int fetch(const char *url, struct buf *ret, struct error *err)
{
	AUTO(http_free) struct http *h = NULL;
	const struct http_request req = { .url = url, .timeout_ms = FETCH_TIMEOUT_MS };
	long status = 0;
	int r = http_new(&h, err);

	if (r == 0)
		r = http_do(h, &req, &status, ret, err);
	if (r < 0)
		return r;
	if (status != 200)
		return error_set(err, EBADMSG, "%s: the server answers %ld", url, status);
	return 0;
}

int userconfig_read(const char *where, struct buf *ret, struct error *err)
{
	AUTO_CLOSE int fd = -1;
	int r;

	if (is_url(where))
		return fetch(where, ret, err);
	fd = open(where, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return error_sys(err, errno, "%s", where);
	r = file_read_fd(fd, where, ret, err);
	if (r == 0 && !ret->len)
		return error_set(err, EBADMSG, "%s is empty", where);
	return r;
}

int userconfig_check(struct doc_pool *p, const char *where, const struct buf *text,
		     struct error *err)
{
	const struct form_row *form = form_by_header(buf_text(text), NULL);
	int r;

	/* It becomes a layer of the configuration, which a script cannot be. */
	if (!form || form->form != FORM_CONFIG)
		return error_set(err, EBADMSG,
				 "%s:1:1: is no cloud-config (its first line must be "
				 "#cloud-config)",
				 where);
	r = validate_text(p, where, buf_text(text), text->len, compose_check, err);
	if (r == 0 && doc_has_errors(p))
		r = error_set(err, EBADMSG, "%s has mistakes (nothing was written)", where);
	return r;
}
