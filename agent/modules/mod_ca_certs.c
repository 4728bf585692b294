/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ca_certs: the one bundle that everything on the machine trusts: the agent's libcurl, both Dockers
 * and the system's containers, which all see this /etc. It is the image's bundle with the
 * certificates of the configuration behind it, and what write_files adds, made anew at every boot,
 * so that a newer image's authorities come in and what the configuration no longer names goes.
 */
#include <stdio.h>
#include <string.h>

#include "agent/modules/rows.h"
#include "agent/modules/written.h"
#include "lib/doc/decode.h"

#define BUNDLE	     "/etc/ssl/certs/ca-certificates.crt"
#define IMAGE_BUNDLE "/usr/etc/ssl/certs/ca-certificates.crt"
/* What stands behind this line is ours. */
#define MARK	   "# ca_certs of the cloud-config:\n"
#define BUNDLE_MAX (4u << 20)
#define BEGIN	   "-----BEGIN CERTIFICATE-----"
#define END	   "-----END CERTIFICATE-----"
#define CERTS_MAX  200

/* One certificate between its lines; OpenSSL reads nothing of a bundle with a broken one. */
static bool is_certificate(const char *body, size_t len)
{
	AUTO_BUF struct buf der = BUF_WITH_LIMIT(64u << 10);

	return decode_base64(body, len, &der) == 0 && der.len > 64 &&
	       (unsigned char)der.data[0] == 0x30;
}

static bool is_blank(const char *s, size_t len)
{
	return strspn(s, " \t\r\n") >= len;
}

/* Every certificate of a text, with nothing between them. */
static bool add_text(const char *s, struct buf *out)
{
	const char *begin;
	bool any = false;

	while ((begin = strstr(s, BEGIN))) {
		const char *body = begin + strlen(BEGIN), *end = strstr(body, END);

		if (!end || !is_blank(s, (size_t)(begin - s)) ||
		    !is_certificate(body, (size_t)(end - body)))
			return false;
		buf_str(out, BEGIN "\n");
		for (const char *line = body; line < end;) {
			size_t len;

			line += strspn(line, " \t\r\n");
			len = strcspn(line, " \t\r\n");
			if (line >= end)
				break;
			if (len > (size_t)(end - line))
				len = (size_t)(end - line);
			buf_add(out, line, len);
			buf_char(out, '\n');
			line += len;
		}
		buf_str(out, END "\n");
		s = end + strlen(END);
		any = true;
	}
	return any && is_blank(s, strlen(s));
}

static enum module_result add_all(const struct module_ctx *c, const struct doc_node *list,
				  struct buf *out, size_t *ret_n)
{
	enum module_result result = MODULE_UNCHANGED;
	const struct doc_node *one;
	const struct doc_node *const *items;
	size_t n;

	items = module_items(list, &one, &n);
	if (n > CERTS_MAX)
		result = module_fail(c, list->origin,
				     "these are too many certificates (%d at most)", CERTS_MAX);
	for (size_t i = 0; i < n && i < CERTS_MAX; i++) {
		AUTO_BUF struct buf text = BUF_WITH_LIMIT(256u << 10);
		const char *s = module_text(items[i]);

		if (s && add_text(s, &text)) {
			buf_add(out, buf_text(&text), text.len);
			++*ret_n;
		} else {
			result = module_fail(c, items[i]->origin,
					     "this is no certificate in PEM form "
					     "(\"" BEGIN "\" …): left out");
		}
	}
	return result;
}

/* What the system brings. */
static int read_defaults(const struct module_ctx *c, struct buf *out, struct error *err)
{
	const char *mark;
	int r = file_read(c->root, IMAGE_BUNDLE, out, NULL);

	if (r < 0) {
		r = file_read(c->root, BUNDLE, out, NULL);
		mark = r == 0 ? strstr(buf_text(out), MARK) : NULL;
		if (mark)
			out->len = (size_t)(mark - out->data);
		if (mark)
			out->data[out->len] = '\0';
	}
	if (out->len && out->data[out->len - 1] != '\n')
		buf_char(out, '\n');
	return buf_check(out, err);
}

static bool was_ours(const struct module_ctx *c)
{
	AUTO_BUF struct buf have = BUF_WITH_LIMIT(BUNDLE_MAX);

	return file_read(c->root, BUNDLE, &have, NULL) == 0 && strstr(buf_text(&have), MARK);
}

static enum module_result apply(const struct module_ctx *c, struct buf *message)
{
	const struct doc_node *map = doc_key(c->config, "ca_certs");
	bool none = doc_bool(map, "remove_defaults", false);
	const struct doc_node *trusted = doc_key(map, "trusted");
	bool wanted = none || (trusted && trusted->kind != DOC_NULL && trusted->len);
	AUTO_BUF struct buf text = BUF_WITH_LIMIT(BUNDLE_MAX);
	enum module_result result = MODULE_UNCHANGED;
	struct error err = { 0 };
	size_t n = 0;

	if (!wanted && !was_ours(c))
		return MODULE_SKIPPED;
	if (!none && read_defaults(c, &text, &err) < 0)
		return module_fail(c, (struct doc_origin){ 0 }, "ca_certs: %s", err.msg);
	if (wanted) {
		buf_str(&text, MARK);
		result = add_all(c, trusted, &text, &n);
		buf_fmt(message, "%zu added%s", n, none ? ", none of the system's" : "");
	}
	return module_worse(result, written_publish(c, BUNDLE, &text, 0644, message));
}

const struct module module_ca_certs = {
	.name = "ca_certs",
	.apply = apply,
};
