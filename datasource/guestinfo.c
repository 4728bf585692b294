/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Single values of guestinfo, and their encodings.
 */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "datasource/guestinfo.h"
#include "lib/doc/decode.h"
#include "lib/pack/pack.h"

/* Any of these makes a machine on VMware one with data. */
static const char *const telling[] = {
	"metadata",
	"userdata",
	"vendordata",
	"cloud-init.config.data",
	"cloud-init.config.url",
	"coreos.config.data",
	"coreos.config.url",
	"hostname",
	"interface.0.name",
	"interface.0.mac",
	"dns.servers",
	"dns.server.0",
	"dns.domains",
	"dns.domain.0",
};

/* --- values --- */

static bool is_absent(const struct buf *b)
{
	size_t at = strspn(buf_text(b), " \t\r\n");

	return at == b->len || (b->len - at >= 3 && !strncmp(b->data + at, "---", 3) &&
				strspn(b->data + at + 3, " \t\r\n") == b->len - at - 3);
}

static const char *from_ovf(const struct ovf_env *ovf, const char *key)
{
	char full[GUESTINFO_KEY + 16];

	(void)snprintf(full, sizeof(full), "guestinfo.%.127s", key);
	return ovf ? ovf_env_get(ovf, full) : NULL;
}

int guestinfo_get(const struct guestinfo *g, const char *key, struct buf *ret, struct error *err)
{
	const char *v = from_ovf(g->ovf, key);
	int r = 0;

	buf_done(ret);
	*ret = BUF_WITH_LIMIT(GUESTINFO_VALUE);
	if (v)
		buf_str(ret, v);
	if (ret->len == 0 && g->get)
		r = g->get(g->arg, key, ret, err);
	if (r == 0)
		r = buf_check(ret, err);
	if (r == 0 && is_absent(ret))
		r = error_set(err, ENODATA, "guestinfo.%s has no value", key);
	if (r < 0)
		buf_reset(ret);
	return r;
}

const char *guestinfo_text(const struct guestinfo *g, struct doc_pool *p, const char *key)
{
	AUTO_BUF struct buf b = { 0 };
	size_t len;

	if (guestinfo_get(g, key, &b, NULL) < 0)
		return NULL;
	len = b.len;
	while (len && isspace((unsigned char)b.data[len - 1]))
		len--;
	return doc_strdup(p, buf_text(&b), len);
}

/* --- encodings --- */

static int undo_base64(struct buf *value, struct error *err)
{
	AUTO_BUF struct buf raw = BUF_WITH_LIMIT(GUESTINFO_UNPACKED);
	int r = decode_base64(buf_text(value), value->len, &raw);

	if (r < 0)
		return error_set(err, -r, "it is not base64");
	buf_done(value);
	*value = raw;
	raw = (struct buf){ 0 };
	return 0;
}

static int undo_gzip(struct buf *value, struct error *err)
{
	AUTO_BUF struct buf raw = BUF_WITH_LIMIT(GUESTINFO_UNPACKED);
	int r = pack_gunzip(buf_text(value), value->len, &raw);

	if (r < 0)
		return error_set(err, -r,
				 r == -E2BIG ? "it unpacks to more than can be kept"
					     : "it is not gzip, or damaged");
	buf_done(value);
	*value = raw;
	raw = (struct buf){ 0 };
	return 0;
}

int guestinfo_decode(const char *encoding, struct buf *value, struct error *err)
{
	static const struct {
		const char *name;
		bool gzip, base64;
	} known[] = {
		{ "", false, false },        { "base64", false, true },
		{ "b64", false, true },      { "gzip", true, false },
		{ "gz", true, false },       { "gzip+base64", true, true },
		{ "gz+base64", true, true }, { "gzip+b64", true, true },
		{ "gz+b64", true, true },
	};

	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		bool packed = known[i].gzip && decode_is_gzip(buf_text(value), value->len);
		int r = 0;

		if (strcmp(encoding ? encoding : "", known[i].name) != 0)
			continue;
		if (!value->len)
			return 0;
		/* Plain "gzip" cannot travel as it is: many mean gzip+base64 by it. */
		if (known[i].base64 || (known[i].gzip && !packed))
			r = undo_base64(value, err);
		return r == 0 && known[i].gzip ? undo_gzip(value, err) : r;
	}
	return error_set(err, EBADMSG,
			 "the encoding %.32s is not known (use base64 or gzip+base64)", encoding);
}

bool guestinfo_has_data(const struct guestinfo *g, char key[GUESTINFO_KEY])
{
	AUTO_BUF struct buf b = { 0 };
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(telling); i++) {
		int r = guestinfo_get(g, telling[i], &b, &err);

		if (r == 0) {
			(void)snprintf(key, GUESTINFO_KEY, "guestinfo.%s", telling[i]);
			return true;
		}
		/* A channel that does not work answers no other key either. */
		if (r != -ENODATA)
			return false;
	}
	return false;
}
