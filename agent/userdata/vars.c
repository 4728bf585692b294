/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Metadata under the names that user-data knows.
 */
#include "agent/userdata/vars.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/utsname.h>

#include "lib/doc/tree.h"

#define SOURCE "meta-data"
/* The distribution as cloud-init would call it. */
#define DISTRO "ocicatos"

static const struct {
	const char *name;    /* as it is written in user-data */
	const char *keys[4]; /* of the metadata, the first that is there counts */
} addresses[VARS_ADDRESSES] = {
	{ "$private_ipv4", { "local-ipv4", "private_ipv4", "local_ipv4", "private-ipv4" } },
	{ "$public_ipv4", { "public-ipv4", "public_ipv4" } },
	{ "$private_ipv6", { "local-ipv6", "private_ipv6", "local_ipv6", "private-ipv6" } },
	{ "$public_ipv6", { "public-ipv6", "public_ipv6", "ipv6" } },
};

/* It goes into YAML as it stands: only an address may. */
static const char *address_of(const struct doc_node *meta, const char *const keys[4])
{
	for (size_t i = 0; i < 4 && keys[i]; i++) {
		const char *s = doc_str(doc_key(meta, keys[i]), "", NULL);
		size_t len = s ? strspn(s, "0123456789abcdefABCDEF.:") : 0;

		if (len && !s[len] && len < 46)
			return s;
	}
	return NULL;
}

static void put(struct doc_pool *p, const struct doc_node **doc, const char *path,
		const struct doc_node *val)
{
	const struct doc_node *with = val ? doc_with(p, *doc, path, val) : NULL;

	if (with)
		*doc = with;
}

static void put_text(struct doc_pool *p, const struct doc_node **doc, const char *path,
		     const char *text)
{
	if (text)
		put(p, doc, path, doc_new_str(p, SOURCE, text));
}

static void put_machine(struct doc_pool *p, const struct doc_node **doc)
{
	struct utsname u;

	if (uname(&u) < 0)
		return;
	put_text(p, doc, "v1.kernel_release", u.release);
	put_text(p, doc, "v1.machine", u.machine);
}

static void put_instance(struct doc_pool *p, const struct instance *in, const struct doc_node **doc)
{
	const char *cloud = in->datasource;

	/* The name that `datasource fetch` gives stands in its JSON. */
	if (in->meta && !doc_key(in->meta, "instance-id"))
		cloud = doc_str(doc_key(in->meta, "datasource"), "", cloud);
	if (cloud && !strcmp(cloud, "file"))
		cloud = "nocloud";
	put_text(p, doc, "v1.cloud_name", cloud);
	put_text(p, doc, "v1.cloud_id", cloud);
	put_text(p, doc, "v1.platform", cloud);
	put_text(p, doc, "v1.instance_id", in->id);
	put_text(p, doc, "v1.region", in->region);
	put_text(p, doc, "v1.availability_zone",
		 in->zone ? in->zone : doc_str(doc_key(in->meta, "zone"), "", NULL));
	put_text(p, doc, "v1.instance_type", in->type);
	put_text(p, doc, "v1.distro", DISTRO);
	if (in->hostname)
		put(p, doc, "v1.local_hostname",
		    tree_str(p, (struct doc_origin){ .source = SOURCE }, in->hostname,
			     strcspn(in->hostname, ".")));
	if (in->keys)
		put(p, doc, "v1.public_ssh_keys", in->keys);
}

void vars_read(struct doc_pool *p, const struct instance *in, struct vars *ret)
{
	*ret = (struct vars){ .instance_id = in->id };
	put_machine(p, &ret->names);
	put_instance(p, in, &ret->names);
	if (in->meta)
		put(p, &ret->names, "ds.meta_data", in->meta);
	for (size_t i = 0; i < VARS_ADDRESSES; i++) {
		char path[32] = "v1.";

		ret->address[i] = address_of(in->meta, addresses[i].keys);
		strncat(path, addresses[i].name + 1, sizeof(path) - sizeof("v1."));
		put_text(p, &ret->names, path, ret->address[i]);
	}
	ret->launch_index = doc_int(doc_key(in->meta, "ami-launch-index"), "", -1);
	if (ret->launch_index < 0)
		ret->launch_index = doc_int(doc_key(in->meta, "launch-index"), "", -1);
}

/* Which of them stands at s; VARS_ADDRESSES for none. */
static size_t find_name(const char *s)
{
	size_t i;

	for (i = 0; i < VARS_ADDRESSES; i++) {
		size_t len = strlen(addresses[i].name);

		if (!strncmp(s, addresses[i].name, len) && !isalnum((unsigned char)s[len]) &&
		    s[len] != '_')
			break;
	}
	return i;
}

static void say_unknown(struct doc_pool *p, struct doc_origin at, const char *text, const char *s,
			const char *name)
{
	const char *line = text;

	for (const char *c = text; c < s; c++)
		if (*c == '\n') {
			at.line++;
			line = c + 1;
		}
	at.column = (unsigned)(s - line) + 1;
	doc_say(p, false, at, "the metadata does not tell %s: it stays as it is", name);
}

const char *vars_substitute(struct doc_pool *p, const struct vars *v, struct doc_origin at,
			    const char *text)
{
	AUTO_BUF struct buf out = { 0 };
	const char *from = text, *s = text;
	bool changed = false, said = false;

	while ((s = strchr(s, '$'))) {
		size_t i = find_name(s);
		bool escaped = s > text && s[-1] == '\\';
		const char *value;

		if (i == VARS_ADDRESSES) {
			s++;
			continue;
		}
		value = escaped ? addresses[i].name : v ? v->address[i] : NULL;
		if (v && !value && !said)
			say_unknown(p, at, text, s, addresses[i].name);
		said = said || !value;
		if (value) {
			buf_add(&out, from, (size_t)(s - from) - escaped);
			buf_str(&out, value);
			from = s + strlen(addresses[i].name);
			changed = true;
		}
		s += strlen(addresses[i].name);
	}
	if (!changed)
		return text;
	buf_str(&out, from);
	return out.failed ? NULL : doc_strdup(p, buf_text(&out), out.len);
}
