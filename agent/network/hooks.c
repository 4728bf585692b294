/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the owner's commands.
 */
#include "agent/network/hooks.h"

#include <errno.h>
#include <string.h>

#include "agent/convert.h"
#include "lib/proc.h"

#define COMMAND_MS 30000
#define WORDS_MAX  64

/* Put the name in place of $iface and ${iface}. */
static const char *substitute(struct doc_pool *p, const char *word, const char *iface)
{
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(16384);
	static const char *const names[] = { "${iface}", "$iface" };

	while (*word) {
		size_t i = 0;

		while (i < ARRAY_LEN(names) && strncmp(word, names[i], strlen(names[i])) != 0)
			i++;
		if (i < ARRAY_LEN(names)) {
			buf_str(&out, iface);
			word += strlen(names[i]);
		} else {
			buf_char(&out, *word++);
		}
	}
	return out.failed ? NULL : doc_strdup(p, buf_text(&out), out.len);
}

static int split(struct doc_pool *p, const char *text, const char *iface,
		 const char *argv[WORDS_MAX + 1], struct error *err)
{
	AUTO_BUF struct buf word = BUF_WITH_LIMIT(16384);
	int n = 0, r;

	while ((r = convert_word(&text, &word, err)) > 0) {
		if (n == WORDS_MAX)
			return error_set(err, E2BIG, "more than %d words", WORDS_MAX);
		argv[n] = substitute(p, buf_text(&word), iface);
		if (!argv[n++])
			return error_set(err, ENOMEM, "no memory");
	}
	argv[n] = NULL;
	return r < 0 ? r : n;
}

void hooks_run(struct doc_pool *p, const struct network_texts *commands, const char *iface)
{
	for (size_t i = 0; i < commands->n; i++) {
		const char *argv[WORDS_MAX + 1];
		struct error err = { 0 };
		int n = split(p, commands->item[i], iface, argv, &err);

		if (n > 0)
			n = proc_run(argv, NULL, COMMAND_MS, NULL, &err);
		if (n < 0)
			doc_say(p, false, (struct doc_origin){ 0 }, "command \"%.80s\": %s",
				commands->item[i], err.msg);
	}
}
