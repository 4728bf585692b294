/* SPDX-License-Identifier: Apache-2.0 */
/* OVF environments: what parses has properties that lie in the text one after another, and without
 * those that are scrubbed it parses again and has the others. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "datasource/ovf_env.h"
#include "lib/scope.h"

static bool is_secret(const char *key)
{
	return !strcmp(key, "user-data");
}

static void check(struct doc_pool *p, const struct ovf_env *env, const char *text, size_t size)
{
	AUTO_BUF struct buf out = { 0 };
	struct ovf_env again;
	size_t at = 0, kept = 0;

	for (size_t i = 0; i < env->n; i++) {
		const struct ovf_env_property *pr = &env->properties[i];

		FUZZ_ASSERT(pr->key && pr->value && pr->from >= at && pr->to > pr->from &&
			    pr->to <= size);
		FUZZ_ASSERT(ovf_env_get(env, pr->key));
		at = pr->to;
		kept += !is_secret(pr->key);
	}
	ovf_env_scrub(env, text, size, is_secret, &out);
	FUZZ_ASSERT(out.failed == 0 && out.len <= size);
	FUZZ_ASSERT(ovf_env_parse(p, "again", buf_text(&out), out.len, &again, NULL) == 0);
	FUZZ_ASSERT(again.n == kept && !ovf_env_get(&again, "user-data"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	struct error err = { 0 };
	struct ovf_env env;

	if (doc_pool_new(&p, NULL) < 0)
		return 0;
	if (ovf_env_parse(p, "input", (const char *)data, size, &env, &err) < 0)
		FUZZ_ASSERT(err.code && err.msg[0]);
	else
		check(p, &env, (const char *)data, size);
	return 0;
}
