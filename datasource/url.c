/* SPDX-License-Identifier: Apache-2.0 */
/*
 * User-data that someone puts at an address: `file:PATH`, `url:URL`, and `cmdline`, the URL that
 * the kernel line names. There is no metadata; the instance is the machine.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "datasource/datasource.h"
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

static int fetch_url(const struct datasource_ctx *c, struct datasource_payload *ret,
		     struct error *err)
{
	(void)c;
	(void)ret;
	return error_set(err, ENOTSUP, "it cannot be fetched yet");
}

extern const struct datasource datasource_file, datasource_url, datasource_cmdline;
const struct datasource datasource_file = { .name = "file", .fetch = fetch_file };
const struct datasource datasource_url = { .name = "url",
					   .needs_network = true,
					   .fetch = fetch_url };
const struct datasource datasource_cmdline = { .name = "cmdline",
					       .needs_network = true,
					       .detect = detect_cmdline,
					       .fetch = fetch_url };
