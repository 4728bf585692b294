/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of clouds and of the facts by which they are known.
 */
#include "datasource/platform.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "lib/file.h"

#define TESTS 2

enum how {
	HOW_UNUSED,
	HOW_IS,	      /* the fact is the text */
	HOW_BEGINS,
	HOW_HAS,      /* the text is in it, in any case */
	HOW_ENDS,
	HOW_ABSENT,   /* the fact is empty */
	HOW_EC2_UUID, /* a UUID that begins with ec2, in either byte order */
	HOW_SAME_AS_UUID,
	HOW_WORD,     /* the kernel line has the text as a word */
	HOW_FILE,     /* the path exists */
};

struct test {
	enum how how;
	enum machine_fact fact;
	const char *text;
};

struct rule {
	const char *source;
	enum datasource_match match;
	bool is_clone; /* of EC2 */
	struct test all[TESTS];
};

#define IS(field, value) { HOW_IS, MACHINE_##field, value }
#define BEGINS(field, value) { HOW_BEGINS, MACHINE_##field, value }
#define HAS(field, value) { HOW_HAS, MACHINE_##field, value }
#define ENDS(field, value) { HOW_ENDS, MACHINE_##field, value }
#define ABSENT(field) { HOW_ABSENT, MACHINE_##field, "" }
#define EC2_UUID { HOW_EC2_UUID, MACHINE_PRODUCT_UUID, "" }
#define WORD(value) { HOW_WORD, 0, value }
#define EXISTS(path) { HOW_FILE, 0, path }
#define YES(source, ...) { source, DATASOURCE_YES, false, { __VA_ARGS__ } }
#define CLONE(source, ...) { source, DATASOURCE_YES, true, { __VA_ARGS__ } }
#define MAYBE(source, ...) { source, DATASOURCE_MAYBE, false, { __VA_ARGS__ } }

/* The first row that fits decides. One random UUID in 2048 begins with ec2 in one of its two byte
 * orders: a UUID alone is no proof. */
static const struct rule rules[] = {
	YES("ec2", IS(SYS_VENDOR, "Amazon EC2")),
	YES("ec2", EC2_UUID, HAS(PRODUCT_VERSION, "amazon")),
	YES("ec2", EC2_UUID, HAS(BIOS_VERSION, "amazon")),
	YES("ec2", EC2_UUID, HAS(BIOS_VENDOR, "amazon")),
	YES("ec2", BEGINS(XEN_UUID, "ec2"), HAS(PRODUCT_VERSION, "amazon")),
	YES("ec2", BEGINS(XEN_UUID, "ec2"), HAS(BIOS_VERSION, "amazon")),
	/* Paravirtual Xen has no DMI at all. */
	YES("ec2", BEGINS(XEN_UUID, "ec2"), ABSENT(SYS_VENDOR)),
	CLONE("ec2", ENDS(PRODUCT_SERIAL, ".brightbox.com")),
	CLONE("ec2", ENDS(CHASSIS_ASSET_TAG, ".zstack.io")),
	CLONE("ec2", IS(SYS_VENDOR, "e24cloud")),
	CLONE("ec2", IS(SYS_VENDOR, "Tilaa")),
	CLONE("ec2", IS(SYS_VENDOR, "3DS Outscale"), IS(PRODUCT_NAME, "3DS Outscale VM")),
	/* Old Xen machines of EC2 whose firmware names nobody. */
	{ "ec2", DATASOURCE_YES, false,
	  { EC2_UUID, { HOW_SAME_AS_UUID, MACHINE_PRODUCT_SERIAL, "" } } },
	MAYBE("ec2", EC2_UUID),
	MAYBE("ec2", BEGINS(XEN_UUID, "ec2")),
	YES("gce", IS(PRODUCT_NAME, "Google Compute Engine")),
	YES("gce", BEGINS(PRODUCT_SERIAL, "GoogleCloud-")),
	YES("gce", IS(PRODUCT_NAME, "Google"), IS(SYS_VENDOR, "Google")),
	YES("azure", IS(CHASSIS_ASSET_TAG, "7783-7084-3265-9085-8269-3286-77")),
	YES("azure", EXISTS("/var/lib/cloud/seed/azure/ovf-env.xml")),
	YES("openstack", IS(PRODUCT_NAME, "OpenStack Nova")),
	YES("openstack", IS(PRODUCT_NAME, "OpenStack Compute")),
	YES("openstack", IS(CHASSIS_ASSET_TAG, "OpenStack Nova")),
	YES("openstack", IS(CHASSIS_ASSET_TAG, "OpenStack Compute")),
	YES("openstack", IS(CHASSIS_ASSET_TAG, "OpenTelekomCloud")),
	YES("openstack", IS(CHASSIS_ASSET_TAG, "SAP CCloud VM")),
	YES("openstack", IS(CHASSIS_ASSET_TAG, "HUAWEICLOUD")),
	YES("openstack", IS(CHASSIS_ASSET_TAG, "Samsung Cloud Platform")),
	YES("openstack", IS(PID1_PRODUCT, "OpenStack Nova")),
	YES("openstack", IS(PID1_PRODUCT, "OpenStack Compute")),
	YES("digitalocean", IS(SYS_VENDOR, "DigitalOcean")),
	YES("hetzner", IS(SYS_VENDOR, "Hetzner")),
	YES("scaleway", IS(SYS_VENDOR, "Scaleway")),
	YES("scaleway", WORD("scaleway")),
	YES("scaleway", EXISTS("/var/run/scaleway")),
	YES("vultr", IS(SYS_VENDOR, "Vultr")),
	YES("vultr", WORD("vultr")),
	YES("vultr", EXISTS("/etc/vultr")),
	YES("oracle", IS(CHASSIS_ASSET_TAG, "OracleCloud.com")),
	YES("aliyun", IS(PRODUCT_NAME, "Alibaba Cloud ECS")),
	YES("exoscale", BEGINS(PRODUCT_NAME, "Exoscale")),
	YES("cloudstack", BEGINS(PRODUCT_NAME, "CloudStack")),
	YES("akamai", IS(SYS_VENDOR, "Akamai")),
	YES("akamai", IS(SYS_VENDOR, "Linode")),
	YES("upcloud", IS(SYS_VENDOR, "UpCloud")),
};

/* ec2xxxxx-…, or xxxx2Xec-…: the same bytes in the order in which newer firmware shows them. */
static bool is_ec2_uuid(const char *uuid)
{
	if (!strncasecmp(uuid, "ec2", 3))
		return true;
	return strnlen(uuid, 9) == 9 && uuid[8] == '-' && uuid[4] == '2' &&
	       isxdigit((unsigned char)uuid[5]) && !strncasecmp(uuid + 6, "ec", 2);
}

static bool has_word(const struct cmdline *c, const char *word)
{
	for (size_t i = 0; i < c->n_words; i++)
		if (!c->words[i].value && !strcmp(c->words[i].key, word))
			return true;
	return false;
}

static bool ends_with(const char *s, const char *tail)
{
	size_t n = strlen(s), k = strlen(tail);

	return n > k && !strcmp(s + n - k, tail);
}

static bool holds(const struct machine *m, const struct test *t)
{
	const char *have = m->fact[t->fact];

	switch (t->how) {
	case HOW_UNUSED:
		return true;
	case HOW_IS:
		return !strcmp(have, t->text);
	case HOW_BEGINS:
		return !strncasecmp(have, t->text, strlen(t->text));
	case HOW_HAS:
		return strcasestr(have, t->text) != NULL;
	case HOW_ENDS:
		return ends_with(have, t->text);
	case HOW_ABSENT:
		return !have[0];
	case HOW_EC2_UUID:
		return is_ec2_uuid(have);
	case HOW_SAME_AS_UUID:
		return !m->fact[MACHINE_SYS_VENDOR][0] &&
		       !strcasecmp(have, m->fact[MACHINE_PRODUCT_UUID]);
	case HOW_WORD:
		return has_word(&m->cmdline, t->text);
	case HOW_FILE:
		return file_exists(m->root, t->text);
	}
	return false;
}

static bool fits(const struct machine *m, const struct rule *r)
{
	for (size_t i = 0; i < TESTS; i++)
		if (!holds(m, &r->all[i]))
			return false;
	return true;
}

/* The first test of a rule, in words. */
static void explain(const struct machine *m, const struct test *t, bool is_all,
		    struct datasource_clue *ret)
{
	if (t->how == HOW_WORD)
		(void)snprintf(ret->reason, sizeof(ret->reason), "the kernel line says %s",
			       t->text);
	else if (t->how == HOW_FILE)
		(void)snprintf(ret->reason, sizeof(ret->reason), "%s is there", t->text);
	else
		(void)snprintf(ret->reason, sizeof(ret->reason), "%s is \"%s\"%s",
			       machine_fact_name(t->fact), m->fact[t->fact],
			       is_all ? "" : ", which alone is no proof");
}

static const struct rule *find(const struct machine *m, const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(rules); i++)
		if (!strcmp(rules[i].source, name) && fits(m, &rules[i]))
			return &rules[i];
	return NULL;
}

void platform_match(const struct machine *m, const char *name, struct datasource_clue *ret)
{
	const struct rule *r = find(m, name);

	if (!r)
		return;
	ret->match = r->match;
	ret->stage = DATASOURCE_BY_PLATFORM;
	explain(m, &r->all[0], r->match == DATASOURCE_YES, ret);
}

bool platform_is_ec2_clone(const struct machine *m)
{
	const struct rule *r = find(m, "ec2");

	return r && r->is_clone;
}
