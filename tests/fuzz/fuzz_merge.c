/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merging two documents, which a line "=====" separates: neither is changed, the result has the
 * keys of both, and merging the same once more changes nothing.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "agent/config/schema_check.h"
#include "agent/config/schema_spell.h"
#include "lib/doc/doc.h"
#include "lib/scope.h"

#define SEPARATOR "\n=====\n"

static const struct doc_node *parse(struct doc_pool *p, const char *name, const char *text,
				    size_t len)
{
	const struct doc_node *n = NULL;

	return doc_yaml(p, name, text, len, &n, NULL) < 0 || n->kind != DOC_MAP ? NULL : n;
}

static void check_keys(const struct doc_node *merged, const struct doc_node *part)
{
	for (size_t i = 0; i < part->len && i < 100; i++)
		FUZZ_ASSERT(doc_key(merged, part->pairs[i].key));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	static struct schema *s; /* made once: it takes longer than the rest */
	AUTO_FREE char *text = strndup((const char *)data, size);
	AUTO_BUF struct buf before = { 0 }, after = { 0 }, once = { 0 }, twice = { 0 };
	const struct doc_node *base, *over, *merged, *again;
	char *split = text ? strstr(text, SEPARATOR) : NULL;

	s = s ? s : schema_new();
	if (!s || !split || doc_pool_new(&p, NULL) < 0)
		return 0;
	base = parse(p, "base", text, (size_t)(split - text));
	over = parse(p, "over", split + strlen(SEPARATOR), strlen(split + strlen(SEPARATOR)));
	if (!base || !over)
		return 0;
	doc_json_write(base, &before);
	merged = doc_merge(p, base, over);
	FUZZ_ASSERT(merged && merged->kind == DOC_MAP);
	doc_json_write(base, &after);
	FUZZ_ASSERT(!strcmp(buf_text(&before), buf_text(&after)));
	check_keys(merged, base);
	check_keys(merged, over);
	again = doc_merge(p, merged, over);
	doc_json_write(merged, &once);
	doc_json_write(again, &twice);
	FUZZ_ASSERT(!strcmp(buf_text(&once), buf_text(&twice)));
	schema_check(s, p, merged);
	(void)schema_spell_right(s, p, merged);
	return 0;
}
