/* SPDX-License-Identifier: Apache-2.0 */
/* Network configurations in any form: whatever the bytes, there is a model or an error; what the
 * model says is said again by the form that it is kept in; and its JSON is JSON. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "agent/network/check.h"
#include "agent/network/document.h"
#include "agent/network/forms.h"
#include "lib/scope.h"

static void check(struct doc_pool *p, struct network *net)
{
	AUTO_BUF struct buf json = { 0 }, before = { 0 }, after = { 0 };
	struct network *again = network_new(p);
	const struct doc_node *doc = NULL;

	network_json(net, &json);
	if (json.failed || !again)
		return;
	FUZZ_ASSERT(doc_json_parse(p, "json", json.data, json.len, &doc, NULL) == 0);
	network_read_own(again, network_document(net, NETWORK_AS_LAYER));
	doc_json_write(network_document(net, NETWORK_AS_JSON), &before);
	doc_json_write(network_document(again, NETWORK_AS_JSON), &after);
	FUZZ_ASSERT(!strcmp(buf_text(&before), buf_text(&after)));
	network_check(net);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_FREE char *text = malloc(size + 1);
	struct network *net = NULL;
	struct error err = { 0 };

	if (!text || doc_pool_new(&p, NULL) < 0)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (network_read(p, "input", text, size, &net, &err) < 0)
		FUZZ_ASSERT(err.code && err.msg[0]);
	else
		check(p, net);
	return 0;
}
