/* SPDX-License-Identifier: Apache-2.0 */
/* Requests to the metadata server: a parsed one lies within its bytes, and none is taken apart
 * before it is whole. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "datasource/serve/request.h"
#include "lib/scope.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO_FREE char *text = malloc(size + 1);
	struct serve_request r;
	int result;

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	result = serve_request_parse(text, size, &r);
	if (result == 0)
		FUZZ_ASSERT(!memcmp(text, data, size));
	if (result == 1) {
		FUZZ_ASSERT(r.head_len + r.body_len <= size);
		FUZZ_ASSERT(r.path[0] == '/' && !strchr(r.path, '?'));
		FUZZ_ASSERT(r.n_headers <= SERVE_HEADERS_MAX);
		(void)serve_request_asks(&r, "recursive=true");
	}
	return 0;
}
