/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads lines of ntp.conf(5).
 */
#include "agent/apply/ntp_conf.h"

#include <string.h>

#include "agent/modules/filewrite.h"
#include "lib/file_path.h"
#include "lib/scope.h"

#define PATH "/etc/ntp.conf"
#define CONTAINER "ntp"
#define SOURCE "ntp.conf"
#define NAMES_MAX 32
#define NAME_LEN 253

static bool is_name(const char *s, size_t len)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.:-_";

	return len > 0 && len <= NAME_LEN && *s != '-' && strspn(s, letters) >= len &&
	       strncmp(s, "127.127.", 8) != 0;
}

/* WORD [-4|-6] NAME … */
static const struct doc_node *name_of(struct doc_pool *p, const char *line, const char *word)
{
	const char *blanks = " \t";
	size_t len;

	line += strspn(line, blanks);
	len = strcspn(line, " \t\r\n");
	if (len != strlen(word) || strncmp(line, word, len) != 0)
		return NULL;
	line += len + strspn(line + len, blanks);
	if (line[0] == '-' && line[1] && strchr("46", line[1]))
		line += 2 + strspn(line + 2, blanks);
	len = strcspn(line, " \t\r\n");
	return is_name(line, len) ? doc_new_str(p, SOURCE, doc_strdup(p, line, len)) : NULL;
}

static size_t add_names(struct doc_pool *p, const char *text, const char *word,
			const struct doc_node **items, size_t n)
{
	while (*text && n < NAMES_MAX) {
		const struct doc_node *name = name_of(p, text, word);

		if (name)
			items[n++] = name;
		text += strcspn(text, "\n");
		text += *text == '\n';
	}
	return n;
}

const struct doc_node *ntp_conf_names(struct doc_pool *p, const struct doc_node *config,
				      const char *word)
{
	const struct doc_node *files = doc_key(config, "write_files");
	const struct doc_node *items[NAMES_MAX];
	AUTO(doc_pool_free) struct doc_pool *quiet = NULL;
	size_t n = 0;

	if (!files || files->kind != DOC_SEQ || doc_pool_new(&quiet, NULL) < 0)
		return NULL;
	for (size_t i = 0; i < files->len; i++) {
		CLEANUP(filespec_done) struct filespec f = { 0 };

		if (file_path_same(doc_str(files->items[i], "path", ""), PATH) &&
		    filespec_read(quiet, files->items[i], &f) &&
		    (!strcmp(f.container, CONTAINER) ||
		     filewrite_is_machines(config, f.container, PATH)))
			n = add_names(p, buf_text(&f.content), word, items, n);
	}
	return n ? doc_new_seq(p, SOURCE, items, n) : NULL;
}
