/* SPDX-License-Identifier: Apache-2.0 */
/* What metadata services answer: listings, documents, keys, headers, goal states, leases. The first
 * byte says which; whatever it is, what we make of it is well-formed, and names are harmless. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "datasource/azure.h"
#include "datasource/cloudstack.h"
#include "datasource/gce_keys.h"
#include "datasource/imds.h"
#include "datasource/meta.h"
#include "lib/http/retry.h"

static void check_names(const struct imds_names *names)
{
	FUZZ_ASSERT(names->n <= IMDS_NAMES_MAX);
	for (size_t i = 0; i < names->n; i++) {
		const char *name = names->name[i];

		FUZZ_ASSERT(name[0] && !strpbrk(name, "/%?#\r\n") && strcmp(name, "..") &&
			    strcmp(name, "."));
	}
}

static void check_listing(const char *text)
{
	static struct imds_names names;

	imds_parse_names(text, &names);
	check_names(&names);
	imds_parse_keys(text, &names);
	check_names(&names);
	for (size_t i = 0; i < names.n; i++)
		FUZZ_ASSERT(!strchr(names.name[i], '='));
}

/* Meta-data that we write reads back, with as many keys as went in. */
static void check_meta(struct doc_pool *p, const struct meta *m)
{
	AUTO_BUF struct buf out = { 0 };
	const struct doc_node *n = NULL, *keys;

	meta_finish(m, &out);
	FUZZ_ASSERT(doc_json_parse(p, "meta", buf_text(&out), out.len, &n, NULL) == 0);
	keys = doc_key(n, "public-keys");
	FUZZ_ASSERT(keys && keys->kind == DOC_SEQ && keys->len == m->n_keys);
	for (size_t i = 0; i < keys->len; i++)
		FUZZ_ASSERT(keys->items[i]->len && !strpbrk(keys->items[i]->text, "\r\n"));
}

static void check_document(struct doc_pool *p, const char *text, size_t size)
{
	AUTO_META struct meta m = { 0 };
	const struct doc_node *n = NULL;

	if (doc_json_parse(p, "input", text, size, &n, NULL) == 0)
		meta_add_key_node(&m, n);
	meta_add_keys(&m, text);
	if (meta_is_id(text))
		meta_set(&m, "instance-id", text);
	meta_set(&m, "local-hostname", text);
	check_meta(p, &m);
}

static void check_key(const char *text, size_t size)
{
	size_t n = 0;
	const char *key = gce_keys_parse(text, size, &n);

	if (key)
		FUZZ_ASSERT(key > text && key + n <= text + size && !memchr(key, '\n', n));
	(void)gce_keys_is_good(text, 1000000000);
}

static void check_header(const char *text, size_t size)
{
	struct buf b = { .limit = 1u << 20 };
	char value[32];

	buf_add(&b, text, size);
	if (http_header(&b, "Retry-After", value, sizeof(value))) {
		int64_t wait = http_retry_after(value, 1000000000);

		FUZZ_ASSERT(strlen(value) < sizeof(value) && !strpbrk(value, "\r\n"));
		FUZZ_ASSERT(wait >= 1 && wait <= 86400);
	}
	buf_done(&b);
}

static void check_azure(struct doc_pool *p, const char *text, size_t size)
{
	AUTO_BUF struct buf out = { 0 };
	const char *data = NULL, *name = NULL;
	struct error err = { 0 };

	if (azure_parse_environment(p, text, size, &data, &name, &err) < 0)
		FUZZ_ASSERT(err.code && err.msg[0]);
	error_reset(&err);
	if (azure_make_report(p, text, size, &out, &err) < 0)
		FUZZ_ASSERT(err.code && err.msg[0]);
}

static void check_lease(const char *text, size_t size)
{
	char server[16];

	if (cloudstack_server(text, size, server, sizeof(server)))
		FUZZ_ASSERT(strspn(server, "0123456789.") == strlen(server));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	AUTO(doc_pool_free) struct doc_pool *p = NULL;
	AUTO_BUF struct buf b = { .limit = 4u << 20 };

	if (size == 0 || doc_pool_new(&p, NULL) < 0)
		return 0;
	buf_add(&b, data + 1, size - 1);
	switch (data[0]) {
	case 'l':
		check_listing(buf_text(&b));
		break;
	case 'd':
		check_document(p, buf_text(&b), b.len);
		break;
	case 'k':
		check_key(buf_text(&b), b.len);
		break;
	case 'h':
		check_header(buf_text(&b), b.len);
		break;
	case 'a':
		check_azure(p, buf_text(&b), b.len);
		break;
	default:
		check_lease(buf_text(&b), b.len);
	}
	return 0;
}
