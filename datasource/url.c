/* SPDX-License-Identifier: Apache-2.0 */
/*
 * User-data that someone puts at an address: `file:PATH`, `url:URL`, and `cmdline`, the URL that
 * the kernel line names. There is no metadata; the instance is the machine.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "datasource/datasource.h"
#include "datasource/user_url.h"
#include "lib/file.h"

/* The last value that is not empty, of all spellings, as RancherOS and cloud-init. */
static const char *cmdline_url(const struct machine *m)
{
	static const char *const keys[] = { "cloud-config-url", "cloud_config_url", "url" };

	for (size_t i = m->cmdline.n_words; i > 0; i--) {
		const struct cmdline_word *w = &m->cmdline.words[i - 1];

		for (size_t k = 0; k < ARRAY_LEN(keys); k++)
			if (!strcmp(w->key, keys[k]) && w->plain && w->plain[0])
				return w->plain;
	}
	return NULL;
}

static void detect_cmdline(const struct machine *m, struct datasource_clue *ret)
{
	if (cmdline_url(m))
		datasource_clue_set(ret, DATASOURCE_YES, DATASOURCE_BY_CMDLINE,
				    "the kernel line has cloud-config-url=");
	else
		datasource_clue_set(ret, DATASOURCE_NO, DATASOURCE_BY_CMDLINE,
				    "no cloud-config-url= on the kernel line");
}

static int fetch_file(const struct datasource_ctx *c, struct datasource_payload *ret,
		      struct error *err)
{
	struct buf *b = &ret->part[DATASOURCE_USER_DATA];
	int r;

	if (!c->arg || !c->arg[0])
		return error_set(err, EINVAL, "no path (say file:/path/to/user-data)");
	(void)snprintf(ret->where, sizeof(ret->where), "%.180s", c->arg);
	*b = BUF_WITH_LIMIT(DATASOURCE_FILE_MAX);
	r = file_read(c->machine->root, c->arg, b, err);
	ret->has[DATASOURCE_USER_DATA] = r == 0;
	return r;
}

/* --url in place of scheme, host and port. */
static int build_url(const struct datasource_ctx *c, const char *url, struct buf *ret,
		     struct error *err)
{
	const char *host = strstr(url, "://");
	const char *path = host ? strchr(host + 3, '/') : NULL;

	if (!host)
		return error_set(err, EINVAL, "%.100s is no URL", url);
	if (!c->base_url) {
		buf_str(ret, url);
	} else {
		size_t len = strlen(c->base_url);

		buf_add(ret, c->base_url, len && c->base_url[len - 1] == '/' ? len - 1 : len);
		buf_str(ret, path ? path : "/");
	}
	return buf_check(ret, err);
}

static int get(const struct datasource_ctx *c, const char *url, struct buf *ret, struct error *err)
{
	AUTO(http_free) struct http *h = NULL;
	int64_t deadline = 0;
	int r = datasource_online(c, &deadline, err);

	if (r == 0)
		r = http_new(&h, err);
	return r == 0 ? user_url_get(h, url, deadline, !c->allow_loopback, ret, err) : r;
}

static int fetch_from(const struct datasource_ctx *c, const char *url,
		      struct datasource_payload *ret, struct error *err)
{
	struct buf *b = &ret->part[DATASOURCE_USER_DATA];
	AUTO_BUF struct buf full = { 0 };
	int r;

	if (!url || !url[0])
		return error_set(err, EINVAL, "no URL (say url:https://HOST/PATH)");
	r = build_url(c, url, &full, err);
	if (r == 0)
		r = user_url_check(c, buf_text(&full), ret, err);
	if (r < 0)
		return r;
	*b = BUF_WITH_LIMIT(DATASOURCE_FILE_MAX);
	r = get(c, buf_text(&full), b, err);
	ret->has[DATASOURCE_USER_DATA] = r == 0;
	return r;
}

static int fetch_url(const struct datasource_ctx *c, struct datasource_payload *ret,
		     struct error *err)
{
	return fetch_from(c, c->arg, ret, err);
}

static int fetch_cmdline(const struct datasource_ctx *c, struct datasource_payload *ret,
			 struct error *err)
{
	const char *url = cmdline_url(c->machine);

	if (!url)
		return error_set(err, ENODATA, "no cloud-config-url= on the kernel line");
	return fetch_from(c, url, ret, err);
}

extern const struct datasource datasource_file, datasource_url, datasource_cmdline;
const struct datasource datasource_file = { .name = "file", .fetch = fetch_file };
const struct datasource datasource_url = { .name = "url",
					   .needs_network = true,
					   .fetch = fetch_url };
const struct datasource datasource_cmdline = { .name = "cmdline",
					       .needs_network = true,
					       .detect = detect_cmdline,
					       .fetch = fetch_cmdline };
