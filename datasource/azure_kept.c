/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One file: the instance's id, and behind it, from the second line on, what the disc had.
 */
#include "datasource/azure_kept.h"

#include <string.h>
#include <unistd.h>

#include "datasource/datasource.h"
#include "lib/file.h"
#include "lib/scope.h"

#define KEPT AZURE_KEPT_DIR "/custom-data"

int azure_kept_save(const struct machine *m, const char *id, const char *data, struct error *err)
{
	const struct file_attr attr = { .mode = 0600, .uid = geteuid(), .gid = getegid() };
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(DATASOURCE_FILE_MAX);
	int r;

	buf_fmt(&text, "%s\n", id);
	buf_str(&text, data);
	r = buf_check(&text, err);
	if (r == 0)
		r = file_mkdir(m->root, AZURE_KEPT_DIR, 0700, err);
	return r < 0 ? r : file_publish(m->root, KEPT, text.data, text.len, &attr, NULL, err);
}

bool azure_kept_load(const struct machine *m, const char *id, struct buf *ret)
{
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(DATASOURCE_FILE_MAX);
	size_t len = strlen(id);

	if (file_read(m->root, KEPT, &text, NULL) < 0 || strncmp(buf_text(&text), id, len) != 0 ||
	    buf_text(&text)[len] != '\n')
		return false;
	buf_str(ret, buf_text(&text) + len + 1);
	return buf_check(ret, NULL) == 0;
}
