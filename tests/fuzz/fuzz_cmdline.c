/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel line: any line gives a map, and the messages about it are lines of text. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "agent/config/line.h"
#include "agent/config/schema_check.h"
#include "lib/scope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	static struct schema *s; /* made once: it takes longer than the rest */
	AUTO_FREE char *text = strndup((const char *)data, size);
	AUTO_BUF struct buf json = { 0 };
	const struct doc_node *n;

	s = s ? s : schema_new();
	if (!s || !text || doc_pool_new(&p, NULL) < 0)
		return 0;
	n = line_document(p, text);
	FUZZ_ASSERT(n && n->kind == DOC_MAP);
	schema_check(s, p, n);
	doc_json_write(n, &json);
	doc_messages_json(p, &json);
	FUZZ_ASSERT(!strchr(buf_text(&json), '\n'));
	return 0;
}
