/* SPDX-License-Identifier: Apache-2.0 */
/*
 * User-data of any form, MIME above all, taken apart and put together: parts are texts with
 * harmless names, what is refused is said, and the same bytes give the same result.
 */
#include "tests/fuzz/fuzz.h"

#include <ctype.h>
#include <string.h>

#include "agent/userdata/assemble.h"

static const char names[] = "v1: {region: eu, public_ssh_keys: [a, b]}\n";

static void check_part(const struct unpack_part *part)
{
	FUZZ_ASSERT(part->text && strlen(part->text) == part->len);
	FUZZ_ASSERT(part->source && part->place.first >= 1);
	FUZZ_ASSERT(part->name[0] && part->name[0] != '.' && part->name[0] != '-');
	for (const char *s = part->name; *s; s++)
		FUZZ_ASSERT(isalnum((unsigned char)*s) || strchr("._-", *s));
}

/* All of it as text: parts, document, messages. */
static void run(const uint8_t *data, size_t size, struct buf *out)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct vars vars = { .address = { "10.0.0.1" }, .launch_index = 1 };
	struct unpack_input in = { .source = "u", .data = data, .len = size, .vars = &vars };
	struct assembled a;

	if (doc_pool_new(&p, NULL) < 0 ||
	    doc_yaml(p, "v", names, sizeof(names) - 1, &vars.names, NULL) < 0)
		return;
	in.pool = p;
	assemble_one(&in, &a);
	FUZZ_ASSERT(a.parts.n <= UNPACK_PARTS_MAX);
	for (size_t i = 0; i < a.parts.n; i++) {
		check_part(&a.parts.list[i]);
		buf_str(out, unpack_type_name(a.parts.list[i].type));
		buf_str(out, a.parts.list[i].text);
	}
	FUZZ_ASSERT(!a.config || a.config->kind == DOC_MAP);
	FUZZ_ASSERT(a.failed == doc_has_errors(p));
	doc_json_write(a.config, out);
	doc_messages_json(p, out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_BUF struct buf once = { 0 }, twice = { 0 };

	run(data, size, &once);
	run(data, size, &twice);
	FUZZ_ASSERT(!strcmp(buf_text(&once), buf_text(&twice)));
	return 0;
}
