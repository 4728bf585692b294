/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every datasource there is. To add one: a file with its descriptor, and its row here.
 */
#include "datasource/registry.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "datasource/platform.h"

/* In order of priority among equal clues. What only the configuration can name stands last. */
#define SOURCES(X)      \
	X(cmdline)      \
	X(nocloud)      \
	X(configdrive)  \
	X(proxmox)      \
	X(ec2)          \
	X(gce)          \
	X(azure)        \
	X(openstack)    \
	X(digitalocean) \
	X(hetzner)      \
	X(scaleway)     \
	X(vultr)        \
	X(oracle)       \
	X(aliyun)       \
	X(exoscale)     \
	X(cloudstack)   \
	X(akamai)       \
	X(upcloud)      \
	X(packet)       \
	X(vmware)       \
	X(ovf)          \
	X(file)         \
	X(url)          \
	X(tftp)

#define X(name) extern const struct datasource datasource_##name;
SOURCES(X)
#undef X

const struct datasource *const registry_all[] = {
#define X(name) &datasource_##name,
	SOURCES(X)
#undef X
	NULL,
};

/* RancherOS' `*`. */
static const char *const every[] = { "configdrive", "vmware", "ec2",	   "digitalocean", "packet",
				     "gce", "cloudstack", "exoscale", "proxmox" };
/* RancherOS took these without being told, where the machine is one of theirs. */
static const char *const always[] = { "vmware", "exoscale", "proxmox" };
/* Nothing but an address makes them known. */
static const char *const need_arg[] = { "file", "url", "tftp" };

static bool is_one_of(const char *name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(name, names[i]))
			return true;
	return false;
}

const struct datasource *registry_find(const char *name, size_t len)
{
	for (const struct datasource *const *s = registry_all; *s; s++)
		if (!strncasecmp((*s)->name, name, len) && (*s)->name[len] == '\0')
			return *s;
	return NULL;
}

struct rows {
	struct registry_choice *row; /* NULL: only names are looked at */
	size_t n;
	char stranger[REGISTRY_NAME]; /* the last one that no source has */
};

static void add(struct rows *rows, const struct datasource *s, const char *arg, bool is_listed)
{
	struct registry_choice *c;

	if (!rows->row)
		return;
	/* A source that is given no address counts once. */
	for (size_t i = 0; i < rows->n; i++)
		if (rows->row[i].source == s && (!arg[0] || !strcmp(rows->row[i].arg, arg)))
			return;
	if (rows->n == REGISTRY_MAX || strlen(arg) >= REGISTRY_ARG)
		return;
	c = &rows->row[rows->n++];
	*c = (struct registry_choice){ .source = s, .is_listed = is_listed };
	(void)snprintf(c->arg, sizeof(c->arg), "%s", arg);
}

static void add_entry(struct rows *rows, const char *entry)
{
	size_t len = strcspn(entry, ":");
	const struct datasource *s = registry_find(entry, len);

	if (s)
		add(rows, s, entry[len] ? entry + len + 1 : "", true);
	else if (!strcmp(entry, "*"))
		for (size_t i = 0; i < ARRAY_LEN(every); i++)
			add(rows, registry_find(every[i], strlen(every[i])), "", true);
	else
		(void)snprintf(rows->stranger, sizeof(rows->stranger), "%.*s", (int)len, entry);
}

/* One entry, or a list that stands in a text: ["url:…"], or ec2,gce. */
static void add_text(struct rows *rows, const char *text)
{
	static const char between[] = "[]\"', \t";
	char entry[REGISTRY_ARG + 32];

	if (registry_find(text, strcspn(text, ":"))) {
		add_entry(rows, text);
		return;
	}
	while (*(text += strspn(text, between))) {
		size_t len = strcspn(text, between);

		(void)snprintf(entry, sizeof(entry), "%.*s", (int)len, text);
		add_entry(rows, entry);
		text += len;
	}
}

static void add_list(struct rows *rows, const struct doc_node *list)
{
	if (doc_is_scalar(list))
		add_text(rows, list->text);
	for (size_t i = 0; list && list->kind == DOC_SEQ && i < list->len; i++)
		if (doc_is_scalar(list->items[i]))
			add_text(rows, list->items[i]->text);
}

bool registry_stranger(const struct doc_node *list, char ret[REGISTRY_NAME])
{
	struct rows rows = { 0 };

	add_list(&rows, list);
	(void)snprintf(ret, REGISTRY_NAME, "%s", rows.stranger);
	return ret[0] != '\0';
}

/* A list that stands there but names nothing (RancherOS' `[]`) is no list. */
static bool is_list(const struct doc_node *list)
{
	return list && list->kind != DOC_NULL && list->len > 0;
}

/* `ci.ds=`, `ci.datasource=` and `ds=` of the kernel line, up to a semicolon. */
static const char *named_on_cmdline(const struct machine *m, size_t *ret_len)
{
	static const char *const keys[] = { "ci.ds", "ci.datasource", "ds" };

	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const char *v = cmdline_get(&m->cmdline, keys[i]);

		*ret_len = v ? strcspn(v, ";,") : 0;
		if (*ret_len)
			return v;
	}
	return NULL;
}

bool registry_is_told(const struct machine *m, const struct doc_node *list)
{
	size_t len;

	return is_list(list) || named_on_cmdline(m, &len) != NULL;
}

static bool is_switched_off(const struct machine *m)
{
	const char *v = cmdline_get(&m->cmdline, "cloud-init");

	return v && !strcmp(v, "disabled");
}

static void look(const struct machine *m, struct registry_choice *c)
{
	const struct datasource *s = c->source;
	size_t len;
	const char *named = named_on_cmdline(m, &len);

	if (s->detect)
		s->detect(m, &c->clue);
	else
		platform_match(m, s->name, &c->clue);
	if (named && registry_find(named, len) == s)
		datasource_clue_set(&c->clue, DATASOURCE_YES, DATASOURCE_BY_CMDLINE,
				    "the kernel line names it");
}

/* What the list does to a clue. A source that is alone there needs no other; of several, those that
 * the facts do not prove may be asked, one after another. */
static void apply_list(struct registry_choice *c, bool is_only)
{
	struct datasource_clue *clue = &c->clue;
	bool must = is_one_of(c->source->name, need_arg, ARRAY_LEN(need_arg));

	if (clue->match == DATASOURCE_YES && clue->stage == DATASOURCE_BY_CMDLINE)
		return;
	if (!c->is_listed) {
		if (clue->match == DATASOURCE_NO ||
		    is_one_of(c->source->name, always, ARRAY_LEN(always)))
			return;
		datasource_clue_set(clue, DATASOURCE_NO, clue->stage,
				    "rancher.cloud_init.datasources does not name it");
	} else if (must && !c->arg[0]) {
		datasource_clue_set(clue, DATASOURCE_NO, clue->stage,
				    "rancher.cloud_init.datasources gives it no address");
	} else if (clue->match != DATASOURCE_YES && (must || c->arg[0] || is_only)) {
		/* A medium that is not there cannot be wished for. */
		datasource_clue_set(clue,
				    must || c->source->needs_network ? DATASOURCE_YES :
								       DATASOURCE_MAYBE,
				    DATASOURCE_BY_LIST,
				    "rancher.cloud_init.datasources names it");
	} else if (clue->match != DATASOURCE_YES) {
		datasource_clue_set(clue, DATASOURCE_MAYBE, DATASOURCE_BY_CHANNEL,
				    "rancher.cloud_init.datasources names it, nothing shows it");
	}
}

/* Two clouds at once cannot be: then neither is believed. */
static void doubt_rivals(struct rows *rows)
{
	const struct registry_choice *first = NULL;
	size_t n = 0;

	for (size_t i = 0; i < rows->n; i++) {
		const struct datasource_clue *c = &rows->row[i].clue;

		if (c->match == DATASOURCE_YES && c->stage == DATASOURCE_BY_PLATFORM && n++ == 0)
			first = &rows->row[i];
	}
	for (size_t i = 0; n > 1 && i < rows->n; i++) {
		struct datasource_clue *c = &rows->row[i].clue;
		char why[DATASOURCE_REASON];

		if (c->match != DATASOURCE_YES || c->stage != DATASOURCE_BY_PLATFORM)
			continue;
		(void)snprintf(why, sizeof(why), "%s", c->reason);
		datasource_clue_set(c, DATASOURCE_MAYBE, c->stage, "%.120s, but %s",
				    why, &rows->row[i] == first ? "another cloud is named, too" :
								  first->source->name);
	}
}

/* The strongest clue wins; with a list, the first that is surely here, if not the kernel line
 * speaks. */
static size_t choose(const struct rows *rows, bool listed)
{
	size_t best = rows->n;

	for (size_t i = 0; i < rows->n; i++) {
		const struct datasource_clue *c = &rows->row[i].clue;
		bool may_overtake = !listed || c->stage == DATASOURCE_BY_CMDLINE;

		if (c->match != DATASOURCE_YES)
			continue;
		if (best == rows->n || (may_overtake && c->stage < rows->row[best].clue.stage))
			best = i;
	}
	return best;
}

static void say_why_not(struct registry_choice *c)
{
	if (c->clue.match == DATASOURCE_NO && !c->clue.reason[0])
		(void)snprintf(c->clue.reason, sizeof(c->clue.reason), "nothing shows it");
}

size_t registry_choose(const struct machine *m, const struct doc_node *list,
		       struct registry_choice *ret, size_t *ret_chosen)
{
	struct rows rows = { .row = ret };
	bool listed = is_list(list), off = is_switched_off(m);
	size_t n_listed;

	if (listed)
		add_list(&rows, list);
	n_listed = rows.n;
	for (const struct datasource *const *s = registry_all; *s; s++)
		add(&rows, *s, "", false);
	for (size_t i = 0; i < rows.n; i++) {
		look(m, &ret[i]);
		if (listed)
			apply_list(&ret[i], n_listed == 1);
		if (off)
			datasource_clue_set(&ret[i].clue, DATASOURCE_NO, 0,
					    "the kernel line says cloud-init=disabled");
		say_why_not(&ret[i]);
	}
	if (!listed)
		doubt_rivals(&rows);
	*ret_chosen = choose(&rows, listed);
	return rows.n;
}
