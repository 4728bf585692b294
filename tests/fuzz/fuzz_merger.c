/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cloud-init's mergers and JSON Patch: base, rule and other document (or patch), separated by lines
 * "=====". Neither document is changed; what comes out is no larger than the limits allow.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "lib/doc/merger.h"
#include "lib/doc/patch.h"
#include "lib/scope.h"

#define SEPARATOR "\n=====\n"

/* The text up to the separator, and *rest behind it. */
static char *take(char **rest)
{
	char *text = *rest, *split = strstr(text, SEPARATOR);

	if (split)
		*split = '\0';
	*rest = split ? split + strlen(SEPARATOR) : text + strlen(text);
	return text;
}

static const struct doc_node *parse(struct doc_pool *p, const char *name, const char *text)
{
	const struct doc_node *n = NULL;

	return doc_yaml(p, name, text, strlen(text), &n, NULL) < 0 ? NULL : n;
}

static void merge(struct doc_pool *p, const char *rule, const struct doc_node *base,
		  const struct doc_node *over)
{
	const struct doc_node *ret = NULL, *how = parse(p, "rule", rule);
	struct merger m = { 0 };

	if (!*rule)
		m = merger_default();
	else if (merger_read_text(&m, rule, NULL) < 0 && (!how || merger_read(&m, how, NULL) < 0))
		return;
	if (merger_apply(p, &m, base, over, &ret, NULL) < 0)
		return;
	FUZZ_ASSERT(ret->kind == DOC_MAP);
	FUZZ_ASSERT(merger_weigh(ret) <= merger_weigh(base) + merger_weigh(over));
	/* Only what may delete takes a key away. */
	for (size_t i = 0; i < base->len && i < 100 && !strstr(rule, "delete"); i++)
		FUZZ_ASSERT(strcasestr(rule, "delete") || doc_key(ret, base->pairs[i].key));
}

static void patch(struct doc_pool *p, const struct doc_node *base, const struct doc_node *list)
{
	const struct doc_node *ret = NULL;
	struct error err = { 0 };

	if (patch_apply(p, base, list, &ret, &err) < 0) {
		FUZZ_ASSERT(err.msg[0] && !ret);
		return;
	}
	FUZZ_ASSERT(ret->kind == DOC_MAP);
	FUZZ_ASSERT(merger_weigh(ret) <= DOC_NODES);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_FREE char *copy = strndup((const char *)data, size);
	AUTO_BUF struct buf before = { 0 }, after = { 0 };
	const struct doc_node *base, *over;
	char *rest = copy, *rule;

	if (!copy || doc_pool_new(&p, NULL) < 0)
		return 0;
	base = parse(p, "base", take(&rest));
	rule = take(&rest);
	over = parse(p, "over", take(&rest));
	if (!base || base->kind != DOC_MAP || !over)
		return 0;
	doc_json_write(base, &before);
	if (over->kind == DOC_SEQ)
		patch(p, base, over);
	else
		merge(p, rule, base, over);
	doc_json_write(base, &after);
	FUZZ_ASSERT(!strcmp(buf_text(&before), buf_text(&after)));
	return 0;
}
