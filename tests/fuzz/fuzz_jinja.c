/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Templates: every line of the result knows a line of the template, a text without tags stays as it
 * is, and a refusal names its place.
 */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "agent/userdata/jinja.h"
#include "lib/scope.h"

#define FIRST	   7
#define OUTPUT_MAX (1u << 20)

static const char names[] =
	"v1: {region: eu, local-hostname: box, n: 3}\n"
	"ds: {meta_data: {instance-id: i-1, keys: [k0, k1], tags: {a: 1, b: x}, "
	"ok: true, no: false, none: null, f: 1.5}}\n"
	"x: [a, b, c]\n";

static unsigned count_lines(const char *text)
{
	unsigned n = 1;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

static void check_places(const char *text, const char *result, const struct doc_place *place)
{
	unsigned last = FIRST + count_lines(text) - 1;

	FUZZ_ASSERT(place->n_lines == count_lines(result));
	for (size_t i = 0; i < place->n_lines; i++)
		FUZZ_ASSERT(place->lines[i] >= FIRST && place->lines[i] <= last);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_FREE char *text = strndup((const char *)data, size);
	AUTO_BUF struct buf out = BUF_WITH_LIMIT(OUTPUT_MAX);
	struct jinja j = { .source = "t", .first = FIRST };
	struct doc_place place;
	struct error err = { 0 };

	if (!text || doc_pool_new(&p, NULL) < 0 ||
	    doc_yaml(p, "v", names, sizeof(names) - 1, &j.vars, NULL) < 0)
		return 0;
	j.pool = p;
	if (jinja_render(&j, text, &out, &place, &err) < 0) {
		FUZZ_ASSERT(!strncmp(err.msg, "t:", 2) || strstr(err.msg, "too many values"));
		return 0;
	}
	check_places(text, buf_text(&out), &place);
	if (!strchr(text, '{'))
		FUZZ_ASSERT(!strcmp(text, buf_text(&out)));
	return 0;
}
