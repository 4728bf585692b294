/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chooses the host name.
 */
#include <ctype.h>
#include <string.h>

#include "agent/userdata/hostname.h"
#include "lib/file.h"
#include "lib/scope.h"

#define DEFAULT "ocicat"
#define NAME_MAX_LEN 253
#define LABEL_MAX 63

bool hostname_is_valid(const char *name)
{
	size_t label = 0;

	if (!*name || strlen(name) > NAME_MAX_LEN)
		return false;
	for (const char *s = name; *s; s++) {
		if (*s == '.') {
			if (label == 0 || s[-1] == '-')
				return false;
			label = 0;
			continue;
		}
		/* The field's machines are named so, whatever RFC 1123 says. */
		if (!isalnum((unsigned char)*s) && *s != '_' && (*s != '-' || label == 0))
			return false;
		if (++label > LABEL_MAX)
			return false;
	}
	return label > 0 && name[strlen(name) - 1] != '-';
}

static const char *valid(const struct doc_node *config, const char *path)
{
	const struct doc_node *n = doc_at(config, path);

	if (!doc_is_scalar(n) || n->kind == DOC_NULL || n->len == 0 || strlen(n->text) != n->len)
		return NULL;
	return hostname_is_valid(n->text) ? n->text : NULL;
}

static const char *configured(struct doc_pool *p, const struct doc_node *config, const char *path)
{
	const struct doc_node *n = doc_at(config, path);
	const char *name = valid(config, path);

	if (!name && doc_is_scalar(n) && n->kind != DOC_NULL && n->len)
		doc_say(p, true, n->origin,
			"this is no host name (letters, digits and hyphens, dots between labels): "
			"ignored");
	return name;
}

const char *hostname_choose(struct doc_pool *p, const struct doc_node *config,
			    const struct instance *in)
{
	const char *name = configured(p, config, "hostname"), *fqdn = configured(p, config, "fqdn");

	if (fqdn && doc_bool(config, "prefer_fqdn_over_hostname", false))
		return fqdn;
	if (!name && fqdn)
		name = doc_strdup(p, fqdn, strcspn(fqdn, "."));
	if (!name && in->hostname) {
		if (hostname_is_valid(in->hostname))
			return in->hostname;
		doc_say(p, true, (struct doc_origin){ "meta-data", 0, 0 },
			"local-hostname is no host name: ignored");
	}
	if (!name)
		name = configured(p, config, "rancher.defaults.hostname");
	return name ? name : DEFAULT;
}

const char *hostname_full(const struct doc_node *config, const struct instance *in)
{
	const char *name = valid(config, "fqdn");

	if (!name)
		name = valid(config, "hostname");
	if (!name && in->hostname && hostname_is_valid(in->hostname))
		name = in->hostname;
	if (!name)
		name = valid(config, "rancher.defaults.hostname");
	return name ? name : DEFAULT;
}

/* What stands in /etc/hostname, when nobody is to change it. */
static const char *preserved(int root, struct doc_pool *p, const struct doc_node *config)
{
	AUTO_BUF struct buf kept = BUF_WITH_LIMIT(NAME_MAX_LEN + 64);
	const char *name;

	if (!doc_bool(config, "preserve_hostname", false) ||
	    file_read(root, "/etc/hostname", &kept, NULL) < 0)
		return NULL;
	name = doc_strdup(p, buf_text(&kept), strcspn(buf_text(&kept), " \t\r\n"));
	return name && hostname_is_valid(name) ? name : NULL;
}

struct hostname hostname_get(int root, struct doc_pool *p, const struct doc_node *config,
			     const struct instance *in)
{
	struct hostname h = { preserved(root, p, config), hostname_full(config, in) };
	size_t len = h.name ? strlen(h.name) : 0;

	if (!h.name)
		h.name = hostname_choose(p, config, in);
	else if (strncmp(h.full, h.name, len) != 0 || h.full[len] != '.')
		h.full = h.name;
	return h;
}
