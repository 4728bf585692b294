/* SPDX-License-Identifier: Apache-2.0 */
/* YAML: whatever parses can be written as YAML and as JSON, and reads back the same. */
#include "tests/fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

#include "lib/doc/doc.h"
#include "lib/scope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf json = { 0 }, yaml = { 0 }, again = { 0 };
	const struct doc_node *n = NULL, *back = NULL;
	struct error err = { 0 };

	if (doc_pool_new(&p, NULL) < 0)
		return 0;
	if (doc_yaml(p, "input", (const char *)data, size, &n, &err) < 0) {
		FUZZ_ASSERT(err.code && err.msg[0]);
		return 0;
	}
	doc_json_write(n, &json);
	doc_yaml_write(n, &yaml);
	if (json.failed || yaml.failed)
		return 0;
	if (doc_yaml(p, "again", buf_text(&yaml), yaml.len, &back, &err) < 0) {
		/* Written out, what aliases share counts for more. */
		FUZZ_ASSERT(err.code == E2BIG);
		return 0;
	}
	doc_json_write(back, &again);
	FUZZ_ASSERT(!strcmp(buf_text(&json), buf_text(&again)));
	return 0;
}
