/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads them as the machine will, from its kernel line.
 */
#include "agent/install/append.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "agent/config/line.h"
#include "agent/config/validate.h"
#include "lib/scope.h"

/* A message begins with the option, and not with where the words will be read. */
static void print(const struct doc_message *m)
{
	AUTO_BUF struct buf line = { 0 };
	const char *text;
	bool placed;

	doc_message_text(m, &line);
	text = buf_text(&line);
	placed = !strncmp(text, LINE_SOURCE, strlen(LINE_SOURCE));
	(void)fprintf(stderr, "ros: install: %s%s%s\n", m->is_error ? "" : "warning: ",
		      placed ? "--append" : "", text + (placed ? strlen(LINE_SOURCE) : 0));
}

int append_check(const char *words, struct error *err)
{
	AUTO(doc_pool_free) struct doc_pool *pool = NULL;
	const struct doc_node *doc;
	const struct doc_message *m;
	size_t n;
	int r = words ? doc_pool_new(&pool, err) : 0;

	if (r < 0 || !words)
		return r;
	doc = line_document(pool, words);
	if (!doc)
		return error_sys(err, ENOMEM, "--append");
	r = validate_document(pool, doc, err);
	m = doc_messages(pool, &n);
	for (size_t i = 0; i < n; i++)
		print(&m[i]);
	if (r == 0 && doc_has_errors(pool))
		r = error_set(err, EBADMSG, "--append has mistakes (nothing was written)");
	return r;
}
